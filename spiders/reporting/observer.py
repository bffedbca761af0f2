"""A run as it stands at any moment, put together from what Scrapy's signals tell and what the run itself knows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Self

from crawler.records import Reading
from spiders.pace import Pace, Work
from spiders.reporting.screen import Leg, Scene, Stage

if TYPE_CHECKING:
    from spiders.edition_crawl import Trip
    from spiders.run import Run

SHARE = 100  # counting what waits may take a hundredth of the time: an archive of millions is counted rarely


@dataclass(slots=True)
class Tally:
    """What the signals told of one edition. `landed` are articles that went through the pipelines, `bad` those of
    them that the trip counts as failed. `counted` is what waited at the last count, when `before` had been fetched.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    landed: int = 0
    bad: int = 0
    counted: int = 0
    before: int = 0
    next_count: float = 0.0
    bottom: date | None = None


@dataclass(slots=True)
class Watch:
    """Makes a `Scene` of a run whenever it is asked for one. `closing`: whether the run is being ended early."""

    run: Run
    began: float
    tallies: dict[str, Tally] = field(default_factory=dict)
    latest: str | None = None
    _pace: Pace = field(default_factory=Pace)

    @classmethod
    def of(cls, run: Run, now: float) -> Self:
        """Of a run that has not begun to walk."""
        watch = cls(run, now)
        for trip in run.trips:
            bottom = None if trip.walk is None else trip.coverage.bottom(trip.walk, run.clock.now())
            watch.tallies[trip.edition.name] = Tally(bottom=bottom)
        return watch

    def landed(self, reading: Reading, *, known: bool, dropped: bool) -> None:
        """An article went through the pipelines. `known`: it was archived before; `dropped`: it says nothing new."""
        tally = self.tallies[reading.snapshot.edition]
        tally.landed += 1
        tally.bad += reading.outcome in {"failed", "unreadable"}
        if dropped or reading.outcome == "not-modified":
            tally.same += 1
        elif reading.article is not None:
            self.latest = reading.article.headline
            tally.changed += known
            tally.new += not known

    def scene(self, now: float, *, closing: bool) -> Scene:
        """The run at this moment (seconds of the clock that `began` was read from)."""
        current = next((trip for trip in self.run.trips if not trip.done), None)
        legs = tuple(self._leg(trip, now, current, closing=closing) for trip in self.run.trips)
        self._pace.mark(now, sum(leg.work.done for leg in legs))
        return Scene(legs, now - self.began, self._pace.rate, self._pace.still, self.latest)

    def _leg(self, trip: Trip, now: float, current: Trip | None, *, closing: bool) -> Leg:
        tally = self.tallies[trip.edition.name]
        work = self._work(trip, tally, now, current=trip is current)
        return Leg(
            edition=trip.edition.name,
            stage=_stage(trip, current, closing=closing),
            work=work,
            back_to=trip.descent.reached,
            new=tally.new,
            changed=tally.changed,
            same=tally.same,
            failed=trip.failed + trip.unrecognised,
            trouble=trip.message,
        )

    def _work(self, trip: Trip, tally: Tally, now: float, *, current: bool) -> Work:
        fetched = tally.landed + trip.failed - tally.bad
        if current and now >= tally.next_count:
            tally.counted, tally.before = self._waiting(trip), fetched
            tally.next_count = now + SHARE * (monotonic() - now)
        walking = trip.walk is not None and trip.walk.next_page is not None
        limit = self.run.arguments.max_pages
        return Work(
            pages=trip.listing_pages,
            fetched=fetched,
            waiting=max(tally.counted - (fetched - tally.before), 0),
            descent=replace(trip.descent, bottom=tally.bottom) if walking and not trip.stopped else None,
            most=None if limit is None else max(limit - trip.listing_pages, 0),
        )

    def _waiting(self, trip: Trip) -> int:
        run = self.run
        if run.arguments.urls:
            return len({due.article_id for due in trip.named} - trip.tried)
        recheck = run.arguments.recheck != "off"
        return run.archive.waiting(trip.edition.name, run.clock.now(), recheck=recheck)


def _stage(trip: Trip, current: Trip | None, *, closing: bool) -> Stage:
    if trip is not current:
        return "over" if trip.done else "to come"
    if closing:
        return "stopping"
    walk = trip.walk
    if walk is None or walk.next_page is None or trip.stopped:
        return "fetching"
    return "walking" if walk.until is None else "searching"
