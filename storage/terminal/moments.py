"""Dates as researchers type them, and times as they are shown: Minsk by the wall clock.

The archive keeps UTC text (``2022-08-24T11:41:00Z``). The agency prints Minsk time, so that is what a query
means by a date: UTC+3 since March 2011, with summer time before (the zone database knows).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from crawler.errors import ArgumentError

MINSK = ZoneInfo("Europe/Minsk")
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?)"
    r"(?:[T ](?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_FORMS = "a date (2022-08-24), a month (2022-08), a year, or a time (2022-08-24T14:41, Minsk time unless it ends in Z)"


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time that was named by one word: `first` is its first second, `after` the first one past it.

    Both are UTC text as the archive keeps it. ``2022-08-24`` is that Minsk day:

    >>> moment("2022-08-24")
    Moment(first='2022-08-23T21:00:00Z', after='2022-08-24T21:00:00Z')
    """

    first: str
    after: str


def moment(text: str) -> Moment:
    """A year, month, day, minute or second of Minsk time. Raises ArgumentError for anything else."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ArgumentError(f"{text!r} is no date: write {_FORMS}")
    try:
        first, after = _bounds(match.groupdict())
        return Moment(stamp(first), stamp(after))
    except (ValueError, OverflowError) as error:
        raise ArgumentError(f"{text!r} is no date ({error}): write {_FORMS}") from error


def _bounds(parts: dict[str, str | None]) -> tuple[datetime, datetime]:
    year, month, day = (int(parts[name] or 1) for name in ("year", "month", "day"))
    if parts["hour"] is None:
        first = datetime(year, month, day, tzinfo=MINSK)
        return first, _next_start(first, parts)
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    first = datetime(year, month, day, hour, minute, second, tzinfo=_zone(parts["zone"]))
    return first, first.astimezone(UTC) + timedelta(seconds=1 if parts["second"] else 60)


def _next_start(first: datetime, parts: dict[str, str | None]) -> datetime:
    """Start of the year, month or day after; by the calendar, since a day with a clock change has 23 or 25 hours."""
    if parts["day"] is not None:
        return first + timedelta(days=1)  # the same wall clock tomorrow
    if parts["month"] is not None and first.month < 12:  # noqa: PLR2004 - December
        return first.replace(month=first.month + 1)
    return first.replace(year=first.year + 1, month=1)


def _zone(text: str | None) -> tzinfo | None:
    if text is None:
        return MINSK
    return datetime.fromisoformat(f"2000-01-01T00:00:00{text.upper()}").tzinfo


def stamp(time: datetime) -> str:
    """UTC text as the archive keeps it.

    >>> stamp(datetime(2022, 8, 24, 14, 41, tzinfo=MINSK))
    '2022-08-24T11:41:00Z'
    """
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def last_second(after: str) -> str:
    """The last second of a stretch of time, by `Moment.after`: what people would say that it reaches to.

    >>> last_second(moment("2022-08-24").after)
    '2022-08-24T20:59:59Z'
    """
    return stamp(datetime.fromisoformat(after) - timedelta(seconds=1))


def now() -> datetime:
    """The time of this machine, aware UTC."""
    return datetime.now(UTC)


def minsk(text: str | None, *, missing: str = "no date") -> str:
    """A time of the archive as people in Minsk read it, to the minute; `missing` when there is none.

    >>> minsk("2022-08-24T11:41:00Z")
    '2022-08-24 14:41'
    """
    if text is None:
        return missing
    return f"{datetime.fromisoformat(text).astimezone(MINSK):%Y-%m-%d %H:%M}"
