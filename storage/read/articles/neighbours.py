"""The neighbours of an article on its edition's wire: what came out just before it, and just after."""

from __future__ import annotations

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
