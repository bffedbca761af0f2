"""Pages kept and given back, and the ledger of crawls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.records import Hop, Reading, Snapshot, Wire
from storage.write.archive import Archive
from storage.write.frontier.queue import find
from storage.write.frontier.visits import Saved
from tests.invented import EDITION, NOON, Desk, desk, page, story


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "archive.db") as crawling:
        yield crawling


def rich_page() -> Snapshot:
    """A snapshot in which no field is empty."""
    wire = Wire(
        size=33,
        sha256="ab" * 32,
        content_encoding="gzip",
        headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-Odd", "naïve \ud800 \x00")),
        ip_address="192.0.2.7",
        protocol="HTTP/1.1",
    )
    return replace(
        page("7-2026", b"<h1>Ferry</h1>"),
        requested_url="http://eng.belta.by/society/view/ferry-7-2026",
        wire=wire,
        redirects=(Hop("http://eng.belta.by/society/view/ferry-7-2026", 301),),
        request_headers=(("User-Agent", "dateline"), ("If-None-Match", '"x"')),
        damage="truncated",
    )


def test_a_kept_page_comes_back_as_it_was(crawl: Desk) -> None:
    snapshot = rich_page()
    assert crawl.archive.snapshot(crawl.keep(snapshot)) == snapshot


def test_a_kept_listing_comes_back_with_its_page_number(crawl: Desk) -> None:
    listing = replace(page(None, b"<div>", kind="listing"), page=17)
    with crawl.archive.writing() as connection:
        snapshot_id = crawl.archive.keep_in(connection, listing, crawl.crawl_id, None, "listing")
    assert crawl.archive.snapshot(snapshot_id) == listing
    assert crawl.value("SELECT reading FROM snapshots") == "listing"


def test_an_answer_without_a_body_is_a_visit_all_the_same(crawl: Desk) -> None:
    snapshot = page(status=304, body=b"")
    assert crawl.archive.snapshot(crawl.keep(snapshot)) == snapshot
    assert crawl.rows("SELECT body_sha256, body_size FROM snapshots") == [(None, 0)]
    assert crawl.value("SELECT count(*) FROM bodies") == 0


def test_times_are_kept_in_utc_to_the_second(crawl: Desk) -> None:
    crawl.keep(page(at=NOON + timedelta(microseconds=999_999)))
    assert crawl.value("SELECT fetched_at FROM snapshots") == "2026-03-10T12:00:00Z"


def test_an_unknown_snapshot_is_a_key_error(crawl: Desk) -> None:
    with pytest.raises(KeyError):
        crawl.archive.snapshot(404)


def test_a_page_that_a_killed_run_kept_is_read_by_the_next_without_fetching(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as killed:
        first, second = (page(f"{number}-2026", b"<h1>%d</h1>" % number) for number in (1, 2))
        kept = killed.keep(first), killed.keep(second)
        killed.archive.save(Reading(first, kept[0], "article", story()))
    with desk(tmp_path / "archive.db") as crawl:
        assert crawl.archive.unread(EDITION, 10) == [(kept[1], second)]
        assert crawl.archive.unread("belta-rus", 10) == []
        crawl.archive.save(Reading(second, kept[1], "article", story("2-2026")))
        assert crawl.archive.unread(EDITION, 10) == []


def test_a_kept_page_that_was_damaged_before_it_was_read_is_fetched_again(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as killed:
        for number in (1, 2):
            killed.keep(page(f"{number}-2026", b"<h1>%d</h1>" % number))
        with killed.archive.writing() as connection:
            connection.exec_driver_sql("UPDATE bodies SET data = 'rot' WHERE size = 10 AND rowid = 1")
    with desk(tmp_path / "archive.db") as crawl:
        assert [snapshot.key for _, snapshot in crawl.archive.unread(EDITION, 10)] == ["2-2026"]
        assert [due.key for due in crawl.archive.due(EDITION, NOON, 10)] == ["1-2026"]
        assert crawl.rows("SELECT reading FROM snapshots ORDER BY snapshot_id") == [("unreadable",), (None,)]


def test_a_reading_without_an_article_is_an_unreadable_page(crawl: Desk) -> None:
    snapshot = page()
    saved = crawl.archive.save(Reading(snapshot, crawl.keep(snapshot), "unreadable", problem="not HTML"))
    assert (saved.outcome, saved.revision_id) == ("unreadable", None)
    assert crawl.rows("SELECT reading, problem FROM snapshots") == [("unreadable", "not HTML")]


def test_saving_a_reading_twice_is_saving_it_once(crawl: Desk) -> None:
    snapshot = page()
    reading = Reading(snapshot, crawl.keep(snapshot), "article", story())
    first = crawl.archive.save(reading)
    assert crawl.archive.save(reading) == Saved("unchanged", first.article_id, first.revision_id, first.due_at)
    assert crawl.rows("SELECT reading FROM snapshots") == [("article",)]
    assert crawl.value("SELECT count(*) FROM revisions") == 1


def test_an_article_is_stored_whole_or_not_at_all(crawl: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerFailure(Exception):
        pass

    def fail(*_: object) -> None:
        raise PowerFailure

    monkeypatch.setattr("storage.write.articles.current.link", fail)
    with pytest.raises(PowerFailure):
        crawl.visit(story())
    assert crawl.rows("SELECT reading FROM snapshots") == [(None,)]
    assert crawl.rows("SELECT status, revision_id FROM articles") == [("pending", None)]
    assert crawl.rows("SELECT revision_id FROM revisions UNION SELECT photo_id FROM photos") == []
    crawl.check_index()


def test_the_ledger_says_who_crawled_what_and_how_it_ended(crawl: Desk) -> None:
    crawl_id = crawl.archive.begin_crawl("demo", {"since": "all", "edition": "demo"}, "dateline/9", "robot", NOON)
    before = crawl.rows("SELECT outcome, exit_code, finished_at FROM crawls WHERE crawl_id = ?", crawl_id)
    crawl.archive.finish_crawl(crawl_id, "incomplete", 3, "the site fell asleep", NOON + timedelta(minutes=2))
    assert before == [(None, None, None)]
    assert crawl.rows(
        "SELECT edition, arguments, software, user_agent, started_at, finished_at, outcome, exit_code, message "
        "FROM crawls WHERE crawl_id = ?",
        crawl_id,
    ) == [
        ("demo", '{"edition": "demo", "since": "all"}', "dateline/9", "robot", "2026-03-10T12:00:00Z",
         "2026-03-10T12:02:00Z", "incomplete", 3, "the site fell asleep")
    ]  # fmt: skip


def test_the_ledger_counts_what_a_crawl_brought(crawl: Desk) -> None:
    crawl.visit(story())
    crawl.visit(story(headline="Ferry resumes, later"))
    crawl.visit(story(headline="Ferry resumes, later"))
    crawl.visit(story("2-2026"))
    lost = page("2-2026", status=404)
    crawl.archive.gone(crawl.keep(lost), crawl.meet("2-2026"), 404, NOON)
    strange = page("3-2026")
    crawl.archive.unreadable(crawl.keep(strange), crawl.meet("3-2026"), "no era", NOON, "unrecognised")
    crawl.archive.failed(crawl.meet("4-2026"), "connection reset", NOON)
    answer = page("4-2026", status=500)
    crawl.archive.failed(crawl.meet("4-2026"), "HTTP 500", NOON, snapshot_id=crawl.keep(answer))
    with crawl.archive.writing() as connection:
        crawl.archive.keep_in(connection, page(None, kind="listing"), crawl.crawl_id, None, "listing")
    crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    assert crawl.archive.counts(crawl.crawl_id) == {
        "listing_pages": 1,
        "article_pages": 7,
        "new_articles": 2,
        "new_revisions": 1,
        "unchanged": 1,
        "failed": 2,
        "gone": 1,
        "unrecognised": 1,
        "requests": 0,
        "waited": 0,
    }


def test_what_a_killed_crawl_fetched_is_counted_for_it_when_it_was_read(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as killed:
        snapshot = page()
        snapshot_id = killed.keep(snapshot)
    with desk(tmp_path / "archive.db") as crawl:
        crawl.archive.save(Reading(snapshot, snapshot_id, "article", story()))
        crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
        counted = crawl.rows("SELECT article_pages, new_articles, finished_at IS NULL FROM crawls ORDER BY crawl_id")
    assert counted == [(1, 1, 1), (0, 0, 0)]


def test_a_crawl_of_another_edition_is_counted_for_itself(crawl: Desk) -> None:
    other = crawl.archive.begin_crawl("belta-rus", {}, "", "", NOON)
    crawl.visit(story())
    crawl.archive.failed(crawl.meet("9-2026"), "reset", NOON)
    crawl.archive.finish_crawl(other, "complete", 0, None, NOON)
    assert set(crawl.archive.counts(other).values()) == {0}
    with pytest.raises(KeyError):
        crawl.archive.counts(99)


def test_a_closed_archive_is_one_file(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        crawl.visit(story())
        assert len(list(tmp_path.iterdir())) > 1
    assert [file.name for file in tmp_path.iterdir()] == ["archive.db"]


def test_a_reader_sees_one_state_for_as_long_as_it_looks(crawl: Desk) -> None:
    crawl.visit(story())
    with Archive.open(str(crawl.archive.place), readonly=True) as reader, reader.connection() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM news").scalar_one()
        crawl.visit(story("2-2026"))
        after = connection.exec_driver_sql("SELECT count(*) FROM news").scalar_one()
    assert (before, after) == (1, 1)


def test_prepared_statements_of_a_reader_see_that_state_too(crawl: Desk) -> None:
    with Archive.open(str(crawl.archive.place), readonly=True) as reader, reader.connection() as connection:
        assert find(connection, EDITION, "1-2026") is None
        crawl.visit(story())
        assert find(connection, EDITION, "1-2026") is None
