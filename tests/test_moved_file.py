"""The archive's file is deleted, moved or replaced while something writes into it: noticed before the next commit."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.errors import ArchiveError
from spiders.reporting.summary import ADVICE, TODO
from storage.maintenance.verify import verify
from storage.write.archive import Archive
from tests.front_door import Door, front_door
from tests.invented import NOON, desk, story

GONE = "it was deleted or moved away while it was open"
OTHER = "another file was put in its place while it was open"


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("away.db"))


def replaced(path: Path) -> None:
    path.rename(path.with_name("away.db"))
    shutil.copyfile(path.with_name("copy.db"), path)


def replaced_at_once(path: Path) -> None:
    shutil.copyfile(path, path.with_name("away.db"))
    path.with_name("copy.db").rename(path)


def folder_moved(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


WAYS = [(deleted, GONE), (moved, GONE), (replaced, OTHER), (replaced_at_once, OTHER)]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A newspaper that was crawled, with a copy of its archive, and new stories whose pages take their time."""
    with front_door(tmp_path, size=12) as opened:
        assert opened.crawl(max_pages="1").code == 3
        shutil.copyfile(opened.archive, tmp_path / "copy.db")
        for one in opened.listed()[7:]:
            opened.put(one.path, replace(opened.answer(one.path), delay=0.3))
        yield opened


@pytest.mark.parametrize(("way", "said"), WAYS)
def test_a_crawl_whose_file_is_taken_away_ends_with_one_line(
    way: Callable[[Path], None], said: str, door: Door
) -> None:
    slow = door.listed()[7:]
    before = door.archive.with_name("copy.db").read_bytes()
    running = door.start("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
    running.wait_for(lambda: any(one.path in door.service.log for one in slow))
    way(door.archive)
    crawl = running.end()
    assert crawl.code == 3
    (line,) = crawl.lines
    assert f"incomplete: archive {door.archive}: {said}" in line
    assert crawl.advice == [f"{TODO}{ADVICE['unwritten']}"]
    if door.archive.exists():
        assert door.archive.read_bytes() == before
        assert verify(str(door.archive)).sound
        assert door.archive.read_bytes() == before, "nothing lay there to be applied to it"


@pytest.mark.parametrize(("way", "said"), WAYS)
def test_what_was_committed_before_is_in_the_file_that_was_opened(
    way: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story())
        crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    shutil.copyfile(path, tmp_path / "copy.db")
    copy = path.read_bytes()
    with Archive.open(str(path)) as archive:
        for number in range(3):
            archive.begin_crawl("belta-eng", {}, f"software {number}", "agent", NOON)
        assert path.with_name("archive.db-wal").stat().st_size
        way(path)
        for _ in range(2):
            with pytest.raises(ArchiveError, match=said):
                archive.begin_crawl("belta-eng", {}, "too late", "agent", NOON)
        with pytest.raises(ArchiveError, match=said):
            archive.finish_crawl(2, "complete", 0, None, NOON)
    if way in {moved, replaced}:
        with closing(sqlite3.connect(tmp_path / "away.db")) as away:
            assert away.execute("SELECT count(*) FROM crawls WHERE software LIKE 'software %'").fetchone() == (3,)
            assert away.execute("SELECT count(*) FROM crawls WHERE software = 'too late'").fetchone() == (0,)
            assert away.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    if path.exists():
        assert verify(str(path)).sound
        assert path.read_bytes() == copy
    wal = path.with_name("archive.db-wal")
    assert not wal.exists() or not wal.stat().st_size


def test_a_folder_that_is_renamed_is_noticed_too(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    path = tmp_path / "here" / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        archive.begin_crawl("belta-eng", {}, "software", "agent", NOON)
        folder_moved(path)
        with pytest.raises(ArchiveError, match=GONE):
            archive.begin_crawl("belta-eng", {}, "too late", "agent", NOON)
    with closing(sqlite3.connect(tmp_path / "elsewhere" / "archive.db")) as away:
        assert away.execute("SELECT count(*) FROM crawls").fetchone() == (1,)


def test_a_new_connection_does_not_read_what_lies_beside_another_file(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        archive.begin_crawl("belta-eng", {}, "software", "agent", NOON)
        shutil.copyfile(path, tmp_path / "copy.db")
        archive.engine.dispose()  # what it had open for reading
        replaced_at_once(path)
        with pytest.raises(ArchiveError, match=OTHER), archive.connection() as connection:
            connection.exec_driver_sql("SELECT 1")
