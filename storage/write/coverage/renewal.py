"""Coverage told again from what it follows from: after a migration, an import, or a repair."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, RowMapping, bindparam, delete, exists, func, insert, select, update

from crawler.dates import from_utc_text, local_day
from storage.db.schema import articles, crawls, days, gaps, members, revisions, sightings, walks
from storage.read.reader import reader_within
from storage.read.zones import zones_of
from storage.write.coverage.days import tell_days
from storage.write.coverage.members import STEP
from storage.write.coverage.moments import moments
from storage.write.coverage.pieces import Pieces
from storage.write.evidence.editions import note_all, zone_in

_BATCH: Final = 5000


def renew(connection: Connection) -> None:
    """Fills what an archive of an earlier schema could not say: days of articles, gaps of walks, states of days."""
    for edition in note_all(connection):
        forget_days(connection, edition)
    _date_revisions(connection)
    _date_articles(connection)
    place(connection)
    for edition, now in last_crawls(connection):
        tell_again(connection, edition, now)


def date_again(connection: Connection, edition: str, now: datetime) -> None:
    """All days of an edition after its zone was corrected: those of articles and revisions, and the states of days."""
    forget_days(connection, edition)
    _date_revisions(connection)
    _date_articles(connection)
    tell_again(connection, edition, now)


def forget_days(connection: Connection, edition: str) -> None:
    """Takes back all that is said of the days of an edition, which `date_again` and `renew` say again."""
    ours = select(articles.c.article_id).where(articles.c.edition == edition)
    connection.execute(update(revisions).where(revisions.c.article_id.in_(ours)).values(published_day=None))
    connection.execute(update(articles).where(articles.c.edition == edition).values(day=None))
    connection.execute(delete(days).where(days.c.edition == edition))


def tell_again(connection: Connection, edition: str, now: datetime) -> None:
    """All days of an edition, and the times of its gaps, from the rows that they follow from."""
    zone = zone_in(connection, edition)
    Pieces(connection, edition, None, zone, now).date_again()
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
    values, zones = [], zones_of(reader_within(connection))
    for row in connection.execute(query).all():
        with suppress(ValueError):
            day = local_day(from_utc_text(row.published_at), zones.of(row.edition))
            values.append({"this": row.revision_id, "own": day.isoformat()})
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
    values, zones = [], zones_of(reader_within(connection))
    for article_id, edition, seen, published, day in connection.execute(query).all():
        with suppress(ValueError):
            met = local_day(from_utc_text(seen), zones.of(edition)).isoformat()
            values.append({"this": article_id, "own": published or day or met})
    statement = update(articles).where(articles.c.article_id == bindparam("this")).values(day=bindparam("own"))
    _in_batches(connection, statement, values)


def _in_batches(connection: Connection, statement: object, values: Sequence[dict[str, object]]) -> None:
    for start in range(0, len(values), _BATCH):
        connection.execute(statement, values[start : start + _BATCH])  # type: ignore[call-overload]


def place(connection: Connection) -> None:
    """Earlier schemas knew which interval holds an entry, but not where, and what was seen apart by two entries
    alone.
    """
    new = walks.c.merged_into.is_(None) & walks.c.position.is_(None)
    if not connection.execute(select(walks.c.walk_id).where(new).limit(1)).first():
        return
    told = connection.execute(select(gaps.c.gap_id).limit(1)).first() is not None
    connection.execute(_ENTER)
    for edition, now in last_crawls(connection):
        _set_apart(connection, edition)
        _order(connection, edition)
        if not told:  # the gaps follow from the order
            Pieces(connection, edition, None, zone_in(connection, edition), now).save()


def _set_apart(connection: Connection, edition: str) -> None:
    """Between two gaps under one interval stands a piece of which the ends are known."""
    unfilled = (gaps.c.edition == edition) & gaps.c.state.in_(("open", "lost"))
    rows = connection.execute(select(gaps).where(unfilled).order_by(gaps.c.to_time.desc())).mappings().all()
    held = dict(
        connection.execute(select(articles.c.key, articles.c.walk_id).where(articles.c.edition == edition)).all()
    )
    for row in rows:
        if row["newer_key"] is None or held.get(row["newer_key"]) is not None:
            continue
        above = next((one for one in rows if one["walk_id"] == row["walk_id"] and _ends_at(one, row)), None)
        if above is None:
            continue
        top_key = above["older_key"]
        walk_id = _insert_apart(connection, row, top_key)
        connection.execute(update(gaps).where(gaps.c.gap_id == row["gap_id"]).values(walk_id=walk_id))
        for place, key in enumerate(dict.fromkeys((top_key, row["newer_key"]))):
            this = select(articles.c.article_id, bindparam("walk", walk_id), bindparam("at", place * STEP))
            ours = this.where(articles.c.edition == edition, articles.c.key == key)
            connection.execute(insert(members).from_select(["article_id", "walk_id", "place"], ours))


def _ends_at(one: RowMapping, row: RowMapping) -> bool:
    """Whether a gap ends at the piece under which another one begins: it is the nearest one above."""
    return one["older_key"] is not None and (one["from_time"] or "") >= (row["to_time"] or "")


def _insert_apart(connection: Connection, row: RowMapping, top_key: str) -> int:
    above = connection.execute(select(walks).where(walks.c.walk_id == row["walk_id"])).mappings().one_or_none()
    crawl_id = row["crawl_id"] or (above and above["crawl_id"]) or connection.execute(_ANY_CRAWL).scalar_one()
    values = {
        "crawl_id": crawl_id, "edition": row["edition"], "kind": "apart", "top_key": top_key,
        "bottom_key": row["newer_key"], "goal": above["goal"] if above else date.max.isoformat(),
        "started_at": row["found_at"], "updated_at": row["found_at"], "entries": 1 + (top_key != row["newer_key"]),
    }  # fmt: skip
    found = connection.execute(insert(walks).values(values)).inserted_primary_key
    return int(found[0]) if found else 0


def _order(connection: Connection, edition: str) -> None:
    """Intervals from the top by number, the newest above; others by the times of their entries."""
    ours = (walks.c.edition == edition) & walks.c.merged_into.is_(None)
    rows = connection.execute(select(walks).where(ours)).mappings().all()
    keys = [key for row in rows for key in (row["top_key"], row["bottom_key"]) if key]
    known = moments(connection, edition, keys, zone_in(connection, edition))
    line = sorted((row for row in rows if row["kind"] == "head"), key=lambda row: row["walk_id"])
    for row in rows:
        if row["kind"] != "head":
            at = known.get(row["top_key"] or "", "")
            line.insert(sum(known.get(one["bottom_key"] or one["top_key"] or "", "9") < at for one in line), row)
    for position, row in enumerate(line, 1):
        connection.execute(update(walks).where(walks.c.walk_id == row["walk_id"]).values(position=position))


_ANY_CRAWL = select(func.min(crawls.c.crawl_id))
_CAME_OUT = func.coalesce(revisions.c.published_at, articles.c.day, articles.c.first_seen_at).desc()
_ENTER = insert(members).from_select(
    ["article_id", "walk_id", "place"],
    select(
        articles.c.article_id,
        articles.c.walk_id,
        STEP * func.row_number().over(partition_by=articles.c.walk_id, order_by=(_CAME_OUT, articles.c.article_id)),
    )
    .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(articles.c.walk_id.is_not(None), ~exists().where(members.c.article_id == articles.c.article_id)),
)
