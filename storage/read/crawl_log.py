"""The logbook: which crawls there were, how each went, and every answer that it got."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.read.reader import Reader, Row

CRAWLS = 50  # of a page of the list
VISITS = 100  # of a page of one crawl


@dataclass(frozen=True, slots=True)
class Crawls:
    """A page of the list, newest first: rows of `crawls`. `older` is where the next page goes on, None at the end."""

    rows: tuple[Row, ...] = field(repr=False)
    older: int | None


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl: its row in the ledger with the `arguments` opened, the answers it got by kind and reading, and a page
    of them in order; `later` is the snapshot_id with which the next page begins, None at the end.
    """

    row: Row = field(repr=False)
    arguments: Mapping[str, str]
    readings: tuple[Row, ...]
    visits: tuple[Row, ...] = field(repr=False)
    later: int | None


def crawls(reader: Reader, *, edition: str | None = None, until: int | None = None) -> Crawls:
    """The crawls of an edition or of all, from the crawl_id `until` back."""
    rows = list(reader.rows(_CRAWLS, edition=edition, until=until, limit=CRAWLS + 1))
    older = rows[CRAWLS]["crawl_id"] if len(rows) > CRAWLS else None
    return Crawls(tuple(rows[:CRAWLS]), older)


def crawl(reader: Reader, crawl_id: int, *, since: int = 0, reading: str | None = None) -> Crawl | None:
    """One crawl with the answers from the snapshot_id `since` on, or those of one `reading`; None where there is none.

    The reading ``unread`` is that of pages which nobody has read yet.
    """
    row = reader.row("SELECT * FROM crawls WHERE crawl_id = :id", id=crawl_id)
    if row is None:
        return None
    visits = list(reader.rows(_VISITS, id=crawl_id, since=since, reading=reading, limit=VISITS + 1))
    return Crawl(
        row=row,
        arguments=json.loads(row["arguments"]),
        readings=tuple(reader.rows(_READINGS, id=crawl_id)),
        visits=tuple(visits[:VISITS]),
        later=visits[VISITS]["snapshot_id"] if len(visits) > VISITS else None,
    )


_CRAWLS = """
SELECT crawl_id, edition, started_at, finished_at, outcome, exit_code, message, listing_pages, article_pages,
       new_articles, new_revisions, failed, gone, unrecognised
FROM crawls
WHERE (CAST(:edition AS TEXT) IS NULL OR edition = :edition)
  AND (CAST(:until AS INTEGER) IS NULL OR crawl_id <= :until)
ORDER BY crawl_id DESC LIMIT :limit"""

_READINGS = """
SELECT kind, COALESCE(reading, 'unread') AS reading, COUNT(*) AS pages
FROM snapshots WHERE crawl_id = :id GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"""

_VISITS = """
SELECT s.snapshot_id, s.kind, s.page, s.fetched_at, s.status, COALESCE(s.reading, 'unread') AS reading, s.problem,
       s.damage, s.url, s.requested_url, s.body_size, a.edition, a.key, r.headline, r.language
FROM snapshots s
LEFT JOIN articles a ON a.article_id = s.article_id
LEFT JOIN revisions r ON r.revision_id = a.revision_id
WHERE s.crawl_id = :id AND s.snapshot_id >= :since
  AND (CAST(:reading AS TEXT) IS NULL OR COALESCE(s.reading, 'unread') = :reading)
ORDER BY s.snapshot_id LIMIT :limit"""
