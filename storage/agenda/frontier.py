"""The frontier: which articles to fetch next. It is the table `articles` itself, so nothing is remembered elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, ScalarSelect, Select, bindparam, func, insert, or_, select, text, update

from crawler.dates import utc_text
from crawler.sites import site_day
from storage.rows import header, storable
from storage.schema import articles, revisions, snapshots
from storage.statements import Prepared


@dataclass(frozen=True, slots=True)
class Due:
    """An article to visit now. `etag` and `last_modified` are of the last page of it that was read, where the
    site gave any: what a conditional request sends back.
    """

    article_id: int
    key: str
    url: str
    status: str
    attempts: int
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How an article stands in the archive. `revision_id` is None while it was never archived."""

    article_id: int
    url: str
    status: str
    revision_id: int | None
    attempts: int


_FIND = Prepared(
    select(*(articles.c[name] for name in Standing.__dataclass_fields__)).where(
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


def find(connection: Connection, edition: str, key: str) -> Standing | None:
    """How the article of this key stands; None when it was never met."""
    row = _FIND.one(connection, of_edition=edition, of_key=key)
    return None if row is None else Standing(*row)


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
    etag = header(row.headers, "ETag") if row.headers else None
    last_modified = header(row.headers, "Last-Modified") if row.headers else None
    return Due(row.article_id, row.key, row.url, row.status, row.attempts, etag, last_modified)
