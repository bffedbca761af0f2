"""Microdata of a page: items (``itemscope``) with their properties (``itemprop``), each property with its element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

from crawler.html.markup import Element
from crawler.html.text import line

MAX_PROPERTIES: Final = 3000

Properties: TypeAlias = Mapping[str, Sequence[Element]]

_ADDRESSED: Final = {
    "a": "href", "area": "href", "audio": "src", "embed": "src", "iframe": "src", "img": "src", "link": "href",
    "object": "data", "source": "src", "track": "src", "video": "src",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One item: the element with its ``itemscope``, its `types` without vocabulary, its own properties."""

    element: Element = field(repr=False)
    types: frozenset[str]
    properties: Properties = field(repr=False)

    def first(self, *names: str) -> Element | None:
        """The first element of the first of the properties that the item has."""
        return next((found[0] for name in names if (found := self.properties.get(name))), None)


@dataclass(frozen=True, slots=True, eq=False)
class Microdata:
    """The items of a page in its order, and the properties that stand in no item at all."""

    items: Sequence[Item] = ()
    loose: Properties = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, root: Element) -> Microdata:
        """Everything that is marked on a page, of very much the first `MAX_PROPERTIES`."""
        owned: dict[Element, dict[str, list[Element]]] = {}
        loose: dict[str, list[Element]] = {}
        for element in islice(root.iterfind(".//*[@itemprop]"), MAX_PROPERTIES):
            owner = next((node for node in element.iterancestors() if node.get("itemscope") is not None), None)
            properties = loose if owner is None else owned.setdefault(owner, {})
            for name in (element.get("itemprop") or "").split():
                properties.setdefault(name, []).append(element)
        return cls(tuple(Item(owner, _types(owner), found) for owner, found in owned.items()), loose)


def value_of(element: Element) -> str:
    """The value of a property: what its markup gives (``content``, ``datetime``, an address), else its words."""
    for name in ("content", "datetime", _ADDRESSED.get(element.tag, "")):
        if name and (value := (element.get(name) or "").strip()):
            return value
    return "" if element.tag in {"meta", "link", "img"} else line(element)


def name_of(element: Element) -> str:
    """The same of a property that may be an item of its own, such as an author: its ``name``."""
    if element.get("itemscope") is not None:
        names = islice(element.iterfind(".//*[@itemprop='name']"), 1)
        return next((value_of(name) for name in names), "")
    return line(element) if element.tag == "a" else value_of(element)


def _types(element: Element) -> frozenset[str]:
    return frozenset(name.rstrip("/").rpartition("/")[2] for name in (element.get("itemtype") or "").split())
