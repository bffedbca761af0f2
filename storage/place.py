"""Where an archive is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError as BadURL

from crawler.errors import ArgumentError
from crawler.urls import without_secrets


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


def _url(target: str) -> URL:
    if "://" not in target:
        return URL.create("sqlite", database=target)
    try:
        return make_url(target)
    except BadURL as error:
        said = f"{without_secrets(target)!r} is neither a path nor a database URL ({without_secrets(str(error))})"
        raise ArgumentError(said) from error
