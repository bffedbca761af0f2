"""An expression as FTS5 is asked for it.

The index `news_search` holds texts as printed, in four columns, and in a fifth, `folded`, those of their words that are
not found as printed without their accents (storage/fold.py), torn from their sentences. So one word is found by asking
for it as typed and folded, wherever it stands. Where it matters in which column words stand, or next to which other,
the column `folded` can only say which articles may hold them in another spelling: `certain` asks for those that do
for certain, `possible` for these and for all that may. What lies between them is read (finding/doubt.py) and asked
once more in an index of folded words alone, `folded`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from storage.finding.expression import Every, Near, Node, Phrase, Without
from storage.finding.tokens import COLUMNS
from storage.fold import APOSTROPHES, LETTERS, fold, is_chinese

_PARTED: Final = re.compile(rf"(?<=[^\W_])[{APOSTROPHES}](?=[^\W_])")
_PIECE: Final = re.compile(rf"(?:[^\W_]|[\u0300-\u036f])+(?:[{APOSTROPHES}](?:[^\W_]|[\u0300-\u036f])+)*")
_PRINTED: Final = "- folded :"  # FTS5's way of saying: in any column but this


def certain(tree: Node) -> str:
    """The query for what holds the words in this or that spelling for certain; NOT takes away what may hold them.

    >>> certain(parse("Łódź").tree)
    '("Łódź" OR "lodz")'
    """
    return _compiled(tree, _certain, possible)


def possible(tree: Node) -> str:
    """The query for what may hold the words; what does not is certainly not meant."""
    return _compiled(tree, _possible, certain)


def folded(tree: Node) -> str:
    """The query for an index of `fold.all_folded` texts, in the columns headline, lead, body and captions."""
    return _compiled(tree, _in_folded, folded)


def in_doubt(tree: Node) -> bool:
    """Whether there may be articles of which only reading says whether they are meant."""
    return certain(tree) != possible(tree)


def _compiled(tree: Node, leaf: Callable[[Phrase | Near], str], taken_away: Callable[[Node], str]) -> str:
    if isinstance(tree, Phrase | Near):
        return leaf(tree)
    if isinstance(tree, Without):
        return f"({_compiled(tree.wanted, leaf, taken_away)} NOT {taken_away(tree.unwanted)})"
    parts = (_compiled(part, leaf, taken_away) for part in tree.parts)
    return f"({(' AND ' if isinstance(tree, Every) else ' OR ').join(parts)})"


def _certain(leaf: Phrase | Near) -> str:
    if isinstance(leaf, Near):
        near = dict.fromkeys(
            f"NEAR({' '.join(_string(text, phrase) for text, phrase in zip(spelling, leaf.phrases, strict=True))}, "
            f"{leaf.distance})"
            for spelling in zip(*map(_typed_and_folded, leaf.phrases), strict=True)
        )
        return f"{_scope(leaf)} {_any(near)}"
    strings = dict.fromkeys(("^ " if leaf.first else "") + _string(text, leaf) for text in _spellings(leaf.text))
    if not _is_loose(leaf):
        return f"{_scope(leaf)} {_any(strings)}"
    paired = [_hidden(_string(fold(leaf.text), leaf))] if _is_paired(leaf.text) else []
    return _any([*strings, *paired])


def _possible(leaf: Phrase | Near) -> str:
    if _is_loose(leaf):
        return _certain(leaf)
    phrases = leaf.phrases if isinstance(leaf, Near) else (leaf,)
    words = [word for phrase in phrases for word in _words(phrase)]
    there = " AND ".join(_any([*word.whole, f"({' AND '.join(word.parts)})"]) for word in words)
    hidden = dict.fromkeys(string for word in words for string in (*word.whole, *map(_hidden, word.parts)))
    return f"({_certain(leaf)} OR ({there} AND {_any(hidden)}))"


def _in_folded(leaf: Phrase | Near) -> str:
    if isinstance(leaf, Near):
        words = " ".join(_string(fold(phrase.text), phrase) for phrase in leaf.phrases)
        return f"{_columns(leaf)} : NEAR({words}, {leaf.distance})"
    return f"{_columns(leaf)} : {'^ ' if leaf.first else ''}{_string(fold(leaf.text), leaf)}"


def _is_loose(leaf: Phrase | Near) -> bool:
    """Whether it is one word that may stand anywhere: then `folded` is as good a place as any."""
    if isinstance(leaf, Near) or leaf.columns or leaf.first:
        return False
    return len(_PIECE.findall(leaf.text)) <= 1 and _PARTED.search(leaf.text) is None


def _scope(leaf: Phrase | Near) -> str:
    return f"{_columns(leaf)} :" if leaf.columns else _PRINTED


def _columns(leaf: Phrase | Near) -> str:
    return f"{{{' '.join(leaf.columns or COLUMNS)}}}"


def _spellings(text: str) -> Iterator[str]:
    """A phrase as the index may hold it: as typed and folded, and with an apostrophe that is a letter to the index."""
    yield text
    if _PARTED.search(text):
        for letter in LETTERS:
            joined = _PARTED.sub(letter, text)
            yield joined
            yield _PARTED.sub(letter, " ".join(_folded_around(joined)))
    if not text.isascii() and not _is_paired(text):
        yield fold(text)


def _is_paired(text: str) -> bool:
    """Whether it holds Chinese in pairs, which side by side in a printed text are two words and no longer one."""
    return any(len(part) > 1 and is_chinese(part) for part in fold(text).split())


def _typed_and_folded(phrase: Phrase) -> tuple[str, str]:
    return phrase.text, phrase.text if _is_paired(phrase.text) else fold(phrase.text)


def _folded_around(text: str) -> Iterator[str]:
    """The words of a phrase folded but for their apostrophes, as archives hold them that were written before these
    were folded too.
    """
    for piece in _PIECE.findall(text):
        mark = next((letter for letter in piece if letter in LETTERS), "'")
        yield mark.join(fold(part) for part in _PARTED.split(piece))


class _Word:
    """A word of a phrase: the strings of its `parts` (an apostrophe parts it, and so does Chinese), folded, and of the
    `whole` of it as some texts are printed.
    """

    def __init__(self, piece: str, phrase: Phrase, *, last: bool) -> None:
        prefix = Phrase("", phrase.prefix and last)
        parts = [fold(part) for part in _PARTED.split(piece)]
        self.parts = [_string(part, prefix if part is parts[-1] else Phrase("")) for part in parts]
        self.whole = [_string(one, prefix) for one in _spellings(piece) if any(mark in LETTERS for mark in one)]


def _words(phrase: Phrase) -> Iterator[_Word]:
    pieces = _PIECE.findall(phrase.text)
    for number, piece in enumerate(pieces, 1):
        yield _Word(piece, phrase, last=number == len(pieces))


def _hidden(string: str) -> str:
    return f"folded : {string}"


def _any(strings: Iterable[str]) -> str:
    """At least one of these; brackets where there are more."""
    all_of_them = list(strings)
    return all_of_them[0] if len(all_of_them) == 1 else f"({' OR '.join(all_of_them)})"


def _string(text: str, phrase: Phrase) -> str:
    quoted = '"' + text.replace('"', '""') + '"'
    return quoted + ("*" if phrase.prefix else _open_end(text))


def _open_end(text: str) -> str:
    """Chinese is indexed as pairs of characters: the single one that ends a phrase may be followed by others."""
    last = text.rpartition(" ")[2]
    return "*" if len(last) == 1 and is_chinese(last) else ""
