"""The soak: a year of cron against a miniature agency, with outages, a new layout, a deploy and a log that rotates.

    python -m tests.soak                     # or: make soak; a whole year, as densely as said below
    python -m tests.soak --days 5 --dense 5  # every five minutes for five days

Every run is a process of its own with the real spider, middlewares, pipelines, storage and log; only socket and
clock are replaced, as in tests/simulation.py. `--dense` days at the beginning, around the deploy, and at the end have
a run every five minutes; between them one comes every `--sparse` minutes. What was run is part of what is printed.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path
from struct import pack_into, unpack_from
from typing import Any
from unittest.mock import patch

from scrapy.crawler import AsyncCrawlerProcess
from sqlalchemy import Engine

from crawler.dates import utc_text
from crawler.errors import ArchiveError
from spiders.demo.dress import Dress
from spiders.demo.faults import random_faults
from spiders.demo.newspaper import Newspaper
from spiders.demo.turmoil import Turmoil, random_history
from spiders.logs import Logs
from spiders.report import report
from spiders.run import Run
from storage import database, migrate, sqlite_file
from tests.judgement import Judge
from tests.rehearsal import rehearsed
from tests.simulation import BASE_URL, EXPECTED, LifeWorld, crawl_settings, fast_folder, in_a_child, warm_up

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
EVERY = timedelta(minutes=5)
MB = 1_000_000
NEXT = "9999"
# What the next release brings: a column, filled for every row, and an index.
MIGRATION = f'''
"""The next release of the soak."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{NEXT}", "{database.VERSIONS[-1]}", None, None


def upgrade() -> None:
    op.add_column("articles", sa.Column("soaked", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE articles SET soaked = article_id")
    op.create_index("articles_soaked", "articles", ["soaked"])
'''  # noqa: S608 - our own numbers
LOG_SIZE, LOG_KEEP = 20_000, 3


@dataclass(frozen=True, slots=True)
class Plan:
    """When it runs. `dense` days at three places have a run every five minutes, the rest one every `sparse`."""

    days: int
    dense: int
    sparse: timedelta
    seed: int = 1
    per_day: float = 8.0

    @property
    def end(self) -> datetime:
        return START + timedelta(days=self.days)

    @property
    def deploy(self) -> datetime:
        """When the next release comes: in the middle."""
        return START + timedelta(days=self.days / 2)

    @property
    def redesign(self) -> datetime:
        """When the agency gets another layout."""
        return START + timedelta(days=self.days / 3)

    def runs(self) -> Iterator[datetime]:
        """The times of all runs."""
        at, span = START, timedelta(days=self.dense)
        while at < self.end:
            yield at
            near = (START + span, self.deploy + span / 2, self.end)
            dense = any(end - span <= at < end for end in near)
            at += EVERY if dense else self.sparse

    def paper(self) -> Newspaper:
        """The agency: its news and edits of the whole time, its outages, its redesign."""
        shape = Turmoil(
            start=START, days=self.days, per_day=self.per_day, backlog=40, backlog_days=6, changes=0.3, late=0.02
        )
        return Newspaper(
            random_history(self.seed, shape),
            dress=Dress("lenta_item", ("paragraphs",)),
            redesigns=((self.redesign, Dress("news_item", ("nested", "inner"))),),
            validators=True,
            faults=random_faults(self.seed, START, self.end, share=0.004, outages_per_day=0.15),
        )


@dataclass(slots=True)
class Month:
    """A twelfth of the time. `peak`: the highest memory of a run in bytes; `added`: the most that a run added to what
    its parent had already. `size` of the archive in bytes and its `articles` at the end.
    """

    runs: int = 0
    peak: int = 0
    added: int = 0
    size: int = 0
    articles: int = 0


@dataclass(slots=True)
class Soak:
    """What happened. `faults` is empty when everything is as it must be."""

    plan: Plan
    folder: Path
    months: dict[int, Month] = field(default_factory=dict)
    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    figures: tuple[int, int, int] = (0, 0, 0)
    rotated: int = 0
    _memory: mmap = field(default_factory=lambda: mmap(-1, 16))

    @property
    def archive(self) -> Path:
        return self.folder / "archive.db"

    def live(self) -> None:
        """All of it, and the judgement at the end."""
        paper, warm = self.plan.paper(), warm_up()
        world = LifeWorld.born(paper, START, self.plan.seed, pace=2.0)
        (self.folder / "migrations").mkdir()
        shutil.copytree(migrate.MIGRATIONS, self.folder / "migrations", dirs_exist_ok=True)
        (self.folder / "migrations" / "versions" / f"{NEXT}_next.py").write_text(MIGRATION)
        deployed = False
        for at in self.plan.runs():
            if at >= self.plan.deploy and not deployed:
                deployed = True
                self._deploy(world, warm, at)
            else:
                self._run(world, warm, at, new=deployed)
        # All rechecks are due a month later, and nothing happens any more.
        self._run(world, warm, self.plan.end + timedelta(days=31), new=True)
        self._tell(11)
        world.recall()
        with self._release(new=True):
            judge = Judge(self.archive, paper, slack=10 * world.pace)
            self.faults += judge.after_quiet(world.time)
            self.figures = judge.figures()

    def _deploy(self, world: LifeWorld, warm: Engine, at: datetime) -> None:
        """The first run of the new release migrates; one of the old release that comes after it changes nothing."""
        self._run(world, warm, at, new=True)
        if self._rows("SELECT version_num FROM alembic_version") != [(NEXT,)]:
            self.faults.append("the new release did not migrate the archive")
        before = self.archive.read_bytes()
        code = in_a_child(lambda: self._crawl(world, warm, new=False))
        if code != 1 or self.archive.read_bytes() != before:
            self.faults.append(f"a run of the old release met the new archive and ended with {code}")

    def _run(self, world: LifeWorld, warm: Engine, at: datetime, *, new: bool) -> None:
        """One run of cron: its code, its memory, and how large the files are after it."""
        world.recall()
        world.set(max(at, world.time + timedelta(seconds=30)))
        world.paper.newsroom.at(world.now())  # played here once: a child would play all that was before it again
        code = in_a_child(lambda: self._crawl(world, warm, new=new))
        self.codes[code] += 1
        if code not in EXPECTED:
            self.faults.append(f"the run of {utc_text(at)} ended with {code}")
        number = min(int(12 * (at - START) / (self.plan.end - START)), 11)
        if number not in self.months:
            self._tell(number - 1)
        month = self.months.setdefault(number, Month())
        peak, added = unpack_from("qq", self._memory, 0)
        month.runs, month.peak, month.added = month.runs + 1, max(month.peak, peak), max(month.added, added)
        month.size = self.archive.stat().st_size
        month.articles = self._rows("SELECT max(article_id) FROM articles")[0][0] or 0
        self._look_at_log()

    def _tell(self, number: int) -> None:
        """A line of the table, as soon as the month is over."""
        if number < 0:
            print(f"{'month':>5} {'runs':>7} {'articles':>8} {'archive':>9} {'peak':>9} {'added':>9}", flush=True)
            return
        month = self.months[number]
        sizes = f"{month.size / MB:>6.1f} MB {month.peak / MB:>6.1f} MB {month.added / MB:>6.1f} MB"
        print(f"{number + 1:>5} {month.runs:>7,} {month.articles:>8,} {sizes}", flush=True)

    def _look_at_log(self) -> None:
        files = [path for path in self.folder.glob("crawl.log*") if path.suffix != ".lock"]
        self.rotated = max(self.rotated, len(files) - 1)
        if len(files) > 1 + LOG_KEEP or any(path.stat().st_size > LOG_SIZE for path in files):
            self.faults.append(f"the log grows: {sorted((path.name, path.stat().st_size) for path in files)}")

    def _rows(self, sql: str) -> list[Any]:
        with closing(sqlite3.connect(f"file:{self.archive}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchall()

    @contextmanager
    def _release(self, *, new: bool) -> Iterator[None]:
        """The release before the deploy, or the one after it."""
        if not new:
            yield
            return
        versions = (*database.VERSIONS, NEXT)
        folder = self.folder / "migrations"
        with patch.object(database, "VERSIONS", versions), patch.object(migrate, "MIGRATIONS", folder):
            yield

    def _crawl(self, world: LifeWorld, warm: Engine, *, new: bool) -> int:
        """What `scrapy crawl news` does, in this process. Leaves word of its memory."""
        before = _resident()
        settings = crawl_settings(self.archive, world)
        log = {"LOG_FILE": str(self.folder / "crawl.log"), "LOG_FILE_SIZE": LOG_SIZE, "LOG_FILE_KEEP": LOG_KEEP}
        settings.setdict({**log, "LOG_LEVEL": "INFO", "LOG_FORMAT_NAME": "json"})
        with self._release(new=new), rehearsed(warm):
            process = AsyncCrawlerProcess(settings)
            logs = Logs.begin(settings)
            try:
                run = Run.open({"edition": "demo", "base_url": BASE_URL}, settings)
            except ArchiveError:
                return 1
            logs.context.run = run
            process.crawl("news", run=run)
            process.start(install_signal_handlers=False)
            run.close()
            report(run, "never", logs)
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        pack_into("qq", self._memory, 0, peak, peak - before)
        return run.exit_code

    def check_growth(self) -> None:
        """Memory is flat but for SQLite's page cache, which is full once the archive is larger than that; and the file
        grows with what is run, not faster.
        """
        first, last = self.months[0], self.months[11]
        if last.added > first.added + 1024 * sqlite_file.CACHE_KIB + 4 * MB:
            self.faults.append(f"memory grows: a run added {first.added / MB:.1f} MB, then {last.added / MB:.1f} MB")
        early, late = self._bytes_a_run(1, 5), self._bytes_a_run(6, 10)
        if late > 1.5 * early:
            self.faults.append(f"the file grows faster and faster: {early:.0f} bytes a run, then {late:.0f}")

    def _bytes_a_run(self, first: int, last: int) -> float:
        """What a run brought in some months, on average."""
        runs = sum(self.months[month].runs for month in range(first, last + 1))
        return (self.months[last].size - self.months[first - 1].size) / runs

    def told(self) -> Iterator[str]:
        """The figures, a line each."""
        first, last = self.months[0], self.months[11]
        articles, revisions, pages = self.figures
        codes = ", ".join(f"{count:,} with {code}" for code, count in sorted(self.codes.items()))
        yield f"{self.codes.total():,} runs ended {codes}"
        yield f"{articles:,} articles, {revisions:,} revisions, {pages:,} kept pages"
        yield f"peak memory of a run: {first.peak / MB:.1f} MB in the first month, {last.peak / MB:.1f} MB in the last"
        yield f"{last.size / max(articles, 1):,.0f} bytes an article; log rotated, {self.rotated} old files kept"
        missed = sum(fault.startswith("missed") for fault in self.faults)
        twice = sum(" is there " in fault for fault in self.faults)
        wrong = len(self.faults) - missed - twice
        yield f"missed {missed}, twice {twice}, otherwise wrong {wrong}"


def _resident() -> int:
    """Bytes of memory that this process has now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def main(arguments: list[str] | None = None) -> int:
    """Live the time and print what came of it. Exit code 1 when something is not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--days", type=int, default=365, help="how long (default %(default)s)")
    parser.add_argument("--dense", type=int, default=7, help="days with a run every 5 minutes, three times over")
    parser.add_argument("--sparse", type=int, default=30, help="minutes between runs otherwise (default %(default)s)")
    parser.add_argument("--per-day", type=float, default=8, help="stories a day (default %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another agency")
    options = parser.parse_args(arguments)
    plan = Plan(options.days, options.dense, timedelta(minutes=options.sparse), options.seed, options.per_day)
    if 12 * plan.sparse > timedelta(days=plan.days):
        parser.error("every twelfth of the time needs a run: take more --days or a smaller --sparse")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dateline-soak-", dir=fast_folder()) as folder:
        soak = Soak(plan, Path(folder))
        soak.live()
    soak.check_growth()
    print(
        f"{plan.days} days; every 5 minutes in {3 * plan.dense} of them (the first, around the deploy, the last), "
        f"every {options.sparse} minutes else: {soak.codes.total():,} runs in {time.monotonic() - began:,.0f} s"
    )
    print(*soak.told(), *soak.faults[:20], sep="\n")
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
