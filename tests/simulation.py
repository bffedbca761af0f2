"""The long search: seeded lives of a news agency and its archive, with kills, and what must be true in the end.

    python -m tests.simulation --histories 2000          # or: make simulate N=2000
    python -m tests.simulation --seed 17 --verbose        # one life again, exactly as it was
    python -m tests.simulation --without joining          # a guard taken away: some life must fail

Each life drives the real spider, middlewares, pipelines and storage against the miniature agency, in a process of
its own for every run, so that SIGKILL is SIGKILL. Only the socket and the clock are replaced (spiders/demo/handler).
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from itertools import chain
from mmap import mmap
from pathlib import Path
from random import Random
from struct import pack_into, unpack_from
from typing import Any

from scrapy.crawler import AsyncCrawlerProcess
from scrapy.settings import Settings, default_settings
from sqlalchemy import event
from sqlalchemy.engine import Engine

from crawler.dates import utc_text
from crawler.rules.decide import LONG_PATIENCE
from crawler.settings import (
    DOWNLOADER_MIDDLEWARES,
    DOWNLOADER_MIDDLEWARES_BASE,
    EXTENSIONS,
    EXTENSIONS_BASE,
    ITEM_PIPELINES,
)
from spiders.demo.dress import LAYOUTS, Dress
from spiders.demo.faults import random_faults
from spiders.demo.newspaper import Newspaper
from spiders.demo.turmoil import Turmoil, random_history
from spiders.demo.world import World
from spiders.run import Run
from tests.ablations import ABLATIONS, without
from tests.judgement import Judge
from tests.rehearsal import rehearse, rehearsed

COMPONENTS = (
    *DOWNLOADER_MIDDLEWARES_BASE, *DOWNLOADER_MIDDLEWARES, *default_settings.SPIDER_MIDDLEWARES_BASE,
    *EXTENSIONS_BASE, *EXTENSIONS, *ITEM_PIPELINES,
)  # fmt: skip
# What a crawl imports while it starts, loaded once here and not in every child (none of it installs a reactor).
PRELOADED = (
    "alembic.command",
    "protego",
    "queuelib",
    "scrapy.core.downloader.contextfactory",
    "scrapy.core.downloader.handlers.http11",
    *(f"scrapy.core.downloader.handlers.{scheme}" for scheme in ("datauri", "file", "ftp", "s3")),
    "scrapy.core.scheduler",
    "scrapy.dupefilters",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.robotstxt",
    "scrapy.squeues",
    "scrapy.statscollectors",
    "spiders.demo.handler",
    "spiders.news",
    "spiders.reporting.painter",
    "spiders.reporting.progress",
    "spiders.network.resolver",
    "storage.write.migrate",
    "twisted.internet.asyncioreactor",
    *(path.rpartition(".")[0] for path in COMPONENTS),
)
BASE_URL = "http://127.0.0.1:1"
EXPECTED = {0, 3, 4, 6}
PATIENT_DAYS = LONG_PATIENCE[1].days + 3
PACE, SLOW = 2.0, 100.0  # simulated seconds that a request takes on average


class LifeWorld(World):
    """A world whose time outlives the process that spends it, and which kills that process when its fuse burns out."""

    __slots__ = ("fuse", "shared")

    fuse: int
    shared: mmap

    @classmethod
    def born(cls, paper: Newspaper, now: datetime, seed: int, pace: float) -> LifeWorld:
        world = cls(paper, now, pace=timedelta(seconds=pace), seed=seed)
        world.fuse, world.shared = 0, mmap(-1, 8)
        world.set(now)
        return world

    def set(self, now: datetime) -> None:
        """Turn the clock, for this process and its children."""
        self.time = now
        pack_into("d", self.shared, 0, now.timestamp())

    def wait(self, span: timedelta) -> None:
        self.set(self.time + span)

    def tick(self) -> None:
        self.burn()
        super().tick()

    def recall(self) -> None:
        """Take up the time at which a child stopped."""
        (stamp,) = unpack_from("d", self.shared, 0)
        self.time = datetime.fromtimestamp(stamp, self.time.tzinfo)

    def burn(self, *_: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event arguments
        """One more thing that the process does; the last one it does, when the fuse is at its end."""
        self.fuse -= 1
        if self.fuse == 0:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Planned:
    """One run: when, with which arguments, and after how many steps the process is killed (0: never)."""

    at: datetime
    arguments: dict[str, str]
    fuse: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """Everything that a seed decides."""

    seed: int
    paper: Newspaper
    runs: tuple[Planned, ...]
    quiet: Planned

    @classmethod
    def of(cls, seed: int, *, storm: bool = False) -> Life:
        """The life of a seed: the same in every process. In a storm the agency takes many stories back."""
        die = Random(f"life {seed}")
        shape = Turmoil(
            days=die.choice((0.5, 1, 1.5)),
            backlog=die.choice((10, 30, 70)),
            backlog_days=die.choice((3, 6, 12)),
            per_day=die.choice((8, 20, 40)),
            changes=die.choice((0.2, 0.6)),
        )
        if storm:
            shape = replace(shape, backlog=100, backlog_days=12, per_day=40, changes=1.5, deletions=40, restored=0.2)
        quiet = random_faults(seed, shape.start, shape.start, share=0, outages_per_day=0)
        trouble = random_faults(seed, shape.start, shape.end, share=die.choice((0.0, 0.02, 0.06)))
        paper = Newspaper(
            random_history(seed, shape),
            dress=Dress(layout=die.choice(LAYOUTS[1:]), fragments=die.random() < 0.3),
            page_size=die.choice((4, 6, 9)),
            past_end=die.choice(("404", "empty", "first", "last")),
            validators=die.random() < 0.5,
            gzip=die.random() < 0.5,
            faults=quiet if die.random() < 0.3 else trouble,
        )
        # All pages that were put off are due a week later, and nothing happens any more.
        last = Planned(shape.end + timedelta(days=8), {"recheck": "all"} if die.random() < 0.5 else {})
        return cls(seed, paper, tuple(_plan(die, shape)), last)


def _plan(die: Random, shape: Turmoil) -> Iterator[Planned]:
    since = {"since": "all"} if die.random() < 0.6 else {}
    for at in sorted(shape.start + die.random() * (shape.end - shape.start) for _ in range(die.randint(4, 6))):
        fuse = int(10 ** die.uniform(0.5, 4)) if die.random() < 0.7 else 0
        arguments = dict(since)
        if die.random() < 0.1:
            arguments["max_pages"] = str(die.randint(1, 4))
        yield Planned(at, arguments, fuse)


@dataclass(slots=True)
class Report:
    """How a life went. `faults` is empty when everything that must be true is."""

    seed: int
    faults: list[str] = field(default_factory=list)
    runs: int = 0
    kills: int = 0
    articles: int = 0
    revisions: int = 0
    requests: int = 0


def live(seed: int, *, ablation: str | None = None, storm: bool = False, verbose: bool = False) -> Report:
    """Live the life of a seed in a folder of its own, and judge it. In a storm, requests are slow as well."""
    life, report = Life.of(seed, storm=storm), Report(seed)
    warm = warm_up()
    with tempfile.TemporaryDirectory(prefix="dateline-life-", dir=fast_folder()) as folder:
        archive = Path(folder) / "archive.db"
        world = LifeWorld.born(life.paper, life.runs[0].at, seed, SLOW if storm else PACE)
        judge = Judge(archive, life.paper, slack=10 * world.pace)
        for planned in chain(life.runs, [life.quiet], _patience(life.quiet, judge)):
            world.recall()
            world.set(max(planned.at, world.time + timedelta(minutes=1)))
            code = _run(archive, world, planned, ablation, warm)
            report.runs += 1
            report.kills += code == -signal.SIGKILL
            if verbose:
                print(f"{utc_text(planned.at)} {planned.arguments} fuse {planned.fuse}: {code}", flush=True)
            if code not in EXPECTED and code != -signal.SIGKILL:
                report.faults.append(f"a run exited with {code}")
            report.faults += judge.after_run()
        world.recall()
        report.faults += judge.after_quiet(world.time)
        report.articles, report.revisions, report.requests = judge.figures()
    return report


def _patience(quiet: Planned, judge: Judge) -> Iterator[Planned]:
    """A run a day while there are stories of which it is not decided whether they are gone, and one after that. So too
    where the listing's last page offers one more that is not there: only a second run believes that end.
    """
    waits = judge.undecided() + judge.doubts_the_end()
    for day in range(1, PATIENT_DAYS + 1):
        if not waits:
            return
        waits = judge.undecided()
        yield Planned(quiet.at + timedelta(days=day), {})


@cache
def warm_up() -> Engine:
    """Import and compile what every child needs."""
    for module in PRELOADED:
        import_module(module)
    life = Life.of(1)
    return rehearse(life.paper, life.quiet.at)


def fast_folder() -> str | None:
    """Memory where the system gives some: a kill loses nothing that was written there, just as on a disk."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - the folder inside it is private


def _run(archive: Path, world: LifeWorld, planned: Planned, ablation: str | None, warm: Engine) -> int:
    """Run the crawler in a child. Its exit code; minus the signal that killed it."""

    def crawl() -> int:
        world.fuse = planned.fuse
        return _crawl(archive, world, planned, ablation, warm)

    return in_a_child(crawl)


def in_a_child(task: Callable[[], int]) -> int:
    """Do something in a process of its own, which has all that is imported here. Its exit code."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = task()
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _crawl(archive: Path, world: LifeWorld, planned: Planned, ablation: str | None, warm: Engine) -> int:
    event.listen(Engine, "connect", lambda driver, _: driver.set_trace_callback(world.burn))
    settings = crawl_settings(archive, world)
    with without(ablation), rehearsed(warm):
        run = Run.open({"edition": "demo", "base_url": BASE_URL, **planned.arguments}, settings)
        process = AsyncCrawlerProcess(settings)
        process.crawl("news", run=run)
        process.start(install_signal_handlers=False)
        run.close()
    return run.exit_code


def crawl_settings(archive: Path, world: World) -> Settings:
    """The settings of a crawl in a world without sockets and waiting."""
    settings = Settings()
    settings.setmodule("crawler.settings")
    settings.setdict(
        {
            "DATABASE_URL": str(archive),
            "CLOCK": world,
            "DEMO_WORLD": world,
            "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "spiders.demo.handler.InProcessHandler"),
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
            "RETRY_TIMES": 1,
            "BREAK_DELAY": 0,
            "RETRY_AFTER_LIMIT": 0.001,  # a wait would be spent on the real clock: leave instead
            "LOG_LEVEL": "CRITICAL",
            "LOG_INSTALL_ROOT_HANDLER": False,
            "WARN_ON_GENERATOR_RETURN_VALUE": False,  # it reads our source again in every child
        }
    )
    return settings


def main(arguments: list[str] | None = None) -> int:
    """Search for a life that fails. Exit code 1 when one was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__.partition("\n")[0])
    parser.add_argument("--histories", type=int, default=20, help="how many lives to live (default 20)")
    parser.add_argument("--first", type=int, default=1, help="seed of the first one (default 1)")
    parser.add_argument("--seed", type=int, help="live this one only")
    parser.add_argument("--storm", action="store_true", help="many deletions, slow requests: the listing moves up")
    parser.add_argument("--without", choices=sorted(ABLATIONS), help="take a guard away")
    parser.add_argument("--stop", action="store_true", help="stop at the first life that fails")
    parser.add_argument("--verbose", action="store_true", help="say what each run did")
    options = parser.parse_args(arguments)
    seeds = [options.seed] if options.seed else list(range(options.first, options.first + options.histories))
    started = time.monotonic()
    reports: list[Report] = []
    for report in _search(seeds, options):
        reports.append(report)
        if len(reports) % 100 == 0 and len(reports) < len(seeds):
            print(_summary(reports, started), file=sys.stderr, flush=True)
    print(_summary(reports, started))
    return 1 if any(report.faults for report in reports) else 0


def _summary(reports: list[Report], started: float) -> str:
    failed = sum(1 for report in reports if report.faults)
    return (
        f"{len(reports)} histories, {sum(r.runs for r in reports)} runs, {sum(r.kills for r in reports)} kills, "
        f"{sum(r.articles for r in reports)} articles, {sum(r.revisions for r in reports)} revisions, "
        f"{sum(r.requests for r in reports)} requests in {time.monotonic() - started:.0f} s: {failed} failed"
    )


def _search(seeds: list[int], options: argparse.Namespace) -> Iterator[Report]:
    with ProcessPoolExecutor(max_workers=min(2, len(seeds), os.cpu_count() or 1)) as pool:
        lives = [
            pool.submit(live, seed, ablation=options.without, storm=options.storm, verbose=options.verbose)
            for seed in seeds
        ]
        for future in lives:
            report = future.result()
            for fault in report.faults[:10]:
                print(f"seed {report.seed}: {fault}", flush=True)
            yield report
            if report.faults and options.stop:
                pool.shutdown(cancel_futures=True)
                return


if __name__ == "__main__":
    sys.exit(main())
