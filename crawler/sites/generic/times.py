"""When a page says that it was published and changed: what its data and its marked dates say, never its prose.

A machine's date (ISO 8601, RFC 822, seconds since 1970) is read wherever it stands; a printed one only in an element
that the page itself marks as a date, or that is nothing else. A date that lies ahead of the moment at which the page
was fetched is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Final

from crawler.dates import YEARS, calendar_day, parse_rfc822, utc_text
from crawler.html.jsonld import Node
from crawler.html.markup import Element
from crawler.html.microdata import Item, value_of
from crawler.html.text import clean
from crawler.instants import Place, parse_instant
from crawler.records import UTC as UTC_ZONE
from crawler.sites.generic.furniture import words_of_names
from crawler.sites.generic.page import Page
from crawler.sites.generic.surroundings import Surroundings

SLACK: Final = timedelta(days=1)
"""How far ahead of its fetching a page may be dated: the clocks of sites are wrong, and a day has 24 hours of zones."""

_MAX_RAW: Final = 500
_MOST_TEXTS: Final = 40
_MAX_TEXT: Final = 120  # characters of a date with what is printed around it
_ISO: Final = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{8}|[0-9]{4}/[0-9]{1,2}/[0-9]{1,2})"
    r"(?:(?: ?T ?| )(?P<clock>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,:][0-9]{1,9})?"
    r" ?(?P<zone>Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}|[+-][0-9]{2})?)?(?![0-9])",
    re.IGNORECASE,
)
_STAMP: Final = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_THOUSANDTHS: Final = 10**10


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


# -- where a page says it --------------------------------------------------------------------------------------------
_PUBLISHED_METAS: Final = (
    "article:published_time", "article:published", "article:published_date", "og:published_time",
    "og:article:published_time", "og:pubdate", "datepublished", "date_published", "published_time", "published_at",
    "published-date", "published_date", "publisheddate", "publication_date", "publicationdate", "publication-date",
    "publish_date", "publish-date", "publishdate", "publishtime", "publish_time", "published", "pubdate", "pub_date",
    "bt:pubdate", "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "aiturec:datetime", "dc.date.issued", "dcterms.issued", "dc.date.published", "dc.issued", "date.available",
    "dcterms.available", "dc.date", "dcterms.date", "dcterms.created", "dc.date.created", "dc.created",
    "date.created", "datecreated", "article:created_time", "article.published", "article.created",
    "citation_publication_date", "originalpublicationdate", "rnews:datepublished", "release_date", "displaydate",
    "article_date_original", "date", "uploaddate", "ya:ovs:upload_date",
)  # fmt: skip
_MODIFIED_METAS: Final = (
    "article:modified_time", "article:modified", "article:modified_date", "og:updated_time", "article:updated_time",
    "og:article:modified_time", "datemodified", "date_modified", "modified_time", "bt:moddate", "dc.date.modified",
    "dcterms.modified", "dc.modified", "date.modified", "date.updated", "cxenseparse:modified_time", "lastmod",
    "last-modified",
)  # fmt: skip
_DATES: Final = frozenset(
    {
        "data", "date", "dateline", "datetime", "dato", "datum", "fecha", "posted", "pubdate", "publicado", "published",
        "publish", "publication", "stamp", "time", "timestamp", "created", "дата",
    }
)  # fmt: skip
_CHANGED: Final = frozenset({"modified", "update", "updated", "lastmod", "actualizado", "aktualisiert", "aggiornato"})
_SAYS_CHANGED: Final = re.compile(
    r"updat|modif|aktuali[sz]|actuali[sz]|mis à jour|maj\b|aggiornat|atualizad|обновл|оновл|oppdatert|uppdater|opdater|"
    r"güncel|bijgewerkt|diperbarui|zmien|更新|수정|تحديث",
    re.IGNORECASE,
)
_MOST_MARKED: Final = 60
_OPENING: Final = 15  # elements of the story
_MOST_WORDS: Final = 12  # of a line that is a date and no more
_NEVER: Final = datetime(1, 1, 2, tzinfo=UTC)  # dates without a year are near no sighting: they give nothing


def published(
    page: Page, nodes: Sequence[Node], item: Item | None, around: Surroundings, language: str | None
) -> Iterator[tuple[When, str]]:
    """What may be the time of publication, the surest first."""
    for rule, text in _structured(page, nodes, item, ("datePublished", "dateCreated", "uploadDate"), _PUBLISHED_METAS):
        if (when := machine_time(text) or printed_time(text, "en")) is not None:
            yield when, rule
    yield from _printed(around, language or "und")
    if (day := day_in_address(page.document.url)) is not None:
        yield day, "address"


def modified(page: Page, nodes: Sequence[Node], item: Item | None) -> Iterator[tuple[When, str]]:
    """What may be the time of the last change, the surest first."""
    for rule, text in _structured(page, nodes, item, ("dateModified",), _MODIFIED_METAS):
        if (when := machine_time(text) or printed_time(text, "en")) is not None:
            yield when, rule


def printed_time(text: str, language: str) -> When | None:
    """The date that is printed for people, with its time if it has one; None where there is none, or an ambiguous one.

    >>> printed_time("Published 2 March 2026, 10:15", "en").text(), printed_time("02.03.2026", "de").text()
    ('2026-03-02T10:15:00', '2026-03-02')
    """
    printed = clean(text)[:_MAX_TEXT]
    found = parse_instant(printed, Place(language, UTC_ZONE, _NEVER))
    if found is None or found.precision == "relative" or found.at.year not in YEARS:
        return None
    if found.precision == "day":
        return When(printed, found.at.date())
    return When(printed, found.at.date(), found.at if found.precision == "offset" else found.at.replace(tzinfo=None))


def _printed(around: Surroundings, language: str) -> Iterator[tuple[When, str]]:
    """The dates that stand above the story, and those below it: first what is marked as a date."""
    behind, before = _by_heading(around)
    yield from _marked(behind, language)
    yield from ((when, "line of its own") for when in _lines((*behind, *around.within[:_OPENING]), language))
    yield from _marked(before, language)
    yield from _marked(around.below, language)


def _by_heading(around: Surroundings) -> tuple[Sequence[Element], Sequence[Element]]:
    """What stands above the story behind its last heading, and what stands before that."""
    places = [place for place, element in enumerate(around.above) if element in around.headings]
    cut = places[-1] if places else 0
    return around.above[cut:], around.above[:cut]


def _marked(elements: Iterable[Element], language: str) -> Iterator[tuple[When, str]]:
    """The dates of ``time`` elements and of those that are called so, but for dates of a change."""
    for element in islice((one for one in elements if _is_date(one)), _MOST_MARKED):
        text = _short_line(element)
        names = set(words_of_names(element))
        if not names.isdisjoint(_CHANGED) or element.get("itemprop") == "dateModified" or _SAYS_CHANGED.match(text):
            continue
        when = machine_time(element.get("datetime") or element.get("content") or "") or printed_time(text, language)
        if when is not None:
            yield when, "time" if element.tag == "time" else f"{element.tag}.{'.'.join(sorted(names & _DATES))}"


def _is_date(element: Element) -> bool:
    return element.tag == "time" or not _DATES.isdisjoint(words_of_names(element))


def _lines(elements: Iterable[Element], language: str) -> Iterator[When]:
    """The dates that are all that a line says."""
    for element in elements:
        if len(element) == 0 and element.text and any(map(str.isdigit, element.text)):
            text = _short_line(element)
            if text and len(text.split()) <= _MOST_WORDS and (when := printed_time(text, language)) is not None:
                yield when


def _short_line(element: Element) -> str:
    """The words of an element; none where these are many."""
    texts = list(islice(element.itertext(), _MOST_TEXTS))
    return clean(" ".join(texts)) if sum(map(len, texts)) <= _MAX_RAW else ""


def _structured(
    page: Page, nodes: Sequence[Node], item: Item | None, names: tuple[str, ...], metas: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    yield from ((f"ld:{name}", text) for name in names[:1] for node in nodes for text in page.linked.texts(node, name))
    if item is not None:
        yield from (
            (f"microdata:{name}", value_of(element)) for name in names for element in item.properties.get(name, ())
        )
    for name in metas:
        yield from ((f"meta:{name}", text) for text in page.metas.all(name))
    yield from (
        (f"microdata:{name}", value_of(element)) for name in names for element in page.microdata.loose.get(name, ())
    )
    yield from ((f"ld:{name}", text) for name in names[1:] for node in nodes for text in page.linked.texts(node, name))


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
