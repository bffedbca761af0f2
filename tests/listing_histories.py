"""Histories of one listing, lived in memory: a listing that grows, rolls and misbehaves, walks that are cut anywhere,
and what the archive then says of its gaps and days, held against everything that was ever shown.

No pages and no processes: entries go from the listing into the recorder (storage/write/walks.py). One history is a
dozen walks.

    python -m tests.listing_histories --walks 20000                # or: make histories WALKS=20000
    python -m tests.listing_histories --first 501 --walks 5000     # a shard: 5,000 walks from seed 501 on
    python -m tests.listing_histories --seed 17                    # one history again, exactly as it was
    python -m tests.listing_histories --without gaps-apart         # a guard taken away: some history must fail

The last line of a run is for adding up shards: `total seeds=501-917 walks=5004 pages=81230 wrong=0`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise, takewhile
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
from tests.ablations import LISTING_ABLATIONS, fast_folder, without

WALKS = 12  # of a history
ZONE = DEMO.timezone
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WIRE = Wire(0, "0" * 64, None, ())
LONGEST = 400  # pages that one walk may take: more is a walk that does not end


@dataclass(slots=True)
class Story:
    """A story of the listing: when it came out, when it was taken down, and when it was moved `up` to the top.

    `asked`: whether a crawl should have come to know of it, since the listing showed it down to that crawl's goal, or
    it came out between two crawls. `seen`: whether a page that was read showed it.
    """

    number: int
    at: datetime
    gone: datetime | None = None
    up: datetime | None = None
    asked: bool = False
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
    """One listing and one archive. Everything follows from `seed`.

    `reads`: when the first page was read, `looked`: when the last one was. `below`: for each key those that a page
    showed right below it; `within`: such pairs with something else below them on the page. `undated`: keys of which
    no page told the day when they were met. `killed`: whether the last walk was cut short without saying so.
    """

    archive: Archive
    seed: int
    rng: random.Random = field(init=False)
    now: datetime = START
    stories: list[Story] = field(default_factory=list)
    page_size: int = 5
    window: int | None = None
    offers_always: bool = False
    dated: bool = True
    moves: bool = False
    walks: int = 0
    pages: int = 0
    reads: list[datetime] = field(default_factory=list)
    looked: datetime = START
    below: dict[str, set[str]] = field(default_factory=dict)
    within: set[tuple[str, str]] = field(default_factory=set)
    undated: set[str] = field(default_factory=set)
    killed: bool = False

    def __post_init__(self) -> None:
        self.rng = rng = random.Random(self.seed)
        self.page_size = rng.choice((2, 3, 5, 10))
        self.window = rng.choice((None, None, 12, 30, 60))
        self.offers_always = rng.random() < 0.15
        self.dated = rng.random() < 0.8
        self.moves = rng.random() < 0.25
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
        if self.moves and self.stories and rng.random() < 0.5:
            rng.choice(self.stories).up = self.now

    def listing(self) -> list[Story]:
        """What the listing holds now, newest first."""
        shown = sorted((one for one in self.stories if one.shown(self.now)), key=self._place, reverse=True)
        return shown[: self.window]

    @staticmethod
    def _place(story: Story) -> datetime:
        return story.up or story.at

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
        since, until = self._wishes()
        wire = Weather()
        if rng.random() < 0.25:
            first = rng.randrange(2, 12)
            wire = Weather(range(first, first + rng.choice((1, 3, 200))), rng.random() < 0.3)
        most = rng.choice((1, 2, 5, 9)) if rng.random() < 0.35 else LONGEST
        crawl_id = self.archive.begin_crawl("demo", {}, "test", "test", self.now)
        coverage = Coverage(self.archive, "demo", crawl_id, ZONE)
        walk = coverage.begin(self.now, since, until)
        self._take(walk, coverage, wire, most)
        self.killed = rng.random() >= 0.8  # before it could say how it ended
        if not self.killed:
            self.archive.finish_crawl(crawl_id, "complete", 0, None, self.now)

    def _wishes(self) -> tuple[date | None, date | None]:
        """`since` and `until` of a crawl: mostly neither, now and then all there is, or a window in the past."""
        rng, today = self.rng, local_day(self.now, ZONE)
        if rng.random() < 0.06:
            until = today - timedelta(days=rng.choice((1, 2, 5)))
            return until - timedelta(days=rng.choice((0, 2))), until
        if rng.random() < 0.1:
            return date.min, None
        return None if rng.random() < 0.6 else today - timedelta(days=rng.choice((0, 1, 4, 9))), None

    def _take(self, walk: Walk, coverage: Coverage, wire: Weather, most: int) -> None:
        for request in range(most):
            number = walk.next_page
            if number is None:
                return
            assert request < LONGEST - 1, f"seed {self.seed}: the walk does not end"
            shown = self.page(number, wire)
            told = walk.day_above(number) is not None
            snapshot = Snapshot("demo", "listing", "", "", self.now, 200 if shown else 404, WIRE, b"", page=number)
            coverage.take(walk, snapshot, shown)
            self.pages, self.looked = self.pages + 1, self.now
            if shown is not None:
                self._witness(shown, told=told)
                if number == 1 and not walk.window:
                    self._ask(walk.goal)
            if self.rng.random() < 0.1:  # the listing moves while it is read
                self.now += timedelta(minutes=1)
                if all(story.at != self.now for story in self.stories):
                    self.stories.append(Story(1000 + len(self.stories), self.now))

    def _witness(self, shown: ListingPage, *, told: bool) -> None:
        stories = [self._story(entry.key) for entry in shown.entries]
        for entry in () if told else takewhile(lambda entry: entry.day is None, shown.entries):
            self.undated |= {entry.key} if not self._story(entry.key).seen else set()
        for story in stories:
            story.seen = True
        for place, (one, other) in enumerate(pairwise(stories)):
            if one.up is None and other.up is None:  # one that was moved up follows on nothing
                self.below.setdefault(one.key, set()).add(other.key)
                if place + 2 < len(stories):
                    self.within.add((one.key, other.key))

    def _ask(self, goal: date) -> None:
        """A crawl has begun to walk down from the top."""
        self.reads.append(self.now)
        for story in self.listing():
            story.asked |= local_day(story.at, ZONE) >= goal
        for story in self.stories:
            story.asked |= self.reads[0] < story.at <= self.now

    def _story(self, key: str) -> Story:
        return self.stories[int(key.partition("-")[0]) - 1000]

    # --- what is said of it

    def problems(self) -> Iterator[str]:
        """What the archive says that is not so. Nothing, where all is well."""
        gaps = self._rows("SELECT * FROM gaps WHERE state <> 'filled' ORDER BY gap_id")
        days = {row["day"]: row for row in self._rows("SELECT day, state, missing FROM coverage")}
        for gap in gaps:
            yield from self._needless(gap)
        if not self.killed:
            yield from self._uncounted(days)
        states = {day: row["state"] for day, row in days.items()}
        bottoms = self._ends()
        for story in self.stories:
            if story.asked and not story.seen and (why := self._unsaid(story, gaps, states, bottoms)):
                yield f"{story.key} of {utc_text(story.at)} was shown and never seen: {why}"

    def _needless(self, gap: Any) -> Iterator[str]:  # noqa: ANN401 - a row
        """A gap that reaches over a story that was seen in order, or lies where pages overlapped. What a killed crawl
        left open is judged after the next one.
        """
        older, newer = gap["from_time"] or "", gap["to_time"]
        name = f"gap {gap['gap_id']} {older}..{newer}"
        if newer is None:
            return
        known = self.undated.isdisjoint({gap["older_key"], gap["newer_key"]})
        known = known and (gap["state"] == "lost" or not self.killed)
        for story in self.stories if known else ():
            if story.seen and story.up is None and story.key not in self.undated and older < utc_text(story.at) < newer:
                yield f"{name} reaches over {story.key}, which was seen"
                return
        if self._in_one(gap["newer_key"], gap["older_key"]) and self._overlapped(gap["newer_key"], gap["older_key"]):
            yield f"{name} lies where pages overlapped, from {gap['newer_key']} to {gap['older_key']}"

    def _in_one(self, *keys: str | None) -> bool:
        """Whether one interval holds the stories."""
        held = {row["key"]: row["walk_id"] for row in self._rows("SELECT key, walk_id FROM articles")}
        found = {held.get(key or "") for key in keys}
        return len(found) == 1 and None not in found

    def _overlapped(self, newer: str | None, older: str | None) -> bool:
        """Whether pages showed all from the one story down to the other, and more below it."""
        if newer is None or older is None:
            return False
        reached, waiting = {newer}, [newer]
        while waiting:
            here = waiting.pop()
            if (here, older) in self.within:
                return True
            further = self.below.get(here, set()) - reached
            reached |= further
            waiting += further
        return False

    def _uncounted(self, days: Mapping[str, Any]) -> Iterator[str]:
        """Stories that were seen and are not counted as missing: none of them is archived here."""
        seen = Counter(str(local_day(story.at, ZONE)) for story in self.stories if story.seen)
        missing = sum(row["missing"] for row in days.values())
        if missing != seen.total():
            yield f"{seen.total()} stories were seen and none archived, but {missing} are counted as missing"
        for day, count in seen.items() if self.dated else ():
            if day not in days or days[day]["missing"] != count:
                yield f"{count} stories of {day} are missing, {dict(days.get(day, {}))} is said of it"

    def _unsaid(
        self, story: Story, gaps: Sequence[Any], states: Mapping[str, str], bottoms: Sequence[Story]
    ) -> str | None:
        """Why nothing speaks of a story that was not seen; None where something does, or nobody could know of it."""
        if story.gone is not None and story.gone <= self.looked:
            return None
        day, at = str(local_day(story.at, ZONE)), utc_text(story.at)
        state = states.get(day)
        if state == "whole":
            return f"its day {day} is called whole"
        if any((gap["from_time"] or "") <= at <= (gap["to_time"] or gap["found_at"]) for gap in gaps):
            return None
        if any(bottom.at > story.at for bottom in bottoms):  # of that nothing is said
            return None
        if not self.dated and state in {"hole", "lost"}:  # the times of some neighbours are guessed
            return None
        return f"no gap holds it, its day is called {state}"

    def _ends(self) -> Sequence[Story]:
        """Where the listing was seen to end."""
        ends = self._rows("SELECT bottom_key FROM walks WHERE merged_into IS NULL AND end_kind IS NOT NULL")
        return [self._story(row["bottom_key"]) for row in ends]

    def _rows(self, query: str) -> Sequence[Any]:
        with self.archive.connection() as connection:
            return connection.execute(text(query)).mappings().all()


@dataclass(frozen=True, slots=True)
class Lived:
    """One history, or several added up: how many walks and pages, and what was wrong after any of them."""

    walks: int = 0
    pages: int = 0
    problems: tuple[str, ...] = ()


@cache
def _empty_archive() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        Archive.open(str(path), create=True).close()
        return path.read_bytes()


def live(folder: Path, seed: int, walks: int = WALKS) -> Lived:
    """One history, until something is wrong."""
    path = folder / f"{seed}.db"
    path.write_bytes(_empty_archive())
    try:
        with Archive.open(str(path), create=True) as archive:
            history = History(archive, seed)
            for _ in range(walks):
                history.walk()
                if found := list(history.problems()):
                    return Lived(history.walks, history.pages, tuple(f"walk {history.walks}: {one}" for one in found))
                history.pass_time()
            return Lived(history.walks, history.pages)
    finally:
        for left in folder.glob(f"{seed}.db*"):
            left.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Lives histories until so many walks were walked. Exit code 1 when something was wrong in one."""
    parser = argparse.ArgumentParser(prog="python -m tests.listing_histories", description=__doc__.partition("\n")[0])
    parser.add_argument("--walks", type=int, default=20_000, help="how many walks to walk (default %(default)s)")
    parser.add_argument("--first", type=int, default=1, help="seed of the first history (default %(default)s)")
    parser.add_argument("--seed", type=int, help="live this history only")
    parser.add_argument("--without", choices=sorted(LISTING_ABLATIONS), help="take a guard away")
    parser.add_argument("--stop", action="store_true", help="stop at the first history that fails")
    given = parser.parse_args(arguments)
    began, walks, pages, wrong = time.monotonic(), 0, 0, 0
    first = seed = given.seed or given.first
    with TemporaryDirectory(dir=fast_folder()) as folder, without(given.without):
        while True:
            lived = live(Path(folder), seed)
            walks, pages, wrong = walks + lived.walks, pages + lived.pages, wrong + bool(lived.problems)
            for line in lived.problems[:3]:
                print(f"seed {seed}, {line}", flush=True)
            if given.seed or walks >= given.walks or (given.stop and wrong):
                break
            seed += 1
    print(f"{walks:,} walks in {seed - first + 1:,} histories, {wrong} of them wrong; {time.monotonic() - began:.0f} s")
    print(f"total seeds={first}-{seed} walks={walks} pages={pages} wrong={wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
