"""Where the time comes from. Everything that goes out asks a clock, so that years can be tested in minutes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time as aware UTC. The setting CLOCK names one (an object or its import path)."""

    def now(self) -> datetime: ...


class StoppedClock:
    """A clock that stands: what the miniature agency shows at one moment, again and again."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The time at which it stands, aware UTC."""
        return self._now


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        return datetime.now(UTC)
