"""How fast is a whole crawl, beside a bare Scrapy spider that fetches the same pages and keeps nothing?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from statistics import median
from typing import Final

from benchmarks.corpus import MEDIUM, NOON
from benchmarks.measure import Spent, spent
from benchmarks.report import Bench, Claim, Report
from crawler.dates import utc_text
from spiders.demo.newspaper import Newspaper
from spiders.demo.server import Service, serve
from spiders.demo.steady import steady

SIZE: Final = 2000
TINY: Final = 20

OURS: Final = "dateline: kept, read, saved, sealed"
BARE: Final = "bare Scrapy spider"

_ROOT: Final = Path(__file__).parent.parent
_A_PAGE: Final = 20
_SAME: Final = {"CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_DELAY": 0}
_QUIET: Final = {"LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False}


def run(bench: Bench) -> Report:
    """Whole processes in turns, from their start to their exit, on loopback, with the delays off in both."""
    paper = Newspaper(steady(size=bench.size), furniture=MEDIUM[0], page_size=_A_PAGE, calm=True)
    with serve(paper, lambda: NOON) as service:
        service.prerender()
        pairs = [(_ours(bench, service, number), _bare(bench, service)) for number in range(bench.rounds)]
    pages = bench.size + -(-bench.size // _A_PAGE)
    faster = median(bare.wall / ours.wall for ours, bare in pairs)
    return Report(
        f"crawl of {pages:,} pages of 60 KB ({bench.size:,} articles and their listing)",
        ("crawl", "pages a second", "pages a processor second"),
        [
            (
                name,
                median(pages / pair[place].wall for pair in pairs),
                median(pages / pair[place].processors for pair in pairs),
            )
            for place, name in enumerate((OURS, BARE))
        ],
        [Claim("dateline / bare spider, pages a second", faster, ">=", 0.7)],
        [f"By processor time: {median(bare.processors / ours.processors for ours, bare in pairs):.2f}."],
    )


def _ours(bench: Bench, service: Service, number: int) -> Spent:
    archive = bench.folder / f"archive-{number}.db"
    settings = _SAME | {"AUTOTHROTTLE_ENABLED": False, "DATABASE_URL": archive, "DEMO_NOW": utc_text(NOON)}
    words = ["crawl", "news", "-a", "edition=demo", "-a", "since=all", "-a", f"base_url={service.base_url}"]
    taken = spent(lambda: _scrapy(words, settings, _ROOT))
    with closing(connect(archive)) as connection:
        _expect(bench.size, lambda: connection.execute("SELECT count(*) FROM news").fetchone()[0])
    return taken


def _bare(bench: Bench, service: Service) -> Spent:
    before = len(service.log)
    spider = str(_ROOT / "benchmarks/bare_spider.py")
    pages = -(-bench.size // _A_PAGE)
    words = ["runspider", spider, "-a", f"base_url={service.base_url}", "-a", f"pages={pages}"]
    taken = spent(lambda: _scrapy(words, _SAME | _QUIET, bench.folder))
    _expect(bench.size + pages, lambda: len(service.log) - before)
    return taken


def _scrapy(words: list[str], settings: dict[str, object], folder: Path) -> None:
    options = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
    inherited = {name: value for name, value in os.environ.items() if name != "SCRAPY_SETTINGS_MODULE"}
    subprocess.run([sys.executable, "-m", "scrapy", *words, *options], cwd=folder, env=inherited, check=True)


def _expect(number: int, counted: Callable[[], int]) -> None:
    if (found := counted()) != number:
        raise RuntimeError(f"{found} pages of {number} came")
