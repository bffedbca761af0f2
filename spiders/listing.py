"""Reads listing pages one after another: fetch, keep, read, take the walk's next step.

A listing page is not an item for the pipelines, because the next request depends on what the archive makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy import Request

from crawler.errors import PageError, UndecodableBody
from crawler.html.answer import Answer
from crawler.rules.decide import GONE
from crawler.urls import bases_of
from spiders.network.capture import snapshot_of
from spiders.network.gate import KIND
from spiders.network.guard import ALLOWED
from spiders.network.reason import NO_ANSWER, reason
from storage.write.evidence.snapshots import Mark, mark

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.records import ListingPage, Snapshot
    from crawler.sites.base import Listing
    from spiders.edition_crawl import EditionCrawl
    from spiders.run import Run

TRIES = 2  # a listing page that came damaged is asked for again at once: a walk should not stop for a reset


@dataclass(slots=True)
class ListingWalker:
    """The walk of one crawl. `step` reads one page; what stops the walk is told to the crawl."""

    run: Run
    crawl: EditionCrawl
    crawler: Crawler
    _older: dict[int, str] = field(default_factory=dict)
    _frame: str | None = None

    async def step(self) -> bool:
        """Read the next page of the walk. False when the walk is over, for this run or for good."""
        walk, crawl = self.crawl.walk, self.crawl
        if walk is None or walk.next_page is None or crawl.stopped or self._ending:
            return False
        limit = self.run.arguments.max_pages
        if limit is not None and crawl.listing_pages >= limit:
            crawl.cut = f"stopped after max_pages={limit} listing pages"
            return False
        number = walk.next_page
        for _ in range(TRIES):
            problem = await self._read(number)
            if problem is None:
                return True
            if crawl.refused or crawl.unrecognised or crawl.closed:
                break
        if not crawl.closed:
            self._lose(f"listing page {number}: {problem}")
        return False

    @property
    def _listing(self) -> Listing:
        return self.crawl.site.listings(self.crawl.edition)[0]

    @property
    def _bases(self) -> dict[str, str]:
        return bases_of(self.crawl.edition, self.crawl.base_url)

    @property
    def _ending(self) -> bool:
        """Whether an extension such as CLOSESPIDER_TIMEOUT has closed the engine: it says so to nobody."""
        slot = self.crawler.engine._slot  # noqa: SLF001 - nothing public tells
        return slot is None or slot.closing is not None

    async def _read(self, number: int) -> str | None:
        """Fetch and take one page. None when it was taken, else why not."""
        try:
            snapshot = await self._fetch(number)
        except (*NO_ANSWER, ValueError) as error:  # the last: an address, or one that it redirects to, is none
            return reason(error)
        crawl = self.crawl
        if (problem := _problem(snapshot, number)) is not None:
            self._keep(snapshot, "error", problem)
            return problem
        if snapshot.status in GONE:
            self._take(snapshot, None)
            return None
        try:
            page = self._listing.read(
                Answer(snapshot, crawl.edition, self._bases), crawl.edition, str(number), frame=self._frame
            )
        except (PageError, UndecodableBody) as error:
            self._keep(snapshot, "unrecognised", str(error))
            crawl.unrecognised += 1
            return str(error)
        except Exception as error:  # a bug of ours, which ends the run: the page that shows it is not lost
            self._keep(snapshot, "error", f"{type(error).__name__}: {error}")
            raise
        self._take(snapshot, page)
        return None

    def _keep(self, snapshot: Snapshot, outcome: Mark, problem: str) -> None:
        """Keep a page that the walk cannot use, with the reason."""
        with self.run.archive.writing() as connection:
            snapshot_id = self.run.archive.keep_in(connection, snapshot, self.crawl.crawl_id, None)
            mark(connection, snapshot_id, outcome, problem=problem)

    async def _fetch(self, number: int) -> Snapshot:
        crawl = self.crawl
        ask = self._listing.ask(crawl.edition, str(number), self._bases, older=self._older.get(number))
        request = Request(ask.url, meta={ALLOWED: crawl.hosts, KIND: "listing"}, dont_filter=True)
        response = await self.crawler.engine.download_async(request)
        return snapshot_of(response, edition=crawl.edition.name, kind="listing", clock=self.run.clock, page=number)

    def _take(self, snapshot: Snapshot, page: ListingPage | None) -> None:
        crawl = self.crawl
        if crawl.walk is None:
            return
        taken = crawl.coverage.take(crawl.walk, snapshot, page)
        crawl.lost += taken.lost
        crawl.listing_pages += 1
        crawl.descent = crawl.descent.past(snapshot.page or 1, () if page is None else page.entries)
        if page is not None:
            self._frame = page.frame or self._frame
            if page.older is not None:
                self._older[page.page + 1] = page.older
        if taken.step.cut is not None:
            crawl.cut = taken.step.cut

    def _lose(self, problem: str) -> None:
        crawl = self.crawl
        if crawl.listing_pages == 0 and not crawl.unrecognised and crawl.refused is None:
            crawl.unreachable = problem
        else:
            crawl.cut = problem


def _problem(snapshot: Snapshot, number: int) -> str | None:
    """What is wrong with an answer before it is read. Only the first page cannot be past the end of a listing."""
    if snapshot.damage is not None:
        return f"the body is {snapshot.damage} ({snapshot.url})"
    if snapshot.status == HTTPStatus.OK or (snapshot.status in GONE and number > 1):
        return None
    return f"HTTP {snapshot.status} ({snapshot.url})"
