"""The large invented archive of the benchmarks, made small."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks import bulk
from crawler.errors import ArgumentError
from storage.db.rows import folded
from storage.maintenance.verify import verify
from storage.monitoring.status import status
from storage.read.query.search import Filters, search
from storage.read.reader import open_reader

COUNT = 300


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bulk") / "archive.db"
    bulk.make(path, COUNT)
    return path


@pytest.fixture
def database(archive: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def test_it_is_an_archive_in_which_nothing_is_wrong(archive: Path) -> None:
    report = verify(str(archive))
    assert [finding for check in report.checks for finding in check.findings] == []


def test_it_has_one_of_everything(database: sqlite3.Connection) -> None:
    (news,) = database.execute(
        "SELECT COUNT(*) AS count, COUNT(DISTINCT edition) AS editions, COUNT(DISTINCT rubric) AS rubrics,"
        " MAX(revision_count) AS revisions, SUM(status = 'gone') AS gone, COUNT(duplicate_of) AS again,"
        " SUM(photo_count > 1) AS galleries, AVG(LENGTH(body)) AS length FROM news"
    )
    assert (news["count"], news["editions"], news["rubrics"]) == (COUNT, 3, 6)
    assert news["revisions"] >= 2
    assert news["gone"] > 0
    assert news["again"] > 0
    assert news["galleries"] > 0
    assert 2_300 < news["length"] < 3_300


def test_its_folded_words_are_those_of_the_crawl(database: sqlite3.Connection) -> None:
    for row in database.execute("SELECT * FROM revisions").fetchall():
        captions = database.execute(
            "SELECT caption FROM photos WHERE revision_id = ? ORDER BY position", (row["revision_id"],)
        )
        assert row["folded"] == folded(row, [caption for (caption,) in captions])


def test_readers_find_their_way(archive: Path) -> None:
    with open_reader(str(archive)) as reader:
        assert search(reader, "minsk", Filters(edition="belta-eng")).total > 0
        assert search(reader, "посёлок", Filters()).total == search(reader, "поселок", Filters()).total > 0
        editions = status(reader).editions
        holes = {edition.edition: len(edition.holes) for edition in editions}
        assert holes == {"belta-deu": 0, "belta-eng": 1, "belta-rus": 0}
        assert [edition.edition for edition in editions if edition.lost] == ["belta-deu"]


def test_equal_seeds_give_equal_archives(archive: Path, tmp_path: Path) -> None:
    bulk.make(tmp_path / "again.db", COUNT)
    heads = []
    for path in (archive, tmp_path / "again.db"):
        with open_reader(str(path)) as reader:
            heads.append(reader.row("SELECT digest FROM manifests"))
    assert heads[0] == heads[1]


def test_a_file_that_is_there_is_kept(archive: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(ArgumentError, match="--force replaces it"):
        bulk.make(archive, 10)
    assert archive.read_bytes() == before
