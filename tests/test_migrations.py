"""The schema and the migrations that lead to it."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from crawler.errors import ArchiveError
from storage.db import engine, views
from storage.db.schema import metadata
from storage.write import migrate
from storage.write.archive import Archive
from tests.invented import desk, story

NEWEST = engine.VERSIONS[-1]

LATER = '''
"""A later version, as one may be: a table rebuilt, a column moved."""
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("articles", recreate="always") as articles:
        articles.add_column(sa.Column("note", sa.Text()))
    op.execute("UPDATE articles SET note = 'moved'")
    {more}
'''


def scripts() -> ScriptDirectory:
    return ScriptDirectory(str(migrate.MIGRATIONS))


ARCHIVES = Path(__file__).parent / "archives"
"""A small archive with one of everything (sample_archive.troubled), as each version that was ever released wrote it."""


def tables(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view')"))


@pytest.fixture
def old_archive(tmp_path: Path) -> Path:
    """An archive of today's version with two articles in it."""
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        crawl.visit(story())
        crawl.visit(story("2-2026", headline="Bridge opens"))
    return path


@pytest.fixture
def next_version(old_archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This software, one version on. Returns the file of the new migration."""
    assert old_archive.exists()  # made before: it is of today's version
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    later = folder / "versions" / "9999_later.py"
    later.write_text(LATER.format(more="", newest=NEWEST))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    monkeypatch.setattr(engine, "VERSIONS", (*engine.VERSIONS, "9999"))
    return later


def test_the_versions_that_the_software_knows_are_those_that_it_can_migrate_to() -> None:
    assert list(engine.VERSIONS) == [script.revision for script in reversed(list(scripts().walk_revisions()))]
    assert migrate.head() == engine.VERSIONS[-1]


def test_a_migrated_archive_has_the_schema_that_the_code_describes(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl, crawl.archive.connection() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _, name, kind, *__: kind != "table" or not name.startswith("news_")},
        )
        assert compare_metadata(context, metadata) == []


def test_the_schema_comparison_would_notice_a_missing_column(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        with crawl.archive.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE photos DROP COLUMN credit")
        with crawl.archive.connection() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) != []


def test_the_view_news_has_the_columns_of_the_contract_in_their_order(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        named = tuple(name for (name,) in crawl.rows("SELECT name FROM pragma_table_info('news') ORDER BY cid"))
    assert named == views.NEWS_COLUMNS
    assert ", ".join(views.NEWS_COLUMNS) == (
        "article_id, edition, key, url, headline, published_at, rubric, lead, body, language, tags, photo_url, "
        "photo_caption, photo_count, status, revision_count, first_seen_at, last_seen_at, changed_at, gone_at, "
        "duplicate_of, snapshot_id, published_day, absent_since, gone_reason"
    )


@pytest.mark.usefixtures("next_version")
def test_an_older_archive_is_refused_by_readers_who_learn_what_to_do(old_archive: Path) -> None:
    with pytest.raises(
        ArchiveError, match=rf"older Dateline wrote it \(schema {NEWEST}.*the next crawl brings it up to date"
    ):
        Archive.open(str(old_archive), readonly=True)


@pytest.mark.usefixtures("next_version")
def test_an_older_archive_is_migrated_with_all_that_it_holds(old_archive: Path) -> None:
    with desk(old_archive) as crawl:
        assert crawl.rows("SELECT key, note FROM articles ORDER BY key") == [("1-2026", "moved"), ("2-2026", "moved")]
        assert crawl.news("2-2026")["headline"] == "Bridge opens"
        crawl.check_index()
        crawl.visit(story("2-2026", headline="Bridge opens late"))
        crawl.check_index()
        assert crawl.rows("PRAGMA foreign_key_check") == []
        assert crawl.value("PRAGMA foreign_keys") == 1
        assert crawl.value("SELECT version_num FROM alembic_version") == "9999"


@pytest.mark.parametrize(
    "flaw",
    ["raise RuntimeError", "op.execute('DELETE FROM articles')", "op.execute('CREATE TABLE bodies (x)')"],
    ids=["raises", "loses rows", "wrong statement"],
)
def test_a_migration_that_fails_leaves_the_archive_as_it_was(flaw: str, next_version: Path, old_archive: Path) -> None:
    next_version.write_text(LATER.format(more=flaw, newest=NEWEST))
    before = tables(old_archive)
    with pytest.raises((RuntimeError, ArchiveError, OperationalError)):
        Archive.open(str(old_archive), create=True, migrate=True)
    assert tables(old_archive) == before
    with closing(sqlite3.connect(old_archive)) as connection:
        assert connection.execute("SELECT key FROM news ORDER BY key").fetchall() == [("1-2026",), ("2-2026",)]


def test_the_index_is_made_anew_where_its_definition_changed(
    old_archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = views._NEWS_SEARCH.replace("remove_diacritics 2", "remove_diacritics 1")
    monkeypatch.setattr(views, "_NEWS_SEARCH", definition)
    with desk(old_archive) as crawl:
        with crawl.archive.writing() as connection:
            views.drop(connection)
            views.create(connection)
        crawl.check_index()
        assert crawl.rows("SELECT rowid FROM news_search WHERE news_search MATCH 'bridge'") == [(2,)]
        assert crawl.value("SELECT sql FROM sqlite_schema WHERE name = 'news_search'") == definition


def test_a_rebuilt_index_finds_what_the_written_one_found(old_archive: Path) -> None:
    with desk(old_archive) as crawl:
        with crawl.archive.writing() as connection:
            views.rebuild(connection)
        crawl.check_index()
        assert crawl.rows("SELECT rowid FROM news_search WHERE news_search MATCH 'pier' ORDER BY 1") == [(1,), (2,)]


KEPT = ("articles", "revisions", "photos", "sightings", "snapshots", "bodies", "walks")


@pytest.mark.parametrize("version", engine.VERSIONS[:-1])
def test_an_archive_of_each_earlier_version_is_opened_with_all_that_it_holds(version: str, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    path.write_bytes(gzip.decompress((ARCHIVES / f"{version}.db.gz").read_bytes()))
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("SELECT version_num FROM alembic_version").fetchall() == [(version,)]
        file.row_factory = sqlite3.Row
        before = {name: [dict(row) for row in file.execute(f"SELECT * FROM {name} ORDER BY 1")] for name in KEPT}  # noqa: S608
    with desk(path) as crawl:
        for name, rows in before.items():
            columns = ", ".join(rows[0])
            after = crawl.rows(f"SELECT {columns} FROM {name} ORDER BY 1")  # noqa: S608
            assert after == [tuple(row.values()) for row in rows]
        crawl.check_index()
        for (sha256,) in crawl.rows("SELECT sha256 FROM bodies"):
            crawl.archive.body(sha256)
        crawl.visit(story("1001-2026", headline="Harvest is over"))
        assert crawl.value("SELECT MAX(number) FROM revisions WHERE article_id = 1") == 3
        assert crawl.rows("SELECT article_id, other_id, likeness FROM kin ORDER BY 1") == [(2, 4, 100), (4, 2, 100)]
        sealed = crawl.rows("SELECT crawl_id FROM manifests ORDER BY manifest_id")
        # What an archive without manifests held is sealed at once.
        assert sealed == ([(None,)] if version == "0001" else [(1,), (2,), (3,)])
