"""The same archive on PostgreSQL: a throwaway server on a socket in a temporary folder."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, insert, text
from sqlalchemy.exc import InternalError

from crawler.errors import ArchiveBusy, ArchiveError
from crawler.records import Reading
from crawler.rules.decide import DEADLY
from storage.db import views
from storage.db.lock import CrawlLock
from storage.db.schema import metadata, sightings
from storage.maintenance.verify import verify
from storage.monitoring import watch
from storage.write.archive import Archive
from tests.invented import EDITION, NOON, Desk, page, story

pytestmark = pytest.mark.postgres

HOUR = timedelta(hours=1)


def program(name: str) -> str | None:
    """A command of the server; Debian keeps them off the PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


def user() -> str | None:
    """Whom the server runs as: it refuses root."""
    if os.getuid() != 0:
        return None
    return next(name for name in ("postgres", "nobody") if name in {entry.pw_name for entry in pwd.getpwall()})


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """A running server. Yields the folder of its socket."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql, to see that archives run on it")
    pytest.importorskip("psycopg", reason="pip install 'dateline[postgres]', to see that archives run on PostgreSQL")
    folder = Path(tempfile.mkdtemp())
    as_user = user()
    if as_user is not None:
        shutil.chown(folder, as_user)

    def run(*command: str) -> None:
        subprocess.run(command, user=as_user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    run(initdb, "-D", f"{folder}/data", "-A", "trust", "-U", "dateline", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    try:
        run(pg_ctl, "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-o", options, "start")
        yield folder
    finally:
        run(pg_ctl, "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder)


NAMES = count()


@pytest.fixture
def target(server: Path) -> str:
    """The URL of a new, empty database."""
    name = f"wire{next(NAMES)}"
    engine = create_engine(url(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url(server, name)


def url(server: Path, name: str) -> str:
    return f"postgresql+psycopg://dateline@/{name}?host={server}"


@contextmanager
def crawling(target: str) -> Iterator[Desk]:
    with Archive.open(target, create=True, migrate=True) as archive:
        yield Desk(archive, archive.begin_crawl(EDITION, {}, "dateline/0", "dateline (test)", NOON))


@pytest.fixture
def crawl(target: str) -> Iterator[Desk]:
    with crawling(target) as desk:
        yield desk


def rows(crawl: Desk, sql: str) -> list[tuple[Any, ...]]:
    with crawl.archive.connection() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_edits_and_changes_of_template_are_told_on_a_server(crawl: Desk, target: str) -> None:
    plain = [story(f"{number}-2026", f"Story {number}", f"Words {number}.") for number in range(5)]
    for one in plain:
        crawl.visit(one)
    for one in plain[:4]:
        crawl.visit(replace(one, paragraphs=("Download our app!", *one.paragraphs)), NOON + HOUR)
    crawl.visit(replace(plain[4], headline="Another headline"), NOON + HOUR)
    crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON + 4 * HOUR)
    noted = watch.after(crawl.archive, {EDITION: crawl.crawl_id}, NOON + 4 * HOUR)
    assert [one.measured for one in noted.begun if one.monitor == "template"] == [
        "a new paragraph: 'Download our app!': the same in 4 articles"
    ]
    assert rows(crawl, "SELECT key, kind, fields FROM changes") == [("4-2026", "edited", '["headline"]')]
    assert rows(crawl, "SELECT COUNT(*) FROM revisions WHERE cause = 'template'") == [(4,)]
    assert [check.findings for check in verify(target).checks if check.name == "edits"] == [[]]


def test_the_migrated_schema_is_the_one_that_the_code_describes_comments_included(crawl: Desk) -> None:
    with crawl.archive.connection() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        found = connection.execute(text("SELECT * FROM news")).keys()
    assert tuple(found) == views.NEWS_COLUMNS


def test_an_article_is_archived_revised_lost_and_found(crawl: Desk) -> None:
    outcomes = [
        crawl.visit(story()).outcome,
        crawl.visit(story(), at=NOON + HOUR).outcome,
        crawl.visit(story(text="It sinks."), at=NOON + 2 * HOUR).outcome,
        crawl.archive.gone(crawl.keep(page(status=404)), crawl.meet(), 404, NOON + 3 * HOUR).outcome,
        crawl.visit(story(), at=NOON + 4 * HOUR).outcome,
    ]
    assert outcomes == ["new", "unchanged", "revised", "gone", "revised"]
    assert rows(crawl, "SELECT key, body, status, revision_count, photo_count, photo_caption FROM news") == [
        ("1-2026", "It sails again.", "live", 3, 1, "The ferry at its pier")
    ]
    crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    counts = crawl.archive.counts(crawl.crawl_id)
    assert (counts["new_articles"], counts["new_revisions"], counts["unchanged"], counts["gone"]) == (1, 2, 1, 1)


def test_walls_and_what_is_gone_are_judged_as_on_sqlite(crawl: Desk) -> None:
    keys = [f"{number}-2026" for number in range(1, 6)]
    for key in keys:
        crawl.visit(story(key, text=f"{key} sails."), at=NOON - HOUR)

    def absent(some: list[str], at: datetime) -> int:
        for key in some:
            crawl.archive.gone(crawl.keep(page(key, status=404, at=at)), crawl.meet(key), 404, at)
        return sum(wall.absent for wall in crawl.archive.settle_absences(EDITION))

    assert [absent(keys, NOON + timedelta(days=days)) for days in range(3)] == [5, 5, 5]
    assert rows(crawl, "SELECT count(*) FROM news WHERE status = 'live' AND absent_since IS NOT NULL") == [(5,)]
    for key in keys[1:]:
        crawl.visit(story(key, text=f"{key} sails."), at=NOON + timedelta(days=3))
    assert absent(keys[:1], NOON + timedelta(days=3)) == 0
    since = "2026-03-10T12:00:00Z"
    gone = rows(crawl, "SELECT key, status, gone_at, gone_reason FROM news WHERE absent_since IS NOT NULL")
    assert gone == [("1-2026", "gone", since, "HTTP status 404")]
    assert rows(crawl, "SELECT kind, at FROM edits") == [("vanished", since)]


def test_the_frontier_and_kept_pages_are_as_on_sqlite(crawl: Desk) -> None:
    crawl.visit(story())
    crawl.archive.failed(crawl.meet("2-2026"), "reset", NOON)
    crawl.archive.unreadable(crawl.keep(page("3-2026")), crawl.meet("3-2026"), "no era", NOON, "unrecognised")
    kept = page("4-2026", b"<h1>Kept</h1>" * 500, headers=(("X", "\x00\ud800"),))
    snapshot_id = crawl.keep(kept)
    later = NOON + timedelta(days=90)
    assert [due.key for due in crawl.archive.due(EDITION, later, 9)] == ["3-2026", "2-2026", "1-2026"]
    assert crawl.archive.plan_rechecks(EDITION, NOON - HOUR * 9, NOON) == 1
    assert crawl.archive.unread(EDITION, 9) == [(snapshot_id, kept)]
    assert crawl.archive.save(Reading(kept, snapshot_id, "article", story("4-2026", text="New."))).outcome == "new"
    standing = crawl.archive.find(EDITION, "4-2026")
    assert standing is not None
    assert standing.status == "live"


def test_a_page_over_which_crawl_after_crawl_was_killed_is_given_up_as_on_sqlite(target: str) -> None:
    with crawling(target) as killed:
        snapshot_id = killed.keep(page("4-2026"))
    for _ in range(DEADLY - 1):
        with crawling(target) as killed:
            assert killed.archive.give_up_deadly(snapshot_id, killed.crawl_id, NOON) is None
    with crawling(target) as crawl:
        given_up = crawl.archive.give_up_deadly(snapshot_id, crawl.crawl_id, NOON)
        assert given_up is not None
        assert given_up[0] == crawl.meet("4-2026")
        assert given_up[1].startswith(f"{DEADLY} crawls were killed before they had read it: ")
        assert rows(crawl, "SELECT reading, problem FROM snapshots") == [("unreadable", given_up[1])]


def test_leads_duplicates_and_hostile_text_are_as_on_sqlite(crawl: Desk) -> None:
    with crawl.archive.writing() as connection:
        listing = crawl.archive.keep_in(connection, page(None, kind="listing"), crawl.crawl_id, None, "listing")
    article_id = crawl.meet("2-2026")
    said = {"page": 1, "position": 0, "in_order": 1, "url": "", "headline": "", "first_seen_at": "", "last_seen_at": ""}
    where = {"article_id": article_id, "snapshot_id": listing, "last_snapshot_id": listing}
    with crawl.archive.writing() as connection:
        connection.execute(insert(sightings).values(lead="From the listing", **said, **where))
    crawl.visit(story("1-2026", headline="A\x00\ud800"))
    crawl.visit(story("2-2026", headline="A\x00\ud800"))
    found = "SELECT key, headline, lead, duplicate_of IS NULL FROM news ORDER BY key"
    assert rows(crawl, found) == [
        ("1-2026", "A\ufffd\ufffd", None, True),
        ("2-2026", "A\ufffd\ufffd", "From the listing", False),
    ]


def test_bodies_are_grouped_and_given_back(target: str) -> None:
    dress = os.urandom(5000)
    pages = [page(f"{number}-2026", dress + b"%d" % number) for number in range(70)]
    for part in (pages[:35], pages[35:]):
        with crawling(target) as crawl:
            kept = [crawl.keep(snapshot) for snapshot in part]
            assert [crawl.archive.snapshot(snapshot_id) for snapshot_id in kept] == part
    with crawling(target) as crawl:
        assert rows(crawl, "SELECT count(*) FROM bodies WHERE head_sha256 IS NULL") == [(2,)]


def test_a_transaction_that_fails_leaves_nothing(crawl: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerFailure(Exception):
        pass

    def fail(*_: object) -> None:
        raise PowerFailure

    monkeypatch.setattr("storage.write.articles.current.link", fail)
    with pytest.raises(PowerFailure):
        crawl.visit(story())
    assert rows(crawl, "SELECT count(*) FROM revisions") == [(0,)]


def test_an_empty_database_is_no_archive_for_readers(target: str) -> None:
    with pytest.raises(ArchiveError, match="empty: no crawl has written to it yet"):
        Archive.open(target, readonly=True)


def test_a_reader_cannot_write(target: str) -> None:
    with crawling(target):
        pass
    with Archive.open(target, readonly=True) as archive, pytest.raises(InternalError, match="read-only"):
        archive.begin_crawl(EDITION, {}, "", "", NOON)


def test_another_programs_tables_are_refused(target: str) -> None:
    engine = create_engine(target)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE articles (id int)"))
    engine.dispose()
    with pytest.raises(ArchiveError, match="not an archive of Dateline"):
        Archive.open(target, create=True)


def test_a_newer_archive_is_refused(target: str) -> None:
    with crawling(target) as crawl, crawl.archive.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(ArchiveError, match="newer Dateline"):
        Archive.open(target, create=True, migrate=True)


def test_one_crawl_an_edition_at_a_time(target: str) -> None:
    with CrawlLock(target, EDITION), CrawlLock(target, "belta-rus"), pytest.raises(ArchiveBusy):
        CrawlLock(target, EDITION).__enter__()
    with CrawlLock(target, EDITION):
        pass


def test_a_server_that_does_not_answer_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="archive postgresql") as caught:
        Archive.open(url(tmp_path, "wire"), create=True)
    assert "\n" not in str(caught.value)
