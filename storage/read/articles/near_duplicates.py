"""Families: what near-identical articles there are to one, for readers (storage/write/articles/near_duplicates.py
makes the links).
"""

from __future__ import annotations

from typing import Final

from storage.read.reader import Reader, Row

MOST: Final = 100
"""Members that are looked up. A family that large is a series rather than a story."""


def family(reader: Reader, article_id: int, most: int = MOST) -> tuple[Row, ...]:
    """The articles that links connect with one, itself left out, in order of publication; `most` of them at most.

    Rows: article_id, edition, key, url, status, headline, published_at, and `likeness`: how many percent of their words
    (in runs of four) both have, estimated; null where only another member stands between.
    """
    return tuple(reader.rows(_FAMILY, id=article_id, most=most))


def near_identical(reader: Reader, article_id: int) -> int:
    """How many articles are near-identical to one."""
    row = reader.row("SELECT COUNT(*) AS count FROM kin WHERE article_id = :id", id=article_id)
    return int(row["count"]) if row else 0


_FAMILY = """
WITH RECURSIVE family(article_id) AS (
  SELECT CAST(:id AS INTEGER)
  UNION
  SELECT k.other_id FROM family f JOIN kin k ON k.article_id = f.article_id
)
SELECT a.article_id, a.edition, a.key, a.url, a.status, r.headline, r.published_at, k.likeness
FROM (SELECT article_id FROM family LIMIT :most + 1) f
JOIN articles a ON a.article_id = f.article_id
JOIN revisions r ON r.revision_id = a.revision_id
LEFT JOIN kin k ON k.article_id = :id AND k.other_id = a.article_id
WHERE a.article_id <> :id
ORDER BY r.published_at, a.article_id"""
