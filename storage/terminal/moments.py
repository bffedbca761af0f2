"""Dates as researchers type them, and times as they are shown: each by the clock of its edition.

The archive keeps UTC text (``2022-08-24T11:41:00Z``). An agency prints the time of its own zone, so that is what a
query means by a date (storage/read/zones.py knows the zones).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crawler.errors import ArgumentError

_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d?)(?:-(?P<day>\d\d?)"
    r"(?:[T ](?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_FORMS = (
    "a date (2022-08-24), a month (2022-08), a year, or a time (2022-08-24T14:41, by the clock of the edition unless it"
    " ends in Z)"
)

Unit = Literal["year", "month", "day", "minute", "second"]
_UNITS: Final[tuple[Unit, ...]] = ("second", "minute", "day", "month", "year")
_SECONDS: Final[dict[Unit, int]] = {"minute": 60, "second": 1}
_WIDEST: Final = tuple(timezone(timedelta(hours=hours)) for hours in (-14, 14))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, as UTC text: `first` is its first second, `after` the first one past it."""

    first: str
    after: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A year, month, day, minute or second, as it was typed: `start` is where it begins, `unit` how long it is.

    A `start` without an offset is another time in every zone: `within` says which.

    >>> moment("2022-08-24").within(ZoneInfo("Europe/Tallinn"))
    Stretch(first='2022-08-23T21:00:00Z', after='2022-08-24T21:00:00Z')
    """

    typed: str
    start: datetime
    unit: Unit

    def within(self, zone: tzinfo) -> Stretch:
        """The stretch of time that it names in a zone. One that was typed with an offset is the same in all of them."""
        first = self.start if self.start.tzinfo else self.start.replace(tzinfo=zone)
        seconds = _SECONDS.get(self.unit)
        if seconds is not None:
            return Stretch(stamp(first), stamp(first.astimezone(UTC) + timedelta(seconds=seconds)))
        return Stretch(stamp(first), stamp(_next_start(first, self.unit)))


def moment(text: str) -> Moment:
    """A year, month, day, minute or second. Raises ArgumentError for anything else."""
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise ArgumentError(f"{text!r} is no date: write {_FORMS}")
    try:
        found = Moment(text.strip(), _start(match.groupdict()), _unit(match.groupdict()))
        for zone in _WIDEST:  # a time so near to the first or the last year that it is none in some zone
            found.within(zone)
    except (ValueError, OverflowError) as error:
        raise ArgumentError(f"{text!r} is no date ({error}): write {_FORMS}") from error
    return found


def _start(parts: dict[str, str | None]) -> datetime:
    numbers = [int(parts[name] or 1) for name in ("year", "month", "day")]
    numbers += [int(parts[name] or 0) for name in ("hour", "minute", "second")]
    zone = parts["zone"]
    offset = None if zone is None else datetime.fromisoformat(f"2000-01-01T00:00:00{zone.upper()}").tzinfo
    return datetime(*numbers, tzinfo=offset)  # type: ignore[arg-type,misc]  # six numbers


def _unit(parts: dict[str, str | None]) -> Unit:
    return next(unit for unit in _UNITS if parts[unit] is not None)


def _next_start(first: datetime, unit: Unit) -> datetime:
    """Start of the year, month or day after; by the calendar, since a day with a clock change has 23 or 25 hours."""
    if unit == "day":
        return first + timedelta(days=1)  # the same wall clock tomorrow
    if unit == "month" and first.month < 12:  # noqa: PLR2004 - December
        return first.replace(month=first.month + 1)
    return first.replace(year=first.year + 1, month=1)


def stamp(time: datetime) -> str:
    """UTC text as the archive keeps it.

    >>> stamp(datetime(2022, 8, 24, 14, 41, tzinfo=ZoneInfo("Europe/Tallinn")))
    '2022-08-24T11:41:00Z'
    """
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def last_second(after: str) -> str:
    """The last second of a stretch of time, by `Stretch.after`: what people would say that it reaches to.

    >>> last_second("2022-08-24T21:00:00Z")
    '2022-08-24T20:59:59Z'
    """
    return stamp(datetime.fromisoformat(after) - timedelta(seconds=1))


def now() -> datetime:
    """The time of this machine, aware UTC."""
    return datetime.now(UTC)


def local(text: str | None, zone: tzinfo, *, missing: str = "no date") -> str:
    """A time of the archive by the clock of a zone, to the minute; `missing` when there is none.

    >>> local("2022-08-24T11:41:00Z", ZoneInfo("Europe/Tallinn"))
    '2022-08-24 14:41'
    """
    if text is None:
        return missing
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d %H:%M}"


def utc(text: str | None) -> str:
    """The same for what belongs to no edition, and says so.

    >>> utc("2022-08-24T11:41:00Z")
    '2022-08-24 11:41 UTC'
    """
    return f"{local(text, UTC)} UTC"


def time_of(zone: ZoneInfo) -> str:
    """What to call the times of a zone.

    >>> time_of(ZoneInfo("Europe/Tallinn")), time_of(ZoneInfo("UTC"))
    ('Europe/Tallinn time', 'UTC')
    """
    return "UTC" if zone.key == "UTC" else f"{zone.key} time"
