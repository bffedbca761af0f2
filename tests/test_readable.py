"""`from storage import Archive`: what a program reads from an archive."""

from __future__ import annotations

import doctest
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

import storage
from crawler.errors import ArgumentError, DatelineError
from storage import Archive
from storage.db.views import NEWS_COLUMNS
from storage.read import archive as readable
from storage.read.locate import NotInArchive
from storage.read.records import News
from tests.sample_archive import HARVEST, HARVEST_PHOTO, HOSTILE, Scribe, small, troubled


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive.open(str(path), readonly=True) as opened:
        yield opened


def keys(archive: Archive, *arguments: Any, **choice: Any) -> list[str]:  # noqa: ANN401 - whatever `news` takes
    return [article.key for article in archive.news(*arguments, **choice)]


def test_docstrings_are_true(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    found = doctest.testmod(readable, extraglobs={"Archive": Archive})
    assert (found.failed, found.attempted >= 8) == (0, True)


def test_importing_storage_waits_for_nothing() -> None:
    code = "import sys, storage; print(*sys.modules); storage.Archive; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = done.stdout.splitlines()
    assert {"sqlalchemy", "zstandard"}.isdisjoint(before.split())
    assert after == "True"


def test_storage_has_nothing_else_to_give() -> None:
    assert storage.__all__ == ["Archive"]
    with pytest.raises(AttributeError, match="'Archiv'"):
        storage.Archiv  # noqa: B018 - it raises


def test_an_article_has_the_columns_of_the_view(archive: Archive) -> None:
    assert tuple(field.name for field in fields(News)) == NEWS_COLUMNS
    article = archive.article("belta-eng/1001-2026")
    assert (article.headline, article.body) == (HARVEST.headline, HARVEST.text)
    assert article.published_at == datetime(2026, 3, 10, 9, tzinfo=UTC)
    assert (article.photo_caption, article.photo_count, article.tags) == (HARVEST_PHOTO.caption, 1, ())
    assert (article.status, article.gone_at, article.revision_count) == ("live", None, 2)


@pytest.mark.parametrize("name", [3, "3", "1003-2026", "belta-eng/1003-2026", HOSTILE.url])
def test_an_article_is_named_as_on_the_command_line(archive: Archive, name: str | int) -> None:
    assert archive.article(name).headline == HOSTILE.headline


def test_what_is_not_there_is_not_found(archive: Archive) -> None:
    with pytest.raises(NotInArchive, match="no article '9-2026'"):
        archive.article("9-2026")
    with pytest.raises(ArgumentError, match="in several editions"):
        archive.revisions("1001-2026")


def test_an_article_that_is_not_archived_yet_has_no_revisions(tmp_path: Path) -> None:
    with Archive.open(str(troubled(tmp_path / "archive.db")), readonly=True) as opened:
        assert opened.revisions("1005-2026") == []
        with pytest.raises(NotInArchive, match="it is not archived yet"):
            opened.article("1005-2026")


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ({}, ["1001-2026", "1002-2026", "1003-2026", "1004-2026", "1001-2026"]),
        ({"edition": "belta-chn"}, ["1001-2026"]),
        ({"status": "gone"}, ["1002-2026"]),
        ({"changed": True}, ["1001-2026"]),
        ({"since": date(2026, 3, 11)}, []),
        ({"until": date(2026, 3, 9)}, []),
        ({"since": "2026-03-10T12:50"}, ["1004-2026"]),
        ({"since": datetime(2026, 3, 10, 9, 50, tzinfo=UTC)}, ["1004-2026"]),
        ({"since": datetime(2026, 3, 10, 12, 50)}, ["1004-2026"]),  # noqa: DTZ001 - Minsk time
        ({"since": datetime(2026, 3, 10, 18, 50, tzinfo=ZoneInfo("Asia/Tokyo"))}, ["1004-2026"]),
        ({"until": pd.Timestamp("2026-03-10T09:00:00Z")}, ["1001-2026"]),
        ({"as_of": "2026-03-10T12:30", "edition": "belta-eng"}, ["1001-2026", "1002-2026", "1003-2026"]),
        ({"rubric": None, "since": None}, ["1001-2026", "1002-2026", "1003-2026", "1004-2026", "1001-2026"]),
    ],
)
def test_filters_are_those_of_search(archive: Archive, choice: dict[str, Any], found: list[str]) -> None:
    assert keys(archive, **choice) == found
    assert archive.count(**choice) == len(found)


def test_a_filter_that_is_none_is_refused(archive: Archive) -> None:
    with pytest.raises(ArgumentError, match="'tomorrow' is no date"):
        archive.count(since="tomorrow")
    with pytest.raises(TypeError, match="no filter 'rubrik': there are edition, rubric, since"):
        archive.count(rubrik="economics")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"edition": "belta-egn"}, "it has belta-chn, belta-eng"),
        ({"edition": ""}, "it has belta-chn, belta-eng"),
        ({"edition": "belta-rus"}, "it has belta-chn, belta-eng"),
        ({"status": "lives"}, "status is live or gone, not 'lives'"),
        ({"since": "2026-03-11", "until": "2026-03-10"}, "since is later than until"),
        ({"edition": ["belta-eng"]}, "edition is a text, not ['belta-eng']"),
        ({"rubric": 3}, "rubric is a text, not 3"),
        ({"changed": "yes"}, "changed is True or False, not 'yes'"),
        ({"since": 20260310}, "since is a date, a time or a text, not 20260310"),
        ({"query": None}, "query is a text, not None"),
        ({"query": "park -"}, "stands directly before what to leave out"),
        ({"query": "title:park"}, "there is no column 'title'"),
    ],
)
def test_what_nobody_can_mean_is_refused_at_once_and_not_answered_with_nothing(
    archive: Archive, choice: dict[str, Any], said: str
) -> None:
    asked = {"query": "park", **choice}
    for ask in (archive.news, archive.count, archive.search):
        with pytest.raises(ArgumentError) as refused:
            ask(**asked)
        assert said in str(refused.value)


def test_an_order_and_a_limit_that_are_none_are_refused(archive: Archive) -> None:
    for wrong in ({"sort": "best"}, {"limit": 0}, {"limit": -1}, {"limit": "5"}, {"limit": 2.5}):
        with pytest.raises(ArgumentError, match="sort is one of relevance, time and limit at least 1"):
            archive.search("park", **wrong)


def test_days_that_end_before_they_begin_are_refused(archive: Archive) -> None:
    with pytest.raises(ArgumentError, match="since is later than until"):
        archive.coverage(since="2026-03", until="2026-02")


def test_an_edition_that_was_crawled_in_vain_is_known_and_empty(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as opened:
        Scribe(opened, "belta-pol")
        assert keys(opened, edition="belta-pol") == []
        with pytest.raises(ArgumentError, match="it has belta-pol"):
            opened.news(edition="belta-eng")


def test_a_rubric_that_no_article_is_in_is_told(archive: Archive) -> None:
    for ask in (archive.count, archive.search, lambda query, **choice: list(archive.news(query, **choice))):
        with pytest.warns(UserWarning, match="'economy'; there are economics, society"):
            ask("park", rubric="economy")


def test_a_query_means_the_same_in_python(archive: Archive) -> None:
    assert keys(archive, "park -covid") == keys(archive, "park AND NOT covid") == []
    assert keys(archive, "park -harvest") == ["1002-2026", "1004-2026"]
    assert keys(archive, "headline:lodz") == []
    assert keys(archive, "body:lodz") == keys(archive, '"from lodz came"') == ["1001-2026"]
    with pytest.warns(UserWarning, match="operators AND, OR and NOT are written in capitals"):
        assert archive.count("park or harvest") == 0


def test_search_shows_the_passage_and_where_the_words_stand(archive: Archive) -> None:
    (match,) = archive.search("łódź")
    start, end = match.snippet.hits[0]
    assert (match.article.key, match.snippet.text[start:end]) == ("1001-2026", "Łódź")
    newest, oldest = archive.search("park", sort="time")
    assert (newest.article.key, oldest.article.key) == ("1004-2026", "1002-2026")
    assert [match.article.key for match in archive.search("park", limit=1, status="live")] == ["1004-2026"]


def test_search_as_of_a_time_gives_the_articles_of_then(archive: Archive) -> None:
    (match,) = archive.search("harvest", as_of="2026-03-10T12:30")
    assert (match.article.headline, match.article.revision_count) == ("Harvest begins near Brest", 1)


def test_what_is_no_search_expression_is_searched_as_words_with_a_warning(archive: Archive) -> None:
    with pytest.warns(UserWarning, match="its words were searched"):
        assert archive.count("covid-19") == 2
    with pytest.warns(UserWarning, match="its words were searched"):
        assert len(archive.search("covid-19")) == 2
    with pytest.warns(UserWarning, match="its words were searched"):
        assert len(list(archive.news("covid-19"))) == 2


def test_revisions_come_with_photos_and_lead_to_the_page(archive: Archive) -> None:
    first, second = archive.revisions("belta-eng/1001-2026")
    assert [first.number, second.number] == [1, 2]
    assert first.photos == second.photos == (HARVEST_PHOTO,)
    assert first.fetched_url == HARVEST.url
    for revision in (first, second):
        assert revision.body_sha256 is not None
        assert revision.headline.encode() in archive.body(revision.body_sha256)
        assert archive.snapshot(revision.snapshot_id).sha256 == revision.body_sha256


def test_pandas_takes_records_as_they_are(archive: Archive) -> None:
    frame = pd.DataFrame(archive.news())
    assert tuple(frame.columns) == NEWS_COLUMNS
    assert str(frame["published_at"].dtype).startswith("datetime64[us, UTC")
    assert frame.groupby("edition").size().to_dict() == {"belta-chn": 1, "belta-eng": 4}


def test_two_readings_go_on_side_by_side(archive: Archive) -> None:
    first, second = archive.news(), archive.news(edition="belta-chn")
    assert (next(first).key, next(second).key, next(first).key) == ("1001-2026", "1001-2026", "1002-2026")


def test_reading_sees_what_a_crawl_writes_meanwhile(path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(path, tmp_path))
    with Archive.open(str(copy)) as crawling, Archive.open(str(copy), readonly=True) as reading:
        assert reading.count() == 5
        Scribe(crawling).answer("1003-2026", 410)
        assert keys(reading, status="gone") == ["1002-2026", "1003-2026"]


def test_a_reader_cannot_write(archive: Archive) -> None:
    with pytest.raises(DatelineError, match="cannot be written"):
        list(archive.rows("DELETE FROM photos"))
