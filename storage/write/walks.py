"""Coverage of the listing: intervals in the table `walks`, their members in `articles.walk_id`.

One transaction per listing page holds everything that it brought: the page and its body, the sightings, the new
members of the interval, the joining of intervals, the gaps between them and the days that they concern. What was not
proven to be in one piece is a sighting, but no member; so a process killed anywhere leaves coverage that is true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawler.dates import from_utc_text, local_day, utc_text
from crawler.listing.coverage import in_words
from crawler.listing.steps import End, Interval, Step, View
from crawler.listing.walk import Walk
from crawler.records import ListingPage, Snapshot
from crawler.rules.decide import sweep_due, sweep_floor, walk_goal
from storage.write.archive import Archive
from storage.write.coverage.days import tell_days
from storage.write.coverage.gaps import GapRow
from storage.write.coverage.intervals import Row, live
from storage.write.coverage.moments import moments
from storage.write.coverage.pieces import NO_END, Pieces
from storage.write.frontier.sightings import ListingVisit, days_of, remember, remember_unknown

LOST: Final = "the listing ended before it: what lies between is no longer shown"


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
    pages_seen: dict[int, int] = field(default_factory=dict)
    """Page -> the lowest piece that this crawl met there."""

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
            book = Pieces(connection, self.edition, self.crawl_id, self.timezone, now, at_top=number == 1)
            book.members.days = days_of(() if page is None else page.entries, visit.day)
            held = book.look_up([entry.key for entry in seen])
            view = View(number, tuple(replace(entry, interval=held.get(entry.key)) for entry in seen), _offers(page))
            step = walk.take(view, _intervals(book))
            self._write(book, walk, step, view)
            self._tell_top(book, walk, step, view)
            lost = book.save(LOST)
            if book.gaps.touched:
                tell_days(connection, self.edition, self.timezone, now, book.gaps.touched)
        return Taken(step, tuple(self._in_words(row, now) for row in lost))

    def _write(self, book: Pieces, walk: Walk, step: Step, view: View) -> None:
        """Writes a step: the page's entries in their pieces, and what is known of the interval by now."""
        if walk.current is None:
            walk.current = step.merge  # the first page shows a known interval, which is walked on
        if walk.current is None and step.attach:
            index = book.above(step.attach, self._near(walk, view.page)) if walk.window else 0
            walk.current = book.open("window" if walk.window else "head", walk.goal, step.attach, index)
        self._place(book, walk, step, view)
        if walk.current is None:
            return
        merge = book.name_of(step.merge)
        if merge not in (None, walk.current):
            walk.current = book.join(walk.current, merge)
        if walk.goal.isoformat() < book.rows[walk.current]["goal"]:  # if it is cut short, the next run goes on to there
            book.change(walk.current, goal=walk.goal.isoformat(), complete=0)
        if step.ended is not None or step.cut is not None or step.swept:
            self._close(book, walk, step)
        if step.lost and step.end is not None:
            book.lose(walk.current, step.end.key)

    def _place(self, book: Pieces, walk: Walk, step: Step, view: View) -> None:
        if walk.current is not None and step.run:
            walk.current = book.attach(walk.current, step.run, walk.met)
            self._lower(book, walk.current, step)
            book.pass_by(walk.current)
        elif view.entries:
            found = book.read(view.keys, self._near(walk, view.page))
            if found is not None:
                self.pages_seen[view.page] = found
            walk.current = book.name_of(walk.current)
        if walk.current is not None:
            book.change(walk.current, pages=book.rows[walk.current]["pages"] + bool(step.run))

    def _near(self, walk: Walk, page: int) -> set[int]:
        """The pieces that this walk met above a page."""
        return {walk.current or 0, *(one for number, one in self.pages_seen.items() if number < page)}

    def _lower(self, book: Pieces, current: int, step: Step) -> None:
        if step.bottom is not None:
            last, page = step.bottom
            day = None if last.day is None else last.day.isoformat()
            bottom = {"bottom_key": book.last_of(current) or last.key, "bottom_page": page, "bottom_day": day}
            book.change(current, **bottom, ended=None, complete=0, **NO_END)

    def _tell_top(self, book: Pieces, walk: Walk, step: Step, view: View) -> None:
        """A first page says what the newest story is, and since when there can be newer ones."""
        if walk.current is None or view.page != 1 or not view.entries:
            return
        if view.keys[0] in step.attach:
            book.change(walk.current, top_key=view.keys[0])  # read again, it may show newer stories
        if not walk.window:
            row = book.rows[walk.current]
            book.gaps.touched.append((row["read_at"] or row["started_at"], utc_text(book.now)))
            book.change(walk.current, read_at=utc_text(book.now))

    def _in_words(self, row: GapRow, now: datetime) -> str:
        times = [None if row[name] is None else from_utc_text(row[name]) for name in ("from_time", "to_time")]
        return in_words(times[0], times[1], self.timezone, local_day(now, self.timezone))

    def _close(self, book: Pieces, walk: Walk, step: Step) -> None:
        current = walk.current
        if current is None:
            return
        row, values = book.rows[current], dict[str, object]()
        # A goal above that of an earlier walk says nothing of what this one was to reach.
        reached = step.ended == "end" or walk.goal.isoformat() <= row["goal"]
        if step.ended is not None and step.ended != "joined" and reached:
            values["ended"] = step.ended
        if step.complete and reached and step.ended != "joined":  # an interval that was joined says it for both
            values["complete"] = 1
        if step.swept:
            values["swept_at"] = utc_text(book.now)
        if step.end is not None:
            values |= self._end(row, step.end)
        book.change(current, **values)
        if step.complete and step.ended != "joined":
            self._absorb(book, current, lost=step.lost)

    def _end(self, row: Mapping[str, Any], end: End) -> dict[str, object]:
        """What is known of the end of the listing, and how many crawls in a row met it there."""
        again = row["end_key"] == end.key and row["end_top_key"] is not None
        runs = row["end_runs"] + (row["end_crawl_id"] != self.crawl_id) if again else 1
        first = {} if again else {"end_top_key": end.top_key}
        return {"end_kind": end.kind, "end_key": end.key, "end_runs": runs, "end_crawl_id": self.crawl_id, **first}

    def _absorb(self, book: Pieces, root: int, *, lost: bool) -> None:
        """Pieces that lie within a complete interval from the top are part of it, met or not: all that they had in the
        listing may be deleted by now.
        """
        whole = book.rows[root]
        for piece in book.line.below(root) if whole["kind"] == "head" else ():
            if self._lies_within(book, book.rows[piece.walk_id], whole, lost=lost):
                book.absorb(piece.walk_id, root)

    def _lies_within(self, book: Pieces, row: Row, whole: Row, *, lost: bool) -> bool:
        """By the times of its newest entry and of the other's bottom; where these are not known, by their goals."""
        if row["goal"] < whole["goal"]:
            return False
        keys = [key for key in (row["top_key"], whole["bottom_key"]) if key]
        known = moments(book.connection, self.edition, keys, self.timezone)
        top, bottom = known.get(row["top_key"] or ""), known.get(whole["bottom_key"] or "")
        return top > bottom if top and bottom else row["kind"] != "window" and not lost


def _offers(page: ListingPage | None) -> bool:
    return page is not None and page.older is not None


def _first_time(heads: Sequence[Row], column: str, first: Callable[..., str]) -> datetime | None:
    times = [row[column] for row in heads if row[column]]
    return from_utc_text(first(times)) if times else None


def _intervals(book: Pieces) -> dict[int, Interval]:
    return {
        walk_id: Interval(
            walk_id,
            row["kind"],
            date.fromisoformat(row["goal"]),
            bool(row["complete"]),
            row["ended"],
            row["entries"],
            seen_below=book.seen_below(walk_id),
            **{name: row[name] for name in ("bottom_key", "end_kind", "end_key", "end_top_key")},
        )
        for walk_id, row in book.rows.items()
        if row["kind"] != "apart"
    }
