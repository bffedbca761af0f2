"""The listings: "All news" in its three dresses, the rubric form, and links alone as a last resort.

Day separators are siblings of the items, not their parents, and a page may begin without one. The page that a
link names is the N-th block from the newest item; its day parameters choose nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Final

from lxml import etree

from crawler.dates import parse_day
from crawler.errors import UnrecognisedPage
from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import line
from crawler.records import Edition, ListingEntry, ListingPage, UnknownEntry
from crawler.sites.belta.furniture import SIDE_BLOCKS
from crawler.sites.belta.items import Item, links_of, read_item, read_unknown
from crawler.sites.belta.pager import next_path
from crawler.sites.extraction.page import classed, has_class, not_beside, words

MAX_ITEMS: Final = 2000
"""A page has 10 to 30. More is no listing, and reading it would take long."""

_INNER: Final = etree.XPath("descendant::*[@id='inner']")
_OTHER_CONTAINERS: Final = ("center_col", "content_margin")
_PINNED: Final = frozenset({"main_in_rubric"})
_DRESSES: Final = ("tl_item", "lenta_item", "lenta_info", "news_item")
"""The classes of items. Those of another dress among a page's own are read too, as none of the order."""

_DAY: Final = frozenset({"day"})
_MONTH_YEAR: Final = frozenset({"month_year"})
_STORIES: Final = ("js-mediator-article", "inner_content", "date_full")  # an article's page has them, a listing never
_HEADINGS: Final = re.compile(
    r"(?:All news|Nachrichten|Alle Nachrichten|Все новости|Новости|Усе навіны|Навіны|Todas las noticias|Noticias|"
    r"Wszystkie wiadomości|Wiadomości|所有新闻|新闻)",
    re.IGNORECASE,
)
_LONGEST_NOTE: Final = 200  # characters in an empty container: a heading, "no news"; more is something unknown
_MAX_CLIMB: Final = 6  # levels from a bare link to the block that is its item


def container_of(document: Document) -> Element | None:
    """The block that the pager refills. None in a fragment, which is its content, and on strange pages."""
    return next(iter(_INNER(document.root)), None)


class ClassListing:
    """A listing whose items have a class of their own. Items outside the container belong to a sidebar."""

    name: str
    extras: tuple[str, ...] = ("main_in_rubric",)

    def recognises(self, document: Document) -> bool:
        return any(True for _ in self._items(document, (self.name,)))

    def read(self, document: Document, edition: Edition, page: int) -> ListingPage:
        items = list(islice(self._items(document, (self.name, *self.extras)), MAX_ITEMS + 1))
        others = list(islice(self._items(document, tuple(_DRESSES)), MAX_ITEMS + 1))
        own = frozenset({self.name})
        blocks = [(block, has_class(block, own) and not _is_pinned(block)) for block in _innermost(items)]
        blocks += [(block, False) for block in _apart(_innermost(others), items)]
        return read_blocks(self.name, blocks, document, edition, page)

    def _items(self, document: Document, names: Iterable[str]) -> Iterator[Element]:
        container = container_of(document)
        for block in document.with_class(*names):
            if container is None or any(node is container for node in block.iterancestors()):
                yield block


class TimelineItem(ClassListing):
    """Russian edition in spring 2026, by one source: ``tl_date``, ``tl_news``, ``tl_node``."""

    name = "tl_item"


class LentaItem(ClassListing):
    """2021 to 2026: ``div.news_item.lenta_item``, the rubric link before the article's."""

    name = "lenta_item"
    extras = ("main_in_rubric", "news_item")


class LentaInfo(ClassListing):
    """2019-20: ``a.lenta_info_title``, no lead in some."""

    name = "lenta_info"


class NewsItem(ClassListing):
    """The rubric form: "7 August, 15:01" behind the headline, a pinned story before the first item on every page."""

    name = "news_item"

    def recognises(self, document: Document) -> bool:
        """Also a page past the end, where only the pinned story is left."""
        return any(True for _ in self._items(document, (self.name, *self.extras)))


class BareLinks:
    """Any link to an article inside the container, for dresses that nobody has described yet."""

    name: str = "links"

    def recognises(self, document: Document) -> bool:
        container = _list_container(document)
        return container is not None and not document.with_class(*_STORIES) and _has_article_link(container)

    def read(self, document: Document, edition: Edition, page: int) -> ListingPage:
        container = _list_container(document)
        links = links_of(document.root if container is None else container, document, edition)[: MAX_ITEMS + 1]
        keys: dict[Element, set[str]] = {}
        for link, named in links:
            for node in islice(link.iterancestors(), _MAX_CLIMB):
                keys.setdefault(node, set()).add(named.key)
        blocks = dict.fromkeys(_item_around(link, container, keys) for link, _ in links)
        return read_blocks(self.name, [(block, not _is_pinned(block)) for block in blocks], document, edition, page)


class Empty:
    """A listing past its end: the container, or a fragment's heading, without any item."""

    name: str = "empty"

    def recognises(self, document: Document) -> bool:
        container = container_of(document)
        if container is None:
            return _HEADINGS.fullmatch(line(document.root)) is not None or bool(document.with_class("new_date"))
        return not document.with_class(*_STORIES) and len(line(container)) <= _LONGEST_NOTE

    def read(self, document: Document, edition: Edition, page: int) -> ListingPage:
        return ListingPage(page, self.name, (), next_path(document, edition, page))


LAYOUTS: Final = (TimelineItem(), LentaItem(), LentaInfo(), NewsItem(), BareLinks(), Empty())
"""In the order in which they are tried: the surest marks first."""


def is_listing(document: Document) -> bool:
    """Whether a page that should be an article is surely a listing. A container or links alone prove nothing."""
    sure = any(layout.recognises(document) for layout in (TimelineItem(), LentaItem(), LentaInfo()))
    return sure or (container_of(document) is not None and NewsItem().recognises(document))


def read_blocks(
    layout: str, blocks: Collection[tuple[Element, bool]], document: Document, edition: Edition, page: int
) -> ListingPage:
    """The entries of item blocks, each with whether it can be part of the order, under the separators among them."""
    if len(blocks) > MAX_ITEMS:
        raise UnrecognisedPage(f"more than {MAX_ITEMS} items", url=document.url, site=edition.name, era=layout)
    wanted, separators = dict(blocks), set(document.with_class("new_date"))
    listed = set(not_beside(document, wanted, SIDE_BLOCKS))
    entries: list[ListingEntry] = []
    unknown: dict[str, UnknownEntry] = {}
    day: date | None = None
    for node in document.root.iter():
        if node in separators:
            day = _day_of(node, edition)
        elif node in wanted and (item := read_item(node, document, edition)) is None:
            entry = read_unknown(node, document, edition)
            if entry is not None and (wanted[node] or entry.printed_time is not None):
                unknown.setdefault(entry.url, replace(entry, day=day))
        elif node in wanted and item is not None:
            in_order = wanted[node] and node in listed
            entries.append(_entry(item, page, len(entries), day if in_order else None, in_order=in_order))
    if not entries:  # taking it for an empty page would end the walk with a hole
        message = f"none of {len(blocks)} items links to an article of {edition.host}"
        raise UnrecognisedPage(message, url=document.url, site=edition.name, era=layout)
    shown = tuple(_each_once(_ordered(entries)))
    # Where the items of the order print their times, one without is an advertisement.
    timed = any(entry.printed_time for entry in shown if entry.in_order)
    strange = tuple(entry for entry in unknown.values() if entry.printed_time or not timed)
    return ListingPage(page, layout, shown, next_path(document, edition, page), strange)


def _entry(item: Item, page: int, position: int, day: date | None, *, in_order: bool) -> ListingEntry:
    return ListingEntry(
        key=item.article.key,
        url=item.article.url,
        headline=item.headline,
        page=page,
        position=position,
        printed_time=item.printed_time,
        day=day,
        lead=item.lead,
        rubric=item.article.rubric,
        in_order=in_order,
    )


def _ordered(entries: list[ListingEntry]) -> list[ListingEntry]:
    """Where the items of the order print their times, one without is none of them (pinned, promoted)."""
    timed = any(entry.printed_time for entry in entries if entry.in_order)
    return [entry if entry.printed_time or not timed else replace(entry, in_order=False, day=None) for entry in entries]


def _each_once(entries: list[ListingEntry]) -> Iterator[ListingEntry]:
    """One entry for each key: its first place in the order, or its first place where it is nowhere in the order."""
    chosen: dict[str, ListingEntry] = {}
    for entry in entries:
        if entry.key not in chosen or (entry.in_order and not chosen[entry.key].in_order):
            chosen[entry.key] = entry
    kept = sorted(chosen.values(), key=lambda entry: entry.position)
    return (replace(entry, position=position) for position, entry in enumerate(kept))


def _day_of(separator: Element, edition: Edition) -> date | None:
    """``09`` and ``.01.26``: the text of month and year begins with a dot. None when it cannot be read: the day before
    it must not govern what follows.
    """
    day = next((words(node) for node in classed(separator, _DAY)), "")
    rest = next((words(node) for node in classed(separator, _MONTH_YEAR)), "")
    printed = f"{day.rstrip('.')}.{rest.lstrip('. ')}" if day and rest else words(separator)
    return parse_day(printed, language=edition.language)


def _is_pinned(block: Element) -> bool:
    return any(has_class(node, _PINNED) for node in (block, *block.iterancestors()))


def _innermost(items: list[Element]) -> list[Element]:
    """Items that hold no other item: an outer one is a wrapper."""
    marked = set(items)
    wrappers = {node for item in items for node in item.iterancestors() if node in marked}
    return [item for item in dict.fromkeys(items) if item not in wrappers]


def _apart(blocks: Iterable[Element], items: Iterable[Element]) -> list[Element]:
    """The blocks that are no item, lie in none and hold none."""
    marked = set(items)
    around = {node for item in marked for node in item.iterancestors()}
    return [block for block in blocks if block not in around and marked.isdisjoint((block, *block.iterancestors()))]


def _list_container(document: Document) -> Element | None:
    found = container_of(document)
    return next(iter(document.with_class(*_OTHER_CONTAINERS)), None) if found is None else found


_TAIL: Final = re.compile(r"-\d{1,12}-(?:19|20)\d{2}/?(?:[?#]|$)")


def _has_article_link(container: Element) -> bool:
    return any(_TAIL.search(link.get("href") or "") for link in container.iter("a"))


def _item_around(link: Element, container: Element | None, keys: dict[Element, set[str]]) -> Element:
    """The largest block around a link that speaks of no other article."""
    block = link
    for node in islice(link.iterancestors(), _MAX_CLIMB):
        if node is container or len(keys[node]) > 1:
            break
        block = node
    return block
