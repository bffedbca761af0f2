"""Two wordings compared word by word: what stayed, what went, what came. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Literal, TypeAlias

from crawler.matching.appearance import as_seen
from crawler.matching.content import Fields

Kind: TypeAlias = Literal["=", "-", "+"]

BREAK: Final = "\n\n"
"""What stands between two paragraphs of a text."""

_HAN: Final = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKEN: Final = re.compile(rf"[{_HAN}]|[^\W_{_HAN}](?:[^\W_{_HAN}]|[\u0300-\u036f])*|\n\n|\s|.", re.DOTALL)
_SAYS: Final = re.compile(r"[^\W_]")

# Pairs of equal tokens that a comparison may look at: some 0.2 s. Only hostile pages (one word, a million times) have
# more; what differs between them is shown as replaced.
_PATIENCE: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text that stayed (``=``), went (``-``) or came (``+``)."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """What became of one field: its value `before` and `after`, as the archive holds it, and the two laid together.

    The pieces that stayed and went make up the text before, those that stayed and came the text after, both as readers
    see them (`crawler.matching.appearance`); of values that are no text (tags, photos) a paragraph per item.
    """

    field: str
    before: Any
    after: Any
    pieces: tuple[Piece, ...]

    @property
    def removed(self) -> str:
        """All that went."""
        return " ".join(piece.text for piece in self.pieces if piece.kind == "-")

    @property
    def added(self) -> str:
        """All that came."""
        return " ".join(piece.text for piece in self.pieces if piece.kind == "+")


def field_diffs(fields: Fields) -> tuple[FieldDiff, ...]:
    """The fields that differ (`told.differences`), each word by word.

    >>> field_diffs({"headline": ("Ferry sails", "Ferry sails late")})[0].pieces
    (Piece(kind='=', text='Ferry sails'), Piece(kind='+', text=' late'))
    """
    return tuple(
        FieldDiff(name, was, now, word_diff(_text(name, was), _text(name, now))) for name, (was, now) in fields.items()
    )


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """Two texts laid together: paragraphs first, then the words (characters of Chinese) of those that differ.

    >>> [piece.kind + piece.text for piece in word_diff("The old ferry sails.", "The new ferry sails.")]
    ['=The ', '-old', '+new', '= ferry sails.']
    """
    return tuple(_joined(_told(paragraphs(before), paragraphs(after))))


def lines(pieces: Iterable[Piece]) -> Iterator[tuple[Piece, ...]]:
    r"""The pieces of a text paragraph by paragraph, without the breaks.

    >>> list(lines([Piece("=", "One."), Piece("+", "\n\nTwo.")]))
    [(Piece(kind='=', text='One.'),), (Piece(kind='+', text='Two.'),)]
    """
    line: list[Piece] = []
    for piece in pieces:
        first, *more = piece.text.split(BREAK)
        line += [Piece(piece.kind, first)] if first else []
        for text in more:
            if line:
                yield tuple(line)
            line = [Piece(piece.kind, text)] if text else []
    if line:
        yield tuple(line)


def _text(name: str, value: Any) -> str:  # noqa: ANN401 - the value of any field
    if value is None:
        return ""
    if name == "tags":
        value = json.loads(value)
    if isinstance(value, str):
        return BREAK.join(as_seen(paragraph) for paragraph in value.split(BREAK))
    items = (item if isinstance(item, str) else " | ".join(str(part) for part in item if part) for item in value)
    return BREAK.join(items)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text; none of an empty one."""
    return text.split(BREAK) if text else []


def said(text: str) -> list[str]:
    """The words of a text (characters of Chinese), without spaces and signs."""
    return [token for token in _TOKEN.findall(text) if _SAYS.search(token)]


def _told(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    """Paragraphs are compared without the breaks between them: a last one that another follows now has not changed."""
    was = now = 0
    for same, old, new in blocks(before, after):
        yield from _break(gone=bool(old and was), come=bool(new and now))
        was, now = was + len(old), now + len(new)
        if same:
            yield Piece("=", BREAK.join(old))
        else:
            yield from words(BREAK.join(old), BREAK.join(new))


def _break(*, gone: bool, come: bool) -> Iterator[Piece]:
    """The break before a paragraph that is not the first, in one of the texts or both."""
    if gone or come:
        yield Piece("=" if gone and come else "-" if gone else "+", BREAK)


def words(before: str, after: str) -> Iterator[Piece]:
    """Words with spaces and commas between them. Where nothing else stands between two changes they are one."""
    went = came = between = ""
    for same, old, new in blocks(_TOKEN.findall(before), _TOKEN.findall(after)):
        text = "".join(old)
        if not same:
            went, came, between = went + between + text, came + between + "".join(new), ""
        elif (went or came) and not _SAYS.search(text):
            between = text
        else:
            yield from _changed(went, came)
            went = came = ""
            yield Piece("=", text)
    yield from _changed(went, came)
    if between:
        yield Piece("=", between)


def _changed(went: str, came: str) -> Iterator[Piece]:
    if went:
        yield Piece("-", went)
    if came:
        yield Piece("+", came)


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Neighbours of one kind as one; without those of an empty paragraph, which say nothing."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last is not None and last.kind == piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, Sequence[str], Sequence[str]]]:
    """By turns what both have and what they have not: (whether equal, of the old, of the new)."""
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    middle, other = old[start : len(old) - end], new[start : len(new) - end]
    if start:
        yield True, old[:start], new[:start]
    if _pairs(middle, other) > _PATIENCE:
        yield False, middle, other
    elif middle or other:
        for kind, first, last, begin, stop in SequenceMatcher(None, middle, other, autojunk=False).get_opcodes():
            yield kind == "equal", middle[first:last], other[begin:stop]
    if end:
        yield True, old[len(old) - end :], new[len(new) - end :]


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many items they begin with alike."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    counts = Counter(new)
    return sum(counts[token] for token in old)
