"""Manners by the front door: robots.txt as evidence and as law, a budget, hours of rest, and a file that says stop."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from spiders.demo.faults import only
from spiders.demo.newspaper import Reply
from tests.front_door import Crawl, Door, front_door, html, redirect
from tests.screen import terminal

ARTICLES = r"/\w+/(?:view|getRecord)/.*"
CONTACT = "takes one mail address or web page at which you can be reached: it is sent to the site in the user agent"
NO_RULES = "; without its rules nothing is asked"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A newspaper with six stories."""
    with front_door(tmp_path, size=6) as opened:
        yield opened


def robots(door: Door, text: str, status: int = 200) -> None:
    door.put("/robots.txt", html(text, kind="text/plain", status=status))


def line(crawl: Crawl) -> str:
    """The only line that it said."""
    (said,) = crawl.lines
    return said


# --- robots.txt


def test_robots_txt_is_kept_by_every_run_and_costs_a_row_when_nothing_changed(door: Door) -> None:
    for _ in range(2):
        assert door.crawl().code == 0
    robots(door, "User-agent: *\nDisallow: /printv\nDisallow: /elsewhere\n")
    crawl = door.crawl()
    assert crawl.asked.count("/robots.txt") == 1
    kept = door.rows("SELECT * FROM snapshots WHERE kind = 'robots' ORDER BY snapshot_id")
    assert [(row["crawl_id"], row["reading"], row["status"], row["article_id"]) for row in kept] == [
        (number, "robots", 200, None) for number in (1, 2, 3)
    ]
    assert kept[0]["requested_url"] == f"{door.service.base_url}/robots.txt"
    assert kept[0]["body_sha256"] == kept[1]["body_sha256"] != kept[2]["body_sha256"]
    assert door.value("SELECT count(*) FROM bodies WHERE sha256 = ?", kept[0]["body_sha256"]) == 1
    door.whole()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (html("busy", status=500), "HTTP 500 (*/robots.txt)"),
        (html("User-agent: *\n", status=206), "HTTP 206 (*/robots.txt)"),
        (Reply(0, (), b"", broken="reset"), "the connection failed: Connection to the other side was lost *"),
        (redirect("https://elsewhere.example/robots.txt"), "leads to another site, not fetched: https://elsewhere.*"),
        (redirect("http://169.254.169.254/"), "leads to a private address, not fetched: http://169.254.169.254/"),
        (Reply(200, (("Content-Length", "400"),), b"User-agent: *\n" * 20, sent=20), "the body is truncated (*)"),
    ],
    ids=["an error", "a part", "a reset", "another site", "a private address", "cut short"],
)
def test_a_site_whose_robots_txt_cannot_be_had_is_not_asked_for_anything(answer: Reply, why: str, door: Door) -> None:
    door.put("/robots.txt", answer)
    crawl = door.crawl()
    assert crawl.code == 4
    assert set(crawl.asked) == {"/robots.txt"}
    start, _, end = why.partition("*")
    assert f"; unreachable: robots.txt: {start}" in line(crawl)
    assert line(crawl).endswith(f"{end}{NO_RULES}")
    assert door.value("SELECT outcome FROM crawls") == "unreachable"
    door.heal()
    assert door.crawl().code == 0
    door.whole()


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_site_without_robots_txt_may_be_asked_for_everything(status: int, door: Door) -> None:
    robots(door, "User-agent: *\nDisallow: /\n", status)
    assert door.crawl().code == 0
    assert tuple(door.row("SELECT status, reading FROM snapshots WHERE kind = 'robots'")) == (status, "robots")
    door.whole()


@pytest.mark.parametrize("name", ["archive", "news", "contact", "Date", "Dateliner", "Dateline-Images"])
def test_a_group_for_somebody_else_sets_nobody_free(name: str, door: Door) -> None:
    robots(door, f"User-agent: *\nDisallow: /\n\nUser-agent: {name}\nAllow: /\n")
    crawl = door.crawl()
    assert crawl.code == 4
    assert set(crawl.asked) == {"/robots.txt"}


@pytest.mark.parametrize("name", ["Dateline", "dateline/2.0", "DATELINE", "Dateline 3"])
def test_a_group_for_dateline_is_ours_in_every_case_and_version(name: str, door: Door) -> None:
    robots(door, f"User-agent: {name}\nDisallow: /\n\nUser-agent: *\nAllow: /\n")
    crawl = door.crawl("-s", "USER_AGENT=Other/1.0", "-s", "ROBOTSTXT_USER_AGENT=Other")
    assert crawl.code == 4
    assert set(crawl.asked) == {"/robots.txt"}


@pytest.mark.parametrize(("name", "code"), [("archive", 0), ("Dateline/2.0", 4)])
def test_a_crawl_delay_counts_in_our_group_alone(name: str, code: int, door: Door) -> None:
    robots(door, f"User-agent: {name}\nCrawl-delay: 900\n")
    assert door.crawl("-s", "CRAWL_DELAY_OBEY=True").code == code


def test_a_long_run_asks_for_robots_txt_again_after_a_day(door: Door) -> None:
    door.crawl(before=partial(_time_passes, timedelta(hours=2)))
    asked = [row["kind"] for row in door.rows("SELECT kind FROM requests ORDER BY request_id")]
    assert asked.count("robots") > 1


def _time_passes(by: timedelta) -> None:
    """Whenever somebody looks at the clock, so much time is over."""
    from spiders import clock, run  # noqa: PLC0415 - in the process that crawls

    class Hasty(clock.StoppedClock):
        def now(self) -> datetime:
            self._now += by
            return self._now

    vars(run)["StoppedClock"] = Hasty


def test_a_crawl_delay_is_kept_between_all_requests(door: Door) -> None:
    robots(door, "User-agent: *\nCrawl-delay: 0.4\n")
    crawl = door.crawl("-s", "CRAWL_DELAY_OBEY=True", max_pages="1")
    assert crawl.code == 3
    gaps = [row["gap_ms"] for row in door.rows("SELECT gap_ms FROM requests ORDER BY request_id")]
    assert gaps[0] is None
    assert len(gaps) > 3
    # A busy machine sends one late and the next in time: that one's gap is short by what the other's was long.
    assert sum(gaps[1:]) >= 390 * len(gaps[1:])
    assert min(gaps[1:]) >= 300


def test_a_crawl_delay_beyond_the_limit_is_not_disobeyed_but_ends_the_run(door: Door) -> None:
    robots(door, "User-agent: *\nCrawl-delay: 100000\n")
    crawl = door.crawl("-s", "CRAWL_DELAY_OBEY=True")
    assert (crawl.code, crawl.asked) == (4, ("/robots.txt",))
    asks = "robots.txt asks for 100000 s between requests, more than CRAWL_DELAY_LIMIT=300"
    assert line(crawl).endswith(f"; refused: {asks}: raise that to crawl so slowly")


# --- what was asked


def test_every_request_is_written_down_also_those_without_an_answer(door: Door) -> None:
    lost, moved = door.story(1).path, door.story(2).path
    door.put(lost, Reply(0, (), b"", broken="reset"))
    door.put(moved, redirect("/moved/"))
    door.put("/moved/", door.answer(moved))
    crawl = door.crawl()
    rows = door.rows("SELECT * FROM requests ORDER BY request_id")
    assert len(rows) == len(crawl.asked) == door.value("SELECT requests FROM crawls")
    assert [row["kind"] for row in rows][:2] == ["robots", "listing"]
    failed = [(row["repeats"], row["wire_size"]) for row in rows if row["status"] is None]
    assert failed == [(None, None), ("retry", None), ("retry", None)]
    assert all("connection failed" in row["problem"] for row in rows if row["status"] is None)
    assert [row["status"] for row in rows if row["repeats"] == "redirect"] == [200]
    assert sum(row["wire_size"] for row in rows if row["status"] == 200) == door.value(
        "SELECT sum(wire_size) FROM snapshots WHERE status = 200"
    )


def test_a_wait_that_the_site_asked_for_is_written_down(door: Door) -> None:
    door.trouble(only("overloaded", ARTICLES, 1))
    running = door.start("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    running.wait_for(lambda: any("/view/" in path for path in door.service.log))
    door.heal()
    assert running.end().code == 0
    refused = door.row("SELECT * FROM requests WHERE status = 503")
    assert (refused["retry_after"], refused["waited"]) == (1, 1)
    assert door.row("SELECT * FROM requests WHERE repeats = 'retry'")["status"] == 200
    assert door.value("SELECT waited FROM crawls") == 1


# --- a budget


def test_a_spent_budget_ends_the_run_and_the_next_day_goes_on(door: Door) -> None:
    budget = ("-s", "REQUESTS_PER_DAY=5")
    crawl = door.crawl(*budget)
    assert (crawl.code, len(crawl.asked)) == (3, 5)
    why = "the budget of 5 requests for 2026-11-23 (Europe/Minsk) is spent: the next day goes on"
    assert line(crawl).endswith(f"; incomplete: {why}")
    again = door.crawl(*budget)
    assert (again.code, again.asked) == (3, ())
    assert door.value("SELECT sum(failed) FROM crawls") == 0
    assert door.value("SELECT sum(attempts) FROM articles") == 0
    assert door.value("SELECT daily_budget FROM crawls WHERE crawl_id = 1") == 5
    for _ in range(3):
        door.now += timedelta(days=1)
        crawl = door.crawl(*budget)
    assert crawl.code in {0, 3}
    door.crawl()
    # The listing shows twelve stories: in three days of five requests each some left it before anybody looked.
    assert door.value("SELECT outcome FROM crawls ORDER BY crawl_id DESC LIMIT 1") == "lost"
    assert door.crawl().code == 0
    door.whole()


def test_what_a_killed_run_asked_is_part_of_the_budget(door: Door) -> None:
    door.trouble(only("slow", ARTICLES, 60))
    running = door.start("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    running.wait_for(lambda: any("/view/" in path for path in door.service.log))
    running.signal(9)
    asked = len(running.end().asked)
    assert door.value("SELECT count(*) FROM requests") == asked
    door.heal()
    crawl = door.crawl("-s", f"REQUESTS_PER_DAY={asked + 2}")
    assert (crawl.code, len(crawl.asked)) == (3, 2)
    assert door.crawl().code == 0
    door.whole()


# --- rest


QUIET = ("-s", "QUIET_HOURS=14:30-15:30")  # 12:00 UTC is 15:00 in Minsk
STOPPED = "the stop file dateline.stop exists: nothing is asked until it is removed"


def at_a_terminal(door: Door, *options: str) -> tuple[int, str]:
    """The exit code of a crawl, and what a terminal shows at its end."""
    with terminal() as there:
        crawl = door.crawl(*options, before=there.task())
    return crawl.code, there.screen.text


def test_in_quiet_hours_no_crawl_begins_which_cron_need_not_hear_and_after_them_it_does(door: Door) -> None:
    for options in (QUIET, (*QUIET, "--log-format", "json")):
        assert door.crawl(*options) == Crawl(0, "", ())
    assert line(door.crawl(*QUIET, "-s", "SUMMARY=always")).startswith("dateline: quiet hours 14:30-15:30")
    said = "dateline: quiet hours 14:30-15:30 (Europe/Minsk): nothing is asked until they are over"
    assert at_a_terminal(door, *QUIET) == (0, said)
    assert door.value("SELECT count(*) FROM crawls") == 0
    assert door.crawl("-s", "QUIET_HOURS=15:30-14:30").code == 0


@pytest.mark.parametrize("broken", [False, True], ids=["all went well", "pages failed"])
def test_of_a_crawl_that_quiet_hours_end_cron_hears_the_trouble_alone(door: Door, *, broken: bool) -> None:
    for story in door.listed() if broken else ():
        door.put(story.path, html("busy", status=500))
    settings = ("-s", "QUIET_HOURS=15:30-23:00", "-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "-s", "RETRY_TIMES=0")
    crawl = door.crawl(*settings, before=partial(_time_passes, timedelta(minutes=1)))
    assert crawl.code == 3
    assert door.value("SELECT message FROM crawls").startswith("quiet hours 15:30-23:00 (Europe/Minsk)")
    assert 2 < len(crawl.asked) < 2 + 6
    assert bool(crawl.said) == bool(door.value("SELECT failed FROM crawls")) == broken


def test_a_stop_file_forbids_crawls_until_it_is_removed(door: Door) -> None:
    stop = door.folder / "dateline.stop"
    stop.touch()
    before = door.archive.stat()
    assert door.crawl() == Crawl(3, "", ())
    assert at_a_terminal(door) == (3, f"dateline: {STOPPED}")
    assert door.archive.stat() == before, "somebody may be moving it"
    stop.unlink()
    assert door.crawl().code == 0


def test_a_stop_file_ends_a_running_crawl_cleanly(door: Door) -> None:
    door.trouble(only("slow", ARTICLES, 0.5))
    running = door.start("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    running.wait_for(lambda: any("/view/" in path for path in door.service.log))
    (door.folder / "dateline.stop").touch()
    crawl = running.end()
    assert crawl.code == 3
    assert len(crawl.articles) <= 2
    assert line(crawl).endswith(f"; incomplete: {STOPPED}")
    assert door.value("SELECT sum(attempts) FROM articles") == 0
    (door.folder / "dateline.stop").unlink()
    door.heal()
    assert door.crawl().code == 0
    door.whole()


# --- wrong settings


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("REQUESTS_PER_DAY=many", "REQUESTS_PER_DAY=many: takes a whole number, 0 or more"),
        ("CRAWL_DELAY_LIMIT=-1", "CRAWL_DELAY_LIMIT=-1: takes a number of seconds, 0 or more"),
        ("DOWNLOAD_DELAY=nan", "DOWNLOAD_DELAY=nan: takes a number of seconds, 0 or more"),
        ("QUIET_HOURS=nights", "QUIET_HOURS=nights: takes hours of the site's clock such as 01:00-06:00,22:30-23:00"),
        ("ROBOTSTXT_OBEY=perhaps", "ROBOTSTXT_OBEY=perhaps: takes True or False"),
        ("CONTACT=me", f"DATELINE_CONTACT=me: {CONTACT}"),
        ("USER_AGENT=", "USER_AGENT=: takes one line of plain ASCII that says who asks"),
    ],
)
def test_a_wrong_setting_is_one_line_and_no_crawl(setting: str, says: str, door: Door) -> None:
    crawl = door.crawl("-s", setting)
    assert (crawl.code, crawl.asked) == (1, ())
    assert line(crawl) == f"dateline: {says}"


def test_a_contact_on_the_command_line_is_told_to_the_site(door: Door) -> None:
    door.crawl("-s", "CONTACT=wire@archive.press")
    assert door.value("SELECT user_agent FROM crawls").endswith("(news archive; contact: wire@archive.press)")
