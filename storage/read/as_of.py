"""The archive as it stood at a time: the view `news` of then, in SQL that SQLite and PostgreSQL both run.

What was observed by then counts, and nothing else: an article shows the revision that its last page before that time
showed, is gone if it had vanished by then (`edits`), and is a duplicate of what was there by then. When a page was read
by which parser makes no difference: a revision that was read again later shows its better reading, of the same page.

It is not what a query on that day would have given, where pages were imported later: what they show was observed then.
Not kept from of old, and so as they are now: the address of an article (`url`) and when it was first seen.
"""

from __future__ import annotations

from typing import Final

from storage.db.views import NEWS_COLUMNS
from storage.read.reader import Reader, Row

COLUMNS: Final = (*NEWS_COLUMNS, "revision_id")
"""The columns of `NEWS_AS_OF`: those of the view `news`, and which revision it is."""


def _revision(article: str) -> str:
    """The revision_id that an article showed then, as a scalar subquery; null where it was not archived yet."""
    number = (
        f"SELECT o.number FROM revisions o WHERE o.article_id = {article}.article_id AND o.correction = 0"  # noqa: S608 - our own alias
        " AND o.observed_at < :as_of ORDER BY o.observed_at DESC, o.number DESC LIMIT 1"
    )
    return (
        f"(SELECT c.revision_id FROM revisions c WHERE c.article_id = {article}.article_id AND c.number = ({number})"  # noqa: S608 - the same
        " ORDER BY c.correction DESC LIMIT 1)"
    )


_THERE = (
    "FROM snapshots t WHERE t.article_id = a.article_id AND t.kind = 'article' AND t.fetched_at < :as_of"
    " AND t.reading IN ('article', 'unchanged', 'not-modified')"
)
_ABSENT_SINCE = (
    "(SELECT MIN(g.fetched_at) FROM snapshots g WHERE g.article_id = a.article_id"  # noqa: S608
    " AND g.reading IN ('gone', 'soft-404') AND g.fetched_at < :as_of AND (g.fetched_at, g.snapshot_id) >"
    f" (SELECT t.fetched_at, t.snapshot_id {_THERE} ORDER BY t.fetched_at DESC, t.snapshot_id DESC LIMIT 1))"
)
# Decided later, but as of its first absence: what is known now of that time.
_VANISHED = (
    "(SELECT v.{column} FROM edits v WHERE v.article_id = a.article_id AND v.kind = 'vanished' AND v.edit_id ="
    " (SELECT l.edit_id FROM edits l WHERE l.article_id = a.article_id AND l.kind IN ('vanished', 'returned')"
    " AND l.at < :as_of ORDER BY l.at DESC, l.edit_id DESC LIMIT 1))"
)
_GONE_AT, _GONE_REASON = (_VANISHED.format(column=column) for column in ("at", "reason"))
# As storage/write/articles/current.py links: the one published first, among those that told the story then. CROSS
# JOIN has SQLite begin with the story, not with all articles of the edition.
_ORIGINAL = f"""(SELECT b.article_id FROM revisions s CROSS JOIN articles b
    WHERE b.article_id = s.article_id AND s.story_hash = r.story_hash AND b.edition = a.edition
      AND s.revision_id = {_revision("b")}
    ORDER BY s.published_at IS NULL, s.published_at, LENGTH(b.key), b.key LIMIT 1)"""  # noqa: S608 - stands above

NEWS_AS_OF: Final = f"""
SELECT a.article_id, a.edition, a.key, a.url, r.headline, r.published_at, r.rubric, r.lead, r.body, r.language, r.tags,
  p.url AS photo_url, p.caption AS photo_caption,
  (SELECT COUNT(*) FROM photos q WHERE q.revision_id = r.revision_id) AS photo_count,
  CASE WHEN {_GONE_AT} IS NULL THEN 'live' ELSE 'gone' END AS status,
  (SELECT COUNT(*) FROM revisions n WHERE n.article_id = a.article_id AND n.correction = 0
    AND n.cause IS NULL AND n.observed_at < :as_of) AS revision_count,
  a.first_seen_at,
  (SELECT MAX(t.fetched_at) {_THERE}) AS last_seen_at,
  f.observed_at AS changed_at,
  {_GONE_AT} AS gone_at,
  NULLIF({_ORIGINAL}, a.article_id) AS duplicate_of,
  r.snapshot_id, r.published_day, {_ABSENT_SINCE} AS absent_since,
  {_GONE_REASON} AS gone_reason, r.revision_id
FROM articles a
JOIN revisions r ON r.revision_id = {_revision("a")}
JOIN revisions f ON f.article_id = r.article_id AND f.number = r.number AND f.correction = 0
LEFT JOIN photos p ON p.revision_id = r.revision_id AND p.position = 0
"""  # noqa: S608 - of the pieces above
"""The view `news` as of ``:as_of``, UTC text: what was observed before that time (`Moment.after` of what was typed).

A query to stand in brackets after FROM. Columns as `COLUMNS`. It looks at each article that is asked for, so a million
of them take a while; one takes a fraction of a millisecond.

>>> from storage.read.reader import open_reader
>>> with open_reader("archive.db") as reader:  # doctest: +SKIP
...     sql = f"SELECT headline, status FROM ({NEWS_AS_OF}) n WHERE edition = :edition"
...     list(reader.rows(sql, as_of="2026-03-10T21:00:00Z", edition="demo"))
"""

_ROW = f"SELECT * FROM ({NEWS_AS_OF}) n WHERE n.article_id = :id"  # noqa: S608 - our own columns


def article_as_of(reader: Reader, article_id: int, as_of: str) -> Row | None:
    """What an article showed before a time, by `COLUMNS`; None where nothing of it was archived then."""
    return reader.row(_ROW, id=article_id, as_of=as_of)
