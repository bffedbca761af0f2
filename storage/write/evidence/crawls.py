"""The ledger of crawls. Its counts are read from what the crawl left, except for visits that left no snapshot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, bindparam, func, insert, or_, select, update

from crawler.dates import utc_text
from storage.db.schema import articles, crawls, revisions, snapshots


def begin(  # noqa: PLR0913 - the columns of the ledger that are known at the beginning
    connection: Connection,
    edition: str,
    arguments: Mapping[str, str],
    software: str,
    user_agent: str,
    now: datetime,
    *,
    daily_budget: int | None = None,
) -> int:
    """A new row; its outcome stays null until `finish`, for ever when the process is killed."""
    row = {
        "edition": edition,
        "arguments": json.dumps(dict(arguments), ensure_ascii=False, sort_keys=True),
        "software": software,
        "user_agent": user_agent,
        "started_at": utc_text(now),
        "daily_budget": daily_budget,
    }
    return int(connection.execute(_BEGIN, row).scalar_one())


def finish(
    connection: Connection, crawl_id: int, outcome: str, exit_code: int, message: str | None, now: datetime
) -> str:
    """Closes the row and fills its counts, and those of killed crawls before it, whose pages were read since.

    Returns the edition. Raises ValueError for a row that is closed already.
    """
    end = {"outcome": outcome, "exit_code": exit_code, "message": message, "finished_at": utc_text(now)}
    edition = connection.execute(_CLOSE, {"of_crawl": crawl_id, **end}).scalar()
    if edition is None:
        raise ValueError(f"crawl {crawl_id} is finished already")
    which = {"of_edition": edition, "of_crawl": crawl_id}
    ended = connection.execute(_ENDED_BEFORE, which).scalar() or 0
    connection.execute(_COUNT, {**which, "ended": ended})
    return str(edition)


_LATEST = 50  # crawls among which one by a clock that was ahead is looked for

COUNTS = (
    "listing_pages", "article_pages", "new_articles", "new_revisions", "unchanged", "failed", "gone", "unrecognised",
    "requests", "waited",
)  # fmt: skip


def counts(connection: Connection, crawl_id: int) -> Mapping[str, int]:
    """What a finished crawl brought. Raises KeyError."""
    row = connection.execute(_COUNTED, {"of_crawl": crawl_id}).one_or_none()
    if row is None:
        raise KeyError(crawl_id)
    return dict(zip(COUNTS, row, strict=True))


def edition_of(connection: Connection, crawl_id: int) -> str | None:
    """The edition of a crawl; None where there is no such crawl."""
    found: str | None = connection.execute(select(crawls.c.edition).where(crawls.c.crawl_id == crawl_id)).scalar()
    return found


def ended_alike(connection: Connection, crawl_id: int) -> str | None:
    """When the crawl of the edition before this one ended, if in the same way and with the same message; else None."""
    found: str | None = connection.execute(_ENDED_ALIKE, {"of_crawl": crawl_id}).scalar()
    return found


def crawls_ahead(connection: Connection, edition: str, moment: datetime) -> bool:
    """Whether one of the latest crawls of an edition began or ended after a moment: by a clock that was ahead of it."""
    latest = (
        select(crawls.c.started_at, crawls.c.finished_at)
        .where(crawls.c.edition == edition)
        .order_by(crawls.c.crawl_id.desc())
        .limit(_LATEST)
        .subquery()
    )
    later = or_(latest.c.started_at > utc_text(moment), latest.c.finished_at > utc_text(moment))
    return connection.execute(select(latest.c.started_at).where(later).limit(1)).first() is not None


def editions(connection: Connection) -> list[str]:
    """The editions of the ledger, by name."""
    query = select(crawls.c.edition).distinct().order_by(crawls.c.edition)
    return list(connection.execute(query).scalars())


def count_failure(connection: Connection, article_id: int, snapshot_id: int | None) -> None:
    """One more failed visit for the crawl that made it: of a visit without an answer the one that is running (one at a
    time for an edition, see storage/db/lock.py). The counts of a finished crawl are not touched.
    """
    if snapshot_id is not None:
        visited = select(snapshots.c.crawl_id).where(snapshots.c.snapshot_id == snapshot_id).scalar_subquery()
        unfinished = (crawls.c.crawl_id == visited, crawls.c.finished_at.is_(None))
        connection.execute(update(crawls).where(*unfinished).values(failed=crawls.c.failed + 1))
        return
    edition = select(articles.c.edition).where(articles.c.article_id == article_id).scalar_subquery()
    running = (
        select(func.max(crawls.c.crawl_id))
        .where(crawls.c.edition == edition, crawls.c.finished_at.is_(None))
        .scalar_subquery()
    )
    connection.execute(update(crawls).where(crawls.c.crawl_id == running).values(failed=crawls.c.failed + 1))


def _pages(condition: ColumnElement[bool]) -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(snapshots)
        .where(snapshots.c.crawl_id == crawls.c.crawl_id, condition)
        .scalar_subquery()
    )


def _revisions(condition: ColumnElement[bool]) -> ScalarSelect[int]:
    # By article as well: it is what the rows of revisions are indexed by.
    shown = (revisions.c.article_id == snapshots.c.article_id) & (revisions.c.snapshot_id == snapshots.c.snapshot_id)
    return (
        select(func.count())
        .select_from(snapshots.join(revisions, shown))
        .where(snapshots.c.crawl_id == crawls.c.crawl_id, revisions.c.correction == 0, condition)
        .scalar_subquery()
    )


_THIS = crawls.c.crawl_id == bindparam("of_crawl")
_EARLIER = and_(crawls.c.edition == bindparam("of_edition"), crawls.c.crawl_id < bindparam("of_crawl"))

_BEGIN = insert(crawls).returning(crawls.c.crawl_id)
_CLOSE = update(crawls).where(_THIS, crawls.c.finished_at.is_(None)).returning(crawls.c.edition)
# The last one before that came to an end; those between were killed.
_ENDED_BEFORE = (
    select(crawls.c.crawl_id)
    .where(_EARLIER, crawls.c.finished_at.is_not(None))
    .order_by(crawls.c.crawl_id.desc())
    .limit(1)
)
_before = crawls.alias("before")
_further = crawls.alias("further")
_LAST_BEFORE = (
    select(func.max(_further.c.crawl_id))
    .where(_further.c.edition == crawls.c.edition, _further.c.crawl_id < crawls.c.crawl_id)
    .scalar_subquery()
)
_ENDED_ALIKE = (
    select(_before.c.finished_at)
    .select_from(crawls.join(_before, _before.c.crawl_id == _LAST_BEFORE))
    .where(
        _THIS,
        _before.c.outcome == crawls.c.outcome,
        func.coalesce(_before.c.message, "") == func.coalesce(crawls.c.message, ""),
    )
)
_COUNT = (
    update(crawls)
    .where(or_(_THIS, and_(_EARLIER, crawls.c.crawl_id > bindparam("ended"))))
    .values(
        listing_pages=_pages(snapshots.c.kind == "listing"),
        article_pages=_pages(snapshots.c.kind == "article"),
        unchanged=_pages(snapshots.c.reading.in_(("unchanged", "not-modified"))),
        gone=_pages(snapshots.c.reading == "gone"),
        unrecognised=_pages(snapshots.c.reading.in_(("unrecognised", "unreadable"))),
        new_articles=_revisions(revisions.c.number == 1),
        new_revisions=_revisions(and_(revisions.c.number > 1, revisions.c.cause.is_(None))),
    )
)
_COUNTED = select(*(crawls.c[name] for name in COUNTS)).where(_THIS)
