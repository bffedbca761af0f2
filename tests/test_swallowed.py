"""Requests that Scrapy drops without a word, and runs that wait for what never comes: each is answered and said."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from storage.cli import dateline
from storage.db.lock import CrawlLock
from storage.monitoring.stuck_runs import stuck
from storage.read.reader import open_reader
from storage.write.archive import Archive
from tests.front_door import NOON, Door, front_door, html, redirect

LONG = "x" * 2500


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with front_door(tmp_path, size=6) as opened:
        yield opened


def listed_at(door: Door, path: str, other: str) -> None:
    """Have the listing name a story at another address."""
    page = door.answer("/all_news/")
    door.put("/all_news/", html(page.body.replace(path.encode(), other.encode())))


def errors(door: Door) -> dict[str, tuple[int, str]]:
    rows = door.rows("SELECT url, attempts, last_error FROM articles WHERE last_error IS NOT NULL")
    return {row["url"]: (row["attempts"], row["last_error"]) for row in rows}


def test_an_address_over_the_limit_of_scrapy_is_a_failed_visit_and_the_others_are_archived(door: Door) -> None:
    story = door.story(2)
    listed_at(door, story.path, story.path.replace("/view/", f"/view/{LONG}-"))
    for attempt in (1, 2):
        crawl = door.crawl()
        assert crawl.code == 3
        assert attempt > 1 or "more than URLLENGTH_LIMIT=2083: it was not asked for" in crawl.said
        assert len(crawl.said) < 2000
        ((tries, problem),) = errors(door).values()
        assert (tries, "characters, more than URLLENGTH_LIMIT=2083" in problem) == (attempt, True)
        door.now += timedelta(minutes=1)
    assert len(door.keys()) == 5
    assert door.crawl("-s", "URLLENGTH_LIMIT=0", url=door.story().url).code == 0


def test_such_an_address_that_the_user_names_ends_with_a_word_too(door: Door) -> None:
    story = door.story()
    crawl = door.crawl(url=story.url.replace("/view/", f"/view/{LONG}-"))
    assert crawl.code == 3
    assert "more than URLLENGTH_LIMIT=2083" in crawl.said


def test_a_redirect_to_such_an_address_is_followed_or_told(door: Door) -> None:
    story = door.story()
    door.put(story.path, redirect(f"/{LONG}/"))
    assert door.crawl().code in {0, 3}
    assert door.value("SELECT count(*) FROM articles WHERE key = ? AND last_error IS NOT NULL", story.key) == 1


@pytest.mark.parametrize("location", ["http://[::1", "http://", "javascript:alert(1)", "//", "http://a b/", "\x7f"])
@pytest.mark.parametrize("what", ["listing", "article"])
def test_a_redirect_to_what_is_no_address_is_told(location: str, what: str, door: Door) -> None:
    path = "/all_news/" if what == "listing" else door.story().path
    door.put(path, redirect(location))
    crawl = door.crawl()
    assert crawl.code in {3, 4, 6} or errors(door)
    assert "Traceback" not in crawl.said


@pytest.mark.parametrize("url", ["http://[::1/", "ftp://demo.example/x", "javascript:x", "no address", "http://"])
def test_an_article_whose_stored_address_is_none_is_a_failed_visit(url: str, door: Door) -> None:
    with Archive.open(str(door.archive)) as archive:
        archive.remember("demo", "1-2026", url, NOON)
    crawl = door.crawl()
    assert crawl.code == 3
    assert "Traceback" not in crawl.said
    assert errors(door)[url][0] == 1
    assert len(door.keys()) == 6


# --- whatever else drops a request


def drop_at_start(path: str) -> None:
    """A spider middleware drops the request for a path."""
    from scrapy.spidermiddlewares.urllength import UrlLengthMiddleware  # noqa: PLC0415 - in the process that crawls

    def dropped(_: object, request: Any, __: object) -> Any:  # noqa: ANN401 - Scrapy's own types
        return None if path in request.url else request

    UrlLengthMiddleware.get_processed_request = dropped  # type: ignore[assignment,method-assign]


def drop_in_the_scheduler(path: str) -> None:
    from scrapy.core.scheduler import Scheduler  # noqa: PLC0415 - in the process that crawls

    taken = Scheduler.enqueue_request

    def enqueue(self: Scheduler, request: Any) -> bool:  # noqa: ANN401 - Scrapy's own types
        return path not in request.url and taken(self, request)

    Scheduler.enqueue_request = enqueue  # type: ignore[method-assign]


@pytest.mark.parametrize("drop", [drop_at_start, drop_in_the_scheduler])
def test_a_request_that_is_dropped_is_a_failed_visit_and_made_again(drop: Any, door: Door) -> None:  # noqa: ANN401
    story = door.story(1)
    crawl = door.crawl(before=partial(drop, story.path))
    assert crawl.code == 3
    assert "Scrapy dropped the request: it was not asked for" in crawl.said
    assert len(door.keys()) == 5
    assert door.crawl().code == 0
    door.whole()


def never_answer() -> None:
    """Pages are fetched, and nothing comes of them."""
    from spiders.news import NewsSpider  # noqa: PLC0415 - in the process that crawls

    def article(*_: object, **__: object) -> Iterator[Any]:
        return iter(())

    NewsSpider.article = article  # type: ignore[method-assign]


def wait_for_ever() -> None:
    from spiders.news import NewsSpider  # noqa: PLC0415 - in the process that crawls

    async def articles(*_: object) -> AsyncIterator[Any]:
        import asyncio  # noqa: PLC0415 - the same

        await asyncio.Event().wait()
        yield None

    NewsSpider._articles = articles  # type: ignore[assignment,method-assign]


@pytest.mark.parametrize("hang", [never_answer, wait_for_ever])
def test_a_run_in_which_nothing_moves_ends_as_incomplete_and_the_next_goes_on(hang: Any, door: Door) -> None:  # noqa: ANN401
    crawl = door.crawl("-s", "STUCK_TIMEOUT=2", before=hang)
    assert crawl.code == 3
    assert "incomplete: nothing moved for 2 s (STUCK_TIMEOUT): stopped" in crawl.lines[0]
    assert door.value("SELECT outcome FROM crawls") == "incomplete"
    assert door.crawl().code in {0, 3}
    assert door.crawl().code == 0
    door.whole()


def test_a_slow_site_is_not_taken_for_a_run_that_does_not_move(door: Door) -> None:
    refused = html("busy", ("Retry-After", "4"), status=503)
    door.put(door.story().path, refused)
    crawl = door.crawl("-s", "STUCK_TIMEOUT=2", "-s", "REFUSALS_BEFORE_LEAVING=2")
    assert "STUCK_TIMEOUT" not in crawl.said


# --- a lock that is held and held


def test_a_lock_held_by_a_run_that_does_not_move_is_trouble(door: Door) -> None:
    assert door.crawl().code == 0
    later = datetime.now(UTC) + timedelta(hours=3)
    with CrawlLock(str(door.archive), "demo"), open_reader(str(door.archive)) as reader:
        assert stuck(reader, "demo", later) == (), "the last crawl ended: something else holds the lock"
    with Archive.open(str(door.archive)) as archive:
        archive.begin_crawl("demo", {}, "software", "agent", NOON)
    with open_reader(str(door.archive)) as reader:
        assert stuck(reader, "demo", later) == (), "nobody holds it: the crawl was killed"
        with CrawlLock(str(door.archive), "demo"):
            assert stuck(reader, "demo", datetime.now(UTC)) == (), "it has just begun"
            (found,) = stuck(reader, "demo", later)
    assert found["state"] == "trouble"
    assert "has asked for nothing for " in found["measured"]
    assert f"process {os.getpid()} since" in found["advice"]


def test_status_says_that_a_run_does_not_move(door: Door) -> None:
    assert door.crawl().code == 0
    with Archive.open(str(door.archive)) as archive:
        archive.begin_crawl("demo", {}, "software", "agent", NOON)
    lock = door.archive.with_name("archive.db.demo.lock")
    with CrawlLock(str(door.archive), "demo"):
        long_ago = datetime.now(UTC).timestamp() - 20_000
        os.utime(lock, (long_ago, long_ago))
        result = CliRunner().invoke(dateline, ["--database", str(door.archive), "status"])
    assert result.exit_code == 1
    assert "has asked for nothing for" in " ".join(result.output.split())
