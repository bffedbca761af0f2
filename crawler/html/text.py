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
from itertools import islice
from typing import Final, NamedTuple

from lxml import etree

from crawler.html.boilerplate import QUIET, SENTENCE_END, UNSEEN, Boilerplate
from crawler.html.emoji import character_of
from crawler.html.markup import Element, parse
from crawler.html.visibility import is_block, is_cell, is_veiled, keeps_lines, level_of

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
_ABBREVIATION: Final = 2  # letters: 5 m., No.
_MAX_ENDING: Final = 4  # characters

_DIGITS: Final = "0123456789+-\u2212=()"
_RAISED: Final = {
    "sup": str.maketrans(_DIGITS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾"),
    "sub": str.maketrans(_DIGITS, "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎"),
}
# A degree in Russian is often a raised letter o, and Spanish ordinals are (1º, 1ª).
_LETTERS: Final = {
    "sup": dict(zip("aoоbcdefghijklmnprstuvwxyzT", "ªººᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵖʳˢᵗᵘᵛʷˣʸᶻᵀ", strict=True)),
    "sub": dict(zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)),
}
_QUOTES: Final = {  # outer and inner marks, as browsers print them; other languages have those of English
    "be": "«»„“", "de": "„“‚‘", "es": "«»“”", "pl": "„”«»", "ru": "«»„“",
}  # fmt: skip
_ENGLISH_QUOTES: Final = "“”‘’"
_ITEMS: Final = frozenset({"dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "li"})
_SPECIAL: Final = frozenset({"a", "br", "figcaption", "q", "rt", "tr", *PICTURES, *_LINED, *_RAISED, *_ITEMS})
_STOPS: Final = frozenset(".!?…")
_WITHIN_WORDS: Final = frozenset({"a", "b", "em", "font", "i", "s", "strong", "sub", "sup", "u"})


class Passage(NamedTuple):
    """A paragraph and what it stands next to.

    `pictures` are the images between it and the paragraph before, `caption` is the ``figcaption`` that it is part of,
    `item` the heading or item of a list.
    """

    text: str
    pictures: tuple[Element, ...] = ()
    caption: Element | None = None
    item: Element | None = None


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


def paragraphs(element: Element, noise: Boilerplate = QUIET) -> tuple[str, ...]:
    r"""The clean paragraphs of an element, in reading order, none empty.

    Blocks separate. Two ``<br>`` separate, a single one is a line break within the paragraph (``\n``, the only white
    space beside single spaces): agencies print verses and lists so. The text that follows the element is not its own.
    """
    return tuple(passage.text for passage in passages(element, noise))


def passages(element: Element, noise: Boilerplate = QUIET, *, parted: bool = False) -> list[Passage]:
    """The paragraphs of an element, each with what it stands next to.

    `parted`: elements side by side are words apart, even when nothing divides them, as the parts of a caption are.
    """
    if not len(element) and not element.keys() and element.tag not in _SPECIAL:  # nothing to walk through
        return _of_text(element.text or "")
    reader = _Reader(noise, parted=parted, root=element)
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


class _Style(NamedTuple):
    """What the style of an open element says, and whether words were unseen before it."""

    block: bool
    lined: bool
    cell: bool
    level: str | None
    veiled: bool


class _Reader:
    """Collects the text of elements as they begin and end."""

    def __init__(self, noise: Boilerplate, *, parted: bool, root: Element | None = None) -> None:
        self.found: list[Passage] = []
        self._noise, self._parted, self._root = noise, parted, root
        self._run: list[str] = []
        self._marked = False  # whether a picture or a link stands in the run
        self._images: deque[Element] = deque()  # of the run
        self._before: list[Element] = []  # images before the paragraph in progress, and those behind its first word
        self._behind: list[Element] = []
        self._caption: Element | None = None
        self._items: list[Element] = []  # open ones
        self._styled: dict[Element, _Style] = {}  # of open elements
        self._veiled = False
        self._rows = self._lined = self._linked = 0
        self._raised: list[str] = []
        self._quoted: list[str] = []  # closing marks
        self._touches = ""  # the tag of the element that has just ended

    def text(self, text: str) -> None:
        if self._veiled:
            return
        if not text.isascii():
            text = _MARK.sub("", text)
        if self._parted and self._touches:
            self._part(text, self._touches)
        self._touches = ""
        if self._lined and not self._rows:
            text = _BREAK.join(text.splitlines()) + (_BREAK if text.endswith("\n") else "")
        if self._raised:
            text = _raised(text, self._raised[-1])
        self._run.append(text)

    def start(self, node: Element, tag: str, *, styled: bool) -> None:
        if self._parted and self._touches and tag not in _WITHIN_WORDS:
            self._run.append(" ")
        elif self._parted and node.text:
            self._part(node.text, tag)
        self._touches = ""
        block = tag in BLOCKS
        if styled:
            block = self._start_styled(node, block=block)
        if block:
            self._break_off()
        if tag in _SPECIAL:
            self._enter(node, tag)
            if tag in _ITEMS:
                self._items.append(node)
        if text := node.text:
            self.text(text)

    def _part(self, text: str, tag: str) -> None:
        """A space where a capital begins an element, or what is behind it, right after words that had ended."""
        last = self._run[-1][-1:] if self._run else ""
        if text[:1].isupper() and (last in _STOPS or (last.islower() and tag not in _WITHIN_WORDS)):
            self._run.append(" ")

    def _start_styled(self, node: Element, *, block: bool) -> bool:
        """What a style makes of an element: whether it is a block."""
        style = _Style(is_block(node, block), keeps_lines(node), is_cell(node), level_of(node), self._veiled)
        self._styled[node] = style
        self._lined += style.lined
        if style.level:
            self._raised.append(style.level)
        veiled = None if node is self._root else is_veiled(node)
        self._veiled = self._veiled if veiled is None else veiled
        return style.block

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
            self._run.append("" if self._veiled else opening)
        elif tag == "rt":
            self._run.append("(")
        elif not self._rows and self._noise.promotes(node):
            self._mark(_LINK)

    def end(self, node: Element, tag: str) -> None:
        if tag in _SPECIAL:
            self._leave(node, tag)
        self._end(node, tag)
        if node is self._caption:
            self._caption = None
        elif self._items and node is self._items[-1]:
            self._items.pop()

    def _leave(self, node: Element, tag: str) -> None:
        if tag == "tr":
            self._rows -= _is_row(node)
        elif tag in _LINED:
            self._lined -= 1
        elif tag in _RAISED:
            self._raised.pop()
        elif tag == "q":
            closing = self._quoted.pop()
            self._run.append("" if self._veiled else closing)
        elif tag == "rt":
            self._run.append(")")
        elif not self._rows and self._noise.promotes(node):
            self._mark(_LINK_END)

    def pass_over(self, node: Element) -> None:
        """The end of an element whose words are none of the text. Its pictures are noted all the same."""
        if node.tag not in UNSEEN:
            for image in node.iter(*PICTURES):
                self._images.append(image)
                self._mark(_PICTURE)
        self._end(node, node.tag)

    def _end(self, node: Element, tag: str) -> None:
        block, cell = tag in BLOCKS, tag in _CELLS
        if self._styled and node in self._styled:
            style = self._styled.pop(node)
            block, cell, self._veiled = style.block, cell or style.cell, style.veiled
            self._lined -= style.lined
            if style.level:
                self._raised.pop()
        if block:
            self._break_off()
        elif cell:
            self._run.append(" ")
        self._touches = tag

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
        item = self._items[-1] if self._items else None
        passage = Passage("\n".join(lines), tuple(self._before), self._caption, item)
        self._before, self._behind = self._behind, []
        lines.clear()
        return passage

    def _line(self, printed: str, *, begun: bool) -> str:
        """The words of one printed line of a paragraph, which has `begun` above it or not."""
        if not self._linked and not self._marked:
            return clean(printed)
        words: list[tuple[str, bool]] = []  # with whether they are a link's that may be a promotion
        behind = begun
        for piece in _MARK.split(printed):
            if piece == _PICTURE:
                self._place_image(behind=behind)
            elif piece in {_LINK, _LINK_END}:
                self._linked += 1 if piece == _LINK else -1
            else:
                words.append((piece, self._linked > 0))
                behind = behind or bool(piece.strip())
        return clean("".join(_without_promotion(words, begun=begun)))

    def _place_image(self, *, behind: bool) -> None:
        if self._images:
            (self._behind if behind else self._before).append(self._images.popleft())


def _without_promotion(words: list[tuple[str, bool]], *, begun: bool) -> list[str]:
    """The text of a line without links at its end that are no part of a sentence: nothing stands before them, or a
    sentence that has ended, and they are none themselves, nor go on with one. Other linked words are words of
    the story.
    """
    texts = [text for text, _ in words]
    end = len(words)
    while end and (words[end - 1][1] or not _SAYS_MORE.search(texts[end - 1])):
        end -= 1
    before, promotion = "".join(texts[:end]).rstrip(), "".join(texts[end:]).rstrip()
    ended = not before or SENTENCE_END.search(before[-_MAX_ENDING:])
    goes_on = _goes_on(before, promotion) if before or begun else False
    return texts[:end] if ended and not goes_on and not SENTENCE_END.search(promotion[-_MAX_ENDING:]) else texts


def _goes_on(before: str, promotion: str) -> bool:
    """Whether linked words go on with a sentence: in small letters behind a line's end, or behind an abbreviation."""
    last = before.rpartition(" ")[2].strip(".")
    return len(last) <= _ABBREVIATION and promotion.lstrip("\"'“„«(— ")[:1].islower()


def _is_row(row: Element) -> bool:
    """Whether a table's row has words side by side; a single cell of words is a block around what it holds."""
    return sum(1 for _ in islice(filter(_has_words, row.iterchildren(*_CELLS)), 2)) > 1


def _has_words(cell: Element) -> bool:
    return any(not text.isspace() for text in cell.itertext())


def _raised(text: str, tag: str) -> str:
    """Raised or lowered figures, and a letter that stands alone, as the characters for them. Other text stays as it is
    (1st).
    """
    if len(letter := text.strip()) == 1 and letter in _LETTERS[tag]:
        return _LETTERS[tag][letter]
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


def line(element: Element, noise: Boilerplate = QUIET, *, parted: bool = False) -> str:
    """All words of an element as one line, blocks separated by a space; empty when it has none. `parted` as for
    `passages`.
    """
    found = passages(element, noise, parted=parted)
    return " ".join(passage.text for passage in found).replace("\n", " ")
