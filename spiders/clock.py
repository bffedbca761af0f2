"""Where the time comes from. Everything that goes out asks a clock, so that years can be tested in minutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time as aware UTC. The setting CLOCK names one (an object or its import path)."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        return datetime.now(UTC)
