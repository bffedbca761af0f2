"""The archive as it stood at a time: what the view said then, what was found then, what was shown then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.dates import utc_text
from crawler.records import Reading
from storage.cli import dateline
from storage.db.views import NEWS_COLUMNS
from storage.read.as_of import COLUMNS, NEWS_AS_OF, article_as_of
from storage.read.reader import open_reader
from storage.write.articles.late import settle_late
from tests.invented import NOON, Desk, desk, page, run_out_of_patience, story
from tests.sample_archive import troubled

KEYS = ("1-2026", "2-2026", "3-2026")
TEXTS = ("It sails again.", "It sails no more.", "Nothing sails.")
FAR = "9999-01-01T00:00:00Z"

Step = tuple[str, str, int]


def news_then(path: Path, as_of: str) -> list[dict[str, Any]]:
    with open_reader(str(path)) as reader:
        return [dict(row) for row in reader.rows(f"SELECT * FROM ({NEWS_AS_OF}) n ORDER BY article_id", as_of=as_of)]  # noqa: S608


def news(path: Path) -> list[dict[str, Any]]:
    with open_reader(str(path)) as reader:
        return [dict(row) for row in reader.rows("SELECT * FROM news ORDER BY article_id")]


def act(crawl: Desk, step: Step, now: datetime) -> None:
    """One visit of a crawl."""
    key, kind, text = step
    if kind == "read":
        crawl.visit(story(key, text=TEXTS[text]), now)
        return
    article_id = crawl.meet(key, now)
    snapshot_id = crawl.keep(page(key, f"{now}".encode(), at=now, status=404 if kind == "gone" else 304))
    if kind == "gone":
        crawl.archive.gone(snapshot_id, article_id, 404, now)
        run_out_of_patience(crawl.archive)
    else:
        crawl.archive.not_modified(snapshot_id, article_id, now)


STEPS = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(["read", "read", "read", "gone", "same"]), st.integers(0, 2)),
    min_size=2,
    max_size=12,
)


@given(steps=STEPS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_of_every_moment_the_archive_says_what_the_view_said_then(steps: list[Step], tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.unlink(missing_ok=True)
    said = []
    with desk(path) as crawl:
        for minutes, step in enumerate(steps):
            now = NOON + timedelta(minutes=minutes)
            act(crawl, step, now)
            said.append((utc_text(now + timedelta(seconds=1)), news(path)))
    for as_of, rows in said:
        assert [{name: row[name] for name in NEWS_COLUMNS} for row in news_then(path, as_of)] == rows


def test_in_the_end_the_archive_stands_as_it_stands(tmp_path: Path) -> None:
    path = troubled(tmp_path / "archive.db")
    then = news_then(path, FAR)
    assert [tuple(row) for row in then] == [COLUMNS] * len(then)
    assert [{name: row[name] for name in NEWS_COLUMNS} for row in then] == news(path)
    assert news_then(path, "2026-03-10T09:00:00Z") == []


def test_a_page_that_came_late_counts_from_when_it_was_observed(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        article_id = crawl.visit(story(headline="Ferry resumes late"), NOON).article_id
        earlier = NOON - timedelta(hours=1)
        snapshot = page(body=b"early", at=earlier)
        reading = Reading(snapshot, crawl.keep(snapshot), "article", story(headline="Ferry may resume"))
        with crawl.archive.writing() as connection:
            settle_late(connection, article_id, reading)
    with open_reader(str(tmp_path / "archive.db")) as reader:
        before = article_as_of(reader, article_id, utc_text(NOON))
        after = article_as_of(reader, article_id, FAR)
    assert before is not None
    assert after is not None
    assert (before["headline"], before["revision_count"]) == ("Ferry may resume", 1)
    assert (after["headline"], after["revision_count"]) == ("Ferry resumes late", 2)


# --- at the door


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noon: three stories. One o'clock: the first is reworded, the second gone, the third repeated."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story(headline="Steamer resumes in Łódź", text="A zubr swam beside it."), NOON)
        crawl.visit(story("2-2026", headline="Bridge opens", text="The steamer is not needed there."), NOON)
        crawl.visit(story("3-2026", headline="Tram stops", text="Walk."), NOON)
        later = NOON + timedelta(hours=1)
        crawl.visit(story(headline="Boat resumes", text="An elk swam beside it."), later)
        act(crawl, ("2-2026", "gone", 0), later)
        published = story().published_at
        assert published is not None
        twin = replace(
            story("4-2026", headline="Tram stops", text="Walk."), published_at=published + timedelta(hours=1)
        )
        crawl.visit(twin, later)
    return path


NOON_OF_THEN = "2026-03-10T12:30Z"


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), *arguments], prog_name="dateline")


def found(archive: Path, *arguments: str) -> list[str]:
    result = run(archive, "search", "--json", *arguments)
    assert result.exit_code == 0, result.stderr
    return [row["key"] for row in json.loads(result.stdout)["results"]]


@pytest.mark.parametrize(
    ("query", "then", "now"),
    [
        (["steamer"], ["1-2026", "2-2026"], ["2-2026"]),
        (["zubr"], ["1-2026"], []),
        (["elk"], [], ["1-2026"]),
        (["lodz"], ["1-2026"], []),
        (["headline: steamer"], ["1-2026"], []),
        (["tram"], ["3-2026"], ["4-2026", "3-2026"]),
        (["pier"], ["1-2026", "2-2026", "3-2026"], ["1-2026", "2-2026", "3-2026", "4-2026"]),
        (["swam", "--changed"], [], ["1-2026"]),
        (["steamer", "--status", "gone"], [], ["2-2026"]),
        (["steamer", "--status", "live"], ["1-2026", "2-2026"], []),
        (["--sort", "time"], ["3-2026", "2-2026", "1-2026"], ["4-2026", "3-2026", "2-2026", "1-2026"]),
    ],
)
def test_a_search_as_of_a_time_finds_what_was_there_then(
    archive: Path, query: list[str], then: list[str], now: list[str]
) -> None:
    assert sorted(found(archive, *query, "--as-of", NOON_OF_THEN)) == sorted(then)
    assert sorted(found(archive, *query)) == sorted(now)


def test_older_wordings_are_ranked_among_the_others(archive: Path) -> None:
    assert found(archive, "steamer", "--as-of", NOON_OF_THEN) == ["1-2026", "2-2026"]  # one has it in its headline
    assert found(archive, "steamer", "--as-of", NOON_OF_THEN, "--limit", "1") == ["1-2026"]


def test_an_answer_shows_the_wording_of_then(archive: Path) -> None:
    answer = json.loads(run(archive, "search", "--json", "zubr", "--as-of", NOON_OF_THEN).stdout)
    (row,) = answer["results"]
    assert (answer["as_of"], answer["total"], answer["months"]) == ("2026-03-10T12:31:00Z", 1, {"2026-03": 1})
    assert (row["headline"], row["status"], row["revision_count"]) == ("Steamer resumes in Łódź", "live", 1)
    assert row["snippet"] == "A zubr swam beside it."


def test_a_query_as_of_a_time_is_honoured_or_refused_as_any_other(archive: Path) -> None:
    for query in ("swam-beside", "body:zubr", '"resumes in lodz"', "NEAR(lodz resumes, 2)", "zubr -elk", "^steamer"):
        result = run(archive, "search", query, "--as-of", NOON_OF_THEN)
        assert "Steamer resumes in Łódź" in result.stdout, query
    for query in ("headline:zubr", '"lodz resumes"', "zubr -headline:lodz", "^lodz"):
        assert run(archive, "search", query, "--as-of", NOON_OF_THEN).stdout == "Nothing found.\n", query
    refused = run(archive, "search", '"zubr', "--as-of", NOON_OF_THEN)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "a quotation mark is not closed" in refused.stderr


def test_an_article_is_shown_as_it_stood_then(archive: Path) -> None:
    shown = run(archive, "show", "1", "--as-of", NOON_OF_THEN).stdout
    assert shown.startswith("Steamer resumes in Łódź\n")
    assert "[as of 2026-03-10 15:30]" in shown
    assert "elk" not in shown
    assert "gone since" in run(archive, "show", "2").stdout
    assert "gone since" not in run(archive, "show", "2", "--as-of", NOON_OF_THEN).stdout


def test_json_tells_what_was_known_then_and_nothing_later(archive: Path) -> None:
    then = json.loads(run(archive, "show", "1", "--json", "--as-of", NOON_OF_THEN).stdout)
    assert then["as_of"] == "2026-03-10T12:31:00Z"
    assert [row["number"] for row in then["revisions"]] == [1]
    assert (then["revision_count"], then["changed_at"], then["last_seen_at"]) == (1, *["2026-03-10T12:00:00Z"] * 2)
    assert json.loads(run(archive, "show", "3", "--json", "--as-of", NOON_OF_THEN).stdout)["duplicates"] == []
    now = json.loads(run(archive, "show", "3", "--json", "--as-of", "2026-03-10").stdout)
    assert [row["key"] for row in now["duplicates"]] == ["4-2026"]


def test_what_was_not_known_then_is_one_clear_line(archive: Path) -> None:
    result = run(archive, "show", "4", "--as-of", NOON_OF_THEN)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "dateline: belta-eng/4-2026 was not known by then: it was first seen on 2026-03-10 16:00 (Europe/Minsk time)\n"
    )
    result = run(archive, "show", "1", "--revision", "2", "--as-of", NOON_OF_THEN)
    assert result.stderr == "dateline: belta-eng/1-2026 has no revision 2: it has 1 to 1\n"


def test_an_article_that_was_seen_but_not_archived_then_waits(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        crawl.meet(at=NOON - timedelta(hours=1))
        crawl.visit(story(), NOON)
    shown = run(tmp_path / "archive.db", "show", "1", "--as-of", "2026-03-10T11:30Z").stdout
    assert "not archived yet, waiting to be fetched" in shown


@pytest.mark.parametrize("command", [["search", "x"], ["show", "1"]])
def test_a_time_that_is_none_is_wrong_usage(archive: Path, command: list[str]) -> None:
    result = run(archive, *command, "--as-of", "yesterday")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'yesterday' is no date" in result.stderr
