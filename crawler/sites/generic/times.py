"""A time as a page gives it: with its zone, on the clock of its place, or a day alone.

A machine's date is ISO 8601, RFC 822 or a number of seconds since 1970; one for people is in the words of a language.
What may be two days, and what lacks a year, is none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from crawler.dates import YEARS, calendar_day, parse_rfc822, utc_text
from crawler.html.text import clean
from crawler.instants import Place, parse_instant
from crawler.records import UTC as UTC_ZONE

SLACK: Final = timedelta(days=1)
"""How far ahead of its fetching a page may be dated: the clocks of sites are wrong, and a day has 24 hours of zones."""

_MAX_TEXT: Final = 120  # characters of a date with what is printed around it
_ISO: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{8}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})"
    r"(?:(?: ?T ?| )(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,:][0-9]{1,9})?"
    r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?)?(?![0-9])",
    re.IGNORECASE,
)
_STAMP: Final = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_THOUSANDTHS: Final = 10**10
_NOON: Final = 12
_PERIODS: Final = {"am": "am", "morning1": "am", "pm": "pm", "afternoon1": "pm", "afternoon2": "pm", "evening1": "pm"}
# One month, two names: "24 نيسان / أبريل", "21. juni/lipanj".
_SECOND_NAME: Final = re.compile(r"([^\W\d_]{3,20}) ?/ ?([^\W\d_]{3,20})")
_LANGUAGES: Final = {
    "ARABIC": "ar", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "zh", "CYRILLIC": "ru", "DEVANAGARI": "hi",
    "GEORGIAN": "ka", "GREEK": "el", "GUJARATI": "gu", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja",
    "KATAKANA": "ja", "TAMIL": "ta", "TELUGU": "te", "THAI": "th",
}  # fmt: skip
_NEVER: Final = datetime(1, 1, 2, tzinfo=UTC)  # dates without a year are near no sighting: they give nothing


@dataclass(frozen=True, slots=True)
class When:
    """A moment as far as a page tells it, and as it is `printed` there.

    `day` is the day on the page's own clock. `at` is naive local time where the page names no zone, aware where it
    does, None where it gives no time.
    """

    printed: str
    day: date
    at: datetime | None = None

    def text(self, zone: tzinfo | None = None) -> str:
        """``2026-03-02T10:15:00Z`` where the zone is known, else ``2026-03-02T10:15:00``, else ``2026-03-02``."""
        if self.at is None:
            return self.day.isoformat()
        return utc_text(self.moment(zone)) if zone or self.at.tzinfo else self.at.isoformat(timespec="seconds")

    def moment(self, zone: tzinfo | None) -> datetime:
        """Aware UTC: local time and days (their beginning) are those of the zone."""
        local = self.at or datetime.combine(self.day, time())
        return (local if local.tzinfo else local.replace(tzinfo=zone or UTC)).astimezone(UTC)

    def is_completed_by(self, other: When) -> bool:
        """Whether another is the same one told in full: with the time of this day, or the zone of this clock."""
        if other.at is None or (self.at is not None and self.at.tzinfo is not None):
            return False
        if self.at is None:
            return other.day == self.day
        return other.at.tzinfo is not None and abs(other.at.replace(tzinfo=None) - self.at) < timedelta(minutes=1)

    def is_after(self, moment: datetime) -> bool:
        """Whether this lies ahead of a moment, on whatever clock."""
        return self.moment(UTC) > moment + SLACK


def machine_time(text: str) -> When | None:
    """The date that a program wrote, with its time and zone if it has them; None where there is none.

    >>> machine_time("2026-03-02T10:15:00+0200").text(), machine_time("2026-03-02 10:15").text()
    ('2026-03-02T08:15:00Z', '2026-03-02T10:15:00')
    """
    printed = clean(text)[:_MAX_TEXT]
    if _STAMP.fullmatch(printed):
        seconds = int(printed)
        at = datetime.fromtimestamp(seconds / 1000 if seconds > _THOUSANDTHS else seconds, UTC)
        return When(printed, at.date(), at)
    match = _ISO.match(printed)
    if match is None:
        moment = parse_rfc822(printed)
        return None if moment is None else When(printed, moment.date(), moment)
    return _of_match(printed, match)


def _of_match(printed: str, match: re.Match[str]) -> When | None:
    day = _day(match["day"])
    if day is None:
        return None
    if match["clock"] is None:
        return When(printed, day)
    try:
        local = datetime.combine(day, time.fromisoformat(match["clock"].zfill(len("00:00"))))
        zone = _zone(match["zone"])
        return When(printed, day, local if zone is None else local.replace(tzinfo=zone).astimezone(zone))
    except (ValueError, OverflowError):
        return When(printed, day)


def _day(printed: str) -> date | None:
    """The day of ``2026-03-02``, ``2026/3/2`` or ``20260302``; None for an impossible one."""
    year, rest = printed[:4], printed[4:]
    month, day = rest[1:].replace("/", "-").split("-") if rest[0] in "-/" else (rest[:2], rest[2:])
    return calendar_day(int(year), int(month), int(day))


def _zone(printed: str | None) -> tzinfo | None:
    if not printed:
        return None
    if printed[0].isalpha():
        return UTC
    return datetime.strptime(printed.replace(":", "").ljust(5, "0"), "%z").tzinfo


def printed_time(text: str, language: str) -> When | None:
    """The date that is printed for people, with its time if it has one; None where there is none, or an ambiguous one.

    `language` is what the page says, which may be wrong: the letters of the text say it too.

    >>> printed_time("Published 2 March 2026, 10:15", "en").text()
    '2026-03-02T10:15:00'
    >>> printed_time("2 Μαρτίου 2026 9:02 μ.μ.", "en").text()
    '2026-03-02T21:02:00'
    """
    printed = clean(text)[:_MAX_TEXT]
    for tried in dict.fromkeys((language, _language_of_letters(printed) or language)):
        for written in dict.fromkeys((printed, _SECOND_NAME.sub(r"\1", printed), _SECOND_NAME.sub(r"\2", printed))):
            if (when := _printed(printed, written, tried)) is not None:
                return when
    return None


def _printed(printed: str, written: str, language: str) -> When | None:
    found = parse_instant(written, Place(language, UTC_ZONE, _NEVER))
    if found is None or found.precision == "relative" or found.at.year not in YEARS:
        return None
    if found.precision == "day":
        return When(printed, found.at.date())
    at = _in_half(found.at, written.casefold(), language)
    return When(printed, at.date(), at if found.precision == "offset" else at.replace(tzinfo=None))


def _in_half(at: datetime, text: str, language: str) -> datetime:
    """A time in the half of the day that the words of a language say; a clock of 24 hours has no such words."""
    halves = _halves(language.partition("-")[0].lower())
    said = {half for word, half in halves.items() if (word in text if len(word) > 1 else word in text.split())}
    if at.hour < _NOON and said == {"pm"}:
        return at.replace(hour=at.hour + _NOON)
    return at.replace(hour=0) if at.hour == _NOON and said == {"am"} else at


@lru_cache(maxsize=32)
def _halves(language: str) -> Mapping[str, str]:
    """The words for the halves of the day in languages of other letters, as the Unicode CLDR has them."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - few pages print their times so

    try:
        widths = Locale.parse(language).day_periods["format"].values()
    except (KeyError, UnknownLocaleError, ValueError):
        return {}
    found = {
        str(width[period]).casefold(): half
        for width in widths
        for period, half in _PERIODS.items()
        if period in width and not str(width[period]).isascii()
    }
    return found | {word.replace(".", ""): half for word, half in found.items()}


def _language_of_letters(text: str) -> str | None:
    """The language, or the largest of the languages, that is written with the letters of a text; None for Latin."""
    letters = (unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha())
    return next((_LANGUAGES[script] for script in letters if script in _LANGUAGES), None)


_DAY_IN_PATH: Final = re.compile(
    r"/(?P<year>(?:19|20)[0-9]{2})[/-]?(?P<month>0[1-9]|1[0-2])[/-]?(?P<day>0[1-9]|[12][0-9]|3[01])(?=[/_-])"
)


def day_in_address(address: str) -> When | None:
    """The day that an address carries in its path (``/2026/03/02/``)."""
    match = _DAY_IN_PATH.search(address)
    if match is None:
        return None
    day = _day("-".join(match.group("year", "month", "day")))
    return None if day is None else When(match[0].strip("/"), day)
