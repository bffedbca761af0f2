"""How many pages a second does `dateline verify` look through?"""

from __future__ import annotations

from statistics import median
from typing import Final

from benchmarks.corpus import MEDIUM, archived
from benchmarks.measure import spent
from benchmarks.report import Bench, Report
from storage.verify import verify

SIZE: Final = 4000
TINY: Final = 4

_PAGE: Final = 60_000  # bytes, about


def run(bench: Bench) -> Report:
    """Every digest, row, reference and index of an archive, and the chain over them, in one process."""
    archive = bench.folder / "archive.db"
    archived(archive, bench.size, MEDIUM)

    def look() -> None:
        if not verify(str(archive)).sound:
            raise RuntimeError("the archive is not what it was")

    runs = [spent(look) for _ in range(bench.rounds)]
    rates = {
        "the clock, as busy as this machine was": median(bench.size / run.wall for run in runs),
        "processor time": median(bench.size / run.processors for run in runs),
    }
    return Report(
        f"verify of {bench.size:,} pages of 60 KB",
        ("by", "pages a second", "MB of HTML a second"),
        [(by, rate, rate * _PAGE / 1e6) for by, rate in rates.items()],
    )
