"""The spider `news`: walks the listings of an agency and fetches what they name.

`start` is the whole run as one program: for each edition, read what a killed run left unread, walk the listing
down to known coverage, and fetch whatever the archive says is due. The archive is the frontier: nothing that
matters is held in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Self, cast

from scrapy import Request, Spider, signals

from crawler.errors import ArchiveError, ArgumentError
from crawler.records import Reading, Snapshot
from crawler.urls import at_base
from spiders.listing import ListingWalker
from spiders.network.capture import snapshot_of
from spiders.network.gate import KIND, NotNow
from spiders.network.guard import ALLOWED
from spiders.network.reason import reason
from spiders.run import Run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.settings import BaseSettings
    from twisted.python.failure import Failure

    from spiders.edition_crawl import EditionCrawl
    from storage.write.frontier.queue import Due

WALK_PAGES = 25  # listing pages between two rounds of articles: a long backfill shows its first articles early
LONGEST_SHOWN = 200  # characters of an address in a message
BATCH = 64  # articles asked of the archive at once
UNREAD = 64  # pages that a killed run may have left: what one process has in flight at most


class NewsSpider(Spider):
    """See `scrapy crawl news` in the README for its arguments. Yields snapshots (and readings of kept ones)."""

    name = "news"

    def __init__(self, run: Run, name: str | None = None) -> None:
        super().__init__(name)
        self.run = run
        self._closes_run = False
        self._flying: dict[tuple[str, str | None], asyncio.Event] = {}
        self._scheduled: set[tuple[str, str]] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, run: Run | None = None, **arguments: str) -> Self:
        """`run` is opened and closed by the command; here when the spider is started by something else."""
        spider = cls(run or Run.open(arguments, crawler.settings))
        spider._closes_run = run is None
        spider._set_crawler(crawler)
        for handler, signal in (
            (spider.scheduled, signals.request_scheduled),
            (spider.dropped, signals.request_dropped),
            (spider.landed, signals.item_scraped),
            (spider.landed, signals.item_dropped),
            (spider.spoiled, signals.item_error),
            (spider.broke, signals.spider_error),
            (spider.closed_by, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal=signal)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """One site is asked at a time, so no more requests are handed to the downloader than it may send at once:
        what waits there is sent even after a refusal or a signal, each after its delay.
        """
        super().update_settings(settings)
        settings.set("CONCURRENT_REQUESTS", settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN"), priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        """The run, edition by edition."""
        for crawl in self.run.crawls:
            try:
                async for output in self._travel(crawl):
                    yield output
                crawl.done = True
            except ArchiveError as error:
                self.run.unwritten(error)
                return

    async def _travel(self, crawl: EditionCrawl) -> AsyncIterator[Any]:
        for reading in self._left_unread(crawl):
            yield reading
        planned = bool(self.run.arguments.urls)
        while True:
            await self._walk(crawl)
            if not planned and not crawl.closed:  # by now the servers have said what time it is
                self._replan(crawl)
                planned = True
            async for request in self._articles(crawl):
                yield request
            if crawl.walk is None or crawl.walk.next_page is None or crawl.stopped:
                return

    def _left_unread(self, crawl: EditionCrawl) -> Iterator[Reading]:
        """Pages that a killed run kept but did not come to read; not the one that may have killed it."""
        left = self.run.archive.unread(crawl.edition.name, UNREAD)
        if left and self._given_up(crawl, *left[0]):
            del left[0]
        for snapshot_id, snapshot in left:
            crawl.inherited.add(snapshot_id)
            yield Reading(snapshot, snapshot_id)

    def _given_up(self, crawl: EditionCrawl, snapshot_id: int, snapshot: Snapshot) -> bool:
        deadly = self.run.archive.give_up_deadly(snapshot_id, crawl.crawl_id, self.run.clock.now())
        if deadly is None:
            return False
        article_id, problem = deadly
        crawl.tried.add(article_id)  # fetched by a later run: this one is to come to its end
        crawl.failed += 1
        crawl.trouble.append(f"{problem} ({snapshot.requested_url})")
        return True

    def _replan(self, crawl: EditionCrawl) -> None:
        moved = self.run.archive.replan(crawl.edition.name, self.run.clock.now())
        if moved:
            self.logger.warning(
                "%s: %d articles were to be visited at a time that cannot have been planned by now, by a clock that "
                "was ahead: that counts as now",
                crawl.edition.name,
                moved,
            )

    async def _walk(self, crawl: EditionCrawl) -> None:
        walker = ListingWalker(self.run, crawl, self.crawler)
        for _ in range(WALK_PAGES):
            if not await walker.step():
                return

    # --- articles

    async def _articles(self, crawl: EditionCrawl) -> AsyncIterator[Request]:
        """Requests for whatever is due, until nothing is; every one is tried once in a run."""
        while not (crawl.refused or crawl.closed):
            batch = self._due(crawl)
            if not batch:
                return
            for due in batch:
                crawl.tried.add(due.article_id)
                self._flying[crawl.edition.name, due.key] = asyncio.Event()
                try:
                    request = self._request(crawl, due)
                except (ArgumentError, ValueError) as error:  # no address at all
                    self._fail(crawl, due, due.url, reason(error))
                    continue
                yield request
                if (crawl.edition.name, due.key) not in self._scheduled:  # by now Scrapy has taken it, or dropped it
                    self._fail(crawl, due, request.url, self._why_dropped(request))
            for due in batch:
                await self._flying[crawl.edition.name, due.key].wait()
                del self._flying[crawl.edition.name, due.key]
                self._scheduled.discard((crawl.edition.name, due.key))

    def _due(self, crawl: EditionCrawl) -> list[Due]:
        now, arguments = self.run.clock.now(), self.run.arguments
        name = crawl.edition.name
        if arguments.urls:
            return [due for due in crawl.named if due.article_id not in crawl.tried]
        return self.run.archive.due(name, now, BATCH, exclude=crawl.tried, recheck=arguments.recheck != "off")

    def _request(self, crawl: EditionCrawl, due: Due) -> Request:
        validators = {"If-None-Match": due.etag, "If-Modified-Since": due.last_modified}
        return Request(
            at_base(due.url, crawl.edition, crawl.base_url),
            headers={name: value for name, value in validators.items() if value},
            callback=self.article,
            errback=self.missed,
            cb_kwargs={"crawl": crawl, "due": due},
            meta={ALLOWED: crawl.hosts, KIND: "article"},
            dont_filter=True,
        )

    def article(self, response: Response, crawl: EditionCrawl, due: Due) -> Iterator[Snapshot]:
        """An answer of the server, whatever its status: kept first, read by the pipelines."""
        yield snapshot_of(response, edition=crawl.edition.name, kind="article", clock=self.run.clock, key=due.key)

    def missed(self, failure: Failure) -> None:
        """No answer: the article stays due, later and later. One that was not asked for stays due as it was."""
        request = cast("Request", failure.request)  # type: ignore[attr-defined]  # set by Scrapy
        crawl, due = request.cb_kwargs["crawl"], request.cb_kwargs["due"]
        if isinstance(failure.value, NotNow):
            self._flying[crawl.edition.name, due.key].set()
            return
        problem = reason(cast("BaseException", failure.value))
        self._fail(crawl, due, request.meta.get("redirect_urls", [request.url])[0], problem)

    def _fail(self, crawl: EditionCrawl, due: Due, url: str, problem: str) -> None:
        """A visit without an answer: counted, said, and made again later."""
        crawl.failed += 1
        crawl.trouble.append(f"{problem} ({url[:LONGEST_SHOWN]}{'...' if len(url) > LONGEST_SHOWN else ''})")
        try:
            self.run.archive.failed(due.article_id, problem, self.run.clock.now())
        except ArchiveError as error:
            self.run.unwritten(error)
            self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive"))
        self._flying[crawl.edition.name, due.key].set()

    def _why_dropped(self, request: Request) -> str:
        limit, length = self.settings.getint("URLLENGTH_LIMIT"), len(request.url)
        if limit and length > limit:
            return f"its address has {length:,} characters, more than URLLENGTH_LIMIT={limit}: it was not asked for"
        return "Scrapy dropped the request: it was not asked for"

    # --- what Scrapy tells

    def scheduled(self, request: Request) -> None:
        """A request of ours was taken."""
        if (due := request.cb_kwargs.get("due")) is not None:
            self._scheduled.add((request.cb_kwargs["crawl"].edition.name, due.key))

    def dropped(self, request: Request) -> None:
        """A request of ours was taken, and then dropped by the scheduler."""
        if (due := request.cb_kwargs.get("due")) is not None:
            self._fail(request.cb_kwargs["crawl"], due, request.url, self._why_dropped(request))

    def landed(self, item: Snapshot | Reading) -> None:
        """An item went through the pipelines, or was dropped there: its article is done for this run."""
        snapshot = item.snapshot if isinstance(item, Reading) else item
        if (flight := self._flying.get((snapshot.edition, snapshot.key))) is not None:
            flight.set()

    def spoiled(self, item: Snapshot | Reading, failure: Failure) -> None:
        """A bug in a pipeline: the page is kept, the article stays due, and the run says so."""
        snapshot = item.snapshot if isinstance(item, Reading) else item
        crawl = self.run.crawl(snapshot.edition)
        crawl.failed += 1
        crawl.trouble.append(f"{failure.getErrorMessage()} ({snapshot.requested_url})")
        self.landed(item)

    def broke(self, failure: Failure, response: Response | Failure | None) -> None:
        """A bug in this file: the article stays due, and the run says so. `response` is a failure where `missed` broke,
        and None where `start` did.
        """
        if response is None:
            self.run.stop(f"the run broke off: {failure.getErrorMessage()}")
            return
        request = cast("Request", response.request)  # type: ignore[union-attr]  # Scrapy sets it for both
        crawl = request.cb_kwargs["crawl"]
        crawl.failed += 1
        crawl.trouble.append(f"{failure.getErrorMessage()} ({request.url})")
        self._flying[crawl.edition.name, request.cb_kwargs["due"].key].set()

    def closed_by(self, reason: str) -> None:
        """The spider is closed, in time or before."""
        if reason not in {"finished", "refused"}:
            self.run.stop("stopped by a signal" if reason == "shutdown" else f"stopped: {reason}")
        if self._closes_run:
            self.run.close()
