"""What every field of an article is read from: the page and its skeleton, and how rules are tried in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias, TypeVar

from crawler.html.boilerplate import QUIET, Boilerplate
from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import clean, line
from crawler.records import FAILED, NOT_ON_PAGE, Edition

Value = TypeVar("Value")

_MAX_HEADINGS: Final = 50  # a page has one or two; a hostile one thousands


@dataclass(frozen=True, slots=True)
class Furniture:
    """What a site prints next to its stories.

    `boilerplate`: what is no paragraph inside a body. `beside`: class names of blocks next to a story. `containers`:
    class names of the block that holds headline and body. `picture_blocks`: class names of blocks above a body that
    hold pictures with their captions. `is_own`: whether a picture is the site's (flag, counter, promotion), by its
    element and address. `changing`: parameters of a picture's address that change with every edit of the page.
    """

    boilerplate: Boilerplate = QUIET
    beside: frozenset[str] = frozenset()
    containers: frozenset[str] = frozenset()
    picture_blocks: tuple[str, ...] = ()
    is_own: Callable[[Element, str], bool] | None = None
    changing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """An article's page as an era sees it.

    `scope` is the block around headline and body: what stands outside is furniture. `body` is None where the
    page has no block of its own for it. `ends` are the elements in it with which the story has ended.
    """

    document: Document
    edition: Edition
    site: str
    era: str
    scope: Element = field(repr=False)
    body: Element | None = field(default=None, repr=False)
    ends: frozenset[Element] = field(default=frozenset(), repr=False)
    furniture: Furniture = field(default=Furniture(), repr=False)


class Mismatch(Exception):
    """A rule found something else than it expects. Becomes a FieldError or, where a field may be absent, its source."""


Rule: TypeAlias = tuple[str, Callable[[Page], Value | None]]
Reading: TypeAlias = tuple[Value | None, str]


def first(rules: Iterable[Rule[Value]], page: Page) -> Reading[Value]:
    """The value of the first rule that gives one, and the rule's name; else None and which absence it is."""
    failure: Mismatch | None = None
    for source, rule in rules:
        try:
            value = rule(page)
        except Mismatch as mismatch:
            failure = failure or mismatch
            continue
        if value is not None:
            return value, source
    return None, f"{FAILED}{failure}" if failure else NOT_ON_PAGE


def one(elements: Sequence[Element], name: str) -> Element | None:
    """The only element, None for none. Raises Mismatch for more."""
    if len(elements) > 1:
        raise Mismatch(f"expected one {name}, found {len(elements)}")
    return elements[0] if elements else None


def inside(scope: Element, elements: Sequence[Element]) -> Sequence[Element]:
    """Of several elements those in the scope, all when none is. A single one is taken wherever it lies: the scope is
    our reading of the page, not the site's word.
    """
    if len(elements) <= 1:
        return elements
    return [element for element in elements if any(node is scope for node in element.iterancestors())] or elements


def outermost(elements: Sequence[Element]) -> list[Element]:
    """Elements that lie in no other of them."""
    if len(elements) <= 1:
        return list(elements)
    chosen = set(elements)
    return [element for element in elements if chosen.isdisjoint(element.iterancestors())]


def has_class(element: Element, names: frozenset[str]) -> bool:
    """Whether an element has one of the classes."""
    return not names.isdisjoint((element.get("class") or "").split())


def scope_of(document: Document, body: Element | None, containers: frozenset[str]) -> Element:
    """The block around headline and body: the nearest that holds both. Without a body the container of the headline,
    or else whatever the headline stands in; the root element where there is neither.
    """
    headings = document.headings[:_MAX_HEADINGS]
    if body is not None:
        around = {node for heading in headings for node in heading.iterancestors()}
        return next((node for node in (body, *body.iterancestors()) if node in around), body)
    for heading in headings:
        for node in heading.iterancestors():
            if has_class(node, containers):
                return node
    parent = headings[0].getparent() if headings else None
    return document.root if parent is None else parent


def is_whole_page(scope: Element) -> bool:
    """Whether a scope is no block of the page but all of it, furniture included."""
    return scope.tag in {"html", "body"}


def not_beside(document: Document, elements: Iterable[Element], beside: frozenset[str]) -> Iterator[Element]:
    """Those elements that do not stand in a block next to the page's own matter, by the class names of such blocks."""
    blocks: set[Element] | None = None
    for element in elements:
        if blocks is None:  # there often is nothing to ask it of
            blocks = set(document.with_class(*beside))
        if not blocks or blocks.isdisjoint((element, *element.iterancestors())):
            yield element


def words(element: Element) -> str:
    """All words of an element as one line: of a date, a label, a link."""
    return line(element) if len(element) else clean(element.text or "")


def classed(block: Element, names: frozenset[str]) -> Iterator[Element]:
    """The elements below a block that have one of the classes, in document order."""
    return (node for node in block.iterdescendants("*") if has_class(node, names))


_SHORTEST_TWICE: Final = 10  # characters: "Archivfoto". Below that a word may be its own echo (Bora Bora).


def once(text: str) -> str:
    """A text that is printed twice in a row, once. Captions (2018-25) and leads (2025) are, in nested copies.

    >>> once("Rain in Brest Rain in Brest")
    'Rain in Brest'
    """
    middle = len(text) // 2
    one_copy, other = text[:middle].rstrip(), text[middle:].lstrip()
    return one_copy if one_copy == other and len(other) >= _SHORTEST_TWICE else text
