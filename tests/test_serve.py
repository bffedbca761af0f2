"""`dateline serve`: where it listens, whom it answers, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from click.testing import CliRunner

from storage.cli import dateline
from storage.web import database
from storage.web.protection import DEFAULTS
from tests.reading_room import serving, serving_process
from tests.sample_archive import small

pytest_plugins = ("tests.reading_room_fixtures",)


def ask(room: str, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, str]:
    """The answer of the reading room, and its text."""
    connection = HTTPConnection(urlsplit(room).netloc, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def refused(*arguments: str) -> str:
    """What `dateline` says on refusing to serve: one line, and exit code 1 or 2."""
    done = CliRunner().invoke(dateline, arguments)
    assert done.exit_code in {1, 2}
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_every_answer_forbids_what_is_inline_or_from_elsewhere(room: str) -> None:
    for path in ("/", "/archive", "/archive/news.json", "/nothing", "/static/room.css"):
        answer, _ = ask(room, path)
        assert {name: answer.headers[name] for name in DEFAULTS} == DEFAULTS, path
    assert "unsafe" not in DEFAULTS["content-security-policy"]


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example:80", "", "localhost.evil.example"])
def test_name_that_was_not_agreed_to_is_turned_away(room: str, name: str) -> None:
    answer, text = ask(room, "/archive/news.json", Host=name)
    assert answer.status == 421
    assert "--name" in text
    assert "harvest" not in text


@pytest.mark.parametrize("name", ["localhost", "localhost:9", "LOCALHOST.", "127.0.0.1:9", "[::1]:9", "192.0.2.1"])
def test_addresses_and_localhost_are_known_by_any_port(room: str, name: str) -> None:
    assert ask(room, "/", Host=name)[0].status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_but_reading_is_taken(room: str, method: str) -> None:
    answer, _ = ask(room, "/archive/news", method)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_head_answers_as_get_does_without_the_body(room: str) -> None:
    answer, text = ask(room, "/", "HEAD")
    assert (answer.status, text) == (200, "")


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("select headline from news", 200),
        ("with gone as (select 1) delete from articles", 400),
        ("delete from articles", 400),
        ("attach database '/tmp/x' as x", 400),
        ("select load_extension('x')", 400),
        ("pragma query_only=off", 400),
        ("select zeroblob(200000000)", 400),
        ("with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n", 400),
    ],
)
def test_sql_reads_within_a_time_and_changes_nothing(room: str, sql: str, status: int) -> None:
    answer, text = ask(room, f"/archive.json?sql={quote(sql)}")
    assert answer.status == status
    assert json.loads(text)["ok"] is (status == 200)


def test_pages_of_datasettes_own_upkeep_are_closed(room: str) -> None:
    closed = ("/-/databases.json", "/-/allow-debug", "/-/patterns", "/-/threads", "/archive.db")
    assert [ask(room, path)[0].status for path in closed] == [404, 404, 404, 404, 403]


def test_archive_is_read_while_a_crawl_writes_and_read_anew_when_another_takes_its_place(tmp_path: Path) -> None:
    archive = small(tmp_path / "a wire?#%41.db")
    newer = small(tmp_path / "newer.db")
    with sqlite3.connect(newer) as writing:
        writing.execute("UPDATE articles SET edition = edition || '-replaced'")
    writing.close()
    count = "/archive.json?sql=select+distinct+edition+from+articles&_shape=arrayfirst"
    with serving(archive) as room:
        before = json.loads(ask(room, count)[1])
        writer = sqlite3.connect(archive, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE articles SET edition = edition || '-written'")
        during = json.loads(ask(room, count)[1])
        writer.execute("COMMIT")
        after = json.loads(ask(room, count)[1])
        writer.close()
        for suffix in ("-wal", "-shm"):
            archive.with_name(archive.name + suffix).unlink()
        shutil.move(newer, archive)
        replaced = json.loads(ask(room, count)[1])
        archive.unlink()
        answer, text = ask(room, "/archive/news")
    assert before == during == ["belta-chn", "belta-eng"]
    assert after == ["belta-chn-written", "belta-eng-written"]
    assert replaced == ["belta-chn-replaced", "belta-eng-replaced"]
    assert answer.status == 503
    assert "there is no such file" in text


def test_missing_empty_foreign_and_newer_archives_are_one_line_each(tmp_path: Path) -> None:
    empty, foreign, newer = (tmp_path / f"{name}.db" for name in ("empty", "foreign", "newer"))
    empty.touch()
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE cheese (name)")
    other.close()
    with sqlite3.connect(small(newer)) as ours:
        ours.execute("UPDATE alembic_version SET version_num = '9999'")
    ours.close()
    told = {
        "missing": "there is no such file",
        "empty": "it is empty",
        "foreign": "not an archive of Dateline",
        "newer": "a newer Dateline wrote it",
    }
    for name, reason in told.items():
        assert reason in refused("--database", str(tmp_path / f"{name}.db"), "serve")


def test_address_that_others_reach_is_asked_for_by_name(tmp_path: Path) -> None:
    archive = str(small(tmp_path / "wire.db"))
    said = refused("--database", archive, "serve", "--host", "0.0.0.0")  # noqa: S104 - to be refused
    assert "--public" in said
    assert "without a password" in said
    with serving_process(Path(archive), "--host", "0.0.0.0", "--public", "--name", "archive.example") as room:  # noqa: S104
        assert ask(room, "/", Host="archive.example")[0].status == 200
        assert ask(room, "/", Host="evil.example")[0].status == 421


def test_port_that_is_taken_and_a_server_as_archive_are_one_line_each(tmp_path: Path, room: str) -> None:
    archive = str(small(tmp_path / "wire.db"))
    assert "another --port" in refused("--database", archive, "serve", "--port", str(urlsplit(room).port))
    assert "SQLite" in refused("--database", "postgresql://localhost/wire", "serve")


def test_without_datasette_the_way_to_get_it_is_said_and_nothing_else_needs_it(tmp_path: Path) -> None:
    archive = small(tmp_path / "wire.db")
    blocked = "import sys; sys.modules.update(datasette=None, uvicorn=None); from storage.cli import main; main()"

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = (sys.executable, "-c", blocked, "--database", str(archive), *arguments)
        return subprocess.run(command, capture_output=True, text=True, env=os.environ, timeout=60, check=False)

    served, searched = run("serve"), run("search", "harvest")
    assert served.returncode == 2
    assert "pip install 'dateline[web]'" in served.stderr
    assert served.stderr.count("\n") == 1
    assert searched.returncode == 0
    assert "harvest" in searched.stdout


def test_large_tables_are_not_counted_and_links_without_an_index_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "FEW", 1)
    with serving(small(tmp_path / "wire.db")) as room:
        tables = ask(room, "/archive")[1]
        crawl = ask(room, "/archive/crawls/1")[1]
        listing = ask(room, "/archive/snapshots/1")[1]
    counts = dict(re.findall(r'/archive/(\w+)">\w+</a></th><td class="count">(\w+)<', tables))
    assert (counts["alembic_version"], counts["articles"], counts["news"]) == ("1", "many", "view")
    assert re.search(r"7 rows</a> of snapshots, by crawl_id", crawl)
    assert "of sightings" not in listing
