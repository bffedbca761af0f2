"""A visit to the reading room: what a page has at hand to answer a request."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import unquote

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Response

from crawler.errors import DatelineError
from storage.read.reader import Reader, reader_on
from storage.read.zones import zones_of

__all__ = ["DATABASE", "NotHere", "Page", "PageRequest", "Response", "TookTooLong"]

DATABASE = "archive"
"""What the archive is called in addresses, whatever the file is called."""

SECONDS = 5.0  # pages take a few hundredths; this is the end of what a visitor waits for

Answer = TypeVar("Answer")


class NotHere(DatelineError):
    """There is no such page or thing. HTTP status 404."""


class TookTooLong(DatelineError):
    """A question that was broken off at its time limit. HTTP status 503."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One request. `request` is Datasette's: `request.args`, `request.path`, `request.url_vars`."""

    datasette: Any = field(repr=False)
    request: Any

    async def ask(self, question: Callable[[Reader], Answer], *, seconds: float = SECONDS) -> Answer:
        """What `question` answers, asked in a thread of its own on one state of the archive.

        Raises ArchiveError, TookTooLong, and whatever the question raises.
        """

        def in_thread(connection: sqlite3.Connection) -> Answer:
            connection.execute("BEGIN")
            try:
                with sqlite_timelimit(connection, seconds * 1000):
                    return question(reader_on(connection, database.path))
            finally:
                connection.execute("ROLLBACK")

        database = self.datasette.get_database(DATABASE)
        try:
            answer: Answer = await database.execute_fn(in_thread)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise TookTooLong(f"This took longer than {seconds:g} seconds: ask for less of the archive") from error
            raise
        return answer

    async def show(
        self, template: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
    ) -> Response:
        """The answer: a template of `templates/` filled with `values`, and with the `zones` of the editions. Text is
        escaped unless it is Markup.
        """
        shown = {"zones": await self.ask(zones_of), **values}
        html = await self.datasette.render_template(template, shown, request=self.request)
        return Response.html(html, status=status, headers={"Cache-Control": "no-cache", **(headers or {})})

    def argument(self, name: str) -> str:
        """The first value of an argument of the address, without spaces around it; empty when it is not given."""
        value: str = self.request.args.get(name) or ""
        return value.strip()

    def part(self, name: str) -> str:
        """The named part of the path, decoded."""
        return unquote(self.request.url_vars[name])


Page = Callable[[PageRequest], Awaitable[Response]]
