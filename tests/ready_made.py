"""What takes longer than most tests and always comes out the same, done once per process.

A new archive is a copy of one that the migrations made; what SQLAlchemy compiled for one archive serves the others; and
the tables of equal schemas are compared with the expected ones once. Tests of exactly these things, and every process
that a test starts, do without.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import Connection, Engine

from storage.db import engine as opener
from storage.db import sqlite_file
from storage.maintenance.checks import structure
from storage.write import archive, migrate

_upgrade, _engine_on, _differences = archive._upgrade, sqlite_file.engine_on, structure._differences
_RELEASE = opener.VERSIONS, migrate.MIGRATIONS


@cache
def empty_archive() -> bytes:
    """A new archive as a file: migrations take half a second, copying does not."""
    with tempfile.TemporaryDirectory() as folder, patch.object(archive, "_upgrade", _upgrade):
        path = Path(folder) / "archive.db"
        archive.Archive.open(str(path), create=True).close()
        return path.read_bytes()


def _without_wal(file: bytes) -> bytes:
    """A file as memory can hold it: there is no WAL. The file that it is copied to keeps its own."""
    return file[:18] + b"\x01\x01" + file[20:]


@cache
def _compiling() -> Engine:
    """The engine whose dialect and compiled statements all others take over."""
    engine = _engine_on(Path("compiled"), "file::memory:", writes=True)
    engine.connect().close()  # finds out what this SQLite can do
    engine.dispose()
    return engine


def share(engine: Engine, compiled: Engine) -> Engine:
    """The first engine, which from now on compiles nothing that the other has compiled, and the other way round."""
    if engine.dialect.name == compiled.dialect.name:
        engine.dialect, engine._compiled_cache = compiled.dialect, compiled._compiled_cache
    return engine


def _upgraded(engine: Engine) -> None:
    """For `storage.write.archive._upgrade`: fills a file without tables from the ready archive."""
    at = engine.url.database
    if engine.dialect.name != "sqlite" or not at or (opener.VERSIONS, migrate.MIGRATIONS) != _RELEASE:
        _upgrade(engine)
        return
    with closing(sqlite3.connect(at)) as file:
        (tables,) = file.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if not tables:
            with closing(sqlite3.connect(":memory:")) as made:
                made.deserialize(_without_wal(empty_archive()))
                made.backup(file)
    if tables:
        _upgrade(engine)


def _opened(path: Path, at: str, *, writes: bool) -> Engine:
    """For `storage.db.sqlite_file.engine_on`."""
    return share(_engine_on(path, at, writes=writes), _compiling())


def _compared(connection: Connection) -> Iterator[tuple[str, str]]:
    """For `storage.maintenance.checks.structure._differences`."""
    if connection.dialect.name != "sqlite":
        yield from _differences(connection)
        return
    schema = tuple(map(tuple, connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_schema")))
    if schema not in _KNOWN:
        _KNOWN[schema] = tuple(_differences(connection))
    yield from _KNOWN[schema]


_KNOWN: dict[tuple[object, ...], tuple[tuple[str, str], ...]] = {}


@contextmanager
def ready_made() -> Iterator[None]:
    """While the block runs, this process takes what is ready made."""
    with ExitStack() as patches:
        patches.enter_context(patch.object(archive, "_upgrade", _upgraded))
        patches.enter_context(patch.object(sqlite_file, "engine_on", _opened))
        patches.enter_context(patch.object(structure, "_differences", _compared))
        yield
