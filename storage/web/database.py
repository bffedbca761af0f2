"""The archive file as Datasette's one database: read only, and always the file that has its name now."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from datasette.database import Database

from crawler.errors import ArchiveError
from storage.db.engine import uri_to_read
from storage.db.sqlite_file import BUSY_SECONDS

Answer = TypeVar("Answer")

LARGEST = 64 * 2**20  # bytes of a value: a query may not ask for gigabytes of zeros
COUNTING = 25  # milliseconds in which a table is counted; where that does not do, its page says "many rows"
FEW = 2_000  # rows that are counted for the list of tables

_INDEXED = """
SELECT t.name, c.name FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
WHERE t.type = 'table' AND c.seqno = 0 AND NOT i.partial"""
"""Tables and the columns with which an index of theirs begins."""


class ArchiveDatabase(Database):
    """The file at `path`. Connections cannot write, each thread has its own, and none outlives its file: where
    another one has been put in its place, the next question opens that.
    """

    def __init__(self, datasette: Any, path: Path) -> None:  # noqa: ANN401 - Datasette has no types
        super().__init__(datasette, path=str(path), is_mutable=True)
        self._threads = threading.local()

    def connect(self, write: bool = False) -> sqlite3.Connection:  # noqa: FBT001, FBT002 - Datasette's signature
        """A new connection. Raises ArchiveError: missing, empty, foreign, newer, older."""
        if write:
            raise ArchiveError(f"archive {self.path}: the reading room does not write")
        connection = sqlite3.connect(
            uri_to_read(Path(self.path)),
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.execute("PRAGMA query_only=ON")
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST)
        self._all_file_connections.append(connection)
        return connection

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What `fn` returns, called in a thread with that thread's connection."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.ds.executor, lambda: fn(self._connection()))

    async def execute(self, sql: str, params: Any = None, **options: Any) -> Any:  # noqa: ANN401 - Datasette's
        """As Datasette's, but a visitor's mistake is told to the visitor alone, not to stderr, and the number of rows
        at the head of a table is left out where counting takes long. Visitors' own SQL comes with `truncate`.
        """
        if sql.startswith("select count(*) from") and not options.get("truncate"):
            options["custom_time_limit"] = COUNTING
        return await super().execute(sql, params, **{**options, "log_sql_errors": False})

    async def table_counts(self, limit: int = 0) -> dict[str, int | None]:  # noqa: ARG002 - Datasette's signature
        """How many rows each table has, None for many: those are not counted to the end."""

        def count(connection: sqlite3.Connection) -> dict[str, int | None]:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            return {name: _few(connection, name) for name in names}

        return await self.execute_fn(count)

    async def get_all_foreign_keys(self) -> Any:  # noqa: ANN401 - Datasette's
        """Links between tables, but for those that are followed backwards without an index: a row's page counts what
        points to it.
        """

        def indexed(connection: sqlite3.Connection) -> set[tuple[str, str]]:
            return {(table, column) for table, column in connection.execute(_INDEXED)}

        found = await super().get_all_foreign_keys()
        fast = await self.execute_fn(indexed)
        for links in found.values():
            links["incoming"] = [one for one in links["incoming"] if (one["other_table"], one["other_column"]) in fast]
        return found

    def _connection(self) -> sqlite3.Connection:
        now = _identity(Path(self.path))
        connection, of = getattr(self._threads, "open", (None, None))
        if connection is None or of != now:
            self._drop(connection)
            connection = self.connect()
            self.ds._prepare_connection(connection, self.name)  # noqa: SLF001 - what Datasette's own does here
            self._threads.open = connection, now
        return connection

    def _drop(self, connection: sqlite3.Connection | None) -> None:
        if connection is not None:
            self._all_file_connections.remove(connection)
            connection.close()
            self._threads.open = None, None


def _few(connection: sqlite3.Connection, table: str) -> int | None:
    name = table.replace('"', '""')
    sql = f'SELECT COUNT(*) FROM (SELECT 1 FROM "{name}" LIMIT {FEW + 1})'  # noqa: S608 - a name from the schema
    (number,) = connection.execute(sql).fetchone()
    return None if number > FEW else int(number)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, and not one of the same name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
