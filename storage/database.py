"""Opening an archive: is the file ours, of our version, readable, writable? And how SQLite is set up.

`open_engine` is the one door. An up-to-date archive opens in a few milliseconds: its version is compared with a
constant, and Alembic is imported only where there is something to create or to migrate.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError as BadURL
from sqlalchemy.pool import QueuePool

from crawler.errors import ArchiveError, ArgumentError
from storage.faults import wrapped

VERSIONS = ("0001",)
"""Every schema version, oldest first, as in storage/migrations/versions. Versions not listed are of the future."""

APPLICATION_ID = int.from_bytes(b"DtLn")
"""Stands in the header of the file (`PRAGMA application_id`): this database is an archive of ours."""

BUSY_SECONDS = 30
_OLDEST_SQLITE = (3, 35)  # RETURNING
_KEPT_WAL = 64 * 2**20  # a long reader lets the -wal file grow; it is cut back to this size afterwards
_CACHE_KIB = 16 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archive is: `path` of the SQLite file, None for a database server."""

    url: URL
    path: Path | None

    @classmethod
    def of(cls, target: str) -> Place:
        """`target` is a path or an SQLAlchemy URL. Raises ArgumentError for other databases and for no file at all.

        >>> Place.of("sqlite:///wire.db").path == Path.cwd() / "wire.db"
        True

        Links are followed: an archive under two names is one archive.
        """
        url = _url(target)
        if url.get_backend_name() == "postgresql":
            return cls(url, None)
        if url.get_backend_name() != "sqlite":
            raise ArgumentError(f"{url.render_as_string()}: an archive is a SQLite file or a PostgreSQL database")
        if not url.database or url.database == ":memory:":
            raise ArgumentError(f"{target!r}: an archive is a file: give its path, such as archive.db")
        return cls(url, Path(url.database).resolve())

    def __str__(self) -> str:
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)


@dataclass(frozen=True, slots=True)
class Found:
    """What a database holds: whether anything at all, whose it is, and its schema version (None: none)."""

    empty: bool
    ours: bool
    version: str | None


def open_engine(target: str, *, create: bool, migrate: bool, readonly: bool = False) -> Engine:
    """An engine on the archive at `target`, which is then of this software's schema version.

    `create`: make it when there is none. `migrate`: bring an older one up to date. `readonly`: for readers; works
    while a crawl is writing, and on a read-only disk. Connections with the execution option ``writes=True`` take
    the write lock when their transaction begins, others read one consistent state for as long as theirs lasts.
    Raises ArchiveError: foreign, newer, older (without `migrate`), empty (without `create`), corrupt, unwritable.
    """
    place = Place.of(target)
    with wrapped(str(place)):
        if place.path is None:
            return _open_server(place, create=create, migrate=migrate, readonly=readonly)
        if readonly:
            return _open_to_read(place.path)
        return _open_to_write(place.path, create=create, migrate=migrate)


def _url(target: str) -> URL:
    if "://" not in target:
        return URL.create("sqlite", database=target)
    try:
        return make_url(target)
    except BadURL as error:
        raise ArgumentError(f"{target!r} is neither a path nor a database URL ({error})") from error


# SQLite ---------------------------------------------------------------------------------------------------------


def _open_to_read(path: Path) -> Engine:
    _check_file(path)
    if not path.exists():
        raise ArchiveError(f"archive {path}: there is no such file: crawl first, or give another one")
    uri = _readable(path)
    if _action(str(path), _look(uri), create=False, migrate=False) == "use":
        return _file_engine(path, uri, _set_up_reader)
    raise AssertionError  # pragma: no cover - without create and migrate there is only "use" or an error


def _open_to_write(path: Path, *, create: bool, migrate: bool) -> Engine:
    _check_file(path)
    _check_writable(path, create=create)
    found = _look(_uri(path, "rw")) if path.exists() else Found(empty=True, ours=True, version=None)
    action = _action(str(path), found, create=create, migrate=migrate)
    # Only a new archive may be made: one that was moved away meanwhile must not be replaced by an empty one.
    engine = _file_engine(path, _uri(path, "rwc" if action == "create" else "rw"), _set_up_writer)
    if action == "create":
        _prepare_new(path)
    if action != "use":
        _migrate(engine)
    return engine


def _check_file(path: Path) -> None:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:  # pragma: no cover - Python 3.11 comes with a newer one
        raise ArchiveError(
            f"SQLite {sqlite3.sqlite_version} is too old: {_OLDEST_SQLITE[0]}.{_OLDEST_SQLITE[1]} or newer"
        )
    if path.is_dir():
        raise ArchiveError(
            f"archive {path}: this is a folder: give the path of a file in it, such as {path}/archive.db"
        )


def _check_writable(path: Path, *, create: bool) -> None:
    folder = path.parent
    if not path.exists() and not create:
        raise ArchiveError(f"archive {path}: there is no such file: crawl first, or give another one")
    if not folder.is_dir():
        raise ArchiveError(f"archive {path}: its folder does not exist: make it first (mkdir -p {folder})")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ArchiveError(f"archive {path}: its folder cannot be written, and SQLite keeps -wal and -shm files there")
    if path.exists() and not os.access(path, os.W_OK):
        raise ArchiveError(f"archive {path}: the file cannot be written: check its permissions (chmod u+w {path.name})")


def _uri(path: Path, mode: str) -> str:
    return f"file:{quote(str(path))}?mode={mode}"


def _readable(path: Path) -> str:
    """The URI under which a reader can open the file.

    A reader needs the -wal and -shm files beside it, or leave to make them: then as one who could write, since only
    such a one clears them away again, and another user's crawl could not write to what we left. On a read-only disk
    neither may be had; the file alone is whole when there is no -wal, and is opened as one that nobody changes.
    """
    uri = _uri(path, "rw" if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK) else "ro")
    try:
        _look(uri)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
        wal = path.with_name(f"{path.name}-wal")
        if not os.access(path, os.R_OK):
            raise ArchiveError(f"archive {path}: the file cannot be read: check its permissions") from None
        if wal.exists() and wal.stat().st_size:
            raise ArchiveError(
                f"archive {path}: it cannot be read in place, since {wal.name} holds what a crawl wrote last and the "
                "folder is read-only: copy both files to a folder of your own and read them there"
            ) from None
        return f"{uri}&immutable=1"
    return uri


def _look(uri: str) -> Found:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)
    try:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}
        version = None
        if application_id == APPLICATION_ID and "alembic_version" in names:
            version = next((row[0] for row in connection.execute("SELECT version_num FROM alembic_version")), None)
    finally:
        connection.close()
    return Found(
        empty=not names,
        ours=application_id in {0, APPLICATION_ID} if not names else version is not None,
        version=version,
    )


def _action(place: str, found: Found, *, create: bool, migrate: bool) -> str:
    """``use``, ``create`` or ``migrate``. Raises ArchiveError where none of them will do."""
    if found.empty and found.ours:
        if create:
            return "create"
        raise ArchiveError(f"archive {place}: it is empty: no crawl has written to it yet")
    if not found.ours:
        raise ArchiveError(
            f"archive {place}: this database is not an archive of Dateline; it was left untouched: give another"
        )
    if found.version not in VERSIONS:
        raise ArchiveError(
            f"archive {place}: a newer Dateline wrote it (schema {found.version}, this one knows {VERSIONS[-1]}): "
            "upgrade Dateline"
        )
    if found.version == VERSIONS[-1]:
        return "use"
    if migrate:
        return "migrate"
    raise ArchiveError(
        f"archive {place}: an older Dateline wrote it (schema {found.version}, this one needs {VERSIONS[-1]}): "
        "the next crawl brings it up to date"
    )


def _file_engine(path: Path, uri: str, set_up: Callable[[sqlite3.Connection], None]) -> Engine:
    def connect() -> sqlite3.Connection:
        # Transactions are begun below, by us: Python's own handling would begin them late and without the lock.
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        set_up(connection)
        return connection

    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, creator=connect, poolclass=QueuePool)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later can be refused half-way; the write lock is taken at once.
    immediate = connection.get_execution_options().get("writes", False)
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _set_up_writer(connection: sqlite3.Connection) -> None:
    # NORMAL: a commit survives the death of the process; a power cut may take the last commits, never the file.
    for pragma in (
        "foreign_keys=ON",
        "synchronous=NORMAL",
        f"journal_size_limit={_KEPT_WAL}",
        f"cache_size=-{_CACHE_KIB}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _set_up_reader(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only=ON")


def _prepare_new(path: Path) -> None:
    """Readers beside a writer need WAL; the mode is a property of the file, set once, outside any transaction."""
    connection = sqlite3.connect(_uri(path, "rwc"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


# PostgreSQL -----------------------------------------------------------------------------------------------------


def _open_server(place: Place, *, create: bool, migrate: bool, readonly: bool) -> Engine:
    try:
        engine = create_engine(place.url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise ArchiveError(
            f"archive {place}: {error.name} is not installed: pip install 'dateline[postgres]'"
        ) from error
    action = _action(
        str(place), _look_at_server(engine), create=create and not readonly, migrate=migrate and not readonly
    )
    if action != "use":
        _migrate(engine)
    return engine.execution_options(postgresql_readonly=True) if readonly else engine


def _look_at_server(engine: Engine) -> Found:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        version: Any = None
        if "alembic_version" in names:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    # A database may be shared with other programs: only tables of our names would be in the way.
    foreign = version is None and not names.isdisjoint({"articles", "bodies", "snapshots", "revisions"})
    return Found(empty=version is None and not foreign, ours=not foreign, version=version)


def _migrate(engine: Engine) -> None:
    from storage.migrate import upgrade  # noqa: PLC0415 - Alembic takes a third of a second to import

    upgrade(engine)
