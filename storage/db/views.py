"""The views for people (`news`, `coverage`, `changes`, `addresses`), and the full-text index `news_search`.

All here is derived from the tables: it can be dropped and made anew at any time without losing anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:  # who only wants the names of columns does not wait for SQLAlchemy
    from sqlalchemy import Connection

NEWS_COLUMNS = (
    "article_id", "edition", "key", "url", "headline", "published_at", "rubric", "lead", "body", "language", "tags",
    "photo_url", "photo_caption", "photo_count", "status", "revision_count", "first_seen_at", "last_seen_at",
    "changed_at", "gone_at", "duplicate_of", "snapshot_id", "published_day", "absent_since", "gone_reason",
)  # fmt: skip
"""The columns of `news`, in order: a contract with everybody who queries the file."""

_NEWS = """
CREATE VIEW news (article_id, edition, key, url, headline, published_at, rubric, lead, body, language, tags,
  photo_url, photo_caption, photo_count, status, revision_count, first_seen_at, last_seen_at,
  changed_at, gone_at, duplicate_of, snapshot_id, published_day, absent_since, gone_reason) AS
SELECT a.article_id, a.edition, a.key, a.url, r.headline, r.published_at, r.rubric, r.lead, r.body, r.language, r.tags,
  p.url, p.caption, (SELECT count(*) FROM photos q WHERE q.revision_id = r.revision_id),
  a.status, (SELECT count(DISTINCT n.number) FROM revisions n WHERE n.article_id = a.article_id AND n.cause IS NULL),
  a.first_seen_at, a.last_seen_at, a.changed_at, a.gone_at, a.duplicate_of, r.snapshot_id, r.published_day,
  a.absent_since, a.gone_reason
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

# Counted when asked for: an index over edition, day and status answers, and a count cannot be wrong.
_COVERAGE = """
CREATE VIEW coverage (edition, day, state, articles, missing, expected) AS
SELECT c.edition, c.day, c.state, c.articles, c.missing,
  CASE WHEN c.state = 'whole' THEN c.articles + c.missing ELSE c.usual END
FROM (
  SELECT d.edition, d.day, d.state, d.usual,
    (SELECT count(*) FROM articles a
     WHERE a.edition = d.edition AND a.day = d.day AND a.status IN ('live', 'gone')) AS articles,
    (SELECT count(*) FROM articles a
     WHERE a.edition = d.edition AND a.day = d.day AND a.status IN ('pending', 'given-up'))
    + (SELECT count(*) FROM unknown_entries u WHERE u.edition = d.edition AND u.day = d.day) AS missing
  FROM days d
) c
"""

_CHANGES = """
CREATE VIEW changes (at, kind, depth, silent, article_id, edition, key, url, rubric, headline, published_at,
  fields, before, after, words_removed, words_added, snapshot_id, reason) AS
SELECT e.at, e.kind, e.depth, e.silent, e.article_id, a.edition, a.key, a.url, r.rubric, r.headline, r.published_at,
  e.fields, e.before, e.after, e.words_removed, e.words_added, e.snapshot_id, e.reason
FROM edits e
JOIN articles a ON a.article_id = e.article_id
JOIN revisions r ON r.revision_id = a.revision_id
"""

# An address that sent us on is one by which the article was met too; each store reads JSON in its own words.
_HOPS = {
    "sqlite": "json_extract(h.value, '$.url') AS url, v.fetched_at AS first, v.fetched_at AS last "
    "FROM snapshots v, json_each(v.redirects) h",
    "postgresql": "h.value ->> 'url' AS url, v.fetched_at AS first, v.fetched_at AS last "
    "FROM snapshots v, jsonb_array_elements(v.redirects::jsonb) h",
}
_ADDRESSES = """
CREATE VIEW addresses (edition, key, article_id, url, first_seen_at, last_seen_at) AS
SELECT a.edition, a.key, a.article_id, u.url, min(u.first), max(u.last)
FROM (
  SELECT s.article_id, s.url, s.first_seen_at AS first, s.last_seen_at AS last FROM sightings s
  UNION ALL
  SELECT v.article_id, v.requested_url, v.fetched_at, v.fetched_at FROM snapshots v
  UNION ALL
  SELECT v.article_id, v.url, v.fetched_at, v.fetched_at FROM snapshots v
  WHERE v.redirects <> '[]' AND v.reading IN ('article', 'unchanged', 'not-modified')
  UNION ALL
  SELECT v.article_id, {hops} WHERE v.redirects <> '[]'
  UNION ALL
  SELECT b.article_id, b.url, b.first_seen_at, b.last_seen_at FROM articles b
) u
JOIN articles a ON a.article_id = u.article_id
GROUP BY a.edition, a.key, a.article_id, u.url
"""

VIEWS = ("news", "coverage", "changes", "addresses")
"""The views of every archive, in a file and on a server."""


def views(dialect: str) -> dict[str, str]:
    """The definitions of `VIEWS` for a dialect, ``sqlite`` or ``postgresql``."""
    addresses = _ADDRESSES.format(hops=_HOPS[dialect])
    return {"news": _NEWS, "coverage": _COVERAGE, "changes": _CHANGES, "addresses": addresses}


DEFINITIONS = {**views("sqlite"), "news_text": _NEWS_TEXT, "news_search": _NEWS_SEARCH}
"""What the database itself says of each (SQLite keeps the text; a server does not)."""


def drop(connection: Connection) -> None:
    """Drops the views, so that the tables under them can be changed. The index stays."""
    for name in VIEWS:
        connection.exec_driver_sql(f"DROP VIEW IF EXISTS {name}")
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP VIEW IF EXISTS news_text")


def create(connection: Connection) -> None:
    """Creates the views, and the index where there is none or where it was defined otherwise (SQLite only)."""
    for definition in views(connection.dialect.name).values():
        connection.exec_driver_sql(definition)
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
