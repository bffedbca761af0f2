"""Snapshots: kept before anything is read, read exactly once, and rebuilt from the archive at any time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, bindparam, func, select, update

from crawler.dates import from_utc_text
from crawler.records import Snapshot
from storage.db.rows import SNAPSHOT_COLUMNS, snapshot_from, snapshot_row
from storage.db.schema import articles, crawls, snapshots
from storage.db.statements import Prepared, insert_row
from storage.write.evidence.bodies import Bodies

Mark = Literal[
    "article", "listing", "unchanged", "not-modified", "gone", "soft-404", "unrecognised", "unreadable", "robots",
    "error",
]  # fmt: skip
"""What came of reading a snapshot: the values of `snapshots.reading`."""

_KEEP = Prepared(insert_row(snapshots, *SNAPSHOT_COLUMNS).returning(snapshots.c.snapshot_id))

_MARK = Prepared(
    update(snapshots)
    .where(snapshots.c.snapshot_id == bindparam("of_snapshot"))
    .values(
        reading=bindparam("mark"),
        problem=bindparam("why"),
        article_id=func.coalesce(snapshots.c.article_id, bindparam("of_article")),
        stamp=bindparam("times"),
    )
)


def keep(
    connection: Connection,
    bodies: Bodies,
    snapshot: Snapshot,
    crawl_id: int,
    article_id: int | None,
    reading: Mark | None = None,
) -> int:
    """Stores an answer with its body and returns its snapshot_id. `reading` is None while it is not read yet."""
    sha256 = snapshot.sha256 if snapshot.body else None
    if sha256 is not None:
        bodies.put(connection, sha256, snapshot.body, (snapshot.edition, snapshot.kind))
    row = snapshot_row(snapshot, sha256)
    ids = _KEEP.all(connection, **row, crawl_id=crawl_id, article_id=article_id, reading=reading)
    return int(ids[0][0])


def mark(
    connection: Connection,
    snapshot_id: int,
    mark: Mark,
    *,
    problem: str | None = None,
    article_id: int | None = None,
    stamp: str | None = None,
) -> None:
    """Notes what came of reading a snapshot, and of which article it was where that was not known before.

    `stamp`: the times that an article's page gives (`rows.stamp`).
    """
    _MARK.run(connection, of_snapshot=snapshot_id, mark=mark, why=problem, of_article=article_id, times=stamp)


def visited(connection: Connection, snapshot_id: int) -> tuple[int, datetime]:
    """The article that a kept page was asked for, and when. Raises KeyError for what is no article's."""
    query = select(snapshots.c.article_id, snapshots.c.fetched_at).where(snapshots.c.snapshot_id == snapshot_id)
    row = connection.execute(query).one_or_none()
    if row is None or row.article_id is None:
        raise KeyError(snapshot_id)
    return row.article_id, from_utc_text(row.fetched_at)


def load(connection: Connection, bodies: Bodies, snapshot_id: int) -> Snapshot:
    """The snapshot as it was kept. Raises KeyError when there is none, DamagedBody when its body is lost."""
    row = connection.execute(_with_key().where(snapshots.c.snapshot_id == snapshot_id)).mappings().one_or_none()
    if row is None:
        raise KeyError(snapshot_id)
    return _rebuilt(connection, bodies, dict(row))


def unread(connection: Connection, edition: str, limit: int) -> list[int]:
    """The ids of article snapshots that a killed run kept and did not come to read, oldest first."""
    query = (
        select(snapshots.c.snapshot_id)
        .where(snapshots.c.reading.is_(None), snapshots.c.edition == edition, snapshots.c.kind == "article")
        .order_by(snapshots.c.snapshot_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def left_by(connection: Connection, snapshot_id: int, crawl_id: int) -> int:
    """How many crawls before one came to no end with a page before them, that which kept it among them."""
    query = select(func.count()).where(
        snapshots.c.snapshot_id == snapshot_id,
        crawls.c.edition == snapshots.c.edition,
        crawls.c.crawl_id.between(snapshots.c.crawl_id, crawl_id - 1),
        crawls.c.finished_at.is_(None),
    )
    return int(connection.execute(query).scalar_one())


def _with_key() -> Select[Any]:
    return select(snapshots, articles.c.key).outerjoin(articles, articles.c.article_id == snapshots.c.article_id)


def _rebuilt(connection: Connection, bodies: Bodies, row: dict[str, Any]) -> Snapshot:
    sha256 = row["body_sha256"]
    return snapshot_from(row, bodies.get(connection, sha256) if sha256 else b"", row["key"])
