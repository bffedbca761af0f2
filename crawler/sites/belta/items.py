"""One item of a listing: which of its links is the article, and what it prints about it.

The first link of an item is the rubric's, a picture may be linked apart, leads are printed in nested copies,
and links come relative and absolute: so the article is known by its address alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from crawler.html.boilerplate import Boilerplate
from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import clean, line, paragraphs
from crawler.records import Edition, UnknownEntry
from crawler.sites.belta.addresses import Named, article_named
from crawler.sites.extraction.page import classed, has_class, once

TITLES: Final = frozenset(
    {"lenta_item_title", "lenta_info_title", "tl_news", "rubric_item_title", "rubricNews_item_title"}
)
LEADS: Final = frozenset({"lenta_textsmall"})
TIMES: Final = frozenset({"date", "tl_date", "lenta_date", "time"})

_CLOCK: Final = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?!\d)")
_STAMP: Final = re.compile(r"(?:\d{1,2} [^\W\d_]{3,15}(?: \d{4})?,? )?\d{1,2}:\d{2}")  # 14:41; 7 August, 15:01
_MAX_TIME: Final = 40  # characters
_MAX_LINKS: Final = 2000
_WITHOUT_LINKS: Final = Boilerplate(tags=frozenset({"a"}))
_LABELS: Final = frozenset({"date_rubric", "tl_node"})
_WITHOUT_LABELS: Final = Boilerplate(classes=_LABELS)
_TITLE_ALONE: Final = Boilerplate(classes=LEADS | TIMES | _LABELS)


@dataclass(frozen=True, slots=True)
class Item:
    """What an item says: see `ListingEntry` for the fields."""

    article: Named
    headline: str
    printed_time: str | None
    lead: str | None


def links_of(block: Element, document: Document, edition: Edition) -> list[tuple[Element, Named]]:
    """The links of a block that lead to articles of the edition."""
    links = []
    for link in islice(block.iter("a"), _MAX_LINKS):
        address = document.resolve(link.get("href") or "")
        named = article_named(address, edition, document.base_url) if address else None
        if named is not None:
            links.append((link, named))
    return links


def read_item(block: Element, document: Document, edition: Edition) -> Item | None:
    """The article that an item announces; None for an item without a link to one (an advertisement, another site)."""
    links = links_of(block, document, edition)
    if not links:
        return None
    _, named = max(links, key=lambda link: _weight(link[0]))  # the first of the weightiest
    headline = _headline(block, [link for link, other in links if other.key == named.key])
    return Item(named, headline, _time(block), _lead(block, headline))


def read_unknown(block: Element, document: Document, edition: Edition) -> UnknownEntry | None:
    """What an item announces whose link has no known form of address. None for one that does not look like a story:
    with neither a time nor a place on the agency's own hosts, it may be an advertisement.
    """
    links = [link for link in islice(block.iter("a"), _MAX_LINKS) if not has_class(link, _LABELS)]
    found = [(link, address) for link in links if (address := _address(link, document))]
    if not found:
        return None
    _, url = max(found, key=lambda one: _weight(one[0]))
    headline, printed = _headline(block, [link for link, address in found if address == url]), _time(block)
    if not headline or (printed is None and not _is_own(url, document, edition)):
        return None
    return UnknownEntry(url, headline, printed)


def _address(link: Element, document: Document) -> str | None:
    """Where a link leads; as it is written where that is no address at all."""
    href = link.get("href") or ""
    return document.resolve(href) or href.strip() or None


def _is_own(url: str, document: Document, edition: Edition) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.netloc in {*edition.hosts, urlsplit(document.url).netloc} and parts.path not in {"", "/"}


def _weight(link: Element) -> int:
    """How surely a link is the headline's: it holds a title, it has words, it has a title attribute, none of these."""
    if has_class(link, TITLES) or any(True for _ in classed(link, TITLES)):
        return 3
    return 2 if line(link, _TITLE_ALONE) else 1 if link.get("title") else 0


def _headline(block: Element, links: list[Element]) -> str:
    titles = (line(title) for title in classed(block, TITLES))
    texts = (line(link, _TITLE_ALONE) for link in links)
    attributes = (clean(link.get("title") or "") for link in links)
    pictures = (clean(image.get("alt") or "") for link in links for image in link.iter("img"))
    return next((text for source in (titles, texts, attributes, pictures) for text in source if text), "")


def _time(block: Element) -> str | None:
    """The printed time: of the element that is named for it, else a line of the item that is nothing but a time."""
    for element in classed(block, TIMES):
        printed = line(element, _WITHOUT_LINKS).strip(" |·•,–—-")
        if len(printed) <= _MAX_TIME and _CLOCK.search(printed):
            return printed
    alone = (text for text in paragraphs(block, _WITHOUT_LINKS) if _STAMP.fullmatch(text))
    return next(alone, None) or _time_before(block)


def _time_before(block: Element) -> str | None:
    """``div.lenta_info`` of 2019-20 is only known from its inside: its time may stand in the element before it."""
    before = block.getprevious()
    if before is None or not has_class(before, TIMES):
        return None
    printed = line(before, _WITHOUT_LINKS)
    return printed if _STAMP.fullmatch(printed) else None


def _lead(block: Element, headline: str) -> str | None:
    for element in classed(block, LEADS):
        lead = once(line(element))
        return lead if lead and lead != headline else None
    return _lead_behind_time(block, headline)


def _lead_behind_time(block: Element, headline: str) -> str | None:
    """On rubric pages of 2017-19 the lead follows headline and time, a caption may come before them."""
    texts = paragraphs(block, _WITHOUT_LABELS)
    marks = [place for place, text in enumerate(texts) if text == headline or _STAMP.fullmatch(text)]
    if len(marks) < 2:  # noqa: PLR2004  headline and time
        return None
    return once(" ".join(texts[marks[-1] + 1 :])) or None
