"""One crawl an archive and edition at a time, by a lock that a dead process does not hold."""

from __future__ import annotations

import fcntl
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from types import TracebackType
from typing import Final, Self

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from crawler.dates import utc_text
from crawler.errors import ArchiveBusy, ArchiveError
from storage.db.faults import wrapped
from storage.db.place import Place

_LOOK_SECONDS: Final = 0.1


class CrawlLock:
    """The right to crawl one edition into one archive. A context manager.

    For a file it is an advisory lock (`flock`) on ``archive.db.EDITION.lock`` beside it: the system lets go of it
    when the process ends, however it ends. The file stays; what it says is only for messages. For a server it is a
    PostgreSQL advisory lock on a connection of its own. Not for two machines that share a file over a network.
    """

    def __init__(self, target: str, edition: str) -> None:
        self._place, self._edition = Place.of(target), edition
        self._file: int | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        """Takes the lock. Raises ArchiveBusy when another process has it, ArchiveError when it cannot be asked for."""
        if self._place.path is not None:
            self._file = self._lock_file(self._place.path)
        else:
            with wrapped(self._place):
                self._connection = self._lock_server()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lock_file(self, archive: Path) -> int:
        path = archive.with_name(f"{archive.name}.{self._edition}.lock")
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise ArchiveError(f"archive {archive}: {path} cannot be written ({error.strerror})") from error
        try:
            _flock(file)
        except BlockingIOError:
            holder = os.read(file, 200).decode("ascii", "replace").strip()
            os.close(file)
            raise self._busy(f" ({holder})" if holder else "") from None
        except OSError as error:
            os.close(file)
            raise ArchiveError(f"archive {archive}: {path} cannot be locked here ({error.strerror})") from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} since {utc_text(datetime.now(UTC))}\n".encode("ascii"), 0)
        return file

    def _lock_server(self) -> Connection:
        # A connection outside the pool: the lock lives as long as it does.
        url, arguments = self._place.url, self._place.connect_args
        engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)
        connection = engine.connect()
        key = int.from_bytes(hashlib.sha256(f"dateline/{self._edition}".encode()).digest()[:8], signed=True)
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
            return connection
        connection.close()
        raise self._busy("")

    def _busy(self, holder: str) -> ArchiveBusy:
        return ArchiveBusy(
            f"another crawl of {self._edition} into {self._place} is running{holder}: wait for it to end"
        )


def _flock(file: int) -> None:
    """Takes the lock. Raises BlockingIOError where somebody holds it for longer than a look at it takes."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sleep(_LOOK_SECONDS)  # `dateline status` holds it for a moment to see whether it is held
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
