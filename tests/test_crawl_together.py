"""Crawls beside each other, beside readers, and crawls that are ended: nobody is in the way, and nothing is lost."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from spiders.demo.faults import Fault, Faults, Spell, only
from tests.front_door import PATIENCE, Door, Running, front_door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A newspaper that takes its time."""
    with front_door(tmp_path, size=30) as door:
        door.trouble(only("slow", seconds=0.05))
        yield door


def in_the_middle(door: Door) -> Running:
    """A crawl that has archived some articles."""
    running = door.start()
    running.wait_for(lambda: len(door.keys()) > 3)
    return running


def beside(door: Door) -> Door:
    """Another crawl of the same newspaper into the same archive."""
    folder = door.folder / "beside"
    folder.mkdir()
    return Door(folder, door.service, door.archive, door.now)


def test_a_second_crawl_is_told_in_one_line_and_after_a_kill_the_way_is_free(door: Door) -> None:
    door.trouble(Faults((Spell(Fault("slow", 2 * PATIENCE), pattern=r"/\w+/view/.*", share=0.5),)))
    first, second = in_the_middle(door), beside(door)
    refused = second.crawl()
    assert refused.code == 5
    assert refused.said.startswith(f"dateline: another crawl of demo into {door.archive} is running (process ")
    assert len(refused.lines) == 1
    assert door.value("SELECT count(*) FROM crawls") == 1
    door.heal()
    clock = ("-s", "DEMO_NOW=", "-s", "CLOCK=tests.front_door.NoonClock")
    other = second.crawl(*clock, edition="belta-eng", max_pages="1", since=None)
    assert (other.code, len(other.lines)) == (3, 1), "another edition may be crawled meanwhile"
    first.signal(signal.SIGKILL)
    assert first.end().code == -signal.SIGKILL
    kept = door.keys()
    free = second.crawl()
    assert (free.code, free.said) == (0, "")
    door.whole()
    assert kept <= door.keys()
    ledger = door.rows("SELECT outcome, exit_code FROM crawls WHERE edition = 'demo' ORDER BY crawl_id")
    assert [tuple(entry) for entry in ledger] == [(None, None), ("complete", 0)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_crawl_cleanly_and_the_next_run_completes_it(door: Door, number: signal.Signals) -> None:
    running = in_the_middle(door)
    running.signal(number)
    crawl = running.end()
    assert crawl.code == 3
    assert len(crawl.lines) == 1
    assert crawl.lines[0].endswith("; incomplete: stopped by a signal")
    assert 3 < len(crawl.articles) < 30
    assert len(door.keys()) == len(crawl.articles), "what had been asked for is kept"
    entry = door.row("SELECT * FROM crawls")
    assert (entry["outcome"], entry["exit_code"], entry["message"]) == ("incomplete", 3, "stopped by a signal")
    door.heal()
    again = door.crawl()
    assert (again.code, again.said) == (0, "")
    assert not set(again.articles) & set(crawl.articles)
    door.whole()


def test_a_signal_during_the_walk_or_a_wait_ends_it_at_once(door: Door) -> None:
    walking = door.start()
    walking.wait_for(lambda: len(door.service.log) > 4)
    walking.signal(signal.SIGTERM)
    assert walking.end().code == 3
    door.trouble(only("overloaded", r"/\w+/view/.*", 200))
    waiting = door.start("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    waiting.wait_for(lambda: any("/view/" in path for path in door.service.log))
    waiting.signal(signal.SIGTERM)
    crawl = waiting.end()
    assert crawl.code == 3
    assert "; incomplete: stopped by a signal" in crawl.lines[0]
    door.heal()
    assert door.crawl().code == 0
    door.whole()


def test_a_crawl_that_is_ended_by_force_is_not_called_complete(door: Door) -> None:
    door.trouble(only("slow", r"/\w+/view/.*", 2 * PATIENCE))
    running = door.start()
    running.wait_for(lambda: any("/view/" in path for path in door.service.log))
    while running.process.is_alive():  # two signals that come together are one
        running.signal(signal.SIGINT)
        running.process.join(0.2)
    assert running.end().code == 3
    door.heal()
    assert door.crawl().code == 0
    door.whole()


def test_an_extension_that_closes_the_spider_leaves_an_incomplete_run_without_noise(door: Door) -> None:
    crawl = door.crawl("-s", "CLOSESPIDER_PAGECOUNT=4")
    assert crawl.code == 3
    (line,) = crawl.lines
    assert line.endswith("; incomplete: stopped: closespider_pagecount")
    door.heal()
    assert door.crawl().code == 0
    door.whole()


def test_a_long_read_neither_holds_up_a_crawl_nor_is_disturbed(door: Door) -> None:
    door.crawl(max_pages="1")
    with closing(sqlite3.connect(door.archive, isolation_level=None, timeout=1)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM news").fetchone()
        running = door.start()
        assert reader.execute("SELECT count(*) FROM news").fetchone() == before
        with closing(sqlite3.connect(door.archive, timeout=1)) as newcomer:
            running.wait_for(lambda: newcomer.execute("SELECT count(*) FROM news").fetchone() > before)
        crawl = running.end()
        assert (crawl.code, crawl.said) == (0, "")
        assert reader.execute("SELECT count(*) FROM news").fetchone() == before
    door.whole()
