"""What can be said of each day of an edition, from the stretches of time that are known of it. Pure.

A stretch is a piece of the edition's time line in one of five states. Those of the listing that was walked are *whole*;
a *hole* should have been walked and the next crawl tries; what is *lost* is out of the listing's reach; of what is
*unknown* nothing can be said (imported pages, or below where a listing ended); all else is *outside*: nobody asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from statistics import median
from typing import Final, Literal

State = Literal["whole", "hole", "lost", "outside", "unknown"]

Known = Literal["whole", "hole", "lost", "unknown", "imported"]

_STATES: Final[tuple[tuple[Known, State], ...]] = (
    ("lost", "lost"),
    ("hole", "hole"),
    ("unknown", "unknown"),
    ("whole", "whole"),
    ("imported", "unknown"),  # below whole: what was imported of a day that was walked takes nothing away
)
"""The state of a day is that of the first of these that any moment of it is in, else ``outside``."""

WEEKS: Final = 8  # of which whole days make a weekday's usual number
BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` (inclusive) to `end` (exclusive), aware UTC. One that ends where it begins is that moment."""

    start: datetime
    end: datetime
    state: Known

    def touches(self, start: datetime, end: datetime) -> bool:
        """Whether it shares a moment with another stretch of time."""
        if self.start >= self.end:
            return start <= self.start < end
        return self.start < end and self.end > start


def day_start(day: date, zone: tzinfo) -> datetime:
    """The first moment of a local day, as UTC.

    >>> from zoneinfo import ZoneInfo
    >>> day_start(date(2026, 3, 2), ZoneInfo("Europe/Istanbul")).isoformat()
    '2026-03-01T21:00:00+00:00'
    """
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def day_states(days: Iterable[date], zone: tzinfo, stretches: Iterable[Stretch]) -> Iterator[tuple[date, State]]:
    """The state of each local day; `days` come in order."""
    waiting = sorted(stretches, key=lambda one: one.start, reverse=True)
    reached: list[Stretch] = []
    for day in days:
        start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        while waiting and waiting[-1].start < end:
            reached.append(waiting.pop())
        reached = [one for one in reached if one.end > start or one.start >= start]
        here = {one.state for one in reached if one.touches(start, end)}
        yield day, next((state for known, state in _STATES if known in here), "outside")


def days_between(first: date, last: date) -> Iterator[date]:
    """The days from `first` to `last`, both included."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def usual(numbers: Sequence[int]) -> int | None:
    """How many articles are usual, from those of earlier whole days of the same weekday, newest first.

    >>> usual([12, 9, 30]), usual([])
    (12, None)
    """
    return round(median(numbers[:WEEKS])) if numbers else None


# --- in words


def in_words(start: datetime | None, end: datetime | None, zone: tzinfo, today: date) -> str:
    """A stretch that is missing, in days of the site: whole days by name, those at its ends in part.

    `start` None: from the beginning; `end` None: to an unknown time. The year is left out where it is today's.

    >>> from zoneinfo import ZoneInfo
    >>> zone, today = ZoneInfo("Europe/Istanbul"), date(2026, 10, 31)
    >>> in_words(datetime(2026, 10, 28, 9, tzinfo=UTC), datetime(2026, 10, 30, 9, tzinfo=UTC), zone, today)
    '29 October missing, parts of 28 and 30 October'
    >>> in_words(datetime(2026, 10, 28, 9, tzinfo=UTC), datetime(2026, 10, 28, 15, tzinfo=UTC), zone, today)
    'part of 28 October missing, 12:00 to 18:00'
    >>> in_words(None, datetime(2026, 10, 28, 9, tzinfo=UTC), zone, today)
    'all before 28 October, 12:00 missing'
    """
    if end is None:
        return (
            "an unknown time missing" if start is None else f"all after {moment_in_words(start, zone, today)} missing"
        )
    if start is None:
        return f"all before {moment_in_words(end, zone, today)} missing"
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.date() == last.date():
        return f"part of {_date(first.date(), today)} missing, {first:%H:%M} to {last:%H:%M}"
    parts = [first.date()] if first.time() > time.min else []
    parts += [last.date()] if last.time() > time.min else []
    whole_from = first.date() + timedelta(days=len(parts[:1]) if first.time() > time.min else 0)
    whole_to = last.date() - timedelta(days=1)
    partly = _partly(parts, today)
    if whole_from > whole_to:
        return f"{partly} missing"
    whole = f"{days_in_words(whole_from, whole_to, today)} missing"
    return f"{whole}, {partly}" if partly else whole


def _partly(parts: Sequence[date], today: date) -> str:
    if not parts:
        return ""
    if len(parts) == 1:
        return f"part of {_date(parts[0], today)}"
    one, other = parts
    same_month = (one.year, one.month) == (other.year, other.month)
    return f"parts of {one.day if same_month else _date(one, today)} and {_date(other, today)}"


def days_in_words(first: date, last: date, today: date) -> str:
    """The days from `first` to `last`, both included.

    >>> days_in_words(date(2026, 10, 28), date(2026, 10, 30), date(2026, 10, 31))
    '28 to 30 October'
    """
    if first == last:
        return _date(first, today)
    same_month = (first.year, first.month) == (last.year, last.month)
    return f"{first.day if same_month else _date(first, today)} to {_date(last, today)}"


def _date(day: date, today: date) -> str:
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {day:%B}{year}"


def moment_in_words(moment: datetime, zone: tzinfo, today: date) -> str:
    """A moment by the site's clock, to the minute.

    >>> moment_in_words(datetime(2025, 10, 28, 9, tzinfo=UTC), UTC, date(2026, 10, 31))
    '28 October 2025, 09:00'
    """
    local = moment.astimezone(zone)
    return f"{_date(local.date(), today)}, {local:%H:%M}"
