"""What the four pipelines share: their run, and what to do when the archive cannot be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from scrapy.exceptions import DropItem

from crawler.errors import ArchiveError

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.crawler import Crawler

    from storage.write.archive import Archive

T = TypeVar("T")


class Tally(Protocol):
    """What pipelines tell the crawl of an edition."""

    crawl_id: int
    base_url: str | None
    absent: int
    failed: int
    unrecognised: int
    trouble: list[str]
    inherited: set[int]


class Clock(Protocol):
    """Tells the time as aware UTC."""

    def now(self) -> datetime: ...


class Run(Protocol):
    """The run, as far as pipelines need it (spiders/run.py)."""

    archive: Archive
    clock: Clock

    def crawl(self, edition: str) -> Tally: ...

    def unwritten(self, error: ArchiveError) -> None: ...


class NotWritten(DropItem):
    """The archive could not be written (disk full, file gone): the run ends, the article stays due."""


class Station:
    """Base of the pipelines."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """One of each a crawl."""
        return cls(crawler)

    @property
    def run(self) -> Run:
        """The run of the spider that is crawling."""
        return cast("Run", cast("Any", self.crawler.spider).run)

    def written(self, write: Callable[[], T]) -> T:
        """The result of a write. An archive that cannot be written ends the run. Raises NotWritten."""
        try:
            return write()
        except ArchiveError as error:
            self.run.unwritten(error)
            if self.crawler.engine is not None:
                self._closing = asyncio.ensure_future(self.crawler.engine.close_spider_async(reason="archive"))
            raise NotWritten(str(error)) from error
