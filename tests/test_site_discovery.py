"""Site files where they lie: what is found, which of them are used, and when a wrong one ends a crawl."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import crawler.sites
from crawler.errors import ArgumentError, SiteFileError
from crawler.sites import BUILT_IN, discovery, edition, editions_named, registry, site_of, sites, zone_of
from crawler.sites.declared.sitefile import MAX_FILE
from storage import cli
from tests.declared_sites import SITES, SMALLEST

LISTING = 'kind = "feed"\nurl = "/rss"'
HARBOUR = SMALLEST.format(listing=LISTING, article="/{slug}", more="")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In a folder of its own, with what is installed looked for again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATELINE_SITES", raising=False)
    registry.cache_clear()
    yield
    registry.cache_clear()


def put(path: Path, text: str = HARBOUR) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names() -> list[str]:
    return [site.name for site in sites()]


def faults() -> list[str]:
    return [fault.message for fault in registry().faults]


def dateline(*arguments: str) -> Result:
    return CliRunner().invoke(cli.dateline, list(arguments), prog_name="dateline")


def test_sites_of_the_folder_here_are_found(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "harbour.toml")
    put(tmp_path / "sites" / "notes.txt", "no site file")
    assert "harbour" in names()
    assert site_of("harbour-en").name == "harbour"
    assert edition("harbour-en").host == "news.harbour.example"
    assert str(zone_of("harbour-en")) == "Europe/Tallinn"
    assert [found.name for found in editions_named("harbour")] == ["harbour-en"]
    assert faults() == []


def test_folders_of_the_variable_are_separated_like_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "a" / "harbour.toml")
    monkeypatch.setenv("DATELINE_SITES", f"{SITES}:{tmp_path / 'a'}::")
    assert {"steppe", "fjord", "island", "harbour"} <= set(names())


def test_folder_that_is_not_there_is_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_SITES", str(tmp_path / "gone"))
    assert faults() == [f"DATELINE_SITES: {tmp_path / 'gone'} is no folder; name folders that hold site files"]
    assert editions_named("belta-eng")


def test_one_file_found_twice_is_one_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "sites" / "harbour.toml")
    monkeypatch.setenv("DATELINE_SITES", f"sites:{tmp_path / 'sites'}")
    assert names().count("harbour") == 1
    assert faults() == []


def test_package_folder_of_an_entry_point_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "lib" / "my_agencies" / "__init__.py", "raise SystemExit('nothing of a package is run')")
    put(tmp_path / "lib" / "my_agencies" / "harbour.toml")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    points = [
        EntryPoint("mine", "my_agencies", discovery.GROUP),
        EntryPoint("gone", "my_lost_agencies", discovery.GROUP),
        EntryPoint("deep", "my_lost.agencies", discovery.GROUP),
    ]
    monkeypatch.setattr(discovery, "entry_points", lambda group: points if group == discovery.GROUP else [])
    assert "harbour" in names()
    assert [fault.partition(":")[0] for fault in faults()] == ["gone", "deep"]
    assert "my_agencies" not in sys.modules


def test_of_two_files_with_one_name_neither_wins(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "a.toml")
    put(tmp_path / "sites" / "b.toml")
    assert "harbour" not in names()
    one, two = faults()
    assert ("sites/a.toml" in one, "sites/b.toml" in one, "\n" in one) == (True, True, False)
    assert two.startswith("sites/b.toml: ")
    with pytest.raises(SiteFileError, match=r"a\.toml.*b\.toml"):
        editions_named("harbour-en")


def test_of_two_sites_with_one_edition_neither_wins(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "a.toml")
    put(tmp_path / "sites" / "b.toml", HARBOUR.replace('site = "harbour"', 'site = "port"'))
    assert {"harbour", "port"}.isdisjoint(names())
    assert all("'harbour-en' is also in" in fault for fault in faults())


@pytest.mark.parametrize("name", ["belta", "demo"])
def test_name_of_a_site_of_dateline_is_taken(tmp_path: Path, name: str) -> None:
    put(tmp_path / "sites" / "own.toml", HARBOUR.replace('"harbour"', f'"{name}"'))
    assert site_of("belta-eng") is BUILT_IN[0]
    assert faults() == [f"sites/own.toml: '{name}' is the name of a site that Dateline has itself; choose another"]
    assert editions_named("belta,demo")


BROKEN = HARBOUR.replace("[article]", "[artcle]")


def test_wrong_file_ends_what_asks_for_it_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "harbour.toml", BROKEN)
    for asked in ("harbour-en", "harbour"):
        with pytest.raises(SiteFileError, match=r"sites/harbour\.toml: artcle: unknown key; did you mean article\?"):
            editions_named(asked)
    assert [found.name for found in editions_named("belta-eng")] == ["belta-eng"]
    with pytest.raises(ArgumentError, match="unknown edition 'harbor'"):
        editions_named("harbor")


def test_wrong_file_that_claims_a_name_makes_it_doubtful(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "good.toml")
    put(tmp_path / "sites" / "bad.toml", BROKEN)
    assert edition("harbour-en").host == "news.harbour.example"  # what reads the archive goes on
    with pytest.raises(SiteFileError, match=r"bad\.toml"):
        editions_named("harbour-en")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ('site = "harbour"\n[editions.harbour-en\n', "harbour"),
        ('site = "x"\n[editions.harbour-en]\n[[[', "harbour-en"),
        ("[[[", "harbour-en"),
    ],
)
def test_file_that_is_no_toml_may_hold_what_it_names(tmp_path: Path, text: str, asked: str) -> None:
    put(tmp_path / "sites" / "torn.toml", text)
    with pytest.raises(ArgumentError, match=r"sites/torn\.toml: no TOML") as caught:
        editions_named(asked)
    assert "\n" not in str(caught.value)
    assert editions_named("belta-eng")


def test_file_that_cannot_be_read_or_is_too_long_is_one_line(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "long.toml", "#" * (MAX_FILE + 1))
    (tmp_path / "sites" / "lost.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "sites" / "folder.toml").mkdir()
    assert faults() == [f"sites/long.toml: a file of {MAX_FILE + 1:,} bytes; a site file has at most {MAX_FILE:,}"]
    with pytest.raises(SiteFileError, match="at most"):
        editions_named("long")


def test_command_lists_what_is_installed_and_from_where(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "harbour.toml", "experimental = true\n" + HARBOUR)
    result = dateline("sites")
    assert result.exit_code == 0
    assert "belta  BelTA (dateline)" in result.stdout
    assert "harbour  harbour (./sites; experimental: nobody has run it yet)" in result.stdout
    assert "harbour-en  news.harbour.example, en, Europe/Tallinn: feed" in result.stdout


def test_command_names_each_wrong_file_and_exits_with_1(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "harbour.toml", BROKEN)
    result = dateline("sites")
    assert result.exit_code == 1
    assert "1 file cannot be used:" in result.stdout
    assert "sites/harbour.toml: artcle: unknown key" in result.stdout
    assert result.stderr == ""


def test_json_has_sites_and_wrong_files(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "bad.toml", BROKEN)
    put(tmp_path / "sites" / "harbour.toml", HARBOUR.replace("harbour", "port"))
    told = json.loads(dateline("sites", "--json").stdout)
    by_name = {site["site"]: site for site in told["sites"]}
    assert by_name["belta"]["file"] is None
    assert by_name["port"]["from"] == "./sites"
    assert by_name["port"]["file"] == "sites/harbour.toml"
    assert by_name["port"]["editions"] == [
        {
            "edition": "port-en", "host": "news.port.example", "aliases": [], "language": "en",
            "timezone": "Europe/Tallinn", "listings": [{"name": "feed", "kind": "feed"}],
        }
    ]  # fmt: skip
    assert [wrong["file"] for wrong in told["wrong"]] == ["sites/bad.toml"]


def test_schema_is_printed_for_editors() -> None:
    assert json.loads(dateline("sites", "schema").stdout)["title"] == "A site file of Dateline"


def test_reading_commands_warn_with_one_line(tmp_path: Path) -> None:
    put(tmp_path / "sites" / "harbour.toml", BROKEN)
    result = dateline("search", "rain")
    assert result.stderr.splitlines()[0] == (
        "dateline: warning: sites/harbour.toml: artcle: unknown key; did you mean article?"
    )


def test_without_files_of_the_user_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read() -> None:
        raise AssertionError

    monkeypatch.setattr(crawler.sites, "registry", read)
    assert dateline("search", "rain").exit_code == 1  # there is no archive
