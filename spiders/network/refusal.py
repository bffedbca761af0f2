"""What we do when the site has had enough of us: slow down, wait as long as it asks, and leave in time.

Nothing is lost by leaving: what was not fetched stays due in the archive.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from scrapy.exceptions import (
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)

from crawler.rules.decide import verdict
from spiders.network.delay import at_least, retry_after
from spiders.network.gate import gate_of
from spiders.network.reason import reason

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

WAITING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# A site that is tired of us breaks off while TLS is being set up, or does not answer at all.
BREAKS = (DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError, ResponseDataLossError)


class Refusal:
    """Downloader middleware: on 429 and 503 everything waits for Retry-After, then the request is asked again, and
    all others more slowly; refusals in a row (REFUSALS_BEFORE_LEAVING) or a wait beyond RETRY_AFTER_LIMIT end the run.
    So do connections that break in a row (BREAKS_BEFORE_LEAVING); after each of them everything waits as well.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.limit = settings.getint("REFUSALS_BEFORE_LEAVING")
        self.longest = settings.getfloat("RETRY_AFTER_LIMIT")
        self.first = settings.getfloat("REFUSAL_DELAY")
        self.most_breaks = settings.getint("BREAKS_BEFORE_LEAVING")
        self.break_delay = settings.getfloat("BREAK_DELAY")
        self.in_a_row = self.breaks = 0
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Limits come from the settings."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """The response, or the request once more after a while."""
        self.breaks = 0
        if verdict(response.status) != "refused":
            self.in_a_row = 0
            return response
        self.in_a_row += 1
        asked = retry_after(response)
        wait = asked or self.first * 2 ** (self.in_a_row - 1)
        if self.in_a_row >= self.limit or wait > self.longest:
            then = f", and asks us to wait {asked:.0f} s" if asked else ""
            self._leave(f"refuses us: HTTP {response.status}{_times(self.in_a_row)}{then}")
            return response
        self._slow_down(request)
        if response.status in WAITING and await self._rest(request, wait):
            return request.replace(dont_filter=True)
        return response

    async def process_exception(self, request: Request, exception: Exception) -> None:
        """Wait before anything else is asked, this request again among it (by Scrapy's own middleware, after us)."""
        if not isinstance(exception, BREAKS):
            return
        self.breaks += 1
        wait = self.break_delay * 2 ** (self.breaks - 1)
        if self.breaks >= self.most_breaks or wait > self.longest:
            self._leave(f"breaks off: {reason(exception)}{_times(self.breaks)}")
            return
        self._slow_down(request)
        await self._rest(request, wait)

    def _slow_down(self, request: Request) -> None:
        """Ask half as often from now on; AutoThrottle comes back from there, answer by answer."""
        name = request.meta.get("download_slot", "")
        if slot := self.crawler.engine.downloader.slots.get(name):
            at_least(self.crawler, name, min(slot.delay * 2, self.longest))

    async def _rest(self, request: Request, wait: float) -> bool:
        """Wait so many seconds, and with one request at a time nothing else is asked meanwhile. (The downloader's own
        delay would not do: it is shortened at random.) False when the run is to end before.
        """
        begun, gate = monotonic(), gate_of(self.crawler)
        while (left := begun + wait - monotonic()) > 0:
            if self._over(request):
                break
            await asyncio.sleep(min(left, 0.5))
            if gate is not None:
                gate.run.moved_at = monotonic()  # waiting as long as the site asks is what it should do
        if gate is not None:
            gate.waited(request, monotonic() - begun)
        return left <= 0

    def _over(self, request: Request) -> bool:
        """Whether there is nothing left to wait for."""
        gate = gate_of(self.crawler)
        shut = gate is not None and gate.shut(gate.run.crawl_to(request.url)) is not None
        return shut or self._closing is not None or not self.crawler.engine.running

    def _leave(self, what: str) -> None:
        if self._closing is not None:
            return
        spider: Any = self.crawler.spider  # only ours runs with this middleware
        spider.run.refuse(f"the site {what}")
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="refused"))


def _times(number: int) -> str:
    return f" {number} times in a row" if number > 1 else ""
