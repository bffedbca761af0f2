"""How long does each page of the reading room take in a large archive?"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from benchmarks import bulk
from benchmarks.report import Bench, Claim, Report
from storage.read.reader import open_reader
from storage.web.application import application
from storage.web.links import article_link, kept_link
from storage.web.server import address, listen, server

SIZE: Final = 200_000
TINY: Final = 300
MOST: Final = 100.0  # milliseconds

# "minsk" stands in every second article of the archive, "tractor" in fewer.
PAGES: Final = {
    "front page": "/",
    "everything, newest first": "/search",
    "everything, page 20": "/search?page=20",
    "a word in a third of all": "/search?q=harvest",
    "a word in half of all": "/search?q=minsk",
    "two words": "/search?q=harvest+tractor",
    "a phrase": "/search?q=%22railway+railway%22",
    "a beginning": "/search?q=regat*",
    "a common word in a rubric": "/search?q=minsk&rubric=politics",
    "a common word in a month": "/search?q=minsk&since=2026-03&until=2026-03",
    "a rubric": "/search?rubric=politics",
    "an edition since a year": "/search?edition=belta-rus&since=2026",
    "one day": "/search?since=2026-03-04&until=2026-03-04",
    "what changed": "/search?changed=1",
    "what is gone": "/search?status=gone",
    "calendar, last year": "/calendar?edition=belta-eng",
    "crawls": "/crawls",
    "a crawl": "/crawls/9",
    "tables": "/archive",
    "table: news": "/archive/news",
    "table: snapshots": "/archive/snapshots",
    "a row": "/archive/snapshots/9",
    "SQL": "/archive?sql=select+headline+from+news+limit+20",
}
CHOSEN: Final = {
    "relevance of a word in half of all": "/search?q=minsk&sort=relevance",
    "counting half of all": "/search?q=minsk&count=1",
}
"""What a visitor has to choose, and is told that it takes longer."""


def run(bench: Bench) -> Report:
    """Asks for every page in turns, after a round to warm up; an archive named by BENCH_ARCHIVE is taken as it is."""
    archive = Path(os.environ.get("BENCH_ARCHIVE", bench.folder / "bulk.db"))
    if not archive.exists():
        bulk.make(archive, bench.size)
    with _served(archive) as netloc:
        pages = PAGES | _of_the_archive(archive) | CHOSEN
        first = {name: _ask(netloc, path) for name, path in pages.items()}
        taken: dict[str, list[tuple[float, float, int]]] = {name: [] for name in pages}
        for _ in range(bench.rounds):
            for name, path in pages.items():
                taken[name].append(_ask(netloc, path))
    computed = {name: median(one[1] for one in times) for name, times in taken.items()}
    rows = [
        (name, computed[name], median(one[0] for one in times), first[name][0], times[0][2] / 1000)
        for name, times in taken.items()
    ]
    return Report(
        f"pages of the reading room, {archive.stat().st_size / 1e9:.1f} GB of archive, {bench.rounds} rounds",
        ("page", "ms of CPU", "ms by the clock", "ms at first", "kB"),
        rows,
        [Claim(f"ms of CPU: {name}", computed[name], "<=", MOST) for name in computed if name not in CHOSEN],
        ["CPU is that of server and client together; the clock also shows what else the machine does."],
    )


def _of_the_archive(archive: Path) -> dict[str, str]:
    with open_reader(str(archive)) as reader:
        first = reader.row("SELECT min(published_at) AS day FROM news WHERE edition = 'belta-eng'")
        article = reader.row(
            "SELECT a.edition, a.key, r.snapshot_id FROM revisions r JOIN articles a ON a.article_id = r.article_id"
            " WHERE r.number > 1 AND a.revision_id = r.revision_id ORDER BY r.revision_id DESC LIMIT 1"
        )
    older = {"calendar, the first year": f"/calendar?edition=belta-eng&year={first['day'][:4]}"} if first else {}
    if article is None:
        return older
    return older | {
        "an article with revisions": article_link(article["edition"], article["key"]),
        "a kept page": kept_link(article["snapshot_id"]),
    }


@contextmanager
def _served(archive: Path) -> Iterator[str]:
    with application(archive) as app, listen("127.0.0.1", 0) as listening:
        room = server(app)
        thread = threading.Thread(target=room.run, args=([listening],))
        thread.start()
        try:
            yield urlsplit(address(listening)).netloc
        finally:
            room.should_exit = True
            thread.join()


def _ask(netloc: str, path: str) -> tuple[float, float, int]:
    """Milliseconds by the clock and of CPU, and the bytes of the page."""
    connection = HTTPConnection(netloc, timeout=60)
    clock, cpu = time.perf_counter(), time.process_time()
    connection.request("GET", path)
    answer = connection.getresponse()
    size = len(answer.read())
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    connection.close()
    if answer.status != 200:
        raise AssertionError(f"{path}: HTTP status {answer.status}")
    return clock * 1000, cpu * 1000, size
