"""Which of the objects on a page describe the article that the page is.

A page may hold ten articles, those of its sidebar among them, and a template may repeat one article's data on every
page. An object is believed where it names this page's address, or else where its headline is one of the page's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from crawler.html.jsonld import MAX_NODES, Node, address_of, as_list, nested, text_of, types_of
from crawler.html.microdata import Item, value_of
from crawler.sites.generic.facts import Facts
from crawler.sites.generic.words import likeness

_ARTICLES: Final = frozenset({"BlogPosting", "LiveBlogPosting", "Report", "SocialMediaPosting", "NewsItem"})
_PAGES: Final = frozenset({"WebPage", "ItemPage", "VideoObject", "MediaObject", "CreativeWork", "Recipe", "Review"})
_MAIN: Final = ("@graph", "mainEntity", "mainEntityOfPage", "subjectOf", "item")
_ALIKE: Final = 0.5  # of the words of the shorter headline
_MOST: Final = 200  # candidates


def is_article(types: frozenset[str]) -> bool:
    """Whether one of the types is an article: ``NewsArticle``, ``OpinionNewsArticle``, ``BlogPosting``."""
    return any(name in _ARTICLES or name.endswith("Article") for name in types)


def linked_articles(page: Facts) -> list[Node]:
    """The objects of the page's JSON-LD that describe its article, the best first."""
    main = [node for top in islice(page.linked.top, _MOST) for node in islice(nested(top, _MAIN), _MOST)]
    articles = [node for node in main if is_article(types_of(node))]
    if found := _of_page(page, articles):
        return found
    everywhere = (node for top in page.linked.top for node in nested(top) if is_article(types_of(node)))
    named = [node for node in islice(everywhere, _MOST) if _names(page, node)]
    kind = page.metas.first("og:type")
    if named or (kind is not None and kind[1].lower() == "website"):  # so the front page and sections call themselves
        return named
    return _of_page(page, [node for node in main if not types_of(node).isdisjoint(_PAGES)])


def _of_page(page: Facts, nodes: Sequence[Node]) -> list[Node]:
    """Those of the candidates that are this page's: by address, by headline, or as the only one that says neither."""
    named = [node for node in nodes if _names(page, node)]
    if named:
        return named
    alike = [node for node in nodes if _is_titled_like(page, _headline(node))]
    if alike:
        return alike[:1]
    silent = [node for node in nodes if _headline(node) is None and not any(_addresses(page, node))]
    return silent if len(silent) == 1 == len(nodes) else []


def _headline(node: Node) -> str | None:
    return text_of(node.get("headline")) or text_of(node.get("name"))


def _names(page: Facts, node: Node) -> bool:
    return any(place in page.places for place in _addresses(page, node))


def _addresses(page: Facts, node: Node) -> Iterator[str]:
    """What the addresses mean that an object says are its own."""
    for name in ("url", "mainEntityOfPage", "@id"):
        for value in as_list(node.get(name)):
            address = address_of(value)
            if address and (place := page.place(address)) and "/" in place:
                yield place


def _is_titled_like(page: Facts, headline: str | None) -> bool:
    """Whether a headline is one of the page's own, in other words perhaps."""
    if headline is None:
        return False
    shown = [text for _, text in page.headings] + page.titles
    return any(likeness(headline, title) >= _ALIKE for title in shown)


def marked_article(page: Facts) -> Item | None:
    """The item of the page's microdata that is its article: the one that names this page, or holds its heading."""
    items = [item for item in islice(page.microdata.items, MAX_NODES) if is_article(item.types)]
    for item in items:
        own = [value_of(element) for name in ("url", "mainEntityOfPage") for element in item.properties.get(name, ())]
        own += [item.element.get("itemid") or ""]
        if any(page.place(address) in page.places for address in own if address):
            return item
    headed = {ancestor for heading, _ in page.headings for ancestor in heading.iterancestors()}
    holding = [item for item in items if item.element in headed]
    if holding:
        return holding[-1]
    return items[0] if len(items) == 1 and _is_marked_alike(page, items[0]) else None


def _is_marked_alike(page: Facts, item: Item) -> bool:
    """Whether the headline of an item is one of the page's, if it has one."""
    marked = item.first("headline", "name")
    return marked is None or _is_titled_like(page, value_of(marked) or None)
