"""The table `days`: what can be said of each day of an edition, told again wherever coverage changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, exists, func, select

from crawler.dates import from_utc_text, local_day, utc_text
from crawler.listing.coverage import BEGINNING, WEEKS, Stretch, day_start, day_states, days_between, usual
from storage.db.schema import articles, crawls, days, gaps, members, snapshots
from storage.write.coverage.edges import Edges
from storage.write.coverage.intervals import Row, goal_of, live

EARLIEST: Final = date(1900, 1, 1)
"""No day before it is told of. Pages and imported files may claim any time, and each day from then on is a row."""

AHEAD: Final = timedelta(days=366)
"""Likewise no day further in the future than this."""

Span = tuple[str | None, str | None]
"""From an older to a newer time, UTC text."""


def tell_days(
    connection: Connection, edition: str, zone: ZoneInfo, now: datetime, touched: Sequence[Span] | None = None
) -> None:
    """Brings the days of an edition up to date: those between the times in `touched`, None: all of them.

    There are rows from the older of the oldest entry seen and the goal, to the day of `now`. What an import brought is
    looked for only where all days are told.
    """
    known = live(connection, edition, now, zone)
    imported = _imported_days(connection, edition, local_day(now, zone) + AHEAD) if touched is None else []
    first, last = _first_day(connection, edition, known, zone, imported), local_day(now, zone)
    if touched is not None:
        _forget_after(connection, edition, last)
    if first is None:
        return
    have = _states(connection, edition)
    first = min([max(first, EARLIEST), *map(date.fromisoformat, have)])  # a goal that was given up leaves its days
    last = max(last, *imported, first)
    concerned = _concerned(touched, first, last, zone)
    stretches = [*_stretches(connection, edition, known, zone, now), *_imported(imported, zone)]
    wanted = [day for day in days_between(first, last) if day in concerned or str(day) not in have]
    for day, state in day_states(wanted, zone, stretches):
        before = have.get(str(day))
        if state == "outside" and before is not None and before[0] == "unknown":
            continue  # imported
        number = None if state == "whole" else _usual(connection, edition, day)
        if before != (state, number):
            _write(connection, edition, day, state, number, new=before is None)


def holes(connection: Connection, edition: str, zone: ZoneInfo) -> list[Span]:
    """The days that are called holes, as spans of time."""
    found = connection.execute(select(days.c.day).where(days.c.edition == edition, days.c.state == "hole")).scalars()
    starts = (day_start(date.fromisoformat(day), zone) for day in found)
    return [(utc_text(start), utc_text(start + timedelta(hours=1))) for start in starts]


def _concerned(touched: Sequence[Span] | None, first: date, last: date, zone: ZoneInfo) -> set[date]:
    """The local days between the ends of each span; an end that is not known reaches as far as there are days."""
    if touched is None:
        return set(days_between(first, last))
    found: set[date] = set()
    for older, newer in touched:
        start = first if older is None else max(local_day(from_utc_text(older), zone), first)
        end = last if newer is None else min(local_day(from_utc_text(newer), zone), last)
        found.update(days_between(start, end))
    return found


def _write(connection: Connection, edition: str, day: date, state: str, number: int | None, *, new: bool) -> None:
    if new:
        row = {"edition": edition, "day": day.isoformat(), "state": state, "usual": number}
        connection.execute(days.insert().values(row))
        return
    this = (days.c.edition == edition) & (days.c.day == day.isoformat())
    connection.execute(days.update().where(this).values(state=state, usual=number))


def _states(connection: Connection, edition: str) -> dict[str, tuple[str, int | None]]:
    rows = connection.execute(select(days.c.day, days.c.state, days.c.usual).where(days.c.edition == edition))
    return {row.day: (row.state, row.usual) for row in rows}


def _forget_after(connection: Connection, edition: str, last: date) -> None:
    """Days to come, which a clock that was ahead told of, and of which nothing can be said. An import may know some."""
    later = (days.c.edition == edition) & (days.c.day > last.isoformat()) & (days.c.state != "unknown")
    connection.execute(days.delete().where(later))


def _first_day(
    connection: Connection, edition: str, known: list[Row], zone: ZoneInfo, imported: list[date]
) -> date | None:
    """The older of the oldest entry seen and the goal; that of all the listing does not count."""
    seen = connection.execute(_OLDEST_SEEN, {"of_edition": edition}).scalar()
    found = [*imported, *([date.fromisoformat(seen)] if seen else [])]
    found += [goal for row in known if (goal := goal_of(row)) is not None]
    found += [local_day(from_utc_text(row["read_at"]), zone) for row in known if row["read_at"]]
    return min(found, default=None)


# --- what is known of the time line


def _stretches(
    connection: Connection, edition: str, rows: list[Row], zone: ZoneInfo, now: datetime
) -> Iterator[Stretch]:
    heads, edges = [row for row in rows if row["kind"] == "head"], Edges(connection, edition, zone)
    if heads:
        yield from _walked(heads, edges, zone, now)
    for row in rows:
        if row["kind"] == "window" and (end := edges.top_time(row["walk_id"])) is not None:
            yield Stretch(min(_bottom(row, edges, zone) or end, end), end, "whole")
    yield from gap_stretches(connection, edition)


def _walked(heads: list[Row], edges: Edges, zone: ZoneInfo, now: datetime) -> Iterator[Stretch]:
    """From the bottom of the lowest interval to where the top was last read; what is between is in the table `gaps`."""
    lowest = heads[0]
    read_at = max(from_utc_text(row["read_at"] or row["updated_at"]) for row in heads)
    bottom = _bottom(lowest, edges, zone) or read_at
    yield Stretch(min(bottom, read_at), read_at, "whole")
    if _ends_open(lowest):
        goal = goal_of(lowest)
        start = day_start(local_day(bottom, zone) if goal is None else goal, zone)
        if start < bottom:
            yield Stretch(start, bottom, "unknown")
    if local_day(read_at, zone) < local_day(now, zone):
        yield Stretch(read_at, max(now, read_at), "hole")


def _bottom(row: Row, edges: Edges, zone: ZoneInfo) -> datetime | None:
    """How far down an interval says all there is; None where no time is known of its bottom."""
    goal, at = goal_of(row), edges.bottom_time(row["walk_id"])
    start = None if goal is None else day_start(goal, zone)
    if not row["complete"] or _ends_open(row):
        return at if start is None or at is None else max(at, start)
    if start is not None:
        return start
    return None if at is None else day_start(local_day(at, zone), zone)


def _ends_open(row: Row) -> bool:
    """Whether the listing ended there, and nobody can say whether that is its very end."""
    return bool(row["complete"]) and row["ended"] == "end" and row["end_kind"] not in {"said", "seen"}


def gap_stretches(connection: Connection, edition: str) -> Iterator[Stretch]:
    """What is open and what is lost of an edition's listing."""
    ours = (gaps.c.edition == edition) & gaps.c.state.in_(("open", "lost"))
    for row in connection.execute(select(gaps).where(ours)).mappings():
        start = BEGINNING if row["from_time"] is None else from_utc_text(row["from_time"])
        end = from_utc_text(row["to_time"] or row["found_at"])
        start, end = min(start, end), max(start, end)  # a listing is only roughly in order of time
        yield Stretch(start, end, "lost" if row["state"] == "lost" else "hole")


def _imported_days(connection: Connection, edition: str, latest: date) -> list[date]:
    """Days of articles that an import brought. Of its crawls nobody counted what waited."""
    told = connection.execute(_IMPORTED_DAYS, {"of_edition": edition}).scalars()
    return [day for day in map(date.fromisoformat, told) if EARLIEST <= day <= latest]


def _imported(found: list[date], zone: ZoneInfo) -> Iterator[Stretch]:
    """That there are no other articles on these days nobody can say."""
    for day in found:
        yield Stretch(day_start(day, zone), day_start(day + timedelta(days=1), zone), "imported")


def _usual(connection: Connection, edition: str, day: date) -> int | None:
    before = [(day - timedelta(weeks=number)).isoformat() for number in range(1, 4 * WEEKS)]
    rows = connection.execute(_WHOLE_DAYS, {"of_edition": edition, "these": before}).scalars()
    return usual(list(rows))


_OLDEST_SEEN = (
    select(articles.c.day)
    .where(
        articles.c.edition == bindparam("of_edition"),
        articles.c.day.is_not(None),
        exists().where(members.c.article_id == articles.c.article_id),
    )
    .order_by(articles.c.day)
    .limit(1)
)
_IMPORTED_DAYS = (
    select(articles.c.day)
    .distinct()
    .join(snapshots, snapshots.c.article_id == articles.c.article_id)
    .join(crawls, crawls.c.crawl_id == snapshots.c.crawl_id)
    .where(
        articles.c.edition == bindparam("of_edition"),
        articles.c.walk_id.is_(None),
        articles.c.day.is_not(None),
        crawls.c.waiting.is_(None),
        crawls.c.finished_at.is_not(None),
    )
    .order_by(articles.c.day)
)
_WHOLE_DAYS = (
    select(func.count(articles.c.article_id))
    .select_from(days)
    .outerjoin(articles, (articles.c.edition == days.c.edition) & (articles.c.day == days.c.day))
    .where(
        days.c.edition == bindparam("of_edition"),
        days.c.day.in_(bindparam("these", expanding=True)),
        days.c.state == "whole",
    )
    .group_by(days.c.day)
    .order_by(days.c.day.desc())
)
