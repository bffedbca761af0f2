"""HTML fragment -> clean paragraphs.

What a reader sees as blocks become paragraphs, what a reader sees as one line stays one: a linked or bold
word is neither glued to its neighbours nor split. Nested blocks are read once. Every walk is iterative, so
depth costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from crawler.markup import Element, parse

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


@dataclass(frozen=True, slots=True)
class Noise:
    """What a site prints among an article's words that is none of them.

    `classes` are whole class names, `prefixes` beginnings of class names, `tags` element names beside `UNSEEN`,
    `rels` values of a link's ``rel``, `titles` beginnings of its ``title``.
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
        if names := element.get("class"):
            for name in names.split():
                if name in self.classes or name.startswith(self.prefixes):
                    return True
        return tag == "a" and self._covers_link(element)

    def _covers_link(self, link: Element) -> bool:
        rel, title = link.get("rel"), link.get("title")
        if rel and not self.rels.isdisjoint(rel.lower().split()):
            return True
        return bool(title and self.titles and title.strip().startswith(self.titles))


QUIET: Final = Noise()
"""No noise but `UNSEEN`: what a fragment is read with when no site is known."""


def clean(text: str) -> str:
    r"""One line of text: white space of every kind (no-break, thin, ideographic, line breaks) collapsed to single
    spaces and stripped; soft hyphens and zero-width spaces removed.

    >>> clean("  27 \u2009June\u00a02024 ")
    '27 June 2024'
    """
    if text.isprintable() and "  " not in text:  # printable: no white space but plain spaces, nothing invisible
        return text.strip(" ")
    if not text.isascii():
        text = text.translate(_STRAY)
    return " ".join(text.split())


def paragraphs(element: Element, noise: Noise = QUIET) -> tuple[str, ...]:
    r"""The clean paragraphs of an element, in reading order, none empty.

    Blocks separate. Two ``<br>`` separate, a single one is a line break within the paragraph (``\n``, the only white
    space beside single spaces): agencies print verses and lists so. The text that follows the element is not its own.
    """
    if not len(element):  # most captions and labels: nothing to walk through
        return tuple(_lines(element.text or ""))
    found: list[str] = []
    run: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        tag = node.tag
        if event == "start" and node is not element and noise.covers(node):
            walker.skip_subtree()  # its end, and with it the text behind it, still comes
        elif event == "start":
            if tag in BLOCKS:
                _close(run, found)
            run.append(_BREAK if tag == "br" else node.text or "")
        else:
            if tag in BLOCKS:
                _close(run, found)
            elif tag in _CELLS:
                run.append(" ")
            if node is not element and node.tail:
                run.append(node.tail)
    _close(run, found)
    return tuple(found)


def paragraphs_of(fragment: str) -> tuple[str, ...]:
    """The clean paragraphs of an HTML fragment. Raises Excessive for an attack.

    >>> paragraphs_of("Rain<div>in <b>Br</b>est<div>and Gomel</div></div>tomorrow")
    ('Rain', 'in Brest', 'and Gomel', 'tomorrow')
    """
    root = parse(fragment.encode("utf-8", "replace"))
    return () if root is None else paragraphs(root)


def line(element: Element, noise: Noise = QUIET) -> str:
    """All words of an element as one line, blocks separated by a space; empty when it has none."""
    return " ".join(paragraphs(element, noise)).replace("\n", " ")


def _close(run: list[str], found: list[str]) -> None:
    """End a run of text: what it holds becomes paragraphs, and the next one begins empty."""
    if run:
        found += _lines("".join(run))
        run.clear()


def _lines(text: str) -> list[str]:
    """The paragraphs of one run of text: one, unless line breaks divide it."""
    if _BREAK not in text:
        whole = clean(text)
        return [whole] if whole else []
    paragraphs: list[list[str]] = [[]]
    for printed in text.split(_BREAK):
        if words := clean(printed):
            paragraphs[-1].append(words)
        elif paragraphs[-1]:
            paragraphs.append([])
    return ["\n".join(lines) for lines in paragraphs if lines]
