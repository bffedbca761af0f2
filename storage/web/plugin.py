"""Datasette's hooks: our pages, what templates may use, and errors that become a page with one clear line."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from datasette import hookimpl
from datasette.utils.asgi import Base400, Response
from datasette.views.base import DatasetteError

from crawler.errors import ArchiveError, ArgumentError, DatelineError
from storage.read.locate import NotInArchive
from storage.terminal import amounts
from storage.web import formatting, links
from storage.web.pages import routes
from storage.web.request import NotHere, Page, PageRequest, TookTooLong

_STATUSES = {NotHere: 404, NotInArchive: 404, ArgumentError: 400, TookTooLong: 503, ArchiveError: 503}
_TITLES = {
    400: "That cannot be asked",
    404: "Not in this room",
    500: "Something broke",
    503: "The archive cannot answer",
}
_SLOW = "The query took too long and was broken off. Ask for less: a narrower WHERE, a LIMIT, an indexed column."


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Awaitable[Response]]]]:
    """Our pages, before Datasette's own."""
    return [(pattern, _view(page)) for pattern, page in routes()]


def _view(page: Page) -> Callable[..., Awaitable[Response]]:
    async def view(datasette: Any, request: Any) -> Response:  # noqa: ANN401 - Datasette has no types
        return await page(PageRequest(datasette, request))

    return view


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:  # noqa: ANN401 - Datasette's
    """What templates may use besides their values: filters for numbers and times, functions for links."""
    env.trim_blocks = env.lstrip_blocks = True
    env.filters["sized"] = amounts.sized
    env.filters["counted"] = amounts.counted
    env.filters["clock"] = formatting.clock
    env.filters["when"] = formatting.when
    env.filters["on"] = formatting.on
    env.filters["number"] = formatting.number
    env.filters["day"] = formatting.day
    env.filters["words"] = formatting.words
    env.filters["zulu"] = formatting.zulu
    env.filters["language"] = formatting.language
    env.filters["host"] = formatting.host
    env.globals.update({name: value for name, value in vars(links).items() if name.endswith("_link")})


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Callable[[], Awaitable[Response]]:  # noqa: ANN401 - Datasette's
    """The answer to what went wrong: a page, or an object where JSON was asked for."""

    async def answer() -> Response:
        status, message = _told(exception)
        values = {"title": _TITLES.get(status, f"Error {status}"), "error": message, "status": status}
        sql = request.args.get("sql") or ""  # what was typed is not lost
        headers = {"Cache-Control": "no-store"}
        if request.path.endswith(".json"):
            return Response.json({"ok": False, **values}, status=status, headers=headers)
        html = await datasette.render_template("error.html", {**values, "sql": sql}, request=request)
        return Response.html(html, status=status, headers=headers)

    return answer


def _told(exception: Exception) -> tuple[int, str]:
    """HTTP status and one line. What nobody foresaw is a fault of the program: its stack trace goes to stderr."""
    if isinstance(exception, DatelineError):
        return _STATUSES.get(type(exception), 500), str(exception)
    if isinstance(exception, DatasetteError):
        slow = (exception.title or "").startswith("SQL Interrupted")
        return exception.status, _SLOW if slow else str(exception.message)
    if isinstance(exception, Base400):
        missing = exception.status == 404  # noqa: PLR2004 - HTTP's Not Found
        return exception.status, "There is no such page." if missing else str(exception)
    traceback.print_exception(exception, file=sys.stderr)
    return 500, "The reading room met an error that nobody foresaw; the terminal in which it runs says more."
