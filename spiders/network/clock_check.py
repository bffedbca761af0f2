"""Whether the clock of this machine agrees with those of the servers: a wrong one would plan years ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from spiders.clock import SystemClock

if TYPE_CHECKING:
    from scrapy.http import Response

    from spiders.clock import Clock

MOST: Final = timedelta(days=1)  # that they may differ by: zones that were set wrong are less
LEAST: Final = 2  # answers before anything is said: one may come from a cache that does not say how old it is
FEW: Final = 5  # answers that are listened to


class ClockCheck:
    """Listens to the first answers of a run. A clock that somebody chose (CLOCK, DEMO_NOW) is not judged."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock if type(clock) is SystemClock else None
        self._off: list[timedelta] = []
        self.wrong: str | None = None

    def heard(self, response: Response) -> str | None:
        """Why this machine's clock cannot be right, by the median of the answers so far; None while it may be."""
        if self._clock is None or self.wrong is not None or len(self._off) >= FEW:
            return self.wrong
        now, said = self._clock.now(), told_by(response)
        if said is None:
            return None
        self._off.append(now - said)
        middle = sorted(self._off, key=abs)[(len(self._off) - 1) // 2]
        if len(self._off) >= LEAST and abs(middle) > MOST:
            self.wrong = (
                f"the clock of this machine says {now:%d %B %Y}, the servers say {now - middle:%d %B %Y}: set it right "
                "(`timedatectl`); nothing was planned by it"
            )
        return self.wrong


def told_by(response: Response) -> datetime | None:
    """The time at which an answer left the server: its Date, and the Age that caches on the way added."""
    date = (response.headers.get("Date") or b"").decode("latin-1")
    age = (response.headers.get("Age") or b"0").decode("latin-1").strip()
    try:
        said = parsedate_to_datetime(date)
        aware = said if said.tzinfo is not None else said.replace(tzinfo=UTC)
        return aware.astimezone(UTC) + timedelta(seconds=int(age) if age.isascii() and age.isdigit() else 0)
    except (ValueError, TypeError, OverflowError):
        return None
