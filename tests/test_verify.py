"""`dateline verify` finds what is wrong, names it, and finds nothing where nothing is wrong."""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from crawler.errors import ArchiveBusy, ArchiveError
from storage.cli import dateline
from storage.db.lock import CrawlLock
from storage.db.schema import gaps, unknown_entries
from storage.maintenance.checks import Check, Defect, calendar, chain, pages, texts, values
from storage.maintenance.verify import VerifyReport, repair, verify
from storage.write.archive import Archive
from storage.write.coverage.renewal import tell_again
from storage.write.evidence.manifest import SEALED, seal
from tests.effort import effort
from tests.invented import NOON, desk, page, story
from tests.sample_archive import small, troubled

COLUMNS = [(table.name, column) for table, columns in SEALED.items() for column in columns]

INDEXED = "headline, lead, body, captions, folded"


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed archive with one of everything, as one file."""
    path = troubled(tmp_path_factory.mktemp("pristine") / "archive.db")
    with Archive.open(str(path)) as opened, opened.writing() as connection:
        fill_tables_of_coverage(connection)
        tell_again(connection, "belta-eng", NOON)
        seal(connection, None, NOON)
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def fill_tables_of_coverage(connection: Connection) -> None:
    """Two rows of each sealed table that the small archive leaves empty."""
    for number in (1, 2):
        gap = {
            "edition": "belta-eng",
            "newer_key": f"{number}-2026",
            "state": "lost",
            "loss_id": number,
            "found_at": "2026-03-10T09:00:00Z",
            "lost_at": "2026-03-10T09:00:00Z",
        }
        connection.execute(gaps.insert().values(gap))
        seen = {
            "snapshot_id": 1,
            "last_snapshot_id": 1,
            "first_seen_at": gap["found_at"],
            "last_seen_at": gap["found_at"],
        }
        entry = {"edition": "belta-eng", "url": f"https://eng.belta.by/photo/{number}", "headline": "Boats"}
        connection.execute(unknown_entries.insert().values(entry | seen))


@pytest.fixture
def archive(pristine: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    path = tmp_path / "archive.db"
    shutil.copyfile(pristine, path)
    return path


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody else: no foreign keys, no index kept true."""
    with closing(sqlite3.connect(path)) as file, file:
        yield file


def found(report: VerifyReport) -> dict[str, list[str]]:
    """What a report names, by check."""
    return {check.name: [finding.subject for finding in check.findings] for check in report.checks if check.findings}


def only(path: Path, check: Callable[..., None]) -> list[Defect]:
    """The findings of one check."""
    result = Check("one")
    with Archive.open(str(path), readonly=True) as opened, opened.connection() as connection:
        check(connection, result)
    return result.findings


def run(*arguments: str) -> Result:
    return CliRunner().invoke(dateline, arguments, prog_name="dateline")


def test_nothing_is_wrong_with_an_archive_that_nobody_touched(pristine: Path) -> None:
    report = verify(str(pristine))
    assert found(report) == {}
    assert report.sound
    assert report.head is not None
    assert [check.name for check in report.checks if not check.says] == []


def test_nothing_is_wrong_while_a_crawl_is_under_way(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story())
        crawl.visit(story(headline="Ferry resumes late"))
        crawl.keep(page("2-2026"))
        report = verify(str(path))
    assert found(report) == {}
    assert "10 rows to be sealed when the next crawl ends" in report.checks[-2].says


def test_a_new_archive_is_sound(tmp_path: Path) -> None:
    Archive.open(str(tmp_path / "archive.db"), create=True).close()
    report = verify(str(tmp_path / "archive.db"))
    assert report.sound
    assert report.head is None


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_every_edited_field_of_a_sealed_row_is_found_and_named(table: str, column: str, archive: Path) -> None:
    key = COLUMNS[next(at for at, (name, _) in enumerate(COLUMNS) if name == table)][1]
    with tampering(archive) as file:
        (number,) = file.execute(f"SELECT MAX({key}) FROM {table}").fetchone()  # noqa: S608
        change = "value + 1000" if column == key else "COALESCE(value, '') || '1'"
        file.execute(f"UPDATE {table} SET {column} = {change.replace('value', column)} WHERE {key} = ?", (number,))  # noqa: S608
    named = [finding.subject for finding in only(archive, chain.check)]
    assert f"{table} {number}" in named


def test_every_deleted_row_of_a_sealed_table_is_found_and_named(archive: Path, tmp_path: Path) -> None:
    for table, columns in SEALED.items():
        copy = tmp_path / f"{table.name}.db"
        shutil.copyfile(archive, copy)
        with tampering(copy) as file:
            file.execute(f"DELETE FROM {table.name} WHERE {columns[0]} = 2")  # noqa: S608
        assert any(
            finding.subject == f"{table.name} 2" and finding.message.startswith("is missing")
            for finding in only(copy, chain.check)
        ), table.name


def test_a_deleted_snapshot_is_found_by_what_refers_to_it_too(archive: Path) -> None:
    with tampering(archive) as file:
        (sha256,) = file.execute("SELECT body_sha256 FROM snapshots WHERE snapshot_id = 2").fetchone()
        file.execute("DELETE FROM snapshots WHERE snapshot_id = 2")
    report = found(verify(str(archive)))
    assert report["chain"] == ["snapshots 2"]
    assert f"bodies {sha256}" in report["references"]
    assert any(name.startswith("revisions") for name in report["references"])


def test_a_snapshot_deleted_before_it_was_sealed_is_missed(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        for number in range(3):
            crawl.keep(page(f"{number}-2026", status=304, body=b""))
    with tampering(path) as file:
        file.execute("DELETE FROM snapshots WHERE snapshot_id = 2")
    assert only(path, chain.check) == [Defect("snapshots 2", "is missing; it was not sealed yet")]


def test_a_row_added_among_sealed_ones_is_found(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute(
            "INSERT INTO photos SELECT 0, revision_id, 9, url, caption, credit, NULL, 1, 1 FROM photos LIMIT 1"
        )
        file.execute(
            "INSERT INTO photos SELECT -7, revision_id, 8, url, caption, credit, NULL, 1, 1 FROM photos LIMIT 1"
        )
    assert only(archive, chain.check)


@pytest.mark.parametrize("column", ["crawl_id", "sealed_at", "recipe", "upto", "root", "digest", "marks"])
def test_an_edited_manifest_is_found(column: str, archive: Path) -> None:
    with tampering(archive) as file:
        value = {"crawl_id": 3, "upto": '{"crawls": 1}', "marks": b"\0\0\0\0"}.get(column, "0" * 64)
        file.execute(f"UPDATE manifests SET {column} = ? WHERE manifest_id = 2", (value,))  # noqa: S608
    assert "manifest 2" in [finding.subject for finding in only(archive, chain.check)]


def test_a_manifest_that_can_not_be_read_is_a_finding_and_no_crash(archive: Path) -> None:
    for value in ("nonsense", "[]", '{"crawls": "x"}', b"\xff", '{"crawls": 1e999}'):
        with tampering(archive) as file:
            file.execute("UPDATE manifests SET upto = ? WHERE manifest_id = 1", (value,))
        assert "manifest 1" in [finding.subject for finding in only(archive, chain.check)]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_missing_manifest_is_found_wherever_it_stood(number: int, archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("DELETE FROM manifests WHERE manifest_id = ?", (number,))
    assert only(archive, chain.check)


def test_the_chain_of_a_migrated_archive_begins_with_what_was_there(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("DELETE FROM manifests")
    assert len(only(archive, chain.check)) == 3  # three crawls ended: somebody cut the chain off
    with Archive.open(str(archive)) as opened, opened.writing(alone=True) as connection:
        seal(connection, None, NOON)
    assert only(archive, chain.check) == []


def test_how_a_crawl_ended_can_not_be_changed(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("UPDATE crawls SET outcome = 'complete' WHERE outcome = 'incomplete'")
    assert [finding.subject for finding in only(archive, chain.check)] == ["crawls 3, its end"]


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_a_flipped_byte_anywhere_in_a_body_is_found(pristine: Path, rng: random.Random) -> None:
    path = pristine.with_name("flipped.db")
    shutil.copyfile(pristine, path)
    with tampering(path) as file:
        sha256, data = rng.choice(file.execute("SELECT sha256, data FROM bodies ORDER BY sha256").fetchall())
        changed = bytearray(data)
        changed[rng.randrange(len(data))] ^= rng.randrange(1, 256)
        file.execute("UPDATE bodies SET data = ? WHERE sha256 = ?", (bytes(changed), sha256))
    assert f"body {sha256}" in [finding.subject for finding in only(path, pages.check)]


def test_a_damaged_member_costs_itself_and_a_damaged_head_its_group(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        for number in range(5):
            crawl.visit(
                story(f"{number}-2026"), snapshot=page(f"{number}-2026", b"<p>furniture</p>" * 200 + b"%d" % number)
            )
    assert only(path, pages.check) == []
    with tampering(path) as file:
        file.execute(
            "UPDATE bodies SET data = zeroblob(20)"
            " WHERE sha256 = (SELECT MAX(sha256) FROM bodies WHERE head_sha256 IS NOT NULL)"
        )
    assert len(only(path, pages.check)) == 1
    with tampering(path) as file:
        file.execute("UPDATE bodies SET data = zeroblob(20) WHERE head_sha256 IS NULL")
    lost = only(path, pages.check)
    assert len(lost) == 5
    assert sum("its group's head" in finding.message for finding in lost) == 4
    assert all(re.search(r"snapshot \d \(belta-eng/\d-2026\)", finding.message) for finding in lost)


def test_a_lost_head_is_named_by_its_members(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        for number in range(3):
            crawl.visit(
                story(f"{number}-2026"), snapshot=page(f"{number}-2026", b"<p>furniture</p>" * 200 + b"%d" % number)
            )
    with tampering(path) as file:
        file.execute("DELETE FROM bodies WHERE head_sha256 IS NULL")
    assert [finding.message.partition(" is missing")[1] for finding in only(path, pages.check)] == [" is missing"] * 2
    assert found(verify(str(path)))["references"]


def test_a_body_that_is_another_one_is_found(archive: Path) -> None:
    with tampering(archive) as file:
        one, other = file.execute("SELECT sha256 FROM bodies WHERE head_sha256 IS NULL LIMIT 2").fetchall()
        file.execute(
            "UPDATE bodies SET (size, data, frame_crc32) ="
            " (SELECT size, data, frame_crc32 FROM bodies WHERE sha256 = ?) WHERE sha256 = ?",
            (*one, *other),
        )
    assert "its bytes do not have this digest" in str(only(archive, pages.check))


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ("UPDATE revisions SET headline = 'Nothing happened' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET body = body || ' Not.' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET published_at = '2026-03-10T09:06:00Z' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET lead = 'Paint was bought' WHERE lead IS NOT NULL", "revisions 3"),
        ("UPDATE revisions SET tags = '[\"x\"]' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET tags = 'x' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET sources = '[]' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET published_at = 'yesterday' WHERE revision_id = 2", "revisions 2"),
        ("UPDATE revisions SET story_hash = NULL WHERE revision_id = 2", "revisions 2"),
        ("UPDATE photos SET caption = 'A combine at rest' WHERE photo_id = 1", "revisions 1"),
        ("DELETE FROM photos WHERE photo_id = 1", "revisions 1"),
    ],
)
def test_a_revision_that_no_manifest_seals_yet_is_held_by_its_digests(change: str, subject: str, archive: Path) -> None:
    with tampering(archive) as file:
        file.execute(change)
    assert [finding.subject for finding in only(archive, texts.check)] == [subject]


def test_a_lead_of_the_listing_and_characters_that_no_database_takes_are_no_edits(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story(headline="A \x00 and a \ud800", text=""))
        crawl.visit(story("2-2026", lead="", tags=("b", "a")))
        crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    assert found(verify(str(path))) == {}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ("UPDATE articles SET status = 'pending' WHERE article_id = 1", "articles"),
        ("UPDATE articles SET status = 'sold' WHERE article_id = 1", "articles"),
        ("UPDATE articles SET gone_at = NULL WHERE status = 'gone'", "articles"),
        ("UPDATE articles SET revision_id = 1 WHERE article_id = 1", "articles"),  # the first one, not the current
        ("UPDATE articles SET revision_id = 2 WHERE article_id = 1", "references"),
        ("UPDATE articles SET revision_id = 99 WHERE article_id = 1", "references"),
        ("UPDATE articles SET changed_at = '2026-03-10T09:00:01Z' WHERE article_id = 1", "articles"),
        (
            "UPDATE articles SET url = 'https://eng.belta.by/society/view/other-9-2026/' WHERE article_id = 1",
            "articles",
        ),
        ("UPDATE articles SET duplicate_of = 3 WHERE article_id = 1", "articles"),
        ("UPDATE articles SET duplicate_of = NULL", "articles"),
        ("UPDATE articles SET walk_id = 99 WHERE article_id = 1", "references"),
        ("UPDATE walks SET crawl_id = 99", "references"),
        ("UPDATE sightings SET last_snapshot_id = 99", "references"),
        ("UPDATE snapshots SET body_size = body_size + 1 WHERE snapshot_id = 2", "references"),
        ("UPDATE snapshots SET article_id = NULL WHERE snapshot_id = 2", "references"),
        ("UPDATE snapshots SET article_id = 1 WHERE article_id = 2", "references"),
        ("DELETE FROM revisions WHERE revision_id = 1", "references"),
        ("DELETE FROM bodies WHERE head_sha256 IS NOT NULL", "references"),
    ],
)
def test_what_follows_from_the_rows_is_compared_with_them(change: str, check: str, archive: Path) -> None:
    with tampering(archive) as file:
        assert file.execute(change).rowcount
    assert check in found(verify(str(archive)))


@pytest.mark.parametrize(
    ("change", "derived"),
    [
        ("UPDATE days SET state = 'whole' WHERE state = 'lost'", True),
        ("UPDATE days SET state = 'unknown' WHERE day = '2026-03-09'", True),
        ("DELETE FROM days WHERE day > (SELECT min(day) FROM days)", True),
        ("UPDATE gaps SET state = 'filled', filled_at = found_at", False),
        ("UPDATE gaps SET from_time = '2026-03-10T08:00:00Z', to_time = from_time", False),
    ],
)
def test_what_is_said_of_days_is_compared_with_the_gaps(change: str, derived: bool, archive: Path) -> None:  # noqa: FBT001
    with tampering(archive) as file:
        assert file.execute(change).rowcount
    findings = only(archive, calendar.check)
    assert {finding.derived for finding in findings} == {derived}
    assert found(repair(str(archive))).get("days", []) == ([] if derived else [one.subject for one in findings])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gaps SET state = 'open'",
        "UPDATE gaps SET lost_at = NULL",
        "UPDATE gaps SET state = 'filled'",
    ],
)
def test_a_gap_that_contradicts_itself_is_named(change: str, archive: Path) -> None:
    with tampering(archive) as file:
        assert file.execute(change).rowcount
    named = {finding.subject for finding in only(archive, calendar.check) if finding.subject.startswith("gaps")}
    assert len(named) >= 2


@pytest.mark.parametrize(
    ("table", "column", "value", "why"),
    [
        ("articles", "due_at", "never", "is no UTC time: 'never'"),
        ("articles", "due_at", "2026-02-30T10:00:00Z", "is no UTC time"),
        ("articles", "due_at", "2026-03-10T24:00:00Z", "is no UTC time"),
        ("articles", "due_at", "2026-03-10 10:00:00", "is no UTC time"),
        ("articles", "due_at", "", "is no UTC time"),
        ("articles", "due_at", 20260310, "is no UTC time"),
        ("articles", "first_seen_at", "0000-01-01T00:00:00Z", "is no UTC time"),
        ("articles", "last_seen_at", b"\x00\xff", "is no UTC time"),
        ("articles", "absent_since", "yesterday", "is no UTC time"),
        ("articles", "attempts", -1, "is no count: -1"),
        ("articles", "attempts", "many", "is no count: 'many'"),
        ("articles", "day", "10.03.2026", "is no day"),
        ("walks", "goal", "2026-13-01", "is no day"),
        ("walks", "swept_at", "2026-03-10", "is no UTC time"),
        ("walks", "started_at", "x", "is no UTC time"),
        ("walks", "kind", "tail", "is none of apart, head, window: 'tail'"),
        ("walks", "complete", 2, "is none of 0, 1: 2"),
        ("walks", "pages", 1.5, "is no count: 1.5"),
        ("snapshots", "reading", "seen", "is none of article, error"),
        ("sightings", "last_seen_at", "never", "is no UTC time"),
        ("crawls", "finished_at", "soon", "is no UTC time"),
        ("crawls", "listing_pages", -3, "is no count: -3"),
        ("requests", "asked_at", "then", "is no UTC time"),
        ("requests", "kind", "image", "is none of article, listing"),
        ("incidents", "began_at", "then", "is no UTC time"),
        ("incidents", "begun_told", "mail", "is no JSON array: 'mail'"),
        ("gaps", "state", "shut", "is none of filled, lost, open: 'shut'"),
        ("days", "state", "full", "is none of hole, lost"),
    ],
)
def test_a_value_outside_the_seal_that_cannot_be_is_named(
    table: str, column: str, value: object, why: str, archive: Path
) -> None:
    with tampering(archive) as file:
        rows_of_everything(file)
        file.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = (SELECT min(rowid) FROM {table})", (value,))  # noqa: S608
    findings = only(archive, values.check)
    assert [one.subject.partition(" ")[0] for one in findings] == [table]
    assert findings[0].message.startswith(f"{column} {why}")
    assert run("--database", str(archive), "verify").exit_code == 1


def rows_of_everything(file: sqlite3.Connection) -> None:
    """A row in the tables that the small archive leaves empty."""
    at = "2026-03-10T10:00:00Z"
    file.execute("INSERT INTO requests (crawl_id, kind, asked_at) VALUES (1, 'article', ?)", (at,))
    file.execute("INSERT OR IGNORE INTO days (edition, day, state) VALUES ('belta-eng', '2026-03-10', 'whole')")
    told = ("belta-eng", "holes", "", "", "", "", at)
    file.execute(
        "INSERT INTO incidents (edition, monitor, subject, measured, normal, advice, began_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        told,
    )


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM news_search_data WHERE id > 10",
        f"INSERT INTO news_search(news_search, rowid, {INDEXED}) SELECT 'delete', article_id, {INDEXED} FROM news_text",  # noqa: S608
        "DELETE FROM news_search_docsize WHERE id = 2",
    ],
)
def test_an_index_that_lost_words_is_found_and_made_anew(damage: str, archive: Path) -> None:
    with tampering(archive) as file:
        file.execute(damage)
    before = archive.read_bytes()
    report = verify(str(archive))
    assert found(report) == {"search": ["news_search"]}
    assert archive.read_bytes() == before  # looking changes nothing
    assert report.repairable
    assert repair(str(archive)).sound


def test_an_index_that_does_not_follow_an_edit_is_found(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("UPDATE revisions SET headline = 'Nothing happened' WHERE revision_id = 2")
    assert found(verify(str(archive))) == {
        "revisions": ["revisions 2"], "chain": ["revisions 2"], "search": ["news_search"],
        "kin": ["signatures 2", "kin 2 and 4", "kin 4 and 2"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("damage", "subject"),
    [
        ("DROP VIEW news", "news"),
        ("DROP VIEW news_text", "news_text"),
        ("DROP INDEX snapshots_by_body", "index snapshots_by_body"),
        ("DROP TABLE news_search", "news_search"),
    ],
)
def test_a_missing_view_or_index_is_found_and_made_anew(damage: str, subject: str, archive: Path) -> None:
    with tampering(archive) as file:
        file.execute(damage)
    report = verify(str(archive))
    assert subject in found(report)["schema"]
    assert repair(str(archive)).sound


def test_a_view_that_shows_something_else_is_found_and_made_anew(archive: Path) -> None:
    with tampering(archive) as file:
        (definition,) = file.execute("SELECT sql FROM sqlite_schema WHERE name = 'news'").fetchone()
        file.execute("DROP VIEW news")
        file.execute(definition.replace("a.status,", "'live',"))
    assert found(verify(str(archive))) == {"schema": ["news"]}
    assert repair(str(archive)).sound


def test_a_missing_column_is_found_and_is_no_matter_of_repair(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("ALTER TABLE walks DROP COLUMN swept_at")
    report = verify(str(archive))
    assert found(report) == {"schema": ["column walks.swept_at"]}
    assert not report.repairable


TRIGGERS = {
    "tidy": "CREATE TRIGGER tidy AFTER INSERT ON snapshots BEGIN UPDATE articles SET status = 'gone'; END",
    "e2": "CREATE TRIGGER e2 BEFORE INSERT ON sightings BEGIN SELECT RAISE(IGNORE); END",
    "e3": "CREATE TRIGGER e3 AFTER INSERT ON revisions BEGIN DELETE FROM photos; END",
    "Späte Regel": "CREATE TRIGGER 'Späte Regel' AFTER UPDATE OF due_at ON articles BEGIN DELETE FROM walks; END",
    "seen": "CREATE TRIGGER seen INSTEAD OF INSERT ON news BEGIN SELECT 1; END",
}


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_planted_trigger_is_named(name: str, archive: Path) -> None:
    with tampering(archive) as file:
        file.execute(TRIGGERS[name])
    assert found(verify(str(archive))) == {"schema": [f"trigger {name}"]}
    result = run("--database", str(archive), "verify")
    assert result.exit_code == 1
    assert f"DROP TRIGGER {name} removes it" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        ("CREATE TABLE notes (article_id, note)", "table notes"),
        ("CREATE INDEX my_index ON revisions (headline)", "index my_index"),
        ("CREATE UNIQUE INDEX once ON sightings (headline)", "index once"),
        ("CREATE VIEW mine AS SELECT headline FROM news", "view mine"),
        ("ALTER TABLE articles ADD COLUMN mine", "column articles.mine"),
    ],
)
def test_what_somebody_added_is_named_and_told_from_what_is_ours(change: str, subject: str, archive: Path) -> None:
    with tampering(archive) as file:
        file.execute(change)
    report = verify(str(archive))
    assert found(report) == {"schema": [subject]}
    assert not report.repairable


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ('UNIQUE (edition, "key")', 'UNIQUE (edition, "key") ON CONFLICT REPLACE'),
        ("PRIMARY KEY (article_id)", "CHECK (status <> 'live'), PRIMARY KEY (article_id)"),
        ("attempts INTEGER DEFAULT '0'", "attempts INTEGER DEFAULT '9'"),
    ],
)
def test_a_table_that_would_take_rows_otherwise_is_named(was: str, now: str, archive: Path) -> None:
    with tampering(archive) as file:
        (sql,) = file.execute("SELECT sql FROM sqlite_schema WHERE name = 'articles'").fetchone()
        assert was in sql
        file.execute("PRAGMA writable_schema = 1")
        file.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'articles'", (sql.replace(was, now),))
    report = verify(str(archive))
    assert found(report)["schema"] == ["table articles"]
    assert not report.repairable


def test_an_index_over_something_else_is_found_and_made_anew(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("DROP INDEX snapshots_unread")
        file.execute("CREATE INDEX snapshots_unread ON snapshots (snapshot_id) WHERE reading IS NOT NULL")
    assert found(verify(str(archive))) == {"schema": ["index snapshots_unread"]}
    assert repair(str(archive)).sound


def test_statistics_of_sqlite_are_no_strangers(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("ANALYZE")
    assert verify(str(archive)).sound


def test_repair_does_not_touch_evidence(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("UPDATE revisions SET headline = 'Nothing happened' WHERE revision_id = 2")
        file.execute("UPDATE articles SET duplicate_of = NULL")
    report = repair(str(archive))
    assert found(report) == {"revisions": ["revisions 2"], "chain": ["revisions 2"]}
    with tampering(archive) as file:
        assert file.execute("SELECT headline FROM revisions WHERE revision_id = 2").fetchone() == ("Nothing happened",)


def test_repair_waits_for_no_crawl(archive: Path) -> None:
    with CrawlLock(str(archive), "belta-eng"), pytest.raises(ArchiveBusy):
        repair(str(archive))


def test_text_that_is_no_text_is_found_and_stops_nothing(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("UPDATE revisions SET headline = CAST(x'ff4142' AS TEXT) WHERE revision_id = 2")
        file.execute("UPDATE photos SET caption = x'00ff' WHERE photo_id = 1")
        file.execute("UPDATE snapshots SET status = 'fine' WHERE snapshot_id = 2")
    report = found(verify(str(archive)))
    assert report["chain"] == ["snapshots 2", "revisions 2", "photos 1"]
    assert "revisions 2" in report["revisions"]


@pytest.mark.parametrize("value", ["CAST(x'e3ff41' AS TEXT)", "x'00ff'", "'word'", "1.5"])
@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("bodies", "sha256"), ("bodies", "head_sha256"), ("bodies", "data"), ("bodies", "size")),
        *(("snapshots", "body_sha256"), ("articles", "url"), ("revisions", "published_at"), ("manifests", "upto")),
        *(("signatures", "published_at"), ("kin", "other_id")),
    ],
)
def test_a_value_that_cannot_stand_where_it_does_is_found_and_stops_nothing(
    archive: Path, table: str, column: str, value: str
) -> None:
    with tampering(archive) as file:
        file.execute("PRAGMA ignore_check_constraints = 1")
        changed = f"UPDATE {table} SET {column} = {value} WHERE rowid = (SELECT max(rowid) FROM {table})"  # noqa: S608 - ours
        assert file.execute(changed).rowcount == 1
    report = verify(str(archive))
    named = [finding for check in report.checks for finding in check.findings]
    assert named
    assert not [finding for finding in named if "cannot be read on" in finding.message]
    assert all(f"{finding.subject}{finding.message}".isprintable() for finding in named)


@pytest.mark.search
@settings(max_examples=effort(40, sample=8))
@given(st.randoms(use_true_random=False))
def test_a_file_damaged_anywhere_is_found_or_refused_but_never_crashes(pristine: Path, rng: random.Random) -> None:
    path = pristine.with_name("damaged.db")
    data = bytearray(pristine.read_bytes())
    start = rng.randrange(100, len(data))
    for at in range(start, min(start + rng.choice((1, 64, 5000)), len(data))):
        data[at] ^= rng.randrange(1, 256)
    path.write_bytes(data)
    try:
        report = verify(str(path))
    except ArchiveError:
        return
    assert isinstance(report.sound, bool)  # a flip in the unused part of a page harms nothing


def test_a_read_only_copy_can_be_verified(archive: Path) -> None:
    archive.chmod(0o444)
    archive.parent.chmod(0o555)
    try:
        assert verify(str(archive)).sound
    finally:
        archive.parent.chmod(0o755)


def test_the_command_says_that_all_is_well_and_prints_the_head(pristine: Path) -> None:
    result = run("--database", str(pristine), "verify")
    assert result.exit_code == 0
    assert "All well." in result.output
    head = verify(str(pristine)).head
    assert head
    assert head in result.output


def test_the_command_names_what_is_wrong_and_ends_with_1(archive: Path) -> None:
    with tampering(archive) as file:
        file.execute("UPDATE photos SET credit = 'nobody' WHERE photo_id = 1")
        file.execute("DELETE FROM news_search_data WHERE id > 10")
    result = run("verify", "--database", str(archive))
    assert result.exit_code == 1
    assert "photos 1  is not as manifest 1 sealed it" in result.output
    assert "2 things wrong." in result.output
    result = run("verify", "--database", str(archive), "--repair", "--json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["repaired"]
    assert not told["sound"]
    wrong = {check["name"]: check["findings"] for check in told["checks"] if check["findings"]}
    assert wrong == {"chain": [{"subject": "photos 1", "message": "is not as manifest 1 sealed it", "derived": False}]}


def test_an_archive_made_by_hand_of_many_crawls_is_sound(tmp_path: Path) -> None:
    path = small(tmp_path / "archive.db")
    for number in range(4):
        with desk(path) as crawl:
            crawl.visit(story(f"9{number}-2026", headline=f"Ferry {number}"))
            crawl.visit(replace(story(), photos=()))
            if number != 2:  # that one is killed
                crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    assert found(verify(str(path))) == {}
