"""Two agencies in two zones in one archive: every door tells each its own time, also when its site is gone."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

import crawler.sites
from crawler.dates import from_utc_text, local_day
from crawler.errors import ArgumentError
from crawler.sites.discovery import Search, SiteFile
from storage.cli import dateline
from storage.read.zones import Zones, days_between
from storage.terminal.moments import moment, stamp
from storage.write.archive import Archive
from tests.front_door import NOON, front_door
from tests.test_crawl_agencies import instead_of_the_network, saved_pages

ALMATY, MOSCOW = "Asia/Almaty", "Europe/Moscow"
DOME = "kazinform-rus/kupol-dlya-dyn-b00b30"  # 19:15 UTC on 4 March: a quarter past midnight in Almaty
STEPS = "meduza-rus/feature/2026/03/05/chelovek-kotoryy-schital-stupeni"  # 21:10 UTC: ten past midnight in Moscow


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with front_door(tmp_path_factory.mktemp("crawl")) as door:
        door.crawl(
            *("-s", "DEMO_NOW=", "-s", "CLOCK=tests.front_door.NoonClock"),
            before=partial(instead_of_the_network, saved_pages()),
            edition="kazinform-rus,meduza-rus",
            base_url=None,
        )
        return Path(shutil.copy(door.archive, tmp_path_factory.mktemp("archive") / "archive.db"))


@pytest.fixture
def archive(crawled: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(crawled, tmp_path / "archive.db"))


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if no site file were there any more."""
    with installed(monkeypatch):
        yield


@contextmanager
def installed(monkeypatch: pytest.MonkeyPatch, *files: Path) -> Iterator[None]:
    found = Search(tuple(SiteFile(path, "./sites", path.name) for path in files), ())
    monkeypatch.setattr(crawler.sites, "search", lambda: found)
    crawler.sites.registry.cache_clear()
    yield
    monkeypatch.undo()
    crawler.sites.registry.cache_clear()


def run(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), *arguments], prog_name="dateline")


def told(archive: Path, *arguments: str) -> dict[str, object]:
    result = run(archive, *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def days(archive: Path) -> dict[str, str]:
    with closing(sqlite3.connect(archive)) as connection:
        return dict(connection.execute("SELECT edition || '/' || key, published_day FROM news"))


def test_the_archive_knows_its_editions(crawled: Path) -> None:
    with closing(sqlite3.connect(crawled)) as connection:
        rows = connection.execute("SELECT * FROM editions ORDER BY edition").fetchall()
    assert rows == [
        ("kazinform-rus", "kazinform", "Kazinform", "www.inform.kz", ALMATY, "ru"),
        ("meduza-rus", "meduza", "Meduza", "meduza.io", MOSCOW, "ru"),
    ]


def test_a_day_is_searched_for_in_the_own_zone_of_each_edition(crawled: Path) -> None:
    for edition in ((), ("--edition", "kazinform-rus"), ("--edition", "meduza-rus")):
        found = told(crawled, "search", "--since", "2026-03-05", "--until", "2026-03-05", *edition)
        names = {f"{row['edition']}/{row['key']}" for row in found["results"]}  # type: ignore[attr-defined]
        wanted = {name for name, day in days(crawled).items() if day == "2026-03-05"}
        assert names == {name for name in wanted if not edition or name.startswith(edition[1])}
        assert found["months"] == {"2026-03": len(names)}
    early = told(crawled, "search", "--until", "2026-03-04")
    assert {row["key"] for row in early["results"]} == {"poezd-bez-relsov-d00d28"}  # type: ignore[attr-defined]


def test_a_time_that_names_its_zone_is_the_same_for_all(crawled: Path) -> None:
    found = told(crawled, "search", "--since", "2026-03-04T20:00Z", "--until", "2026-03-04T22:00Z")
    assert [f"{row['edition']}/{row['key']}" for row in found["results"]] == [STEPS]  # type: ignore[attr-defined]


def test_each_time_names_its_zone_where_there_are_several(crawled: Path) -> None:
    lines = run(crawled, "search", "--sort", "time").stdout.splitlines()
    assert any(line.startswith(f"2026-03-05 00:15 {ALMATY}") and DOME in line for line in lines)
    assert any(line.startswith(f"2026-03-05 00:10 {MOSCOW}") and STEPS in line for line in lines)
    assert lines[-1].endswith("Times are those of each edition's own zone, which is named.")
    alone = run(crawled, "search", "--edition", "meduza-rus").stdout.splitlines()
    assert alone[-1].endswith(f"Times are {MOSCOW} time.")


def test_coverage_counts_the_own_days_of_each_edition(crawled: Path) -> None:
    found = told(crawled, "coverage", "--since", "2026-03-05", "--until", "2026-03-05")
    counted = {
        one["edition"]: {day["day"]: day["articles"] for day in one["days"]}
        for one in found["editions"]  # type: ignore[attr-defined]
    }
    assert counted == {"kazinform-rus": {"2026-03-05": 2}, "meduza-rus": {"2026-03-05": 3}}
    last = run(crawled, "coverage").stdout.splitlines()[-1]
    assert last == f"Days are those of {ALMATY} (kazinform-rus), {MOSCOW} (meduza-rus)."


@pytest.mark.parametrize(
    ("name", "said"),
    [(DOME, f"Kazinform, 2026-03-05 00:15 ({ALMATY} time)"), (STEPS, f"Meduza, 2026-03-05 00:10 ({MOSCOW} time)")],
)
def test_an_article_is_shown_and_cited_by_the_name_that_is_printed(crawled: Path, name: str, said: str) -> None:
    assert said in run(crawled, "cite", name).stdout
    assert "date = {2026-03-05}" in run(crawled, "cite", name, "--format", "bibtex").stdout
    shown = run(crawled, "show", name).stdout
    assert "2026-03-05 00:1" in shown
    assert f"Evidence ({said.partition('(')[2]}" in shown


def test_a_day_as_of_which_is_another_time_in_each_zone_is_asked_back(crawled: Path) -> None:
    result = run(crawled, "search", "--as-of", "2026-11-23")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"2026-11-23 is not the same time in {ALMATY} and {MOSCOW}: name an edition" in result.stderr
    assert run(crawled, "search", "--as-of", "2026-11-23", "--edition", "meduza-rus").exit_code == 0
    assert run(crawled, "search", "--as-of", "2026-11-23T22:00Z").exit_code == 0
    assert "[as of 2026-11-23 23:59]" in run(crawled, "show", DOME, "--as-of", "2026-11-23").stdout


def test_a_name_of_several_articles_is_asked_back(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        numbers = [row[0] for row in connection.execute("SELECT article_id FROM articles ORDER BY article_id")]
        connection.execute("UPDATE articles SET key = ? WHERE article_id = ?", (str(numbers[0]), numbers[1]))
    result = run(archive, "show", str(numbers[0]))
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"'{numbers[0]}' names several articles: say which, as one of kazinform-rus/" in result.stderr
    assert told(archive, "show", f"#{numbers[0]}")["article_id"] == numbers[0]
    assert told(archive, "show", f"kazinform-rus/{numbers[0]}")["article_id"] == numbers[1]


def test_an_export_says_whose_days_it_tells(crawled: Path, tmp_path: Path) -> None:
    file = tmp_path / "wire.csv"
    assert run(crawled, "export", "csv", str(file), "--since", "2026-03-05", "--until", "2026-03-05").exit_code == 0
    rows = list(csv.DictReader(file.read_text(encoding="utf-8").splitlines()))
    assert {row["published_day"] for row in rows} == {"2026-03-05"}
    assert len(rows) == 5
    leaflet = file.with_name("wire.csv.dictionary.md").read_text(encoding="utf-8")
    assert f"days and times of {ALMATY}" in leaflet
    assert f"days and times of {MOSCOW}" in leaflet


def test_an_archive_goes_through_warc_with_the_zones_of_its_editions(crawled: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "wire.warc.gz", tmp_path / "other.db"
    assert run(crawled, "export", "warc", str(file)).exit_code == 0
    assert run(other, "import", str(file)).exit_code == 0
    assert days(other) == days(crawled)
    assert run(other, "cite", STEPS).stdout.partition(". Revision")[0] in run(crawled, "cite", STEPS).stdout


@pytest.mark.usefixtures("gone")
def test_what_is_kept_of_a_site_that_is_gone_is_read_verified_and_exported(archive: Path, tmp_path: Path) -> None:
    assert f"Meduza, 2026-03-05 00:10 ({MOSCOW} time)" in run(archive, "cite", STEPS).stdout
    assert told(archive, "search", "--since", "2026-03-05", "--edition", "meduza-rus")["total"] == 3
    assert run(archive, "coverage").exit_code == 0
    assert run(archive, "verify").exit_code == 0, run(archive, "verify").output
    assert run(archive, "export", "csv", str(tmp_path / "wire.csv")).exit_code == 0
    assert run(archive, "export", "warc", str(tmp_path / "wire.warc.gz")).exit_code == 0


@pytest.mark.usefixtures("gone")
def test_a_site_that_is_gone_reads_nothing_again(archive: Path) -> None:
    before = archive.read_bytes()
    for arguments in ((), ("--edition", "meduza-rus"), ("--article", STEPS)):
        result = run(archive, "reparse", *arguments)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "site meduza is not installed" in result.stderr
    assert archive.read_bytes() == before


def test_a_zone_that_is_corrected_moves_the_days(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Path(crawler.sites.__file__).parent / "files" / "kazinform.toml"
    file = tmp_path / "kazinform.toml"
    file.write_text(shipped.read_text(encoding="utf-8").replace(ALMATY, "Europe/Lisbon"), encoding="utf-8")
    assert days(archive)[DOME] == "2026-03-05"
    with installed(monkeypatch, file):
        with Archive.open(str(archive)) as opened:
            opened.begin_crawl("kazinform-rus", {}, "dateline", "dateline", NOON)
        assert days(archive)[DOME] == "2026-03-04"
        assert days(archive)[STEPS] == "2026-03-05"
        assert "Kazinform, 2026-03-04 19:15 (Europe/Lisbon time)" in run(archive, "cite", DOME).stdout
        counted = told(archive, "coverage", "--edition", "kazinform-rus", "--since", "2026-03-04")
        articles = {day["day"]: day["articles"] for day in counted["editions"][0]["days"]}  # type: ignore[index]
        assert (articles["2026-03-04"], articles["2026-03-05"]) == (1, 1)


ZONES = st.sampled_from(["UTC", ALMATY, MOSCOW, "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu", "Africa/Cairo"])
DAYS = st.dates(datetime(1990, 1, 1).date(), datetime(2037, 1, 1).date()).map(str)  # noqa: DTZ001 - days of no zone


@given(st.dictionaries(st.sampled_from("abc"), ZONES, min_size=1), DAYS, DAYS)
def test_two_days_mean_those_days_in_every_edition(named: dict[str, str], since: str, until: str) -> None:
    zones = Zones({edition: ZoneInfo(key) for edition, key in named.items()})
    if since > until:
        with pytest.raises(ArgumentError, match="since is later than until"):
            zones.bounds(moment(since), moment(until))
        return
    bounds = zones.bounds(moment(since), moment(until))
    for edition in named:
        own = next(((one.since, one.until) for one in bounds.own if one.edition == edition), None)
        first, after = own or (bounds.since, bounds.until)
        assert first is not None
        assert after is not None
        zone, second = zones.of(edition), timedelta(seconds=1)
        assert str(local_day(from_utc_text(first), zone)) >= since > str(local_day(from_utc_text(first) - second, zone))
        assert str(local_day(from_utc_text(after), zone)) > until >= str(local_day(from_utc_text(after) - second, zone))
        assert (bounds.since or "") <= first < after <= (bounds.until or "")
    assert stamp(from_utc_text(str(bounds.since))) == bounds.since
    assert all(day is not None for day in days_between(zones, bounds))
