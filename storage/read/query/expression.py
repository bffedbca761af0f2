"""The query language: what somebody typed into a search box, as a tree. No archive is asked here.

    wheat harvest               both words; also AND, and "-word" or NOT to leave articles out
    "great stone" park*         a phrase, and words that begin so
    (tallinn OR riga) NOT fog    brackets; an operator is written in capitals
    NEAR(tractor export, 8)     at most 8 words apart
    headline:tractor            in one column: headline, lead, body or captions
    ^tractor                    at the beginning of a column

Words next to each other bind first, then NOT, then AND, then OR, as in SQLite's FTS5. What cannot be honoured as it is
written is refused with the right spelling: it is never taken for something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from crawler.errors import ArgumentError
from storage.read.query.tokens import COLUMNS, Token, read_tokens, shown

DEEPEST: Final = 12
"""Brackets within brackets: the full-text index cannot read many more."""
LONGEST: Final = 10_000
"""Characters of a query."""
MOST: Final = 200
"""Words and phrases of a query."""

_OPERATORS: Final = ("AND", "OR", "NOT")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A word or a phrase: its `text` as typed. `prefix`: its last word may go on. `first`: it begins a column.

    `columns` are those in which it is to stand; none: in any.
    """

    text: str
    prefix: bool = False
    first: bool = False
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    """Phrases with at most `distance` words between the first and the last of them, in any order."""

    phrases: tuple[Phrase, ...]
    distance: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Every:
    """All of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Without:
    """What `wanted` finds and `unwanted` does not."""

    wanted: Node
    unwanted: Node


Node: TypeAlias = Phrase | Near | Every | Either | Without


@dataclass(frozen=True, slots=True)
class Expression:
    """A query that can be honoured. `hint`: one line on how a part of it was understood, where that may surprise."""

    tree: Node
    hint: str | None = None


def parse(query: str) -> Expression:
    """The tree of a query. Raises ArgumentError, one line, for one without a word and one that cannot be honoured.

    >>> parse("fog -regatta") == Expression(Without(Phrase("fog"), Phrase("regatta")))
    True
    """
    if len(query) > LONGEST:
        raise ArgumentError(f"{shown(query)}: a query has at most {LONGEST:,} characters, this has {len(query):,}")
    tokens = read_tokens(query)
    words = sum(1 for token in tokens if token.kind == "phrase")
    if words > MOST:
        raise ArgumentError(f"{shown(query)}: a query has at most {MOST} words and phrases, this has {words:,}")
    tree = _Parser(query, tokens).tree()
    hints = dict.fromkeys(token.hint for token in tokens if token.hint)
    return Expression(tree, "; ".join(hints) or None)


def looked_for(tree: Node) -> tuple[Phrase, ...]:
    """The words and phrases that an article may be found by, in the order of the query: not those that it must lack."""
    if isinstance(tree, Phrase):
        return (tree,)
    if isinstance(tree, Without):
        return looked_for(tree.wanted)
    parts = tree.phrases if isinstance(tree, Near) else tree.parts
    return tuple(phrase for part in parts for phrase in looked_for(part))


class _Parser:
    """One pass over the tokens, without going back."""

    def __init__(self, query: str, tokens: list[Token]) -> None:
        self._query = query
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def tree(self) -> Node:
        found = self._either(())
        if self._next("close"):
            raise self._refusal("a bracket is closed that was not opened")
        return found

    def _either(self, columns: tuple[str, ...]) -> Node:
        parts = [self._every(columns)]
        while self._take("OR"):
            parts.append(self._every(columns))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _every(self, columns: tuple[str, ...]) -> Node:
        """Runs of words joined by AND and NOT, some of which leave articles out."""
        wanted: list[Node] = []
        unwanted: list[Node] = []
        begun = False
        while not begun or self._next("AND", "NOT"):
            if begun:
                self._take("AND")
            left_out = self._take("NOT")
            items = self._run(columns)
            if left_out is not None:
                unwanted.append(self._left_out(items))
            else:
                wanted += [item for item, minus in items if not minus]
                unwanted += [item for item, minus in items if minus]
            begun = True
        if not wanted:
            raise self._refusal("NOT and - leave articles out: name a word that is looked for too, as in fog NOT rain")
        found = wanted[0] if len(wanted) == 1 else Every(tuple(wanted))
        if not unwanted:
            return found
        return Without(found, unwanted[0] if len(unwanted) == 1 else Either(tuple(unwanted)))

    def _left_out(self, items: list[tuple[Node, bool]]) -> Node:
        """What stands behind a NOT."""
        if any(minus for _, minus in items):
            raise self._refusal("- behind NOT can be read in two ways: use brackets, as in fog NOT (rain NOT snow)")
        nodes = [item for item, _ in items]
        return nodes[0] if len(nodes) == 1 else Every(tuple(nodes))

    def _run(self, columns: tuple[str, ...]) -> list[tuple[Node, bool]]:
        """Words next to each other, each with whether a minus stands before it."""
        found: list[tuple[Node, bool]] = []
        while self._next("phrase", "near", "open", "column", "minus"):
            minus = self._take("minus") is not None
            found.append((self._item(columns), minus))
        if not found:
            raise self._nothing()
        return found

    def _nothing(self) -> ArgumentError:
        """What to say where a word was to stand."""
        before = self._tokens[self._at - 1] if self._at else None
        if before is not None and before.kind in _OPERATORS:
            return self._refusal(f"a word is missing behind {before.text}")
        if self._next(*_OPERATORS):
            return self._refusal(f"a word is missing before {self._tokens[self._at].text}")
        return self._refusal("brackets without a word")

    def _item(self, columns: tuple[str, ...]) -> Node:
        if token := self._take("column"):
            if columns:
                raise self._refusal("a column within a column: name one of them")
            columns = token.columns
            if self._next("column"):
                raise self._refusal("a column within a column: name one of them")
        if token := self._take("phrase"):
            return Phrase(token.text, token.prefix, token.first, columns)
        if token := self._take("near"):
            return Near(tuple(Phrase(part.text, part.prefix) for part in token.parts), token.distance, columns)
        if self._take("open"):
            return self._bracket(columns)
        raise self._refusal("a column stands directly before its word, as in headline:fog")

    def _bracket(self, columns: tuple[str, ...]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refusal(f"at most {DEEPEST} brackets may stand within each other")
        found = self._either(columns)
        if not self._take("close"):
            raise self._refusal("a bracket is not closed, as in (fog OR rain)")
        self._depth -= 1
        return found

    def _next(self, *kinds: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at].kind in kinds

    def _take(self, kind: str) -> Token | None:
        if not self._next(kind):
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _refusal(self, reason: str) -> ArgumentError:
        return ArgumentError(f"{shown(self._query)}: {reason}")


__all__ = ["COLUMNS", "Either", "Every", "Expression", "Near", "Node", "Phrase", "Without", "looked_for", "parse"]
