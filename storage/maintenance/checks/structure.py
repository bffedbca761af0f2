"""The file itself, its tables, its view, and the full-text index."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Index, text

from storage.db import sqlite_file, views
from storage.db.schema import metadata
from storage.maintenance.checks import Check, objects
from storage.terminal.amounts import counted

MISSING = "is missing"
_LISTED = 100  # complaints of SQLite about a damaged file
_INDEX_PARTS = ("data", "idx", "docsize", "config")  # the tables in which FTS5 keeps an index


def check_file(connection: Connection, check: Check) -> None:
    """SQLite's own check of the file's pages and of its indexes. A server looks after that itself."""
    if connection.dialect.name != "sqlite":
        check.says = "a server's: not looked at"
        return
    check.says = "the pages of the file and its indexes"
    for (complaint,) in connection.execute(text(f"PRAGMA integrity_check({_LISTED})")):
        if complaint != "ok":
            check.find("file", complaint, derived="index" in complaint)


def check_schema(connection: Connection, check: Check) -> None:
    """Whether all tables, columns, constraints, indexes and views are there, as they should be."""
    for subject, message in _differences(connection):
        check.find(subject, message, derived=subject.startswith("index ") and message == MISSING)
    if connection.dialect.name == "sqlite":
        for name, definition in views.DEFINITIONS.items():
            found = connection.execute(
                text("SELECT sql FROM sqlite_schema WHERE name = :name"), {"name": name}
            ).scalar()
            if found is None or found.strip() != definition.strip():
                check.find(name, "is missing" if found is None else "is defined otherwise", derived=True)
    named = {finding.subject for finding in check.findings}
    for one in objects.differences(connection):
        if not _is_said(one.subject, named):
            check.find(one.subject, one.message, derived=one.derived)
    check.says = f"{counted(len(metadata.tables), 'table')}, their indexes and views, and nothing else"


def _is_said(subject: str, named: set[str]) -> bool:
    """Whether something is named already, or a column of a table is, which makes the whole table another."""
    table = subject.removeprefix("table ")
    return subject in named or any(f"{name.removeprefix('column ')}.".startswith(f"{table}.") for name in named)


def check_search(path: Path | None, check: Check) -> None:
    """Whether the full-text index finds what the rows say, all of it and nothing else (SQLite only).

    FTS5 checks an index by an INSERT. To keep the archive readable on a read-only disk and writable for a crawl, a
    copy of the index is checked, in a temporary file.
    """
    if path is None:
        check.says = "SQLite only: not looked at"
        return
    check.says = "the full-text index against the rows"
    with closing(sqlite3.connect(sqlite_file.readable_uri(path), uri=True, isolation_level=None)) as connection:
        try:
            for statement in _copied_index():
                connection.execute(statement)
            connection.execute("INSERT INTO temp.news_search(news_search, rank) VALUES ('integrity-check', 1)")
        except sqlite3.DatabaseError as error:
            check.find("news_search", f"does not agree with the rows ({error})", derived=True)


def mend(connection: Connection) -> None:
    """Makes views and indexes anew. Evidence is not touched."""
    for name in objects.redefined_indexes(connection):
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    for table in metadata.sorted_tables:
        for index in table.indexes:
            index.create(connection, checkfirst=True)
    views.drop(connection)
    views.create(connection)
    if connection.dialect.name == "sqlite":
        views.rebuild(connection)
        connection.execute(text("REINDEX"))


def _copied_index() -> Iterator[str]:
    yield "BEGIN"
    yield views.DEFINITIONS["news_text"].replace("CREATE VIEW", "CREATE TEMP VIEW")
    yield views.DEFINITIONS["news_search"].replace("news_search", "temp.news_search", 1)
    for part in _INDEX_PARTS:
        yield f"DELETE FROM temp.news_search_{part}"  # noqa: S608 - one of four names
        yield f"INSERT INTO temp.news_search_{part} SELECT * FROM main.news_search_{part}"  # noqa: S608 - the same


def _differences(connection: Connection) -> Iterator[tuple[str, str]]:
    """What of storage/db/schema.py the database lacks, and what its tables have besides."""
    context = MigrationContext.configure(
        connection, opts={"include_name": lambda name, kind, _: kind != "table" or name in metadata.tables}
    )
    for difference in compare_metadata(context, metadata):
        if isinstance(difference, list):  # one or more changes of a column
            for change in difference:
                yield f"{change[2]}.{change[3]}", f"is not as it should be: {change[0].removeprefix('modify_')}"
        elif str(difference[0]).startswith("add_"):
            yield _named(difference), MISSING
        elif str(difference[0]) in {"remove_column", "remove_index"}:
            yield _named(difference), "is no part of an archive"


def _named(difference: tuple[Any, ...]) -> str:
    kind, thing = str(difference[0]).removeprefix("add_").removeprefix("remove_"), difference[-1]
    if kind == "column":
        return f"column {difference[2]}.{thing.name}"
    if isinstance(thing, Index):
        return f"index {thing.name}"
    return f"{kind} {getattr(thing, 'name', None) or thing}"
