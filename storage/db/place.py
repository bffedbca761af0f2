"""Where an archive is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError as BadURL

from crawler.errors import ArgumentError
from crawler.secrets import HIDDEN, database_shown, is_secret, secrets_in, without_secrets

_SERVER: Final = "postgresql+psycopg"
_DRIVERS: Final = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", _SERVER})
_CONNECT_SECONDS: Final = 10
_CONNINFO: Final = re.compile(r"\s{0,99}(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s{0,9}=")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an archive is: `path` of the SQLite file, None for a database server."""

    url: URL = field(repr=False)
    path: Path | None

    @classmethod
    def of(cls, target: str) -> Place:
        """`target` is a path or an SQLAlchemy URL. Raises ArgumentError for other databases and for no file at all.

        >>> Place.of("sqlite:///wire.db").path == Path.cwd() / "wire.db"
        True

        Links are followed: an archive under two names is one archive.
        """
        url = _url(target)
        backend, shown = url.get_backend_name(), database_shown(target)
        if backend not in {"sqlite", "postgresql"}:
            raise ArgumentError(f"{shown}: an archive is a SQLite file or a PostgreSQL database{_meant(backend)}")
        if url.drivername not in _DRIVERS:
            right = "sqlite" if backend == "sqlite" else _SERVER
            raise ArgumentError(f"{shown}: the driver {url.drivername} is not used here: write {right}://...")
        if "@" in (url.host or ""):  # what stands before it is the rest of a password
            raise ArgumentError(f"{shown}: an @ in a user name or password is written %40")
        return cls(url, None if backend == "postgresql" else _file(url, shown))

    @property
    def secrets(self) -> frozenset[str]:
        """What must not be shown of it: passwords, in every way in which it may hold them."""
        given = {str(self.url.password)} if self.url.password else set()
        for name, values in self.url.query.items():
            if is_secret(name):
                given |= {values} if isinstance(values, str) else set(values)
        return frozenset(given | set(secrets_in(self.url.render_as_string(hide_password=False))))

    @property
    def connect_args(self) -> dict[str, int]:
        """What a server is connected with. Without a limit a port at which something else listens is waited for."""
        return {} if "connect_timeout" in self.url.query else {"connect_timeout": _CONNECT_SECONDS}

    def __str__(self) -> str:
        if self.path:
            return str(self.path)
        query = {name: HIDDEN if is_secret(name) else _shown(values) for name, values in self.url.query.items()}
        database = None if self.url.database is None else without_secrets(self.url.database)
        shown = self.url.set(query=query, database=database).render_as_string(hide_password=True)
        return shown.replace("%2A%2A%2A", HIDDEN)


def _shown(values: str | tuple[str, ...]) -> str | tuple[str, ...]:
    """The values of an option, which may hold others: ``options=-c x.password=...``."""
    return without_secrets(values) if isinstance(values, str) else tuple(map(without_secrets, values))


def _url(target: str) -> URL:
    if "://" not in target:
        if _CONNINFO.match(target) and not Path(target).exists():
            shown = database_shown(target)
            raise ArgumentError(f"{shown}: give a database server as a URL, such as {_SERVER}://USER@HOST/DATABASE")
        return URL.create("sqlite", database=target)
    try:
        return make_url(target)
    except BadURL as error:
        said = f"{database_shown(target)!r} is neither a path nor a database URL ({database_shown(str(error))})"
        raise ArgumentError(said) from error
    except ValueError as error:  # SQLAlchemy reads the port as a number
        raise ArgumentError(
            f"{database_shown(target)}: its port is not a number: write {_SERVER}://USER@HOST:5432/DATABASE, and "
            "percent-encode the signs : / @ in a password"
        ) from error


def _file(url: URL, shown: str) -> Path:
    """The file that an SQLite URL names. Raises ArgumentError."""
    if url.host or url.username or url.password or url.port:
        name = url.database or url.host
        raise ArgumentError(
            f"{shown}: an SQLite archive is a file on this machine, without host, user and password: give its path, "
            f"such as {name} (as a URL sqlite:///{name}), or the URL of a server, {_SERVER}://USER@HOST/DATABASE"
        )
    if url.query or (url.database or "").startswith("file:"):
        raise ArgumentError(f"{shown}: options of SQLite are not taken: give the path of the file alone")
    if not url.database or url.database == ":memory:":
        raise ArgumentError(f"{shown!r}: an archive is a file: give its path, such as archive.db")
    return Path(url.database).resolve()


def _meant(backend: str) -> str:
    return f": write {_SERVER}://..." if backend == "postgres" else ""
