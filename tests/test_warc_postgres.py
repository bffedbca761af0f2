"""WARC files between SQLite and PostgreSQL: an archive can move from one to the other and back."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from spiders.demo.newspaper import Newspaper
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_wacz, export_warc
from storage.warc.imports import import_files
from storage.write.archive import Archive
from tests.foreign_records import at, head, page, paths, response, revisit, sha1, sha256
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
        export_warc(archive, one, CaptureFilter())
    with Archive.open(server, create=True, migrate=True) as archive:
        assert import_files(archive, [one]).problems == []
        assert import_files(archive, [one]).kept == 0
        export_warc(archive, other, CaptureFilter())
        export_wacz(archive, tmp_path / "other.wacz", CaptureFilter(kind="article"))
    assert one.read_bytes() == other.read_bytes()


def test_revisits_find_their_page_on_postgresql(server: str, tmp_path: Path) -> None:
    path, claims = paths()[0], [sha1(page(paths()[0])), sha256(page(paths()[0]))]
    lines = [("WARC-Payload-Digest", claim) for claim in claims] + [("WARC-Refers-To-Date", at(0))]
    (tmp_path / "page.warc").write_bytes(response(path, ("WARC-IP-Address", "\x00")))
    (tmp_path / "later.warc").write_bytes(
        b"".join(revisit(path, line, minute=n, block=head("X: \x00")) for n, line in enumerate(lines, 1))
    )
    with Archive.open(server, create=True, migrate=True) as archive:
        assert import_files(archive, [tmp_path / "page.warc"]).kept == 1
        report = import_files(archive, [tmp_path / "later.warc"])
    assert (report.kept, report.revisits, report.problems) == (3, [], [])
