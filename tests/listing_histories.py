"""Histories of one listing, lived in memory: a listing that grows, rolls and misbehaves, walks that are cut anywhere,
and what the archive then says of its gaps and days, held against everything that was ever shown.

No pages and no processes: entries go from the listing into the recorder (storage/write/walks.py). One history is a
dozen walks or more. `python -m tests.listing_histories --walks 20000` lives as many.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import text

from crawler.dates import local_day, utc_text
from crawler.listing.walk import Walk
from crawler.records import ListingEntry, ListingPage, Snapshot, Wire
from crawler.sites.demo import DEMO
from storage.write.archive import Archive
from storage.write.walks import Coverage

ZONE = DEMO.timezone
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WIRE = Wire(0, "0" * 64, None, ())
LONGEST = 400  # pages that one walk may take: more is a walk that does not end


@dataclass(slots=True)
class Story:
    """A story of the listing: when it came out, and when it was taken down."""

    number: int
    at: datetime
    gone: datetime | None = None
    seen: bool = False

    @property
    def key(self) -> str:
        return f"{self.number}-2026"

    def shown(self, now: datetime) -> bool:
        return self.at <= now and (self.gone is None or now < self.gone)


@dataclass(slots=True)
class Weather:
    """How the site answers during one walk: `broken` pages give nothing, `repeats` gives the page before again."""

    broken: range = range(0)
    repeats: bool = False


@dataclass(slots=True)
class History:
    """One listing and one archive. Everything follows from `seed`."""

    archive: Archive
    seed: int
    rng: random.Random = field(init=False)
    now: datetime = START
    stories: list[Story] = field(default_factory=list)
    page_size: int = 5
    window: int | None = None
    offers_always: bool = False
    dated: bool = True
    walks: int = 0
    reads: list[datetime] = field(default_factory=list)
    goals: list[date] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = rng = random.Random(self.seed)
        self.page_size = rng.choice((2, 3, 5, 10))
        self.window = rng.choice((None, None, 12, 30, 60))
        self.offers_always = rng.random() < 0.15
        self.dated = rng.random() < 0.8
        self._publish(rng.randrange(5, 120), timedelta(days=rng.choice((2, 5, 12))), before=True)

    def _publish(self, count: int, within: timedelta, *, before: bool = False) -> None:
        """New stories, at whole minutes, all different."""
        begin = self.now - within if before else self.now
        minutes = max(int(within / timedelta(minutes=1)), count + 1)
        taken = {story.at for story in self.stories}
        for minute in sorted(self.rng.sample(range(1, minutes), count)):
            at = begin + timedelta(minutes=minute)
            if at not in taken:
                self.stories.append(Story(1000 + len(self.stories), at))

    def pass_time(self) -> None:
        """Some minutes or days, with a few stories or a burst, and now and then a deletion."""
        rng = self.rng
        span = timedelta(minutes=rng.choice((5, 60, 480, 1440, 4320)))
        self._publish(min(rng.choice((0, 1, 3, 8, 40, 90)), int(span / timedelta(minutes=1)) - 2), span)
        self.now += span
        for story in rng.sample(self.stories, min(len(self.stories), rng.choice((0, 0, 0, 1, 4)))):
            if story.gone is None and story.at < self.now:
                story.gone = self.now - timedelta(seconds=1)

    def listing(self) -> list[Story]:
        """What the listing holds now, newest first."""
        shown = sorted((one for one in self.stories if one.shown(self.now)), key=lambda one: one.at, reverse=True)
        return shown[: self.window]

    def page(self, number: int, wire: Weather) -> ListingPage | None:
        listed = self.listing()
        if wire.repeats and number in wire.broken:
            number = max(wire.broken.start - 1, 1)
        elif number in wire.broken:
            return None
        part = listed[(number - 1) * self.page_size : number * self.page_size]
        if not part:
            return None
        older = self.offers_always or number * self.page_size < len(listed)
        above = listed[(number - 1) * self.page_size - 1] if number > 1 else None
        governed = None if above is None or self.dated else above.at.astimezone(ZONE).date()
        entries = tuple(self._entry(story, number, place, governed) for place, story in enumerate(part))
        return ListingPage(number, "test", entries, f"/all_news/page/{number + 1}" if older else None)

    @staticmethod
    def _entry(story: Story, page: int, place: int, governed: date | None) -> ListingEntry:
        """A line. Where the day of the page above goes on, no separator stands above it."""
        local = story.at.astimezone(ZONE)
        day = None if local.date() == governed else local.date()
        url = f"https://demo.example/society/view/a-{story.key}/"
        return ListingEntry(story.key, url, "A story", page, place, f"{local:%H:%M}", day)

    # --- walks

    def walk(self) -> None:
        """One crawl, which may be killed after any page or meet a site that misbehaves."""
        rng = self.rng
        self.walks += 1
        since = None if rng.random() < 0.6 else local_day(self.now, ZONE) - timedelta(days=rng.choice((0, 1, 4, 9)))
        since = date.min if rng.random() < 0.1 else since
        wire = Weather()
        if rng.random() < 0.25:
            first = rng.randrange(2, 12)
            wire = Weather(range(first, first + rng.choice((1, 3, 200))), rng.random() < 0.3)
        most = rng.choice((1, 2, 5, 9)) if rng.random() < 0.35 else LONGEST
        crawl_id = self.archive.begin_crawl("demo", {}, "test", "test", self.now)
        coverage = Coverage(self.archive, "demo", crawl_id, ZONE)
        walk = coverage.begin(self.now, since)
        self._take(walk, coverage, wire, most)
        if rng.random() < 0.8:  # else killed before it could say how it ended
            self.archive.finish_crawl(crawl_id, "complete", 0, None, self.now)

    def _take(self, walk: Walk, coverage: Coverage, wire: Weather, most: int) -> None:
        for step in range(most):
            number = walk.next_page
            if number is None:
                return
            assert step < LONGEST - 1, f"seed {self.seed}: the walk does not end"
            shown = self.page(number, wire)
            for entry in () if shown is None else shown.entries:
                self._story(entry.key).seen = True
            snapshot = Snapshot("demo", "listing", "", "", self.now, 200 if shown else 404, WIRE, b"", page=number)
            coverage.take(walk, snapshot, shown)
            if number == 1 and shown is not None:
                self.reads.append(self.now)
            self.goals.append(walk.goal)
            if self.rng.random() < 0.1:  # the listing moves while it is read
                self.now += timedelta(minutes=1)
                if all(story.at != self.now for story in self.stories):
                    self.stories.append(Story(1000 + len(self.stories), self.now))

    def _story(self, key: str) -> Story:
        return self.stories[int(key.partition("-")[0]) - 1000]

    # --- what is said of it

    def problems(self) -> Iterator[str]:
        """What the archive says that is not so. Nothing, where all is well."""
        gaps = self._rows("SELECT * FROM gaps WHERE state <> 'filled' ORDER BY gap_id")
        states = {row["day"]: row["state"] for row in self._rows("SELECT day, state FROM coverage")}
        for gap in gaps:
            older, newer = gap["from_time"] or "", gap["to_time"] or gap["found_at"]
            inside = [one for one in self.stories if one.seen and older < utc_text(one.at) < newer]
            if inside and gap["to_time"]:
                yield f"gap {gap['gap_id']} {older}..{newer} reaches over {inside[0].key}, which was seen"
        for story in self.stories:
            if not story.seen and (why := self._unsaid(story, gaps, states)):
                yield f"{story.key} of {utc_text(story.at)} was shown and never seen: {why}"

    def _unsaid(self, story: Story, gaps: Sequence[Any], states: dict[str, str]) -> str | None:
        """Why nothing speaks of a story that was not seen; None where something does, or nobody could know of it."""
        if not any(at >= story.at for at in self.reads) or (story.gone is not None and story.gone <= self.reads[-1]):
            return None
        day, at = str(local_day(story.at, ZONE)), utc_text(story.at)
        state = states.get(day)
        if state == "whole":
            return f"its day {day} is called whole"
        lies = any((gap["from_time"] or "") <= at <= (gap["to_time"] or gap["found_at"]) for gap in gaps)
        if lies or state in {None, "unknown", "outside"} or self._below_an_open_end(story):
            return None
        return f"no gap holds it, its day is called {state}"

    def _below_an_open_end(self, story: Story) -> bool:
        """Whether it is older than where the listing was once seen to end: of that nothing is said."""
        ends = self._rows("SELECT bottom_key FROM walks WHERE merged_into IS NULL AND end_kind IS NOT NULL")
        return any(self._story(row["bottom_key"]).at > story.at for row in ends)

    def _rows(self, query: str) -> Sequence[Any]:
        with self.archive.connection() as connection:
            return connection.execute(text(query)).mappings().all()


def live(folder: Path, seed: int, walks: int = 12) -> tuple[int, list[str]]:
    """One history; how many walks it had, and what was wrong after any of them."""
    path = folder / f"{seed}.db"
    try:
        with Archive.open(str(path), create=True) as archive:
            history = History(archive, seed)
            for _ in range(walks):
                history.walk()
                found = list(history.problems())
                if found:
                    return history.walks, [f"seed {seed}, walk {history.walks}: {line}" for line in found]
                history.pass_time()
            return history.walks, []
    finally:
        for left in folder.glob(f"{seed}.db*"):
            left.unlink()


def main() -> int:
    """Lives histories until so many walks were walked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--walks", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    given = parser.parse_args()
    walks = wrong = 0
    seed = given.first
    with TemporaryDirectory() as folder:
        while walks < given.walks:
            done, found = live(Path(folder), seed)
            walks, wrong, seed = walks + done, wrong + bool(found), seed + 1
            for line in found[:3]:
                print(line, file=sys.stderr)
    print(f"{walks:,} walks in {seed - given.first:,} histories, {wrong} of them wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
