"""`-a` arguments through the front door: each does what it says, and a wrong one is one line and no crawl."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from crawler.dates import local_day
from crawler.sites.demo import DEMO
from spiders.demo.agency import Agency
from spiders.demo.history import Event, History
from spiders.demo.stories import Story, write
from tests.front_door import NOON, Door, front_door

TODAY = NOON.date()
DAYS = 60


def published(story: Story) -> Event:
    return Event(story.published, "publish", story.key, partial(Agency.publish, story=story))


def agency(days: int, a_day: int) -> History:
    """One that has published so many stories on each of so many days, and stops at noon."""
    step = timedelta(days=1) / a_day
    return History(
        [published(write(1, place, NOON - step * (days * a_day - place - 1))) for place in range(days * a_day)]
    )


def day(story: Story) -> date:
    return local_day(story.published, DEMO.timezone)


def between(door: Door, since: date, until: date = TODAY) -> set[str]:
    return {story.key for story in door.listed() if since <= day(story) <= until}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with front_door(tmp_path, newsroom=agency(DAYS, 2)) as door:
        yield door


def test_an_empty_archive_begins_a_week_back_and_since_reaches_as_far_as_it_says(door: Door) -> None:
    assert door.crawl(since=None).code == 0
    assert between(door, TODAY - timedelta(days=7)) <= door.keys() <= between(door, TODAY - timedelta(days=11))
    since = TODAY - timedelta(days=20)
    assert door.crawl(since=since.isoformat()).code == 0
    assert between(door, since) <= door.keys() <= between(door, since - timedelta(days=4))
    assert door.crawl(since="all").code == 0
    door.whole()
    assert len(door.keys()) == 2 * DAYS
    assert door.crawl(since=None).asked == ("/robots.txt", "/all_news/")


def test_until_begins_at_a_date_that_it_finds_in_a_few_pages(door: Door) -> None:
    since, until = TODAY - timedelta(days=45), TODAY - timedelta(days=42)
    crawl = door.crawl(since=since.isoformat(), until=until.isoformat())
    assert crawl.code == 0
    assert between(door, since, until) <= door.keys()
    assert len(crawl.asked) - len(crawl.articles) < 16
    assert len(door.keys()) < 80, "of 120: what the search for the date passes is archived as well"
    assert door.crawl(since="all").code == 0
    door.whole()


def test_until_a_day_to_come_is_until_now(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        assert door.crawl(until="2099-01-01").code == 0
        door.whole()


def test_max_pages_cuts_a_walk_and_the_next_run_goes_on(door: Door) -> None:
    crawl = door.crawl("-s", "SUMMARY=always", max_pages="3")
    assert crawl.code == 3
    assert crawl.lines == [
        "demo: 3 listing pages, 12 article pages, 12 new; incomplete: stopped after max_pages=3 listing pages"
    ]
    assert len(crawl.asked) - len(crawl.articles) == 1 + 3
    again = door.crawl(max_pages="1000")
    assert (again.code, again.said) == (0, "")
    assert not set(crawl.articles) & set(again.articles)
    door.whole()


def test_named_articles_are_fetched_and_nothing_else(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        one, other = door.story(2), door.story(5)
        crawl = door.crawl(url=f"{one.url}, {door.service.base_url}{other.path}", since=None)
        assert (crawl.code, crawl.said) == (0, "")
        assert crawl.asked == ("/robots.txt", one.path, other.path)
        assert {row["url"] for row in door.rows("SELECT url FROM news")} == {one.url, other.url}
        assert len(door.crawl(url=one.url).articles) == 1, "named is fetched again, due or not"
        assert door.crawl().code == 0
        door.whole()


def test_recheck_says_which_articles_are_looked_at_again(tmp_path: Path) -> None:
    history = agency(2, 6)
    first = history.at(NOON).listed(0, 12)[3]
    better = replace(first, headline="Ferry sails again after all")
    history = History([*history.events, Event(NOON + timedelta(hours=1), "edit", first.key, lambda a: a.edit(better))])
    with front_door(tmp_path, newsroom=history) as door:
        assert len(door.crawl().articles) == 12
        door.now += timedelta(hours=2)
        assert door.crawl(recheck="off").articles == []
        assert len(door.crawl(recheck="1d").articles) == 6
        door.whole()
        assert door.value("SELECT revision_count FROM news WHERE key = ?", first.key) == 2
        assert door.value("SELECT count(*) FROM revisions") == 13
        assert door.crawl(recheck="due").articles == []
        door.now += timedelta(days=1)
        assert len(door.crawl(recheck="due").articles) == 6, "those that are a day old now"
        assert len(door.crawl(recheck="all").articles) == 12
        assert door.value("SELECT count(*) FROM revisions") == 13


def test_an_edition_at_another_address_keeps_its_own_name_and_addresses(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        crawl = door.crawl("-s", "DEMO_NOW=", "-s", "CLOCK=tests.front_door.NoonClock", edition="belta-eng")
        assert (crawl.code, crawl.said) == (0, "")
        rows = door.rows("SELECT n.edition, n.url, s.requested_url FROM news n JOIN snapshots s USING (snapshot_id)")
        assert len(rows) == 12
        for row in rows:
            assert row["edition"] == "belta-eng"
            assert row["url"].replace("https://eng.belta.by", door.service.base_url) == row["requested_url"]


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"edition": "demos"}, "unknown edition 'demos'. Did you mean demo? Known are belta, demo, "),
    ({"since": "yesterday"}, "-a since=yesterday: not a date; write it as 2026-01-31"),
    ({"since": "2099-01-01"}, "-a since=2099-01-01: that day is still to come"),
    ({"until": "2026-02-30"}, "-a until=2026-02-30: not a date; write it as 2026-01-31"),
    ({"since": "2026-02-02", "until": "2026-01-01"}, "-a since=2026-02-02 is later than until=2026-01-01: nothing "),
    ({"editoin": "demo"}, "-a editoin: no such argument (did you mean edition?); there are edition, since, until, "),
    ({"base_url": "nonsense"}, "-a base_url=nonsense: takes an address such as http://127.0.0.1:8100, without a path"),
    ({"base_url": "two\nlines"}, "-a base_url=two lines: takes an address such as "),
    ({"url": "https://elsewhere.example/view/x-1-2026/"}, "-a url=https://elsewhere.example/view/x-1-2026/: not the "),
    ({"max_pages": "0"}, "-a max_pages=0: takes a number of listing pages, 1 or more"),
    ({"recheck": "often"}, "-a recheck=often: takes due, off, all, or a number of days such as 14d"),
)


def test_a_wrong_argument_is_one_line_and_no_archive(tmp_path: Path) -> None:
    with front_door(tmp_path, new=True) as door:
        for arguments, said in WRONG:
            crawl = door.start(before=None, **arguments).end()
            assert (crawl.code, len(crawl.lines), crawl.asked) == (1, 1, ()), crawl.said
            assert crawl.said.startswith(f"dateline: {said}")
        crawl = door.crawl("-a", "since")
        assert (crawl.code, crawl.said) == (1, "dateline: -a since: write it as NAME=VALUE, such as since=2026-01-31\n")
        assert {path.name for path in tmp_path.iterdir()} == {"stdout", "stderr"}


FEEDS: tuple[tuple[str, ...], ...] = (
    ("-o", "out.json"),
    ("-O", "out.csv"),
    ("-o", "out.jsonl:jsonlines"),
    ("-o", "-:json"),
    ("-o", "out.nothing"),
    ("--output", "out.xml"),
    ("--overwrite-output=out.json",),
    ("-s", 'FEEDS={"out.json": {"format": "json"}}'),
    ("-s", "FEED_URI=out.json"),
)


def test_a_feed_of_scrapys_is_refused_before_anything_is_asked_and_the_way_out_is_named(tmp_path: Path) -> None:
    with front_door(tmp_path, new=True) as door:
        for options in FEEDS:
            crawl = door.crawl(*options)
            assert (crawl.code, len(crawl.lines), crawl.asked) == (1, 1, ()), crawl.said
            assert crawl.said.startswith(("dateline: -o ", "dateline: -O ", "dateline: the setting FEED")), crawl.said
            assert "`dateline export csv FILE` or `dateline export jsonl FILE`" in crawl.said
        assert {path.name for path in tmp_path.iterdir()} == {"stdout", "stderr"}


def test_a_wrong_argument_changes_no_archive(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        before = door.archive.read_bytes()
        assert door.crawl(since="yesterday").code == 1
        assert door.crawl("-s", "DEMO_NOW=noon").code == 1
        assert door.archive.read_bytes() == before
        assert {path.name for path in tmp_path.iterdir()} == {"archive.db", "stdout", "stderr"}


def test_a_spider_that_does_not_exist_is_named_and_leaves_no_trace(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        crawl = door.crawl("wether")
        assert crawl.code == 2
        assert "name one spider: scrapy crawl news" in crawl.said
        assert door.value("SELECT count(*) FROM crawls") == 0
