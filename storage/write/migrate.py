"""Creates the schema, or brings an older one up to date: one transaction, all of it or nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.schema import SetColumnComment, SetTableComment

from crawler.errors import ArchiveError
from storage.db import views
from storage.db.schema import alterations, crawls, edits, metadata, signatures
from storage.db.sqlite_file import APPLICATION_ID
from storage.write.articles import near_duplicates
from storage.write.articles.edits import retell
from storage.write.articles.template_changes import judge_all
from storage.write.coverage.renewal import renew
from storage.write.evidence.manifest import head as head_manifest
from storage.write.evidence.manifest import seal
from storage.write.frontier.disappearances import fill_absences

MIGRATIONS = Path(__file__).parent.parent / "db" / "migrations"
_LOCK_KEY = 0x446174656C696E65  # one migration of a server's database at a time


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrates to `revision`. Views are made anew around it, since no table can change under a view.

    Two processes may open a new archive at once: the second waits for the first and finds nothing left to do.
    """
    with engine.connect() as plain, plain.execution_options(writes=True) as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            _foreign_keys(connection, on=False)  # a table is changed by copying it, which must not cascade
        with connection.begin():
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
            views.drop(connection)
            command.upgrade(_config(connection), revision)
            if revision == "head":
                views.create(connection)
                _begin_chain(connection)
                _relate(connection)
                renew(connection)
                fill(connection)
            _seal(connection) if sqlite else _describe(connection)
        if sqlite:
            _foreign_keys(connection, on=True)


def head() -> str | None:
    """The newest version among the migration scripts (database.VERSIONS must end with it)."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config(attributes={"connection": connection, "target_metadata": metadata})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    driver: Any = connection.connection.driver_connection  # SQLite ignores this PRAGMA inside a transaction
    driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


def _begin_chain(connection: Connection) -> None:
    """Seals what an archive without manifests holds: from now on it is noticed when the whole chain is cut off."""
    if head_manifest(connection) is None and connection.execute(select(crawls.c.crawl_id).limit(1)).first():
        seal(connection, None, datetime.now(UTC))


def _relate(connection: Connection) -> None:
    """Links near-identical articles in an archive that is older than such links."""
    if not connection.execute(select(signatures.c.article_id).limit(1)).first():
        near_duplicates.rebuild(connection)


def _seal(connection: Connection) -> None:
    """Marks the file as ours, and makes sure that no table lost rows that others refer to."""
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise ArchiveError(
            f"archive {connection.engine.url.database}: table {broken[0]} refers to rows that are missing"
        )


def _describe(connection: Connection) -> None:
    """Carries the comments of storage/db/schema.py into the database: no structure, so no migration of their own."""
    for table in metadata.sorted_tables:
        connection.execute(SetTableComment(table))
        for column in table.columns:
            if column.comment:
                connection.execute(SetColumnComment(column))


# What a migration fills in an archive that is older than the table `edits`: the changes, and stamps of visits.


def fill(connection: Connection) -> None:
    """Tells the changes of all articles, where none are told yet.

    Only articles with a second revision or an absence are looked at. No page is read again: the times of a visit are
    known only where it gave a revision.
    """
    if any(connection.execute(select(table).limit(1)).first() for table in (edits, alterations)):
        return
    connection.execute(text(_STAMPS))
    for (article_id,) in connection.execute(text(_EDITED)).all():
        retell(connection, article_id)
    judge_all(connection)
    fill_absences(connection)


_EDITED: Final = "SELECT DISTINCT article_id FROM revisions WHERE number > 1 ORDER BY article_id"

# As `rows.stamp` writes it.
_STAMPS: Final = """
UPDATE snapshots SET stamp = (
  SELECT '[' || COALESCE('"' || r.published_at || '"', 'null') || ', '
         || COALESCE('"' || r.modified_at || '"', 'null') || ']'
  FROM revisions r WHERE r.article_id = snapshots.article_id AND r.snapshot_id = snapshots.snapshot_id
  ORDER BY r.correction DESC LIMIT 1)
WHERE kind = 'article' AND reading = 'article' AND stamp IS NULL"""
