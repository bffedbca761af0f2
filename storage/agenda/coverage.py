"""Coverage of the listing: intervals in the table `walks`, their members in `articles.walk_id`.

One transaction a listing page holds everything that it brought: the page and its body, the sightings, the new
members of the interval, and the joining of intervals. What was not proven to be in one piece is a sighting, but
no member; so a process killed anywhere leaves intervals that are true.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from crawler.dates import from_utc_text, local_day, utc_text
from crawler.decide import sweep_due, sweep_floor, walk_goal
from crawler.records import ListingPage, Snapshot
from crawler.steps import Interval, Step, View
from crawler.walk import Walk
from storage.agenda.sightings import Visit, remember
from storage.archive import Archive
from storage.schema import articles, walks


@dataclass(frozen=True, slots=True)
class Coverage:
    """The coverage of one edition, extended by one crawl."""

    archive: Archive
    edition: str
    crawl_id: int
    timezone: ZoneInfo

    def begin(self, now: datetime, since: date | None = None, until: date | None = None) -> Walk:
        """A walk for this run: from page 1, or from the local date `until`, down to `since` (None: as far as the
        live intervals mean to reach; 7 days on an empty archive).
        """
        with self.archive.connection() as connection:
            live = _live(connection, self.edition)
        heads = [row for row in live if row["kind"] == "head"]
        today = until or local_day(now, self.timezone)
        goal = walk_goal(since, [] if until else [date.fromisoformat(row["goal"]) for row in heads], today)
        if until is not None or not sweep_due(_first_time(heads, "swept_at", max), now):
            return Walk(goal, until=until)
        read = _first_time(heads, "swept_at", max) or _first_time(heads, "started_at", min)
        return Walk(goal, sweep=sweep_floor(today, None if read is None else local_day(read, self.timezone)))

    def bottom(self, walk: Walk) -> date | None:
        """The local day at which a walk that has just begun will end: where it meets older coverage that holds all
        below it, or its goal. None where nobody knows: at the listing's end.
        """
        with self.archive.connection() as connection:
            live = _live(connection, self.edition)
        goal = walk.goal.isoformat()
        whole = [row for row in live if row["kind"] == "head" and row["complete"] and row["goal"] <= goal]
        last = _first_time(whole, "updated_at", max)
        if last is None or walk.window:
            return walk.goal if walk.goal > date.min else None
        known = local_day(last, self.timezone)
        return known if walk.sweep is None else min(known, walk.sweep)

    def take(self, walk: Walk, snapshot: Snapshot, page: ListingPage | None) -> Step:
        """Keep a listing page with all that it says, and take the walk's next step.

        `page` is None where the server has nothing under that number (404).
        """
        number = snapshot.page or 1
        with self.archive.writing() as connection:
            snapshot_id = self.archive.keep_in(connection, snapshot, self.crawl_id, None, "listing")
            visit = Visit(snapshot_id, self.edition, snapshot.fetched_at, self.timezone)
            seen = remember(connection, visit, () if page is None else page.entries)
            step = walk.take(View(number, seen), _intervals(connection, self.edition))
            self._write(connection, walk, step, snapshot.fetched_at)
        return step

    def _write(self, connection: Connection, walk: Walk, step: Step, now: datetime) -> None:
        if walk.current is None and step.attach:
            walk.current = self._open(connection, walk, step, now)
        if walk.current is None:
            walk.current = step.merge  # nothing new on the first page: the known interval itself is walked on
        if walk.current is None:
            return
        self._extend(connection, walk.current, step, now)
        if step.merge not in (None, walk.current):
            walk.current = _merge(connection, walk.current, step.merge, now)
        _aim(connection, walk.current, walk.goal, now)
        if step.ended is not None or step.cut is not None or step.swept:
            self._close(connection, walk, step, now)

    def _open(self, connection: Connection, walk: Walk, step: Step, now: datetime) -> int:
        result = connection.execute(
            walks.insert().values(
                crawl_id=self.crawl_id,
                edition=self.edition,
                kind="window" if walk.window else "head",
                goal=walk.goal.isoformat(),
                started_at=utc_text(now),
                updated_at=utc_text(now),
                top_key=step.attach[0],
            )
        )
        (walk_id,) = result.inserted_primary_key or (0,)
        return int(walk_id)

    def _extend(self, connection: Connection, walk_id: int, step: Step, now: datetime) -> None:
        if step.attach:
            ours = (articles.c.edition == self.edition) & articles.c.key.in_(step.attach)
            connection.execute(articles.update().where(ours).values(walk_id=walk_id))
        values: dict[str, object] = {"pages": walks.c.pages + 1, "entries": walks.c.entries + len(step.attach)}
        if step.bottom is not None:
            last, page = step.bottom
            day = None if last.day is None else last.day.isoformat()
            values |= {"bottom_key": last.key, "bottom_page": page, "bottom_day": day, "ended": None, "complete": 0}
        _set(connection, walk_id, now, **values)

    def _close(self, connection: Connection, walk: Walk, step: Step, now: datetime) -> None:
        current = walk.current
        if current is None:
            return
        values: dict[str, object] = {}
        if step.ended is not None and step.ended != "joined":
            values["ended"] = step.ended
        if step.complete:
            values["complete"] = 1
        if step.swept:
            values["swept_at"] = utc_text(now)
        _set(connection, current, now, **values)
        if step.complete:
            _absorb(connection, self.edition, current, now)


def _live(connection: Connection, edition: str) -> list[RowMapping]:
    rows = connection.execute(select(walks).where(walks.c.edition == edition, walks.c.merged_into.is_(None)))
    return list(rows.mappings())


def _first_time(heads: list[RowMapping], column: str, first: Callable[..., str]) -> datetime | None:
    times = [row[column] for row in heads if row[column]]
    return from_utc_text(first(times)) if times else None


def _intervals(connection: Connection, edition: str) -> dict[int, Interval]:
    return {
        row["walk_id"]: Interval(
            row["walk_id"],
            row["kind"],
            date.fromisoformat(row["goal"]),
            bool(row["complete"]),
            row["ended"],
            row["entries"],
        )
        for row in _live(connection, edition)
    }


def _set(connection: Connection, walk_id: int, now: datetime, **values: object) -> None:
    connection.execute(walks.update().where(walks.c.walk_id == walk_id).values(updated_at=utc_text(now), **values))


def _row(connection: Connection, walk_id: int) -> RowMapping:
    return connection.execute(select(walks).where(walks.c.walk_id == walk_id)).mappings().one()


def _aim(connection: Connection, walk_id: int, goal: date, now: datetime) -> None:
    """A walk that means to reach deeper than its interval lowers the interval's goal at once: if it is cut short,
    the next run goes on to there.
    """
    if goal.isoformat() < _row(connection, walk_id)["goal"]:
        _set(connection, walk_id, now, goal=goal.isoformat(), complete=0)


def _merge(connection: Connection, one: int, other: int, now: datetime) -> int:
    """Make one interval of two that touch: the older one stays, since it is the larger one as a rule."""
    root, part = sorted((one, other))
    kept, gone = _row(connection, root), _row(connection, part)
    upper, lower = _row(connection, one), _row(connection, other)  # the one that was met lies below
    connection.execute(articles.update().where(articles.c.walk_id == part).values(walk_id=root))
    _set(
        connection,
        root,
        now,
        kind="head" if "head" in (kept["kind"], gone["kind"]) else "window",
        top_key=upper["top_key"],
        pages=kept["pages"] + gone["pages"],
        entries=kept["entries"] + gone["entries"],
        **{name: lower[name] for name in ("bottom_key", "bottom_page", "bottom_day", "complete", "ended", "goal")},
    )
    _set(connection, part, now, merged_into=root)
    return root


def _absorb(connection: Connection, edition: str, root: int, now: datetime) -> None:
    """Intervals from the top that reach no deeper than a complete one are part of it, met or not: what they had
    in the listing may all be deleted by now.
    """
    whole = _row(connection, root)
    if whole["kind"] != "head":
        return
    for row in _live(connection, edition):
        if row["walk_id"] != root and row["kind"] == "head" and row["goal"] >= whole["goal"]:
            connection.execute(articles.update().where(articles.c.walk_id == row["walk_id"]).values(walk_id=root))
            _set(connection, row["walk_id"], now, merged_into=root)
