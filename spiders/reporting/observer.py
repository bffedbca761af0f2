"""A run as it stands at any moment, put together from what Scrapy's signals tell and what the run itself knows."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from time import monotonic
from typing import TYPE_CHECKING, Self

from crawler.records import Reading
from spiders.pace import Pace, Work
from spiders.reporting.screen import EditionLine, RunView, Stage

if TYPE_CHECKING:
    from spiders.edition_crawl import EditionCrawl
    from spiders.run import Run

SHARE = 100  # counting what waits may take a hundredth of the time: an archive of millions is counted rarely


@dataclass(slots=True)
class SignalTally:
    """What the signals told of one edition. `landed` are articles that went through the pipelines, `bad` those of
    them that the crawl counts as failed. `counted` is what waited at the last count, when `before` had been fetched.
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
class RunObserver:
    """Makes a `RunView` of a run whenever it is asked for one. `closing`: whether the run is being ended early."""

    run: Run
    began: float
    tallies: dict[str, SignalTally] = field(default_factory=dict)
    latest: str | None = None
    _pace: Pace = field(default_factory=Pace)

    @classmethod
    def of(cls, run: Run, now: float) -> Self:
        """Of a run that has not begun to walk."""
        watch = cls(run, now)
        for crawl in run.crawls:
            bottom = None if crawl.walk is None else crawl.coverage.bottom(crawl.walk, run.clock.now())
            watch.tallies[crawl.edition.name] = SignalTally(bottom=bottom)
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

    def scene(self, now: float, *, closing: bool) -> RunView:
        """The run at this moment (seconds of the clock that `began` was read from)."""
        current = next((crawl for crawl in self.run.crawls if not crawl.done), None)
        legs = tuple(self._leg(crawl, now, current, closing=closing) for crawl in self.run.crawls)
        self._pace.mark(now, sum(leg.work.done for leg in legs))
        return RunView(legs, now - self.began, self._pace.rate, self._pace.still, self.latest)

    def _leg(self, crawl: EditionCrawl, now: float, current: EditionCrawl | None, *, closing: bool) -> EditionLine:
        tally = self.tallies[crawl.edition.name]
        work = self._work(crawl, tally, now, current=crawl is current)
        return EditionLine(
            edition=crawl.edition.name,
            stage=_stage(crawl, current, closing=closing),
            work=work,
            back_to=crawl.descent.reached,
            new=tally.new,
            changed=tally.changed,
            same=tally.same,
            failed=crawl.failed + crawl.unrecognised,
            trouble=crawl.message,
        )

    def _work(self, crawl: EditionCrawl, tally: SignalTally, now: float, *, current: bool) -> Work:
        fetched = tally.landed + crawl.failed - tally.bad
        if current and now >= tally.next_count:
            tally.counted, tally.before = self._waiting(crawl), fetched
            tally.next_count = now + SHARE * (monotonic() - now)
        walking = crawl.walk is not None and crawl.walk.next_page is not None
        limit = self.run.arguments.max_pages
        return Work(
            pages=crawl.listing_pages,
            fetched=fetched,
            waiting=max(tally.counted - (fetched - tally.before), 0),
            descent=replace(crawl.descent, bottom=tally.bottom) if walking and not crawl.stopped else None,
            most=None if limit is None else max(limit - crawl.listing_pages, 0),
        )

    def _waiting(self, crawl: EditionCrawl) -> int:
        run = self.run
        if run.arguments.urls:
            return len({due.article_id for due in crawl.named} - crawl.tried)
        recheck = run.arguments.recheck != "off"
        return run.archive.waiting(crawl.edition.name, run.clock.now(), recheck=recheck)


def _stage(crawl: EditionCrawl, current: EditionCrawl | None, *, closing: bool) -> Stage:
    if crawl is not current:
        return "over" if crawl.done else "to come"
    if closing:
        return "stopping"
    walk = crawl.walk
    if walk is None or walk.next_page is None or crawl.stopped:
        return "fetching"
    return "walking" if walk.until is None else "searching"
