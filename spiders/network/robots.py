"""robots.txt: asked for once a day and host, kept as evidence, and obeyed, also where it cannot be had."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.httpobj import urlparse_cached

from crawler.errors import ArchiveError
from crawler.rules.decide import robots_verdict
from crawler.rules.politeness import PRODUCT, robots_problem, rules_for
from spiders.network.capture import snapshot_of
from spiders.network.delay import floor
from spiders.network.gate import NotNow
from spiders.network.reason import reason

if TYPE_CHECKING:
    from scrapy import Request, Spider
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from spiders.edition_crawl import EditionCrawl
    from spiders.network.gate import Run

FRESH: Final = timedelta(hours=24)  # RFC 9309, 2.4: a copy is not used for longer


class NoRules(IgnoreRequest):
    """The answer to a request for robots.txt does not tell what is allowed."""


class Robots(RobotsTxtMiddleware):
    """Scrapy's middleware, which asks for the file, parses it with Protego and refuses what it forbids; with manners.

    The answer is kept. A site whose rules cannot be had is not asked for anything (RFC 9309), one without rules is
    asked for everything. Crawl-delay raises the delay, up to CRAWL_DELAY_LIMIT.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._robotstxt_useragent = PRODUCT  # never the whole user agent: its comment has words that are others' names
        self._read_at: dict[str, datetime] = {}
        self._crawls: dict[str, EditionCrawl] = {}
        self._obey_delay = crawler.settings.getbool("CRAWL_DELAY_OBEY")
        self._longest = crawler.settings.getfloat("CRAWL_DELAY_LIMIT")

    @property
    def _run(self) -> Run:
        return cast("Run", cast("Any", self.crawler.spider).run)

    async def process_request(self, request: Request, spider: Spider | None = None) -> None:  # noqa: ARG002 - Scrapy's
        """Raises NotNow when the rules are not known, IgnoreRequest for what they forbid."""
        if request.meta.get("dont_obey_robotstxt"):
            return
        netloc = urlparse_cached(request).netloc
        if netloc in self._read_at and self._run.clock.now() - self._read_at[netloc] >= FRESH:
            del self._parsers[netloc], self._read_at[netloc]
        crawl = self._crawls[netloc] = self._run.crawl_to(request.url)
        parser = await self.robot_parser(request)
        if crawl.closed is not None:
            raise NotNow(crawl.closed)
        self.process_request_2(parser, request)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        crawl = self._crawls[netloc]
        self._keep(response, crawl)
        body = rules_for(response.body) if robots_verdict(response.status) == "given" else b""
        await super()._parse_robots(response.replace(body=body), netloc, request)
        self._read_at[netloc] = self._run.clock.now()
        self._slow_down(netloc, request, crawl)

    def _keep(self, response: Response, crawl: EditionCrawl) -> None:
        """Keep the answer. Raises NoRules for one that tells nothing, ArchiveError."""
        snapshot = snapshot_of(response, edition=crawl.edition.name, kind="robots", clock=self._run.clock)
        problem = robots_problem(snapshot)
        self._run.archive.keep_robots(snapshot, crawl.crawl_id, problem)
        if problem is not None:
            raise NoRules(f"{problem} ({snapshot.url})")

    def _slow_down(self, netloc: str, request: Request, crawl: EditionCrawl) -> None:
        parser = self._parsers[netloc]
        delay = cast("Any", parser).crawl_delay(PRODUCT) if self._obey_delay else None
        if delay is None:
            return
        if delay > self._longest:
            crawl.refused = crawl.closed = (
                f"robots.txt asks for {delay:g} s between requests, more than CRAWL_DELAY_LIMIT={self._longest:g}: "
                "raise that to crawl so slowly"
            )
            return
        self._run.slowest = max(self._run.slowest, delay)
        floor(self.crawler, urlparse_cached(request).hostname or "", delay)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        """No rules: nothing is asked in this run."""
        crawl = self._crawls[netloc]
        if isinstance(exc, ArchiveError):
            self._run.unwritten(exc)
            self._run.close_gate(str(exc))
        elif not isinstance(exc, NotNow):
            crawl.unreachable = f"robots.txt: {reason(exc)}; without its rules nothing is asked"
            crawl.closed = crawl.closed or crawl.unreachable
        super()._robots_error(exc, netloc)
