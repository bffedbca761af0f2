"""The soak: a year of cron against a miniature agency, with outages, a new layout, a deploy and a log that rotates.

    python -m tests.soak                     # or: make soak; a whole year, as densely as said below
    python -m tests.soak --days 5 --dense 5  # every five minutes for five days

Every run has the real spider, middlewares, pipelines, storage and log; only socket and clock are replaced, as in
tests/simulation.py. A process makes some dozens of them (tests/cron_runs.py). `--dense` days at the beginning, around
the deploy, and at the end have a run every five minutes; between them one comes every `--sparse` minutes. What was run
is part of what is printed.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from scrapy.settings import Settings
from sqlalchemy import Engine

from crawler.dates import utc_text
from crawler.rules.decide import LONG_PATIENCE
from storage.db import engine, sqlite_file
from storage.write import migrate
from tests.cron_runs import Batch, run_all
from tests.judgement import Judge
from tests.rehearsal import rehearsed
from tests.simulation import EXPECTED, LifeWorld, crawl_settings, fast_folder, warm_up
from tests.soak_plan import START, Plan

MB = 1_000_000
NEXT = "9999"
# What the next release brings: a column, filled for every row, and an index.
MIGRATION = f'''
"""The next release of the soak."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{NEXT}", "{engine.VERSIONS[-1]}", None, None


def upgrade() -> None:
    op.add_column("articles", sa.Column("soaked", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE articles SET soaked = article_id")
    op.create_index("articles_soaked", "articles", ["soaked"])
'''  # noqa: S608 - our own numbers
LOG_SIZE, LOG_KEEP = 20_000, 3


@dataclass(slots=True)
class Month:
    """A twelfth of the time. `peak`: the highest memory of a process in bytes; `added`: the most that one added to what
    its parent had already. `seconds` by the clock; `size` of the archive in bytes and its `articles` at the end.
    """

    runs: int = 0
    seconds: float = 0.0
    peak: int = 0
    added: int = 0
    size: int = 0
    articles: int = 0


@dataclass(slots=True)
class Progress:
    """A line on a terminal: how far it is, and how long it may still take. Elsewhere the table alone is printed."""

    total: int
    began: float = field(default_factory=time.monotonic)

    def show(self, done: int, at: datetime) -> None:
        if sys.stderr.isatty():
            each = (time.monotonic() - self.began) / done
            pace = f"{1000 * each:.0f} ms each, {each * (self.total - done) / 60:.0f} min to go"
            sys.stderr.write(f"\r\x1b[K{at:%Y-%m-%d}  {done:,} of {self.total:,} runs, {pace}\r")


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
        deployed, progress = False, Progress(sum(1 for _ in self.plan.runs()))
        for batch in self.plan.batches():
            if batch[0] >= self.plan.deploy and not deployed:
                deployed = True
                self._deploy(world, warm, batch.pop(0))
            if batch:
                self._run(world, warm, batch, new=deployed)
            progress.show(self.codes.total(), world.time)
        # All rechecks are due a month later, and nothing happens any more. What is gone takes days to be believed.
        quiet = self.plan.end + timedelta(days=31)
        self._run(world, warm, [quiet + timedelta(days=day) for day in range(LONG_PATIENCE[1].days + 2)], new=True)
        self._tell(11)
        world.recall()
        with self._release(new=True):
            judge = Judge(self.archive, paper, slack=10 * world.pace)
            # What the deploy of this soak added is no part of an archive of today's release, and verify says so.
            ours = {
                f"verify: {one}: is no part of an archive"
                for one in ("index articles_soaked", "column articles.soaked")
            }
            self.faults += [fault for fault in judge.after_quiet(world.time) if fault not in ours]
            self.figures = judge.figures()

    def _deploy(self, world: LifeWorld, warm: Engine, at: datetime) -> None:
        """The first run of the new release migrates; one of the old release that comes after it changes nothing."""
        self._run(world, warm, [at], new=True)
        if self._rows("SELECT version_num FROM alembic_version") != [(NEXT,)]:
            self.faults.append("the new release did not migrate the archive")
        before = self.archive.read_bytes()
        codes = self._process(world, warm, [at], new=False).codes
        if codes != (1,) or self.archive.read_bytes() != before:
            self.faults.append(f"a run of the old release met the new archive and ended with {codes}")

    def _run(self, world: LifeWorld, warm: Engine, times: list[datetime], *, new: bool) -> None:
        """Some runs of cron: their codes, their memory, and how large the files are after them."""
        number = self.plan.month(times[0])
        if number not in self.months:
            self._tell(number - 1)
        began = time.monotonic()
        done = self._process(world, warm, times, new=new)
        self.codes.update(done.codes)
        wrong = [(utc_text(at), code) for at, code in zip(times, done.codes, strict=True) if code not in EXPECTED]
        self.faults += [f"the run of {at} ended with {code}" for at, code in wrong]
        month = self.months.setdefault(number, Month())
        month.runs, month.seconds = month.runs + len(times), month.seconds + time.monotonic() - began
        month.peak, month.added = max(month.peak, done.peak), max(month.added, done.added)
        month.size = self.archive.stat().st_size
        month.articles = self._rows("SELECT max(article_id) FROM articles")[0][0] or 0
        self._look_at_log()

    def _process(self, world: LifeWorld, warm: Engine, times: list[datetime], *, new: bool) -> Batch:
        """Runs in a process of their own."""
        world.recall()
        world.paper.newsroom.at(max(times[0], world.time))  # played here once: a child would play all before it again

        @contextmanager
        def around() -> Iterator[None]:
            with self._release(new=new), rehearsed(warm):
                yield

        return run_all(world, times, partial(self._settings, world), around)

    def _settings(self, world: LifeWorld) -> Settings:
        settings = crawl_settings(self.archive, world)
        log = {"LOG_FILE": str(self.folder / "crawl.log"), "LOG_FILE_SIZE": LOG_SIZE, "LOG_FILE_KEEP": LOG_KEEP}
        settings.setdict({**log, "LOG_LEVEL": "INFO", "LOG_FORMAT_NAME": "json"})
        return settings

    def _tell(self, number: int) -> None:
        """A line of the table, as soon as the month is over."""
        if number < 0:
            columns = (
                f"{'month':>5} {'runs':>7} {'ms a run':>8} {'articles':>8} {'archive':>9} {'peak':>9} {'added':>9}"
            )
            print(columns, flush=True)
            return
        month = self.months[number]
        sizes = f"{month.size / MB:>6.1f} MB {month.peak / MB:>6.1f} MB {month.added / MB:>6.1f} MB"
        each = 1000 * month.seconds / month.runs
        print(f"{number + 1:>5} {month.runs:>7,} {each:>8.1f} {month.articles:>8,} {sizes}", flush=True)

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
        versions = (*engine.VERSIONS, NEXT)
        folder = self.folder / "migrations"
        with patch.object(engine, "VERSIONS", versions), patch.object(migrate, "MIGRATIONS", folder):
            yield

    def check_growth(self) -> None:
        """Memory is flat but for SQLite's page cache, which is full once the archive is larger than that; and the file
        grows with what is run, not faster.
        """
        first, last = self.months[0], self.months[11]
        if last.added > first.added + 1024 * sqlite_file.CACHE_KIB + 4 * MB:
            self.faults.append(
                f"memory grows: {first.added / MB:.1f} MB added by a process, then {last.added / MB:.1f}"
            )
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
        yield f"peak memory of a process: {first.peak / MB:.1f} MB in the first month, {last.peak / MB:.1f} in the last"
        yield f"{last.size / max(articles, 1):,.0f} bytes an article; log rotated, {self.rotated} old files kept"
        missed = sum(fault.startswith("missed") for fault in self.faults)
        twice = sum(" is there " in fault for fault in self.faults)
        wrong = len(self.faults) - missed - twice
        yield f"missed {missed}, twice {twice}, otherwise wrong {wrong}"


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
    print(f"{plan}: {soak.codes.total():,} runs in {time.monotonic() - began:,.0f} s")
    print(*soak.told(), *soak.faults[:20], sep="\n")
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
