"""Reparse, compact and verify on a PostgreSQL archive: what they do to a file, they do there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from spiders.demo.newspaper import Newspaper
from storage.maintenance.compact import compact
from storage.maintenance.reparse import ReparseScope, reparse
from storage.maintenance.verify import repair, verify
from storage.write.archive import Archive
from tests import postgres_server
from tests.offline_crawl import OfflineCrawl, small_history
from tests.test_cli_reparse import short_sighted

pytestmark = pytest.mark.postgres
NOW = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """An archive whose pages an older parser read."""
    pytest.importorskip("psycopg")
    commands = postgres_server.binaries()
    if commands is None:
        pytest.skip("no PostgreSQL server here")
    with (
        tempfile.TemporaryDirectory(prefix="dateline-pg-") as folder,
        postgres_server.running(commands, Path(folder)) as url,
    ):
        with patch("tests.offline_crawl.read", short_sighted), Archive.open(url, create=True) as archive:
            crawl = OfflineCrawl(archive, Newspaper(small_history(3)))
            for _ in range(4):
                crawl.run()
                crawl.now += crawl.step * 20_000
        yield url


def test_a_reparse_on_a_server_corrects_and_adds_and_then_finds_nothing_to_do(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.maintenance.reparse.PORTION", 8)
    would = reparse(server, ReparseScope(), NOW, dry_run=True)
    assert would.corrected > 5 < would.added
    assert reparse(server, ReparseScope(), NOW, jobs=2) == would
    assert reparse(server, ReparseScope(), NOW).changed == 0
    assert verify(server).sound


def test_a_server_s_bodies_are_compacted_and_its_room_is_its_own_affair(server: str) -> None:
    report = compact(server)
    assert report.after < report.before
    assert report.room is None
    assert compact(server).bodies == 0
    assert verify(server).sound


def test_what_is_wrong_on_a_server_is_found_and_what_is_derived_made_anew(server: str) -> None:
    with Archive.open(server) as archive, archive.writing() as connection:
        connection.exec_driver_sql("UPDATE photos SET credit = 'nobody' WHERE photo_id = 1")
        connection.exec_driver_sql("DROP INDEX snapshots_by_body")
        connection.exec_driver_sql("UPDATE articles SET duplicate_of = 1 WHERE article_id = 2")
    subjects = [finding.subject for check in verify(server).checks for finding in check.findings]
    assert sorted(subjects) == ["articles 2", "index snapshots_by_body", "photos 1"]
    left = [finding.subject for check in repair(server).checks for finding in check.findings]
    assert left == ["photos 1"]
