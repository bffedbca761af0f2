"""Coverage told again from what it follows from: after a migration, an import, or a repair."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from crawler.dates import from_utc_text, local_day
from crawler.sites import site_day, zone_of
from storage.db.schema import articles, crawls, days, gaps, revisions, sightings, walks
from storage.write.coverage.days import tell_days
from storage.write.coverage.gaps import Gaps

_BATCH: Final = 5000


def renew(connection: Connection) -> None:
    """Fills what an archive of an earlier schema could not say: days of articles, gaps of walks, states of days."""
    _date_revisions(connection)
    _date_articles(connection)
    _find_gaps(connection)
    for edition, now in last_crawls(connection):
        tell_again(connection, edition, now)


def tell_again(connection: Connection, edition: str, now: datetime) -> None:
    """All days of an edition, and the times of its gaps, from the rows that they follow from."""
    zone = zone_of(edition)
    book = Gaps(connection, edition, None, zone, now)
    book.date_again(book.unfilled())
    tell_days(connection, edition, zone, now)


def last_crawls(connection: Connection) -> list[tuple[str, datetime]]:
    """Each edition with the time of its latest crawl."""
    latest = func.max(func.coalesce(crawls.c.finished_at, crawls.c.started_at))
    found = []
    for edition, text in connection.execute(select(crawls.c.edition, latest).group_by(crawls.c.edition)).all():
        with suppress(ValueError):  # damaged: `dateline verify` names it
            found.append((edition, from_utc_text(text)))
    return found


def _date_revisions(connection: Connection) -> None:
    query = (
        select(revisions.c.revision_id, revisions.c.published_at, articles.c.edition)
        .join(articles, articles.c.article_id == revisions.c.article_id)
        .where(revisions.c.published_at.is_not(None), revisions.c.published_day.is_(None))
    )
    values = []
    for row in connection.execute(query).all():
        with suppress(ValueError):
            values.append({"this": row.revision_id, "own": site_day(row.edition, from_utc_text(row.published_at))})
    statement = (
        update(revisions).where(revisions.c.revision_id == bindparam("this")).values(published_day=bindparam("own"))
    )
    _in_batches(connection, statement, values)


def _date_articles(connection: Connection) -> None:
    listed = (
        select(sightings.c.day)
        .where(sightings.c.article_id == articles.c.article_id, sightings.c.day.is_not(None))
        .order_by(sightings.c.sighting_id)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(articles.c.article_id, articles.c.edition, articles.c.first_seen_at, revisions.c.published_day, listed)
        .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
        .where(articles.c.day.is_(None))
    )
    values = []
    for article_id, edition, seen, published, day in connection.execute(query).all():
        with suppress(ValueError):
            met = local_day(from_utc_text(seen), zone_of(edition)).isoformat()
            values.append({"this": article_id, "own": published or day or met})
    statement = update(articles).where(articles.c.article_id == bindparam("this")).values(day=bindparam("own"))
    _in_batches(connection, statement, values)


def _in_batches(connection: Connection, statement: object, values: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(values), _BATCH):
        connection.execute(statement, values[start : start + _BATCH])  # type: ignore[call-overload]


def _find_gaps(connection: Connection) -> None:
    """Earlier schemas knew a gap by the intervals around it alone."""
    if any(connection.execute(select(column).limit(1)).first() for column in (gaps.c.gap_id, days.c.day)):
        return
    for edition, now in last_crawls(connection):
        live = select(walks).where(walks.c.edition == edition, walks.c.merged_into.is_(None))
        rows = connection.execute(live.order_by(walks.c.walk_id)).mappings().all()
        book = Gaps(connection, edition, None, zone_of(edition), now)
        lowest = min((row["walk_id"] for row in rows if row["kind"] == "head"), default=None)
        for row in rows:
            upper = row["kind"] == "head" and row["walk_id"] != lowest
            if (upper or not row["complete"]) and (row["bottom_key"] or row["top_key"]):
                book.open(row)
