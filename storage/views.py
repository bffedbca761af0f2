"""The view `news` for people, and the full-text index `news_search` over what it shows.

All here is derived from the tables: it can be dropped and made anew at any time without losing anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only wants the names of columns does not wait for SQLAlchemy
    from sqlalchemy import Connection

NEWS_COLUMNS = (
    "article_id", "edition", "key", "url", "headline", "published_at", "rubric", "lead", "body", "language", "tags",
    "photo_url", "photo_caption", "photo_count", "status", "revision_count", "first_seen_at", "last_seen_at",
    "changed_at", "gone_at", "duplicate_of", "snapshot_id",
)  # fmt: skip
"""The columns of `news`, in order: a contract with everybody who queries the file."""

_NEWS = """
CREATE VIEW news (article_id, edition, key, url, headline, published_at, rubric, lead, body, language, tags,
  photo_url, photo_caption, photo_count, status, revision_count, first_seen_at, last_seen_at,
  changed_at, gone_at, duplicate_of, snapshot_id) AS
SELECT a.article_id, a.edition, a.key, a.url, r.headline, r.published_at, r.rubric, r.lead, r.body, r.language, r.tags,
  p.url, p.caption, (SELECT count(*) FROM photos q WHERE q.revision_id = r.revision_id),
  a.status, (SELECT max(n.number) FROM revisions n WHERE n.article_id = a.article_id), a.first_seen_at, a.last_seen_at,
  a.changed_at, a.gone_at, a.duplicate_of, r.snapshot_id
FROM articles a
JOIN revisions r ON r.revision_id = a.revision_id
LEFT JOIN photos p ON p.revision_id = r.revision_id AND p.position = 0
"""

# What the index covers: the index keeps no text of its own and reads it here for snippets.
_NEWS_TEXT = """
CREATE VIEW news_text (article_id, headline, lead, body, captions, folded) AS
SELECT a.article_id, r.headline, r.lead, r.body,
  (SELECT group_concat(caption, char(10)) FROM
    (SELECT p.caption FROM photos p WHERE p.revision_id = r.revision_id ORDER BY p.position)),
  r.folded
FROM articles a
JOIN revisions r ON r.revision_id = a.revision_id
"""

_NEWS_SEARCH = (
    "CREATE VIRTUAL TABLE news_search USING fts5(headline, lead, body, captions, folded, "
    "content='news_text', content_rowid='article_id', tokenize='unicode61 remove_diacritics 2')"
)

DEFINITIONS = {"news": _NEWS, "news_text": _NEWS_TEXT, "news_search": _NEWS_SEARCH}
"""What the database itself says of each (SQLite keeps the text; a server does not)."""


def drop(connection: Connection) -> None:
    """Drops the views, so that the tables under them can be changed. The index stays."""
    connection.exec_driver_sql("DROP VIEW IF EXISTS news")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP VIEW IF EXISTS news_text")


def create(connection: Connection) -> None:
    """Creates the views, and the index where there is none or where it was defined otherwise (SQLite only)."""
    connection.exec_driver_sql(_NEWS)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_NEWS_TEXT)
        if _index_definition(connection) != _NEWS_SEARCH:
            rebuild(connection)


def rebuild(connection: Connection) -> None:
    """Makes the full-text index anew from the rows (about 25 s for 100,000 articles)."""
    connection.exec_driver_sql("DROP TABLE IF EXISTS news_search")
    connection.exec_driver_sql(_NEWS_SEARCH)
    connection.exec_driver_sql("INSERT INTO news_search(news_search) VALUES ('rebuild')")


def _index_definition(connection: Connection) -> str | None:
    found = connection.exec_driver_sql("SELECT sql FROM sqlite_schema WHERE name = 'news_search'")
    definition: str | None = found.scalar()
    return definition
