"""What people type into a search box, made ready for FTS5: accents folded, or taken as plain words.

The index holds text as printed (case and the accents of Latin letters fold by themselves) and, in its column
`folded`, the words that this would miss (storage/fold.py). So a word with a ё or an ł is asked for twice: as
typed, and folded. Everything else of the query is FTS5's own language, and FTS5 judges it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from string import punctuation

from storage.fold import fold, folded_words

_OPERATORS = {"AND", "OR", "NOT"}
_STRING = re.compile(r'"(?:[^"]|"")*"')
_TOKEN = re.compile(
    r'(?P<phrase>"(?:[^"]|"")*"|[0-9A-Za-z_\u0080-\U0010ffff]+)'  # a string, or what FTS5 takes for a bareword
    r"\s*(?P<star>\*?)|\S"
)
# A column filter, NEAR(...), ^ or + binds a phrase to one column, where its folded form does not stand.
_BOUND = re.compile(r"[:^+{}]|\bNEAR\s*\(")
_LOOSE = re.compile(r'"[^"]+"\*?|[^\s"]+')
_LETTER = re.compile(r"[^\W_]")
_CHINESE = re.compile("[\u3400-\u9fff]")


def prepared(query: str) -> str:
    """The query with every word or phrase that needs it asked for in its folded form too.

    >>> prepared("harvest Łódź")
    '(harvest AND ("Łódź" OR "lodz"))'
    >>> prepared('wheat OR "great stone"')
    'wheat OR "great stone"'
    """
    if not _hidden(query) or _BOUND.search(_STRING.sub('""', query)):
        return query
    return " ".join(_rewritten(query))


def plain_words(query: str) -> str:
    """The words (and whole quotations) of a query as a query that FTS5 always understands; empty when it has none.

    >>> plain_words('covid-19 in "Great Stone" (2022')
    '"covid-19" "in" "Great Stone" "2022"'
    """
    loose = (match.group() for match in _LOOSE.finditer(query))
    return " ".join(_plain(word) for word in loose if word not in _OPERATORS and _LETTER.search(word))


def _plain(word: str) -> str:
    return _quoted(word.strip(punctuation)) + ("*" if word.endswith("*") else "")


def _rewritten(query: str) -> Iterator[str]:
    """Tokens of the query. Phrases side by side mean AND to FTS5, but not beside the brackets that folding needs."""
    run: list[str] = []
    for match in _TOKEN.finditer(query):
        phrase = match["phrase"]
        if phrase is None or phrase in _OPERATORS:
            yield from _joined(run)
            run = []
            yield match.group().strip()
        else:
            run.append(_both(phrase, match["star"]))
    yield from _joined(run)


def _joined(run: list[str]) -> Iterator[str]:
    if len(run) > 1 and any(phrase.startswith("(") for phrase in run):
        yield f"({' AND '.join(run)})"
    else:
        yield from run


def _both(phrase: str, star: str) -> str:
    """A phrase as typed, or where that needs folding, as typed or folded."""
    text = phrase[1:-1].replace('""', '"') if phrase.startswith('"') else phrase
    if not _hidden(text):
        return phrase + star
    folded = fold(text)
    return f"({_quoted(text)}{star} OR {_quoted(folded)}{star or _open_end(folded)})"


def _hidden(text: str) -> bool:
    """Whether some word of `text` may stand in the index only in its folded form."""
    return not text.isascii() and bool(folded_words(text) or _CHINESE.search(text))


def _open_end(folded: str) -> str:
    """Chinese is indexed as pairs of characters: the single one that ends a run may be followed by others."""
    last = folded.rpartition(" ")[2]
    return "*" if len(last) == 1 and unicodedata.category(last) == "Lo" else ""


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
