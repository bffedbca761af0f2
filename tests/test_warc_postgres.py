"""WARC files between SQLite and PostgreSQL: an archive can move from one to the other and back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from spiders.demo.newspaper import Newspaper
from storage.archive import Archive
from storage.webarchive.captures import Choice
from storage.webarchive.exporting import export_wacz, export_warc
from storage.webarchive.importing import import_files
from tests.offline_crawl import OfflineCrawl, small_history
from tests.postgres_server import binaries, running

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of an empty database."""
    pytest.importorskip("psycopg", reason="pip install 'dateline[postgres]', to see that archives run on PostgreSQL")
    commands = binaries()
    if commands is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql, to see that archives run on it")
    with tempfile.TemporaryDirectory() as folder, running(commands, Path(folder)) as url:
        yield url


def test_an_archive_moves_to_postgresql_and_back(server: str, tmp_path: Path) -> None:
    one, other = tmp_path / "one.warc.gz", tmp_path / "other.warc.gz"
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(2), validators=True))
        for _ in range(4):
            crawl.run()
            crawl.now += timedelta(hours=6)
        export_warc(archive, one, Choice())
    with Archive.open(server, create=True, migrate=True) as archive:
        assert import_files(archive, [one]).problems == []
        assert import_files(archive, [one]).kept == 0
        export_warc(archive, other, Choice())
        export_wacz(archive, tmp_path / "other.wacz", Choice(kind="article"))
    assert one.read_bytes() == other.read_bytes()
