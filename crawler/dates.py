"""Printed time -> aware UTC, and UTC text as the archive keeps it.

An agency prints the wall clock of its own place and no zone. What it prints beside that is not to be trusted: meta
tags of some sites carry ``+00:00`` on local time, so `parse_stamp` reads the wall clock and ignores any offset. Only
feeds tell the truth about theirs (`parse_rfc822`).

Wall times around a clock change: one that came twice is read as the first
of the two, summer time (`fold=0`); one that never was is counted on with the offset before the change, so 02:30 in the
skipped hour is the moment that summer time calls 03:30.

Texts may be hostile: they are cut first, every pattern is bounded, and no `parse_` function raises.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from datetime import timezone as fixed_zone
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

MAX_RAW: Final = 1000  # characters looked at: the indentation of a page may stand before its stamp
MAX_TEXT: Final = 200  # ... and once white space is collapsed
YEARS: Final = range(1900, 2100)  # any other number in a year's place is something else
SLACK: Final = timedelta(days=2)  # a page without year may be dated after our reference: time zones, scheduled items


def fold(word: str) -> str:
    """A word without case, accents and joining marks: how month names are compared.

    >>> fold("PAŹDZIERNIKA"), fold("März"), fold("Траўня")
    ('pazdziernika', 'marz', 'трауня')
    """
    bare = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _table(*months: str) -> Mapping[str, int]:
    return MappingProxyType({fold(form): number for number, line in enumerate(months, 1) for form in line.split()})


# By language and folded form: nominative, genitive, abbreviations, known misspellings.
# fmt: off
MONTHS: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType({
    "en": _table("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
                 "september sept sep", "october oct", "november nov", "december dec"),
    "ru": _table("январь января январе янв", "февраль февраля феврале февр фев", "март марта марте мар",
                 "апрель апреля апреле апр", "май мая мае", "июнь июня июне июн", "июль июля июле июл",
                 "август августа августе авг", "сентябрь сентября сентябре сент сен", "октябрь октября октябре окт",
                 "ноябрь ноября ноябре нояб ноя", "декабрь декабря декабре дек"),
    "de": _table("januar jänner jan jän", "februar feber feb", "märz maerz mrz mär", "april apr", "mai",
                 "juni juno jun", "juli jul", "august aug", "september sept sep", "oktober okt", "november nov",
                 "dezember dez"),
    # "Septriembre" stands in the stamps and headers of the Spanish edition, 2024.
    "es": _table("enero ene", "febrero feb", "marzo mar", "abril abr", "mayo may", "junio jun", "julio jul",
                 "agosto ago", "septiembre setiembre septriembre sept sep set", "octubre oct", "noviembre nov",
                 "diciembre dic"),
    "pl": _table("styczeń stycznia stycz sty", "luty lutego lut", "marzec marca mar", "kwiecień kwietnia kwiec kwi",
                 "maj maja", "czerwiec czerwca czerw cze", "lipiec lipca lip", "sierpień sierpnia sierp sie",
                 "wrzesień września wrzes wrz", "październik października paźdz paź", "listopad listopada list lis",
                 "grudzień grudnia grudz gru"),
    "zh": _table("一 一月", "二 二月", "三 三月", "四 四月", "五 五月", "六 六月", "七 七月", "八 八月", "九 九月",
                 "十 十月", "十一 十一月", "十二 十二月"),
    "be": _table("студзень студзеня студз сту", "люты лютага лют", "сакавік сакавіка сак", "красавік красавіка крас",
                 "май мая травень траўня", "чэрвень чэрвеня чэрв", "ліпень ліпеня ліп", "жнівень жніўня жн",
                 "верасень верасня вер", "кастрычнік кастрычніка кастр", "лістапад лістапада ліст",
                 "снежань снежня снеж"),
})
# fmt: on
# No form means different months in two of these languages; a test keeps it so.
_ANYWHERE: Final = {form: number for forms in MONTHS.values() for form, number in forms.items()}


@lru_cache(maxsize=1024)
def month_number(word: str, language: str) -> int | None:
    """The month that a word names, 1 to 12; None when it names none, or when it could be two.

    Looked up in the language (a BCP 47 tag), then in all languages, since editions leave furniture untranslated.
    A misspelling of five letters and more is forgiven when one month is near (one wrong letter; two from seven
    letters on) and every other is at least two letters further away, or one further than a single slip in a long
    word: ``sepember`` is September, ``июбя`` and ``juliu`` are nobody's month.

    >>> month_number("Octobr", "en"), month_number("Stycznia", "en"), month_number("juliu", "es")
    (10, 1, None)
    """
    folded = fold(word)
    forms = months_in(language.partition("-")[0].lower())
    return forms.get(folded) or _ANYWHERE.get(folded) or _nearest(folded, forms)


@lru_cache(maxsize=32)
def months_in(language: str) -> Mapping[str, int]:
    """The folded forms of month names in a language, with their numbers; none of one that nobody knows.

    Of languages that are not in `MONTHS` those of the Unicode CLDR, which has no misspellings and fewer abbreviations.

    >>> months_in("kk")["наурыз"], months_in("ro")["ianuarie"]
    (3, 1)
    """
    return MONTHS.get(language) or _of_cldr(language)


def _of_cldr(language: str) -> Mapping[str, int]:
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - few programs come across such a language

    try:
        months = Locale.parse(language).months
    except (UnknownLocaleError, ValueError):  # "und", and what is no tag at all
        return {}
    names: dict[str, set[int]] = {}
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in months[context].get(width, {}).items():
                names.setdefault(fold(name).strip("."), set()).add(number)
    return {name: numbers.pop() for name, numbers in names.items() if len(numbers) == 1 and not name[:1].isdigit()}


_FUZZY_FROM, _TWO_FROM = 5, 7  # letters: below five, months differ from each other by one (июня, июля)
_MARGIN: Final = 2  # letters; with this, a word with up to two wrong ones is read rightly or not at all
_SLIP_MARGIN: Final = 1  # one wrong letter in seven is likelier than two


def _nearest(word: str, forms: Mapping[str, int]) -> int | None:
    if len(word) < _FUZZY_FROM:
        return None
    allowed = 2 if len(word) >= _TWO_FROM else 1
    distances: dict[int, int] = {}
    for form, month in forms.items():
        if abs(len(form) - len(word)) < allowed + _MARGIN:
            distances[month] = min(_distance(word, form), distances.get(month, len(word)))
    best, month = min(((distance, month) for month, distance in distances.items()), default=(len(word), 0))
    rival = min((distance for other, distance in distances.items() if other != month), default=len(word))
    margin = _SLIP_MARGIN if best < allowed else _MARGIN
    return month if best <= allowed and rival >= best + margin else None


def _distance(one: str, other: str) -> int:
    """Levenshtein's: how many letters must be put in, left out or changed."""
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, against in enumerate(other, start=1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != against)))
        above = line
    return above[-1]


_DAY: Final = r"(?<![0-9])(?P<day>[0-9]{1,2})"
_NAMED: Final = _DAY + r"\.? ?(?:de )?(?P<month>[^\W\d_]{2,20}|[0-9]{1,2}月)\.?"
_NAMED_YEAR: Final = _NAMED + r",? ?(?:del? )?(?P<year>[0-9]{4})(?![0-9])"
_DMY: Final = r"(?<![0-9.])(?P<day>[0-9]{1,2}) ?\. ?(?P<month>[0-9]{1,2}) ?\. ?(?P<year>[0-9]{4}|[0-9]{2})(?!\.?[0-9])"
_YMD: Final = (
    r"(?<![0-9])(?P<year>[0-9]{4}) ?[-./年] ?(?P<month>[0-9]{1,2}|[一二三四五六七八九十]{1,2})"
    r" ?[-./月] ?(?P<day>[0-9]{1,2})(?![0-9]) ?[日号]?(?: ?(?:星期|周)[一二三四五六日天])?"
)
# What stands between day and clock: ", ", " | ", "2026 г. в", "2024 r., godz."
_GAP: Final = r"(?: ?(?:г|года|r|roku)\b\.?)?[ ,;|/·•–—-]{0,5}(?:(?:в|у|at|um|a las?|o|o godz\.?|godz\.?) )?"
# "05:56 PM" is refused rather than read half a day wrong: no edition prints it.
_CLOCK: Final = (
    r"(?<![0-9])(?P<hour>[0-9]{1,2})[:.时時点點](?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
    r"(?![0-9]|:[0-9])(?! ?[ap]\.? ?m\b)"
)
_CLOCK_FIRST: Final = "(?<![.:])" + _CLOCK  # nor the tail of another clock or date
_STAMPS: Final = (
    _NAMED_YEAR + _GAP + _CLOCK,  # 02 October 2026, 11:54
    _YMD + "(?:t|" + _GAP + ")" + _CLOCK,  # meta tags, AMP, Chinese
    _DMY + _GAP + _CLOCK,  # 22.05.2018 | 14:39, until 2018
    _CLOCK_FIRST + _GAP + _NAMED_YEAR,  # 15:43 26 April 2018, video records
    _CLOCK_FIRST + _GAP + _DMY,
    _CLOCK_FIRST + _GAP + _YMD,
    _NAMED + "(?P<year>)" + _GAP + _CLOCK,  # 7 August, 15:01, rubric pages of 2017-19
    r"(?<![0-9年])(?P<year>)(?P<month>[0-9]{1,2})月 ?(?P<day>[0-9]{1,2})日" + _GAP + _CLOCK,
)
_WITH_YEAR: Final = 6  # of these forms
_STANDS_ALONE: Final = re.compile(r"\D*")
_DAYS: Final = (_DMY, _YMD, _NAMED_YEAR)
_FEED: Final = (
    _DAY + r"[ -](?P<month>[^\W\d_]{3,20})\.?[ -](?P<year>[0-9]{4}|[0-9]{2}) (?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2}))? ?(?P<zone>[+-][0-9]{2}:?[0-9]{2}|[a-z]{1,4}\b(?! ?[+-]))"
)
_UTC_NAMES: Final = frozenset({"z", "ut", "utc", "gmt"})

# Left in words by typesetting: no letters, no spaces.
_INVISIBLE: Final = (0xAD, 0x34F, 0x61C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))
_CLEAN: Final[dict[int, str]] = {
    **dict.fromkeys(range(0x20), " "),
    **dict.fromkeys((*range(0x7F, 0xA0), 0xFFFD, 0xFFFE, 0xFFFF), " "),  # no-break spaces that some encoder broke
    **dict.fromkeys((*_INVISIBLE, *range(0xFE00, 0xFE10), 0xFEFF), ""),
}


def parse_stamp(text: str, *, language: str, timezone: ZoneInfo, near: date | None = None) -> datetime | None:
    """The moment that a printed stamp names, aware UTC; None when there is none, or an impossible one.

    The stamp may have words around it (``Politik 22.05.2018 | 14:39``), but should be the only one. `language`
    chooses month names, `timezone` is the place whose wall clock is printed; offsets in the text are ignored.
    `near` gives a stamp without year the latest year that puts it no more than two days after that local date.
    Not for feeds (`parse_rfc822`), and not for a bare clock time or a bare day (`parse_day`).

    >>> parse_stamp("24 August 2022, 14:41", language="en", timezone=ZoneInfo("Europe/Tallinn"))
    datetime.datetime(2022, 8, 24, 11, 41, tzinfo=datetime.timezone.utc)
    """
    match, month = _first(_STAMPS, text, language)
    return None if match is None else _moment(match, _date(match, month, near), timezone)


class Times(NamedTuple):
    """The times that a text names: `moments` as `parse_stamp` reads each (None: an impossible one), and the `words`
    before, between and behind them, in lower case: one more than there are moments.
    """

    moments: tuple[datetime | None, ...]
    words: tuple[str, ...]


def parse_times(text: str, *, language: str, timezone: ZoneInfo) -> Times:
    """All times with day and year that a text names, in its order: of a stamp that says both when a story was
    published and when it was updated.
    """
    text = tidy(text)
    found: list[tuple[int, int, datetime | None]] = []
    for form in _STAMPS[:_WITH_YEAR]:
        for match, month in _matches(form, text, language):
            if all(match.end() <= start or match.start() >= end for start, end, _ in found):
                found.append((match.start(), match.end(), _moment(match, _date(match, month, None), timezone)))
        if len(found) == 1 and _STANDS_ALONE.fullmatch(text[: found[0][0]] + text[found[-1][1] :]):
            break  # most stamps: nothing is left that could be a time
    found.sort(key=lambda one: one[0])
    edges = [0, *(edge for start, end, _ in found for edge in (start, end)), len(text)]
    words = (text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))
    return Times(tuple(moment for _, _, moment in found), tuple(words))


def parse_day(text: str, *, language: str = "en") -> date | None:
    r"""The day that a listing's separator names; a year of two digits is 20YY. None when there is none.

    >>> parse_day("09\n.01.26"), parse_day("9 января 2026", language="ru")
    (datetime.date(2026, 1, 9), datetime.date(2026, 1, 9))
    """
    match, month = _first(_DAYS, text, language)
    return None if match is None else _date(match, month, None)


def parse_rfc822(text: str) -> datetime | None:
    """The moment of a feed's ``pubDate``, aware UTC. Here the offset is true; without one, or with a zone's name
    that is not UTC's (CST is Chicago or China), there is no moment.

    >>> parse_rfc822("Wed, 24 Aug 2022 14:41:00 +0300")
    datetime.datetime(2022, 8, 24, 11, 41, tzinfo=datetime.timezone.utc)
    """
    match, month = _first((_FEED,), text, "en")
    zone = None if match is None else offset_of(match["zone"])
    return None if match is None or zone is None else _moment(match, _date(match, month, None), zone)


def tidy(text: str) -> str:
    """Lower case, plain spaces and digits (no full-width ones), nothing invisible, at most `MAX_TEXT` characters."""
    text = text[:MAX_RAW]
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKC", text).translate(_CLEAN)
    return " ".join(text.lower().split())[:MAX_TEXT]


_compiled: Final = lru_cache(re.compile)  # when first needed: programs that only write `utc_text` start sooner


def _first(forms: Iterable[str], text: str, language: str) -> tuple[re.Match[str] | None, int]:
    """The first match of the first form that matches with a month, and its month; not yet a possible date."""
    text = tidy(text)
    found = (found for form in forms for found in _matches(form, text, language))
    return next(found, (None, 0))


def _matches(form: str, text: str, language: str) -> Iterator[tuple[re.Match[str], int]]:
    """The matches of a form in a tidied text that have a month, each with it."""
    for match in _compiled(form).finditer(text):
        printed = match["month"].removesuffix("月")
        month = int(printed) if printed.isdecimal() else month_number(printed, language)
        if month is not None:
            yield match, month


def _date(match: re.Match[str], month: int, near: date | None) -> date | None:
    day, year = int(match["day"]), match["year"]
    if year:
        return calendar_day(int(year) if len(year) > len("26") else 2000 + int(year), month, day)
    return None if near is None else latest_day(month, day, near)


def calendar_day(year: int, month: int, day: int) -> date | None:
    """A day of the years in which there is news on the web; None for any other, and for one that never was."""
    try:
        return date(year, month, day) if year in YEARS else None
    except ValueError:
        return None


def latest_day(month: int, day: int, near: date) -> date | None:
    """The last such day up to `near` and a little; 29 February may lie four years back."""
    reference = date(near.year, near.month, near.day)  # `near` may be a datetime, which compares with no date
    days = (calendar_day(year, month, day) for year in range(near.year + 1, near.year - 5, -1))
    return next((found for found in days if found is not None and found - reference <= SLACK), None)


def _moment(match: re.Match[str], day: date | None, zone: tzinfo) -> datetime | None:
    try:
        clock = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    except ValueError:
        return None
    return None if day is None else datetime.combine(day, clock, zone).astimezone(UTC)


def offset_of(printed: str) -> fixed_zone | None:
    """The zone of ``+0600``, ``+06:00``, ``z`` or ``gmt``; None for other names and impossible offsets."""
    if printed.isalpha():
        return UTC if printed in _UTC_NAMES else None
    hours, minutes = int(printed[:3]), int(printed[0] + printed[-2:])
    possible = abs(hours) < 24 and abs(minutes) < 60  # noqa: PLR2004 - a day and an hour
    return fixed_zone(timedelta(hours=hours, minutes=minutes)) if possible else None


def utc_text(moment: datetime) -> str:
    """A moment as the archive keeps it, to the second (parts of it are dropped). Raises ValueError when naive.

    >>> utc_text(datetime(2022, 8, 24, 14, 41, tzinfo=ZoneInfo("Europe/Tallinn")))
    '2022-08-24T11:41:00Z'
    """
    return _at(moment, UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


# Other ISO 8601 of the same length is read by Python as well: weeks, a space for the T, from 3.13 on an hour 24.
_UTC_TEXT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}Z")


class NoTime(ValueError):
    """A stored value that should be a time or a day, and is none: somebody changed it, or the file is damaged."""


def from_utc_text(text: str) -> datetime:
    """The moment that `utc_text` wrote. Raises NoTime, a ValueError, for any other form, also other ISO 8601.

    >>> from_utc_text("2022-08-24T11:41:00Z")
    datetime.datetime(2022, 8, 24, 11, 41, tzinfo=datetime.timezone.utc)
    """
    try:
        if _UTC_TEXT.fullmatch(text):
            return datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:  # no text; the 30th of February
        raise NoTime(f"no UTC text such as 2022-08-24T11:41:00Z: {str(text)[:MAX_TEXT]!r}") from error
    raise NoTime(f"no UTC text such as 2022-08-24T11:41:00Z: {text[:MAX_TEXT]!r}")


def stored(text: str | None) -> datetime | None:
    """A stored time where one will do that is not there: None for none, and for what is no time."""
    try:
        return None if text is None else from_utc_text(text)
    except NoTime:
        return None


def past(text: str | None, now: datetime) -> datetime | None:
    """The same of a time that has passed: None too for one that is still to come, by a clock that was ahead.

    >>> past("2022-08-24T11:41:00Z", datetime(2022, 8, 24, tzinfo=UTC)) is None
    True
    """
    moment = stored(text)
    return moment if moment is not None and moment <= now else None


def local_day(moment: datetime, timezone: ZoneInfo) -> date:
    """The day on the calendar at a place at that moment. Raises ValueError when naive.

    >>> local_day(from_utc_text("2022-08-23T22:00:00Z"), ZoneInfo("Europe/Tallinn"))
    datetime.date(2022, 8, 24)
    """
    return _at(moment, timezone).date()


def _at(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:  # Python would take it for the time of this machine
        raise ValueError(f"a moment needs a zone: {moment.isoformat()}")
    return moment.astimezone(zone)
