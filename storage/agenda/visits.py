"""Visits that brought no article: what they change is the schedule, and whether it is gone. Nothing is ever dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select, update

from crawler.dates import past, stored, utc_text
from crawler.decide import DEADLY, recheck_at, retry_at
from storage.evidence.crawls import count_failure
from storage.evidence.snapshots import left_by, mark, visited
from storage.rows import storable
from storage.schema import articles, revisions

Outcome = Literal[
    "new", "revised", "corrected", "unchanged", "not-modified", "gone", "given-up", "soft-404", "unrecognised",
    "unreadable", "error",
]  # fmt: skip
"""What came of a visit. `corrected`: the page is the one we had, today's parser reads it otherwise."""

Unread = Literal["soft-404", "unrecognised", "unreadable", "error"]


@dataclass(frozen=True, slots=True)
class Saved:
    """What a visit left in the archive. `revision_id` is the current revision, None while there is none; `due_at`
    the time of the next visit, None when none is planned.
    """

    outcome: Outcome
    article_id: int
    revision_id: int | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    status: str
    attempts: int
    revision_id: int | None
    first_seen: datetime
    published_at: datetime | None

    def recheck(self, now: datetime) -> datetime | None:
        return recheck_at(self.published_at, self.first_seen, now)


def failed(
    connection: Connection, article_id: int, problem: str, now: datetime, why: Unread, snapshot_id: int | None
) -> Saved:
    """A visit that brought nothing to read. The article stays as it was and is tried again by the retry rule.

    One that was never archived is given up in the end, visibly; an archived one falls back to its growing ages.
    """
    known = _known(connection, article_id, now)
    if snapshot_id is not None:
        mark(connection, snapshot_id, why, problem=storable(problem), article_id=article_id)
    if why in {"error", "soft-404"}:
        count_failure(connection, article_id, snapshot_id)
    attempts = known.attempts + 1
    due = retry_at(attempts, now)
    given_up = due is None and known.revision_id is None
    if due is None and not given_up:
        due = known.recheck(now)
    changes: dict[str, Any] = {"attempts": attempts, "last_error": storable(problem)}
    if given_up:
        changes["status"] = "given-up"
    _change(connection, article_id, due, changes)
    return Saved("given-up" if given_up else why, article_id, known.revision_id, due)


def give_up_deadly(connection: Connection, snapshot_id: int, crawl_id: int, now: datetime) -> tuple[int, str] | None:
    """Gives up the page that is the next to be read, where the last DEADLY crawls were killed with it before them.

    It stays kept, is marked unreadable, and its article is fetched again by the retry rule. Returns the article_id and
    what to say; None where it is not under suspicion.
    """
    killed = left_by(connection, snapshot_id, crawl_id)
    if killed < DEADLY:
        return None
    article_id, _ = visited(connection, snapshot_id)
    problem = f"{killed} crawls were killed before they had read it: it may be the page that kills them"
    failed(connection, article_id, problem, now, "unreadable", snapshot_id)
    return article_id, problem


def gone(connection: Connection, snapshot_id: int, article_id: int, status: int, now: datetime) -> Saved:
    """A 404 or 410. What was archived stays and is marked; what never was is given up: the answer is final."""
    known = _known(connection, article_id, now)
    mark(connection, snapshot_id, "gone", article_id=article_id)
    if known.revision_id is None:
        changes = {"status": "given-up", "last_error": f"HTTP status {status}", "attempts": known.attempts + 1}
        _change(connection, article_id, None, changes)
        return Saved("given-up", article_id, None, None)
    due = known.recheck(now)
    changes = {"status": "gone", "attempts": 0, "last_error": None}
    if known.status != "gone":
        changes["gone_at"] = utc_text(now)
    _change(connection, article_id, due, changes)
    return Saved("gone", article_id, known.revision_id, due)


def not_modified(connection: Connection, snapshot_id: int, article_id: int, now: datetime) -> Saved:
    """A 304: the page is as it was when it was read last, and it is there."""
    known = _known(connection, article_id, now)
    mark(connection, snapshot_id, "not-modified", article_id=article_id)
    due = known.recheck(now)
    changes: dict[str, Any] = {"attempts": 0, "last_error": None, "last_seen_at": utc_text(now)}
    if known.revision_id is not None:
        changes |= {"status": "live", "gone_at": None}
    _change(connection, article_id, due, changes)
    return Saved("not-modified", article_id, known.revision_id, due)


def _known(connection: Connection, article_id: int, now: datetime) -> _Known:
    row = connection.execute(
        select(
            articles.c.status,
            articles.c.attempts,
            articles.c.revision_id,
            articles.c.first_seen_at,
            revisions.c.published_at,
        )
        .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
        .where(articles.c.article_id == article_id)
    ).one_or_none()
    if row is None:
        raise KeyError(article_id)
    attempts = row.attempts if isinstance(row.attempts, int) else 0  # verify names what is none
    first_seen = past(row.first_seen_at, now) or now
    return _Known(row.status, attempts, row.revision_id, first_seen, stored(row.published_at))


def _change(connection: Connection, article_id: int, due: datetime | None, changes: dict[str, Any]) -> None:
    changes["due_at"] = None if due is None else utc_text(due)
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(changes))
