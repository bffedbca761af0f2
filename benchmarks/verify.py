"""How many pages a second does `dateline verify` look through, and is it as fast in a larger archive?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import bulk
from benchmarks.corpus import MEDIUM, archived
from benchmarks.measure import Spent, spent
from benchmarks.report import Bench, Claim, Report
from storage.maintenance.verify import verify

SIZE: Final = 4000
TINY: Final = 4

_STEP: Final = 4  # how much larger the large archive is
_FEWEST: Final = 20  # articles of a bulk archive


def run(bench: Bench) -> Report:
    """Every digest, row, reference and index of archives, and the chain over them, in one process."""
    sizes = max(bench.size // _STEP, 1), bench.size
    rows = [_measured("pages of 60 KB as crawled", _crawled(bench.folder, size), bench.rounds) for size in sizes]
    rows += [_measured("benchmarks.bulk", _bulk(bench.folder, size), bench.rounds) for size in sizes]
    rates = [rate for *_, rate in rows]
    return Report(
        f"verify of archives of {sizes[0]:,} and {sizes[1]:,} articles",
        ("archive", "visits", "visits/s by the clock", "by processor time"),
        rows,
        [Claim("rate in the large one / in the small one", min(rates[1] / rates[0], rates[3] / rates[2]), ">=", 0.8)],
    )


def _crawled(folder: Path, size: int) -> Path:
    path = folder / f"crawled-{size}.db"
    archived(path, size, MEDIUM)
    return path


def _bulk(folder: Path, size: int) -> Path:
    path = folder / f"bulk-{size}.db"
    bulk.make(path, max(size, _FEWEST), force=True)
    return path


def _measured(name: str, path: Path, rounds: int) -> tuple[str, int, float, float]:
    """Name, visits, and how many of them a second by either clock."""
    with closing(sqlite3.connect(path)) as connection:
        (visits,) = connection.execute("SELECT COUNT(*) FROM snapshots").fetchone()
    runs = [_look(path) for _ in range(rounds)]
    return (
        name,
        visits,
        median(visits / taken.wall for taken in runs),
        median(visits / taken.processors for taken in runs),
    )


def _look(path: Path) -> Spent:
    def look() -> None:
        if not verify(str(path)).sound:
            raise RuntimeError("the archive is not what it was")

    return spent(look)
