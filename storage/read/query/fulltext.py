"""An expression as FTS5 is asked for it.

The index `news_search` holds texts as printed, in four columns, and in a fifth, `folded`, those of their words that are
not found as printed without their accents (storage/db/folding.py), torn from their sentences. So one word is found by
asking for it as typed and folded, wherever it stands. Where it matters in which column words stand, or next to which
other, the column `folded` can only say which articles may hold them in another spelling: `certain` asks for those that
do for certain, `possible` for these and for all that may. What lies between them is read
(storage/read/query/matches.py) and asked once more in an index of folded words alone, `folded`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, product
from math import prod
from typing import Final

from storage.db.folding import APOSTROPHES, LETTERS, fold, is_chinese
from storage.read.query.expression import Every, Near, Node, Phrase, Without
from storage.read.query.tokens import COLUMNS

_PARTED: Final = re.compile(rf"(?<=[^\W_])[{APOSTROPHES}](?=[^\W_])")
_PIECE: Final = re.compile(rf"(?:[^\W_]|[\u0300-\u036f])+(?:[{APOSTROPHES}](?:[^\W_]|[\u0300-\u036f])+)*")
_MOST_SPELLINGS: Final = 256
_PRINTED: Final = "- folded :"  # FTS5's way of saying: in any column but this


def certain(tree: Node) -> str:
    """The query for what holds the words in this or that spelling for certain; NOT takes away what may hold them.

    >>> certain(Phrase("Łódź")), certain(Phrase("ёлка", columns=("headline",)))
    ('("Łódź" OR "lodz")', '{headline} : ("ёлка" OR "елка")')
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


def columns_of(leaf: Phrase | Near) -> tuple[str, ...]:
    """The columns in which it is to stand."""
    return leaf.columns or COLUMNS


def is_loose(leaf: Phrase | Near) -> bool:
    """Whether it is one word that may stand anywhere: then `folded` is as good a place as any."""
    if isinstance(leaf, Near) or leaf.columns or leaf.first:
        return False
    return len(_PIECE.findall(leaf.text)) <= 1 and _PARTED.search(leaf.text) is None


def _certain(leaf: Phrase | Near) -> str:
    if isinstance(leaf, Phrase) and is_loose(leaf):
        folded_too = [] if leaf.text.isascii() else [_folded_word(leaf)]
        return _any([_string(leaf.text, leaf), *folded_too])
    strings = [_joined(leaf, spelling) for spelling in _spellings(leaf)]
    return f"{_scope(leaf)} {_any(dict.fromkeys(strings))}"


def _folded_word(leaf: Phrase) -> str:
    """A word folded. Chinese is in pairs in `folded` alone: in a printed text two such words are none of them."""
    string = _string(fold(leaf.text), leaf)
    return f"folded : {string}" if _is_paired(leaf.text) else string


def _possible(leaf: Phrase | Near) -> str:
    if is_loose(leaf):
        return _certain(leaf)
    words = [_Word(piece, phrase, end=end) for phrase in _phrases(leaf) for piece, end in _pieces(phrase)]
    there = " AND ".join(word.there for word in words)
    hidden = dict.fromkeys(word.hidden(all_asked=_are_all_asked(leaf)) for word in words)
    return f"({_certain(leaf)} OR ({there} AND {_any(hidden)}))"


def _in_folded(leaf: Phrase | Near) -> str:
    if isinstance(leaf, Near):
        words = " ".join(_string(fold(phrase.text), phrase) for phrase in leaf.phrases)
        return f"{_columns(leaf)} : NEAR({words}, {leaf.distance})"
    return f"{_columns(leaf)} : {'^ ' if leaf.first else ''}{_string(fold(leaf.text), leaf)}"


def _joined(leaf: Phrase | Near, spelling: tuple[str, ...]) -> str:
    """A phrase, or NEAR, in one spelling of its pieces."""
    if isinstance(leaf, Phrase):
        return f"{'^ ' if leaf.first else ''}{_string(' '.join(spelling), leaf)}"
    left = iter(spelling)
    strings = (_string(" ".join(islice(left, len(_pieces(phrase)))), phrase) for phrase in leaf.phrases)
    return f"NEAR({' '.join(strings)}, {leaf.distance})"


def _phrases(leaf: Phrase | Near) -> tuple[Phrase, ...]:
    return leaf.phrases if isinstance(leaf, Near) else (leaf,)


def _pieces(phrase: Phrase) -> list[tuple[str, bool]]:
    """The words of a phrase, each with whether it is the last."""
    pieces = _PIECE.findall(phrase.text)
    return [(piece, number == len(pieces)) for number, piece in enumerate(pieces, 1)]


def _are_all_asked(leaf: Phrase | Near) -> bool:
    """Whether there are few enough spellings of all words together to ask for each."""
    numbers = (len(_variants(piece)) for phrase in _phrases(leaf) for piece, _ in _pieces(phrase))
    return prod(numbers) <= _MOST_SPELLINGS


def _spellings(leaf: Phrase | Near) -> Iterator[tuple[str, ...]]:
    """The ways in which the words are asked for as they may be printed, a string a word."""
    pieces = [piece for phrase in _phrases(leaf) for piece, _ in _pieces(phrase)]
    if _are_all_asked(leaf):
        yield from product(*map(_variants, pieces))
    else:
        yield tuple(pieces)
        yield tuple(_variants(piece)[-1] for piece in pieces)


def _variants(piece: str) -> list[str]:
    """A word as it may be printed: as typed, with each apostrophe that is a letter to the index, with е for ё or one ё
    for an е (hardly a Russian word has two), and folded.
    """
    printed = [piece]
    if _PARTED.search(piece):
        for letter in LETTERS:
            printed += [_PARTED.sub(letter, piece), letter.join(fold(part) for part in _PARTED.split(piece))]
    plain = piece.lower().replace("ё", "е")
    if "е" in plain:
        printed += [plain, *(f"{plain[:at]}ё{plain[at + 1 :]}" for at, one in enumerate(plain) if one == "е")]
    if not piece.isascii() and not _is_paired(piece):
        printed.append(fold(piece))
    return list(dict.fromkeys(printed))


class _Word:
    """A word of a phrase, to find the articles that may hold it in a spelling that is not asked for.

    Its `parts` (an apostrophe parts it, and so does Chinese) are what `folded` holds.
    """

    def __init__(self, piece: str, phrase: Phrase, *, end: bool) -> None:
        self._piece = piece
        self._last = Phrase("", phrase.prefix and end)
        parts = [fold(part) for part in _PARTED.split(piece)]
        self._parts = [*(_string(part, Phrase("")) for part in parts[:-1]), _string(parts[-1], self._last)]

    @property
    def there(self) -> str:
        """The condition that an article holds it, in whatever spelling and place."""
        parts = " AND ".join(self._parts)
        return _any([f"({parts})", *self._as_letters()])

    def hidden(self, *, all_asked: bool) -> str:
        """The condition that it may stand there as it is not printed in any spelling that is asked for.

        Who types an accent means the word that has it, and most texts print it so: those hold no other spelling.
        """
        hidden = _any([f"(folded : {part})" for part in self._parts])
        if not all_asked or self._piece.isascii() or fold(self._piece) == self._piece.lower() or len(self._parts) > 1:
            return hidden
        printed = _any([_string(one, self._last) for one in _variants(self._piece)])
        return hidden if _is_paired(self._piece) else f"({hidden} NOT {_PRINTED} {printed})"

    def _as_letters(self) -> Iterator[str]:
        """Its spellings with an apostrophe that is a letter to the index."""
        letters = (one for one in _variants(self._piece) if any(mark in LETTERS for mark in one))
        return (_string(one, self._last) for one in letters)


def _is_paired(text: str) -> bool:
    """Whether it holds Chinese in pairs, which side by side in a printed text are two words and no longer one."""
    return any(len(part) > 1 and is_chinese(part) for part in fold(text).split())


def _scope(leaf: Phrase | Near) -> str:
    return f"{_columns(leaf)} :" if leaf.columns else _PRINTED


def _columns(leaf: Phrase | Near) -> str:
    return f"{{{' '.join(columns_of(leaf))}}}"


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
