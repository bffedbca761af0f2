"""`scrapy crawl news` with exit codes that cron can believe: Scrapy's own exits 0 whatever happened."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

from scrapy.commands.crawl import Command as ScrapyCrawl
from scrapy.exceptions import UsageError

from crawler.errors import ArchiveBusy, DatelineError
from spiders.report import report
from spiders.run import Run

if TYPE_CHECKING:
    import argparse

    from scrapy.crawler import AsyncCrawlerProcess
    from scrapy.settings import Settings

# A server on this machine, named by the user, needs no manners: delays are for other people's machines.
AT_HOME = {
    "DOWNLOAD_DELAY": 0,
    "AUTOTHROTTLE_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


class Command(ScrapyCrawl):
    """Opens the run, crawls, reports, and exits with the run's code.

    0 complete; 1 wrong arguments or settings; 3 incomplete, the next run continues; 4 unreachable or refused;
    5 another crawl of this archive and edition is running; 6 pages came that no parser recognises.
    """

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Crawl an agency's news into the archive; see the README for -a arguments and exit codes"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Run the spider. Every expected trouble is one line on stderr and an exit code."""
        if len(args) != 1:
            raise UsageError("name one spider: scrapy crawl news")
        settings = cast("Settings", self.settings)  # Scrapy sets it before it runs a command
        try:
            run = Run.open(opts.spargs, settings)
        except DatelineError as error:
            sys.stderr.write(f"dateline: {error}\n")
            self.exitcode = 5 if isinstance(error, ArchiveBusy) else 1
            return
        if run.at_home:
            settings.setdict(AT_HOME, priority="spider")
        self._crawl(args[0], run)
        report(run, settings.get("SUMMARY"))
        self.exitcode = run.exit_code

    def _crawl(self, name: str, run: Run) -> None:
        process = cast("AsyncCrawlerProcess", self.crawler_process)  # for commands that crawl Scrapy makes one
        process.crawl(self._create_crawler(name), run=run)
        process.start()
        if process.bootstrap_failed:
            run.stop("the crawl did not start; see the log above")
        run.close()
