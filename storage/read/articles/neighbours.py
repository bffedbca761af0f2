"""The neighbours of an article: those just before and after it on its edition's wire, and the near-identical ones."""

from __future__ import annotations

from typing import Final

from storage.read.reader import Reader, Row


def before(reader: Reader, article: Row, published_at: str) -> Row | None:
    """The article published before, with `edition`, `key`, `headline` and `published_at`; None for the first."""
    return reader.row(_BEFORE, edition=article["edition"], id=article["article_id"], at=published_at)


def after(reader: Reader, article: Row, published_at: str) -> Row | None:
    """The article published after; None for the latest."""
    return reader.row(_AFTER, edition=article["edition"], id=article["article_id"], at=published_at)


# By the index on published_at: from this article on, until one is a current revision of the edition. CROSS JOIN keeps
# SQLite from going through all articles of the edition instead.
_BEFORE = """
SELECT a.edition, a.key, r.headline, r.published_at
FROM revisions r CROSS JOIN articles a
WHERE a.article_id = r.article_id AND a.revision_id = r.revision_id AND a.edition = :edition
  AND r.published_at <= :at AND (r.published_at < :at OR a.article_id < :id)
ORDER BY r.published_at DESC, a.article_id DESC LIMIT 1"""
_AFTER = """
SELECT a.edition, a.key, r.headline, r.published_at
FROM revisions r CROSS JOIN articles a
WHERE a.article_id = r.article_id AND a.revision_id = r.revision_id AND a.edition = :edition
  AND r.published_at >= :at AND (r.published_at > :at OR a.article_id > :id)
ORDER BY r.published_at, a.article_id LIMIT 1"""


# Families of near-identical articles (storage/write/articles/near_duplicates.py makes the links).

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
