"""When something happened, as any site says it: for machines, on the wall clock of its place, or from now backwards.

`crawler.dates` reads the stamps of an agency that is known; here nothing is known but the language and the zone.
What is ambiguous (05/03/2026 in English) gives no instant rather than a wrong one. Nothing asks today's clock: a year
that is missing, "yesterday" and "2 hours ago" are counted from the moment at which the text was first seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from crawler.dates import calendar_day, fold, latest_day, month_number, offset_of, parse_rfc822, tidy

Precision = Literal["offset", "zone", "relative", "day"]
"""``offset``: printed with its offset. ``zone``: a wall clock, read in the zone of the edition. ``relative``: counted
from the sighting ("2 hours ago"). ``day``: a bare date, read as 00:00 of the zone."""


class Instant(NamedTuple):
    """A moment, aware UTC, and how much of it was printed."""

    at: datetime
    precision: Precision


class Place(NamedTuple):
    """Where and when a text was printed: what its words and its missing parts mean.

    `language` is a BCP 47 tag. `near` is the moment of the first sighting, aware. `day`: the local day that a listing
    gives to its entries, for those that print a clock alone.
    """

    language: str
    timezone: ZoneInfo
    near: datetime
    day: date | None = None

    @property
    def reference(self) -> date:
        """The local day that a date without year lies near."""
        return self.day or self.near.astimezone(self.timezone).date()


_ISO: Final = re.compile(
    r"(?P<year>\d{4})-?(?P<month>\d{2})-?(?P<day>\d{2})"
    r"(?:[t ](?P<hour>\d{2}):?(?P<minute>\d{2})(?::?(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r" ?(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?",
    re.ASCII,
)
_UNIX: Final = re.compile(r"(?P<seconds>\d{10})(?:\.\d{1,9}|\d{3})?", re.ASCII)
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_WORD: Final = r"(?P<month>[^\s\d.,;:|/()\[\]–—-]{2,20})"
_DAY: Final = r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_DATES: Final = (
    re.compile(rf"{_DAY}\.?[ -](?:de |of )?{_WORD}\.?,?[ -](?:del? )?(?P<year>\d{{4}})(?!\d)"),
    re.compile(rf"{_WORD}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year>\d{{4}})(?!\d)"),
    re.compile(r"(?<!\d)(?P<year>\d{4}) ?[-./年년] ?(?P<month>\d{1,2}) ?[-./月월] ?(?P<day>\d{1,2})(?!\d) ?[日号일]?"),
    re.compile(r"(?<![\d.])(?P<day>\d{1,2}) ?\. ?(?P<month>\d{1,2}) ?\. ?(?P<year>\d{4}|\d{2})(?!\.?\d|:)"),
    re.compile(r"(?<![\d/-])(?P<one>\d{1,2})(?P<sign>[/-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4})(?![\d/-])"),
    re.compile(rf"{_DAY}\.? (?:de |of )?{_WORD}(?P<year>)"),
    re.compile(rf"{_WORD}\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?P<year>)"),
    re.compile(r"(?<!\d)(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일](?P<year>)"),
    re.compile(r"(?<![\d.:])(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.?(?P<year>)(?=[ ,|]+\d{1,2}:\d{2}|$)"),
)  # fmt: skip
_YEAR: Final = re.compile(r"(?<![\d:.])(?:19|20)\d{2}(?!\d|:)")
_CLOCK: Final = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})[:.h時时點点](?P<minute>\d{2})(?::(?P<second>\d{2}))?(?![\d:]|\.\d)"
    r"(?: ?(?P<half>[ap])\.? ?m\b\.?)?"
    r"(?: ?\(?(?:(?P<utc>utc|gmt|z)\b)?(?P<offset> ?[+\u2212-]\d{1,2}(?::?\d{2})?(?!\d|-))?)?"
)
_HALF_CLOCK: Final = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?P<minute>)(?P<second>) ?(?P<half>[ap])\.? ?m\b(?P<utc>)(?P<offset>)"
)

# How far back a day's name lies. CLDR has them; Babel does not give them out.
_TODAY: Final = (
    "today", "heute", "hoy", "aujourd'hui", "aujourd’hui", "oggi", "hoje", "dzisiaj", "dziś", "сегодня", "сьогодні",
    "сёння", "бүгін", "бүгүн", "bugün", "bugun", "azi", "astăzi", "vandaag", "idag", "dnes", "tänään", "šodien",
    "šiandien", "täna", "danas", "днес", "今天", "今日", "오늘", "आज",
)  # fmt: skip
_YESTERDAY: Final = (
    "yesterday", "gestern", "ayer", "hier", "ieri", "ontem", "wczoraj", "вчера", "вчора", "учора", "кеше", "кечээ",
    "dün", "kecha", "gisteren", "igår", "včera", "tegnap", "eilen", "vakar", "eile", "jučer", "juče", "昨天", "昨日",
    "어제",
)  # fmt: skip
_MOST_AGO: Final[Mapping[Literal["minute", "hour", "day", "week"], int]] = {
    "minute": 59,
    "hour": 23,
    "day": 6,
    "week": 4,
}


def parse_instant(text: str, place: Place) -> Instant | None:
    """The moment that a text names; None where it names none, an impossible one, or one that may be two.

    Other words may stand around it; of several the first counts. A wall clock that came twice is the first of the two.

    >>> place = Place("en", ZoneInfo("Asia/Dhaka"), datetime(2026, 3, 5, 12, tzinfo=UTC))
    >>> parse_instant("March 4, 2:05 PM", place)
    Instant(at=datetime.datetime(2026, 3, 4, 8, 5, tzinfo=datetime.timezone.utc), precision='zone')
    """
    plain = tidy(text)
    if not plain:
        return None
    if (machine := _of_machine(plain, place)) is not None:
        return machine
    if (sent := parse_rfc822(text)) is not None:
        return Instant(sent, "offset")
    return _printed(plain, place) or _ago(plain, place)


def _of_machine(text: str, place: Place) -> Instant | None:
    """ISO 8601, or seconds (milliseconds) since 1970."""
    if seconds := _UNIX.fullmatch(text):
        at = datetime.fromtimestamp(int(seconds["seconds"]), UTC)
        return Instant(at, "offset") if _EARLIEST <= at < _LATEST else None
    if (found := _ISO.fullmatch(text)) is None:
        return None
    day = calendar_day(int(found["year"]), int(found["month"]), int(found["day"]))
    if day is None:
        return None
    if found["hour"] is None:
        return _at_midnight(day, place)
    return _moment(day, found["hour"], found["minute"], found["second"], _machine_offset(found["zone"]), place)


def _machine_offset(printed: str | None) -> tzinfo | None:
    return (
        None
        if not printed
        else offset_of(f"{printed}00" if printed[1:].isdigit() and len(printed) == len("+06") else printed)
    )


def _printed(text: str, place: Place) -> Instant | None:
    """A date with or without a clock, a day's name with a clock, or a clock on the day that the listing gives."""
    day, rest, dated = _day_in(text, place)
    clock = _CLOCK.search(rest) or _HALF_CLOCK.search(rest)
    if day is None:
        day = None if dated or clock is None else place.day
    if day is None:
        return None
    if clock is None:
        return _at_midnight(day, place)
    hour = _hour(clock)
    if hour is None:
        return None
    return _moment(day, str(hour), clock["minute"], clock["second"], _printed_offset(clock), place)


def _day_in(text: str, place: Place) -> tuple[date | None, str, bool]:
    """The first day that a text names, the text without it, and whether it names one at all, were it an impossible."""
    for form in _DATES:
        for found in form.finditer(text):
            month_day = _month_and_day(found, place.language)
            if month_day is None:
                continue
            rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
            return _dated(found["year"] or _year_in(rest), *month_day, place), rest, True
    for word in text.replace(",", " ").split():
        if (ago := _days_ago().get(fold(word))) is not None:
            return place.near.astimezone(place.timezone).date() - timedelta(days=ago), text, True
    return None, text, False


def _month_and_day(found: re.Match[str], language: str) -> tuple[int, int] | None:
    """Month and day of a date; (0, 0) where they cannot be told apart; None where the word between is no month."""
    groups = found.groupdict()
    if "one" in groups:
        return _in_order(int(groups["one"]), int(groups["two"]), language)
    printed = groups["month"]
    month = int(printed) if printed.isdecimal() else month_number(printed, language)
    return None if month is None else (month, int(groups["day"]))


_TWELVE: Final = 12
_MONTH_FIRST: Final = frozenset({"en-us", "en-ph"})


def _in_order(one: int, two: int, language: str) -> tuple[int, int]:
    """Which of two numbers is the month: what is greater than 12 is none, else the custom of the language decides."""
    if one > _TWELVE or one == two:
        return two, one
    if two > _TWELVE:
        return one, two
    tag = language.lower()
    if tag == "en":
        return 0, 0
    return (one, two) if tag in _MONTH_FIRST else (two, one)


def _dated(year: str, month: int, day: int, place: Place) -> date | None:
    if year:
        return calendar_day(int(year) if len(year) > len("26") else 2000 + int(year), month, day)
    return latest_day(month, day, place.reference)


def _year_in(rest: str) -> str:
    """The year that stands apart from day and month ("2026. március 5."); of two none, which no date survives."""
    years = set(_YEAR.findall(rest))
    return "" if not years else years.pop() if len(years) == 1 else "0000"


def _hour(clock: re.Match[str]) -> int | None:
    hour = int(clock["hour"])
    if not clock["half"]:
        return hour
    if not 1 <= hour <= _TWELVE:
        return None
    return hour % _TWELVE + (_TWELVE if clock["half"] == "p" else 0)


def _printed_offset(clock: re.Match[str]) -> tzinfo | None:
    """The zone behind a clock: "UTC", "GMT+6", "+06:00". A bare "+6" or "-15:30" may be anything."""
    offset = (clock["offset"] or "").strip().replace("\u2212", "-")
    if not offset:
        return UTC if clock["utc"] else None
    if not clock["utc"] and (len(offset) < len("+0600") or offset[0] == "-"):
        return None
    hours, _, minutes = offset[1:].partition(":")
    if len(hours) > len("06"):
        hours, minutes = hours[:-2], hours[-2:]
    return offset_of(f"{offset[0]}{int(hours):02d}{minutes or '00'}")


def _ago(text: str, place: Place) -> Instant | None:
    """So many minutes, hours, days or weeks ago, in the words of the language."""
    ago = _spans(place.language.partition("-")[0].lower()).get(fold(text))
    return None if ago is None else Instant(place.near.astimezone(UTC) - ago, "relative")


@lru_cache(maxsize=1)
def _days_ago() -> Mapping[str, int]:
    return dict.fromkeys(map(fold, _TODAY), 0) | dict.fromkeys(map(fold, _YESTERDAY), 1)


@lru_cache(maxsize=16)
def _spans(language: str) -> Mapping[str, timedelta]:
    """Every "N minutes ago" of a language, folded, as the Unicode CLDR has them."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - few pages say it so
    from babel.dates import format_timedelta  # noqa: PLC0415

    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return {}
    spans: dict[str, timedelta] = {}
    for unit, most in _MOST_AGO.items():
        for number in range(1, most + 1):
            ago = timedelta(**{f"{unit}s": number})
            for width in ("long", "short", "narrow"):
                said = format_timedelta(-ago, unit, threshold=10_000, add_direction=True, format=width, locale=locale)
                spans.setdefault(fold(tidy(said)), ago)
    return spans


def _at_midnight(day: date, place: Place) -> Instant:
    return Instant(datetime.combine(day, time(), place.timezone).astimezone(UTC), "day")


def _moment(day: date, hour: str, minute: str, second: str | None, zone: tzinfo | None, place: Place) -> Instant | None:
    try:
        clock = time(int(hour), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    at = datetime.combine(day, clock, zone or place.timezone).astimezone(UTC)
    return Instant(at, "zone" if zone is None else "offset")
