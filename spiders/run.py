"""One run of the crawler: what it was asked for, the archive it writes, and how it went.

A `Run` holds an `EditionCrawl` per edition. It is opened before Scrapy starts, so that a wrong argument, a foreign file
or a second crawl is one clear line and no crawl, and closed when the spider is.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

import scrapy
from scrapy.utils.misc import load_object

from crawler.dates import from_utc_text, local_day
from crawler.errors import ArchiveError, ArgumentError
from crawler.secrets import without_secrets
from crawler.settings import VERSION
from crawler.sites import site_of
from spiders.arguments import Arguments, read_arguments
from spiders.clock import StoppedClock
from spiders.demo.server import launch
from spiders.edition_crawl import EXIT_CODES, EditionCrawl
from spiders.limits import Limits, read_limits
from spiders.network.clock_check import ClockCheck
from spiders.network.gate import Gate
from spiders.network.guard import names_of
from spiders.notifications import IncidentReport
from storage.db.lock import CrawlLock
from storage.write.archive import Archive
from storage.write.frontier.queue import Due
from storage.write.walks import Coverage

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from crawler.records import Edition
    from spiders.clock import Clock

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Of several editions the run reports what most needs a person.
URGENCY = (4, 6, 3, 0)


class Run:
    """A run, from arguments to exit code. Use `Run.open`; call `close` once, whatever happened."""

    def __init__(
        self, arguments: Arguments, limits: Limits, archive: Archive, clock: Clock, resources: ExitStack
    ) -> None:
        self.arguments, self.archive, self.clock = arguments, archive, clock
        self.gate = Gate(self, limits)
        self.timekeeper = ClockCheck(clock)
        self.crawls: list[EditionCrawl] = []
        self.counts: dict[int, Mapping[str, int]] = {}
        self.bulletin = IncidentReport(clock)
        self.moved_at = monotonic()  # when something last went on, see spiders/network/watchdog.py
        self.slowest = 0.0  # seconds between two requests that a robots.txt asked for at most
        self._resources = resources
        self._closed = False

    @classmethod
    def open(cls, given: Mapping[str, str], settings: BaseSettings) -> Self:
        """Check the arguments, open and lock the archive, and enter the crawls into its ledger.

        Raises ArgumentError, ArchiveError, ArchiveBusy or NotYet; nothing is left open then.
        """
        arguments, limits = read_arguments(given), read_limits(settings)
        clock = _clock(arguments, settings)
        _check_since(arguments, clock)
        for edition in arguments.editions:
            if (why := limits.shut(clock.now(), edition.timezone)) is not None:
                raise why
        with ExitStack() as resources:
            target = settings["DATABASE_URL"]
            archive = resources.enter_context(Archive.open(target, create=True, migrate=True))
            for edition in arguments.editions:
                resources.enter_context(CrawlLock(target, edition.name))
            run = cls(arguments, limits, archive, clock, resources)
            for edition in arguments.editions:
                run.crawls.append(run._begun(edition, settings))
            run.bulletin.begin(archive, settings, [crawl.edition.name for crawl in run.crawls])
            run._resources = resources.pop_all()
        return run

    def _begun(self, edition: Edition, settings: BaseSettings) -> EditionCrawl:
        site, now = site_of(edition.name), self.clock.now()
        base_url = self.arguments.base_url
        if edition.name == "demo" and base_url is None:
            base_url = self._resources.enter_context(launch(settings, self.clock))
        budget = self.gate.limits.budget(at_home=_at_home(base_url))
        crawl_id = self.archive.begin_crawl(
            edition.name,
            arguments={name: without_secrets(value) for name, value in self.arguments.given.items()},
            software=f"dateline/{VERSION} scrapy/{scrapy.__version__} python/{platform.python_version()}",
            user_agent=settings["USER_AGENT"],
            now=now,
            daily_budget=budget,
        )
        coverage = Coverage(self.archive, edition.name, crawl_id, edition.timezone)
        walk = None
        if not self.arguments.urls:
            walk = coverage.begin(now, self.arguments.since, self.arguments.until)
        crawl = EditionCrawl(edition, site, base_url, crawl_id, coverage, walk, budget=budget)
        self._call(crawl)
        return crawl

    def _call(self, crawl: EditionCrawl) -> None:
        """Make due what the user asked to look at: the named articles, or all (recent) ones again."""
        now, recheck = self.clock.now(), self.arguments.recheck
        crawl.named = tuple(self._name(crawl, url) for url in self.arguments.urls.get(crawl.edition.name, ()))
        if recheck == "all" or isinstance(recheck, timedelta):
            self.archive.plan_rechecks(crawl.edition.name, None if recheck == "all" else now - recheck, now)

    def _name(self, crawl: EditionCrawl, url: str) -> Due:
        """An article that the user named: remembered, and to be fetched now whatever its schedule says."""
        key = crawl.site.article_key(url, crawl.edition, crawl.base_url)
        if key is None:
            raise ArgumentError(f"-a url={url}: not the address of an article of {crawl.edition.name}")
        canonical = crawl.site.canonical_url(url, crawl.edition, crawl.base_url)
        article_id = self.archive.remember(crawl.edition.name, key, canonical, self.clock.now())
        return Due(article_id, key, canonical, "pending", 0)

    def crawl(self, edition: str) -> EditionCrawl:
        """The crawl of an edition of this run."""
        return next(crawl for crawl in self.crawls if crawl.edition.name == edition)

    def crawl_to(self, url: str) -> EditionCrawl:
        """The crawl to whose site an address belongs, for addresses that the guard let pass. Raises LookupError."""
        names = names_of(url)
        for crawl in self.crawls:
            if not names.isdisjoint(crawl.hosts):
                return crawl
        raise LookupError(url)

    def refuse(self, message: str) -> None:
        """The site wants no more of us: the run ends, and what it left is due in the next."""
        for crawl in self._unfinished:
            crawl.refused = crawl.refused or message

    def stop(self, message: str) -> None:
        """The run ends early (a signal, a bug of ours); every crawl that had work left is incomplete."""
        for crawl in self._unfinished:
            crawl.cut = crawl.cut or message

    def unwritten(self, error: ArchiveError) -> None:
        """The archive cannot be written (a full disk, a lost file): the run ends, and what was not kept stays due."""
        for crawl in self._unfinished:
            crawl.unwritten = crawl.unwritten or str(error)

    def close_gate(self, why: str, *, rests: bool = False) -> None:
        """Nothing more is asked; every crawl that had work left is incomplete. `rests`: for quiet hours."""
        for crawl in self._unfinished:
            crawl.rests = crawl.rests or (rests and crawl.stopped is None)
            crawl.closed = crawl.closed or why

    @property
    def _unfinished(self) -> list[EditionCrawl]:
        return [crawl for crawl in self.crawls if not crawl.done]

    @property
    def at_home(self) -> bool:
        """Whether every site of the run stands on this machine: a test, a demo, a mirror of one's own."""
        return all(_at_home(crawl.base_url) for crawl in self.crawls)

    @property
    def named_hosts(self) -> list[str]:
        """Hosts that the user named, with `base_url`: they may be private."""
        return [urlsplit(crawl.base_url).hostname or "" for crawl in self.crawls if crawl.base_url is not None]

    @property
    def exit_code(self) -> int:
        """The process's exit code."""
        codes = {EXIT_CODES[crawl.outcome] for crawl in self.crawls}
        return next((code for code in URGENCY if code in codes), 0)

    def close(self) -> None:
        """Enter the outcomes into the ledger and let go of the archive. A second call does nothing."""
        crawls = [] if self._closed else self.crawls
        self._closed = True
        with self._resources:
            for crawl in crawls:
                self._enter(crawl)
            if crawls:
                ended = {crawl.edition.name: crawl.crawl_id for crawl in crawls if crawl.crawl_id in self.counts}
                if self.timekeeper.wrong is not None:
                    ended.clear()  # monitors measure time
                self.bulletin.end(self.archive, ended, [crawl.stopped for crawl in self.crawls])
        if crawls:
            self.bulletin.tell()

    def _enter(self, crawl: EditionCrawl) -> None:
        try:
            self.gate.finish()
            standing = self.archive.settle_absences(crawl.edition.name)
            crawl.walls = tuple(map(str, standing)) if crawl.absent else ()
            code = EXIT_CODES[crawl.outcome]
            message = None if crawl.message is None else without_secrets(crawl.message)
            self.archive.finish_crawl(crawl.crawl_id, crawl.outcome, code, message, self.clock.now())
            self.counts[crawl.crawl_id] = self.archive.counts(crawl.crawl_id)
            crawl.said = self._said(crawl)
        except ArchiveError as error:  # a disk may be too full even for that: the entry stays open, as after a kill
            crawl.unwritten = crawl.unwritten or str(error)

    def _said(self, crawl: EditionCrawl) -> bool:
        """An outage of a day is one mail of cron, not a mail every five minutes."""
        if crawl.outcome == "complete" or (ended := self.archive.ended_alike(crawl.crawl_id)) is None:
            return False
        zone = crawl.edition.timezone
        return local_day(ended, zone) == local_day(self.clock.now(), zone)


def _at_home(base_url: str | None) -> bool:
    return base_url is not None and urlsplit(base_url).hostname in LOOPBACK


def _check_since(arguments: Arguments, clock: Clock) -> None:
    """A walk down to a day to come would end on its first page, with a hole below it."""
    for edition in arguments.editions:
        if arguments.since and arguments.since > local_day(clock.now(), edition.timezone):
            raise ArgumentError(f"-a since={arguments.since}: that day is still to come")


def _clock(arguments: Arguments, settings: BaseSettings) -> Clock:
    """The clock of the setting CLOCK; DEMO_NOW stops it, for runs of the miniature agency alone."""
    if settings["DEMO_NOW"]:
        if [edition.name for edition in arguments.editions] != ["demo"]:
            raise ArgumentError("DEMO_NOW is for -a edition=demo: the time of a real agency cannot be chosen")
        try:
            return StoppedClock(from_utc_text(settings["DEMO_NOW"]))
        except ValueError as error:
            raise ArgumentError(
                f"DEMO_NOW={settings['DEMO_NOW']}: takes a UTC time such as 2026-03-02T12:00:00Z"
            ) from error
    clock = settings["CLOCK"]
    chosen: Clock = load_object(clock)() if isinstance(clock, str) else clock
    return chosen
