"""The last word before a request is sent: may it be, now? And the book of what was asked, and what came of it.

Every request passes here, those for robots.txt, retries and hops of redirects as well. It is written down before it
goes out, so that a killed run has spent what it spent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, cast

from scrapy.exceptions import IgnoreRequest

from crawler.dates import local_day
from crawler.errors import ArchiveError, Resting
from spiders.network.delay import retry_after
from spiders.network.reason import NO_ANSWER, reason
from storage.write.evidence.requests import LoggedRequest, RequestOutcome

if TYPE_CHECKING:
    from datetime import date

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.errors import NotYet
    from crawler.records import Kind
    from spiders.clock import Clock
    from spiders.edition_crawl import EditionCrawl
    from spiders.limits import Limits
    from spiders.network.clock_check import ClockCheck
    from storage.write.archive import Archive

Download: TypeAlias = "Callable[[Request], Awaitable[Response]]"

KIND: Final = "dateline_kind"  # in a request's meta: what is asked for; robots.txt is asked for by Scrapy, without it
SENT: Final = "dateline_sent"  # ... the address to which it was sent last
TOLD: Final = "dateline_told"  # ... what came of it, as it will be written


class NotNow(IgnoreRequest):
    """Nothing more may be asked in this run, or of this site: what was wanted stays due, and did not fail."""


class Run(Protocol):
    """What the network has to know of a run and to tell it (spiders/run.py).

    `moved_at`: when something happened last. `slowest`: the longest delay that a robots.txt asked for, in seconds.
    """

    archive: Archive
    clock: Clock
    timekeeper: ClockCheck
    moved_at: float
    slowest: float

    def crawl_to(self, url: str) -> EditionCrawl: ...
    def close_gate(self, why: str, *, rests: bool = False) -> None: ...
    def unwritten(self, error: ArchiveError) -> None: ...
    def stop(self, message: str) -> None: ...


class Gate:
    """The gate of a run. It closes a crawl, or all of them, and never opens again."""

    def __init__(self, run: Run, limits: Limits) -> None:
        self.run, self.limits = run, limits
        self._last: dict[int, float] = {}
        self._spent: dict[str, tuple[date, int]] = {}
        self._told: list[RequestOutcome] = []

    def admit(self, request: Request) -> None:
        """Note a request that is sent now. Raises NotNow, and tells the run why, when it may not be."""
        crawl = self.run.crawl_to(request.url)
        if (shut := self.shut(crawl)) is not None:
            self.run.close_gate(str(shut), rests=isinstance(shut, Resting))
        if crawl.closed is None and (why := self._overspent(crawl)) is not None:
            crawl.closed = why
        if crawl.closed is None:
            self._note(request, crawl)
        if crawl.closed is not None:
            raise NotNow(crawl.closed)

    def shut(self, crawl: EditionCrawl) -> NotYet | None:
        """Why nobody may be asked now; None when they may."""
        return self.limits.shut(self.run.clock.now(), crawl.edition.timezone)

    def _overspent(self, crawl: EditionCrawl) -> str | None:
        if crawl.budget is None:
            return None
        now, zone, name = self.run.clock.now(), crawl.edition.timezone, crawl.edition.name
        today = local_day(now, zone)
        day, spent = self._spent.get(name, (None, 0))
        if day != today:
            begins, ends = (
                datetime.combine(day, time.min, zone).astimezone(UTC) for day in (today, today + timedelta(days=1))
            )
            spent = self.run.archive.asked_between(name, begins, ends)
        self._spent[name] = today, spent + 1
        if spent < crawl.budget:
            return None
        return f"the budget of {crawl.budget} requests for {today} ({zone.key}) is spent: the next day goes on"

    def _note(self, request: Request, crawl: EditionCrawl) -> None:
        before, now = request.meta.get(SENT), monotonic()
        asked = LoggedRequest(
            crawl_id=crawl.crawl_id,
            kind=cast("Kind", request.meta.get(KIND, "robots")),
            repeats=None if before is None else "retry" if before == request.url else "redirect",
            asked_at=self.run.clock.now(),
            gap_ms=None if crawl.crawl_id not in self._last else round((now - self._last[crawl.crawl_id]) * 1000),
        )
        try:
            request_id = self.run.archive.ask(asked, self._told)
        except ArchiveError as error:
            self.run.unwritten(error)
            self.run.close_gate(str(error))
            return
        self._told.clear()
        self._last[crawl.crawl_id] = now
        request.meta[SENT], request.meta[TOLD] = request.url, RequestOutcome(crawl.crawl_id, request_id)

    def told(self, request: Request, response: Response | None, problem: str | None = None) -> None:
        """What came of a request, written down with the next one or at the end."""
        told: RequestOutcome = request.meta[TOLD]
        told.problem = problem
        if response is not None:
            wait = retry_after(response)
            told.status, told.wire_size = response.status, len(response.body)
            told.retry_after = None if wait is None else round(wait)
        self._told.append(told)

    def waited(self, request: Request, seconds: float) -> None:
        """How long everything then waited."""
        told: RequestOutcome | None = request.meta.get(TOLD)
        if told is not None:
            told.waited = round(seconds)
            if told not in self._told:  # written already, since another request went out meanwhile
                self._told.append(told)

    def finish(self) -> None:
        """Write what is still to be written. Raises ArchiveError."""
        if self._told:
            self.run.archive.tell(self._told)
            self._told.clear()


def gate_of(crawler: Crawler) -> Gate | None:
    """The gate of the run that is crawling; None for a spider that is not ours."""
    run = getattr(crawler.spider, "run", None)
    gate: Gate | None = getattr(run, "gate", None)
    return gate


async def through(crawler: Crawler, request: Request, download: Download) -> Response:
    """Send a request if it may be sent, and note what comes of it. Raises NotNow, and what `download` raises."""
    gate = gate_of(crawler)
    if gate is None:
        return await download(request)
    gate.admit(request)
    try:
        response = await download(request)
    except NO_ANSWER as error:
        gate.told(request, None, reason(error))
        raise
    gate.told(request, response)
    if (wrong := gate.run.timekeeper.heard(response)) is not None:
        gate.run.close_gate(wrong)
        raise NotNow(wrong)
    return response
