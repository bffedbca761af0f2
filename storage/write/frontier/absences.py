"""Articles that visits do not find: what the site as a whole says of them, and when one is called gone or given up.

A visit only counts (storage/write/frontier/visits.py). What follows from the count is decided at the end of a run,
when all its answers are known: one article at a time by patience, none by the short one while a wall stands
(crawler/rules/walls.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, case, or_, select, update

from crawler.dates import from_utc_text, utc_text
from crawler.rules.absences import ABSENT, FOUND, Visit, latest_series, periods, reason_of
from crawler.rules.decide import PATIENCE, patient
from crawler.rules.walls import Wall
from storage.db.rows import storable
from storage.db.schema import articles, edits, snapshots
from storage.db.statements import Prepared
from storage.read.reader import Reader
from storage.read.walls import Undecided, standing_walls, undecided
from storage.write.frontier.disappearances import settle_absence

CANARIES: Final = 3
"""Articles behind a wall that are looked at again soon: when one is there again, all others are asked for."""

CANARY_AFTER: Final = timedelta(minutes=10)
TOGETHER: Final = timedelta(days=2)
"""Articles that went within so long of each other may come back together."""


def settle(connection: Connection, reader: Reader, edition: str) -> tuple[Wall, ...]:
    """Decides what is ripe, and has a few articles behind each wall looked at soon. Returns the walls that stand.

    In the transaction that is under way; `reader` reads in it.
    """
    absent = undecided(reader, edition)
    standing = standing_walls(reader, edition, absent)
    behind = {wall.archived for wall in standing}
    ripe = [one for one in absent if patient(one.absences, one.last - one.since, walled=one.archived in behind)]
    for one in ripe:
        conclude(connection, one)
    for archived in behind:
        _watch(connection, [one for one in absent if one.archived == archived and one not in ripe])
    return standing


def conclude(connection: Connection, one: Undecided) -> None:
    """Calls an article gone, as of its first absence, or gives up one that was never archived."""
    reason = storable(one.reason)
    if one.archived:
        _GONE.run(connection, this=one.article_id, reason=reason)
        settle_absence(connection, one.article_id)
    else:
        _GIVEN_UP.run(connection, this=one.article_id, reason=reason)


def settle_one(connection: Connection, reader: Reader, edition: str, article_id: int) -> None:
    """The same right after one visit, for pages that come without runs, as an import brings them."""
    absences = connection.execute(select(articles.c.absences).where(articles.c.article_id == article_id)).scalar_one()
    if absences >= PATIENCE[0]:
        settle(connection, reader, edition)


def called_back(connection: Connection, article_id: int, since: str, now: datetime) -> None:
    """An article that was absent `since` (UTC text) is there again: so may be all that nothing is decided of, and those
    that went at the same time. They are asked for again now.
    """
    went = from_utc_text(since)
    _CALL_BACK.run(
        connection,
        this=article_id,
        now=utc_text(now),
        soonest=utc_text(went - TOGETHER),
        latest=utc_text(went + TOGETHER),
    )


def visits_of(connection: Connection, article_id: int) -> list[Visit]:
    """The visits of an article that found it, or showed that it is not there, in order of time."""
    return list(_visits(_VISITS.all(connection, this=article_id)))


def decisions_on(connection: Connection, article_id: int) -> frozenset[datetime]:
    """Times of absences of series that were decided: what the archive says of it now, and said of it once."""
    now = select(articles.c.gone_at).where(articles.c.article_id == article_id, articles.c.gone_at.is_not(None))
    once = select(edits.c.at).where(edits.c.article_id == article_id, edits.c.kind == "vanished")
    return frozenset(from_utc_text(moment) for moment in connection.execute(now.union(once)).scalars())


def recounted(connection: Connection, article_id: int) -> dict[str, Any]:
    """The columns of an archived article that follow from its visits, where these are not in the order in which they
    came to the archive: whether it is there, and since when not.
    """
    visits = visits_of(connection, article_id)
    series = latest_series(visits)
    gone = [one for one in periods(visits, decisions_on(connection, article_id)) if one.returned is None]
    return {
        "status": "gone" if gone else "live",
        "gone_at": utc_text(gone[0].since) if gone else None,
        "gone_reason": gone[0].reason if gone else None,
        "absent_since": utc_text(series[0].at) if series else None,
        "absences": len(series),
    }


def _visits(rows: Iterable[tuple[Any, ...]]) -> Iterator[Visit]:
    """A 304 finds an article only where it was read before."""
    there = False
    for snapshot_id, fetched_at, reading, *answer in rows:
        there = there or reading in {"article", "unchanged"}
        if reading in ABSENT:
            yield Visit(
                from_utc_text(fetched_at), found=False, reason=reason_of(reading, *answer), snapshot_id=snapshot_id
            )
        elif there:
            yield Visit(from_utc_text(fetched_at), found=True, snapshot_id=snapshot_id)


def _watch(connection: Connection, behind: Sequence[Undecided]) -> None:
    """The latest met are the likeliest to come back first."""
    for one in islice(reversed(behind), CANARIES):
        _SOON.run(connection, this=one.article_id, soon=utc_text(one.last + CANARY_AFTER))


_VISITS = Prepared(
    select(
        snapshots.c.snapshot_id,
        snapshots.c.fetched_at,
        snapshots.c.reading,
        snapshots.c.status,
        snapshots.c.requested_url,
        snapshots.c.url,
        snapshots.c.problem,
    )
    .where(
        snapshots.c.article_id == bindparam("this"),
        snapshots.c.kind == "article",
        or_(*(snapshots.c.reading == reading for reading in sorted(FOUND | ABSENT))),
    )
    .order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id)
)

_THIS = articles.c.article_id == bindparam("this")
_GONE = Prepared(
    update(articles)
    .where(_THIS)
    .values(
        status="gone", gone_at=articles.c.absent_since, gone_reason=bindparam("reason"), attempts=0, last_error=None
    )
)
_GIVEN_UP = Prepared(
    update(articles).where(_THIS).values(status="given-up", due_at=None, last_error=bindparam("reason"))
)
_SOON = Prepared(update(articles).where(_THIS, articles.c.due_at > bindparam("soon")).values(due_at=bindparam("soon")))
_IS_GIVEN_UP = articles.c.status == "given-up"
_CALL_BACK = Prepared(
    update(articles)
    .where(
        articles.c.edition == select(articles.c.edition).where(_THIS).scalar_subquery(),
        articles.c.absent_since.is_not(None),
        articles.c.article_id > 0,
        or_(
            articles.c.status == "pending",
            articles.c.status == "live",
            articles.c.absent_since.between(bindparam("soonest"), bindparam("latest")),
        ),
        or_(articles.c.due_at.is_(None), articles.c.due_at > bindparam("now")),
    )
    .values(
        due_at=bindparam("now"),
        status=case((_IS_GIVEN_UP, "pending"), else_=articles.c.status),
        attempts=case((_IS_GIVEN_UP, 0), else_=articles.c.attempts),
    )
)
