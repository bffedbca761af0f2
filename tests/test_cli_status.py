"""`dateline status`: what is there, what is missing, and when somebody has to look."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crawler.records import UnknownEntry
from storage.cli import dateline
from storage.db.schema import walks
from storage.read.coverage import gaps
from storage.write.archive import Archive
from tests.sample_archive import HARVEST, NOON, PARK, Scribe, entry, small, troubled


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The year is left out of days of this year."""
    monkeypatch.setattr(gaps, "now", lambda: NOON)


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("well") / "archive.db")


@pytest.fixture(scope="module")
def ill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return troubled(tmp_path_factory.mktemp("ill") / "archive.db")


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), "status", *arguments], prog_name="dateline")


def edition(archive: Path, name: str = "belta-eng") -> dict[str, Any]:
    document = json.loads(run(archive, "--json", "--edition", name).stdout)
    (only,) = document["editions"]
    return dict(only)


def test_all_well_is_exit_code_0(well: Path) -> None:
    result = run(well)
    assert result.exit_code == 0
    assert result.stdout.endswith("\nAll well.\n")


def test_trouble_is_exit_code_1_and_counted_in_the_last_line(ill: Path) -> None:
    result = run(ill)
    assert result.exit_code == 1
    assert result.stdout.endswith("\nSomebody should look: 1 given up, 1 unrecognised, 1 hole.\n")


def test_trouble_in_another_edition_does_not_count(ill: Path) -> None:
    assert run(ill, "--edition", "belta-chn").exit_code == 0
    assert run(ill, "--edition", "belta-eng").exit_code == 1


def test_an_edition_is_counted(ill: Path) -> None:
    found = edition(ill)
    counts = ("live", "gone", "pending", "given_up_count", "duplicates", "revisions", "snapshots", "unread")
    assert [found[name] for name in counts] == [3, 1, 2, 2, 1, 5, 9, 0]
    assert (found["published_first"], found["published_last"]) == ("2026-03-10T09:00:00Z", "2026-03-10T09:50:00Z")
    assert found["page_bytes"] == found["wire_bytes"] > 10_000


def test_bytes_are_counted_once_for_each_distinct_page(well: Path) -> None:
    document = json.loads(run(well, "--json").stdout)
    assert document["bodies"] == 7  # the twin's page is the park's
    assert 0 < document["stored_bytes"] < document["raw_bytes"]


def test_the_last_crawls_are_shown_with_their_outcome(ill: Path) -> None:
    crawls = edition(ill)["crawls"]
    assert [crawl["outcome"] for crawl in crawls] == ["incomplete", "complete"]
    assert crawls[0]["message"] == "the site answered with errors"
    assert crawls[0]["arguments"] == {"since": "all"}
    assert "incomplete  1 gone, 31 failed: the site answered with errors" in run(ill).stdout


def test_a_crawl_that_did_not_finish_is_shown_as_such(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        Scribe(archive).story(PARK)
    assert "2026-03-10 12:00  not finished: running or killed" in run(tmp_path / "archive.db").stdout


def test_holes_are_told_in_words(ill: Path) -> None:
    assert edition(ill)["holes"] == ["3 to 8 March missing, part of 9 March"]
    (gap,) = edition(ill)["gaps"]
    assert (gap["state"], gap["from_time"], gap["to_time"]) == ("open", "2026-03-02T21:00:00Z", "2026-03-09T09:00:00Z")
    said = run(ill).stdout
    assert "coverage      whole from 9 March, 12:00 to 10 March, 12:00\n" in said
    assert "HOLES         3 to 8 March missing, part of 9 March\n" in said


def test_a_walk_for_everything_is_short_of_the_beginning(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.walk(goal="0001-01-01", complete=0, ended=None, bottom_day=None, bottom_key=None)
        scribe.gap(None, "2026-03-10T09:00:00Z")
    found = edition(tmp_path / "archive.db")
    assert found["holes"] == ["all before 10 March, 12:00 missing"]
    assert run(tmp_path / "archive.db").exit_code == 1


def test_pieces_of_one_hole_are_one_line(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.gap("2026-03-08T09:00:00Z", "2026-03-09T09:00:00Z", newer_key="7-2026")
        scribe.gap("2026-03-09T09:00:00Z", "2026-03-10T06:00:00Z", older_key="7-2026")
        scribe.gap("2026-03-07T15:00:00Z", "2026-03-07T18:00:00Z")
        scribe.gap("2026-03-05T09:00:00Z", "2026-03-05T12:00:00Z")
        scribe.now += timedelta(hours=1)
        scribe.gap("2026-03-04T09:00:00Z", "2026-03-04T12:00:00Z")
    assert edition(tmp_path / "archive.db")["holes"] == [
        "part of 7 March missing, 18:00 to 21:00; 9 March missing, parts of 8 and 10 March",
        "part of 5 March missing, 12:00 to 15:00",
        "part of 4 March missing, 12:00 to 15:00",
    ]
    assert run(tmp_path / "archive.db").stdout.endswith("Somebody should look: 3 holes.\n")


def test_a_hole_of_many_pieces_stays_one_line(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        for day in range(1, 7):
            scribe.gap(f"2026-03-0{day}T09:00:00Z", f"2026-03-0{day}T10:00:00Z")
            scribe.gap(f"2026-03-0{day}T20:00:00Z", f"2026-03-0{day}T22:00:00Z")
    (line,) = edition(tmp_path / "archive.db")["holes"]
    assert line == "2 to 6 March missing, parts of 1 and 7 March, in 12 pieces"


def test_what_is_lost_is_listed_with_when_and_why_and_needs_nobody(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.loss("2026-03-08T09:00:00Z", "2026-03-10T06:00:00Z")
        scribe.finish("lost")
    found, result = edition(tmp_path / "archive.db"), run(tmp_path / "archive.db")
    assert result.exit_code == 0
    assert result.stdout.endswith("\nNothing to mend; what is lost is listed above.\n")
    line = "9 March missing, parts of 8 and 10 March; found 10 March, 12:00, lost 10 March, 12:00: the listing ended"
    assert f"\n  lost          {line}" in result.stdout
    assert (found["holes"], [lost[: len(line)] for lost in found["lost"]]) == ([], [line])
    assert [gap["state"] for gap in found["gaps"]] == ["lost"]
    assert "dateline_lost_stretches" in run(tmp_path / "archive.db", "--prometheus").stdout


def test_a_hole_next_to_a_loss_still_needs_somebody(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.loss("2026-03-08T09:00:00Z", "2026-03-09T06:00:00Z")
        scribe.gap("2026-03-09T06:00:00Z", "2026-03-10T06:00:00Z")
    result = run(tmp_path / "archive.db")
    assert (result.exit_code, result.stdout.endswith("Somebody should look: 1 hole.\n")) == (1, True)


def test_what_is_older_than_an_open_end_is_said_to_be_unknown(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(HARVEST)
        scribe.walk(ended="end", end_kind="open", bottom_key=HARVEST.key)
    says = "what is older than 10 March, 12:00 is not known: the listing ends there"
    assert edition(tmp_path / "archive.db")["extent"][-1] == says
    with Archive.open(str(tmp_path / "archive.db")) as archive, archive.writing() as connection:
        connection.execute(walks.update().values(end_kind="seen"))
    assert says not in run(tmp_path / "archive.db").stdout


def test_an_address_of_unknown_form_needs_a_person_while_the_listing_shows_it(tmp_path: Path) -> None:
    odd = UnknownEntry("https://eng.belta.by/live/42", "A live page", "12:00", NOON.date())
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.listing(unknown=(odd, replace(odd, url="https://eng.belta.by/live/43")))
        scribe.finish()
        result = run(tmp_path / "archive.db")
        assert "unknown       2 listing entries lead to an address of unknown form\n" in result.stdout
        assert "https://eng.belta.by/live/43  A live page" in result.stdout
        assert result.stdout.endswith("Somebody should look: 1 trouble, 2 unknown addresses.\n")
        assert result.exit_code == 1
        for hours in range(12, 84, 12):
            again = Scribe(archive, now=NOON + timedelta(hours=hours))
            again.listing()
            again.finish()
    assert edition(tmp_path / "archive.db")["unknown_entries"] == []
    assert run(tmp_path / "archive.db").exit_code == 0


def test_a_window_beside_the_head_is_no_hole(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.walk(kind="window", bottom_day="2020-01-01", goal="2020-01-01")
        scribe.walk()
    assert edition(tmp_path / "archive.db")["holes"] == []


def test_an_interval_that_became_part_of_another_is_not_shown(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.walk()
        scribe.walk(merged_into=1, complete=0)
    found = edition(tmp_path / "archive.db")
    assert ([walk["walk_id"] for walk in found["coverage"]], found["holes"]) == ([1], [])


def test_what_waits_is_told_with_the_reason(ill: Path) -> None:
    waiting = edition(ill)["waiting"]
    assert [(article["key"], article["last_error"]) for article in waiting] == [
        ("1005-2026", "HTTP status 500"),
        ("1008-2026", "no era knows this page"),
    ]
    assert "0 articles not tried yet, 2 after a failure" in run(ill).stdout


def test_what_was_never_tried_waits_and_is_no_trouble(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        Scribe(archive).listing(entry("1-2026", "A bridge opens", "12:00"))
    result = run(tmp_path / "archive.db")
    assert "1 article not tried yet, 0 after a failure" in result.stdout
    assert edition(tmp_path / "archive.db")["waiting"][0]["headline"] == "A bridge opens"
    assert result.exit_code == 0


def test_what_was_given_up_is_listed_with_the_reason(ill: Path) -> None:
    given_up = edition(ill)["given_up"]
    assert [(article["key"], article["vanished"]) for article in given_up] == [("1006-2026", 0), ("1007-2026", 1)]
    lines = run(ill).stdout
    assert "1006-2026  30 failures: the connection was closed" in lines
    assert "1007-2026  gone before it was fetched: HTTP status 404" in lines


def test_what_the_site_took_down_before_it_was_fetched_is_listed_but_nobody_can_help(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        Scribe(archive).answer("1-2026", 410)
    result = run(tmp_path / "archive.db")
    assert "gone before it was fetched: HTTP status 410" in result.stdout
    assert result.exit_code == 0


def test_pages_that_no_parser_reads_are_listed(ill: Path) -> None:
    (page,) = edition(ill)["unrecognised"]
    assert (page["reading"], page["problem"]) == ("unrecognised", "no era knows this page")
    assert f"snapshot {page['snapshot_id']}  2026-03-10 14:00  no era knows this page" in run(ill).stdout


def test_thousands_of_unrecognised_pages_do_not_flood_the_screen(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        for number in range(30):
            scribe.riddle(f"{number}-2026")
    assert "the last 20 of 30; --json has all" in run(tmp_path / "archive.db").stdout
    assert len(edition(tmp_path / "archive.db")["unrecognised"]) == 30


def test_a_listing_that_says_something_else_is_counted(well: Path) -> None:
    assert edition(well)["disagreements"] == 1  # 1003: headline and time
    assert "1 article whose listing said another headline or time" in run(well).stdout


@pytest.mark.parametrize(
    ("headline", "at", "disagreements"),
    [
        (HARVEST.headline, "12:00", 0),
        (f" {HARVEST.headline}\n", "12:00", 0),  # only white space differs
        (HARVEST.headline, "12:01", 1),
        ("Harvest ends", "12:00", 1),
        (HARVEST.headline, "%", 0),  # no clock at all
    ],
)
def test_disagreement_is_judged_by_headline_and_time(
    tmp_path: Path, headline: str, at: str, disagreements: int
) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.listing(entry(HARVEST.key, headline, at))
        scribe.story(HARVEST)
    assert edition(tmp_path / "archive.db")["disagreements"] == disagreements


def test_a_day_that_differs_around_midnight_is_a_disagreement(tmp_path: Path) -> None:
    late = NOON.replace(hour=21, minute=30)  # 00:30 of the next day in Minsk
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.listing(entry(HARVEST.key, HARVEST.headline, "00:30"))
        scribe.story(replace(HARVEST, published_at=late, published_printed="11 March 2026, 00:30"))
    assert edition(tmp_path / "archive.db")["disagreements"] == 1


def test_an_archive_without_a_crawl_says_how_to_begin(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True):
        pass
    result = run(tmp_path / "archive.db")
    assert result.exit_code == 0
    assert "Nothing was crawled yet: `scrapy crawl news` begins." in result.stdout


def test_an_unknown_edition_is_wrong_usage(well: Path) -> None:
    result = run(well, "--edition", "belta-xyz")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no edition 'belta-xyz'" in result.stderr


def test_status_prints_the_head_of_the_chain_to_be_noted_elsewhere(well: Path) -> None:
    with closing(sqlite3.connect(well)) as file:
        (digest,) = file.execute("SELECT digest FROM manifests WHERE manifest_id = 2").fetchone()
    assert f"{digest}  manifest 2" in run(well).stdout
    document = json.loads(run(well, "--json").stdout)
    assert document["head"] == {"manifest_id": 2, "digest": digest, "sealed_at": "2026-03-10T09:00:00Z"}


@pytest.mark.parametrize("place", ["the working directory", "beside the archive"])
def test_a_stop_file_is_named_for_people_and_machines_and_is_no_trouble_by_itself(
    well: Path, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    archive = shutil.copy(well, tmp_path / "archive.db") if place == "beside the archive" else well
    assert json.loads(run(Path(archive), "--json").stdout)["stop_file"] is None
    assert "dateline_stop_file" not in run(Path(archive), "--prometheus").stdout
    if place == "beside the archive":
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir("elsewhere")
    stop = tmp_path / "dateline.stop"
    stop.touch()
    os.utime(stop, (NOON.timestamp(),) * 2)
    result = run(Path(archive))
    said = "dateline.stop, since 2026-03-10 09:00 UTC: no crawl asks anything until it is removed"
    assert said in " ".join(result.stdout.split())
    assert result.exit_code == 0
    assert json.loads(run(Path(archive), "--json").stdout)["stop_file"]["since"] == "2026-03-10T09:00:00Z"
    metrics = dict(line.rsplit(" ", 1) for line in run(Path(archive), "--prometheus").stdout.splitlines())
    assert float(metrics["dateline_stop_file_timestamp_seconds"]) == NOON.timestamp()
    monkeypatch.setenv("DATELINE_STOP_FILE", "halt")
    assert json.loads(run(Path(archive), "--json").stdout)["stop_file"] is None
