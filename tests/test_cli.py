"""The command `dateline` as a whole: what it says when it cannot do what was asked, and how soon it can."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from storage import cli
from storage.db import engine
from storage.read import reader
from storage.write.archive import Archive
from tests.sample_archive import small

ROOT = Path(__file__).parent.parent
DATELINE = (sys.executable, "-c", "from storage.cli import main; main()")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.dateline, [str(argument) for argument in arguments], prog_name="dateline")


def dateline(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    command = [*DATELINE, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env=environment, timeout=60)


def complaint(result: Result) -> str:
    """The one line that a user gets, after checking that it is all."""
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("dateline: ")
    return result.stderr


def test_help_teaches_in_one_screen() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) <= 40
    for command, line in cli.COMMANDS.items():
        assert command in result.stdout
        assert line in result.stdout


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: dateline {command} ")


def test_an_unknown_command_is_wrong_usage() -> None:
    assert run("fetch").exit_code == 2


def test_version_names_the_program() -> None:
    assert run("--version").stdout.startswith("dateline")


def test_the_database_is_taken_from_the_environment(archive: Path) -> None:
    result = CliRunner().invoke(cli.dateline, ["search"], env={"DATELINE_DATABASE_URL": str(archive)})
    assert "5 articles" in result.stdout


def test_the_database_may_stand_before_and_behind_the_command(archive: Path) -> None:
    assert run("--database", archive, "search").stdout == run("search", "--database", archive).stdout != ""


def test_the_database_is_archive_db_in_the_working_directory_by_default(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(archive.parent)
    monkeypatch.delenv("DATELINE_DATABASE_URL", raising=False)
    assert "5 articles" in run("search").stdout


@pytest.mark.parametrize("form", ["{path}", "sqlite:///{path}", "sqlite+pysqlite:///{path}"])
def test_the_database_is_a_path_or_a_url(archive: Path, form: str) -> None:
    assert "5 articles" in run("--database", form.format(path=archive), "search").stdout


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    result = run("--database", tmp_path / "none.db", "status")
    assert result.exit_code == 1
    assert "none.db: there is no such file: crawl first" in complaint(result)
    assert not (tmp_path / "none.db").exists()


def test_a_folder_is_one_clear_line(tmp_path: Path) -> None:
    result = run("--database", tmp_path, "search", "wheat")
    assert (result.exit_code, "this is a folder" in complaint(result)) == (1, True)


def test_a_foreign_database_is_one_clear_line_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "recipes.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    connection.close()
    before = foreign.read_bytes()
    result = run("--database", foreign, "show", "1")
    assert (result.exit_code, "not an archive of Dateline" in complaint(result)) == (1, True)
    assert foreign.read_bytes() == before


def test_a_text_file_is_one_clear_line(tmp_path: Path) -> None:
    text = tmp_path / "notes.db"
    text.write_text("no database at all, but long enough to be looked at" * 100, encoding="utf-8")
    result = run("--database", text, "status")
    assert (result.exit_code, "it is no SQLite database" in complaint(result)) == (1, True)


def test_an_empty_file_is_one_clear_line(tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    result = run("--database", empty, "search", "wheat")
    assert (result.exit_code, "it is empty" in complaint(result)) == (1, True)


def test_a_newer_archive_is_one_clear_line(archive: Path, tmp_path: Path) -> None:
    newer = Path(shutil.copy(archive, tmp_path / "newer.db"))
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = run("--database", newer, "search", "wheat")
    assert (result.exit_code, "a newer Dateline wrote it (schema 9999" in complaint(result)) == (1, True)


def test_a_damaged_archive_is_one_clear_line(archive: Path, tmp_path: Path) -> None:
    damaged = Path(shutil.copy(archive, tmp_path / "damaged.db"))
    body = bytearray(damaged.read_bytes())
    body[8 * 4096 :] = b"\xaa" * (len(body) - 8 * 4096)
    damaged.write_bytes(body)
    result = run("--database", damaged, "status")
    assert (result.exit_code, "it is damaged" in complaint(result)) == (1, True)


def test_another_kind_of_database_is_wrong_usage() -> None:
    result = run("--database", "oracle://somewhere/else", "status")
    assert (result.exit_code, "a SQLite file or a PostgreSQL database" in complaint(result)) == (2, True)


def test_a_file_in_a_read_only_folder_can_be_read(archive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cd-rom"
    folder.mkdir()
    copy = Path(shutil.copy(archive, folder / "archive.db"))
    copy.chmod(0o400)
    folder.chmod(0o500)
    try:
        assert "5 articles" in run("--database", copy, "search").stdout
    finally:
        folder.chmod(0o700)


def test_a_reader_sees_the_archive_while_a_crawl_is_writing(archive: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(archive, tmp_path / "archive.db"))
    with Archive.open(str(copy)) as writer, writer.writing() as connection:
        connection.exec_driver_sql("UPDATE articles SET url = 'x'")
        result = run("--database", copy, "search", "harvest")
    assert "https://eng.belta.by/economics/view/story-1001-2026/" in result.stdout


def test_reading_leaves_the_file_as_it_was(archive: Path) -> None:
    before = archive.read_bytes()
    for command in (["status"], ["search", "park"], ["show", "3"], ["html", "3"]):
        assert run("--database", archive, *command).exit_code == 0
    assert archive.read_bytes() == before


def test_the_readers_constants_are_those_of_the_archive() -> None:
    assert reader.APPLICATION_ID == engine.APPLICATION_ID
    assert engine.VERSIONS[-1] == reader.VERSION


IMPORTED = "import sys; from storage.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"


@pytest.mark.parametrize("command", [["status"], ["search", "harvest"], ["show", "2"], ["--help"]])
def test_commands_import_nothing_that_takes_long(archive: Path, command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATELINE_DATABASE_URL": str(archive)}
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED, *command], capture_output=True, check=True, env=environment, timeout=60
    )
    loaded = {name.partition(".")[0] for name in result.stderr.decode().split()}
    assert "click" in loaded
    assert loaded.isdisjoint({"alembic", "asyncio", "lxml", "rich", "scrapy", "sqlalchemy", "twisted", "zstandard"})


def test_html_imports_no_scrapy(archive: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATELINE_DATABASE_URL": str(archive)}
    result = subprocess.run(
        [sys.executable, "-c", IMPORTED, "html", "2"], capture_output=True, check=True, env=environment, timeout=60
    )
    loaded = {name.partition(".")[0] for name in result.stderr.decode().split()}
    assert loaded.isdisjoint({"alembic", "rich", "scrapy", "twisted"})


@pytest.mark.parametrize("command", ["search --limit 1000", "search --json", "html 2", "show 2", "status"])
def test_a_reader_that_goes_away_is_met_with_silence(archive: Path, command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "DATELINE_DATABASE_URL": str(archive)}
    read, write = os.pipe()
    os.close(read)  # as `| true` does
    try:
        result = subprocess.run(
            [*DATELINE, *command.split()],
            stdout=write,
            stderr=subprocess.PIPE,
            check=False,
            env=environment,
            timeout=60,
        )
    finally:
        os.close(write)
    assert (result.returncode, result.stderr) == (0, b"")


def test_a_full_disk_is_one_clear_line(archive: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("wb") as stdout:
        result = subprocess.run(
            [*DATELINE, "--database", archive, "search"],
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
    assert (result.returncode, result.stderr) == (1, b"dateline: No space left on device: output\n")


NO_TEXT = "CAST(x'e3ff' AS TEXT)"


@pytest.mark.parametrize(
    ("change", "command", "said"),
    [
        (f"revisions SET headline = {NO_TEXT}", ("show", "belta-eng/1001-2026"), "it is damaged: "),
        (f"revisions SET headline = {NO_TEXT}", ("search", "park"), "it is damaged: "),
        (f"revisions SET headline = {NO_TEXT}", ("cite", "belta-eng/1001-2026"), "it is damaged: "),
        (f"snapshots SET url = {NO_TEXT}", ("reparse", "--dry-run"), "it is damaged: "),
        (f"alembic_version SET version_num = {NO_TEXT}", ("status",), "it is damaged: "),
        ("revisions SET published_at = '2O26'", ("show", "belta-eng/1001-2026"), "the archive cannot be read (Invalid"),
        ("snapshots SET headers = '[['", ("export", "warc", "out.warc.gz"), "a value in it cannot be read (Expecting"),
        ("sqlite_schema SET sql = replace(sql, 'printed_time', 'prXnted_time')", ("show", "1"), "(no such column: "),
        ("snapshots SET fetched_at = x'00'", ("reparse", "--dry-run"), "a value in it cannot be read ("),
    ],
)
def test_a_value_that_is_none_gives_one_line_that_leads_to_verify(
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: str,
    command: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(archive, "archive.db")
    with closing(sqlite3.connect("archive.db")) as file, file:
        file.execute("PRAGMA writable_schema = ON")
        file.execute(f"UPDATE {change}")
    result = run(*command)
    assert result.exit_code == 1
    line = complaint(result)
    assert said in line
    assert any(f"`dateline verify` {leads} " in line for leads in ("says", "names"))
    assert [one.name for one in tmp_path.iterdir() if "archive" not in one.name] == []


def test_a_fault_of_the_program_can_be_seen_whole(archive: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "archive.db"
    shutil.copy(archive, damaged)
    with closing(sqlite3.connect(damaged)) as file, file:
        file.execute("UPDATE revisions SET published_at = 'never'")
    seen = dateline("--database", damaged, "show", "belta-eng/1001-2026", DATELINE_TRACEBACK="1")
    assert (seen.returncode, b"Traceback" in seen.stderr) == (1, True)


def test_a_terminal_that_lacks_letters_gets_replacements(archive: Path) -> None:
    result = dateline("--database", archive, "search", "park", PYTHONIOENCODING="ascii")
    assert result.returncode == 0
    chinese = dateline("--database", archive, "show", "belta-chn/1001-2026", PYTHONIOENCODING="ascii")
    assert (chinese.returncode, chinese.stdout.splitlines()[0]) == (0, b"????????")
