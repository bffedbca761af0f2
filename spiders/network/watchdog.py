"""Ends a run in which nothing moves any more: whatever it waits for, cron should not hear "busy" for ever."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self, cast

from scrapy import signals

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from spiders.network.gate import Run

_LOOKS: Final = 10  # in the time that a run may stand still

_MOVES: Final = (
    signals.request_scheduled, signals.request_reached_downloader, signals.response_downloaded,
    signals.item_scraped, signals.item_dropped, signals.item_error,
)  # fmt: skip


class Watchdog:
    """Scrapy extension: closes the spider, and has the run say so, after STUCK_TIMEOUT seconds without a request, an
    answer or a page that was read. A delay that robots.txt asked for comes on top; waiting after a refusal is moving.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._patience = crawler.settings.getfloat("STUCK_TIMEOUT")
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Watch the crawler from its opening to its end."""
        watchdog = cls(crawler)
        crawler.signals.connect(watchdog.opened, signal=signals.spider_opened)
        crawler.signals.connect(watchdog.closed, signal=signals.spider_closed)
        for signal in _MOVES:
            crawler.signals.connect(watchdog.moved, signal=signal)
        return watchdog

    @property
    def _run(self) -> Run | None:
        return cast("Run | None", getattr(cast("Any", self.crawler.spider), "run", None))

    def opened(self) -> None:
        """From now on."""
        self.moved()
        if self._patience and self._run is not None:
            self._watching = asyncio.ensure_future(self._watch())

    def moved(self) -> None:
        """Something went on."""
        if self._run is not None:
            self._run.moved_at = monotonic()

    def closed(self) -> None:
        """There is nothing left to watch."""
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        run = self._run
        while run is not None:
            await asyncio.sleep(self._patience / _LOOKS)
            if monotonic() - run.moved_at > self._patience + run.slowest:
                run.stop(f"nothing moved for {self._patience + run.slowest:,.0f} s (STUCK_TIMEOUT): stopped")
                # In a task of its own: this one is cancelled while the spider closes.
                self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="stuck"))
                return
