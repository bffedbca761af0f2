"""Wordings that an article showed at a time and does not show any more: searched as if the index still had them.

The full-text index holds what articles show now. As of a time most of them showed the same; the others are few, since
an agency changes a story in its first days, and are indexed for the time of the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from storage.read.as_of import NEWS_AS_OF
from storage.read.query.expression import Expression
from storage.read.query.matches import matches, ranked
from storage.read.query.texts import captions, index_of
from storage.read.reader import Reader, Row

_WORDINGS: Final = """
SELECT n.article_id, n.headline, n.lead, n.body, r.folded, {captions} AS captions
FROM articles c, ({news}) n, revisions r
WHERE c.changed_at >= :as_of AND c.first_seen_at < :as_of
  AND n.article_id = c.article_id AND r.revision_id = n.revision_id"""
_CHANGED: Final = "SELECT article_id FROM articles WHERE changed_at >= :as_of"


def changed_since(reader: Reader, as_of: str) -> frozenset[int]:
    """The articles that the index does not show as they stood before that time (UTC text)."""
    return frozenset(row["article_id"] for row in reader.rows(_CHANGED, as_of=as_of))


def older(reader: Reader, index: Reader, expression: Expression, as_of: str) -> list[tuple[int, float]]:
    """The articles of which an expression finds the wording before `as_of` (UTC text), with their ranks.

    `index` is the archive's full-text index: how rare a word is, is asked there.
    """
    sql = _WORDINGS.format(captions=captions(reader, "n.revision_id"), news=NEWS_AS_OF)
    wordings = {row["article_id"]: row for row in reader.rows(sql, as_of=as_of)}

    def texts(ids: Sequence[int], _: Sequence[str]) -> Iterable[Row]:
        return (wordings[number] for number in ids)

    with index_of(reader.name, wordings.values()) as small:
        found = matches(small, expression, texts)
        ids = [*_by_index(small, found.query), *(number for number, _ in found.more)]
    return list(ranked(index, expression.tree, texts(sorted(ids), ())))


def _by_index(index: Reader, query: str) -> Iterator[int]:
    sql = "SELECT rowid AS article_id FROM news_search WHERE news_search MATCH :query"
    return (row["article_id"] for row in index.rows(sql, query=query))
