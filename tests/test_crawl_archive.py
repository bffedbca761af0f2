"""Archives that cannot be written, through the front door: one line, nothing touched, and nothing lost."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from crawler.errors import ArchiveError
from crawler.reading import read
from crawler.records import Reading, Snapshot, Wire
from crawler.sites.belta import BeltaSite
from pipelines import parse
from spiders.demo.faults import only
from spiders.reporting.summary import ADVICE, TODO
from storage.write.archive import Archive
from storage.write.frontier import visits
from tests.front_door import Crawl, Door, front_door

FULL = "the disk is full: nothing of the last step was written, what was there is intact. Make room and run it again"


def folder(path: Path) -> None:
    path.mkdir()


def words(path: Path) -> None:
    path.write_text("Shopping: bread, milk, a ferry.")


def database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (title TEXT)")
        other.commit()


def newer(path: Path) -> None:
    with front_door(path.parent):
        pass
    with closing(sqlite3.connect(path)) as archive:
        archive.execute("UPDATE alembic_version SET version_num = '9999'")
        archive.commit()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (folder, "this is a folder: give the path of a file in it, such as "),
        (words, "it is no SQLite database: give another file"),
        (database, "this database is not an archive of Dateline; it was left untouched: give another"),
        (newer, "a newer Dateline wrote it (schema 9999, this one knows "),
    ],
)
def test_what_is_no_archive_of_ours_is_refused_in_one_line_and_left_untouched(
    make: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with front_door(tmp_path, new=True) as door:
        door.archive = place / "archive.db"
        make(door.archive)
        before = [(path.name, path.is_file() and path.read_bytes()) for path in sorted(place.iterdir())]
        crawl = door.crawl()
        assert (crawl.code, len(crawl.lines), crawl.asked) == (1, 1, ())
        assert crawl.said.startswith(f"dateline: archive {door.archive}: {said}")
        assert [(path.name, path.is_file() and path.read_bytes()) for path in sorted(place.iterdir())] == before


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o500)
    # Nothing is shut to root but what the kernel makes up.
    places = [tmp_path / "nowhere", Path("/proc") if os.geteuid() == 0 else shut]
    with front_door(tmp_path, new=True) as door:
        for place in places:
            door.archive = place / "archive.db"
            crawl = door.crawl()
            assert (crawl.code, len(crawl.lines), crawl.asked) == (1, 1, ())
            assert crawl.said.startswith(f"dateline: archive {door.archive}: it")
        assert not (tmp_path / "nowhere").exists()


# --- a full disk


def allow(pages: int) -> None:
    """Let no database of this process grow beyond so many pages of 4 KiB: SQLite then says that the disk is full."""
    event.listen(Engine, "connect", lambda connection, _: connection.execute(f"PRAGMA max_page_count = {pages}"))


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Callable[[], None]]:
    """A disk of that size at a place, and what makes it larger."""

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, timeout=20)

    run("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place)
    try:
        yield lambda: run("mount", "-o", "remount,size=500m", "tmpfs", place)
    finally:
        run("umount", place)


def can_mount() -> bool:
    """Whether we are allowed to make small disks."""
    tools = os.geteuid() == 0 and shutil.which("unshare")
    return bool(tools) and subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode == 0


def is_full(door: Door, crawl: Crawl) -> None:
    """One line says what is wrong, and what is there is whole. The monitor of the disk may have room to say so too."""
    line, *more = crawl.lines
    assert [one.partition(": ")[0].strip() for one in more] in ([], ["the archive", "to do"])
    assert crawl.advice == [f"{TODO}{ADVICE['unwritten']}"]
    assert line.startswith("demo: ")
    assert f"incomplete: archive {door.archive}: {FULL}" in line
    assert door.value("PRAGMA integrity_check") == "ok"


@pytest.mark.parametrize("room", [0, 15, 30])
def test_a_full_disk_ends_a_crawl_and_the_next_run_with_room_completes_it(room: int, tmp_path: Path) -> None:
    with front_door(tmp_path, size=30) as door:
        pages = door.archive.stat().st_size // 4096
        crawl = door.crawl(before=partial(allow, pages + room))
        assert crawl.code == 3
        is_full(door, crawl)
        kept = door.keys()
        again = door.crawl()
        assert (again.code, again.said) == (0, "")
        door.whole()
        assert kept <= door.keys()


def break_down(method: str, error: Exception, owner: type = Archive) -> None:
    """From now on a method raises an error in this process."""

    def broken(*_: object, **__: object) -> None:
        raise error

    setattr(owner, method, broken)


@pytest.mark.parametrize(
    ("method", "breaks"),
    [
        ("keep", 6),
        ("save", 6),
        pytest.param("failed", 100, id="failed"),
        pytest.param("failed", 1, id="failed while the site breaks off as well"),
    ],
)
def test_an_archive_that_can_no_longer_be_written_ends_the_crawl_at_once(
    method: str, breaks: int, tmp_path: Path
) -> None:
    with front_door(tmp_path, size=40, page_size=20) as door:
        door.trouble(only("reset", r"/\w+/view/.*") if method == "failed" else only("slow", seconds=0.01))
        settings = ("-s", "RETRY_TIMES=0", "-s", f"BREAKS_BEFORE_LEAVING={breaks}")
        crawl = door.crawl(*settings, before=partial(break_down, method, ArchiveError("archive: no more")))
        assert crawl.code == 3
        assert crawl.lines[0].endswith("; incomplete: archive: no more")
        assert len(crawl.articles) < 30, "it asks for what it cannot keep"
        door.heal()
        assert door.crawl().code == 0
        door.whole()


@pytest.mark.parametrize("method", ["keep", "save", "failed", "due"])
def test_a_bug_is_shown_and_ends_neither_the_crawl_without_a_code_nor_never(method: str, tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:
        if method == "failed":
            door.trouble(only("reset", r"/\w+/view/.*"))
        crawl = door.crawl("-s", "RETRY_TIMES=0", before=partial(break_down, method, RuntimeError("a bug of ours")))
        assert crawl.code == 3
        assert "Traceback" in crawl.said
        assert any(
            "a bug of ours" in line and line.startswith(("demo: ", "  3 times, first: ")) for line in crawl.lines
        )
        door.heal()
        assert door.crawl().code == 0
        door.whole()


def test_a_listing_page_that_a_bug_keeps_from_being_read_is_kept(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:
        crawl = door.crawl(before=partial(break_down, "read_listing", RuntimeError("a bug of ours"), BeltaSite))
        assert (crawl.code, "Traceback" in crawl.said) == (3, True)
        assert any(line.endswith("; incomplete: the run broke off: a bug of ours") for line in crawl.lines)
        kept = door.row("SELECT url, reading, problem FROM snapshots WHERE kind = 'listing'")
        assert tuple(kept) == (f"{door.service.base_url}/all_news/", "error", "RuntimeError: a bug of ours")
        assert door.crawl().code == 0
        door.whole()


def test_a_ledger_that_cannot_be_closed_is_no_complete_run(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:
        bug = door.crawl(before=partial(break_down, "finish_crawl", RuntimeError("a bug of ours")))
        assert (bug.code, bug.lines[-1]) == (1, "RuntimeError: a bug of ours")
        full = door.crawl(before=partial(break_down, "finish_crawl", ArchiveError("archive: no more")))
        assert (full.code, full.lines) == (3, ["demo: incomplete: archive: no more"])
        assert door.crawl().code == 0
        door.whole()


@pytest.mark.skipif(not can_mount(), reason="needs root and the right to mount; the test above does without")
@pytest.mark.parametrize("kilobytes", [600, 1200])
def test_a_disk_that_is_really_full_likewise_even_where_the_ledger_cannot_be_closed(
    kilobytes: int, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with front_door(tmp_path, new=True, size=30) as door, small_disk(place, kilobytes) as make_room:
        door.archive = place / "archive.db"
        crawl = door.crawl()
        assert crawl.code == 3
        is_full(door, crawl)
        make_room()
        again = door.crawl()
        assert (again.code, again.said.partition("; ")[0]) in ((0, ""), (0, "the archive: disk: over"))
        door.whole()


def die_of(key: str) -> None:
    """From now on this process is killed when it comes to read an article's page."""

    def reading(item: Reading, base_url: str | None = None) -> Reading:
        if item.snapshot.key == key:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(item, base_url)

    vars(parse)["read"] = reading
    vars(visits)["DEADLY"] = 2  # three crawls less to wait for


def test_a_page_that_kills_its_reader_is_given_up_and_all_others_are_read(tmp_path: Path) -> None:
    with front_door(tmp_path, size=12) as door:
        story = door.story(4)
        kill = partial(die_of, story.key)
        assert [door.crawl(before=kill).code for _ in range(2)] == [-signal.SIGKILL] * 2
        (line, trouble) = (crawl := door.crawl(before=kill)).lines
        assert crawl.code == 3
        assert line.endswith("; incomplete")
        assert trouble.strip() == (
            "2 crawls were killed before they had read it: it may be the page that kills them "
            f"({door.service.base_url}{story.path})"
        )
        assert door.keys() == {other.key for other in door.listed()} - {story.key}
        assert door.value("SELECT reading FROM snapshots WHERE problem IS NOT NULL") == "unreadable"
        assert door.crawl().code == 0, "another version of the program reads it"
        door.whole()


def test_a_failure_that_a_killed_run_left_unread_is_its_own_and_the_article_is_fetched_by_the_next(
    tmp_path: Path,
) -> None:
    with front_door(tmp_path) as door:
        story, yesterday = door.story(), door.now - timedelta(days=1)
        url = f"{door.service.base_url}{story.path}"
        answer = Snapshot(
            "demo",
            "article",
            url,
            url,
            yesterday,
            403,
            Wire(0, hashlib.sha256().hexdigest(), None, ()),
            b"",
            key=story.key,
        )
        with Archive.open(str(door.archive)) as killed:
            crawl_id = killed.begin_crawl("demo", {}, "dateline/0", "dateline (test)", yesterday)
            killed.keep(answer, crawl_id, killed.remember("demo", story.key, story.url, yesterday))
        crawl = door.crawl()
        assert (crawl.code, crawl.said) == (0, "")
        assert [row["failed"] for row in door.rows("SELECT failed FROM crawls ORDER BY crawl_id")] == [1, 0]
        door.whole()
