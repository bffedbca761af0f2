"""`dateline read`: a saved page of any site, field by field, and what is said where there is no such page."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storage import cli
from tests.foreign_pages import ADDRESS, HEADLINE, STORY, article, ld, page
from tests.saved_pages import saved_pages

ROOT = Path(__file__).parent.parent
STAMPED = page(article(above='<time datetime="2026-03-02T10:15:00">Monday</time>'), ld(**{"@type": "Person"}))


def run(*arguments: str | Path, given: bytes | None = None) -> Result:
    return CliRunner().invoke(cli.dateline, ["read", *map(str, arguments)], input=given, prog_name="dateline")


def complaint(result: Result, code: int) -> str:
    """The one line that a user gets, after checking that it is all."""
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("dateline: ")
    return result.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(STAMPED, encoding="utf-8")
    return path


def told(*arguments: str | Path, given: bytes | None = None) -> dict[str, Any]:
    result = run(*arguments, "--json", given=given)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_page_of_no_known_site_is_read_by_the_generic_reader(file: Path) -> None:
    found = told(file, "--url", ADDRESS)
    assert list(found) == [
        "headline", "published_at", "modified_at", "lead", "paragraphs", "photos", "authors", "tags", "section",
        "language", "free_access", "era", "sources",
    ]  # fmt: skip
    assert (found["headline"], tuple(found["paragraphs"]), found["era"]) == (HEADLINE, STORY, "generic")
    assert (found["published_at"], found["sources"]["published_at"]) == ("2026-03-02T10:15:00", "time")


def test_text_shows_every_field_with_its_rule(file: Path) -> None:
    shown = run(file, "--url", ADDRESS).stdout
    assert f"headline      {HEADLINE}  [h1]" in shown
    assert "published_at  2026-03-02T10:15:00  [time]" in shown
    assert "authors       -  [absent: not on this page]" in shown
    assert "read by       generic" in shown


def test_standard_input_is_read_as_well(file: Path) -> None:
    assert told("-", "--url", ADDRESS, given=file.read_bytes()) == told(file, "--url", ADDRESS)


def test_a_page_of_a_known_site_is_read_by_that_site(tmp_path: Path) -> None:
    saved = next(one for one in saved_pages("belta") if one.name == "2018-paragraphs-eng")
    path = tmp_path / "page.html"
    path.write_bytes(saved.body)
    found, expected = told(path, "--url", saved.asked["url"]), saved.record
    assert (found["headline"], found["paragraphs"]) == (expected["headline"], expected["paragraphs"])
    assert (found["published_at"], found["era"]) == ("2022-08-24T11:41:00Z", "belta/2018-paragraphs")
    assert (found["section"], found["sources"]["section"]) == ("Society", expected["sources"]["rubric_label"])


def test_where_no_era_knows_a_page_the_generic_reader_stands_in_with_the_site_s_zone(file: Path) -> None:
    found = told(file, "--url", "https://eng.belta.by/society/view/keeper-4711-2026/")
    assert (found["era"], found["headline"]) == ("belta/generic", HEADLINE)
    assert found["published_at"] == "2026-03-02T07:15:00Z"


def test_an_edition_may_be_named(file: Path) -> None:
    address = "https://eng.belta.by/society/view/keeper-4711-2026/"
    assert told(file, "--url", address, "--edition", "belta-eng")["era"] == "belta/generic"
    assert "unknown edition 'belta-engl'" in complaint(run(file, "--url", address, "--edition", "belta-engl"), 2)


@pytest.mark.parametrize(
    "address", ["news.harbour.example/x", "ftp://news.harbour.example/x", "", "https://", "http://["]
)
def test_an_address_that_is_none_is_wrong_usage(file: Path, address: str) -> None:
    assert "is no address of a web page" in complaint(run(file, "--url", address), 2)


def test_an_address_of_a_known_site_that_is_no_article_s_is_wrong_usage(file: Path) -> None:
    assert "is no article's address of belta-eng" in complaint(run(file, "--url", "https://eng.belta.by/"), 2)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty body"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, "a PNG image, not HTML"),
        (bytes(range(1, 256)) * 40, "the body is no text in any known encoding"),
        (b'{"headline": "x"}', "JSON, not HTML"),
        (b"just some words", "plain text, not HTML"),
        (b"<p>" + b"x" * 5_000_000, "more than the 4,194,304 bytes that are read of a page"),
    ],
)
def test_what_is_no_page_is_said_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)
    line = complaint(run(path, "--url", ADDRESS), 1)
    assert said in line
    assert str(path) in line
    assert "standard input" in complaint(run("-", "--url", ADDRESS, given=content), 1)


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    assert "No such file" in complaint(run(tmp_path / "none.html", "--url", ADDRESS), 1)
    assert "Is a directory" in complaint(run(tmp_path, "--url", ADDRESS), 1)


def test_nothing_is_asked_of_the_network(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert told(file, "--url", ADDRESS)["headline"] == HEADLINE


def test_the_body_reader_is_not_imported_before_a_page_is_read() -> None:
    code = "import sys, storage.cli, storage.cli.commands.read; print('trafilatura' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.strip() == b"False"
