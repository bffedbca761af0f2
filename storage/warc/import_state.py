"""What an import remembers while it runs: the names of the pages that it met, and the revisits that wait for one.

A temporary database of SQLite's own, in memory as long as it is small and on disk when it grows (SQLITE_TMPDIR and
TMPDIR say where). It is gone with the process: a revisit that was still waiting is found again by the next import.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, Self

from crawler.errors import ArchiveError
from storage.warc.found import FoundCapture
from storage.warc.warc_reader import Record

LARGEST: Final = 2**22
"""Bytes of a revisit that waits, with its request and metadata; usual ones have some thousands."""

ROOM: Final = 2**30
"""Bytes of all revisits that wait at a time."""

_CACHE_KIB: Final = 16 * 1024
_TABLES: Final = f"""
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-{_CACHE_KIB};
CREATE TABLE known (name TEXT PRIMARY KEY, snapshot_id INTEGER, claimed TEXT) WITHOUT ROWID;
CREATE TABLE waiting (number INTEGER PRIMARY KEY, moment TEXT, ready INTEGER, size INTEGER, told TEXT,
                      record BLOB, request BLOB, metadata BLOB);
CREATE INDEX waiting_ready ON waiting (moment, number) WHERE ready = 1;
CREATE TABLE wanted (name TEXT, number INTEGER, PRIMARY KEY (name, number)) WITHOUT ROWID;
"""


class ImportState:
    """The store. A context manager; raises ArchiveError where its place is full."""

    def __init__(self) -> None:
        with _told():
            self._connection = sqlite3.connect("", isolation_level=None)
            self._connection.executescript(_TABLES)
        self._held = 0
        self._number = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def know(self, names: Iterable[str], snapshot_id: int, claimed: str | None = None) -> None:
        """Notes the names of a page that is in the archive; revisits that wait for one of them become ready.

        A name stays with the page that had it first. `claimed` is the digest that its record gave.
        """
        for name in names:
            row = (name, snapshot_id, claimed)
            added = self._run("INSERT OR IGNORE INTO known VALUES (?, ?, ?)", row).rowcount
            if added and self._held:
                ready = "UPDATE waiting SET ready = 1 WHERE number IN (SELECT number FROM wanted WHERE name = ?)"
                self._run(ready, (name,))
                self._run("DELETE FROM wanted WHERE name = ?", (name,))

    def known(self, name: str) -> tuple[int, str | None] | None:
        """The snapshot_id of the page of a name, and the digest that its record gave; None when it was not met."""
        row: tuple[int, str | None] | None
        row = self._run("SELECT snapshot_id, claimed FROM known WHERE name = ?", (name,)).fetchone()
        return row

    def wait(self, found: FoundCapture, names: Iterable[str]) -> bool:
        """Keeps a revisit until a page of one of these names is met. False where none can come, or it has no room."""
        unknown = [name for name in names if self.known(name) is None]
        told, blocks = _packed(found)
        size = len(told) + sum(len(block or b"") for block in blocks)
        if not unknown or size > LARGEST or self._held + size > ROOM:
            return False
        self._held += size
        self._number += 1
        row = (self._number, found.order, size, told, *blocks)
        self._run("INSERT INTO waiting VALUES (?, ?, 0, ?, ?, ?, ?, ?)", row)
        for name in unknown:
            self._run("INSERT OR IGNORE INTO wanted VALUES (?, ?)", (name, self._number))
        return True

    def ready(self) -> FoundCapture | None:
        """Takes out the oldest revisit that need not wait any longer."""
        return self._take("WHERE ready = 1 ORDER BY moment, number") if self._held else None

    def rest(self) -> Iterator[FoundCapture]:
        """Takes out those that waited in vain, in the order in which they were met."""
        while (found := self._take("ORDER BY number")) is not None:
            yield found

    def _take(self, which: str) -> FoundCapture | None:
        query = f"SELECT number, size, told, record, request, metadata FROM waiting {which} LIMIT 1"  # noqa: S608
        row = self._run(query).fetchone()
        if row is None:
            return None
        self._run("DELETE FROM waiting WHERE number = ?", row[:1])
        self._held -= row[1]
        return _unpacked(row[2], row[3:])

    def _run(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        with _told():
            return self._connection.execute(statement, values)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise ArchiveError(f"temporary file of the import: {error}: make room, or name a folder in TMPDIR") from error


def _packed(found: FoundCapture) -> tuple[str, list[bytes | None]]:
    parts = [found.record, found.request, found.metadata]
    heads = [part and [part.type, dict(part.headers), part.offset, part.length] for part in parts]
    return json.dumps([found.name, dict(found.info), heads]), [None if part is None else part.block for part in parts]


def _unpacked(told: str, blocks: Iterable[bytes | None]) -> FoundCapture:
    name, info, heads = json.loads(told)
    record, request, metadata = (
        None if head is None else Record(head[0], head[1], head[2], head[3], block)
        for head, block in zip(heads, blocks, strict=True)
    )
    if record is None:
        raise ValueError("a revisit that waited has lost its record")
    return FoundCapture(name, record, info, request, metadata)
