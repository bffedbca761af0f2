"""How long does a search take, and `dateline search` to start?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Final

from benchmarks.bulk import make
from benchmarks.measure import seconds
from benchmarks.report import Bench, Claim, Report
from storage.read.query.search import Filters, search
from storage.read.reader import Reader, open_reader

SIZE: Final = 200_000
TINY: Final = 60

_QUERIES: Final = 200
_SEED: Final = 1


def run(bench: Bench) -> Report:
    """Two words of an article at random, ranked with snippets; every query once before it is timed."""
    archive = bench.folder / "archive.db"
    make(archive, bench.size)
    count = min(_QUERIES, bench.size)
    with open_reader(str(archive)) as reader:
        queries = _queries(reader, count)
        plain = [_taken(reader, query, counts=False) for query in queries]
        counted = [_taken(reader, query, counts=True) for query in queries]
        found = [search(reader, query, Filters(), limit=1).total for query in queries]
    starts = [seconds(lambda: _start(archive, queries[0])) for _ in range(bench.rounds)]
    return Report(
        f"{count:,} queries of two words over {bench.size:,} articles, milliseconds",
        ("what", "median", "95 of 100 within", "slowest"),
        [
            ("ranked, with snippets", *_spread(plain)),
            ("the same with counts by month and rubric", *_spread(counted)),
            ("dateline search, from start to end", *_spread(starts)),
        ],
        [
            Claim("ms within which 95 of 100 are answered", _spread(plain)[1], "<=", 20.0),
            Claim("ms within which 95 of 100 are answered and counted", _spread(counted)[1], "<=", 100.0),
            Claim("ms that dateline search takes", _spread(starts)[0], "<=", 300.0),
        ],
        [f"The queries find {median(found):,.0f} articles in the middle, {max(found):,} at most."],
    )


def _queries(reader: Reader, count: int) -> Sequence[str]:
    """Two words that stand in one article: of its headline, so that both common and rare ones are among them."""
    random = Random(_SEED)
    numbers = [row["article_id"] for row in reader.rows("SELECT article_id FROM news ORDER BY article_id")]
    chosen = random.sample(numbers, min(count, len(numbers)))
    rows = (reader.row("SELECT headline FROM news WHERE article_id = :id", id=number) for number in chosen)
    words = (sorted({word for word in row["headline"].split() if word.isalpha()}) for row in rows if row)
    return [" ".join(f'"{word}"' for word in random.sample(one, 2)) for one in words if len(one) > 1]


def _taken(reader: Reader, query: str, *, counts: bool) -> float:
    search(reader, query, Filters(), counts=counts)
    return seconds(lambda: search(reader, query, Filters(), counts=counts))


def _start(archive: Path, query: str) -> None:
    command = [sys.executable, "-m", "storage.cli", "--database", str(archive), "search", "--", query]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _spread(taken: Sequence[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and maximum in milliseconds."""
    last = quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]
    return median(taken) * 1000, min(last, max(taken)) * 1000, max(taken) * 1000
