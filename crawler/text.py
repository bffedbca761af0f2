"""HTML fragment -> clean paragraphs, as a browser shows them.

What a reader sees as blocks become paragraphs, what a reader sees as one line stays one: a linked or bold
word is neither glued to its neighbours nor split. Nested blocks are read once. Meaning that stands in an element
and not in a character (quotation marks, raised figures, the lines of a table) is written out. Every walk is iterative,
so depth costs nothing.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from lxml import etree

from crawler.emoji import character_of
from crawler.markup import Element, parse
from crawler.visibility import is_block, is_hidden, keeps_lines

# fmt: off
BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
        "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "menu", "nav", "ol",
        "p", "pre", "search", "section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul",
    }
)
# fmt: on
"""Elements that begin and end a paragraph. A table's row is one: its cells stay together on a line."""

# fmt: off
UNSEEN: Final = frozenset(
    {
        "script", "style", "iframe", "noscript", "template", "head", "title", "textarea", "select", "datalist",
        "button", "svg", "math", "object", "audio", "video", "canvas", "noembed", "noframes", "meter", "progress", "rp",
    }
)
# fmt: on
"""Elements whose text no reader of the article sees."""

PICTURES: Final = frozenset({"img", "amp-img"})

_CELLS: Final = frozenset({"td", "th"})
_LINED: Final = frozenset({"pre", "listing"})
_BREAK: Final = "\u2028"  # stands for <br>: a character of the same meaning, and no other white space is kept
# Noncharacters, which stand for what is no text: a picture, and the ends of a link that may be a promotion.
_PICTURE, _LINK, _LINK_END = "\ufdd0", "\ufdd1", "\ufdd2"
_MARK: Final = re.compile(f"([{_PICTURE}-{_LINK_END}])")
_STRAY: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"), None) | {0xFFFE: " ", 0xFFFF: " "}
# U+FFFE: a broken no-break space, seen in texts and a slug of 2021.
_SAYS_MORE: Final = re.compile(r"[^\s|/·•,;–—-]")  # than what divides links
_SENTENCE_END: Final = re.compile(r"[.!?…。！？][\"'“”’»)\]]{0,3}\Z")
_MAX_ENDING: Final = 4  # characters

_DIGITS: Final = "0123456789+-\u2212=()"
_RAISED: Final = {
    "sup": str.maketrans(_DIGITS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾"),
    "sub": str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
}
_QUOTES: Final = {  # outer and inner marks, as browsers print them; other languages have those of English
    "be": "«»„“", "de": "„“‚‘", "es": "«»“”", "pl": "„”«»", "ru": "«»„“",
}  # fmt: skip
_ENGLISH_QUOTES: Final = "“”‘’"
_SPECIAL: Final = frozenset({"a", "br", "figcaption", "q", "rt", "tr", *PICTURES, *_LINED, *_RAISED})
_WITHIN_WORDS: Final = frozenset({"a", "b", "em", "font", "i", "s", "strong", "sub", "sup", "u"})


@dataclass(frozen=True, slots=True)
class Noise:
    """What a site prints among an article's words that is none of them.

    `classes` are whole class names, `prefixes` beginnings of class names, `tags` element names beside `UNSEEN`,
    `titles` beginnings of a link's ``title``. `boxes` are element names that are noise where most of their words are
    links, `signatures` those that are noise outside of a quotation, whose author they may name. `rels` are values of a
    link's ``rel`` that make it noise where no other words stand on its line. `ends` are elements of this page that
    are left out together with the text behind them.
    """

    classes: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    tags: frozenset[str] = frozenset()
    boxes: frozenset[str] = frozenset()
    signatures: frozenset[str] = frozenset()
    rels: frozenset[str] = frozenset()
    titles: tuple[str, ...] = ()
    ends: frozenset[Element] = frozenset()
    names: frozenset[str] = field(init=False, repr=False, compare=False)  # that may be noise without any attribute

    def __post_init__(self) -> None:
        names = UNSEEN | self.tags | self.boxes | self.signatures | {"dialog"}
        object.__setattr__(self, "names", names)

    def covers(self, element: Element) -> bool:
        """Whether an element and all below it is noise, or unseen."""
        tag = element.tag
        if tag in UNSEEN or tag in self.tags or is_hidden(element):
            return True
        if names := element.get("class"):
            for name in names.split():
                if name in self.classes or name.startswith(self.prefixes):
                    return True
        if tag == "a" and self.titles:
            return (element.get("title") or "").strip().startswith(self.titles)
        if tag in self.boxes:
            return _is_list_of_links(element)
        return (tag in self.signatures and not _is_in_quotation(element)) or element in self.ends

    def promotes(self, element: Element) -> bool:
        """Whether an element is a link that is noise where it stands alone."""
        rel = element.get("rel") if self.rels and element.tag == "a" else None
        return rel is not None and not self.rels.isdisjoint(rel.lower().split())


def _is_list_of_links(box: Element) -> bool:
    """Whether a third of a box's letters and more are links: such a box leads to other stories."""
    letters = linked = 0
    for node in box.iterdescendants("*"):
        letters += _size(node.tail) + (0 if node.tag in UNSEEN else _size(node.text))
        linked += sum(map(_size, node.itertext())) if node.tag == "a" else 0
    return linked > 0 and linked * 3 >= letters + _size(box.text)


def _size(text: str | None) -> int:
    return len(text.strip()) if text else 0


def _is_in_quotation(element: Element) -> bool:
    return any(node.tag in {"blockquote", "q"} for node in islice(element.iterancestors(), 3))


QUIET: Final = Noise()
"""No noise but `UNSEEN`: what a fragment is read with when no site is known."""


class Passage(NamedTuple):
    """A paragraph and what it stands next to.

    `pictures` are the images between it and the paragraph before, `caption` is the ``figcaption`` that it is part of.
    """

    text: str
    pictures: tuple[Element, ...] = ()
    caption: Element | None = None


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
    return tuple(passage.text for passage in passages(element, noise))


def passages(element: Element, noise: Noise = QUIET, *, parted: bool = False) -> list[Passage]:
    """The paragraphs of an element, each with what it stands next to.

    `parted`: elements side by side are words apart, even when nothing divides them, as the parts of a caption are.
    """
    if not len(element) and not element.keys() and element.tag not in _SPECIAL:  # nothing to walk through
        return _of_text(element.text or "")
    reader = _Reader(noise, parted=parted)
    start, end, text = reader.start, reader.end, reader.text
    walker = etree.iterwalk(element, events=("start", "end"))
    skipped: Element | None = None
    for event, node in walker:
        tag = node.tag
        if event == "start":
            attributes = node.keys()  # most elements have none, and a name that is no noise
            if (attributes or tag in noise.names or noise.ends) and node is not element and noise.covers(node):
                skipped = node
                walker.skip_subtree()  # its end, and with it the text behind it, still comes
            else:
                start(node, tag, styled="style" in attributes)
            continue
        if node is skipped:
            reader.pass_over(node)
        else:
            end(node, tag)
        if (tail := node.tail) and node is not element and node not in noise.ends:
            text(tail)
    reader.close()
    return reader.found


def _of_text(text: str) -> list[Passage]:
    reader = _Reader(QUIET, parted=False)
    reader.text(text)
    reader.close()
    return reader.found


class _Reader:
    """Collects the text of elements as they begin and end."""

    def __init__(self, noise: Noise, *, parted: bool) -> None:
        self.found: list[Passage] = []
        self._noise, self._parted = noise, parted
        self._run: list[str] = []
        self._marked = False  # whether a picture or a link stands in the run
        self._images: deque[Element] = deque()  # of the run
        self._before: list[Element] = []  # images before the paragraph in progress, and those behind its first word
        self._behind: list[Element] = []
        self._caption: Element | None = None
        self._styled: dict[Element, tuple[bool, bool]] = {}  # open elements with a style: block, lines kept
        self._rows = self._lined = self._linked = 0
        self._raised: list[str] = []
        self._quoted: list[str] = []  # closing marks
        self._touches = False

    def text(self, text: str) -> None:
        self._touches = False
        if self._lined:
            text = _BREAK.join(text.splitlines()) + (_BREAK if text.endswith("\n") else "")
        if self._raised:
            text = _raised(text, self._raised[-1])
        self._run.append(text)

    def start(self, node: Element, tag: str, *, styled: bool) -> None:
        if self._parted and self._touches and tag not in _WITHIN_WORDS:
            self._run.append(" ")
        self._touches = False
        block = tag in BLOCKS
        if styled:
            block = is_block(node, block)
            self._styled[node] = block, keeps_lines(node)
            self._lined += keeps_lines(node)
        if block:
            self._break_off()
        if tag in _SPECIAL:
            self._enter(node, tag)
        if text := node.text:
            self.text(text)

    def _enter(self, node: Element, tag: str) -> None:
        """What an element means besides its words."""
        if tag == "br":
            self._run.append(" " if self._rows else _BREAK)
        elif tag in PICTURES:
            self._picture(node)
        elif tag == "figcaption":
            self._caption = node
        elif tag == "tr":
            self._rows += _is_row(node)
        elif tag in _LINED:
            self._lined += 1
        elif tag in _RAISED:
            self._raised.append(tag)
        elif tag == "q":
            opening, closing = tuple(_quotes(node, len(self._quoted)))
            self._quoted.append(closing)
            self._run.append(opening)
        elif tag == "rt":
            self._run.append("(")
        elif self._noise.promotes(node):
            self._mark(_LINK)

    def end(self, node: Element, tag: str) -> None:
        if tag in _SPECIAL:
            self._leave(node, tag)
        self._end(node, tag)
        if node is self._caption:
            self._caption = None

    def _leave(self, node: Element, tag: str) -> None:
        if tag == "tr":
            self._rows -= _is_row(node)
        elif tag in _LINED:
            self._lined -= 1
        elif tag in _RAISED:
            self._raised.pop()
        elif tag == "q":
            self._run.append(self._quoted.pop())
        elif tag == "rt":
            self._run.append(")")
        elif self._noise.promotes(node):
            self._mark(_LINK_END)

    def pass_over(self, node: Element) -> None:
        """The end of an element whose words are none of the text. Its pictures are noted all the same."""
        if node.tag not in UNSEEN:
            for image in node.iter(*PICTURES):
                self._images.append(image)
                self._mark(_PICTURE)
        self._end(node, node.tag)

    def _end(self, node: Element, tag: str) -> None:
        block = tag in BLOCKS
        if self._styled and node in self._styled:
            block, keeps = self._styled.pop(node)
            self._lined -= keeps
        if block:
            self._break_off()
        elif tag in _CELLS:
            self._run.append(" ")
        self._touches = True

    def close(self) -> None:
        """End a run of text: what it holds becomes paragraphs, and the next one begins empty."""
        if not self._run:
            return
        text = "".join(self._run)
        self._run.clear()
        if self._marked or self._linked or _BREAK in text:
            self.found += self._paragraphs(text)
            self._marked = False
        elif text := clean(text):
            self.found.append(self._passage([text]))

    def _break_off(self) -> None:
        if self._rows:
            self._run.append(" ")
        elif self._run:
            self.close()

    def _mark(self, mark: str) -> None:
        self._run.append(mark)
        self._marked = True

    def _picture(self, image: Element) -> None:
        character = character_of(image)
        if character is not None:
            self._run.append(character)
        else:
            self._images.append(image)
            self._mark(_PICTURE)

    def _paragraphs(self, run: str) -> Iterator[Passage]:
        """The paragraphs of one run of text: one, unless line breaks divide it."""
        lines: list[str] = []
        for printed in run.split(_BREAK):
            if words := self._line(printed, begun=bool(lines)):
                lines.append(words)
            elif lines:
                yield self._passage(lines)
        if lines:
            yield self._passage(lines)

    def _passage(self, lines: list[str]) -> Passage:
        passage = Passage("\n".join(lines), tuple(self._before), self._caption)
        self._before, self._behind = self._behind, []
        lines.clear()
        return passage

    def _line(self, printed: str, *, begun: bool) -> str:
        """The words of one printed line of a paragraph, which has `begun` above it or not."""
        if not self._linked and not self._marked:
            return clean(printed)
        words: list[tuple[str, bool]] = []  # with whether they are a link's that may be a promotion
        for piece in _MARK.split(printed):
            if piece == _PICTURE:
                self._place_image(behind=begun or any(text.strip() for text, _ in words))
            elif piece in {_LINK, _LINK_END}:
                self._linked += 1 if piece == _LINK else -1
            else:
                words.append((piece, self._linked > 0))
        return clean("".join(_without_promotion(words)))

    def _place_image(self, *, behind: bool) -> None:
        if self._images:
            (self._behind if behind else self._before).append(self._images.popleft())


def _without_promotion(words: list[tuple[str, bool]]) -> list[str]:
    """The text of a line without links at its end that are no part of a sentence: nothing stands before them, or a
    sentence that has ended, and they are none themselves. Other linked words are words of the story.
    """
    texts = [text for text, _ in words]
    end = len(words)
    while end and (words[end - 1][1] or not _SAYS_MORE.search(texts[end - 1])):
        end -= 1
    before, promotion = "".join(texts[:end]).rstrip(), "".join(texts[end:]).rstrip()
    ended = not before or _SENTENCE_END.search(before[-_MAX_ENDING:])
    return texts[:end] if ended and not _SENTENCE_END.search(promotion[-_MAX_ENDING:]) else texts


def _is_row(row: Element) -> bool:
    """Whether a table's row has cells side by side; a single cell is a block around what it holds."""
    return sum(1 for _ in islice(row.iterchildren(*_CELLS), 2)) > 1


def _raised(text: str, tag: str) -> str:
    """Raised or lowered figures as the characters for them. Other text stays as it is (1st)."""
    return text.translate(_RAISED[tag]) if any(map(str.isdigit, text)) else text


def _quotes(node: Element, depth: int) -> str:
    """The marks of a quotation within `depth` others, in the language that the page names."""
    named = (node.get("lang") for node in (node, *node.iterancestors()))
    language = next((name for name in named if name), "").partition("-")[0].lower()
    marks = _QUOTES.get(language, _ENGLISH_QUOTES)
    return marks[2:] if depth % 2 else marks[:2]


def paragraphs_of(fragment: str) -> tuple[str, ...]:
    """The clean paragraphs of an HTML fragment. Raises Excessive for an attack.

    >>> paragraphs_of("Rain<div>in <b>Br</b>est<div>and Gomel</div></div>tomorrow")
    ('Rain', 'in Brest', 'and Gomel', 'tomorrow')
    """
    root = parse(fragment.encode("utf-8", "replace"))
    return () if root is None else paragraphs(root)


def line(element: Element, noise: Noise = QUIET, *, parted: bool = False) -> str:
    """All words of an element as one line, blocks separated by a space; empty when it has none. `parted` as for
    `passages`.
    """
    found = passages(element, noise, parted=parted)
    return " ".join(passage.text for passage in found).replace("\n", " ")
