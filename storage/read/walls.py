"""Absent articles of which nothing is decided yet, and the walls behind which they stand. Read without SQLAlchemy: the
monitors ask as well, and `dateline status`. Nothing is written here, see storage/write/frontier/absences.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.dates import from_utc_text
from crawler.rules.absences import FOUND, reason_of
from crawler.rules.walls import FEWEST, MOST, VisitResult, VisitResults, Wall, walls
from storage.read.reader import Reader, Row


@dataclass(frozen=True, slots=True)
class Undecided:
    """An article that was not found at its last visit, `last`, while nothing is decided yet. Times are aware UTC."""

    article_id: int
    archived: bool
    since: datetime
    absences: int
    last: datetime
    reason: str


def undecided(reader: Reader, edition: str) -> tuple[Undecided, ...]:
    """All of an edition, the article met first first."""
    return tuple(_undecided(row) for row in reader.rows(_UNDECIDED, edition=edition))


def standing_walls(reader: Reader, edition: str, absent: Sequence[Undecided]) -> tuple[Wall, ...]:
    """The walls behind which the undecided articles of an edition stand. Asks nothing where there are few of these."""
    if len(absent) < FEWEST:
        return ()
    answers = [VisitResult(one.since, one.archived, one.reason) for one in sorted(absent, key=_since)[-MOST:]]
    for row in reader.rows(_DECIDED, edition=edition, limit=MOST):
        archived, reason = row["revision_id"] is not None, row["gone_reason"] or row["last_error"] or ""
        answers.append(VisitResult(from_utc_text(row["absent_since"]), archived, reason, decided=True))
    found, covered = _found(reader, edition)
    return walls(VisitResults((*answers, *found), covered))


def _undecided(row: Row) -> Undecided:
    answer = (row[name] for name in ("reading", "status", "requested_url", "url", "problem"))
    return Undecided(
        row["article_id"],
        row["revision_id"] is not None,
        from_utc_text(row["absent_since"]),
        row["absences"],
        from_utc_text(row["fetched_at"]),
        reason_of(*answer),
    )


def _since(one: Undecided) -> datetime:
    return one.since


def _found(reader: Reader, edition: str) -> tuple[list[VisitResult], tuple[datetime | None, datetime | None]]:
    """The articles that the latest visits found, and from when on these are all; by whether it was archived before."""
    latest: dict[tuple[int, bool], datetime] = {}
    covered: list[list[datetime]] = [[], []]
    for reading in sorted(FOUND):
        rows = list(reader.rows(_FOUND, edition=edition, reading=reading, limit=MOST))
        for row in rows:
            at, archived = from_utc_text(row["fetched_at"]), row["fetched_at"] > (row["archived_at"] or "")
            latest[row["article_id"], archived] = max(at, latest.get((row["article_id"], archived), at))
        if len(rows) == MOST:
            for archived in (False, True) if reading == "article" else (True,):
                covered[archived].append(from_utc_text(rows[-1]["fetched_at"]))
    answers = [VisitResult(at, archived) for (_, archived), at in latest.items()]
    return answers, (max(covered[False], default=None), max(covered[True], default=None))


# Written so that SQLite sees which index is the short one: `article_id > 0` is always true.
_UNDECIDED = """
SELECT a.article_id, a.revision_id, a.absent_since, a.absences,
       s.fetched_at, s.reading, s.status, s.requested_url, s.url, s.problem
FROM articles a CROSS JOIN snapshots s
WHERE a.edition = :edition AND a.absent_since IS NOT NULL AND a.article_id > 0 AND a.status IN ('pending', 'live')
  AND s.snapshot_id = (SELECT v.snapshot_id FROM snapshots v WHERE v.article_id = a.article_id
                       AND v.reading IN ('gone', 'soft-404') ORDER BY v.snapshot_id DESC LIMIT 1)
ORDER BY a.article_id"""

_DECIDED = """
SELECT a.revision_id, a.absent_since, a.gone_reason, a.last_error FROM articles a
WHERE a.edition = :edition AND a.absent_since IS NOT NULL AND a.article_id > 0 AND a.status IN ('gone', 'given-up')
ORDER BY a.article_id DESC LIMIT :limit"""

_FOUND = """
SELECT s.article_id, s.fetched_at,
       (SELECT MIN(r.observed_at) FROM revisions r WHERE r.article_id = s.article_id) AS archived_at
FROM snapshots s
WHERE s.edition = :edition AND s.kind = 'article' AND s.reading = :reading ORDER BY s.snapshot_id DESC LIMIT :limit"""
