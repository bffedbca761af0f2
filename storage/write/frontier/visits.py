"""Visits that brought no article: what they change is the schedule, and whether it is gone. Nothing is ever dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, bindparam, select, update

from crawler.dates import past, stored, utc_text
from crawler.rules.absences import reason_of
from crawler.rules.decide import DEADLY, RETRY_AFTER, look_again_at, recheck_at, recheck_gone_at, retry_at
from storage.db.rows import storable
from storage.db.schema import articles, revisions, snapshots
from storage.db.statements import Prepared
from storage.write.evidence.crawls import count_failure
from storage.write.evidence.snapshots import left_by, mark, visited
from storage.write.frontier.absences import called_back
from storage.write.frontier.disappearances import settle_absence

Outcome = Literal[
    "new", "revised", "corrected", "unchanged", "not-modified", "gone", "given-up", "soft-404", "unrecognised",
    "unreadable", "error",
]  # fmt: skip
"""What came of a visit. `corrected`: the page is the one we had, today's parser reads it otherwise."""

Unread = Literal["unrecognised", "unreadable", "error"]
Absent = Literal["gone", "soft-404"]

THERE: Final = {"gone_at": None, "gone_reason": None, "absent_since": None, "absences": 0}
"""The columns of an article that a visit finds: whatever was said of its absence is over."""

_ANSWER = Prepared(
    select(*(snapshots.c[name] for name in ("reading", "status", "requested_url", "url", "problem"))).where(
        snapshots.c.snapshot_id == bindparam("this")
    )
)


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
    gone_at: datetime | None
    absent_since: datetime | None
    absences: int
    published_at: datetime | None

    def recheck(self, now: datetime) -> datetime | None:
        return recheck_at(self.published_at, self.first_seen, now)

    def recheck_gone(self, since: datetime, now: datetime) -> datetime | None:
        """As any other, and at growing distances since it went: what is put back is found."""
        again = (self.recheck(now), recheck_gone_at(since, now))
        return min((moment for moment in again if moment is not None), default=None)


def failed(
    connection: Connection, article_id: int, problem: str, now: datetime, why: Unread, snapshot_id: int | None
) -> Saved:
    """A visit that brought nothing to read. The article stays as it was and is tried again by the retry rule.

    One that was never archived is given up in the end, visibly; an archived one falls back to its growing ages.
    """
    known = _known(connection, article_id, now)
    if snapshot_id is not None:
        mark(connection, snapshot_id, why, problem=storable(problem), article_id=article_id)
    if why == "error":
        count_failure(connection, article_id, snapshot_id)
    attempts = known.attempts + 1
    due = retry_at(attempts, now)
    given_up = due is None and known.revision_id is None
    if due is None and not given_up:
        due = known.recheck(now)
    if due is None and known.absent_since is not None:  # what is not decided is looked at until it is
        due = now + RETRY_AFTER[-1]
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
    """A 404 or 410: the article is not there."""
    mark(connection, snapshot_id, "gone", article_id=article_id)
    return _absent(connection, article_id, "gone", f"HTTP status {status}", now)


def soft_404(connection: Connection, snapshot_id: int, article_id: int, problem: str, now: datetime) -> Saved:
    """Another page in the article's place: it is not there."""
    mark(connection, snapshot_id, "soft-404", problem=storable(problem), article_id=article_id)
    count_failure(connection, article_id, snapshot_id)
    row = _ANSWER.one(connection, this=snapshot_id)
    if row is None:
        raise KeyError(snapshot_id)
    return _absent(connection, article_id, "soft-404", reason_of(*row), now)


def _absent(connection: Connection, article_id: int, outcome: Absent, reason: str, now: datetime) -> Saved:
    """Counts, and has the article looked at again. What follows from the count is decided when all is known that the
    run met (storage/write/frontier/absences.py). What is gone already stays gone.
    """
    known = _known(connection, article_id, now)
    since, absences = known.absent_since or known.gone_at or now, known.absences + 1
    changes: dict[str, Any] = {"absent_since": utc_text(since), "absences": absences}
    due: datetime | None
    if known.status == "gone":
        due = known.recheck_gone(since, now)
    else:
        due = look_again_at(absences, since, now)
        changes |= {"attempts": known.attempts + 1, "last_error": storable(reason)}
    _change(connection, article_id, due, changes)
    return Saved(outcome, article_id, known.revision_id, due)


def not_modified(connection: Connection, snapshot_id: int, article_id: int, now: datetime) -> Saved:
    """A 304: the page is as it was when it was read last, and it is there."""
    known = _known(connection, article_id, now)
    mark(connection, snapshot_id, "not-modified", article_id=article_id)
    due = known.recheck(now)
    changes: dict[str, Any] = {"attempts": 0, "last_error": None, "last_seen_at": utc_text(now)}
    if known.revision_id is not None:
        changes |= {"status": "live"} | THERE
    _change(connection, article_id, due, changes)
    since = known.absent_since or known.gone_at
    if known.revision_id is not None and since is not None:
        settle_absence(connection, article_id)
        called_back(connection, article_id, utc_text(since), now)
    return Saved("not-modified", article_id, known.revision_id, due)


def _known(connection: Connection, article_id: int, now: datetime) -> _Known:
    row = connection.execute(
        select(
            articles.c.status,
            articles.c.attempts,
            articles.c.revision_id,
            articles.c.first_seen_at,
            articles.c.gone_at,
            articles.c.absent_since,
            articles.c.absences,
            revisions.c.published_at,
        )
        .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
        .where(articles.c.article_id == article_id)
    ).one_or_none()
    if row is None:
        raise KeyError(article_id)
    attempts = row.attempts if isinstance(row.attempts, int) else 0  # verify names what is none
    return _Known(
        row.status,
        attempts,
        row.revision_id,
        past(row.first_seen_at, now) or now,
        past(row.gone_at, now),
        past(row.absent_since, now),
        row.absences,
        stored(row.published_at),
    )


def _change(connection: Connection, article_id: int, due: datetime | None, changes: dict[str, Any]) -> None:
    changes["due_at"] = None if due is None else utc_text(due)
    connection.execute(update(articles).where(articles.c.article_id == article_id).values(changes))
