"""A small plain SQLite file: the articles with their revisions, photos and a full-text index of their own."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, BinaryIO

from storage.db.views import DEFINITIONS
from storage.export.columns import NEWS_TABLE, PHOTOS_TABLE, REVISIONS_TABLE, Table
from storage.export.formats import Format
from storage.read.reader import Row

if TYPE_CHECKING:
    from storage.export.selection import ArticleExport

_ABOUT = """\
An SQLite file that needs nothing else: the tables below, and `news_search`, a full-text index (FTS5) over headline,
lead, body and captions, whose `rowid` is `article_id`:

    SELECT n.published_at, n.headline FROM news_search JOIN news n ON n.article_id = news_search.rowid
    WHERE news_search MATCH 'wheat harvest' ORDER BY rank

Times are text (ISO 8601, UTC), `tags` is a JSON array. The tables `about` and `columns` hold what stands here. It is no
archive: the pages themselves are not in it.
"""
_BATCH = 500  # articles whose revisions are read at a time
_KINDS = {"integer": "INTEGER", "string": "TEXT", "datetime": "TEXT", "array": "TEXT"}
_INDEXES = (
    "CREATE INDEX news_by_published ON news (published_at)",
    "CREATE INDEX revisions_by_article ON revisions (article_id, number)",
    "CREATE INDEX photos_by_revision ON photos (revision_id, position)",
)
# As in the archive, so that the same queries run here.
_NEWS_TEXT = """
CREATE VIEW news_text (article_id, headline, lead, body, captions, folded) AS
SELECT n.article_id, n.headline, n.lead, n.body,
  (SELECT group_concat(caption, char(10)) FROM
    (SELECT p.caption FROM photos p WHERE p.revision_id = r.revision_id ORDER BY p.position)),
  r.folded
FROM news n
JOIN revisions r ON r.article_id = n.article_id AND r.shown = 1
"""
_ABOUT_TABLES = (
    "CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    'CREATE TABLE columns ("table" TEXT, "column" TEXT, type TEXT, description TEXT, PRIMARY KEY ("table", "column"))',
)
_FILL = "INSERT INTO news_search(news_search) VALUES ('rebuild')"
_TABLES = (NEWS_TABLE, REVISIONS_TABLE, PHOTOS_TABLE)


def write(file: BinaryIO, handout: ArticleExport) -> None:
    """Fills the file, which must be empty and have a name: SQLite opens it once more."""
    with (
        _told(),
        closing(sqlite3.connect(file.name, isolation_level=None)) as connection,
    ):
        # It is renamed when it is whole, so nothing has to survive a crash half-way.
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
        connection.execute("BEGIN")
        for table in _TABLES:
            connection.execute(_create(table))
        for articles in _batches(handout.rows()):
            _insert(connection, NEWS_TABLE, articles)
            revisions = list(handout.revisions(articles))
            _insert(connection, REVISIONS_TABLE, revisions)
            _insert(connection, PHOTOS_TABLE, handout.photos(revisions))
        for statement in (*_INDEXES, _NEWS_TEXT, DEFINITIONS["news_search"], _FILL, *_ABOUT_TABLES):
            connection.execute(statement)
        _describe(connection, handout)
        connection.execute("COMMIT")


@contextmanager
def _told() -> Iterator[None]:
    """A full or failing disk as the OSError that it is."""
    numbers = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}
    try:
        yield
    except sqlite3.OperationalError as error:
        number = numbers.get(error.sqlite_errorcode & 0xFF)
        if number is None:
            raise
        raise OSError(number, os.strerror(number)) from error


def _create(table: Table) -> str:
    columns = (
        f"{field.name} {_KINDS[field.type]}"
        + (" PRIMARY KEY" if field.name == table.key else " NOT NULL" if field.required else "")
        for field in table.fields
    )
    return f"CREATE TABLE {table.name} ({', '.join(columns)})"


def _insert(connection: sqlite3.Connection, table: Table, rows: Iterable[Row]) -> None:
    names = ", ".join(table.columns)
    values = ", ".join(f":{name}" for name in table.columns)
    connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({values})", rows)  # noqa: S608 - our own names


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _describe(connection: sqlite3.Connection, handout: ArticleExport) -> None:
    about = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in handout.statement().items()
    }
    connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
    connection.executemany(
        "INSERT INTO columns VALUES (?, ?, ?, ?)",
        ((table.name, field.name, field.type, field.description) for table in _TABLES for field in table.fields),
    )


FORMAT = Format(
    name="sqlite",
    endings=(".sqlite", ".sqlite3"),
    mediatype="application/vnd.sqlite3",
    about=_ABOUT,
    tables=_TABLES,
    write=write,
)
