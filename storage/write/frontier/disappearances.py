"""The rows of `edits` that say that an article vanished or returned: told once, when it is decided, and never untold
because it came back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, literal_column, select, update

from storage.db.schema import articles, edits, snapshots
from storage.db.statements import Prepared

THERE: Final = ("article", "unchanged", "not-modified")
"""What comes of visits that find an article."""

_THIS: BindParameter[int] = bindparam("this")
_STATE = Prepared(
    select(articles.c.status, articles.c.gone_at, articles.c.gone_reason).where(
        articles.c.article_id == _THIS, articles.c.revision_id.is_not(None)
    )
)
_LAST = Prepared(
    select(edits.c.edit_id, edits.c.kind, edits.c.at)
    .where(edits.c.article_id == _THIS, edits.c.kind.in_([literal_column("'vanished'"), literal_column("'returned'")]))
    .order_by(edits.c.at.desc(), edits.c.edit_id.desc())
    .limit(literal_column("1"))
)
_VISITS = (
    select(snapshots.c.snapshot_id, snapshots.c.reading, snapshots.c.fetched_at, snapshots.c.status)
    .where(snapshots.c.article_id == _THIS, snapshots.c.kind == "article", snapshots.c.reading.is_not(None))
    .order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id)
)


def settle_absence(connection: Connection, article_id: int) -> None:
    """Tells that an article vanished or returned, where that was decided since it was last told."""
    state, last = _STATE.one(connection, this=article_id), _LAST.one(connection, this=article_id)
    if state is None:
        return
    status, gone_at, reason = state
    absent = last is not None and last[1] == "vanished"
    if status == "gone" and gone_at is not None:
        if last is None or not absent:
            _tell(connection, _vanished(connection, article_id, gone_at, reason))
        elif last[2] != gone_at:
            row = _vanished(connection, article_id, gone_at, reason)
            connection.execute(update(edits).where(edits.c.edit_id == last[0]).values(row))
    elif last is not None and absent:
        _return(connection, article_id, *last)


def fill_absences(connection: Connection) -> None:
    """Tells of all that vanished and returned in an archive in which nothing was told yet: every series of visits that
    a server answered by 404 or 410, as earlier versions decided.
    """
    gone = select(snapshots.c.article_id).where(snapshots.c.kind == "article", snapshots.c.reading == "gone")
    for article_id in connection.execute(gone.distinct().order_by(snapshots.c.article_id)).scalars().all():
        if article_id is not None:
            for row in _series(connection, article_id):
                _tell(connection, row)
            settle_absence(connection, article_id)


def _return(connection: Connection, article_id: int, edit_id: int, _: str, since: str) -> None:
    """It is there again. Where no visit found it, that it had vanished was a mistake."""
    visits = connection.execute(_VISITS, {"this": article_id}).all()
    found = next((visit for visit in visits if visit.reading in THERE and visit.fetched_at > since), None)
    if found is None:
        connection.execute(delete(edits).where(edits.c.edit_id == edit_id))
    else:
        _tell(connection, _row(article_id, "returned", found.fetched_at, found.snapshot_id))


def _vanished(connection: Connection, article_id: int, at: str, reason: str | None) -> dict[str, Any]:
    visits = connection.execute(_VISITS, {"this": article_id}).all()
    found = next((visit for visit in visits if visit.fetched_at >= at and visit.reading not in THERE), visits[-1])
    return _row(article_id, "vanished", at, found.snapshot_id, reason or f"HTTP status {found.status}")


def _series(connection: Connection, article_id: int) -> Iterator[dict[str, Any]]:
    """When it went and came back, by its visits in order of time. Before it was archived nothing can vanish."""
    there: bool | None = None
    for visit in connection.execute(_VISITS, {"this": article_id}).all():
        if visit.reading == "gone":
            if there:
                reason = f"HTTP status {visit.status}"
                yield _row(article_id, "vanished", visit.fetched_at, visit.snapshot_id, reason)
            there = False if there is not None else None
        elif visit.reading in THERE and (visit.reading != "not-modified" or there is not None):
            if there is False:
                yield _row(article_id, "returned", visit.fetched_at, visit.snapshot_id)
            there = True


def _row(article_id: int, kind: str, at: str, snapshot_id: int, reason: str | None = None) -> dict[str, Any]:
    return {"article_id": article_id, "kind": kind, "at": at, "snapshot_id": snapshot_id, "reason": reason}


def _tell(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(insert(edits).values(row))
