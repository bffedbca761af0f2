"""What a person at a terminal sees while a run goes on. It only reads: a crawl without it is the same crawl."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from scrapy import signals
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import create_looping_call

from crawler.records import Reading
from spiders.reporting.observer import RunObserver
from spiders.reporting.painter import NotPaintable, Painter
from spiders.reporting.screen import frame

if TYPE_CHECKING:
    from rich.console import Console
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from spiders.news import NewsSpider

EVERY = 0.5  # seconds between two pictures


class Progress:
    """Scrapy extension: shows how far the run is, while stderr is a terminal that can. It changes nothing."""

    def __init__(self, crawler: Crawler, painter: Painter) -> None:
        self.crawler, self.painter = crawler, painter
        self._watch: RunObserver | None = None
        self._console: Console | None = None
        self._loop = create_looping_call(self.paint)
        self._handlers: list[logging.StreamHandler[Any]] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured where nobody would see it, or where every request is logged to the same terminal."""
        settings = crawler.settings
        beside = settings.getbool("LOG_ENABLED") and not settings["LOG_FILE"]  # the log goes to the same terminal
        chatty = settings["LOG_LEVEL"] in {"DEBUG", "INFO"} or settings["LOG_FORMAT_NAME"] == "json"
        if (beside and chatty) or not settings.getbool("PROGRESS"):
            raise NotConfigured
        try:
            progress = cls(crawler, Painter(sys.stderr))
        except NotPaintable as error:
            raise NotConfigured from error
        for handler, signal in (
            (progress.opened, signals.spider_opened),
            (progress.scraped, signals.item_scraped),
            (progress.dropped, signals.item_dropped),
            (progress.closed, signals.spider_closed),
        ):
            crawler.signals.connect(handler, signal=signal)
        return progress

    def opened(self, spider: NewsSpider) -> None:
        """Begin to paint; log lines that go to the terminal scroll by above."""
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it (0.1 s)

        self._console = Console(file=sys.stderr, highlight=False, markup=False, emoji=False)
        self._watch = RunObserver.of(spider.run, monotonic())
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr:
                handler.setStream(self.painter)
                self._handlers.append(handler)
        self._loop.start(EVERY, now=True)

    def scraped(self, item: Reading, response: Response | None) -> None:
        """An article is archived, or something is wrong with its page."""
        self._landed(item, response, dropped=False)

    def dropped(self, item: object, response: Response | None) -> None:
        """An article says what it said before."""
        if isinstance(item, Reading):
            self._landed(item, response, dropped=True)

    def _landed(self, item: Reading, response: Response | None, *, dropped: bool) -> None:
        due = None if response is None or response.request is None else response.request.cb_kwargs.get("due")
        if self._watch is not None:
            self._watch.landed(item, known=due is not None and due.status != "pending", dropped=dropped)

    def paint(self) -> None:
        """One picture. A terminal that went away is no reason to stop a crawl."""
        if self._watch is None or self._console is None:
            return
        slot = self.crawler.engine._slot  # noqa: SLF001 - nothing public tells
        scene = self._watch.scene(monotonic(), closing=slot is None or slot.closing is not None)
        with suppress(OSError):
            self.painter.paint(frame(scene, self._console))

    def closed(self) -> None:
        """Leave the terminal to the summary."""
        if self._loop.running:
            self._loop.stop()
        for handler in self._handlers:
            handler.setStream(sys.stderr)
        with suppress(OSError):
            self.painter.close()
