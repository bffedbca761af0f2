"""Which articles an expression finds: by the index alone where it can tell, else by reading those that are in doubt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from storage.read.query.expression import Either, Every, Expression, Node, Without, looked_for
from storage.read.query.fulltext import certain, columns_of, in_doubt, is_loose, possible
from storage.read.query.snippets import Term, mark, term_of
from storage.read.query.texts import INDEXED, captions, holding
from storage.read.query.tokens import COLUMNS
from storage.read.reader import Reader, Row

# A word in the headline says more about a story than one in its body: a weight for each column of the index.
WEIGHTS: Final = (10.0, 5.0, 1.0, 2.0, 1.0)
RANK: Final = f"bm25(news_search, {', '.join(map(str, WEIGHTS))})"

_K1: Final = 1.2  # FTS5's own
_LEAST: Final = 1e-6  # the weight of a word that every other article has: FTS5's too

_BATCH: Final = 500  # articles that are read with one query

Texts = Callable[[Sequence[int], Sequence[str]], Iterable[Row]]
"""Reads texts: rows of `article_id` and some columns of `INDEXED`, for some articles."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The articles found: those that the index finds by `query`, and `more` as pairs of article_id and rank."""

    query: str
    more: tuple[tuple[int, float], ...] = field(default=(), repr=False)


def matches(index: Reader, expression: Expression, texts: Texts) -> Matches:
    """What an expression finds in `index`, which has the table `news_search`; `texts` reads its articles."""
    tree = expression.tree
    if not in_doubt(tree):
        return Matches(certain(tree))
    doubt = _Doubt(index, f"({possible(tree)}) NOT ({certain(tree)})", texts)
    if not doubt.ids(""):
        return Matches(certain(tree))
    found = sorted(doubt.settled(tree))
    return Matches(certain(tree), tuple(ranked(index, tree, texts(found, COLUMNS))))


@dataclass(frozen=True, slots=True)
class _Doubt:
    """The articles of which the index does not know whether they are meant: those that `query` finds in it."""

    index: Reader
    query: str
    texts: Texts

    def ids(self, more: str) -> set[int]:
        """Those that are also found by the rest of a query."""
        sql = "SELECT rowid AS article_id FROM news_search WHERE news_search MATCH :query"
        return {row["article_id"] for row in self.index.rows(sql, query=f"({self.query}){more}")}

    def settled(self, tree: Node) -> set[int]:
        """Those that are meant: of each part it is known, or read, which of them it finds."""
        if isinstance(tree, Without):
            return self.settled(tree.wanted) - self.settled(tree.unwanted)
        if isinstance(tree, Every):
            return set.intersection(*map(self.settled, tree.parts))
        if isinstance(tree, Either):
            return set.union(*map(self.settled, tree.parts))
        known = self.ids(f" AND ({certain(tree)})")
        if is_loose(tree):
            return known
        unread = sorted(self.ids(f" AND ({possible(tree)} NOT ({certain(tree)}))"))
        columns = columns_of(tree)
        return known.union(holding(self.texts(unread, columns), tree, columns))


def ranked(index: Reader, tree: Node, rows: Iterable[Row]) -> Iterator[tuple[int, float]]:
    """Texts that an expression finds, each with its rank: FTS5's bm25 of a text of average length."""
    rarity = list(_rarity(index, [term_of(phrase) for phrase in looked_for(tree)]))
    for row in rows:
        yield row["article_id"], _rank(row, rarity)


def shown_texts(reader: Reader) -> Texts:
    """Reads the texts that articles of an archive show now."""

    def read(ids: Sequence[int], columns: Sequence[str]) -> Iterator[Row]:
        named = (
            captions(reader, "r.revision_id") + " AS captions" if one == "captions" else f"r.{one}" for one in columns
        )
        sql = (
            f"SELECT a.article_id, {', '.join(named)} FROM articles a JOIN revisions r ON r.revision_id = a.revision_id"  # noqa: S608
        )
        for batch in batched(ids, _BATCH):
            yield from reader.rows(f"{sql} WHERE a.article_id IN ({', '.join(map(str, batch))})")

    return read


def batched(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """The ids, so many at a time."""
    return (ids[at : at + size] for at in range(0, len(ids), size))


def _rarity(index: Reader, wanted: Sequence[Term]) -> Iterator[tuple[Term, float]]:
    """Each term with what it weighs: the fewer articles have it, the more."""
    (count,) = (row["count"] for row in index.rows("SELECT COUNT(*) AS count FROM news_search_docsize"))
    for term in wanted:
        phrase = f'"{" ".join(term.words)}"' + ("*" if term.prefix else "")
        sql = "SELECT COUNT(*) AS count FROM news_search WHERE news_search MATCH :phrase"
        (hits,) = (row["count"] for row in index.rows(sql, phrase=phrase))
        yield term, max(math.log((count - hits + 0.5) / (hits + 0.5)), _LEAST)


def _rank(row: Row, rarity: Sequence[tuple[Term, float]]) -> float:
    rank = 0.0
    for term, weight in rarity:
        columns = zip(WEIGHTS, INDEXED, strict=True)
        often = sum(by * len(mark(row[name], [term]).hits) for by, name in columns if row.get(name))
        rank -= weight * often * (_K1 + 1) / (often + _K1)
    return rank
