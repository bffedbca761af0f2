"""`scrapy crawl news` with exit codes that cron can believe: Scrapy's own exits 0 whatever happened."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn, cast

from scrapy.commands import ScrapyCommand
from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from crawler.errors import ArchiveBusy, ArchiveLocked, DatelineError, NotYet, Resting, Stopped
from crawler.sites import registry
from spiders.reporting.logs import FORMATS, Logs, complain, warn
from spiders.reporting.summary import attended, report
from spiders.run import Run

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

# A server on this machine, named by the user, needs no manners: delays are for other people's machines.
AT_HOME = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CRAWL_DELAY_OBEY": False,
    "BREAK_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}
ARGUMENTS = "what to crawl: edition, since, until, recheck, max_pages, url, base_url; see the README"
# Scrapy's feeds would write what goes through the pipelines: pages and visits, no articles.
FEED_OPTIONS = {"-o": "--output", "-O": "--overwrite-output"}
FEED_SETTINGS = ("FEEDS", "FEED_URI")
NO_FEEDS = (
    "a crawl writes into the archive alone; `dateline export csv FILE` or `dateline export jsonl FILE` writes articles "
    "from there"
)
EXIT_CODES: Mapping[type[DatelineError], int] = {ArchiveBusy: 5, ArchiveLocked: 3, Stopped: 3, Resting: 0}
# Scrapy logs what happens to a request as a warning or error, some with a traceback. The summary says it in words.
ECHOES = (
    "scrapy.core.downloader.handlers",
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.robotstxt",
)


class Command(ScrapyCrawl):
    """Opens the run, crawls, reports, and exits with the run's code.

    0 complete; 1 wrong arguments or settings; 3 incomplete, the next run continues; 4 unreachable or refused;
    5 another crawl of this archive and edition is running; 6 pages came that no parser recognises. A run that would
    begin in quiet hours is complete with nothing done, one that meets a stop file is incomplete; both were wished, so
    it says why on a terminal alone. One that another program keeps from writing is incomplete too.
    """

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Crawl an agency's news into the archive; see the README for -a arguments and exit codes"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's own but for -o and -O, which are refused with a word, and --log-format."""
        ScrapyCommand.add_options(self, parser)
        parser.add_argument("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=ARGUMENTS)
        for short, long in FEED_OPTIONS.items():
            parser.add_argument(short, long, action="append", metavar="FILE", help=f"not taken: {NO_FEEDS}")
        parser.add_argument("--log-format", choices=FORMATS, help="how log lines read; json: an object a line")

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """As Scrapy does, but a wrong argument is one line and exit code 1 here as well."""
        if opts.log_format:
            self._settings.set("LOG_FORMAT_NAME", opts.log_format, priority="cmdline")
        for option, files in (("-o", opts.output), ("-O", opts.overwrite_output)):
            if files:
                self._refuse(f"{option} {files[0]}: {NO_FEEDS}")
        for given in opts.spargs:
            if "=" not in given:
                self._refuse(f"-a {given}: write it as NAME=VALUE, such as since=2026-01-31")
        super().process_options(args, opts)
        for setting in FEED_SETTINGS:
            if self._settings.get(setting):
                self._refuse(f"the setting {setting}: {NO_FEEDS}")

    def _refuse(self, reason: str) -> NoReturn:
        complain(reason, self._settings)
        sys.exit(1)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the spider. Every expected trouble is one line on stderr and an exit code."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl news")
        settings = self._settings
        known = self._process.spider_loader.list()
        if args[0] not in known:
            raise UsageError(f"no spider is called {args[0]}; there is {', '.join(known)}")
        try:
            logs = Logs.begin(settings)
            run = Run.open(opts.spargs, settings)
        except DatelineError as error:
            if not isinstance(error, NotYet) or attended(settings.get("SUMMARY")):
                complain(str(error), settings)
            self.exitcode = next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)
            return
        logs.context.run = run
        self._warn(run)
        if settings["LOG_LEVEL"] not in {"DEBUG", "INFO"}:
            for name in ECHOES:
                logging.getLogger(name).setLevel(logging.CRITICAL)
        if run.at_home:
            settings.setdict(AT_HOME, priority="spider")
        settings.set("PRIVATE_HOSTS", run.named_hosts, priority="cmdline")
        self._crawl(args[0], run)
        with suppress(OSError):  # a log on the disk that is full must not cost the exit code
            report(run, settings.get("SUMMARY"), logs)
        logs.end()
        self.exitcode = run.exit_code

    def _warn(self, run: Run) -> None:
        """A line for each site file that is wrong and was not asked for, and for each site that nobody has tried."""
        for fault in registry().faults:
            warn(fault.message, self._settings)
        for name in dict.fromkeys(crawl.site.name for crawl in run.crawls if crawl.site.experimental):
            warn(f"the site {name} is experimental: nobody has run it on the live site yet", self._settings)

    @property
    def _settings(self) -> Settings:
        return cast("Settings", self.settings)  # Scrapy sets it before it runs a command

    @property
    def _process(self) -> AsyncCrawlerProcess:
        return cast("AsyncCrawlerProcess", self.crawler_process)  # for commands that crawl Scrapy makes one

    def _crawl(self, name: str, run: Run) -> None:
        process = self._process
        process.crawl(self._create_crawler(name), run=run)
        process.start()
        why = "the crawl did not start; see the log above" if process.bootstrap_failed else "it was ended by force"
        run.stop(why)  # of a run that was done there is nothing to stop
        run.close()
