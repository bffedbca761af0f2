"""`scrapy crawl news` from a cold start, again, and later: what it archives, and how little it asks when idle."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from unittest.mock import ANY

from crawler.dates import utc_text
from spiders.demo.dress import LAYOUTS, Dress
from spiders.demo.newspaper import Newspaper
from spiders.demo.server import Service
from spiders.demo.steady import steady
from tests.front_door import NOON, PATIENCE, Crawl, Door, front_door, html
from tests.screen import terminal

ROOT = Path(__file__).parents[1]


def test_the_demo_is_archived_from_a_cold_start_and_a_terminal_is_told_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "edition=demo"]
    command += ["-s", "DEMO_SIZE=21", "-s", f"DEMO_NOW={utc_text(NOON)}"]
    place = {"SCRAPY_SETTINGS_MODULE": "crawler.settings", "DATELINE_DATABASE_URL": "news.db", "PYTHONPATH": str(ROOT)}
    with terminal() as there, there.path.open("w") as stderr:
        environment = {**os.environ, **place, "TERM": "xterm"}
        with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=stderr) as crawl:
            printed, _ = crawl.communicate(timeout=PATIENCE)
    assert (crawl.returncode, printed) == (0, b"")
    (said,) = there.screen.text.splitlines()
    assert said.endswith(" listing pages, 21 article pages, 21 new; complete")
    door = Door(tmp_path, Service(Newspaper(steady(size=21))), tmp_path / "news.db")
    door.whole()
    assert len(door.keys()) == 21
    entry = door.row("SELECT * FROM crawls")
    assert (entry["outcome"], entry["exit_code"], entry["message"], entry["new_articles"]) == ("complete", 0, None, 21)
    assert entry["arguments"] == '{"edition": "demo"}'
    assert "Dateline" in entry["user_agent"]


def test_an_idle_run_asks_for_one_page_and_writes_nothing_but_that_visit(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        assert (door.crawl().code, len(door.keys())) == (0, 12)
        door.whole()
        before, seen = door.counts(), door.rows("SELECT * FROM articles")
        door.now += timedelta(seconds=1)
        again = door.crawl(since=None)
        assert (again.code, again.said, again.asked) == (0, "", ("/robots.txt", "/all_news/"))
        visit = {"crawls": 1, "snapshots": 2, "bodies": 1}  # robots.txt is a row, its body was there
        assert door.counts() == {name: count + visit.get(name, 0) for name, count in before.items()}
        assert door.rows("SELECT * FROM articles") == seen


def test_a_later_run_finds_what_was_published_since_and_asks_for_nothing_else(tmp_path: Path) -> None:
    with front_door(tmp_path, size=60) as door:
        door.crawl(max_pages="2")
        first = door.keys()
        door.now += timedelta(minutes=21)
        new = {story.key for story in door.listed()} - {story.key for story in steady(size=60).at(NOON).listed(0, 60)}
        later = door.crawl("-s", "SUMMARY=always")
        assert later.code == 0
        assert len(new) in {10, 11}
        assert len(later.articles) == len(door.keys() - first)
        assert new < door.keys()
        door.whole()


def test_every_layout_of_the_listing_is_walked_to_its_end_whatever_comes_after_it(tmp_path: Path) -> None:
    for layout, past_end in zip(LAYOUTS, ("404", "empty", "first", "last"), strict=True):
        folder = tmp_path / layout
        folder.mkdir()
        with front_door(folder, dress=Dress(layout), past_end=past_end, validators=True) as door:
            crawl = door.crawl()
            # A page that is shown again offers one more, which is never there: only a second crawl believes that end.
            contradicted = past_end in {"first", "last"}
            assert (crawl.code, bool(crawl.said), len(door.keys())) == (3 * contradicted, contradicted, 12)
            door.now += timedelta(seconds=1)
            again = door.crawl()
            assert (again.code, again.said, len(door.keys())) == (0, "", 12)
            door.whole()


def test_the_summary_is_printed_when_it_is_wanted_and_never_when_it_is_not(tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        assert door.crawl("-s", "SUMMARY=always").said == "demo: 4 listing pages, 1 article page, 1 new; complete\n"
        idle = "demo: 1 listing page, 0 article pages, 0 new; complete\n"
        assert door.crawl("-s", "SUMMARY=always").said == idle
        door.put("/all_news/", html("no listing"))
        assert (refused := door.crawl("-s", "SUMMARY=never")).code == 6
        assert refused.said == ""


def test_cron_hears_of_an_outage_once_a_day(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:

        def hears(minutes: int, *options: str) -> bool:
            door.now += timedelta(minutes=minutes)
            crawl = door.crawl(*options)
            assert crawl.code == 4
            return bool(crawl.said)

        door.put("/all_news/", html("busy", status=500))
        assert [hears(5) for _ in range(2)] == [True, False]
        assert hears(5, "-s", "SUMMARY=always")
        assert hears(24 * 60)
        door.put("/all_news/", html("closed", status=403))
        assert [hears(5) for _ in range(2)] == [True, False], "something else is wrong now"
        door.heal()
        assert door.crawl() == Crawl(0, "demo: reach: over; it began at 2026-11-24 15:15, Europe/Minsk time\n", ANY)
        door.put("/all_news/", html("closed", status=403))
        assert hears(5), "it was over"
