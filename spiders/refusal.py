"""What we do when the site has had enough of us: slow down, wait as long as it asks, and leave in time.

Nothing is lost by leaving: what was not fetched stays due in the archive.
"""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from crawler.decide import verdict

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

WAITING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Refusal:
    """Downloader middleware: on 429 and 503 everything waits for Retry-After, then the request is asked again, and
    all others more slowly; refusals in a row (REFUSALS_BEFORE_LEAVING) or a wait beyond RETRY_AFTER_LIMIT end the run.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.limit = settings.getint("REFUSALS_BEFORE_LEAVING")
        self.longest = settings.getfloat("RETRY_AFTER_LIMIT")
        self.first = settings.getfloat("REFUSAL_DELAY")
        self.in_a_row = 0
        self._closing: asyncio.Future[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Limits come from the settings."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """The response, or the request once more after a while."""
        if verdict(response.status) != "refused":
            self.in_a_row = 0
            return response
        self.in_a_row += 1
        asked = _retry_after(response)
        wait = asked or self.first * 2 ** (self.in_a_row - 1)
        if self.in_a_row >= self.limit or wait > self.longest:
            self._leave(response.status, asked)
            return response
        self._slow_down(request)
        if response.status in WAITING and await self._rest(wait):
            return request.replace(dont_filter=True)
        return response

    def _slow_down(self, request: Request) -> None:
        """Ask half as often from now on; AutoThrottle comes back from there, answer by answer."""
        slots = self.crawler.engine.downloader.slots
        if slot := slots.get(request.meta.get("download_slot", "")):
            slot.delay = min(slot.delay * 2, self.longest)

    async def _rest(self, wait: float) -> bool:
        """Wait so many seconds, and with one request at a time nothing else is asked meanwhile. (The downloader's own
        delay would not do: it is shortened at random.) False when the run is to end before.
        """
        end = monotonic() + wait
        while (left := end - monotonic()) > 0:
            if self._closing is not None or not self.crawler.engine.running:
                return False
            await asyncio.sleep(min(left, 0.5))
        return True

    def _leave(self, status: int, asked: float | None) -> None:
        if self._closing is not None:
            return
        times = f" {self.in_a_row} times in a row" if self.in_a_row > 1 else ""
        then = f", and asks us to wait {asked:.0f} s" if asked else ""
        spider: Any = self.crawler.spider  # only ours runs with this middleware
        spider.run.refuse(f"the site refuses us: HTTP {status}{times}{then}")
        self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="refused"))


def _retry_after(response: Response) -> float | None:
    """Seconds that the server asks us to wait, from a number or a date; None when it does not say."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
        sent = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
        return max((until - sent).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
