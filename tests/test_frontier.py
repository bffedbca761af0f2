"""What is to be fetched next: nothing that was seen is forgotten, and nothing is asked for before its time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.rules.decide import RECHECK_AGES, RETRY_AFTER
from storage.write.frontier.queue import Due
from tests.invented import EDITION, NOON, Desk, desk, page, story

HOUR = timedelta(hours=1)
LATER = NOON + timedelta(days=400)


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "archive.db") as crawling:
        yield crawling


def keys(crawl: Desk, now: datetime = NOON, limit: int = 100, **how: Any) -> list[str]:  # noqa: ANN401
    return [due.key for due in crawl.archive.due(EDITION, now, limit, **how)]


def fail_until_given_up(crawl: Desk, article_id: int) -> datetime:
    now = NOON
    for _ in range(100):
        saved = crawl.archive.failed(article_id, "connection reset", now)
        if saved.outcome == "given-up":
            return now
        assert saved.due_at is not None
        now = max(saved.due_at, now)
    raise AssertionError("never given up")


def test_an_article_that_was_met_is_due_at_once(crawl: Desk) -> None:
    article_id = crawl.meet()
    url = "https://eng.belta.by/society/view/ferry-1-2026/"
    assert crawl.archive.due(EDITION, NOON, 9) == [Due(article_id, "1-2026", url, "pending", 0)]
    assert crawl.archive.due("belta-rus", NOON, 9) == []


def test_meeting_an_article_again_changes_nothing(crawl: Desk) -> None:
    assert crawl.meet() == crawl.meet(at=NOON + HOUR)
    assert crawl.rows("SELECT first_seen_at, due_at FROM articles") == [("2026-03-10T12:00:00Z",) * 2]


def test_the_latest_met_come_first_and_archived_ones_last(crawl: Desk) -> None:
    crawl.visit(story("1-2026"))
    for number in (2, 3, 4):
        crawl.meet(f"{number}-2026")
    assert keys(crawl, LATER) == ["4-2026", "3-2026", "2-2026", "1-2026"]
    assert keys(crawl, LATER, limit=2) == ["4-2026", "3-2026"]
    assert keys(crawl, LATER, pending=False) == ["1-2026"]
    assert keys(crawl, LATER, recheck=False) == ["4-2026", "3-2026", "2-2026"]


def test_the_longest_due_is_looked_at_again_first(crawl: Desk) -> None:
    for number, age in ((1, 30), (2, 40), (3, 35)):
        crawl.visit(story(f"{number}-2026", published_at=NOON - timedelta(minutes=age)))
    assert keys(crawl, LATER) == ["2-2026", "3-2026", "1-2026"]


def test_those_that_had_their_turn_do_not_crowd_out_the_others(crawl: Desk) -> None:
    ids = [crawl.meet(f"{number}-2026") for number in range(10)]
    assert keys(crawl, limit=3, exclude=set(ids[4:])) == ["3-2026", "2-2026", "1-2026"]


def test_an_article_with_a_kept_page_waits_for_that_page_to_be_read(crawl: Desk) -> None:
    crawl.keep(page("1-2026"))
    crawl.meet("2-2026")
    assert keys(crawl) == ["2-2026"]


def test_a_failed_visit_is_tried_again_less_and_less_often_and_given_up_visibly(crawl: Desk) -> None:
    article_id = crawl.meet()
    gaps, now = [], NOON
    for attempt in range(len(RETRY_AFTER)):
        saved = crawl.archive.failed(article_id, "connection reset", now)
        assert (saved.outcome, saved.due_at) == ("error", now + RETRY_AFTER[attempt])
        assert saved.due_at is not None
        assert keys(crawl, saved.due_at) == ["1-2026"]
        if saved.due_at > now:
            assert keys(crawl, saved.due_at - timedelta(seconds=1)) == []
        gaps.append(saved.due_at - now)
        now = saved.due_at
    assert gaps == sorted(gaps)
    assert crawl.archive.failed(article_id, "connection reset", now).outcome == "given-up"
    assert keys(crawl, LATER) == []
    assert crawl.rows("SELECT status, last_error, due_at FROM articles") == [("given-up", "connection reset", None)]


def test_an_article_that_was_given_up_is_tried_again_when_a_user_names_it(crawl: Desk) -> None:
    fail_until_given_up(crawl, crawl.meet())
    crawl.meet(at=LATER)
    assert [(due.key, due.attempts) for due in crawl.archive.due(EDITION, LATER, 9)] == [("1-2026", 0)]


def test_an_archived_article_that_fails_again_and_again_falls_back_to_its_ages(crawl: Desk) -> None:
    article_id = crawl.visit(story()).article_id
    now = NOON
    for _ in range(len(RETRY_AFTER) + 3):
        now += timedelta(minutes=1)
        saved = crawl.archive.failed(article_id, "connection reset", now)
    assert saved.outcome == "error"
    assert saved.due_at == NOON - 2 * HOUR + RECHECK_AGES[1]
    assert crawl.news()["status"] == "live"


def test_a_success_forgets_the_failures_before_it(crawl: Desk) -> None:
    crawl.archive.failed(crawl.meet(), "connection reset", NOON)
    crawl.visit(story())
    assert crawl.rows("SELECT status, attempts, last_error FROM articles") == [("live", 0, None)]


def test_an_archived_article_is_looked_at_again_at_growing_ages_and_then_no_more(crawl: Desk) -> None:
    born, now, seen = NOON - timedelta(minutes=30), NOON, []
    while (due := crawl.visit(story(published_at=born), at=now).due_at) is not None:
        seen.append(due - born)
        now = due
    assert seen == list(RECHECK_AGES)
    assert crawl.value("SELECT count(*) FROM revisions") == 1


def test_a_page_that_cannot_be_read_is_tried_again_like_a_failure(crawl: Desk) -> None:
    snapshot = page()
    saved = crawl.archive.unreadable(crawl.keep(snapshot), crawl.meet(), "no era knows it", NOON, "unrecognised")
    assert (saved.outcome, saved.revision_id, saved.due_at) == ("unrecognised", None, NOON + RETRY_AFTER[0])
    assert crawl.rows("SELECT reading, problem FROM snapshots") == [("unrecognised", "no era knows it")]
    assert crawl.rows("SELECT status, attempts, last_error FROM articles") == [("pending", 1, "no era knows it")]


def test_a_missing_article_that_never_was_is_given_up_when_several_visits_over_days_say_so(crawl: Desk) -> None:
    for hours in (0, 1, 24, 48):
        assert crawl.rows("SELECT status FROM articles") in ([], [("pending",)])
        at = NOON + timedelta(hours=hours)
        saved = crawl.archive.gone(crawl.keep(page(status=410, at=at)), crawl.meet(), 410, at)
        assert (saved.outcome, saved.revision_id) == ("gone", None)
        assert saved.due_at is not None
        crawl.archive.settle_absences(EDITION)
    assert crawl.rows("SELECT status, last_error, due_at FROM articles") == [("given-up", "HTTP status 410", None)]
    assert crawl.rows("SELECT DISTINCT reading FROM snapshots") == [("gone",)]


def test_validators_are_those_of_the_last_page_that_was_read(crawl: Desk) -> None:
    headers = (("etag", '"a"'), ("ETag", '"never"'), ("Last-Modified", "Tue, 10 Mar 2026 09:00:00 GMT"))
    crawl.visit(story(), snapshot=page(body=b"first", headers=headers))
    broken = page(body=b"later", headers=(("ETag", '"b"'),))
    crawl.archive.soft_404(crawl.keep(broken), crawl.meet(), "the home page", NOON)
    (due,) = crawl.archive.due(EDITION, LATER, 9)
    assert (due.etag, due.last_modified) == ('"a"', "Tue, 10 Mar 2026 09:00:00 GMT")


def test_a_damaged_page_lends_no_validators(crawl: Desk) -> None:
    crawl.visit(story(), snapshot=replace(page(headers=(("ETag", '"a"'),)), damage="truncated"))
    (due,) = crawl.archive.due(EDITION, LATER, 9)
    assert due.etag is None


def test_all_or_the_recent_articles_can_be_made_due(crawl: Desk) -> None:
    for number, days in ((1, 50), (2, 3)):
        crawl.visit(story(f"{number}-2026", published_at=NOON - timedelta(days=days)))
    crawl.visit(story("3-2026", published_at=None))
    crawl.meet("4-2026", LATER)
    now = NOON + timedelta(minutes=1)
    assert keys(crawl, now) == []
    assert crawl.archive.plan_rechecks(EDITION, NOON - timedelta(days=14), now) == 2
    assert sorted(keys(crawl, now)) == ["2-2026", "3-2026"]
    assert crawl.archive.plan_rechecks(EDITION, None, now) == 3
    assert sorted(keys(crawl, now)) == ["1-2026", "2-2026", "3-2026"]
    crawl.visit(story("1-2026", published_at=NOON - timedelta(days=50)), at=now)
    assert sorted(keys(crawl, now)) == ["2-2026", "3-2026"]


def test_an_article_is_found_by_its_key(crawl: Desk) -> None:
    saved = crawl.visit(story())
    standing = crawl.archive.find(EDITION, "1-2026")
    assert standing is not None
    assert (standing.article_id, standing.status, standing.revision_id) == (saved.article_id, "live", saved.revision_id)
    assert crawl.archive.find(EDITION, "2-2026") is None
    assert crawl.archive.find("belta-rus", "1-2026") is None


def test_what_is_due_is_read_from_indexes(crawl: Desk) -> None:
    """A backlog of a hundred thousand is asked for what is due in every round."""
    seen: list[str] = []
    with crawl.archive.connection() as connection:
        connection.connection.driver_connection.set_trace_callback(seen.append)  # type: ignore[union-attr]
    crawl.archive.due(EDITION, NOON, 9)
    queries = [sql for sql in seen if sql.startswith("SELECT")]
    plans = [" ".join(str(row[-1]) for row in crawl.rows(f"EXPLAIN QUERY PLAN {sql}")) for sql in queries]
    # Two indexes give the pending ones of an edition by number; SQLite may take either.
    assert re.search(r"USING INDEX articles_(?:pending|by_status) \(edition=\?", plans[0]), plans[0]
    assert "articles_due" in plans[1]
    assert not any("TEMP B-TREE" in plan or "SCAN" in plan for plan in plans)
