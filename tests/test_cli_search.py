"""`dateline search`: what is found, what is said when nothing is, and in which forms."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from storage.cli import dateline
from storage.db.views import NEWS_COLUMNS
from storage.read.counts import timeline
from storage.read.query.search import Filters, search
from storage.read.reader import open_reader
from storage.terminal.lines import LineWriter
from storage.write.archive import Archive
from tests.sample_archive import HARVEST as HARVEST_STORY
from tests.sample_archive import HOSTILE, NOON, Scribe, article, small


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), "search", *arguments], prog_name="dateline")


def keys(archive: Path, *arguments: str) -> list[str]:
    """Keys of the articles found, in order."""
    return [f"{row['edition']}/{row['key']}" for row in document(archive, *arguments)["results"]]


def document(archive: Path, *arguments: str) -> dict[str, Any]:
    result = run(archive, "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


HARVEST, PARK, HOSTILE_KEY, TWIN, CHINESE = (
    "belta-eng/1001-2026",
    "belta-eng/1002-2026",
    "belta-eng/1003-2026",
    "belta-eng/1004-2026",
    "belta-chn/1001-2026",
)
BY_TIME = [TWIN, CHINESE, HOSTILE_KEY, PARK, HARVEST]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("wheat harvest", [HARVEST]),
        ("WHEAT", [HARVEST]),
        ('"wheat harvest"', [HARVEST]),
        ('"harvest wheat"', []),
        ("harv*", [HARVEST]),
        ("harvest OR park", [HARVEST, TWIN, PARK]),
        ("park NOT covid", []),
        ("NEAR(wheat brest, 3)", [HARVEST]),
        ("headline: districts", []),
        ("captions: combine", [HARVEST]),
        ("combine photo", [HARVEST]),
        ("lodz", [HARVEST]),
        ("Łódź", [HARVEST]),
        ("елка", [HARVEST]),
        ("天气", [CHINESE]),
    ],
)
def test_a_query_finds_what_it_says(archive: Path, query: str, found: list[str]) -> None:
    assert sorted(keys(archive, query)) == sorted(found)


def test_words_need_no_quotes_on_the_command_line(archive: Path) -> None:
    assert keys(archive, "wheat", "harvest") == [HARVEST]


def test_a_word_in_the_headline_counts_more_than_one_in_the_body(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as fresh:
        scribe = Scribe(fresh)
        scribe.story(article("1-2026", "Fair weather", "A zubr, and a zubr, was seen near a village in the west."))
        scribe.story(article("2-2026", "A zubr is born", "It stands on four legs already, its keeper says today."))
    assert keys(path, "zubr") == ["belta-eng/2-2026", "belta-eng/1-2026"]


def test_the_order_may_be_by_time(archive: Path) -> None:
    assert keys(archive, "harvest OR park OR painted", "--sort", "time") == [TWIN, HOSTILE_KEY, PARK, HARVEST]


def test_without_a_query_the_newest_come_first(archive: Path) -> None:
    assert keys(archive) == BY_TIME
    assert keys(archive, "--limit", "2") == BY_TIME[:2]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--edition", "belta-chn"], [CHINESE]),
        (["--rubric", "economics"], [TWIN, HOSTILE_KEY, PARK, HARVEST]),
        (["--status", "gone"], [PARK]),
        (["--status", "live"], [TWIN, CHINESE, HOSTILE_KEY, HARVEST]),
        (["--changed"], [HARVEST]),
        (["--since", "2026-03-10T12:10"], [TWIN, CHINESE, HOSTILE_KEY]),
        (["--until", "2026-03-10T12:10"], [HOSTILE_KEY, PARK, HARVEST]),
        (["--until", "2026-03-10"], BY_TIME),
        (["--until", "2026-03-09"], []),
        (["--since", "2026-03", "--until", "2026-03"], BY_TIME),
        (["--since", "2026-03-11"], []),
        (["--since", "2026-03-10T09:10Z", "--until", "2026-03-10T09:15Z", "--edition", "belta-eng"], [HOSTILE_KEY]),
    ],
)
def test_filters_hold_with_and_without_a_query(archive: Path, filters: list[str], found: list[str]) -> None:
    assert keys(archive, *filters) == found
    with_query = keys(archive, *filters, "--sort", "time", "harvest OR park OR painted OR 天气")
    assert with_query == found


def test_total_counts_beyond_the_limit(archive: Path) -> None:
    found = document(archive, "park OR harvest", "--limit", "1")
    assert (found["total"], found["count"], len(found["results"])) == (3, 1, 1)
    assert "1 of 3 articles; --limit shows more." in run(archive, "park OR harvest", "--limit", "1").stdout


@pytest.mark.parametrize("query", ["covid-19", "covid'19"])
def test_a_word_with_signs_in_it_is_searched_as_a_phrase_with_a_hint(archive: Path, query: str) -> None:
    result = run(archive, query)
    assert result.exit_code == 0
    assert result.stderr == f'dateline: {query!r} is no search expression, so its words were searched: "{query}"\n'
    assert keys(archive, query) == keys(archive, '"covid 19"') != []


@pytest.mark.parametrize(
    "query",
    ['"covid', "covid AND", "(covid", "covid:19", "*covid", "a{covid", "covid | 19", "covid w/3 19", "NOT covid"],
)
def test_a_query_that_cannot_be_honoured_is_wrong_usage_and_the_right_spelling_is_told(
    archive: Path, query: str
) -> None:
    result = run(archive, query)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"dateline: {query!r}: ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["park", "-covid"], ["-covid", "park"], ["park -covid"], ["-covid park"]])
def test_a_minus_leaves_out_a_word_quoted_or_not(archive: Path, words: list[str]) -> None:
    assert keys(archive, *words) == keys(archive, "park NOT covid")
    assert keys(archive, "park", "-harvest", "--sort", "time") == [TWIN, PARK]
    assert keys(archive, "--limit", "1", "-harvest", "--sort=time", "park") == [TWIN]


def test_an_operator_in_small_letters_is_told(archive: Path) -> None:
    result = run(archive, "harvest or park")
    assert (result.exit_code, result.stdout) == (0, "Nothing found.\n")
    assert "the operators AND, OR and NOT are written in capitals" in result.stderr
    assert document(archive, "harvest or park")["hint"] == result.stderr.removeprefix("dateline: ").strip()


def test_the_hint_does_not_disturb_json(archive: Path) -> None:
    found = document(archive, "covid-19")
    assert (found["query"], found["total"]) == ("covid-19", 2)
    assert found["hint"].endswith('so its words were searched: "covid-19"')


@pytest.mark.parametrize("query", ['"', "*", "()", "AND", "AND OR", "-!?"])
def test_a_query_without_a_word_is_wrong_usage(archive: Path, query: str) -> None:
    result = run(archive, "--", query)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"dateline: {query!r} holds no word to search for\n"


def test_a_very_long_query_is_no_stack_trace(archive: Path) -> None:
    for query in ("(" * 5000 + "a" + ")" * 5000, "ё AND " * 3000 + "ё", "x" * 100_000, '"' * 999):
        result = run(archive, query)
        assert result.exit_code in {0, 1, 2}
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize("option", ["--since", "--until"])
@pytest.mark.parametrize("value", ["tomorrow", "24.08.2022", "2022-02-30", ""])
def test_a_date_that_is_none_is_wrong_usage(archive: Path, option: str, value: str) -> None:
    result = run(archive, "wheat", option, value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"Invalid value for '{option}': {value!r} is no date" in result.stderr


@pytest.mark.parametrize(
    "options",
    [
        ["--since", "2026-03-12", "--until", "2026-03-11"],
        ["--json", "--csv"],
        ["--limit", "0"],
        ["--edition", ""],
        ["--rubric", ""],
        ["--limit", "many"],
        ["--status", "pending"],
        ["--sort", "author"],
        ["--colour"],
    ],
)
def test_wrong_options_are_wrong_usage(archive: Path, options: list[str]) -> None:
    result = run(archive, "wheat", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr


def test_an_unknown_edition_is_wrong_usage_and_names_those_that_are(archive: Path) -> None:
    result = run(archive, "wheat", "--edition", "belta-xyz")
    assert result.exit_code == 2
    assert result.stderr.endswith("archive.db: it has belta-chn, belta-eng\n")


def test_an_unknown_rubric_finds_nothing_and_names_those_that_are(archive: Path) -> None:
    result = run(archive, "--rubric", "economy")
    assert (result.exit_code, result.stdout) == (0, "Nothing found.\n")
    assert result.stderr == "dateline: no article is in the rubric 'economy'; there are economics, society\n"


def test_json_has_the_columns_of_the_view_and_marks_the_words(archive: Path) -> None:
    (row,) = document(archive, "harvest lodz")["results"]
    assert list(row) == [
        *("article_id", "edition", "key", "url", "headline", "published_at", "rubric", "lead", "status"),
        *("revision_count", "changed_at", "gone_at", "duplicate_of", "photo_caption", "photo_count", "snapshot_id"),
        *("headline_hits", "snippet", "snippet_hits", "near_identical"),
    ]
    assert set(list(row)[:-4]) <= set(NEWS_COLUMNS)
    assert row["published_at"] == "2026-03-10T09:00:00Z"
    assert [row["headline"][start:end] for start, end in row["headline_hits"]] == ["harvest"]
    assert [row["snippet"][start:end] for start, end in row["snippet_hits"]] == ["harvest", "Łódź"]


def test_csv_has_a_header_and_harmless_cells(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as fresh:
        Scribe(fresh).story(article("1-2026", "=cmd()|'/C calc'!A0", 'said, he "said"\n+1', "a"))
    result = run(path, "--csv", "said")
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["headline"] == "'=cmd()|'/C calc'!A0"
    assert row["snippet"] == 'said, he "said" +1 a'
    assert row["published_at"] == "2026-03-10T09:00:00Z"
    assert result.stdout.count("\n") == 2


def test_people_see_date_rubric_headline_passage_caption_key_and_address(archive: Path) -> None:
    body = HARVEST_STORY.text.replace("\n\n", " ")
    assert run(archive, "harvest").stdout.splitlines() == [
        "2026-03-10 12:00  economics  belta-eng/1001-2026  #1  [2 revisions]",
        "  Wheat harvest begins near Brest",
        f"  {body}",
        "  Photo: A combine at work. Photo by I. Example",
        "  https://eng.belta.by/economics/view/story-1001-2026/",
        "",
        "1 article. Times are Europe/Minsk time.",
    ]


def test_people_see_what_became_of_an_article(archive: Path) -> None:
    lines = run(archive, "park", "--sort", "time").stdout
    assert "belta-eng/1004-2026  #4  [same as #2]" in lines
    assert "belta-eng/1002-2026  #2  [gone since 2026-03-10 13:00]" in lines


def test_nothing_found_is_said(archive: Path) -> None:
    result = run(archive, "unicorn")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "Nothing found.\n", "")


def test_a_hostile_headline_cannot_drive_the_terminal(archive: Path) -> None:
    for form in ([], ["--csv"], ["--json"]):
        result = run(archive, "painted OR mayor", *form)
        assert not set(result.stdout) & set("\x1b\x07\x9b\u202e"), form
    (row,) = document(archive, "painted")["results"]
    assert row["headline"] == HOSTILE.headline


def test_an_article_without_a_date_is_found_and_comes_last(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as fresh:
        scribe = Scribe(fresh)
        scribe.story(replace(article("1-2026", "Undated harvest", "text"), published_at=None))
        scribe.story(article("2-2026", "Dated harvest", "text"))
    assert keys(path, "harvest", "--sort", "time") == ["belta-eng/2-2026", "belta-eng/1-2026"]
    assert run(path, "undated").stdout.startswith("no date           economics  belta-eng/1-2026")
    assert keys(path, "--since", "2000") == ["belta-eng/2-2026"]


def test_an_archive_without_articles_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with Archive.open(str(path), create=True) as fresh:
        fresh.begin_crawl("belta-eng", {}, "dateline", "dateline", NOON)
    assert run(path, "wheat").stdout == "Nothing found.\n"


def test_the_current_revision_is_searched_and_no_other(archive: Path) -> None:
    with open_reader(str(archive)) as reader:
        assert search(reader, '"harvest begins near brest"', Filters()).total == 1
        assert search(reader, "headline: ^harvest", Filters()).total == 0


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stories of some months, one at the turn of a month in Minsk, one without a date."""
    path = tmp_path_factory.mktemp("years") / "archive.db"
    with Archive.open(str(path), create=True) as fresh:
        scribe = Scribe(fresh)
        for number, at in enumerate(("2025-12-05", "2025-12-31T20:59:59", "2025-12-31T21:00:00", "2026-03-10", None)):
            published = None if at is None else datetime.fromisoformat(at).replace(tzinfo=UTC)
            rubric = "economics" if number % 2 else "sport"
            told = article(f"{number}-2026", f"Harvest {number}", "text")
            scribe.story(replace(told, published_at=published, rubric=rubric))
    return path


def test_counts_by_month_and_rubric_are_of_all_that_match(years: Path) -> None:
    found = document(years, "harvest", "--limit", "1")
    assert (found["total"], found["count"]) == (5, 1)
    assert found["months"] == {"2025-12": 2, "2026-01": 1, "2026-03": 1}  # by the clock of Minsk
    assert found["rubrics"] == {"sport": 3, "economics": 2}
    assert document(years, "harvest", "--rubric", "sport", "--since", "2026")["months"] == {"2026-01": 1}
    assert document(years, "unicorn")["months"] == {}


def test_people_see_how_many_there_are_by_month(years: Path) -> None:
    chart = run(years, "harvest", "--limit", "1").stdout.partition("\n\n")[2]
    assert chart.splitlines() == [
        f"2025-12  2  {'█' * 40}",
        f"2026-01  1  {'█' * 20}",
        "2026-02  0",
        f"2026-03  1  {'█' * 20}",
        "",
        "1 of 5 articles; --limit shows more. Times are Europe/Minsk time.",
    ]


def test_many_months_are_told_by_year() -> None:
    months = {"2023-05": 4, "2025-06": 1}
    assert timeline(months, 24) == [("2023", 4), ("2024", 0), ("2025", 1)]
    assert len(timeline(months, 26)) == 26
    assert timeline({}, 24) == []


@pytest.mark.parametrize(("encoding", "bars"), [("utf-8", ["", "▏", "█▎", "████"]), ("ascii", ["", "#", "##", "####"])])
def test_a_bar_is_as_long_as_the_encoding_can_tell(encoding: str, bars: list[str]) -> None:
    paper = LineWriter(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert [paper.bar(count, 1000, 4) for count in (0, 1, 320, 1000)] == bars
    assert paper.bar(0, 0, 4) == ""
