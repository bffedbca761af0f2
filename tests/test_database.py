"""Opening an archive: what is refused says why and what to do, and nothing foreign is touched."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from crawler.errors import ArchiveError, ArgumentError
from storage.db.faults import wrapped
from storage.db.place import Place
from storage.db.sqlite_file import APPLICATION_ID
from storage.write.archive import Archive
from tests.front_door import Finished, ended, forked
from tests.invented import NOON, desk, page, story

NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that users other than ours can look into."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of root, to whom everything is writable."""
    root = os.getuid() == 0
    if root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)


def refusal(target: object, **how: bool) -> str:
    """The message with which an archive is refused; one line."""
    with pytest.raises(ArchiveError) as caught:
        Archive.open(str(target), **how).close()
    message = str(caught.value)
    assert "\n" not in message
    return message


def read_headlines(path: Path) -> list[str]:
    with Archive.open(str(path), readonly=True) as archive, archive.connection() as connection:
        return list(connection.exec_driver_sql("SELECT headline FROM news").scalars())


def archive_of_one(path: Path) -> None:
    with desk(path) as crawl:
        crawl.visit(story())


def test_an_archive_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    Archive.open(str(path), create=True).close()
    assert [file.name for file in tmp_path.iterdir()] == ["archive.db"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("target", ["archive.db", "sqlite:///archive.db", "./archive.db"])
def test_a_path_and_its_url_are_the_same_place(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Place.of(target).path == tmp_path / "archive.db"


@pytest.mark.parametrize("name", ["with space.db", "per%20cent.db", "q?mark.db", "hash#.db", "Ёлка.db"])
def test_any_file_name_will_do(name: str, tmp_path: Path) -> None:
    archive_of_one(tmp_path / name)
    assert read_headlines(tmp_path / name) == ["Ferry resumes"]
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("target", ["mysql://localhost/news", "sqlite://", ":memory:", "", "no such://thing"])
def test_what_is_no_place_for_an_archive_is_a_wrong_argument(target: str) -> None:
    with pytest.raises(ArgumentError):
        Archive.open(target, create=True)


def test_the_password_of_a_server_is_not_shown() -> None:
    assert "secret" not in str(Place.of("postgresql://anna:secret@localhost/news"))


@pytest.mark.parametrize("readonly", [True, False])
def test_a_missing_file_is_not_made_by_those_who_only_use_it(tmp_path: Path, *, readonly: bool) -> None:
    assert "no such file" in refusal(tmp_path / "archive.db", readonly=readonly)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_refused_with_a_better_path(tmp_path: Path) -> None:
    assert f"{tmp_path}/archive.db" in refusal(tmp_path, create=True)


def test_a_missing_folder_is_refused_with_the_command_that_makes_it(tmp_path: Path) -> None:
    assert f"mkdir -p {tmp_path}/a/b" in refusal(tmp_path / "a" / "b" / "archive.db", create=True)


@pytest.mark.parametrize("readonly", [True, False])
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path, *, readonly: bool) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE orders (id)")
        connection.commit()
    before = path.read_bytes()
    assert "not an archive of Dateline" in refusal(path, create=not readonly, migrate=True, readonly=readonly)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["shop.db"]


def test_an_empty_database_that_another_program_marked_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id=77")
    assert "not an archive of Dateline" in refusal(path, create=True)


@pytest.mark.parametrize("content", [b"<html>", b"x" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000])
@pytest.mark.parametrize("readonly", [True, False])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(
    content: bytes, tmp_path: Path, *, readonly: bool
) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(content)
    assert "no SQLite database" in refusal(path, create=not readonly, readonly=readonly)
    assert path.read_bytes() == content


def test_an_empty_file_is_taken_by_a_crawl_and_called_empty_by_a_reader(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.touch()
    assert "empty: no crawl has written to it yet" in refusal(path, readonly=True)
    Archive.open(str(path), create=True).close()
    assert read_headlines(path) == []


def test_a_creation_that_was_killed_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    assert path.stat().st_size > 0
    assert "empty" in refusal(path, readonly=True)
    archive_of_one(path)
    assert read_headlines(path) == ["Ferry resumes"]


def test_an_archive_of_the_future_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive_of_one(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
    for how in ({"readonly": True}, {"create": True, "migrate": True}):
        assert "newer Dateline wrote it (schema 0999" in refusal(path, **how)


def test_a_file_cut_short_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        for number in range(60):
            crawl.visit(story(f"{number}-2026", text="word " * 2000))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    with pytest.raises(ArchiveError, match=r"is damaged: .* \(database disk image is malformed\)"):
        read_headlines(path)


def test_damage_inside_a_table_is_called_damage(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive_of_one(path)
    with closing(sqlite3.connect(path)) as connection:
        (root,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'articles'").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(ArchiveError, match="is damaged"):
        read_headlines(path)


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_fetched(folder: Path) -> None:
    path = folder / "archive.db"
    archive_of_one(path)
    folder.chmod(0o777)
    path.chmod(0o444)
    with nobody():
        assert "file cannot be written" in refusal(path, create=True)


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_fetched(folder: Path) -> None:
    path = folder / "archive.db"
    folder.chmod(0o555)
    with nobody():
        assert "folder cannot be written" in refusal(path, create=True)


@pytest.mark.parametrize("folder_mode", [0o555, 0o777])
def test_a_read_only_archive_is_readable(folder: Path, folder_mode: int) -> None:
    path = folder / "archive.db"
    archive_of_one(path)
    path.chmod(0o444)
    folder.chmod(folder_mode)
    with nobody():
        assert read_headlines(path) == ["Ferry resumes"]


def test_an_archive_is_readable_by_others_while_a_crawl_writes_it(folder: Path) -> None:
    path = folder / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story())
        folder.chmod(0o555)
        with nobody():
            assert read_headlines(path) == ["Ferry resumes"]
        folder.chmod(0o755)


def test_what_a_killed_crawl_left_in_a_folder_that_cannot_be_written_is_read_or_refused_never_ignored(
    folder: Path,
) -> None:
    path = folder / "archive.db"
    copy = folder / "copy"
    copy.mkdir()
    with desk(path) as crawl:
        crawl.visit(story())
        for suffix in ("", "-wal"):
            shutil.copy(f"{path}{suffix}", copy)
    copy.chmod(0o555)
    with nobody():
        assert "copy both files to a folder of your own" in refusal(copy / "archive.db", readonly=True)
    copy.chmod(0o755)
    assert read_headlines(copy / "archive.db") == ["Ferry resumes"]


def test_a_file_that_may_not_be_read_says_so(folder: Path) -> None:
    path = folder / "archive.db"
    archive_of_one(path)
    path.chmod(0o600)
    with nobody():
        if os.getuid() == path.stat().st_uid:
            path.chmod(0o000)
        assert "cannot be read: check its permissions" in refusal(path, readonly=True)


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive_of_one(path)
    with Archive.open(str(path), readonly=True) as archive, pytest.raises(ArchiveError, match="cannot be written"):
        archive.begin_crawl("belta-eng", {}, "", "", NOON)


def test_a_full_disk_says_that_nothing_was_lost(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story())
        with crawl.archive.writing() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
        with pytest.raises(ArchiveError, match="the disk is full: nothing of the last step was written"):
            crawl.keep(page("2-2026", os.urandom(100_000)))
        with crawl.archive.writing() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        crawl.visit(story("2-2026"))
        assert crawl.rows("SELECT key FROM news ORDER BY key") == [("1-2026",), ("2-2026",)]
        assert crawl.rows("PRAGMA integrity_check") == [("ok",)]


def test_faults_of_the_program_are_not_dressed_up_as_faults_of_the_archive(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl, pytest.raises(IntegrityError):
        crawl.archive.begin_crawl(None, {}, "", "", NOON)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError), wrapped("archive.db"):
        raise sqlite3.IntegrityError


def _make(path: Path) -> None:
    Archive.open(str(path), create=True).close()


def test_four_processes_may_make_the_same_archive_at_once(tmp_path: Path) -> None:
    folders = [tmp_path / f"{number}" for number in range(4)]
    for folder in folders:
        folder.mkdir()
    running = [forked(folder, partial(_make, tmp_path / "archive.db")) for folder in folders]
    done = [ended(process, folder) for process, folder in zip(running, folders, strict=True)]
    assert done == [Finished(0, "", "")] * 4
    assert read_headlines(tmp_path / "archive.db") == []


def test_an_up_to_date_archive_opens_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    archive_of_one(path)
    script = (
        "import sys; from storage.write.archive import Archive\n"
        "Archive.open(sys.argv[1], create=True, migrate=True).close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'dateline[postgres]'" in refusal("postgresql+psycopg://localhost/news", create=True)
