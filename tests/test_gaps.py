"""What a listing no longer shows, and what was never proven: gaps through the front door and through imports."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from storage.cli import dateline
from storage.write.archive import Archive
from tests.front_door import Door, front_door, html

ARCHIVES = Path(__file__).parent / "archives"
HOUR = timedelta(hours=1)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A listing that shows its newest twelve stories: two pages. A story comes every two minutes."""
    with front_door(tmp_path, size=12) as opened:
        yield opened


def listing_paths(page: int) -> tuple[str, str]:
    """The address that the page above gives, and the one that a walk makes of a number alone."""
    return f"/all_news/page/{page}/?day=23&month=11&year=26/", f"/all_news/page/{page}/"


def lose(door: Door) -> None:
    """Three crawls, the last an hour after the second: what came in between has left the listing."""
    for later in (HOUR, timedelta(minutes=4)):
        assert door.crawl().code == 0 or later is not HOUR
        door.now += later
    assert door.crawl().code == 3


def test_what_left_the_listing_is_lost_once_and_kept_for_ever(door: Door) -> None:
    assert door.crawl().code == 0
    door.now += HOUR
    first = door.crawl()
    assert (first.code, "ends above what was seen before" in first.said) == (3, True)
    assert door.value("SELECT state FROM gaps") == "open"
    door.now += timedelta(minutes=4)
    second = door.crawl()
    assert (second.code, second.said.count("lost for ever: part of 23 November missing")) == (3, 1)
    assert door.value("SELECT outcome FROM crawls ORDER BY crawl_id DESC LIMIT 1") == "lost"
    gap = door.row("SELECT * FROM gaps WHERE state <> 'filled'")
    assert (gap["state"], gap["listing"], gap["lost_at"]) == ("lost", "pages", "2026-11-23T13:04:00Z")
    published = "SELECT published_at FROM news WHERE key = ?"
    assert gap["from_time"] == door.value(published, gap["older_key"])
    assert gap["to_time"] == door.value(published, gap["newer_key"])
    assert door.value("SELECT state FROM coverage WHERE day = '2026-11-23'") == "lost"
    door.now += timedelta(minutes=4)
    assert door.crawl().code == 0
    assert door.value("SELECT count(*) FROM gaps WHERE state = 'lost'") == 1
    assert door.value("SELECT state FROM coverage WHERE day = '2026-11-23'") == "lost"


def test_what_an_unfinished_walk_had_left_open_is_lost_with_what_came_since(door: Door) -> None:
    assert door.crawl("-a", "max_pages=1").code == 3
    unread = door.value("SELECT newer_key FROM gaps")
    door.now += HOUR
    assert door.crawl().code == 3
    door.now += timedelta(minutes=4)
    assert door.crawl().code == 3
    gaps = door.rows("SELECT newer_key, state FROM gaps WHERE state <> 'filled' ORDER BY to_time")
    assert (gaps[0]["newer_key"], {gap["state"] for gap in gaps}, len(gaps)) == (unread, {"lost"}, 2)
    door.now += timedelta(minutes=4)
    assert door.crawl().code == 0
    assert door.value("SELECT count(*) FROM coverage WHERE state = 'hole'") == 0


def test_a_loss_is_an_incident_that_begins_and_is_over_with_the_next_crawl(door: Door) -> None:
    lose(door)
    door.now += timedelta(minutes=4)
    told = door.crawl()
    (incident,) = door.rows("SELECT * FROM incidents WHERE monitor = 'lost' ORDER BY incident_id")
    if incident["over_at"] is None:  # the crawl that found it was this one
        assert told.code == 3
        door.now += timedelta(minutes=4)
        door.crawl()
        (incident,) = door.rows("SELECT * FROM incidents WHERE monitor = 'lost'")
    assert incident["measured"].startswith("part of 23 November missing")
    assert incident["over_at"] is not None


def test_a_listing_that_shows_what_it_showed_before_loses_nothing(door: Door) -> None:
    for _ in range(4):
        assert door.crawl().code == 0
        door.now += timedelta(minutes=10)
    assert door.rows("SELECT * FROM gaps") == []


@pytest.mark.parametrize("answer", ["404", "empty", "repeated"])
def test_an_end_that_the_last_page_contradicts_is_asked_for_again(answer: str, tmp_path: Path) -> None:
    with front_door(tmp_path, size=30) as door:
        bad = {"404": html("not found", status=404), "empty": html("<h1>All News</h1>")}
        for page in (3, 4, 5, 6):
            for path in listing_paths(page):
                door.put(path, door.answer(listing_paths(2)[0]) if answer == "repeated" else bad[answer])
        first = door.crawl()
        assert first.code == 3
        assert door.value("SELECT end_kind FROM walks WHERE merged_into IS NULL") == "contradicted"
        assert door.value("SELECT count(*) FROM gaps WHERE state = 'open'") == 1
        door.heal()
        door.now += timedelta(minutes=5)
        assert door.crawl().code == 0
        assert {story.key for story in door.listed()} <= door.keys()
        assert door.rows("SELECT * FROM gaps WHERE state <> 'filled'") == []


def test_a_contradicted_end_that_two_crawls_met_is_open_and_below_it_nothing_is_known(tmp_path: Path) -> None:
    with front_door(tmp_path, size=30) as door:
        for page in (3, 4):
            for path in listing_paths(page):
                door.put(path, html("not found", status=404))
        assert door.crawl(since="2026-11-20").code == 3
        assert door.crawl(since="2026-11-20").code == 0
        assert door.value("SELECT end_kind FROM walks WHERE merged_into IS NULL") == "open"
        states = {row["day"]: row["state"] for row in door.rows("SELECT day, state FROM coverage")}
        assert states == {f"2026-11-{day}": "unknown" for day in (20, 21, 22, 23)}


def test_an_entry_of_unknown_form_is_kept_counted_as_missing_and_told(door: Door) -> None:
    listing = door.answer("/all_news/")
    story = door.story()
    door.put("/all_news/", html(listing.body.replace(story.path.encode(), b"/gallery/boats/")))
    crawl = door.crawl()
    entry = door.row("SELECT * FROM unknown_entries")
    assert entry["url"].endswith("/gallery/boats/")
    assert entry["headline"] == story.headline
    assert door.value("SELECT missing FROM coverage WHERE day = ?", entry["day"]) == 1
    assert "addresses" in crawl.said
    status = CliRunner().invoke(dateline, ["--database", str(door.archive), "status"])
    assert (status.exit_code, "/gallery/boats/" in status.stdout) == (1, True)


def test_an_import_fills_what_was_lost(door: Door, tmp_path: Path) -> None:
    """Another archive looked at the listing while ours did not."""
    other = tmp_path / "other"
    other.mkdir()
    ours, theirs = door.archive, other / "archive.db"
    assert door.crawl().code == 0
    theirs.write_bytes(ours.read_bytes())
    began = door.now
    door.archive = theirs
    for _ in range(4):
        door.now += timedelta(minutes=15)
        assert door.crawl().code == 0
    door.archive, door.now = ours, began + HOUR
    assert door.crawl().code == 3
    door.now += timedelta(minutes=1)
    assert door.crawl().code == 3
    (gap,) = door.rows("SELECT * FROM gaps WHERE state = 'lost'")
    export = CliRunner().invoke(dateline, ["--database", str(theirs), "export", "warc", str(other / "all.warc.gz")])
    assert export.exit_code == 0, export.output
    taken = CliRunner().invoke(dateline, ["--database", str(ours), "import", str(other / "all.warc.gz")])
    assert taken.exit_code == 0, taken.output
    assert door.rows("SELECT * FROM gaps WHERE state <> 'filled'") == []
    kept = door.row("SELECT * FROM gaps WHERE gap_id = ?", gap["gap_id"])
    assert {name: kept[name] for name in ("older_key", "newer_key", "found_at", "lost_at", "reason", "loss_id")} == {
        name: gap[name] for name in ("older_key", "newer_key", "found_at", "lost_at", "reason", "loss_id")
    }
    assert kept["filled_at"] is not None
    assert door.value("SELECT state FROM coverage WHERE day = '2026-11-23'") != "lost"
    checked = CliRunner().invoke(dateline, ["--database", str(ours), "verify"])
    assert checked.exit_code == 0, checked.output


def test_an_imported_archive_is_unknown(tmp_path: Path) -> None:
    with front_door(tmp_path, size=12) as door:
        door.crawl()
        file = tmp_path / "all.warc.gz"
        CliRunner().invoke(dateline, ["--database", str(door.archive), "export", "warc", str(file)])
    other = tmp_path / "other.db"
    with Archive.open(str(other), create=True):
        pass
    taken = CliRunner().invoke(dateline, ["--database", str(other), "import", str(file)])
    assert taken.exit_code == 0, taken.output
    with closing(sqlite3.connect(other)) as connection:
        states = {state for (state,) in connection.execute("SELECT state FROM coverage")}
    assert states == {"unknown"}


@pytest.mark.parametrize("version", ["0001", "0004", "0006"])
def test_an_archive_of_an_earlier_schema_tells_its_gaps_and_days(version: str, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(gzip.decompress((ARCHIVES / f"{version}.db.gz").read_bytes()))
    with Archive.open(str(path), migrate=True):
        pass
    with closing(sqlite3.connect(path)) as connection:
        gaps = connection.execute("SELECT older_key, newer_key, state FROM gaps WHERE edition = 'belta-eng'").fetchall()
        assert (None, "1009-2026", "open") in gaps or ("1001-2026", "1009-2026", "open") in gaps
        states = dict(connection.execute("SELECT day, state FROM coverage WHERE edition = 'belta-eng'"))
        assert states["2026-03-10"] in {"hole", "whole"}
        days = connection.execute("SELECT count(*) FROM articles WHERE day IS NULL").fetchone()
        assert days == (0,)
        published = "SELECT count(*) FROM revisions WHERE published_at IS NOT NULL AND published_day IS NULL"
        assert connection.execute(published).fetchone() == (0,)
