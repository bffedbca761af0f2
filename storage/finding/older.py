"""Wordings that an article showed at a time and does not show any more: searched as if the index still had them.

The full-text index holds what articles show now. As of a time most of them showed the same; the others are few, since
an agency changes a story in its first days, and are indexed in memory when they are asked for (SQLite only).
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Final

from storage.asof import NEWS_AS_OF
from storage.finding.snippets import Term, mark, terms
from storage.reader import Reader, Row

MATCHING: Final = (
    "(SELECT news_search.rowid AS article_id, {rank} AS rank FROM news_search, articles c"
    " WHERE news_search MATCH :query AND c.article_id = news_search.rowid AND c.changed_at < :as_of"
    " UNION ALL SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:older)) m"
)
"""All articles that matched then, with their rank: from the index, and ``:older`` as `older` gives it."""

_TEXTS: Final = ("headline", "lead", "body", "captions", "folded")
_INDEX: Final = (
    f"CREATE VIRTUAL TABLE wording USING fts5({', '.join(_TEXTS)}, tokenize='unicode61 remove_diacritics 2')"
)
_WORDINGS: Final = f"""
SELECT n.article_id, n.headline, n.lead, n.body, r.folded,
  (SELECT group_concat(p.caption, char(10)) FROM photos p WHERE p.revision_id = n.revision_id) AS captions
FROM articles c, ({NEWS_AS_OF}) n, revisions r
WHERE c.changed_at >= :as_of AND c.first_seen_at < :as_of
  AND n.article_id = c.article_id AND r.revision_id = n.revision_id"""  # noqa: S608 - our own columns

_K1: Final = 1.2  # FTS5's own
_LEAST: Final = 1e-6  # the weight of a word that every other article has: FTS5's too


def older(reader: Reader, query: str, words: str, as_of: str, weights: Sequence[float]) -> str:
    """A JSON array of [article_id, rank] of the older wordings that match.

    `query` is what the index is asked, `words` what was typed; `weights` are those of the columns. Ranks are FTS5's
    bm25 of a text of average length. A query that FTS5 cannot parse finds nothing here: the index says why.
    """
    wordings = {row["article_id"]: row for row in reader.rows(_WORDINGS, as_of=as_of)}
    found = _matching(wordings.values(), query)
    if not found:
        return "[]"
    rarity = list(_rarity(reader, terms(words)))
    return json.dumps([(number, _rank(wordings[number], rarity, weights)) for number in found])


def _matching(wordings: Iterable[Row], query: str) -> list[int]:
    with closing(sqlite3.connect(":memory:")) as index:
        index.execute(_INDEX)
        rows = ((row["article_id"], *(row[name] for name in _TEXTS)) for row in wordings)
        index.executemany(f"INSERT INTO wording(rowid, {', '.join(_TEXTS)}) VALUES (?, ?, ?, ?, ?, ?)", rows)  # noqa: S608 - our own columns
        try:
            return [number for (number,) in index.execute("SELECT rowid FROM wording WHERE wording MATCH ?", (query,))]
        except sqlite3.OperationalError:
            return []


def _rarity(reader: Reader, wanted: Sequence[Term]) -> Iterator[tuple[Term, float]]:
    """Each term with what it weighs: the fewer articles have it, the more."""
    (count,) = (row["count"] for row in reader.rows("SELECT COUNT(*) AS count FROM news_search_docsize"))
    for term in wanted:
        phrase = f'"{" ".join(term.words)}"' + ("*" if term.prefix else "")
        sql = "SELECT COUNT(*) AS count FROM news_search WHERE news_search MATCH :phrase"
        (hits,) = (row["count"] for row in reader.rows(sql, phrase=phrase))
        yield term, max(math.log((count - hits + 0.5) / (hits + 0.5)), _LEAST)


def _rank(row: Row, rarity: Sequence[tuple[Term, float]], weights: Sequence[float]) -> float:
    rank = 0.0
    for term, weight in rarity:
        columns = zip(weights, _TEXTS, strict=True)
        often = sum(by * len(mark(row[name], [term]).hits) for by, name in columns if row[name])
        rank -= weight * often * (_K1 + 1) / (often + _K1)
    return rank
