"""A listing that is a sitemap: addresses with their times, or an index of other sitemaps. Read as a stream, since an
attack is as large as it likes: the protocol allows 50,000 addresses, and more are refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from lxml import etree

from crawler.errors import ArgumentError
from crawler.html.answer import Answer
from crawler.html.decoding import Damaged, decode
from crawler.html.markup import Element
from crawler.html.text import clean
from crawler.instants import parse_instant
from crawler.records import ListingPage
from crawler.sites.declared.entries import Line, Reading, entries_of
from crawler.sites.declared.listings.asking import named_by
from crawler.sites.declared.listings.feeds import local
from crawler.sites.declared.sitefile import ListingRules

FRAME: Final = "sitemap"
MAX_ADDRESSES: Final = 50_000
"""What the protocol allows in one sitemap, and in one index."""

MAX_INFLATED: Final = 64 * 1024 * 1024  # bytes; the protocol allows 50 MB
_GZIP: Final = b"\x1f\x8b"
_WANTED: Final = frozenset({"loc", "lastmod", "publication_date", "title"})
_BETWEEN: Final = r"(?:[-_/.]|[?&][a-z]{1,6}=)?"
_MONTH: Final = re.compile(
    rf"(?<!\d)((?:19|20)\d{{2}}){_BETWEEN}(0[1-9]|1[0-2])?{_BETWEEN}(0[1-9]|[12]\d|3[01])?(?!\d)"
)
"""A date in the address of a sitemap: sitemap-2026-03.xml, /2026/03/05/, sitemap_202603.xml, ?yyyy=2026&mm=03&dd=05."""


@dataclass(slots=True)
class _Node:
    """One ``url`` or ``sitemap`` of the file."""

    texts: dict[str, str] = field(default_factory=dict)


def read_sitemap(rules: ListingRules, reading: Reading, place: str | None, frame: str | None) -> ListingPage:
    """The entries of a sitemap, the newest first, or the sitemaps of an index. Raises UnrecognisedPage."""
    answer = reading.answer
    kind, nodes = _streamed(answer)
    if kind == "sitemapindex":
        return ListingPage(reading.page, "index", (), places=_places(rules, nodes, answer), frame=FRAME)
    lines = [line for node in nodes if (line := _line(node)) is not None]
    entries = entries_of(_newest_first(lines, reading), reading, most=MAX_ADDRESSES)
    if not entries and place is None and (lines or frame is None):
        what = f"none of {len(lines)} addresses is that of an article" if lines else "a sitemap without addresses"
        raise answer.unrecognised(f"{what} of {answer.edition.host}")
    return ListingPage(reading.page, "sitemap", entries, frame=FRAME)


def _streamed(answer: Answer) -> tuple[str, list[_Node]]:
    """The name of the root, and the nodes below it. Raises UnrecognisedPage."""
    body = _inflated(answer)
    answer.refuse_other_than_xml(body)
    nodes: list[_Node] = []
    kind = ""
    try:
        for event, element in etree.iterparse(
            BytesIO(body), events=("start", "end"), resolve_entities=False, no_network=True, recover=True,
            remove_comments=True, remove_pis=True, huge_tree=False,
        ):  # fmt: skip
            name = local(element)
            if not kind:
                kind = name
                if kind not in {"urlset", "sitemapindex"}:
                    raise answer.unrecognised(f"no sitemap: its root is {kind[:40]}")
            elif event == "end" and name in {"url", "sitemap"}:
                nodes.append(_node(element))
                if len(nodes) > MAX_ADDRESSES:
                    raise answer.unrecognised(
                        f"a {kind} with more than the {MAX_ADDRESSES:,} addresses of the protocol"
                    )
                _forget(element)
    except etree.XMLSyntaxError as error:
        raise answer.unrecognised(f"no XML: {error.msg}") from None
    if not kind:
        raise answer.unrecognised("XML without any element")
    return kind, nodes


def _inflated(answer: Answer) -> bytes:
    """The body, unpacked where it is a file sitemap.xml.gz."""
    if not answer.body.startswith(_GZIP):
        return answer.body
    try:
        return decode(answer.body, ["gzip"], MAX_INFLATED)
    except (Damaged, zlib.error):
        raise answer.unrecognised("gzip data that is damaged, or too long") from None


def _node(element: Element) -> _Node:
    """The first text of each wanted name. What belongs to pictures and videos of the page has other parents."""
    node = _Node()
    for child in element.iter("*"):
        name, parent = local(child), child.getparent()
        inside = parent is element or (parent is not None and local(parent) == "news")
        if name in _WANTED and inside and (text := clean(child.text or "")):
            node.texts.setdefault(name, text)
    return node


def _forget(element: Element) -> None:
    """Free an element that was read, and those before it: the tree of a stream grows otherwise."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _line(node: _Node) -> Line | None:
    address = node.texts.get("loc")
    time = node.texts.get("publication_date") or node.texts.get("lastmod")
    return None if not address else Line(address, node.texts.get("title", ""), (time,) if time else ())


def _newest_first(lines: list[Line], reading: Reading) -> list[Line]:
    """Sitemaps have no order of their own: by time, and those without one behind."""
    earliest = datetime.min.replace(tzinfo=UTC)

    def when(line: Line) -> datetime:
        found = parse_instant(line.times[0], reading.place) if line.times else None
        return earliest if found is None else found.at

    return sorted(lines, key=when, reverse=True)


def _places(rules: ListingRules, nodes: list[_Node], answer: Answer) -> tuple[str, ...]:
    """The sitemaps of an index, newest first: by the date in their address, else by their last change, else as told.

    One on a host that this listing does not name is left out: nothing there is ever fetched.
    """
    own: dict[str, tuple[str, str]] = {}
    foreign = 0
    for node in nodes:
        address = node.texts.get("loc", "")
        try:
            url = named_by(rules, answer.edition, address)
        except ArgumentError:
            foreign += 1
            continue
        own.setdefault(url, (_dated(url), node.texts.get("lastmod", "")))
    if not own:
        what = f"all {foreign} sitemaps of the index are on other hosts" if foreign else "an index without sitemaps"
        raise answer.unrecognised(what)
    return tuple(_sorted(own))


def _sorted(own: dict[str, tuple[str, str]]) -> Iterator[str]:
    if all(dated for dated, _ in own.values()):
        yield from sorted(own, key=lambda url: own[url][0], reverse=True)
    elif all(changed for _, changed in own.values()):
        yield from sorted(own, key=lambda url: own[url][1], reverse=True)
    else:
        yield from own


def _dated(url: str) -> str:
    found = _MONTH.findall(url)
    return "-".join(part or "00" for part in found[-1]) if found else ""
