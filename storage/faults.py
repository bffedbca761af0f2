"""What can go wrong with an archive file, said so that a user knows what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from crawler.errors import ArchiveError

_MASK = 0xFF  # the low byte of an extended result code is the primary one

_NO_TEXT = "Could not decode to UTF-8"  # said by Python, not by SQLite: it has no code

_FAULTS = {
    sqlite3.SQLITE_FULL: "the disk is full: nothing of the last step was written, what was there is intact. "
    "Make room and run it again",
    sqlite3.SQLITE_READONLY: "it cannot be written: check the permissions of the file and of its folder",
    sqlite3.SQLITE_PERM: "it cannot be written: check the permissions of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder exists and that you may write there",
    sqlite3.SQLITE_CORRUPT: "it is damaged: `dateline verify` says what is safe; go back to a copy, or rescue the rest "
    "with `sqlite3 FILE .recover`",
    sqlite3.SQLITE_NOTADB: "it is no SQLite database: give another file",
    sqlite3.SQLITE_BUSY: "another program has been writing to it for too long: try again when that has ended",
    sqlite3.SQLITE_LOCKED: "another program has been writing to it for too long: try again when that has ended",
    sqlite3.SQLITE_IOERR: "the disk failed while reading or writing it: check the disk, then run `dateline verify`",
    sqlite3.SQLITE_PROTOCOL: "its locks do not work: it must lie on a local disk, not on a network drive",
}


@contextmanager
def wrapped(place: str) -> Iterator[None]:
    """Turns the database errors that a user can do something about into an ArchiveError that names `place`.

    Others (a broken constraint, a wrong statement) are faults of the program and pass unchanged.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error, UnicodeDecodeError) as error:  # the last: SQLite's message quotes the damage
        cause = error.orig if isinstance(error, DBAPIError) else error
        advice = _advice(error, cause)
        if advice is None:
            raise
        raise ArchiveError(f"archive {place}: {advice} ({cause})".replace("\n", " ")) from error


def _advice(error: Exception, cause: BaseException | None) -> str | None:
    if isinstance(error, UnicodeDecodeError) or str(cause).startswith(_NO_TEXT):
        return _FAULTS[sqlite3.SQLITE_CORRUPT]
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return None if code is None else _FAULTS.get(code & _MASK)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "the connection to the database server was lost: nothing of the last step was written. Run it again"
    if type(cause).__name__ == "OperationalError":  # psycopg's, which is not imported for SQLite
        return "the database server refused"
    return None
