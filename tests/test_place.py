"""Where an archive is: what an address may be, what is said of one that cannot be used, and what is never said."""

from __future__ import annotations

import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from crawler.errors import ArgumentError
from crawler.secrets import secrets_in, without_secrets
from storage.cli import dateline
from storage.db import sqlite_file
from storage.db.place import Place
from storage.write.archive import Archive
from tests.front_door import front_door

SECRET = "Lantern77"
SERVER = "postgresql+psycopg://USER@HOST/DATABASE"


def said(database: str, *words: str) -> tuple[int, str]:
    """Exit code and the one line on stderr."""
    result = CliRunner().invoke(dateline, ["--database", database, *words])
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    return result.exit_code, line


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (f"sqlite://anna:{SECRET}@host/x.db", "without host, user and password: give its path, such as x.db (as a URL"),
        ("sqlite://anna@host/x.db", f"or the URL of a server, {SERVER}"),
        (f"sqlite://:{SECRET}@/x.db", "without host, user and password: give its path, such as x.db"),
        ("sqlite://x.db", "give its path, such as x.db (as a URL sqlite:///x.db)"),
        ("sqlite://host:5432/x.db", "without host, user and password"),
        ("sqlite:///x.db?mode=ro", "options of SQLite are not taken: give the path of the file alone"),
        ("sqlite:///file:x.db", "options of SQLite are not taken"),
        (f"sqlite+pysqlcipher:///x.db?password={SECRET}", "the driver sqlite+pysqlcipher is not used here: write sqlite://..."),
        ("postgresql://anna@host:port/wire", "its port is not a number: write postgresql+psycopg://USER@HOST:5432/DATABASE"),
        (f"postgresql://anna:{SECRET}@host:1:2/wire", "its port is not a number"),
        (f"postgresql+psycopg2://anna:{SECRET}@host/wire", "the driver postgresql+psycopg2 is not used here: write postgresql+psycopg://..."),
        ("postgresql+nothing://host/wire", "the driver postgresql+nothing is not used here"),
        (f"postgres://anna:{SECRET}@host/wire", "an archive is a SQLite file or a PostgreSQL database: write postgresql+psycopg://..."),
        (f"mysql://anna:{SECRET}/x?y@host/wire", "an archive is a SQLite file or a PostgreSQL database"),
        (f"postgresql://anna:pa@{SECRET}@db.example/wire", "an @ in a user name or password is written %40"),
        (f"host=db.example password={SECRET} dbname=wire", "give a database server as a URL, such as "),
        (f"dbname=wire password='two {SECRET}'", "give a database server as a URL, such as "),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused_with_the_right_spelling(
    target: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, line = said(target, "status")
    assert code == 2
    assert why in line
    assert SECRET not in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (f"postgresql://anna@127.0.0.1:1/wire?password={SECRET}", "no server answers at that host and port: check"),
        (f"postgresql+psycopg://anna:{SECRET}@127.0.0.1:99999/wire", "the port in the URL cannot be one"),
        (f"postgresql+psycopg://anna@127.0.0.1:1/wire?sslpassword={SECRET}&password={SECRET}", "no server answers"),
        (f"postgresql+psycopg://127.0.0.1:1/wire?p%61ssword={SECRET}", "no server answers at that host and port"),
        (f"postgresql+psycopg://127.0.0.1:1/wire?PASSWORD={SECRET}", "an option in the URL is not known to PostgreSQL"),
        (f"postgresql://127.0.0.1:1/wire?password=a%26{SECRET}&connect_timeout=soon", "an option in the URL cannot"),
        (f"postgresql://anna@127.0.0.1:1/wire?options=-c%20x.password={SECRET}", "no server answers"),
        (f"postgresql://anna@127.0.0.1:1/wire#password={SECRET}", "no server answers"),
        (f"postgresql+psycopg:///wire?host=/nowhere&password={SECRET}", "no server answers at that socket"),
    ],
)  # fmt: skip
def test_a_server_that_cannot_be_had_is_one_line_with_the_cause_and_without_the_password(target: str, why: str) -> None:
    pytest.importorskip("psycopg")
    for words in (("status",), ("verify", "--json"), ("search", "harvest")):
        code, line = said(target, *words)
        assert code == 1
        assert why in line
        assert SECRET not in line


@contextmanager
def listening(answer: bytes) -> Iterator[int]:
    """A port at which something listens that is no database: it gives an answer and hangs up, or is silent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def speak() -> None:
            client, _ = server.accept()
            with client:
                client.recv(1000)
                client.sendall(answer)
                if not answer:
                    client.recv(1000)

        threading.Thread(target=speak, daemon=True).start()
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("answer", "why"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak PostgreSQL's protocol"), (b"", "in time")]
)
def test_a_port_at_which_something_else_listens_is_told(
    answer: bytes, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg")
    monkeypatch.setattr("storage.db.place._CONNECT_SECONDS", 2)
    with listening(answer) as port:
        code, line = said(f"postgresql+psycopg://anna@127.0.0.1:{port}/wire", "status")
    assert code == 1
    assert why in line


def test_a_crawl_with_a_wrong_address_is_one_line_without_the_password(tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        for address in (
            f"sqlite://anna:{SECRET}@host/x.db",
            f"host=h password={SECRET}",
            f"postgresql://a:{SECRET}@127.0.0.1:1/w?password={SECRET}",
        ):
            door.settings["DATABASE_URL"] = address
            crawl = door.crawl("-L", "DEBUG")
            assert (crawl.code, crawl.asked) == (1, ())
            assert SECRET not in crawl.said
            assert "Traceback" not in crawl.said


def test_a_password_in_an_argument_is_not_kept_in_the_ledger(tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        door.crawl(url=f"{door.story().url}?password={SECRET}&token={SECRET}")
        kept = door.value("SELECT arguments FROM crawls")
        assert SECRET not in kept
        assert "?password=***&token=***" in kept


def held(path: Path) -> sqlite3.Connection:
    """A connection of another program that is writing."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    return connection


def hurry() -> None:
    sqlite_file.BUSY_SECONDS = 1


def test_an_archive_that_another_program_holds_is_left_for_the_next_run(tmp_path: Path) -> None:
    with front_door(tmp_path, size=2) as door:
        with closing(held(door.archive)):
            crawl = door.crawl(before=hurry)
        assert (crawl.code, crawl.asked, crawl.advice) == (3, (), [])
        (line,) = crawl.lines
        assert "another program has been writing to it for too long: try again when that has ended" in line
        assert door.crawl().code == 0
        door.whole()


# --- what is a secret


WORDS = st.text("abcXYZ019äЖ/?:@ ", min_size=8, max_size=20).filter(lambda text: text.strip() == text)


@given(
    WORDS,
    st.sampled_from(["password", "sslpassword", "PASSWORD", "p%61ssword", "oauth_client_secret", "scram_client_key"]),
)
def test_no_secret_of_a_query_is_shown(secret: str, name: str) -> None:
    address = (
        f"postgresql+psycopg://anna@db.example/wire?application_name=x&{name}={quote_plus(secret)}&sslmode=require"
    )
    place = Place.of(address)
    assert str(place).count("***") == 1
    assert secret in place.secrets
    for shown in (str(place), without_secrets(address), without_secrets(f"cannot open '{address}'")):
        assert quote_plus(secret) not in shown
        assert secret not in shown
        assert "sslmode=require" in shown


@given(WORDS)
def test_no_password_before_the_host_is_shown(secret: str) -> None:
    address = f"postgresql://anna:{quote(secret, safe='')}@db.example/wire"
    assert str(Place.of(address)) == "postgresql://anna:***@db.example/wire"
    assert secret in set(secrets_in(address))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("host=h password='a \\' b' user=anna", "host=h password=*** user=anna"),
        ("passfile=/home/anna/.pgpass", "passfile=/home/anna/.pgpass"),
        ("https://a.example/?key=abc&room=5#top", "https://a.example/?key=***&room=5#top"),
        ("the key=value form", "the key=value form"),
        ("(https://a.example/?token=abc)", "(https://a.example/?token=***)"),
        ("a[data-password=x] and 2=2", "a[data-password=***] and 2=2"),
    ],
)
def test_what_holds_a_secret_is_told_by_its_name(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_a_file_whose_name_looks_like_a_connection_string_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ArgumentError):
        Place.of("dbname=wire")
    with Archive.open(f"{tmp_path}/dbname=wire", create=True):
        pass
    assert Place.of("dbname=wire").path == tmp_path / "dbname=wire"
