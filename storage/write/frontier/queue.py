"""The frontier: which articles to fetch next. It is the table `articles` itself, so nothing is remembered elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, bindparam, func, insert, or_, select, text, union, update

from crawler.dates import past, stored, utc_text
from crawler.rules.decide import AHEAD, FURTHEST, planned_at
from crawler.sites import site_day
from storage.db.rows import header, storable
from storage.db.schema import articles, revisions, snapshots
from storage.db.statements import Prepared
from storage.write.evidence.crawls import crawls_ahead


@dataclass(frozen=True, slots=True)
class Due:
    """An article to visit now. `etag` and `last_modified` are of the last page of it that was read, where the
    site gave any: what a conditional request sends back. After a 304 that did not count the whole page is asked for.
    """

    article_id: int
    key: str
    url: str
    status: str
    attempts: int
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleState:
    """How an article stands in the archive. `revision_id` is None while it was never archived."""

    article_id: int
    url: str
    status: str
    revision_id: int | None
    attempts: int


_FIND = Prepared(
    select(*(articles.c[name] for name in ArticleState.__dataclass_fields__)).where(
        articles.c.edition == bindparam("of_edition"), articles.c.key == bindparam("of_key")
    )
)


def pending(connection: Connection, edition: str, now: datetime, limit: int, exclude: Collection[int]) -> list[Due]:
    """Articles not archived yet whose time has come, the latest met first: a long backfill does not keep the day's
    news waiting.
    """
    # Written out, not bound: SQLite uses a partial index only where it sees its condition.
    query = _candidates(edition, now).where(text("status = 'pending'")).order_by(articles.c.article_id.desc())
    return _take(connection, query, limit, exclude)


def rechecks(connection: Connection, edition: str, now: datetime, limit: int, exclude: Collection[int]) -> list[Due]:
    """Archived articles that are to be looked at again, the longest due first."""
    query = _candidates(edition, now).where(text("status <> 'pending'"), articles.c.status != "given-up")
    return _take(connection, query.order_by(articles.c.due_at, articles.c.article_id), limit, exclude)


def waiting(connection: Connection, edition: str, now: datetime, *, recheck: bool) -> int:
    """How many articles are to be visited now."""
    due = (articles.c.edition == edition) & (articles.c.due_at <= utc_text(now))
    conditions = [text("status = 'pending'"), text("status <> 'pending' AND status <> 'given-up'")]
    counts = (select(func.count()).select_from(articles).where(due, one) for one in conditions[: 1 + recheck])
    return sum(connection.execute(count).scalar_one() for count in counts)


def find(connection: Connection, edition: str, key: str) -> ArticleState | None:
    """How the article of this key stands; None when it was never met."""
    row = _FIND.one(connection, of_edition=edition, of_key=key)
    return None if row is None else ArticleState(*row)


def remember(connection: Connection, edition: str, key: str, url: str, now: datetime) -> int:
    """The article_id of a key, met now if never before: then it is pending and due at once.

    One that was given up is tried again from the start.
    """
    row = connection.execute(
        select(articles.c.article_id, articles.c.status).where(articles.c.edition == edition, articles.c.key == key)
    ).one_or_none()
    moment = utc_text(now)
    if row is None:
        met = {"first_seen_at": moment, "last_seen_at": moment, "due_at": moment, "status": "pending"}
        met["day"] = str(site_day(edition, now))
        row = connection.execute(
            insert(articles)
            .values(edition=edition, key=storable(key), url=storable(url), **met)
            .returning(articles.c.article_id, articles.c.status)
        ).one()
    elif row.status == "given-up":
        again = {"status": "pending", "due_at": moment, "attempts": 0}
        connection.execute(update(articles).where(articles.c.article_id == row.article_id).values(again))
    return int(row.article_id)


def plan_rechecks(connection: Connection, edition: str, since: datetime | None, now: datetime) -> int:
    """Makes archived articles due now: those published since (observed since, where they show no date), or all.

    The plan is kept with the articles, so that a run cut short is continued. Returns how many it concerns.
    """
    archived = (articles.c.edition == edition) & articles.c.revision_id.is_not(None)
    if since is not None:
        told = func.coalesce(revisions.c.published_at, revisions.c.observed_at)
        recent = select(revisions.c.revision_id).where(
            revisions.c.revision_id == articles.c.revision_id, told >= utc_text(since)
        )
        archived &= recent.exists()
    later = or_(articles.c.due_at.is_(None), articles.c.due_at > utc_text(now))
    connection.execute(update(articles).where(archived, later).values(due_at=utc_text(now)))
    counted = select(func.count()).select_from(articles).where(archived)
    return int(connection.execute(counted).scalar_one())


def replan(connection: Connection, edition: str, now: datetime) -> int:
    """Brings forward what cannot have been planned by now: a clock that was ahead wrote it, or it is no time at all.

    Articles that such a clock saw last are planned by their ages again. Returns how many it concerns.
    """
    moved = 0
    for row in connection.execute(_suspects(connection, edition, now)).all():
        due = _right_time(row, now)
        if due is not None:
            this = articles.c.article_id == row.article_id
            connection.execute(update(articles).where(this).values(due_at=utc_text(due)))
            moved += 1
    return moved


def _right_time(row: Row[Any], now: datetime) -> datetime | None:
    """When an article is to be visited, where that is earlier than it says; None where it may stay."""
    due, first_seen = stored(row.due_at), past(row.first_seen_at, now) or now
    if row.due_at is not None and (due is None or due > now + FURTHEST):
        return now
    attempts = row.attempts if isinstance(row.attempts, int) else 0
    plan = planned_at(attempts, stored(row.published_at), first_seen, now)
    if row.status == "pending" and not attempts:
        plan = now
    if due is None:
        return plan if past(row.last_seen_at, now) is None else None
    return plan if plan is not None and not row.absences and due > plan else None


def _suspects(connection: Connection, edition: str, now: datetime) -> Select[Any]:
    """What may be planned too late: each condition by its own index. All articles of the future are looked at only
    where one of the latest crawls lies there.
    """
    ours, moment = articles.c.edition == edition, utc_text(now)
    later = articles.c.due_at > moment
    conditions = [
        ours & text("status = 'pending'") & later,
        ours & text("attempts > 0") & later,
        ours & text("status <> 'pending'") & (articles.c.due_at > utc_text(now + FURTHEST)),
    ]
    if crawls_ahead(connection, edition, now + AHEAD):
        conditions.append(ours & text("status <> 'pending'") & (later | (articles.c.last_seen_at > moment)))
    found = union(*(select(articles.c.article_id).where(condition) for condition in conditions))
    columns = ("article_id", "status", "attempts", "absences", "due_at", "first_seen_at", "last_seen_at")
    return (
        select(*(articles.c[name] for name in columns), revisions.c.published_at)
        .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
        .where(articles.c.article_id.in_(found), articles.c.status != "given-up")
    )


def _take(connection: Connection, query: Select[Any], limit: int, exclude: Collection[int]) -> list[Due]:
    rows = connection.execute(query.limit(limit + len(exclude))).all()
    return [_due(row) for row in rows if row.article_id not in exclude][:limit]


def _candidates(edition: str, now: datetime) -> Select[Any]:
    # An article with a kept page that is still to be read waits for it: that page comes first.
    unread = (snapshots.c.article_id == articles.c.article_id) & snapshots.c.reading.is_(None)
    return select(
        articles.c.article_id,
        articles.c.key,
        articles.c.url,
        articles.c.status,
        articles.c.attempts,
        articles.c.last_error,
        _validators().label("headers"),
    ).where(
        articles.c.edition == edition,
        articles.c.due_at <= utc_text(now),
        ~select(snapshots.c.snapshot_id).where(unread).exists(),
    )


def _validators() -> ScalarSelect[str]:
    """Headers of the last full page of the article that was read."""
    return (
        select(snapshots.c.headers)
        .where(
            snapshots.c.article_id == articles.c.article_id,
            snapshots.c.reading.in_(("article", "unchanged")),
            snapshots.c.damage.is_(None),
        )
        .order_by(snapshots.c.snapshot_id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _due(row: Row[Any]) -> Due:
    believed = row.status != "pending" and not (row.last_error or "").startswith(f"HTTP {HTTPStatus.NOT_MODIFIED}")
    headers = row.headers if believed else None
    etag = header(headers, "ETag") if headers else None
    last_modified = header(headers, "Last-Modified") if headers else None
    return Due(row.article_id, row.key, row.url, row.status, row.attempts, etag, last_modified)
