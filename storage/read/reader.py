"""Reads an archive without changing it, and without the half second that importing SQLAlchemy takes.

The doors (`dateline ...`) ask SQL with named parameters (``:edition``) and get rows as mappings. An SQLite file that
is plainly ours and of our version is opened by the standard library. Everything else goes through SQLAlchemy, which
either opens it all the same (PostgreSQL, a read-only disk) or says what is wrong with it. So the SQL of the doors is
the part that SQLite and PostgreSQL share. Not for writing: that is storage/write/archive.py.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.db.place import Place

Row = Mapping[str, Any]
Run = Callable[[str, Mapping[str, Any]], Iterator[Row]]

# As in storage/db/engine.py, which takes too long to import (a test compares them). Where they fall behind, every
# archive is opened the slow way, which is right too.
APPLICATION_ID = int.from_bytes(b"DtLn")
VERSION = "0009"

BUSY_SECONDS = 30
_SQLITE_URL = "sqlite:///"


class QueryRefused(ValueError):
    """SQLite cannot run a query; `str()` is its reason. Where nobody typed SQL, the names in the file are not those
    that it was made with.
    """


@dataclass(frozen=True, slots=True)
class Reader:
    """An archive open for reading, in one state for as long as it is. `name` is what people call it,
    `dialect` is ``sqlite`` or ``postgresql``.
    """

    name: str
    dialect: str
    run: Run = field(repr=False)

    def rows(self, sql: str, **values: object) -> Iterator[Row]:
        """The rows of a query, as they come. Raises ArchiveError when the file cannot be read on."""
        return self.run(sql, values)

    def row(self, sql: str, **values: object) -> Row | None:
        """The first row, or None."""
        return next(iter(list(self.rows(sql, **values))), None)


@contextmanager
def open_reader(target: str) -> Iterator[Reader]:
    """The archive at a path or an SQLAlchemy URL. Raises ArchiveError or ArgumentError, see `Archive.open`.

    >>> with open_reader("archive.db") as reader:  # doctest: +SKIP
    ...     list(reader.rows("SELECT headline FROM news WHERE edition = :edition", edition="demo"))
    """
    path = _path(target)
    connection = None if path is None else _connect(path)
    if connection is None:
        with _through_engine(target) as reader:
            yield reader
        return
    with closing(connection):
        yield reader_on(connection, str(path))


def reader_on(connection: sqlite3.Connection, name: str) -> Reader:
    """A reader on an open connection to an archive; `name` is the file's. The caller minds its transaction."""
    return Reader(name, "sqlite", _sqlite_run(connection, name))


def _path(target: str) -> Path | None:
    """The file of a plain SQLite target; None for anything that SQLAlchemy should look at."""
    name = target.removeprefix(_SQLITE_URL)
    return None if not name or "://" in name or "?" in name else Path(name)


def _connect(path: Path) -> sqlite3.Connection | None:
    """A connection to an archive of ours; None where that is not plain to see."""
    if not path.is_file():
        return None
    connection = None
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=BUSY_SECONDS, isolation_level=None
        )
        connection.execute("PRAGMA query_only=ON")
        connection.execute("BEGIN")
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    except (sqlite3.Error, UnicodeDecodeError):
        application_id, versions = None, []
    if (application_id, versions) == (APPLICATION_ID, [(VERSION,)]):
        return connection
    if connection is not None:
        connection.close()
    return None


def _sqlite_run(connection: sqlite3.Connection, name: str) -> Run:
    def run(sql: str, values: Mapping[str, Any]) -> Iterator[Row]:
        try:
            cursor = connection.execute(sql, values)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except (sqlite3.Error, UnicodeDecodeError) as error:
            _refuse(error)
            with importlib.import_module("storage.db.faults").wrapped(name):
                raise

    return run


def _refuse(error: Exception) -> None:
    """Raise QueryRefused where SQLite complains of a full-text query, which it does with one general code.

    What Python itself complains of (text that is none) has no code.
    """
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.OperationalError) and code == sqlite3.SQLITE_ERROR:
        raise QueryRefused(str(error).removeprefix("fts5: ")) from error


class _Placed(Protocol):
    """An archive that is open: it knows where it is."""

    @property
    def place(self) -> Place: ...


def reader_of(archive: _Placed, connection: Connection) -> Reader:
    """The same on a connection of an archive that is open already."""
    return reader_within(connection, str(archive.place))


def reader_within(connection: Connection, name: str = "") -> Reader:
    """The same within a transaction, whose own changes it sees."""
    from sqlalchemy import text  # noqa: PLC0415 - half a second, for those who need it

    def run(sql: str, values: Mapping[str, Any]) -> Iterator[Row]:
        rows = connection.execute(text(sql), values, execution_options={"stream_results": True})  # not all at once
        return (dict(row) for row in rows.mappings())

    dialect = connection.dialect.name
    driver: Any = connection.connection.driver_connection
    return reader_on(driver, name) if dialect == "sqlite" else Reader(name, dialect, run)


@contextmanager
def _through_engine(target: str) -> Iterator[Reader]:
    from storage.db.engine import opened_to_read  # noqa: PLC0415 - half a second, for those who need it

    with opened_to_read(target) as (place, connection):
        yield reader_within(connection, str(place))
