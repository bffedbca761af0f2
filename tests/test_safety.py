"""Killed at any instant, read by others at any time, on a full disk: the archive stays whole and is completed."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from crawler.errors import ArchiveError
from crawler.records import Reading
from storage.write.archive import Archive
from tests.effort import LONG, effort
from tests.front_door import ended, forked
from tests.invented import EDITION, NOON, Desk, desk, page, story

STORIES = effort(300, sample=80)


def archive_stories(path: Path, stories: int, year: str = "2026", *, again: bool = True) -> None:
    """Archives one story after another, says after each that it is done, and goes on where the last run was killed."""
    with desk(path) as opened:
        done = int(str(opened.value("SELECT count(*) FROM news"))) if again else 0
        for number in range(done, stories):
            opened.visit(story(f"{number}-{year}", headline=f"Story {number}"))
            print(number, flush=True)


def check(crawl: Desk) -> None:
    """Everything that must hold of an archive, whatever happened to its writer."""
    assert crawl.rows("PRAGMA integrity_check") == [("ok",)]
    assert crawl.rows("PRAGMA foreign_key_check") == []
    crawl.check_index()
    for (sha256,) in crawl.rows("SELECT sha256 FROM bodies"):
        crawl.archive.body(sha256)
    half = (
        "SELECT article_id FROM articles a WHERE (status = 'live') <> EXISTS (SELECT 1 FROM revisions r JOIN photos p "
    )
    assert crawl.rows(f"{half} USING (revision_id) WHERE r.revision_id = a.revision_id)") == []
    unread = crawl.rows("SELECT snapshot_id FROM snapshots WHERE reading IS NULL")
    assert [snapshot_id for snapshot_id, _ in crawl.archive.unread(EDITION, 100)] == [row[0] for row in unread]


def run_and_kill(path: Path, seconds: float) -> int:
    """Starts the crawl, kills it after `seconds` of archiving. Returns how many stories it said were done."""
    process = forked(path.parent, partial(archive_stories, path, STORIES))
    while not (path.parent / "stdout").read_text():
        assert process.is_alive()
        time.sleep(0.001)
    process.join(seconds)
    process.kill()
    said = ended(process, path.parent).stdout
    return int(said.rpartition("\n")[0].splitlines()[-1]) + 1


@pytest.mark.search
def test_a_crawl_killed_at_random_instants_leaves_a_whole_archive_and_loses_nothing_it_confirmed(
    tmp_path: Path,
) -> None:
    path, dice = tmp_path / "archive.db", random.Random(8)
    for _ in range(effort(5, sample=2)):
        confirmed = run_and_kill(path, dice.uniform(0.0, 0.05))
        with desk(path) as crawl:
            check(crawl)
            assert int(str(crawl.value("SELECT count(*) FROM news"))) >= confirmed
    while confirmed < STORIES:
        confirmed = run_and_kill(path, 5)
    with desk(path) as crawl:
        check(crawl)
        headlines = crawl.rows("SELECT headline FROM news ORDER BY article_id")
    assert headlines == [(f"Story {number}",) for number in range(STORIES)]


def _make(path: Path) -> None:
    print("begun", flush=True)
    Archive.open(str(path), create=True).close()


@pytest.mark.search
def test_a_crawl_killed_while_it_makes_the_archive_is_begun_again(tmp_path: Path) -> None:
    for attempt in range(4) if LONG else (2,):
        path = tmp_path / f"{attempt}.db"
        process = forked(tmp_path, partial(_make, path))
        while not (tmp_path / "stdout").read_text():
            time.sleep(0.001)
        process.join(0.1 * attempt)
        process.kill()
        process.join()
        with Archive.open(str(path), create=True, migrate=True) as archive:
            archive.begin_crawl(EDITION, {}, "", "", NOON)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever would have to wait for a lock fails at once."""
    monkeypatch.setattr("storage.db.sqlite_file.BUSY_SECONDS", 0)


@pytest.mark.usefixtures("impatient")
def test_a_long_read_holds_up_no_writer_and_sees_one_state(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story())
        with Archive.open(str(path), readonly=True) as reader, reader.connection() as connection:
            count = "SELECT count(*) FROM news"
            assert connection.exec_driver_sql(count).scalar_one() == 1
            for number in range(2, 102):
                crawl.visit(story(f"{number}-2026", headline=f"Ferry {number}"))
            assert connection.exec_driver_sql(count).scalar_one() == 1
        assert crawl.value(count) == 101
        check(crawl)


@pytest.mark.usefixtures("impatient")
def test_a_transaction_that_is_being_written_holds_up_no_reader_and_is_not_seen(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl, crawl.archive.writing() as connection:
        crawl.archive.keep_in(connection, page(), crawl.crawl_id, None)
        with Archive.open(str(path), readonly=True) as reader, reader.connection() as other:
            assert other.exec_driver_sql("SELECT count(*) FROM snapshots").scalar_one() == 0


def test_two_crawls_of_different_editions_write_in_turns(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path):
        pass
    folders = [tmp_path / year for year in ("2025", "2026")]
    for folder in folders:
        folder.mkdir()
    running = [forked(folder, partial(archive_stories, path, 40, folder.name, again=False)) for folder in folders]
    assert [ended(process, folder).code for process, folder in zip(running, folders, strict=True)] == [0, 0]
    with desk(path) as crawl:
        assert crawl.value("SELECT count(*) FROM news") == 80
        check(crawl)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB, where we may mount one; elsewhere a folder, and SQLite is told to stop at 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(command, check=False, capture_output=True).returncode == 0
    yield folder
    if mounted:
        subprocess.run(["umount", folder], check=True)


def fill(crawl: Desk) -> int:
    """Archives stories until the disk is full. Returns how many were saved."""
    if not os.path.ismount(Path(str(crawl.archive.place)).parent):
        with crawl.archive.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=500")
    for number in range(1000):
        try:
            crawl.visit(story(f"{number}-2026", text=os.urandom(3000).hex()))
        except ArchiveError as error:
            assert "the disk is full: nothing of the last step was written" in str(error)  # noqa: PT017 - the count too
            return number
    raise AssertionError("never full")


def test_on_a_disk_that_fills_up_the_crawl_stops_and_goes_on_when_there_is_room(small_disk: Path) -> None:
    path, ballast = small_disk / "archive.db", small_disk / "ballast"
    ballast.write_bytes(bytes(3_000_000))
    with desk(path) as crawl:
        saved = fill(crawl)
    assert saved > 10
    ballast.unlink()
    with desk(path) as crawl:
        check(crawl)
        assert crawl.value("SELECT count(*) FROM news") == saved
        for snapshot_id, snapshot in crawl.archive.unread(EDITION, 10):
            crawl.archive.save(Reading(snapshot, snapshot_id, "article", story(snapshot.key or "")))
        crawl.visit(story("9999-2026"))
        check(crawl)
