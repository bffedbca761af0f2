"""When a page says that it was published and changed: what its data and its marked dates say, never its prose.

A printed date is read only where the page itself marks it as one, or where it is all that a line says. A date that lies
ahead of the moment at which the page was fetched is not believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from crawler.dates import month_number
from crawler.html.markup import Element
from crawler.html.microdata import value_of
from crawler.html.text import clean
from crawler.records import NOT_ON_PAGE
from crawler.sites.generic.class_names import words_of_names
from crawler.sites.generic.page import Found, Page
from crawler.sites.generic.surroundings import Surroundings
from crawler.sites.generic.times import When, day_in_address, machine_time, printed_time
from crawler.sites.generic.words import words_of

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
_MOST_WORDS: Final = 9  # of a line that is a date and no more: Published on Monday, 2 March 2026 at 10:15
_MOST_PARTS: Final = 3
_NEAR: Final = 60  # elements below the story
_LEVELS: Final = 4
_OTHER_WORDS: Final = 3
_LINKED: Final = frozenset({"a", "h2", "h3", "h4", "h5"})  # a date in one of these is another story's
_NO_LINES: Final = _LINKED | {"h1", "script", "style", "noscript", "template"}
_LINE: Final = "line of its own"
_MAX_RAW: Final = 500  # characters
_MOST_TEXTS: Final = 40
_MOST: Final = 100  # candidates


def best(candidates: Iterable[tuple[When, str]], latest: datetime | None) -> Found[When]:
    """The first date that is not ahead of its time; a later one that tells the same in full goes before it."""
    likely = (
        Found(when, rule) for when, rule in islice(candidates, _MOST) if latest is None or not when.is_after(latest)
    )
    found = next(likely, None)
    if found is None or found.value is None:
        return Found(None, NOT_ON_PAGE)
    if found.value.at is not None and found.value.at.tzinfo is not None:
        return found
    return next((other for other in likely if other.value and found.value.is_completed_by(other.value)), found)


def published(page: Page, around: Surroundings, language: str | None) -> Iterator[tuple[When, str]]:
    """What may be the time of publication, the surest first."""
    for rule, text in _structured(page, ("datePublished", "dateCreated", "uploadDate"), _PUBLISHED_METAS):
        if (when := machine_time(text) or printed_time(text, "en")) is not None:
            yield when, rule
    yield from _printed(around, language or "und")
    if (day := day_in_address(page.document.url)) is not None:
        yield day, "address"
    yield from ((when, _LINE) for when in _lines(around.below[:_NEAR], language or "und"))


def modified(page: Page) -> Iterator[tuple[When, str]]:
    """What may be the time of the last change, the surest first."""
    for rule, text in _structured(page, ("dateModified",), _MODIFIED_METAS):
        if (when := machine_time(text) or printed_time(text, "en")) is not None:
            yield when, rule


def _printed(around: Surroundings, language: str) -> Iterator[tuple[When, str]]:
    """The dates that stand above the story, and those below it: first what is marked as a date."""
    behind, before = _by_heading(around)
    yield from _marked(behind, language)
    yield from ((when, _LINE) for when in _lines((*behind, *around.within[:_OPENING]), language))
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
    return (element.tag == "time" or not _DATES.isdisjoint(words_of_names(element))) and not _is_linked(element)


def _is_linked(element: Element) -> bool:
    """Whether an element is part of a heading, or of a link with other words: such a date is that of another story."""
    link = next((one for one in islice(element.iterancestors(), _LEVELS) if one.tag in _LINKED), None)
    return link is not None and (link.tag != "a" or _short_line(link) != _short_line(element))


def _lines(elements: Iterable[Element], language: str) -> Iterator[When]:
    """The dates that are all that a line says, but for a word or two."""
    for element in elements:
        if len(element) > _MOST_PARTS or element.tag in _NO_LINES or _is_linked(element):
            continue
        text = _short_line(element)
        if not any(map(str.isdigit, text)) or _SAYS_CHANGED.match(text) or _says_more(text, language):
            continue
        if (when := printed_time(text, language)) is not None:
            yield when


def _says_more(text: str, language: str) -> bool:
    """Whether a line has more words than a date, its weekday, and what says that it is one."""
    words = words_of(text)
    if len(words) > _MOST_WORDS:
        return True
    return sum(not word[0].isdigit() and month_number(word, language) is None for word in words) > _OTHER_WORDS


def _short_line(element: Element) -> str:
    """The words of an element; none where these are many."""
    texts = list(islice(element.itertext(), _MOST_TEXTS))
    return clean(" ".join(texts)) if sum(map(len, texts)) <= _MAX_RAW else ""


def _structured(page: Page, names: tuple[str, ...], metas: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    yield from (
        (f"ld:{name}", text) for name in names[:1] for node in page.nodes for text in page.linked.texts(node, name)
    )
    if page.item is not None:
        yield from (
            (f"microdata:{name}", value_of(element)) for name in names for element in page.item.properties.get(name, ())
        )
    for name in metas:
        yield from ((f"meta:{name}", text) for text in page.metas.all(name))
    yield from (
        (f"microdata:{name}", value_of(element)) for name in names for element in page.microdata.loose.get(name, ())
    )
    yield from (
        (f"ld:{name}", text) for name in names[1:] for node in page.nodes for text in page.linked.texts(node, name)
    )
