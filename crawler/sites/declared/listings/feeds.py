"""A listing that is a feed: RSS 2.0, RSS 1.0 or Atom, read by the names of its elements, whatever their namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from lxml import etree

from crawler.html.markup import Element
from crawler.html.text import clean
from crawler.records import ListingPage
from crawler.sites.declared.entries import MAX_ENTRIES, Line, Reading, entries_of, unknown_of
from crawler.sites.declared.listings.data import plain

FRAME: Final = "feed"
_ROOTS: Final = frozenset({"rss", "RDF", "feed"})
_TIMES: Final = ("published", "pubDate", "date", "issued", "updated")
_LEADS: Final = ("description", "summary")
_DIRECT: Final = ("origLink",)  # where FeedBurner puts the address that it replaces


def read_feed(reading: Reading, frame: str | None) -> ListingPage:
    """The entries of a feed. Raises UnrecognisedPage for what is no feed."""
    answer = reading.answer
    root = answer.xml
    if local(root) not in _ROOTS:
        raise answer.unrecognised(f"no feed: its root is {local(root)[:40]}")
    items = list(islice((node for node in root.iter("{*}item", "{*}entry")), MAX_ENTRIES + 1))
    lines = [line for item in items if (line := _line(item)) is not None]
    entries = entries_of(lines, reading, whole=True)
    if items and not entries:
        raise answer.unrecognised(f"none of {len(items)} entries leads to an article of {answer.edition.host}")
    if not items and frame is None:
        raise answer.unrecognised("a feed without entries, and no other answer of it is known that had any")
    return ListingPage(reading.page, "feed", entries, unknown=unknown_of(lines, reading), frame=FRAME)


def local(node: Element) -> str:
    """The name of an element without its namespace."""
    return str(etree.QName(node).localname)


def _line(item: Element) -> Line | None:
    parts: dict[str, list[Element]] = {}
    for node in item.iterchildren("*"):
        parts.setdefault(local(node), []).append(node)
    address = next(_addresses(parts), None)
    if address is None:
        return None
    times = tuple(text for name in _TIMES for node in parts.get(name, ()) if (text := clean(node.text or "")))
    return Line(
        address,
        _text(parts, ("title",)),
        times[:1],
        _text(parts, _LEADS) or None,
        next(
            (text for node in parts.get("category", ()) if (text := clean(node.get("term") or node.text or ""))), None
        ),
    )


def _addresses(parts: dict[str, list[Element]]) -> Iterator[str]:
    """The addresses of an entry, the surest first."""
    for name in _DIRECT:
        yield from (text for node in parts.get(name, ()) if (text := (node.text or "").strip()))
    links = parts.get("link", ())
    yield from (href for node in links if node.get("rel", "alternate") == "alternate" and (href := node.get("href")))
    yield from (text for node in links if (text := (node.text or "").strip()))
    for node in parts.get("guid", ()):
        if node.get("isPermaLink") != "false" and (node.text or "").strip().startswith(("http://", "https://")):
            yield (node.text or "").strip()


def _text(parts: dict[str, list[Element]], names: tuple[str, ...]) -> str:
    texts = (plain("".join(node.itertext())) for name in names for node in parts.get(name, ()))
    return next((text for text in texts if text), "")
