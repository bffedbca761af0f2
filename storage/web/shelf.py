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
from storage.database import uri_to_read
from storage.sqlite_file import BUSY_SECONDS

Answer = TypeVar("Answer")

LARGEST = 64 * 2**20  # bytes of a value: a query may not ask for gigabytes of zeros
COUNTING = 5  # milliseconds in which Datasette may count a table for its list; where it cannot, it says "many rows"


class Shelf(Database):
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

    async def execute(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - Datasette's
        """As Datasette's, but a visitor's mistake is told to the visitor alone, not to stderr."""
        return await super().execute(*arguments, **{**options, "log_sql_errors": False})

    async def table_counts(self, limit: int = COUNTING) -> dict[str, int | None]:
        counts: dict[str, int | None] = await super().table_counts(min(limit, COUNTING))
        return counts

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


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is, and not one of the same name; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
