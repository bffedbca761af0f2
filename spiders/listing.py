"""Reads listing pages one after another: fetch, keep, read, take the walk's next step.

A listing page is not an item for the pipelines, because the next request depends on what the archive makes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from crawler.decide import GONE
from crawler.document import Document
from crawler.errors import PageError, UndecodableBody
from crawler.urls import at_base
from spiders.capture import snapshot_of
from spiders.guard import ALLOWED
from storage.snapshots import Mark, mark

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.records import ListingPage, Snapshot
    from spiders.run import Run, Trip

NO_ANSWER = (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    OSError,
    ResponseDataLossError,
)
PAGE_NUMBER = re.compile(r"/page/([0-9]{1,9})\b")
TRIES = 2  # a listing page that came damaged is asked for again at once: a walk should not stop for a reset


@dataclass(slots=True)
class ListingWalker:
    """The walk of one trip. `step` reads one page; what stops the walk is told to the trip."""

    run: Run
    trip: Trip
    crawler: Crawler
    _paths: dict[int, str] = field(default_factory=dict)

    async def step(self) -> bool:
        """Read the next page of the walk. False when the walk is over, for this run or for good."""
        walk, trip = self.trip.walk, self.trip
        if walk is None or walk.next_page is None or trip.stopped:
            return False
        limit = self.run.arguments.max_pages
        if limit is not None and trip.listing_pages >= limit:
            trip.cut = f"stopped after max_pages={limit} listing pages"
            return False
        number = walk.next_page
        for _ in range(TRIES):
            problem = await self._read(number)
            if problem is None:
                return True
            if trip.refused or trip.unrecognised:
                break
        self._lose(f"listing page {number}: {problem}")
        return False

    async def _read(self, number: int) -> str | None:
        """Fetch and take one page. None when it was taken, else why not."""
        try:
            snapshot = await self._fetch(number)
        except NO_ANSWER as error:
            return str(error) or type(error).__name__
        trip = self.trip
        if snapshot.damage is not None or (snapshot.status != HTTPStatus.OK and snapshot.status not in GONE):
            problem = snapshot.damage or f"HTTP {snapshot.status}"
            self._keep(snapshot, "error", problem)
            return problem
        if snapshot.status in GONE:
            self._take(snapshot, None)
            return None
        try:
            page = trip.site.read_listing(Document.of(snapshot, base_url=trip.base_url), trip.edition, number)
        except (PageError, UndecodableBody) as error:
            self._keep(snapshot, "unrecognised", str(error))
            trip.unrecognised += 1
            return str(error)
        self._take(snapshot, page)
        return None

    def _keep(self, snapshot: Snapshot, outcome: Mark, problem: str) -> None:
        """Keep a page that the walk cannot use, with the reason."""
        with self.run.archive.writing() as connection:
            snapshot_id = self.run.archive.keep_in(connection, snapshot, self.trip.crawl_id, None)
            mark(connection, snapshot_id, outcome, problem=problem)

    async def _fetch(self, number: int) -> Snapshot:
        trip, engine = self.trip, self.crawler.engine
        if engine is None:
            raise DownloadFailedError("the crawl is over")
        path = self._paths.get(number, trip.site.listing_path(number))
        url = at_base(path, trip.edition, trip.base_url)
        response = await engine.download_async(Request(url, meta={ALLOWED: trip.hosts}, dont_filter=True))
        return snapshot_of(response, edition=trip.edition.name, kind="listing", clock=self.run.clock, page=number)

    def _take(self, snapshot: Snapshot, page: ListingPage | None) -> None:
        trip = self.trip
        if trip.walk is None:
            return
        step = trip.coverage.take(trip.walk, snapshot, page)
        trip.listing_pages += 1
        if page is not None and page.next_path is not None and (found := PAGE_NUMBER.search(page.next_path)):
            self._paths[int(found[1])] = page.next_path
        if step.cut is not None:
            trip.cut = step.cut

    def _lose(self, problem: str) -> None:
        trip = self.trip
        if trip.listing_pages == 0 and not trip.unrecognised and trip.refused is None:
            trip.unreachable = problem
        trip.cut = problem
