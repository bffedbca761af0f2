"""Clocks that are wrong: noticed by what the servers say, and what they left in an archive stops nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.http import Response

from crawler.dates import past, utc_text
from crawler.monitors.health import Finding
from crawler.rules.decide import ask_again, recheck_at, sweep_due
from spiders.clock import StoppedClock, SystemClock
from spiders.demo.faults import only
from spiders.network.clock_check import ClockCheck
from storage.monitoring import incidents
from storage.monitoring.health import stands_still
from storage.read.reader import open_reader
from storage.write.archive import Archive
from tests.front_door import NOON, Door, front_door

YEARS = timedelta(days=3650)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with front_door(tmp_path, size=12) as opened:
        yield opened


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Door]:
    """A newspaper of today, which is crawled by the machine's own clock."""
    with front_door(tmp_path, size=12) as opened:
        opened.now = datetime.now(UTC)
        opened.settings["DEMO_NOW"] = ""
        yield opened


def off(by: timedelta) -> None:
    """From now on the clock of this process is wrong by as much."""
    right = SystemClock.now

    def wrong(self: SystemClock) -> datetime:
        return right(self) + by

    SystemClock.now = wrong  # type: ignore[method-assign]


# --- noticed by what the servers say


@pytest.mark.parametrize("by", [YEARS, -YEARS, 2 * DAY, -2 * DAY])
def test_a_run_whose_clock_is_wrong_ends_before_it_plans_anything(by: timedelta, real: Door) -> None:
    crawl = real.crawl(before=partial(off, by))
    assert crawl.code == 3
    assert f"the servers say {real.now:%d %B %Y}: set it right (`timedatectl`)" in crawl.lines[0]
    assert crawl.articles == []
    assert real.counts() | {"crawls": 1, "articles": 0, "sightings": 0, "walks": 0, "revisions": 0} == real.counts()
    assert real.value("SELECT count(*) FROM incidents") == 0
    assert real.crawl().code == 0
    real.whole()


def test_a_wrong_clock_changes_no_schedule_of_an_archive_that_has_one(real: Door) -> None:
    assert real.crawl().code == 0
    before = [tuple(row) for row in real.rows("SELECT article_id, due_at, last_seen_at, status FROM articles")]
    for by in (YEARS, -YEARS):
        assert real.crawl(before=partial(off, by)).code == 3
    assert [tuple(row) for row in real.rows("SELECT article_id, due_at, last_seen_at, status FROM articles")] == before
    assert real.crawl().code == 0


def test_a_clock_that_is_some_hours_off_is_no_reason_to_end(real: Door) -> None:
    assert real.crawl(before=partial(off, 20 * HOUR)).code == 0


def dated(door: Door, path: str, date: datetime, age: timedelta | None = None) -> None:
    """Have the newspaper answer a path as ever, but as if it left the server at that time."""
    answer = door.answer(path)
    headers = [pair for pair in answer.headers if pair[0] != "Date"]
    headers += [("Date", format_datetime(date, usegmt=True))]
    headers += [] if age is None else [("Age", str(round(age.total_seconds())))]
    door.put(path, replace(answer, headers=tuple(headers)))


def test_answers_out_of_a_cache_say_how_old_they_are(real: Door) -> None:
    for path in ("/robots.txt", "/all_news/", *(story.path for story in real.listed()[:4])):
        dated(real, path, real.now - 9 * DAY, 9 * DAY)
    assert real.crawl().code == 0


def test_one_answer_with_another_time_does_not_end_a_run(real: Door) -> None:
    dated(real, "/robots.txt", real.now - YEARS)
    assert real.crawl().code == 0


def test_a_clock_that_somebody_chose_is_not_compared(door: Door) -> None:
    for path in ("/robots.txt", "/all_news/"):
        dated(door, path, NOON - YEARS)
    assert door.crawl().code == 0


offs = st.lists(st.integers(-5000, 5000), min_size=1, max_size=9)


@given(offs)
def test_a_clock_is_wrong_where_most_of_the_first_answers_say_so(hours: list[int]) -> None:
    keeper, said = ClockCheck(SystemClock()), []
    now = datetime.now(UTC)
    for number in hours:
        date = format_datetime(now + number * HOUR, usegmt=True)
        said.append(keeper.heard(Response("http://a.example/", headers={"Date": date})))
    first = [abs(number) for number in hours[:5]]
    if len(hours) == 1:
        assert said == [None]
    if all(number > 25 for number in first) and len(hours) > 1:
        assert said[1] is not None
    if all(number < 23 for number in first):
        assert set(said) == {None}


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}, {"Date": "Mon, 32 Jan 2026 99:00:00 GMT"}, {"Age": "x"}])
def test_an_answer_that_tells_no_time_is_not_heard(headers: dict[str, str]) -> None:
    keeper = ClockCheck(SystemClock())
    assert [keeper.heard(Response("http://a.example/", headers=headers)) for _ in range(6)] == [None] * 6
    assert ClockCheck(StoppedClock(NOON)).heard(Response("http://a.example/", headers={"Date": "x"})) is None


# --- what they left stops nothing


def at(door: Door, when: datetime, **arguments: Any) -> int:  # noqa: ANN401 - those of a crawl
    """A crawl whose clock says so, of a newspaper that stands still."""
    door.settings["DEMO_NOW"] = utc_text(when)
    return door.crawl(**arguments).code


@pytest.mark.parametrize("ahead", [YEARS, 40 * DAY, 3 * DAY])
def test_what_failed_by_a_clock_that_was_ahead_is_tried_again_by_the_right_one(ahead: timedelta, door: Door) -> None:
    door.trouble(only("error", r"/\w+/(?:view|getRecord)/.*"))
    for minutes in (0, 5, 30, 120):
        at(door, NOON + ahead + timedelta(minutes=minutes))
    assert door.keys() == set()
    door.heal()
    assert at(door, NOON + HOUR) in {0, 3}
    assert at(door, NOON + DAY) == 0
    door.whole()


@pytest.mark.parametrize("ahead", [YEARS, 40 * DAY, 5 * DAY])
def test_what_was_seen_by_a_clock_that_was_ahead_is_looked_at_again_by_its_ages(ahead: timedelta, door: Door) -> None:
    at(door, NOON)
    at(door, NOON + ahead)
    story = door.story()
    at(door, NOON + HOUR)
    due = door.value("SELECT due_at FROM articles WHERE key = ?", story.key)
    assert due is not None
    assert due <= utc_text(NOON + 4 * DAY)
    visits = "SELECT count(*) FROM snapshots WHERE kind = 'article' AND crawl_id > 3"
    for days in range(1, 4):
        at(door, NOON + days * DAY)
    assert 0 < door.value(visits) <= 4 * len(door.listed()), "again, but not at every run"


def test_a_first_run_ahead_leaves_no_goal_that_later_runs_stop_at(door: Door) -> None:
    assert at(door, NOON + YEARS, since=None) == 0
    assert at(door, NOON + HOUR, since=None) == 0
    assert door.value("SELECT goal FROM walks WHERE merged_into IS NULL") < "2026-11-24"
    door.whole()


def test_days_to_come_are_not_spoken_of_any_more(door: Door) -> None:
    at(door, NOON + 30 * DAY)
    at(door, NOON + HOUR)
    assert door.value("SELECT max(day) FROM days") <= "2026-11-23"


def test_requests_by_a_clock_that_was_ahead_are_not_in_the_budget_of_every_day(door: Door) -> None:
    at(door, NOON + YEARS)
    door.settings["REQUESTS_PER_DAY"] = 30
    assert at(door, NOON, recheck="all") == 0


def test_a_clock_that_was_ahead_is_said_once(door: Door) -> None:
    at(door, NOON)
    at(door, NOON + 10 * DAY)
    said = []
    for hours in (1, 2, 3):
        door.settings["DEMO_NOW"] = utc_text(NOON + hours * HOUR)
        said.append(door.crawl().said)
    assert "the clock went back by" in said[0]
    assert "that counts as now" in said[0]
    assert "the clock went back by" not in said[1]
    assert said[2] == ""


def test_a_last_run_ahead_does_not_hide_that_no_run_comes_any_more(door: Door) -> None:
    at(door, NOON)
    at(door, NOON + YEARS)
    with open_reader(str(door.archive)) as reader:
        states = [stands_still(reader, "demo", NOON + days * DAY, DAY)["state"] for days in (0.5, 3)]
    assert states == ["well", "trouble"]


def test_a_notice_taken_by_a_clock_that_was_ahead_is_free_again(door: Door) -> None:
    door.crawl()
    with Archive.open(str(door.archive)) as archive:
        with archive.writing() as connection:
            incidents.note(connection, "demo", [Finding("silence", "trouble", "nothing", "12", "look")], NOON)
        assert len(incidents.take(archive, ["demo"], ["mail"], NOON + YEARS)) == 1
        assert len(incidents.take(archive, ["demo"], ["mail"], NOON + HOUR)) == 1


moments = st.integers(-20_000, 20_000).map(lambda hours: NOON + hours * HOUR)


@given(moments, moments, moments)
def test_no_rule_waits_for_a_time_that_lies_in_the_future(stored: datetime, published: datetime, now: datetime) -> None:
    if stored > now:
        assert past(utc_text(stored), now) in {None, now}
        assert sweep_due(stored, now)
        assert ask_again(stored, now)
    planned = recheck_at(published, min(stored, now), now)
    assert planned is None or planned <= now + 30 * DAY


# --- values that are no time


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE articles SET due_at = 'never'",
        "UPDATE articles SET due_at = ''",
        "UPDATE articles SET due_at = 7",
        "UPDATE articles SET first_seen_at = 'then'",
        "UPDATE articles SET last_seen_at = 'then'",
        "UPDATE articles SET attempts = 'many'",
        "UPDATE crawls SET started_at = 'then'",
        "UPDATE crawls SET finished_at = 'then'",
        "UPDATE crawls SET waiting = 'some', listing_pages = 'x'",
        "UPDATE incidents SET began_at = 'then', begun_told = 'mail'",
        "UPDATE requests SET asked_at = 'then'",
        "UPDATE sightings SET last_seen_at = 'then'",
    ],
)
def test_a_crawl_goes_on_without_a_value_that_is_no_time(change: str, door: Door) -> None:
    door.crawl()
    with closing(sqlite3.connect(door.archive)) as file, file:
        file.execute(change)
    crawl = door.crawl(recheck="all")
    assert crawl.code == 0
    assert "Traceback" not in crawl.said
    door.whole()


@pytest.mark.parametrize("column", ["goal", "started_at", "updated_at", "swept_at", "read_at"])
def test_a_crawl_that_cannot_go_on_says_in_one_line_what_is_wrong(column: str, door: Door) -> None:
    door.crawl()
    with closing(sqlite3.connect(door.archive)) as file, file:
        file.execute(f"UPDATE walks SET {column} = 'never'")  # noqa: S608 - one of five names
    crawl = door.crawl()
    (line,) = crawl.lines
    assert crawl.code in {1, 3}
    assert f"a value in it cannot be read (walks 1: {column} is 'never'): `dateline verify` names it" in line
