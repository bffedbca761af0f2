"""How long does reading an article take, beside a bare parse of its bytes and beside general extractors?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from subprocess import PIPE, Popen
from typing import Final

from lxml import html

from benchmarks.corpus import MEDIUM, pages
from benchmarks.measure import processor_seconds, ratio
from benchmarks.report import Bench, Claim, Report
from crawler.reading import read
from crawler.records import Reading, Snapshot

SIZE: Final = 100
TINY: Final = 2

BARE: Final = "bare lxml parse"
OURS: Final = "dateline"
PEERS: Final = ("trafilatura", "newspaper4k", "news-please")

ROOT: Final = Path(__file__).parent.parent
PYTHON: Final = ROOT / ".venv-bench/bin/python"
"""Where the peers are installed (`make bench`), apart from everything else."""


def run(bench: Bench) -> Report:
    """Reads each page in every way, one after the other. Peers do so in a process of their own environment."""
    names = (BARE, OURS, *(PEERS if PYTHON.exists() else ()))
    taken: dict[str, list[float]] = {name: [] for name in names}
    kept = list(pages(bench.size, MEDIUM))
    with peers(bench.folder) as peer:
        for snapshot in (kept[0], *kept):  # the first one also before: it pays for what is loaded and compiled once
            for name in names:
                taken[name].append(_seconds(name, snapshot, peer))
    measured = {name: times[1:] for name, times in taken.items()}
    parsed = ratio(measured, OURS, BARE)
    slower = {name: ratio(measured, name, OURS) for name in names if name in PEERS}
    size = sum(len(snapshot.body) for snapshot in kept) / bench.size
    return Report(
        f"reading of {bench.size:,} articles on pages of {size / 1000:.0f} KB, by processor time",
        ("by", "ms a page", "of a bare parse"),
        [(name, median(times) * 1000, ratio(measured, name, BARE)) for name, times in measured.items()],
        [
            Claim("dateline / bare parse", parsed, "<=", 2.0),
            *(Claim(f"{name} / dateline", times, ">=", 10.0) for name, times in slower.items()),
        ],
        [] if slower else ["The peers are not here: `make bench` installs them in .venv-bench."],
    )


def _seconds(name: str, snapshot: Snapshot, peer: Peers) -> float:
    if name == BARE:
        return processor_seconds(lambda: html.fromstring(snapshot.body))
    if name == OURS:
        return processor_seconds(lambda: _read(snapshot))
    return peer.seconds(name, snapshot)


def _read(snapshot: Snapshot) -> None:
    """All of it: decoding, the tree, the era, every field."""
    reading = read(Reading(snapshot, 1))
    if reading.article is None:
        raise RuntimeError(f"not read: {reading.problem}")


class Peers:
    """The other process, asked for one page at a time. See benchmarks/peers.py."""

    def __init__(self, process: Popen[str], file: Path) -> None:
        self._process, self._file = process, file

    def seconds(self, name: str, snapshot: Snapshot) -> float:
        """Processor time that the peer takes for a page. Raises RuntimeError when it finds no article there."""
        self._file.write_bytes(snapshot.body)
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipe to the peers")
        self._process.stdin.write(f"{name} {snapshot.url}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer.strip():
            raise RuntimeError(f"{name} does not read {snapshot.url}")
        return float(answer)


@contextmanager
def peers(folder: Path) -> Iterator[Peers]:
    """The peers' process, as long as the block runs. Without their environment: one that answers nothing."""
    file = folder / "page.html"
    command = [str(PYTHON), str(ROOT / "benchmarks/peers.py"), str(file)] if PYTHON.exists() else ["cat"]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True, cwd=folder) as process:
        yield Peers(process, file)
