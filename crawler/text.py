"""HTML fragment -> clean paragraphs.

What a reader sees as blocks become paragraphs, what a reader sees as one line stays one: a linked or bold
word is neither glued to its neighbours nor split. Nested blocks are read once. Every walk is iterative, so
depth costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree

from crawler.document import Element, parse

# fmt: off
BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "html", "li", "main", "menu", "nav", "ol", "p", "pre",
        "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)
# fmt: on
"""Elements that begin and end a paragraph. A table's row is one: its cells stay together on a line."""

# fmt: off
UNSEEN: Final = frozenset(
    {
        "script", "style", "iframe", "noscript", "template", "head", "title", "textarea", "select",
        "button", "svg", "math", "object", "audio", "video", "canvas",
    }
)
# fmt: on
"""Elements whose text no reader of the article sees."""

_CELLS: Final = frozenset({"td", "th"})
_BREAK: Final = "\u2028"  # stands for <br>: a character of the same meaning, and no other white space is kept
_STRAY: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"), None) | {0xFFFE: " ", 0xFFFF: " "}
# U+FFFE: a broken no-break space, seen in texts and a slug of 2021.
_STRAYS: Final = tuple(map(chr, _STRAY))


@dataclass(frozen=True, slots=True)
class Noise:
    """What a site prints among an article's words that is none of them.

    `classes` are whole class names, `prefixes` beginnings of class names, `tags` element names beside `UNSEEN`,
    `rels` values of a link's ``rel``, `titles` beginnings of an element's ``title``.
    """

    classes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    rels: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()

    def covers(self, element: Element) -> bool:
        """Whether an element and all below it is noise."""
        tag = element.tag
        if tag in UNSEEN or tag in self.tags:
            return True
        if (names := element.get("class")) and self._names(names):
            return True
        if tag == "a" and not self.rels.isdisjoint((element.get("rel") or "").lower().split()):
            return True
        title = element.get("title")
        return bool(title and self.titles and title.strip().startswith(self.titles))

    def _names(self, names: str) -> bool:
        return any(name in self.classes or name.startswith(self.prefixes) for name in names.split())


QUIET: Final = Noise()
"""No noise but `UNSEEN`: what a fragment is read with when no site is known."""


def clean(text: str) -> str:
    r"""One line of text: white space of every kind (no-break, thin, ideographic, line breaks) collapsed to single
    spaces and stripped; soft hyphens and zero-width spaces removed.

    >>> clean("  27 \u2009June\u00a02024 ")
    '27 June 2024'
    """
    if not text.isascii() and any(stray in text for stray in _STRAYS):  # seven searches cost less than one translate
        text = text.translate(_STRAY)
    return " ".join(text.split())


def paragraphs(element: Element, noise: Noise = QUIET) -> tuple[str, ...]:
    r"""The clean paragraphs of an element, in reading order, none empty.

    Blocks separate. Two ``<br>`` separate, a single one is a line break within the paragraph (``\n``, the only white
    space beside single spaces): agencies print verses and lists so. The text that follows the element is not its own.
    """
    return tuple(_paragraphs(element, noise))


def paragraphs_of(fragment: str) -> tuple[str, ...]:
    """The clean paragraphs of an HTML fragment.

    >>> paragraphs_of("Rain<div>in <b>Br</b>est<div>and Gomel</div></div>tomorrow")
    ('Rain', 'in Brest', 'and Gomel', 'tomorrow')
    """
    root = parse(fragment)
    return () if root is None else paragraphs(root)


def line(element: Element, noise: Noise = QUIET) -> str:
    """All words of an element as one line, blocks separated by a space; empty when it has none."""
    return " ".join(part.replace("\n", " ") for part in _paragraphs(element, noise))


def _paragraphs(element: Element, noise: Noise) -> Iterator[str]:
    parts: list[str] = []
    for part in _parts(element, noise):
        if part is not None:
            parts.append(part)
        elif parts:
            yield from _lines("".join(parts))
            parts.clear()
    yield from _lines("".join(parts))


def _parts(element: Element, noise: Noise) -> Iterator[str | None]:
    """Runs of text in reading order; None where a block begins or ends."""
    walker = etree.iterwalk(element, events=("start", "end"))
    skipped: Element | None = None
    for event, node in walker:
        if event == "start":
            if skipped is None and node is not element and _is_hidden(node, noise):
                walker.skip_subtree()
                skipped = node
            elif skipped is None:
                yield from _opening(node)
        else:
            if node is not skipped:
                yield from _closing(node)
            skipped = None
            if node is not element and node.tail:
                yield node.tail


def _is_hidden(node: Element, noise: Noise) -> bool:
    return not isinstance(node.tag, str) or noise.covers(node)


def _opening(node: Element) -> Iterable[str | None]:
    if node.tag in BLOCKS:
        return (None, node.text) if node.text else (None,)
    if node.tag == "br":
        return (_BREAK,)
    return (node.text,) if node.text else ()


def _closing(node: Element) -> Iterable[str | None]:
    if node.tag in BLOCKS:
        return (None,)
    return (" ",) if node.tag in _CELLS else ()


def _lines(text: str) -> Iterator[str]:
    if _BREAK not in text:
        if whole := clean(text):
            yield whole
        return
    lines: list[str] = []
    for printed in [*text.split(_BREAK), ""]:
        if words := clean(printed):
            lines.append(words)
        elif lines:
            yield "\n".join(lines)
            lines.clear()
