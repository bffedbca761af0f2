"""Does the memory that a Parquet export needs depend on how many articles it holds?

Each export is a process of its own, `dateline export parquet`: of all articles of an archive, and of one rubric, a
sixth of them. What counts is the ratio of the peaks of memory: an export that gathered what it writes would need
several times as much for all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyarrow import parquet

from benchmarks.report import Bench, Cell, Claim, Report

SIZE: Final = 200_000
TINY: Final = 50
_GROWTH: Final = 1.3
_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one export: rows, seconds, the peak of resident memory and the size of the file, in MiB."""

    rows: int
    seconds: float
    peak: float
    size: float


def run(bench: Bench) -> Report:
    """Makes an archive and exports it."""
    archive = bench.folder / "archive.db"
    # In a process of its own: what this one needs would count as the peak of its children.
    subprocess.run([sys.executable, "-m", "benchmarks.bulk", str(archive), "--articles", str(bench.size)], check=True)
    part, whole = cost(archive, "--rubric", "sport"), cost(archive)
    rows: list[list[Cell]] = [
        [name, of.rows, of.seconds, of.peak, of.size] for name, of in (("one rubric", part), ("all", whole))
    ]
    return Report(
        "Export of articles as Parquet",
        ["articles", "rows", "s", "peak MiB", "file MiB"],
        rows,
        [Claim("peak for all / for one rubric", whole.peak / part.peak, "<=", _GROWTH)],
    )


def cost(archive: Path, *filters: str) -> Cost:
    """What it costs to export the articles of an archive that filters find."""
    path = archive.with_name("wire.parquet")
    words = ["--database", str(archive), "export", "parquet", str(path), "--force", *filters]
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "storage.cli", *words], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"dateline {' '.join(words)} ended with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return Cost(
        parquet.read_metadata(path).num_rows,
        seconds,
        usage.ru_maxrss * unit / _MIB,
        path.stat().st_size / _MIB,
    )
