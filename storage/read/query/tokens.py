"""The tokens of a query: its words and phrases, operators, brackets and columns, and what is none of these.

Signs of other query languages mean something to those who type them. Where it is not what would be searched, they are
refused with our spelling (``a | b``: write ``a OR b``). Signs that only stand around or inside of words, as in
``covid-19``, are no part of the language: such a word is searched as the phrase that it is to the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from string import punctuation
from typing import Final, Literal

from crawler.errors import ArgumentError
from storage.db.folding import APOSTROPHES

COLUMNS: Final = ("headline", "lead", "body", "captions")
"""The columns that a query can name."""

Kind = Literal["phrase", "near", "open", "close", "column", "minus", "AND", "OR", "NOT"]

_OPERATORS: Final[tuple[Literal["AND", "OR", "NOT"], ...]] = ("AND", "OR", "NOT")
_NEAR_BY_ITSELF: Final = 10  # words, as in FTS5, where no distance is given
_FARTHEST: Final = 10_000
_LONGEST_WORD: Final = 500
_SHOWN: Final = 100

_MINUSES: Final = "-‐‑−﹣－"  # U+2010, U+2011 and U+2212 look like it, and the wide ones are typed for it
_LONG_DASHES: Final = "‒–—―"
_OPENING: Final = '"“”„‟«»＂'
_UNSTORABLE: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_LETTER: Final = re.compile(r"[^\W_]")

_QUOTED: Final = re.compile(f'"((?:[^"]|"")*)"|[{_OPENING[1:]}]([^{_OPENING}]*)[{_OPENING}]')
_NEAR: Final = re.compile(r'NEAR\s*\(((?:"[^"]*"|[^()"])*)\)')
_DISTANCE: Final = re.compile(r",\s*(\d{1,9})\s*\Z", re.ASCII)
_COLUMN: Final = re.compile(r"([^\W\d_][\w.]*)\s*:")
_COLUMN_SET: Final = re.compile(r"\{([\w\s]+)\}\s*:")
_RUN: Final = re.compile(rf"[^\s(){_OPENING}]+")
_STAR: Final = re.compile(r"\*")
_IN_A_WORD: Final = re.compile(rf"(?<=[^\W\d_])[{APOSTROPHES}](?=[^\W\d_])")

# What other languages of search write, and how it is written here.
_NEARBY: Final = "words near each other are NEAR(fog bay, 8)"
_FOREIGN: Final = (
    (re.compile(r"\A(?:w|n|p|pre|near|onear|within)?/(?:\d+|s|p)\Z", re.IGNORECASE), _NEARBY),
    (re.compile(r"\A(?:O?NEAR(?:/?\d+)?|ADJ\d*)\Z"), _NEARBY),
    (re.compile(r"\AANDNOT\Z"), "what to leave out is fog NOT rain"),
    (re.compile(r"\AXOR\Z"), "either but not both is (fog OR rain) NOT (fog AND rain)"),
    (re.compile(r"\|"), "one or the other is fog OR rain"),
    (re.compile(r"\A!+(?=[^\W_]|\Z)"), "what to leave out is fog NOT rain"),
    (re.compile(r"\A\+(?=[^\W\d_]|\Z)"), "all words must occur without a +, and a phrase stands in quotation marks"),
    (re.compile(r"~"), f"a word is found as it is written, and {_NEARBY}"),
    (re.compile(r"\*."), "a * stands at the end of a word, as in fog*"),
    (re.compile(r"\A\*"), "a * stands at the end of a word, as in fog*"),
    (re.compile(r"(?<=[^\W_])\?(?=[^\W_])"), "no sign stands for one letter; a beginning is written fog*"),
    (re.compile(r"(?<=.)\^"), "^ stands before the word with which a column begins, and words have no weights"),
    (re.compile(r"[{}]"), "brackets are round, as in (fog OR rain)"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a query. `text` is that of a word or phrase, or the operator as typed.

    `prefix`, `first`: of a phrase (see `expression.Phrase`); `parts`, `distance`: of NEAR; `columns`: of a column.
    `hint`: one line on how it was understood.
    """

    kind: Kind
    text: str = ""
    prefix: bool = False
    first: bool = False
    parts: tuple[Token, ...] = ()
    distance: int = 0
    columns: tuple[str, ...] = ()
    hint: str | None = None


def read_tokens(query: str) -> list[Token]:
    """The tokens of a query. Raises ArgumentError for one without a word, and for what cannot be honoured."""
    if not _has_word(query):
        raise ArgumentError(f"{shown(query)} holds no word to search for")
    return list(_Reading(query).tokens())


def shown(query: str) -> str:
    """A query as a message repeats it."""
    return repr(query if len(query) <= _SHOWN else f"{query[:_SHOWN]}...")


def _has_word(query: str) -> bool:
    return any(_LETTER.search(run) and run not in _OPERATORS for run in _RUN.findall(query))


class _Reading:
    """A query while it is read, from left to right."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._text = _UNSTORABLE.sub(" ", query)
        self._at = 0

    def tokens(self) -> Iterator[Token]:
        while True:
            self._skip()
            if self._at == len(self._text):
                return
            yield from self._token()

    def _token(self) -> Iterator[Token]:
        sign = self._text[self._at]
        if sign in "()":
            self._at += 1
            yield Token("open" if sign == "(" else "close", sign)
        elif sign in _OPENING:
            yield self._quoted(first=False)
        elif near := self._take(_NEAR):
            yield self._near(near[1])
        elif sign in _MINUSES + _LONG_DASHES and self._binds(self._at + 1):
            yield self._minus(sign)
        elif column := self._take(_COLUMN_SET):
            yield Token("column", columns=tuple(dict.fromkeys(map(self._column, column[1].split()))))
        elif column := self._take(_COLUMN):
            yield Token("column", columns=(self._column(column[1]),))
        elif sign == "^" and self._binds(self._at + 1):
            self._at += 1
            yield from self._first()
        else:
            yield from self._word(self._run())

    def _first(self) -> Iterator[Token]:
        """What stands behind ^."""
        if self._text[self._at] == "(":
            raise self._refusal("^ stands before one word or phrase")
        if self._text[self._at] in _OPENING:
            yield self._quoted(first=True)
        else:
            yield from self._word(self._run(), first=True)

    def _quoted(self, *, first: bool) -> Token:
        match = self._take(_QUOTED)
        if match is None:
            raise self._refusal('a quotation mark is not closed, as in "great stone"')
        text = match[2] if match[1] is None else match[1].replace('""', '"')
        if not _LETTER.search(text):
            raise self._refusal("quotation marks without a word")
        return Token("phrase", text, prefix=self._take(_STAR) is not None, first=first)

    def _near(self, body: str) -> Token:
        """NEAR(...), of which `body` stands between its brackets."""
        distance = _DISTANCE.search(body)
        if distance is not None and int(distance[1]) > _FARTHEST:
            raise self._refusal(f"NEAR reaches at most {_FARTHEST:,} words")
        inner = _Reading(body[: distance.start()] if distance else body)
        parts = tuple(inner.tokens())
        if not parts or any(part.kind != "phrase" or part.first for part in parts):
            raise self._refusal("between the brackets of NEAR stand words and phrases alone, as in NEAR(fog bay, 8)")
        hint = next((part.hint for part in parts if part.hint), None)
        return Token("near", parts=parts, distance=int(distance[1]) if distance else _NEAR_BY_ITSELF, hint=hint)

    def _column(self, name: str) -> str:
        if name.lower() in COLUMNS:
            return name.lower()
        near = get_close_matches(name.lower(), COLUMNS, n=1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        raise self._refusal(
            f"there is no column {shown(name)}{meant}: there are {', '.join(COLUMNS)}; text with a colon in it "
            "stands in quotation marks"
        )

    def _run(self) -> str:
        match = self._take(_RUN)
        return "" if match is None else match[0]  # never: what could stand here instead was looked at before

    def _word(self, run: str, *, first: bool = False) -> Iterator[Token]:
        """A word, an operator, or nothing where it is a sign that means nothing."""
        operator = next((one for one in _OPERATORS if one == run), None)
        if operator is not None:
            yield Token(operator, run)
            return
        if run.lower() == "near" and self._text[self._at : self._at + 1] == "(":
            raise self._refusal("NEAR is written in capitals, as in NEAR(fog bay, 8)")
        prefix = len(run) > 1 and run.endswith("*")
        typed = run.removesuffix("*") if prefix else run
        self._check(typed)
        text = _without_edges(typed)
        if text:
            yield Token("phrase", text, prefix, first, hint=_hint(typed, text))

    def _check(self, typed: str) -> None:
        """Raises where it is written in another language of search, or is no word of any."""
        for pattern, spelling in _FOREIGN:
            if pattern.search(typed):
                raise self._refusal(f"{shown(typed)} cannot be searched: {spelling}")
        if typed in _MINUSES:
            raise self._refusal(f"{typed} stands directly before what to leave out, as in fog -rain")
        if len(typed) > _LONGEST_WORD:
            raise self._refusal(f"a word has at most {_LONGEST_WORD} letters")

    def _minus(self, sign: str) -> Token:
        """The sign before what is to be left out; a dash, or two, may be meant for it or for none."""
        self._at += 1
        if sign in _LONG_DASHES or self._text[self._at] in _MINUSES + _LONG_DASHES:
            raise self._refusal("one - stands directly before what to leave out, as in fog -rain; a dash stands apart")
        return Token("minus", sign)

    def _binds(self, at: int) -> bool:
        """Whether a word, a phrase or a bracket begins there."""
        if self._text[at : at + 1] in {"(", *_OPENING}:
            return True
        run = _RUN.match(self._text, at)
        if run is None:
            return False
        return _LETTER.search(run[0]) is not None or self._text[run.end() : run.end() + 1] in {"(", *_OPENING}

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _refusal(self, reason: str) -> ArgumentError:
        return ArgumentError(f"{shown(self._query)}: {reason}")


def _without_edges(typed: str) -> str:
    """A word without the signs around it; empty where it is nothing else."""
    first, last = _LETTER.search(typed), _LETTER.search(typed[::-1])
    return "" if first is None or last is None else typed[first.start() : len(typed) - last.start()]


def _hint(typed: str, text: str) -> str | None:
    """How a word was understood that may have been meant otherwise."""
    if typed.upper() in _OPERATORS:
        return f'"{typed}" was searched as a word: the operators AND, OR and NOT are written in capitals'
    signs = set(_IN_A_WORD.sub("", typed)) & set(punctuation) - {"_"}
    return f'{typed!r} is no search expression, so its words were searched: "{text}"' if signs else None
