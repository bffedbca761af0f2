"""`dateline coverage`, and what status, search, exports and Python say of the coverage of the same archives."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.errors import ArgumentError
from crawler.sites.demo import DEMO
from storage.cli import dateline
from storage.read.coverage import gaps
from storage.write.archive import Archive
from storage.write.coverage.days import tell_days
from tests.front_door import NOON, front_door, html
from tests.sample_archive import CHINESE, Scribe, article, entry
from tests.sample_archive import NOON as MARCH

LOST = "part of 23 November missing, 14:59 to 22:37"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The year is left out of days of this year."""
    monkeypatch.setattr(gaps, "now", lambda: NOON)


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a listing that shows its newest twelve stories alone, which nobody looked at for eight hours."""
    with front_door(tmp_path_factory.mktemp("rolled")) as door:
        for minutes in (0, 1, 480, 481):
            door.now = NOON + timedelta(minutes=minutes)
            last = door.crawl(since=None)
    assert last.code == 3
    return door.archive


@pytest.fixture(scope="module")
def imported(rolled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same pages in an archive that never saw the site."""
    folder = tmp_path_factory.mktemp("imported")
    assert run(rolled, "export", "warc", str(folder / "pages.warc.gz")).exit_code == 0
    assert run(folder / "archive.db", "import", str(folder / "pages.warc.gz")).exit_code == 0
    with Archive.open(str(folder / "archive.db")) as archive, archive.writing() as connection:
        tell_days(connection, "demo", DEMO.timezone, NOON)
    return folder / "archive.db"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions: one whole, the other with a hole, a lost stretch, and articles that are missing."""
    path = tmp_path_factory.mktemp("two") / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        chinese = Scribe(archive, "belta-chn")
        chinese.story(CHINESE)
        chinese.walk(top_key=CHINESE.key, bottom_key=CHINESE.key)
        chinese.finish()
        scribe = Scribe(archive, now=MARCH + timedelta(days=1))
        for day in range(-20, 1):
            scribe.story(article(f"2{day + 30}-2026", f"News of day {day}", "Of that day.", minutes=day * 24 * 60))
        scribe.walk(goal="2026-02-15", bottom_key=None, read_at="2026-03-11T09:00:00Z")
        scribe.listing(entry("3001-2026", "Never to be had", "12:00"), entry("3002-2026", "Nor this", "12:01", 1))
        scribe.gap("2026-03-07T09:00:00Z", "2026-03-09T09:00:00Z")
        scribe.loss("2026-02-20T09:00:00Z", "2026-02-20T12:00:00Z")
        scribe.finish()
    return path


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), *arguments], prog_name="dateline")


def told(archive: Path, *arguments: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Edition -> day -> what `--json` says of it."""
    result = run(archive, "coverage", "--json", *arguments)
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert list(document) == ["editions"]
    return {one["edition"]: {day.pop("day"): day for day in one["days"]} for one in document["editions"]}


def test_a_day_of_which_the_listing_dropped_something_is_lost_and_the_exit_code_is_0(rolled: Path) -> None:
    day = told(rolled)["demo"]["2026-11-23"]
    assert day == {"state": "lost", "articles": 25, "missing": 0, "expected": None}
    result = run(rolled, "coverage")
    assert result.exit_code == 0
    assert "\n  23 November: lost, something is lost for ever; 25 articles\n" in result.stdout
    assert (
        f"\n  lost      {LOST}; found 23 November, 23:00, lost 23 November, 23:01: the listing ended" in result.stdout
    )


def test_status_lists_the_loss_by_its_hours_and_needs_nobody(rolled: Path) -> None:
    result = run(rolled, "status")
    assert result.exit_code == 0
    assert f"\n  lost          {LOST}; found" in result.stdout
    assert "\n  coverage      whole from 23 November, 22:37 to 23:01\n" in result.stdout
    assert "HOLES" not in result.stdout
    assert result.stdout.endswith("\nNothing to mend; what is lost is listed above.\n")
    (edition,) = json.loads(run(rolled, "status", "--json").stdout)["editions"]
    assert (edition["holes"], [gap["state"] for gap in edition["gaps"]]) == ([], ["lost"])


def test_days_below_an_open_end_are_unknown_and_the_hour_of_the_end_is_said(rolled: Path) -> None:
    days = told(rolled)["demo"]
    assert {day["state"] for name, day in days.items() if name < "2026-11-23"} == {"unknown"}
    assert next(iter(days)) == "2026-11-16"  # the goal of a first crawl
    below = "what is older than 23 November, 14:36 is not known: the listing ends there"
    assert below in run(rolled, "coverage").stdout
    assert below in run(rolled, "status").stdout


def test_of_imported_days_nobody_can_say_whether_they_are_whole(imported: Path) -> None:
    days = told(imported)["demo"]
    assert {name: (day["state"], day["articles"]) for name, day in days.items()} == {"2026-11-23": ("unknown", 25)}
    assert run(imported, "status").exit_code == 0
    assert '"2026-11": "unknown"' in run(imported, "search", "--json").stdout


def test_csv_has_the_rows_of_json_for_every_edition(two: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run(two, "coverage", "--csv").stdout)))
    assert list(rows[0]) == ["edition", "day", "state", "articles", "missing", "expected"]
    flat = {
        (edition, day): {name: "" if value is None else str(value) for name, value in facts.items()}
        for edition, days in told(two).items()
        for day, facts in days.items()
    }
    assert {(row.pop("edition"), row.pop("day")): row for row in rows} == flat
    assert {edition for edition, _ in flat} == {"belta-eng", "belta-chn"}


def test_what_is_expected_is_all_of_a_whole_day_and_what_is_usual_of_another(two: Path) -> None:
    days = told(two)["belta-eng"]
    assert days["2026-03-10"] == {"state": "whole", "articles": 1, "missing": 2, "expected": 3}
    assert days["2026-03-08"]["state"] == "hole"
    assert days["2026-03-08"]["expected"] == 1  # as on the Sundays before
    assert days["2026-02-16"] == {"state": "whole", "articles": 0, "missing": 0, "expected": 0}
    assert {day["state"] for day in told(two)["belta-chn"].values()} == {"whole"}


@pytest.mark.parametrize(
    ("options", "first", "last"),
    [
        (("--since", "2026-03-05", "--until", "2026-03-06"), "2026-03-05", "2026-03-06"),
        (("--since", "2026-03"), "2026-03-01", "2026-03-11"),
        (("--until", "2026-02"), "2026-02-15", "2026-02-28"),
        (("--since", "2026-03-10T23:00Z"), "2026-03-11", "2026-03-11"),  # already the next day in Minsk
    ],
)
def test_days_are_chosen_by_the_clock_of_minsk(two: Path, options: tuple[str, ...], first: str, last: str) -> None:
    days = list(told(two, "--edition", "belta-eng", *options)["belta-eng"])
    assert (days[0], days[-1]) == (first, last)


def test_text_runs_days_of_one_state_together_and_names_only_the_stretches_asked_for(two: Path) -> None:
    said = run(two, "coverage", "--edition", "belta-eng").stdout
    assert "\n  10 to 11 March: whole, walked without a hole; 1 article, 2 missing\n" in said
    assert (
        "\n  7 to 9 March: hole, not all was walked; the next crawl tries again; 3 articles, about 3 would be" in said
    )
    assert "\n  20 February: lost, something is lost for ever; 1 article" in said
    assert "\n  HOLES     8 March missing, parts of 7 and 9 March; 7 March, 12:00 to 9 March, 12:00; found 11" in said
    assert "\n  lost      part of 20 February missing, 12:00 to 15:00; found 11 March, 12:00" in said
    only = run(two, "coverage", "--edition", "belta-eng", "--since", "2026-03").stdout
    assert "HOLES" in only
    assert "20 February" not in only


def test_an_unknown_edition_is_one_line_that_names_those_that_are(two: Path) -> None:
    result = run(two, "coverage", "--edition", "belta-xyz")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.endswith("it has belta-chn, belta-eng\n")


def test_what_nobody_can_mean_is_wrong_usage(two: Path) -> None:
    assert run(two, "coverage", "--json", "--csv").exit_code == 2
    assert run(two, "coverage", "--since", "2026-04", "--until", "2026-03").exit_code == 2
    assert run(two, "coverage", "--since", "yesterday").exit_code == 2


def test_an_archive_without_a_crawl_says_how_to_begin(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True):
        pass
    assert run(tmp_path / "archive.db", "coverage").stdout == "Nothing was crawled yet: `scrapy crawl news` begins.\n"
    assert told(tmp_path / "archive.db") == {}


# --- next to counts by time


def test_search_marks_months_that_may_hold_more_and_says_so_where_nothing_is_found(two: Path) -> None:
    document = json.loads(run(two, "search", "--edition", "belta-eng", "--json").stdout)
    assert document["coverage"] == {"2026-02": "lost", "2026-03": "hole"}
    said = run(two, "search", "--edition", "belta-eng").stdout
    assert [line.split()[-1] for line in said.splitlines() if line.startswith("2026-0") and "█" in line] == [
        "lost",
        "hole",
    ]
    assert (
        "\nSomething may be missing: lost in 2026-02; a hole in 2026-03 (`dateline coverage` has the days).\n" in said
    )
    nothing = run(two, "search", "unicorn", "--since", "2026-02", "--until", "2026-02").stdout
    assert nothing.startswith("Something may be missing: lost in 2026-02 ")
    assert nothing.endswith("Nothing found.\n")


def test_search_says_nothing_of_months_that_are_whole(two: Path) -> None:
    assert "missing" not in run(two, "search", "--edition", "belta-chn").stdout
    assert json.loads(run(two, "search", "--edition", "belta-chn", "--json").stdout)["coverage"] == {"2026-03": "whole"}
    assert json.loads(run(two, "search", "--json").stdout)["coverage"]["2026-03"] == "hole"  # of any edition


def test_python_reads_the_same_days(two: Path) -> None:
    with Archive.open(str(two), readonly=True) as archive:
        days = list(archive.coverage(edition="belta-eng", since="2026-03-08", until="2026-03-10"))
        with pytest.raises(ArgumentError, match="belta-chn, belta-eng"):
            archive.coverage(edition="belta-xyz")
        assert len(list(archive.coverage())) == sum(len(days) for days in told(two).values())
    assert [(day.edition, day.day.isoformat(), day.state, day.expected) for day in days] == [
        ("belta-eng", "2026-03-08", "hole", 1),
        ("belta-eng", "2026-03-09", "hole", 1),
        ("belta-eng", "2026-03-10", "whole", 3),
    ]


# --- next to what is handed out


def _packaged(archive: Path, folder: Path, form: str, *words: str) -> dict[str, Any]:
    assert run(archive, "export", form, str(folder / f"out.{form}"), *words).exit_code == 0
    (resource, *_) = json.loads((folder / "datapackage.json").read_text())["resources"]
    return dict(resource["dateline"]["coverage"])


@pytest.mark.parametrize("form", ["csv", "jsonl", "sqlite"])
def test_every_export_states_the_coverage_of_its_editions(two: Path, tmp_path: Path, form: str) -> None:
    accounts = _packaged(two, tmp_path, form)
    assert list(accounts) == ["belta-chn", "belta-eng"]
    account = accounts["belta-eng"]
    assert (account["first_day"], account["last_day"], account["missing"]) == ("2026-02-15", "2026-03-11", 2)
    assert account["days"] == {"lost": 1, "hole": 3, "unknown": 0, "whole": 21, "outside": 0}
    assert [(gap["state"], gap["from_time"], gap["to_time"]) for gap in account["gaps"]] == [
        ("open", "2026-03-07T09:00:00Z", "2026-03-09T09:00:00Z"),
        ("lost", "2026-02-20T09:00:00Z", "2026-02-20T12:00:00Z"),
    ]
    assert account["gaps"][1]["reason"].startswith("the listing ended before it")
    leaflet = (tmp_path / f"out.{form}.dictionary.md").read_text()
    assert "- belta-eng: 15 February 2026 to 11 March 2026: 25 days, 1 lost, 3 hole, 21 whole; 2 listed" in leaflet
    assert "  - lost: part of 20 February 2026 missing, 12:00 to 15:00 (the listing ended" in leaflet


def test_an_export_of_some_days_states_the_coverage_of_these(two: Path, tmp_path: Path) -> None:
    words = ("--edition", "belta-eng", "--since", "2026-03-05", "--until", "2026-03-06")
    account = _packaged(two, tmp_path, "jsonl", *words)
    assert list(account) == ["belta-eng"]
    assert (account["belta-eng"]["days"]["whole"], account["belta-eng"]["gaps"]) == (2, [])


def test_a_package_of_pages_states_it_too(rolled: Path, tmp_path: Path) -> None:
    assert run(rolled, "export", "wacz", str(tmp_path / "out.wacz")).exit_code == 0
    with zipfile.ZipFile(tmp_path / "out.wacz") as package:
        account = json.loads(package.read("datapackage.json"))["dateline"]["coverage"]["demo"]
    assert account["days"]["lost"] == 1
    assert account["unknown_before"] == "2026-11-23T11:36:00Z"
    assert [gap["state"] for gap in account["gaps"]] == ["lost"]


def test_an_end_that_the_listing_contradicts_is_a_hole_until_it_goes_on(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        door.put("/all_news/page/2/?day=23&month=11&year=26/", html("nothing here", status=404))
        assert door.crawl().code == 3
        result = run(door.archive, "status")
        assert result.exit_code == 1
        assert "\n  HOLES         all before 23 November, 14:48 missing\n" in result.stdout
        assert told(door.archive)["demo"]["2026-11-23"]["state"] == "hole"
        door.heal()
        assert door.crawl().code == 0
        assert "HOLES" not in run(door.archive, "status").stdout
