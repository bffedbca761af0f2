"""What stands around the entries of an HTML listing, so that a page without entries is known again.

A quiet day has the listing's heading and menus and says "no news"; a page that asks whether we are a robot has not. And
a listing in new dress has its menus and links to articles all over: that is no quiet day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from crawler.html.markup import Element
from crawler.html.text import clean

_MOST_LOOKED_AT: Final = 5000  # elements of a page
_MOST_MARKS: Final = 40
_LANDMARKS: Final = frozenset({"header", "footer", "nav", "main", "aside", "h1"})
_BESIDE: Final = frozenset({"header", "footer", "nav", "aside"})
_WHOLE: Final = frozenset({"html", "body"})
_VOLATILE: Final = re.compile(r"\d{3}")  # post-15230, item-2026-03-05: of one entry or one day
_SHARE: Final = 0.6
_FEW: Final = 3
_SHORTEST_TITLE: Final = 4  # characters


def frame_of(root: Element, entries: Sequence[Element]) -> str:
    """The frame of a page with entries: the block that holds them, and the marks of the page around it."""
    container = _container(entries)
    inside = set() if container is None else set(islice(container.iter("*"), _MOST_LOOKED_AT))
    around = (node for node in islice(root.iter("*"), _MOST_LOOKED_AT) if node not in inside)
    marks = list(dict.fromkeys(_marks(root, around)))[:_MOST_MARKS]
    return json.dumps([_signature(container) if container is not None else "", marks], ensure_ascii=False)


def shows(root: Element, frame: str, leads_to_article: Callable[[Element], bool]) -> bool:
    """Whether a page without entries has the frame, and nothing in the place of the entries."""
    name, marks = _read(frame)
    nodes = list(islice(root.iter("*"), _MOST_LOOKED_AT))
    blocks = [node for node in nodes if name and _signature(node) == name]
    if blocks:
        return not any(map(leads_to_article, (link for block in blocks for link in block.iter("a"))))
    known = set(marks)
    there = known & set(_marks(root, nodes))
    if len(there) < (len(known) if len(known) < _FEW else _SHARE * len(known)) or not there:
        return False
    return not any(leads_to_article(link) for link in root.iter("a") if not _is_beside(link, known))


def _read(frame: str) -> tuple[str, list[str]]:
    try:
        name, marks = json.loads(frame)
    except ValueError:  # of another kind of listing
        return "", []
    return name, marks


def _container(entries: Sequence[Element]) -> Element | None:
    """The nearest block around all entries that can be told from others; None where that is the page itself."""
    if not entries:
        return None
    common = list(entries[0].iterancestors())
    for entry in entries[1:]:
        around = set(entry.iterancestors())
        common = [node for node in common if node in around]
    return next((node for node in common if node.tag not in _WHOLE and _names(node)), None)


def _marks(root: Element, nodes: Iterable[Element]) -> Iterator[str]:
    title = next((clean(node.text or "") for node in root.iter("title")), "")
    words = re.split(r"\d", title, maxsplit=1)[0].strip()
    if len(words) >= _SHORTEST_TITLE:
        yield f"title {words}"
    for node in nodes:
        if node.tag not in _WHOLE and (node.tag in _LANDMARKS or _names(node)):
            yield _signature(node)


def _signature(node: Element) -> str:
    return " ".join([str(node.tag), *_names(node)])


def _names(node: Element) -> list[str]:
    """Id and classes of an element that are not of one entry or one day."""
    names = [f"#{node.get('id')}"] if node.get("id") else []
    names += sorted(f".{name}" for name in (node.get("class") or "").split())
    return [name for name in names if not _VOLATILE.search(name)]


def _is_beside(link: Element, marks: set[str]) -> bool:
    """Whether a link stands in a menu, or in a block that the page has next to its entries as well."""
    return any(
        node.tag in _BESIDE or (node.tag not in _WHOLE and _names(node) and _signature(node) in marks)
        for node in link.iterancestors()
    )
