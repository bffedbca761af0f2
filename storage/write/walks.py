"""Coverage of the listing: intervals in the table `walks`, their members in `articles.walk_id`.

One transaction per listing page holds everything that it brought: the page and its body, the sightings, the new
members of the interval, the joining of intervals, the gaps between them and the days that they concern. What was not
proven to be in one piece is a sighting, but no member; so a process killed anywhere leaves coverage that is true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from crawler.dates import from_utc_text, local_day, utc_text
from crawler.listing.coverage import in_words
from crawler.listing.steps import End, Interval, Step, View
from crawler.listing.walk import Walk
from crawler.records import ListingPage, Snapshot
from crawler.rules.decide import sweep_due, sweep_floor, walk_goal
from storage.db.schema import articles, walks
from storage.write.archive import Archive
from storage.write.coverage.days import tell_days
from storage.write.coverage.gaps import Gaps
from storage.write.coverage.intervals import Row, as_of, live
from storage.write.coverage.moments import moments
from storage.write.frontier.sightings import ListingVisit, remember, remember_unknown

LOST: Final = "the listing ended before it: what lies between is no longer shown"

_NO_END: Final = {
    "end_kind": None, "end_key": None, "end_top_key": None, "end_crawl_id": None, "end_runs": 0,
}  # fmt: skip
_OF_THE_BOTTOM: Final = ("bottom_key", "bottom_page", "bottom_day", "complete", "ended", "goal", *_NO_END)


@dataclass(frozen=True, slots=True)
class Taken:
    """The step that a listing page led to, and the stretches of time that were lost with it, in words."""

    step: Step
    lost: tuple[str, ...] = ()


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
            known = live(connection, self.edition, now, self.timezone)
        heads = [row for row in known if row["kind"] == "head"]
        today = until or local_day(now, self.timezone)
        goal = walk_goal(since, [] if until else [date.fromisoformat(row["goal"]) for row in heads], today)
        if until is not None or not sweep_due(_first_time(heads, "swept_at", max), now):
            return Walk(goal, until=until)
        read = _first_time(heads, "swept_at", max) or _first_time(heads, "started_at", min)
        return Walk(goal, sweep=sweep_floor(today, None if read is None else local_day(read, self.timezone)))

    def bottom(self, walk: Walk, now: datetime) -> date | None:
        """The local day at which a walk that has just begun will end: where it meets older coverage that holds all
        below it, or its goal. None where nobody knows: at the listing's end.
        """
        with self.archive.connection() as connection:
            known = live(connection, self.edition, now, self.timezone)
        goal = walk.goal.isoformat()
        whole = [row for row in known if row["kind"] == "head" and row["complete"] and row["goal"] <= goal]
        last = _first_time(whole, "updated_at", max)
        if last is None or walk.window:
            return walk.goal if walk.goal > date.min else None
        day = local_day(last, self.timezone)
        return day if walk.sweep is None else min(day, walk.sweep)

    def take(self, walk: Walk, snapshot: Snapshot, page: ListingPage | None) -> Taken:
        """Keep a listing page with all that it says, and take the walk's next step.

        `page` is None where the server has nothing under that number (404).
        """
        number, now = snapshot.page or 1, snapshot.fetched_at
        with self.archive.writing() as connection:
            snapshot_id = self.archive.keep_in(connection, snapshot, self.crawl_id, None, "listing")
            visit = ListingVisit(snapshot_id, self.edition, now, self.timezone, walk.day_above(number))
            seen = remember(connection, visit, () if page is None else page.entries)
            remember_unknown(connection, visit, () if page is None else page.unknown)
            older = page is not None and page.older is not None
            step = walk.take(View(number, seen, older), _intervals(live(connection, self.edition, now, self.timezone)))
            book = Gaps(connection, self.edition, self.crawl_id, self.timezone, now)
            apart = not book.show([entry.key for entry in seen])
            lost = self._write(book, walk, step, now, apart=apart)
            if number == 1 and seen and seen[0].key in step.attach and walk.current is not None:
                _set(connection, walk.current, now, top_key=seen[0].key)  # read again, it may show newer stories
            self._tell_days(book, walk, number, now)
        return Taken(step, tuple(self._in_words(row, now) for row in lost))

    def _write(self, book: Gaps, walk: Walk, step: Step, now: datetime, *, apart: bool) -> Sequence[RowMapping]:
        """Writes a step; returns the gaps that were lost with it. `apart`: the page touches no gap."""
        connection = book.connection
        if walk.current is None:
            walk.current = step.merge  # the first page shows a known interval, which is walked on
        if walk.current is None and step.attach:
            walk.current = self._open(connection, walk, step, now)
        if walk.current is None:
            return ()
        self._extend(connection, walk.current, step, now)
        if step.merge not in (None, walk.current):
            walk.current = self._join(book, walk.current, step.merge, now)
        _aim(connection, walk.current, walk.goal, now)
        if step.ended is not None or step.cut is not None or step.swept:
            self._close(book, walk, step, now)
        lost: Sequence[RowMapping] = ()
        if step.lost and step.end is not None:
            lost = book.lose(_row(connection, walk.current), LOST, end_key=step.end.key)
        for walk_id in book.follow(_row(connection, walk.current)):
            _put_into(connection, walk_id, walk.current, now)
        if step.apart is not None and apart:
            book.keep_apart(_row(connection, walk.current), step.apart)
        return lost

    def _join(self, book: Gaps, one: int, other: int, now: datetime) -> int:
        upper, lower = _row(book.connection, one), _row(book.connection, other)
        root = _merge(book.connection, one, other, self._deeper(book, upper, lower), now)
        for walk_id in book.join(upper, lower, root):
            _put_into(book.connection, walk_id, root, now)
        return root

    def _deeper(self, book: Gaps, upper: RowMapping, lower: RowMapping) -> RowMapping:
        """Whose bottom is that of both: the upper one may have passed the other before it was sure to be in it."""
        keys = [row["bottom_key"] for row in (upper, lower) if row["bottom_key"]]
        known = moments(book.connection, self.edition, keys, self.timezone)
        mine, its = known.get(upper["bottom_key"] or ""), known.get(lower["bottom_key"] or "")
        return upper if mine is not None and its is not None and mine < its else lower

    def _tell_days(self, book: Gaps, walk: Walk, number: int, now: datetime) -> None:
        """The days that a step concerns: those of the gaps that it changed; of a first page those since the last."""
        touched = list(book.touched)
        if walk.current is not None and number == 1 and not walk.window:
            row = as_of(_row(book.connection, walk.current), now, self.timezone)
            touched.append((row["read_at"] or row["started_at"], utc_text(now)))
            _set(book.connection, walk.current, now, read_at=utc_text(now))
        if touched:
            tell_days(book.connection, self.edition, self.timezone, now, touched)

    def _in_words(self, row: RowMapping, now: datetime) -> str:
        times = [None if row[name] is None else from_utc_text(row[name]) for name in ("from_time", "to_time")]
        return in_words(times[0], times[1], self.timezone, local_day(now, self.timezone))

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
            values |= _NO_END
        _set(connection, walk_id, now, **values)

    def _close(self, book: Gaps, walk: Walk, step: Step, now: datetime) -> None:
        current, connection = walk.current, book.connection
        if current is None:
            return
        values: dict[str, object] = {}
        # A goal above that of an earlier walk says nothing of what this one was to reach.
        reached = step.ended != "goal" or walk.goal.isoformat() <= _row(connection, current)["goal"]
        if step.ended is not None and step.ended != "joined" and reached:
            values["ended"] = step.ended
        if step.complete and reached:
            values["complete"] = 1
        if step.swept:
            values["swept_at"] = utc_text(now)
        if step.end is not None:
            values |= self._end(_row(connection, current), step.end)
        _set(connection, current, now, **values)
        if step.complete and step.ended != "joined":
            self._absorb(book, current, now, lost=step.lost)

    def _end(self, row: RowMapping, end: End) -> dict[str, object]:
        """What is known of the end of the listing, and how many crawls in a row met it there."""
        again = row["end_key"] == end.key and row["end_top_key"] is not None
        runs = row["end_runs"] + (row["end_crawl_id"] != self.crawl_id) if again else 1
        first = {} if again else {"end_top_key": end.top_key}
        return {"end_kind": end.kind, "end_key": end.key, "end_runs": runs, "end_crawl_id": self.crawl_id, **first}

    def _absorb(self, book: Gaps, root: int, now: datetime, *, lost: bool) -> None:
        """Intervals from the top that lie within a complete one are part of it, met or not: all that they had in the
        listing may be deleted by now.
        """
        whole = _row(book.connection, root)
        if whole["kind"] != "head":
            return
        for row in live(book.connection, self.edition, now, self.timezone):
            if row["walk_id"] != root and row["kind"] == "head" and self._lies_within(book, row, whole, lost=lost):
                for gap in book.below(row["walk_id"]):
                    book.fill(gap)
                _put_into(book.connection, row["walk_id"], root, now)

    def _lies_within(self, book: Gaps, row: Row, whole: RowMapping, *, lost: bool) -> bool:
        """By the times of its newest entry and of the other's bottom; where these are not known, by their goals."""
        if row["goal"] < whole["goal"] or row["walk_id"] > whole["walk_id"]:
            return False
        keys = [key for key in (row["top_key"], whole["bottom_key"]) if key]
        known = moments(book.connection, self.edition, keys, self.timezone)
        top, bottom = known.get(row["top_key"] or ""), known.get(whole["bottom_key"] or "")
        return top > bottom if top and bottom else not lost


def _first_time(heads: Sequence[Row], column: str, first: Callable[..., str]) -> datetime | None:
    times = [row[column] for row in heads if row[column]]
    return from_utc_text(first(times)) if times else None


def _intervals(known: Sequence[Row]) -> dict[int, Interval]:
    return {
        row["walk_id"]: Interval(
            row["walk_id"],
            row["kind"],
            date.fromisoformat(row["goal"]),
            bool(row["complete"]),
            row["ended"],
            row["entries"],
            **{name: row[name] for name in ("bottom_key", "end_kind", "end_key", "end_top_key")},
        )
        for row in known
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


def _merge(connection: Connection, one: int, other: int, deeper: RowMapping, now: datetime) -> int:
    """Make one interval of two that touch: the older one stays, since it is the larger one as a rule."""
    root, part = sorted((one, other))
    kept, gone = _row(connection, root), _row(connection, part)
    upper = _row(connection, one)  # the one that was met lies below
    connection.execute(articles.update().where(articles.c.walk_id == part).values(walk_id=root))
    _set(
        connection,
        root,
        now,
        kind="head" if "head" in (kept["kind"], gone["kind"]) else "window",
        top_key=upper["top_key"],
        pages=kept["pages"] + gone["pages"],
        entries=kept["entries"] + gone["entries"],
        read_at=max(filter(None, (kept["read_at"], gone["read_at"])), default=None),
        **{name: deeper[name] for name in _OF_THE_BOTTOM},
    )
    _set(connection, part, now, merged_into=root)
    return root


def _put_into(connection: Connection, walk_id: int, root: int, now: datetime) -> None:
    """Makes an interval part of another one in which it lies."""
    connection.execute(articles.update().where(articles.c.walk_id == walk_id).values(walk_id=root))
    _set(connection, walk_id, now, merged_into=root)
