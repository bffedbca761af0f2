"""`dateline changes`: what was edited or vanished, how deep the edit went, and whether readers were told."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.matching.corrections import is_noted
from crawler.records import Article
from storage.cli import dateline
from storage.maintenance.verify import repair, verify
from storage.read.articles.changes import COLUMNS
from tests.invented import NOON, Desk, desk, page, run_out_of_patience, story

SINCE = ("--since", "2026-03-10")


@pytest.mark.parametrize(
    ("before", "after", "noted"),
    [
        ("Ferry sails at ten", "Ferry sails at eleven", False),
        ("Ferry sails at ten", "UPDATE 1 - Ferry sails at eleven", True),
        ("UPDATE 1 - Ferry sails", "UPDATE 1 - Ferry sails late", False),
        ("UPDATE 1 - Ferry sails", "UPDATE 2 - Ferry sails late", True),
        ("It sails.", "It sails.\n\nCorrected: it sails at ten.", True),
        ("It sails.", "It sails. (This story was corrected at noon)", True),
        ("Fog closes harbour", "Fog closes harbour – update (75)", True),
        ("It sails.", "It sails.\n\nAn earlier version of this report gave another time.", True),
        ("It sails.", "It sails. The time was later put at ten.", False),
        ("The forecast", "The updated forecast: rain", False),
        ("Паром", "Исправлено: паром", True),
        ("Fähre", "Berichtigung: Fähre", True),
        ("Prom", "Sprostowanie: prom", True),
        ("轮渡", "更正：轮渡", True),
        ("", "", False),
    ],
)
def test_a_note_is_what_stands_apart_and_is_new(before: str, after: str, *, noted: bool) -> None:
    assert is_noted(before, after) == noted


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An hour apart each: stories that are edited in every way, one that vanishes and returns, one that stays gone."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    one = story()
    edits: list[Article] = [
        replace(one, headline="Ferry resumes late"),
        replace(one, paragraphs=("It sails no more.",)),
        replace(one, headline="UPDATE 1 - Ferry resumes", paragraphs=("It sails at ten.",)),
        replace(one, paragraphs=("It sails – again!",)),
        replace(one, photos=()),
        replace(one, modified_at=NOON, paragraphs=("It sails tomorrow.",)),
        replace(one, tags=("Sea",)),
    ]
    with desk(path) as crawl:
        for number, edit in enumerate(edits, 1):
            key = f"{number}-2026"
            crawl.visit(replace(one, key=key), NOON)
            crawl.visit(replace(edit, key=key), NOON + timedelta(hours=number))
        for hours, status in enumerate((200, 404, 404, 200), 10):
            look(crawl, "8-2026", status, hours)
        for hours, status in enumerate((404, 200, 410), 20):
            look(crawl, "9-2026", status, hours)
        crawl.visit(replace(one, key="10-2026"), NOON + timedelta(hours=30))
    return path


def look(crawl: Desk, key: str, status: int, hours: int) -> None:
    at = NOON + timedelta(hours=hours)
    if status == 200:
        crawl.visit(story(key), at)
        return
    article_id = crawl.meet(key, at)
    crawl.archive.gone(crawl.keep(page(key, f"{at}".encode(), at=at, status=status)), article_id, status, at)
    run_out_of_patience(crawl.archive)


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), "changes", *arguments], prog_name="dateline")


def told(archive: Path, *arguments: str) -> list[dict[str, Any]]:
    result = run(archive, "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["count"] == len(document["changes"])
    found: list[dict[str, Any]] = document["changes"]
    return found


def test_every_change_is_told_with_its_depth_and_whether_it_was_silent(archive: Path) -> None:
    assert [
        (row["key"], row["kind"], row["depth"], row["silent"], row["fields"])
        for row in told(archive, "--since", "2026-03-10")
    ] == [
        ("1-2026", "edited", "headline", True, ["headline"]),
        ("2-2026", "edited", "text", True, ["body"]),
        ("3-2026", "edited", "headline and text", False, ["headline", "body"]),
        ("4-2026", "edited", "typography", False, ["body"]),
        ("5-2026", "edited", "photos", False, ["photos"]),
        ("6-2026", "edited", "text", False, ["modified_at", "body"]),
        ("7-2026", "edited", "details", False, ["tags"]),
        ("8-2026", "vanished", None, False, []),
        ("8-2026", "returned", None, False, []),
        ("9-2026", "vanished", None, False, []),
    ]


def test_json_names_the_revisions_and_the_words(archive: Path) -> None:
    (row,) = told(archive, "--since", "2026-03-10T13:00Z", "--until", "2026-03-10T13:00Z")
    assert tuple(row) == COLUMNS
    assert (row["at"], row["before"], row["after"]) == ("2026-03-10T13:00:00Z", "1", "2")
    assert (row["words_removed"], row["words_added"]) == (0, 1)


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["--silent"], ["1-2026", "2-2026"]),
        (["--kind", "vanished"], ["8-2026", "9-2026"]),
        (["--kind", "returned"], ["8-2026"]),
        (["--rubric", "society", "--edition", "belta-eng", "--silent"], ["1-2026", "2-2026"]),
        (["--kind", "edited", "--until", "2026-03-10T14:00Z"], ["1-2026", "2-2026"]),
    ],
)
def test_filters_hold(archive: Path, options: list[str], keys: list[str]) -> None:
    assert [row["key"] for row in told(archive, "--since", "2026-03-10", *options)] == keys


def test_what_changed_before_is_left_out(archive: Path) -> None:
    assert [row["key"] for row in told(archive, "--since", "2026-03-11T00:30Z")] == ["8-2026", "9-2026"]
    assert told(archive, "--since", "2027") == []


def test_people_see_an_article_a_paragraph(archive: Path) -> None:
    lines = run(archive, "--since", "2026-03-10").stdout.splitlines()
    assert lines[:4] == [
        "Ferry resumes late",
        "  belta-eng/1-2026  #1",
        "  2026-03-10 16:00  edited, 1 to 2: headline (0 words went, 1 came)  [silent]",
        "",
    ]
    assert "  2026-03-11 02:00  vanished" in lines
    assert lines[-1] == "10 changes, 2 of them silent edits. Times are Europe/Minsk time."
    assert "  Ferry resumes{+ late+}" in run(archive, "--since", "2026-03-10", "--diff").stdout
    assert run(archive, "--since", "2027").stdout == "Nothing changed.\n"


def test_csv_has_the_columns_and_harmless_cells(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        crawl.visit(story(), NOON)
        crawl.visit(story(headline="=cmd()|'/C calc'!A0\nnext"), NOON + timedelta(hours=1))
    (row,) = csv.DictReader(io.StringIO(run(tmp_path / "archive.db", "--since", "2026", "--csv").stdout))
    assert tuple(row) == COLUMNS
    assert row["headline"] == "'=cmd()|'/C calc'!A0 next"
    assert (row["silent"], row["fields"]) == ("1", "headline")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Missing option '--since'"),
        (["--since", "yesterday"], "'yesterday' is no date"),
        (["--since", "2026-03-11", "--until", "2026-03-10"], "nothing can lie between"),
        (["--since", "2026", "--json", "--csv"], "exclude each other"),
        (["--since", "2026", "--edition", "belta-xyz"], "no edition 'belta-xyz'"),
    ],
)
def test_wrong_options_are_wrong_usage(archive: Path, options: list[str], said: str) -> None:
    result = run(archive, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_what_is_told_is_a_row_of_the_view_and_needs_no_program(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as file:
        file.row_factory = sqlite3.Row
        found = [dict(row) for row in file.execute("SELECT * FROM changes ORDER BY article_id, at")]
    for row in found:
        row["fields"], row["silent"] = json.loads(row["fields"]), bool(row["silent"])
    assert found == told(archive, *SINCE)
    assert tuple(found[0]) == COLUMNS


def test_that_an_article_vanished_stays_told_whatever_comes_after(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    shutil.copyfile(archive, path)
    vanished = [
        ("8-2026", "2026-03-10T23:00:00Z", "HTTP status 404"),
        ("9-2026", "2026-03-11T10:00:00Z", "HTTP status 410"),
    ]

    def kept() -> list[tuple[str, str, str]]:
        return [(row["key"], row["at"], row["reason"]) for row in told(path, *SINCE, "--kind", "vanished")]

    assert kept() == vanished
    with desk(path) as crawl:
        crawl.visit(replace(story("8-2026"), headline="Another headline"), NOON + timedelta(hours=40))
    assert kept() == vanished
    repair(str(path))
    assert kept() == vanished


def test_a_row_that_is_missing_is_found_and_made_again(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    shutil.copyfile(archive, path)
    before = told(path, *SINCE)
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DELETE FROM edits WHERE kind = 'edited' OR article_id = 9")
        file.execute("UPDATE edits SET silent = 1 WHERE article_id = 3")
    (wrong,) = [check.findings for check in verify(str(path)).checks if check.name == "edits"]
    assert {finding.subject for finding in wrong} == {f"articles {number}" for number in (*range(1, 8), 9)}
    assert all(finding.derived for finding in wrong)
    assert [check.findings for check in repair(str(path)).checks if check.name == "edits"] == [[]]
    assert told(path, *SINCE) == before
