"""`dateline show` and `dateline html`: one article, its evidence, and the very bytes."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storage.cli import dateline
from storage.db.views import NEWS_COLUMNS
from storage.terminal.amounts import sized
from storage.write.archive import Archive
from tests.sample_archive import ENG, HARVEST, HOSTILE, MIRROR, PARK, Scribe, entry, page, small, troubled

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


def run(archive: Path, *arguments: str | Path) -> Result:
    command = ["--database", str(archive), *map(str, arguments)]
    return CliRunner().invoke(dateline, command, prog_name="dateline")


def document(archive: Path, *arguments: str) -> dict[str, Any]:
    result = run(archive, "show", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "1",
        "belta-eng/1001-2026",
        f"{ENG}story-1001-2026/",
        f"{ENG}story-1001-2026",
        f"{ENG}story-1001-2026/?utm_source=x#top".replace("https", "http"),
        "https://m.eng.belta.by/economics/view/story-1001-2026/",
        "http://www.eng.belta.by/amp/economics/view/story-1001-2026",
        "eng.belta.by/economics/view/story-1001-2026",
        "HTTPS://ENG.BELTA.BY/economics/view/%73tory-1001-2026/",
        MIRROR,
        " 1 ",
    ],
)
def test_an_article_answers_to_all_its_names(archive: Path, name: str) -> None:
    assert document(archive, name)["headline"] == HARVEST.headline


def test_a_key_is_enough_where_one_edition_has_it(archive: Path) -> None:
    assert document(archive, "1002-2026")["edition"] == "belta-eng"


def test_a_key_that_two_editions_have_is_wrong_usage_and_both_are_named(archive: Path) -> None:
    result = run(archive, "show", "1001-2026")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "say which, as one of belta-eng/1001-2026, belta-chn/1001-2026" in result.stderr


@pytest.mark.parametrize(
    "name",
    [
        "99",
        "0",
        "9" * 30,
        "1001-1999",
        "belta-eng/1001-1999",
        "belta-xyz/1002-2026",
        "https://eng.belta.by/politics/view/story-1001-2026/",
        "https://elsewhere.example/economics/view/story-1001-2026/",
        "http://[bad/story-1001-2026",
        "",
        "/",
        "'; DROP TABLE articles; --",
        "%",
    ],
)
@pytest.mark.parametrize("command", ["show", "html"])
def test_an_article_that_is_not_there_is_one_clear_line(archive: Path, command: str, name: str) -> None:
    result = run(archive, command, "--", name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(f"dateline: no article {name!r} in ")
    assert result.stderr.count("\n") == 1


def test_an_article_is_shown_as_one_would_read_it(archive: Path) -> None:
    assert run(archive, "show", "1").stdout.startswith(
        "Wheat harvest begins near Brest\n"
        "2026-03-10 12:00  economics  belta-eng/1001-2026  #1\n"
        "https://eng.belta.by/economics/view/story-1001-2026/\n"
        "\n"
        "BREST, 10 March (BelTA) - The wheat harvest has begun in three districts.\n"
        "\n"
        "Combine crews from Łódź came to help, and a choir sang under the ёлка.\n"
        "\n"
        "Photo  A combine at work. Photo by I. Example\n"
        "       https://img.belta.by/harvest.jpg\n"
        "\n"
        "Evidence (Europe/Minsk time)\n"
    )


def test_a_lead_that_is_the_first_paragraph_is_shown_once(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(replace(HARVEST, lead=HARVEST.paragraphs[0]))
        scribe.story(replace(PARK, lead="A summary of its own"))
    assert run(tmp_path / "archive.db", "show", "1").stdout.count(HARVEST.paragraphs[0]) == 1
    assert "\n\nA summary of its own\n\nThe park" in run(tmp_path / "archive.db", "show", "2").stdout
    assert document(tmp_path / "archive.db", "1")["lead"] == HARVEST.paragraphs[0]


def test_the_evidence_names_visit_server_digest_and_parser(archive: Path) -> None:
    shown = run(archive, "show", "1", "--revision", "1").stdout
    body = page(f"<h1>Harvest begins near Brest</h1> {HARVEST.text}")
    digest = hashlib.sha256(body).hexdigest()
    for line in (
        "  fetched        2026-03-10 12:00, HTTP 200, by dateline/0.1.0 scrapy/2.19.0 python/3.11.7",
        "  from           https://eng.belta.by/economics/view/story-1001-2026/ (127.0.0.1)",
        f"  redirected     301 by {MIRROR}",
        f"  page           snapshot 2, {sized(len(body))}",
        f"  SHA-256        {digest}",
        f"  over the wire  {sized(len(body))}, not compressed, SHA-256 {digest}",
        "  read by        belta/2018-paragraphs, printed date “10 March 2026, 12:00”",
    ):
        assert f"\n{line}\n" in shown


def test_a_revision_is_shown_as_it_stood(archive: Path) -> None:
    lines = run(archive, "show", "1", "--revision", "1").stdout.splitlines()
    assert lines[0] == "Harvest begins near Brest"
    assert lines[1].endswith("  [revision 1, not the current one]")
    assert "  1             2026-03-10 12:00  Harvest begins near Brest  shown" in lines
    assert "  2             2026-03-10 13:00  Wheat harvest begins near Brest" in lines


def test_a_revision_that_does_not_exist_is_one_clear_line(archive: Path) -> None:
    for command in ("show", "html"):
        result = run(archive, command, "1", "--revision", "7")
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "dateline: belta-eng/1001-2026 has no revision 7: it has 1 to 2\n"
        assert run(archive, command, "1", "--revision", "0").exit_code == 2


def test_listings_that_disagree_are_marked(archive: Path) -> None:
    shown = run(archive, "show", "3").stdout
    assert "page 1, place 3: 2026-03-10 12:11  Windows painted  [no revision has this headline, time]" in shown
    assert "[no revision" not in run(archive, "show", "1").stdout  # an earlier headline agrees with revision 1


def test_an_entry_out_of_order_is_marked(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.listing(replace(entry(PARK.key, PARK.headline, "12:05", day=None), in_order=False, printed_time=None))
        scribe.story(PARK)
    assert "page 1, place 1, out of order: no time  Great" in run(tmp_path / "archive.db", "show", "1").stdout


def test_duplicates_are_linked_in_both_directions(archive: Path) -> None:
    assert [row["key"] for row in document(archive, "1002-2026")["duplicates"]] == ["1004-2026"]
    assert [row["key"] for row in document(archive, "1004-2026")["duplicates"]] == ["1002-2026"]
    assert document(archive, "3")["duplicates"] == []
    assert (
        "#2            belta-eng/1002-2026  2026-03-10 12:05  Great Stone park grows"
        in run(archive, "show", "4").stdout
    )


def test_sources_say_which_rule_gave_each_field(archive: Path) -> None:
    assert "Sources" not in run(archive, "show", "1").stdout
    assert run(archive, "show", "1", "--sources").stdout.endswith(
        "\nSources\n"
        "  author        absent: the site never gives it\n"
        "  headline      h1\n"
        "  published_at  div.date_full\n"
    )


def test_an_article_that_is_gone_is_shown_with_all_it_had(archive: Path) -> None:
    shown = run(archive, "show", "1002-2026").stdout
    assert "[gone since 2026-03-10 13:00: HTTP status 404]" in shown
    assert "The park of great plans has covid-19 rules." in shown


def test_json_has_all_columns_of_the_view_with_its_values(archive: Path) -> None:
    connection = sqlite3.connect(archive)
    for number in (1, 2, 3, 4, 5):
        row = connection.execute("SELECT * FROM news WHERE article_id = ?", [number]).fetchone()
        expected = {**dict(zip(NEWS_COLUMNS, row, strict=True))}
        expected["tags"] = json.loads(expected["tags"])
        shown = document(archive, str(number))
        assert {name: shown[name] for name in NEWS_COLUMNS} == expected
    connection.close()


def test_json_holds_the_evidence_as_it_is(archive: Path) -> None:
    shown = document(archive, "1", "--revision", "1")
    assert shown["snapshot"]["headers"] == [["Content-Type", "text/html"]]
    assert shown["snapshot"]["redirects"] == [{"url": MIRROR, "status": 301}]
    assert shown["sources"]["headline"] == "h1"
    assert [revision["number"] for revision in shown["revisions"]] == [1, 2]
    assert shown["photos"][0]["credit"] == "Photo by I. Example"
    assert shown["sightings"][0]["disagrees"] == []


def test_a_hostile_article_cannot_drive_the_terminal_and_json_keeps_it(archive: Path) -> None:
    for form in ([], ["--json"]):
        assert not set(run(archive, "show", "3", *form).stdout) & set("\x1b\x07\x9b\u202e"), form
    assert run(archive, "show", "3").stdout.startswith("Windows␛]0;owned␇ painted [bold red]red[/bold red]\n")
    assert document(archive, "3")["body"] == HOSTILE.text


def test_a_hostile_name_in_an_error_cannot_drive_the_terminal(archive: Path) -> None:
    assert "\x1b" not in run(archive, "show", "\x1b[2J").stderr


def test_an_article_that_is_not_archived_yet_says_why(tmp_path: Path) -> None:
    archive = troubled(tmp_path / "archive.db")
    assert "given up after 30 failures: the connection was closed" in run(archive, "show", "1006-2026").stdout
    waiting = "not archived yet, waiting to be fetched after 1 failure: HTTP status 500"
    assert waiting in run(archive, "show", "1005-2026").stdout
    assert document(archive, "1005-2026")["headline"] is None
    result = run(archive, "html", "1005-2026")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "dateline: 1005-2026: nothing is archived of it yet; `dateline show 1005-2026` says why\n"
