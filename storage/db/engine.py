"""Opening an archive that is ours, of our version, and can be read or written.

`open_engine` is the one door. An up-to-date archive opens in a few milliseconds: its version is compared with a
constant. Where there is something to create or to migrate, the caller's `upgrade` does it (storage/write/migrate.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, inspect, text

from crawler.errors import ArchiveError
from storage.db import sqlite_file
from storage.db.faults import wrapped
from storage.db.place import Place
from storage.db.sqlite_file import APPLICATION_ID, DatabaseFacts

__all__ = ["APPLICATION_ID", "VERSIONS", "open_engine", "opened_to_read", "uri_to_read"]

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009")
"""Every schema version, oldest first, as in storage/db/migrations/versions. Versions not listed are of the future."""


Upgrade = Callable[[Engine], None]
"""Brings a database to the newest schema version, from an older one or from nothing."""


def _no_upgrade(engine: Engine) -> None:
    raise ValueError(f"{engine.url!r}: an archive is created or migrated only by an `upgrade`")


def open_engine(
    target: str,
    *,
    create: bool = False,
    migrate: bool = False,
    readonly: bool = False,
    upgrade: Upgrade = _no_upgrade,
) -> Engine:
    """An engine on the archive at `target`, which is then of this software's schema version.

    `create`: make it when there is none. `migrate`: bring an older one up to date. Both are done by `upgrade`.
    `readonly`: for readers; works while a crawl is writing, and on a read-only disk. Connections with the execution
    option ``writes=True`` take the write lock when their transaction begins, others read one consistent state for as
    long as theirs lasts.
    Raises ArchiveError: foreign, newer, older (without `migrate`), empty (without `create`), corrupt, unwritable.
    """
    place = Place.of(target)
    with wrapped(place):
        if place.path is None:
            return _open_server(place, upgrade, create=create, migrate=migrate, readonly=readonly)
        if readonly:
            return _open_to_read(place.path)
        return _open_to_write(place.path, upgrade, create=create, migrate=migrate)


@contextmanager
def opened_to_read(target: str) -> Iterator[tuple[Place, Connection]]:
    """Where the archive at `target` is, and one connection that sees one state of it. Raises as `open_engine` does."""
    place = Place.of(target)
    with ExitStack() as leaving:
        engine = open_engine(target, readonly=True)
        leaving.enter_context(wrapped(place))
        leaving.callback(engine.dispose)
        yield place, leaving.enter_context(engine.begin())


def uri_to_read(path: Path) -> str:
    """SQLite's URI of an archive file that is ours and of this version, for readers. Raises ArchiveError."""
    with wrapped(path):
        at = sqlite_file.readable_uri(path)
        _action(str(path), sqlite_file.look(at), create=False, migrate=False)
    return at


def _open_to_read(path: Path) -> Engine:
    return sqlite_file.engine_on(path, uri_to_read(path), writes=False)


def _open_to_write(path: Path, upgrade: Upgrade, *, create: bool, migrate: bool) -> Engine:
    sqlite_file.check_writable(path, create=create)
    nothing = DatabaseFacts(empty=True, ours=True, version=None)
    found = sqlite_file.look(sqlite_file.uri(path, "rw")) if path.exists() else nothing
    action = _action(str(path), found, create=create, migrate=migrate)
    # Only a new archive may be made: one that was moved away meanwhile must not be replaced by an empty one.
    at = sqlite_file.uri(path, "rwc" if action == "create" else "rw")
    engine = sqlite_file.engine_on(path, at, writes=True)
    with _disposed_on_error(engine):
        if action == "create":
            sqlite_file.prepare_new(path)
        if action != "use":
            upgrade(engine)
    return engine


def _open_server(place: Place, upgrade: Upgrade, *, create: bool, migrate: bool, readonly: bool) -> Engine:
    try:
        engine = create_engine(place.url, pool_pre_ping=True, connect_args=place.connect_args)
    except ImportError as error:  # also where psycopg is there, but libpq is not
        raise ArchiveError(
            f"archive {place}: {error.name or error} is not installed: pip install 'dateline[postgres]'"
        ) from error
    with _disposed_on_error(engine):
        found = _look_at_server(engine)
        if _action(str(place), found, create=create and not readonly, migrate=migrate and not readonly) != "use":
            upgrade(engine)
    # One state for as long as a transaction lasts, as in a file.
    one_state = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    return engine.execution_options(**one_state) if readonly else engine


def _look_at_server(engine: Engine) -> DatabaseFacts:
    with engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        version = None
        if "alembic_version" in names:
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    # A database may be shared with other programs: only tables of our names would be in the way.
    foreign = version is None and not names.isdisjoint({"articles", "bodies", "snapshots", "revisions"})
    return DatabaseFacts(empty=version is None and not foreign, ours=not foreign, version=version)


def _action(place: str, found: DatabaseFacts, *, create: bool, migrate: bool) -> str:
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


@contextmanager
def _disposed_on_error(engine: Engine) -> Iterator[None]:
    with ExitStack() as leaving:
        leaving.callback(engine.dispose)
        yield
        leaving.pop_all()
