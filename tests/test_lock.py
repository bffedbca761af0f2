"""One crawl an archive and edition at a time, and a dead process holds nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.errors import ArchiveBusy, ArchiveError
from storage.db.lock import CrawlLock

HOLD = """
import sys, time
from storage.db.lock import CrawlLock
with CrawlLock(sys.argv[1], "belta-eng"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_crawl(path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_second_crawl_of_the_same_edition_is_refused_and_told_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with another_crawl(path) as process, pytest.raises(ArchiveBusy) as caught:
        CrawlLock(str(path), "belta-eng").__enter__()
    assert re.fullmatch(
        rf"another crawl of belta-eng into {path} is running "
        rf"\(process {process.pid} since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\): wait for it to end",
        str(caught.value),
    )


def test_another_edition_and_another_archive_are_free(tmp_path: Path) -> None:
    with (
        CrawlLock(str(tmp_path / "archive.db"), "belta-eng"),
        CrawlLock(str(tmp_path / "archive.db"), "belta-rus"),
        CrawlLock(str(tmp_path / "other.db"), "belta-eng"),
    ):
        pass


def test_two_names_of_one_file_are_one_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with CrawlLock(f"sqlite:///{tmp_path}/archive.db", "belta-eng"), pytest.raises(ArchiveBusy):
        CrawlLock("archive.db", "belta-eng").__enter__()


def test_a_link_to_an_archive_is_that_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "archive.db")
    with CrawlLock(str(tmp_path / "archive.db"), "belta-eng"), pytest.raises(ArchiveBusy):
        CrawlLock(str(tmp_path / "link.db"), "belta-eng").__enter__()


def test_a_lock_can_be_taken_again_when_it_was_let_go(tmp_path: Path) -> None:
    lock = CrawlLock(str(tmp_path / "archive.db"), "belta-eng")
    for _ in range(2):
        with lock:
            pass


def test_a_killed_crawl_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with another_crawl(path) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with CrawlLock(str(path), "belta-eng"):
            pass


def test_a_place_where_nothing_can_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"archive\.db\.belta-eng\.lock cannot be written \(No such file"):
        CrawlLock(str(tmp_path / "missing" / "archive.db"), "belta-eng").__enter__()
