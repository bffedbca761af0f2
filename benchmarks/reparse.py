"""How many stored pages a second are read again by today's parsers?"""

from __future__ import annotations

from multiprocessing import forkserver
from statistics import median
from typing import Final

from benchmarks.corpus import MEDIUM, NOON, archived
from benchmarks.measure import spent
from benchmarks.report import Bench, Claim, Report
from storage.maintenance.reparse import ReparseScope, reparse

SIZE: Final = 4000
TINY: Final = 4

CORES: Final = 2


def run(bench: Bench) -> Report:
    """Reads all of an archive again, each time as a whole run of two processes and their start."""
    archive = bench.folder / "archive.db"
    archived(archive, bench.size, MEDIUM)

    def again() -> None:
        report = reparse(str(archive), ReparseScope(), NOON, jobs=CORES)
        # It keeps what it has loaded, and what it and its children took counts only when it ends.
        forkserver._forkserver._stop()  # type: ignore[attr-defined]
        if (report.pages, report.changed) != (bench.size, 0):
            raise RuntimeError(f"read {report.pages} pages of {bench.size}, {report.changed} otherwise")

    runs = [spent(again) for _ in range(bench.rounds)]
    wall = median(bench.size / run.wall for run in runs)
    busy = median(bench.size / run.processors for run in runs)
    return Report(
        f"reparse of {bench.size:,} pages of 60 KB in {CORES} processes",
        ("by", "pages a second"),
        [("the clock, as busy as this machine was", wall), ("processor time, of one core", busy)],
        [Claim(f"pages a second on {CORES} cores, by processor time", busy * CORES, ">=", 600.0)],
    )
