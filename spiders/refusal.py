"""What we do when the site has had enough of us: slow down, wait as long as it asks, and leave in time.

Nothing is lost by leaving: what was not fetched stays due in the archive.
"""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from crawler.decide import verdict

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

WAITING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


class Refusal:
    """Downloader middleware: on 429 and 503 the whole site is slowed down and the request asked again after
    Retry-After; refusals in a row (REFUSALS_BEFORE_LEAVING) or a wait beyond RETRY_AFTER_LIMIT end the run.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.limit = settings.getint("REFUSALS_BEFORE_LEAVING")
        self.longest = settings.getfloat("RETRY_AFTER_LIMIT")
        self.first = settings.getfloat("REFUSAL_DELAY")
        self.in_a_row = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Limits come from the settings."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The response, or the request once more after a while."""
        if verdict(response.status) != "refused":
            self.in_a_row = 0
            return response
        self.in_a_row += 1
        wait = _retry_after(response) or self.first * 2 ** (self.in_a_row - 1)
        if self.in_a_row >= self.limit or wait > self.longest:
            self._leave(response, wait)
            return response
        self._slow_down(request, wait)
        if response.status in WAITING:
            return request.replace(dont_filter=True)
        return response

    def _slow_down(self, request: Request, wait: float) -> None:
        engine = self.crawler.engine
        if engine is not None and (slot := engine.downloader.slots.get(request.meta.get("download_slot", ""))):
            slot.delay = min(max(slot.delay * 2, wait), self.longest)

    def _leave(self, response: Response, wait: float) -> None:
        asked = f", asks for {wait:.0f} s" if _retry_after(response) else ""
        message = f"the site refuses us: HTTP {response.status} {self.in_a_row} times in a row{asked}"
        spider, engine = self.crawler.spider, self.crawler.engine
        spider.run.refuse(message)  # type: ignore[union-attr]  # only our spider runs with this middleware
        if engine is not None:
            self._closing = asyncio.ensure_future(engine.close_spider_async(reason="refused"))


def _retry_after(response: Response) -> float | None:
    """Seconds that the server asks us to wait, from a number or a date; None when it does not say."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
        sent = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
        return max((until - sent).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
