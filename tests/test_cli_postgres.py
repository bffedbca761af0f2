"""The doors on a PostgreSQL archive: the same answers as on a file."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.monitors.health import Finding
from crawler.records import UnknownEntry
from storage.cli import dateline
from storage.monitoring import incidents, watch
from storage.write.archive import Archive
from tests import postgres_server
from tests.sample_archive import NOON, Scribe, fill, spoil, troubled

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    pytest.importorskip("psycopg")
    commands = postgres_server.binaries()
    if commands is None:
        pytest.skip("no PostgreSQL server here")
    # Not in pytest's own folder, which other users may not enter.
    with (
        tempfile.TemporaryDirectory(prefix="dateline-pg-") as folder,
        postgres_server.running(commands, Path(folder)) as url,
    ):
        fill(url)
        spoil(url)
        lose(url)
        yield url


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(troubled(tmp_path_factory.mktemp("archive") / "archive.db"))
    lose(path)
    return path


def lose(target: str) -> None:
    """A crawl of the other edition that lost something for ever, and met an address of unknown form."""
    odd = UnknownEntry("https://chn.belta.by/live/42", "A live page", "12:00", date(2026, 3, 10))
    with Archive.open(target) as archive:
        scribe = Scribe(archive, "belta-chn", now=NOON + timedelta(hours=3))
        scribe.listing(unknown=(odd,))
        scribe.loss("2026-03-05T09:00:00Z", "2026-03-07T09:00:00Z")
        scribe.finish("lost")


def run(target: str, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", target, *arguments], prog_name="dateline")


def answers(target: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    result = run(target, *arguments, "--json")
    assert "Traceback" not in result.stderr
    return json.loads(result.stdout)


def test_status_says_the_same(server: str, file: str) -> None:
    on_server, on_file = answers(server, "status"), answers(file, "status")
    assert on_server["archive"] == server
    assert ([one["monitor"] for one in on_file["health"]], on_server["health"]) == (["disk"], [])
    apart: dict[str, object] = {"archive": None, "stored_bytes": 0, "health": []}
    assert on_server | apart == on_file | apart
    assert run(server, "status").exit_code == 1


def test_status_speaks_of_holes_losses_and_odd_addresses_in_the_same_words(server: str, file: str) -> None:
    (chinese, english) = answers(server, "status")["editions"]
    assert [len(chinese[name]) for name in ("lost", "unknown_entries", "holes")] == [1, 1, 0]
    assert len(english["holes"]) == 1
    said = [run(target, "status").stdout.partition("\n")[2] for target in (server, file)]
    assert said[0].replace("  health        well: disk\n", "") == said[1].replace("  health        well: disk\n", "")


@pytest.mark.parametrize(
    "arguments",
    [[], ["--edition", "belta-chn"], ["--since", "2026-03-06", "--until", "2026-03-09"], ["--until", "2026-02"]],
)
def test_coverage_says_the_same(server: str, file: str, arguments: list[str]) -> None:
    assert answers(server, "coverage", *arguments) == answers(file, "coverage", *arguments)
    for form in ([], ["--csv"]):
        on_server, on_file = (run(target, "coverage", *arguments, *form) for target in (server, file))
        assert (on_server.exit_code, on_server.stdout) == (0, on_file.stdout)
    assert "lost" in run(server, "coverage").stdout
    assert run(server, "coverage", "--edition", "typo").exit_code == 2


@pytest.mark.parametrize("name", ["belta-eng/1001-2026", "1002-2026", "1006-2026", "3", "belta-chn/1001-2026"])
def test_show_says_the_same(server: str, file: str, name: str) -> None:
    assert answers(server, "show", name) == answers(file, "show", name)
    assert run(server, "show", name).stdout == run(file, "show", name).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["harvest"],
        ['"great stone"', "--sort", "time"],
        ["lodz"],
        ["--changed"],
        ["--rubric", "economics", "--since", "2026-03-10T12:05", "--until", "2026-03-10"],
        ["--status", "gone", "--edition", "belta-eng"],
        ["unicorn"],
        ["harvest OR park", "--sort", "time", "--as-of", "2026-03-10T09:30Z"],
        ["--as-of", "2026-03-10"],
        [],
    ],
)
def test_search_finds_the_same(server: str, file: str, arguments: list[str]) -> None:
    assert answers(server, "search", *arguments) == answers(file, "search", *arguments)


@pytest.mark.parametrize(
    "arguments",
    [["1", "--diff"], ["1", "--as-of", "2026-03-10T09:30Z"], ["4", "--as-of", "2026-03-10"]],
)
def test_an_earlier_state_is_shown_the_same(server: str, file: str, arguments: list[str]) -> None:
    assert answers(server, "show", *arguments) == answers(file, "show", *arguments)


@pytest.mark.parametrize("query", ['"', "(((", "100% :x %s", "covid-19 OR", "'; DROP TABLE articles; --"])
def test_whatever_is_typed_is_answered_or_refused_as_on_a_file(server: str, file: str, query: str) -> None:
    on_server, on_file = (run(target, "search", "--", query) for target in (server, file))
    assert (on_server.exit_code, on_server.output) == (on_file.exit_code, on_file.output)
    assert "Traceback" not in on_server.stderr


def test_html_is_the_same(server: str, file: str) -> None:
    assert run(server, "html", "3").stdout_bytes == run(file, "html", "3").stdout_bytes != b""


def test_a_server_that_is_not_there_is_one_clear_line() -> None:
    pytest.importorskip("psycopg")
    result = run("postgresql+psycopg://anna:secret@127.0.0.1:1/news", "status")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
    assert "secret" not in result.stderr


def test_verify_looks_at_a_server_as_at_a_file(server: str, file: str) -> None:
    on_server, on_file = answers(server, "verify"), answers(file, "verify")
    assert on_server["sound"]
    assert on_server["head"] == on_file["head"]  # the same rows, the same seal
    assert [check["name"] for check in on_server["checks"]] == [check["name"] for check in on_file["checks"]]


@pytest.mark.parametrize("words", [[], ["harvest"], ["--status", "gone"]])
def test_exports_hold_the_same(server: str, file: str, tmp_path: Path, words: list[str]) -> None:
    for name, target in (("server", server), ("file", file)):
        for form in ("jsonl", "sqlite"):
            assert run(target, "export", form, str(tmp_path / f"{name}.{form}"), *words).exit_code == 0
    assert (tmp_path / "server.jsonl").read_bytes() == (tmp_path / "file.jsonl").read_bytes()
    on_server, on_file = (_dump(tmp_path / f"{name}.sqlite") for name in ("server", "file"))
    assert on_server == on_file


def _dump(copy: Path) -> list[str]:
    """Everything in it but what it says of the archive that it came from."""
    with closing(sqlite3.connect(copy)) as connection:
        return [line for line in connection.iterdump() if not line.startswith('INSERT INTO "about"')]


def test_monitors_look_and_incidents_are_told_on_a_server(server: str) -> None:
    trouble = Finding("silence", "trouble", "nothing new", "12 articles", "look")
    with Archive.open(server) as archive:
        noted = watch.after(archive, {"belta-eng": 1}, NOON)
        assert noted == incidents.IncidentChanges()
        with archive.writing(alone=True) as connection:
            (begun,) = incidents.note(connection, "demo", [trouble], NOON).begun
        (notice,) = incidents.take(archive, ["demo"], ["command"], NOON)
        assert (notice.incident, notice.occasion) == (begun, "begun")
        assert incidents.take(archive, ["demo"], ["command"], NOON) == []
        incidents.told(archive, notice, ["command"])
        with archive.writing(alone=True) as connection:
            assert incidents.note(connection, "demo", [replace(trouble, state="well")], NOON).over != ()
        (notice,) = incidents.take(archive, ["demo"], ["command"], NOON)
        assert notice.occasion == "over"
        incidents.told(archive, notice, ["command"])
