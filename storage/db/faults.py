"""What can go wrong with an archive file, said so that a user knows what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from crawler.dates import NoTime
from crawler.errors import ArchiveError, ArchiveLocked
from crawler.secrets import HIDDEN, without_secrets
from storage.db.place import Place

_SHORTEST = 4  # characters of a password: a shorter one would be found in ordinary words
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


# SQLSTATE of PostgreSQL: what its class says, unless the code says more.
_SERVER_FAULTS = {
    "28": "the server refuses this user or password: check both (in the URL, ~/.pgpass or PGPASSWORD)",
    "3D": "there is no such database on that server: make it (createdb), or give another",
    "42501": "the user may not do that in this database: give it the right (GRANT), or use another",
    "53100": "the server's disk is full: nothing of the last step was written. Make room there and run it again",
    "53300": "the server has too many connections: try again later",
    "57P03": "the server is starting or stopping: try again in a minute",
}
_SERVER_WAITS = {"53300", "57P03", "55P03", "40P01"}  # what passes by itself

_NO_POSTGRESQL = "what answers at that port does not speak PostgreSQL's protocol: check host and port in the URL"

# What a connection that never came about is told by: there is no code then.
_NO_CONNECTION = (
    ("refused", "no server answers at that host and port: check both in the URL, and that the server is running"),
    ("invalid response", _NO_POSTGRESQL),
    ("expected authentication request", _NO_POSTGRESQL),
    ("server closed the connection", _NO_POSTGRESQL),
    ("resolve", "the host in the URL is not known: check its spelling, and the network"),
    ("translate host", "the host in the URL is not known: check its spelling, and the network"),
    ("invalid port", "the port in the URL cannot be one: PostgreSQL's is 5432 as a rule"),
    ("integer value", "an option in the URL takes a number: check what stands after ? in it"),
    ("invalid connection option", "an option in the URL is not known to PostgreSQL: check what stands after ? in it"),
    ("bad value for", "an option in the URL cannot have this value: check what stands after ? in it"),
    ("password", "the server wants a user and a password: check both (in the URL, ~/.pgpass or PGPASSWORD)"),
    ("No such file", "no server answers at that socket: check the folder in the URL, and that the server is running"),
    ("timeout", "the server does not answer in time: check host and port in the URL, the network and its firewalls"),
    ("timed out", "the server does not answer in time: check host and port in the URL, the network and its firewalls"),
)


@contextmanager
def wrapped(place: Place | Path | str) -> Iterator[None]:
    """Turns what a user can do something about into an ArchiveError that names `place`: errors of the database, and
    stored times and JSON that are none.

    ArchiveLocked where it passes by itself. Others (a broken constraint, a wrong statement) are faults of the program
    and pass unchanged.
    """
    try:
        yield
    except (NoTime, JSONDecodeError) as error:
        said = " ".join(f"archive {place}: a value in it cannot be read ({error}): `dateline verify` names it".split())
        raise ArchiveError(without_secrets(said)) from error
    except (DBAPIError, sqlite3.Error, UnicodeDecodeError) as error:  # the last: SQLite's message quotes the damage
        cause = error.orig if isinstance(error, DBAPIError) else error
        advice = _advice(error, cause)
        if advice is None:
            raise
        kind = ArchiveLocked if _passes(cause) else ArchiveError
        said = " ".join(f"archive {place}: {advice} ({_without(place, str(cause))})".split())
        raise kind(said) from error


def _without(place: Place | Path | str, said: str) -> str:
    """What a driver said, without the passwords of the address that it was given."""
    if isinstance(place, Place):
        for secret in place.secrets:
            said = said.replace(secret, HIDDEN) if len(secret) >= _SHORTEST else said
    return without_secrets(said)


def _passes(cause: BaseException | None) -> bool:
    code = getattr(cause, "sqlite_errorcode", 0) & _MASK
    return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or getattr(cause, "sqlstate", None) in _SERVER_WAITS


def _advice(error: Exception, cause: BaseException | None) -> str | None:
    if isinstance(error, UnicodeDecodeError) or str(cause).startswith(_NO_TEXT):
        return _FAULTS[sqlite3.SQLITE_CORRUPT]
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return None if code is None else _FAULTS.get(code & _MASK)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return "the connection to the database server was lost: nothing of the last step was written. Run it again"
    return _server_advice(cause)


def _server_advice(cause: BaseException | None) -> str | None:
    """What to do about an error of psycopg, which is not imported for SQLite."""
    state = getattr(cause, "sqlstate", None) or ""
    known = _SERVER_FAULTS.get(state) or _SERVER_FAULTS.get(state[:2])
    if known is not None or state in _SERVER_WAITS:
        return known or "another program has been holding it for too long: try again when that has ended"
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    operational = "OperationalError" in kinds
    if not state and (operational or "ProgrammingError" in kinds):
        said = str(cause)
        found = next((advice for words, advice in _NO_CONNECTION if words in said), None)
        return found or ("the database server cannot be used" if operational else None)
    return "the database server refused" if operational else None
