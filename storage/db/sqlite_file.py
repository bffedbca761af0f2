"""An archive as a SQLite file: what it holds, who may read and write it, and how connections are set up."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from crawler.errors import ArchiveError
from storage.db.file_identity import Identity

APPLICATION_ID = int.from_bytes(b"DtLn")
"""Stands in the header of the file (`PRAGMA application_id`): this database is an archive of ours."""

BUSY_SECONDS = 30
_OLDEST_SQLITE = (3, 35)  # RETURNING
_KEPT_WAL = 64 * 2**20  # a long reader lets the -wal file grow; it is cut back to this size afterwards
CACHE_KIB = 16 * 1024

# NORMAL: a commit survives the death of the process; a power cut may take the last commits, never the file.
_WRITER = (
    "foreign_keys=ON",
    "synchronous=NORMAL",
    f"journal_size_limit={_KEPT_WAL}",
    f"cache_size=-{CACHE_KIB}",
)
_READER = ("query_only=ON",)


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What a database holds: whether anything at all, whose it is, and its schema version (None: none)."""

    empty: bool
    ours: bool
    version: str | None


def _check_path(path: Path) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:  # pragma: no cover - Python 3.11 comes with a newer one
        raise ArchiveError(
            f"SQLite {sqlite3.sqlite_version} is too old: {_OLDEST_SQLITE[0]}.{_OLDEST_SQLITE[1]} or newer"
        )
    if path.is_dir():
        raise ArchiveError(
            f"archive {path}: this is a folder: give the path of a file in it, such as {path}/archive.db"
        )


def check_writable(path: Path, *, create: bool) -> None:
    """Raises ArchiveError where a crawl could not write the file. `create`: there need not be one yet."""
    _check_path(path)
    folder = path.parent
    if not path.exists() and not create:
        raise ArchiveError(f"archive {path}: there is no such file: crawl first, or give another one")
    if not folder.is_dir():
        raise ArchiveError(f"archive {path}: its folder does not exist: make it first (mkdir -p {folder})")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ArchiveError(f"archive {path}: its folder cannot be written, and SQLite keeps -wal and -shm files there")
    if path.exists() and not os.access(path, os.W_OK):
        raise ArchiveError(f"archive {path}: the file cannot be written: check its permissions (chmod u+w {path.name})")


def uri(path: Path, mode: str) -> str:
    """SQLite's URI of a file: `mode` is ``ro``, ``rw`` or ``rwc`` (creates it)."""
    return f"file:{quote(str(path))}?mode={mode}"


def readable_uri(path: Path) -> str:
    """The URI under which a reader can open the file.

    A reader needs the -wal and -shm files beside it, or leave to make them: then as one who could write, since only
    such a one clears them away again, and another user's crawl could not write to what we left. On a read-only disk
    neither may be had; the file alone is whole when there is no -wal, and is opened as one that nobody changes.
    Raises ArchiveError where it cannot be read.
    """
    _check_path(path)
    if not path.exists():
        raise ArchiveError(f"archive {path}: there is no such file: crawl first, or give another one")
    found = uri(path, "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK) else "ro")
    try:
        look(found)
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # text that is none has no code
        if code not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
        wal = path.with_name(f"{path.name}-wal")
        if not os.access(path, os.R_OK):
            raise ArchiveError(f"archive {path}: the file cannot be read: check its permissions") from None
        if wal.exists() and wal.stat().st_size:
            raise ArchiveError(
                f"archive {path}: it cannot be read in place, since {wal.name} holds what a crawl wrote last and the "
                "folder is read-only: copy both files to a folder of your own and read them there"
            ) from None
        return f"{found}&immutable=1"
    return found


def look(at: str) -> DatabaseFacts:
    """What the database at a URI holds. It is not changed."""
    connection = sqlite3.connect(at, uri=True, timeout=BUSY_SECONDS)
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        version = None
        if application_id == APPLICATION_ID and "alembic_version" in names:
            version = next((row[0] for row in connection.execute("SELECT version_num FROM alembic_version")), None)
    finally:
        connection.close()
    return DatabaseFacts(
        empty=not names,
        ours=application_id in {0, APPLICATION_ID} if not names else version is not None,
        version=version,
    )


_IN_MEMORY = "file:expected?mode=memory&cache=shared"


def in_memory() -> sqlite3.Connection:
    """A connection to the database in memory, which lasts as long as any."""
    return sqlite3.connect(_IN_MEMORY, uri=True, isolation_level=None)


def engine_in_memory() -> Engine:
    """An engine on it."""
    return engine_on(Path("expected"), _IN_MEMORY, writes=True)


def engine_on(path: Path, at: str, *, writes: bool) -> Engine:
    """An engine on the file at a URI. One that writes commits only while that is still the file that it opened."""
    identity = Identity(path) if writes and at != _IN_MEMORY else None

    def connect() -> sqlite3.Connection:
        # Transactions are begun below, by us: Python's own handling would begin them late and without the lock.
        connection = sqlite3.connect(at, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        if identity is not None:
            _noted(identity, connection)  # before anything is read: SQLite would read the -wal file of another
        for pragma in _WRITER if writes else _READER:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
    for undone in ("rollback", "rollback_savepoint"):
        event.listen(engine, undone, _forget)
    if identity is not None:
        _guard(engine, identity)
    return engine


def _noted(identity: Identity, connection: sqlite3.Connection) -> None:
    try:
        identity.note()
    except ArchiveError:
        connection.close()
        raise


def _guard(engine: Engine, identity: Identity) -> None:
    """Looks before each commit whether the file is still the one that was opened, and tidies up where it is not."""

    def commit(connection: Connection) -> None:
        identity.note_wal()
        try:
            identity.check()
        except ArchiveError:
            driver: Any = connection.connection.driver_connection
            driver.rollback()  # SQLAlchemy takes a commit that was refused for done with
            raise

    def close(connection: sqlite3.Connection, _: object) -> None:
        if identity.lost:
            identity.let_go(connection)

    event.listen(engine, "commit", commit)
    event.listen(engine.pool, "close", close)


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later can be refused half-way; the write lock is taken at once.
    immediate = connection.get_execution_options().get("writes", False)
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _forget(connection: Connection, *_: object) -> None:
    # What was remembered with a connection (storage/write/articles/signature_cache.py) is of a state that is no longer
    # so.
    connection.info.clear()


def prepare_new(path: Path) -> None:
    """Readers beside a writer need WAL; the mode is a property of the file, set once, outside any transaction."""
    connection = sqlite3.connect(uri(path, "rwc"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()
