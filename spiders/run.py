"""One run of the crawler: what it was asked for, the archive it writes, and how it went.

A `Run` holds a `Trip` an edition. It is opened before Scrapy starts, so that a wrong argument, a foreign file or
a second crawl is one clear line and no crawl, and closed when the spider is.
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
from spiders.demo.launch import launch
from spiders.edition_crawl import EXIT_CODES, Trip
from spiders.limits import Limits, read_limits
from spiders.network.clock_check import Timekeeper
from spiders.network.gate import Gate
from spiders.network.guard import names_of
from spiders.reporting.incidents import Bulletin
from storage.db.lock import CrawlLock
from storage.write.archive import Archive
from storage.write.frontier.queue import Due
from storage.write.walks import Coverage

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from crawler.sites.base import Edition
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
        self.timekeeper = Timekeeper(clock)
        self.trips: list[Trip] = []
        self.counts: dict[int, Mapping[str, int]] = {}
        self.bulletin = Bulletin(clock)
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
                run.trips.append(run._trip(edition, settings))
            run.bulletin.begin(archive, settings, [trip.edition.name for trip in run.trips])
            run._resources = resources.pop_all()
        return run

    def _trip(self, edition: Edition, settings: BaseSettings) -> Trip:
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
        trip = Trip(edition, site, base_url, crawl_id, coverage, walk, budget=budget)
        self._call(trip)
        return trip

    def _call(self, trip: Trip) -> None:
        """Make due what the user asked to look at: the named articles, or all (recent) ones again."""
        now, recheck = self.clock.now(), self.arguments.recheck
        trip.named = tuple(self._name(trip, url) for url in self.arguments.urls.get(trip.edition.name, ()))
        if recheck == "all" or isinstance(recheck, timedelta):
            self.archive.plan_rechecks(trip.edition.name, None if recheck == "all" else now - recheck, now)

    def _name(self, trip: Trip, url: str) -> Due:
        """An article that the user named: remembered, and to be fetched now whatever its schedule says."""
        key = trip.site.article_key(url, trip.edition, trip.base_url)
        if key is None:
            raise ArgumentError(f"-a url={url}: not the address of an article of {trip.edition.name}")
        canonical = trip.site.canonical_url(url, trip.edition, trip.base_url)
        article_id = self.archive.remember(trip.edition.name, key, canonical, self.clock.now())
        return Due(article_id, key, canonical, "pending", 0)

    def trip(self, edition: str) -> Trip:
        """The trip of an edition of this run."""
        return next(trip for trip in self.trips if trip.edition.name == edition)

    def trip_to(self, url: str) -> Trip:
        """The trip to whose site an address belongs. Only for addresses that the guard let pass. Raises LookupError."""
        names = names_of(url)
        for trip in self.trips:
            if not names.isdisjoint(trip.hosts):
                return trip
        raise LookupError(url)

    def refuse(self, message: str) -> None:
        """The site wants no more of us: the run ends, and what it left is due in the next."""
        for trip in self._unfinished:
            trip.refused = trip.refused or message

    def stop(self, message: str) -> None:
        """The run ends early (a signal, a bug of ours); every trip that had work left is incomplete."""
        for trip in self._unfinished:
            trip.cut = trip.cut or message

    def unwritten(self, error: ArchiveError) -> None:
        """The archive cannot be written (a full disk, a lost file): the run ends, and what was not kept stays due."""
        for trip in self._unfinished:
            trip.unwritten = trip.unwritten or str(error)

    def close_gate(self, why: str, *, rests: bool = False) -> None:
        """Nothing more is asked; every trip that had work left is incomplete. `rests`: for quiet hours."""
        for trip in self._unfinished:
            trip.rests = trip.rests or (rests and trip.stopped is None)
            trip.closed = trip.closed or why

    @property
    def _unfinished(self) -> list[Trip]:
        return [trip for trip in self.trips if not trip.done]

    @property
    def at_home(self) -> bool:
        """Whether every site of the run stands on this machine: a test, a demo, a mirror of one's own."""
        return all(_at_home(trip.base_url) for trip in self.trips)

    @property
    def named_hosts(self) -> list[str]:
        """Hosts that the user named, with `base_url`: they may be private."""
        return [urlsplit(trip.base_url).hostname or "" for trip in self.trips if trip.base_url is not None]

    @property
    def exit_code(self) -> int:
        """The process's exit code."""
        codes = {EXIT_CODES[trip.outcome] for trip in self.trips}
        return next((code for code in URGENCY if code in codes), 0)

    def close(self) -> None:
        """Enter the outcomes into the ledger and let go of the archive. A second call does nothing."""
        trips = [] if self._closed else self.trips
        self._closed = True
        with self._resources:
            for trip in trips:
                self._enter(trip)
            if trips:
                ended = {trip.edition.name: trip.crawl_id for trip in trips if trip.crawl_id in self.counts}
                if self.timekeeper.wrong is not None:
                    ended.clear()  # monitors measure time
                self.bulletin.end(self.archive, ended, [trip.stopped for trip in self.trips])
        if trips:
            self.bulletin.tell()

    def _enter(self, trip: Trip) -> None:
        try:
            self.gate.finish()
            standing = self.archive.settle_absences(trip.edition.name)
            trip.walls = tuple(map(str, standing)) if trip.absent else ()
            code = EXIT_CODES[trip.outcome]
            message = None if trip.message is None else without_secrets(trip.message)
            self.archive.finish_crawl(trip.crawl_id, trip.outcome, code, message, self.clock.now())
            self.counts[trip.crawl_id] = self.archive.counts(trip.crawl_id)
            trip.said = self._said(trip)
        except ArchiveError as error:  # a disk may be too full even for that: the entry stays open, as after a kill
            trip.unwritten = trip.unwritten or str(error)

    def _said(self, trip: Trip) -> bool:
        """An outage of a day is one mail of cron, not a mail every five minutes."""
        if trip.outcome == "complete" or (ended := self.archive.ended_alike(trip.crawl_id)) is None:
            return False
        zone = trip.edition.timezone
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
