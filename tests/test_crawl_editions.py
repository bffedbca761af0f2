"""Several editions in one run: one that fails does not keep the others from being archived, and the code says so."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import crawler.settings as settings_module
from spiders.demo.dress import Dress
from spiders.demo.faults import Faults, only
from spiders.demo.newspaper import Newspaper
from spiders.demo.steady import steady
from spiders.demo.world import World
from storage.db.lock import CrawlLock
from tests.front_door import NOON, Crawl, Door, front_door

BOTH = ("belta-rus", "belta-eng")


def instead_of_the_network(hosts: frozenset[str], faults: Faults) -> None:
    """In this process hosts lead to a newspaper of twelve stories; others cannot be resolved."""
    paper = Newspaper(steady(size=12), dress=Dress(), page_size=6, faults=faults)
    ours = {
        "DEMO_WORLD": World(paper, NOON, hosts=hosts),
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "spiders.demo.handler.InProcessHandler"),
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
    }
    for name, value in ours.items():
        setattr(settings_module, name, value)


def crawl_both(door: Door, *hosts: str, faults: Faults | None = None) -> Crawl:
    world = partial(instead_of_the_network, frozenset(hosts), faults or Faults())
    clock = ("-s", "DEMO_NOW=", "-s", "CLOCK=tests.front_door.NoonClock")
    return door.crawl(*clock, before=world, edition=",".join(BOTH), base_url=None)


def archived(door: Door) -> dict[str, int]:
    rows = door.rows("SELECT edition, count(*) FROM news GROUP BY edition")
    return {edition: count for edition, count in rows}  # noqa: C416 - rows are no pairs


def test_an_edition_that_cannot_be_reached_keeps_no_other_from_being_archived(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        crawl = crawl_both(door, "eng.belta.by")
        assert crawl.code == 4
        nowhere = "unreachable: robots.txt: its host name cannot be resolved; without its rules nothing is asked"
        assert crawl.lines == [
            f"belta-rus: 0 listing pages, 0 article pages, 0 new; {nowhere}",
            "belta-eng: 6 listing pages, 12 article pages, 12 new; complete",
        ]
        assert archived(door) == {"belta-eng": 12}
        ledger = door.rows("SELECT edition, outcome, exit_code FROM crawls ORDER BY crawl_id")
        assert [tuple(entry) for entry in ledger] == [("belta-rus", "unreachable", 4), ("belta-eng", "complete", 0)]
        again = crawl_both(door, "belta.by", "eng.belta.by")
        assert (again.code, again.said) == (0, "")
        assert archived(door) == {"belta-rus": 12, "belta-eng": 12}
        addresses = door.rows("SELECT url FROM news WHERE edition = 'belta-rus'")
        assert all(row["url"].startswith("https://belta.by/") for row in addresses)


def test_an_agency_that_refuses_us_is_not_asked_for_its_next_edition(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        crawl = crawl_both(door, "belta.by", "eng.belta.by", faults=only("too-many", seconds=4000))
        assert crawl.code == 4
        assert [line.partition(":")[0] for line in crawl.lines] == list(BOTH)
        assert all(
            "; refused: the site refuses us: HTTP 429, and asks us to wait 4000 s" in line for line in crawl.lines
        )
        assert door.value("SELECT count(*) FROM snapshots WHERE edition = 'belta-eng'") == 0


def test_an_edition_that_is_being_crawled_keeps_the_whole_run_waiting(tmp_path: Path) -> None:
    with front_door(tmp_path) as door, CrawlLock(str(door.archive), "belta-eng"):
        crawl = crawl_both(door, "belta.by", "eng.belta.by")
        assert (crawl.code, len(crawl.lines)) == (5, 1)
        assert crawl.said.startswith(f"dateline: another crawl of belta-eng into {door.archive} is running")
        assert door.value("SELECT count(*) FROM crawls") == 0
        with CrawlLock(str(door.archive), "belta-rus"):
            pass
