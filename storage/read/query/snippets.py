"""Where in a text the words of a query stand, and the passage of it that shows most of them.

Words are compared folded (storage/db/folding.py), as the index does: ``lodz`` marks "Łódź". SQLite's own `snippet()`
sees only the words as printed, and a PostgreSQL archive has none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from storage.db.folding import fold, is_chinese
from storage.read.query.expression import Node, Phrase, looked_for

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\u3005\u3007\U00020000-\U0003ffff"
_CHINESE = re.compile(f"[{_HAN}]")
_WORD = re.compile(rf"([{_HAN}]+|[^\W_{_HAN}]+)")
_BREAKS = re.compile(r"\s*\n\s*")

_Word = tuple[str, int, int]  # folded, start, end

LENGTH = 220  # characters of a passage, about 35 words
LEAD_IN = 60  # of them before the first word found


@dataclass(frozen=True, slots=True)
class Marked:
    """Text with the words found: `hits` are (start, end) offsets in characters of `text`, in order, not overlapping."""

    text: str
    hits: tuple[tuple[int, int], ...] = ()

    def pieces(self) -> Iterator[tuple[str, bool]]:
        """The text cut at its hits: (piece, whether it is a hit). Joined they are the text.

        >>> list(Marked("The harvest begins", ((4, 11),)).pieces())
        [('The ', False), ('harvest', True), (' begins', False)]
        """
        at = 0
        for start, end in self.hits:
            yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        yield self.text[at:], False


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase of a query: its folded `words`; `prefix` when the last of them may go on."""

    words: tuple[str, ...]
    prefix: bool = False


def terms(tree: Node) -> tuple[Term, ...]:
    """The words and phrases that an expression looks for. What an article must lack is not among them.

    >>> terms(Phrase("Great Stone")), terms(Phrase("pol", prefix=True))
    ((Term(words=('great', 'stone'), prefix=False),), (Term(words=('pol',), prefix=True),))
    """
    return tuple(map(term_of, looked_for(tree)))


def term_of(phrase: Phrase) -> Term:
    """A word or phrase, folded."""
    words = tuple(fold(phrase.text).split())
    return Term(words, prefix=phrase.prefix or (len(words[-1]) == 1 and is_chinese(words[-1])))


def mark(text: str, wanted: Sequence[Term]) -> Marked:
    """`text` (in Unicode's composed form) with every occurrence of the terms marked."""
    composed = unicodedata.normalize("NFC", text)
    if not wanted:
        return Marked(composed)
    words = _words(composed)
    spans = sorted(span for term in wanted for span in _occurrences(term, words))
    return Marked(composed, tuple(_merged(spans)))


def excerpt(texts: Iterable[str | None], wanted: Sequence[Term], length: int = LENGTH) -> Marked:
    """One line of about `length` characters from the first of `texts` that holds a term, else from the first at all.

    It begins at a word, a little before the place where most hits are close together; "…" stands for what is left out.
    """
    fallback = None
    for text in texts:
        if text:
            marked = mark(_BREAKS.sub(" ", text).strip(), wanted)
            if marked.hits:
                return _cut(marked, length)
            fallback = fallback or marked
    return _cut(fallback or Marked(""), length)


def _cut(marked: Marked, length: int) -> Marked:
    text = marked.text
    if len(text) <= length:
        return marked
    start = _begin(text, _densest(marked.hits, length - LEAD_IN) - LEAD_IN)
    end = _end(text, start + length)
    before, after = "…" if start else "", "…" if end < len(text) else ""
    shift = len(before) - start
    hits = tuple((first + shift, last + shift) for first, last in marked.hits if start <= first and last <= end)
    return Marked(before + text[start:end] + after, hits)


def _densest(hits: Sequence[tuple[int, int]], room: int) -> int:
    """Start of the hit from which most hits lie within `room` characters; the first of equals; 0 without hits."""
    best, best_count, after = 0, 0, 0
    for number, (start, _) in enumerate(hits):
        while after < len(hits) and hits[after][1] <= start + room:
            after += 1
        if after - number > best_count:
            best, best_count = start, after - number
    return best


def _begin(text: str, start: int) -> int:
    if start <= 0:
        return 0
    space = text.find(" ", start, start + LEAD_IN)
    return start if space < 0 else space + 1  # Chinese has no spaces: cut anywhere


def _end(text: str, end: int) -> int:
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", end - LEAD_IN, end)
    return end if space < 0 else space


def _words(text: str) -> list[_Word]:
    """The words of a composed text with their places; Chinese as overlapping pairs, like the index has them."""
    parts = _WORD.split(text)  # by turns what is between words, and a word
    ends = list(accumulate(map(len, parts)))
    words = zip(map(_folded, parts[1::2]), ends[0::2], ends[1::2], strict=False)
    if _CHINESE.search(text) is None:
        return list(words)
    return [pair for word in words for pair in _pairs(word)]


def _pairs(word: _Word) -> Iterator[_Word]:
    folded, start, end = word
    if _CHINESE.match(folded) is None:
        yield word
        return
    for at, pair in enumerate(folded.split(), start):
        yield pair, at, min(at + 2, end)


_folded = lru_cache(maxsize=20_000)(fold)


def _occurrences(term: Term, words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    first, last = term.words[0], len(term.words) - 1
    for at, (word, start, _) in enumerate(words):
        if word == first or (last == 0 and term.prefix and word.startswith(first)):
            found = words[at : at + last + 1]
            if last == 0 or _follows(term, [one for one, _, _ in found]):
                yield start, _end_of(found[-1], term.words[-1])


def _follows(term: Term, found: Sequence[str]) -> bool:
    if len(found) < len(term.words) or list(term.words[:-1]) != list(found[:-1]):
        return False
    return found[-1] == term.words[-1] or (term.prefix and found[-1].startswith(term.words[-1]))


def _end_of(word: _Word, wanted: str) -> int:
    """End of a hit: of the word; of a pair of Chinese characters only as much as was asked for."""
    _, start, end = word
    return min(end, start + len(wanted)) if _CHINESE.match(wanted) else end


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    current: tuple[int, int] | None = None
    for start, end in spans:
        if current is not None and start < current[1]:
            current = current[0], max(current[1], end)
            continue
        if current is not None:
            yield current
        current = start, end
    if current is not None:
        yield current
