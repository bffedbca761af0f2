"""`dateline serve`: the archive in a browser."""

from __future__ import annotations

import importlib
import ipaddress
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import click

from crawler.errors import ArgumentError
from storage.cli.commands import say, takes_database


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Listen on this address.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="And port; 0 for any.")
@click.option("--public", is_flag=True, help="Yes, on an address that other machines reach.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="A host name by which it is asked; repeatable.")
@click.option(
    "--sql-seconds",
    type=click.FloatRange(0.01, 600),
    default=2.0,
    show_default=True,
    help="Break off visitors' SQL after so long.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@takes_database
@click.pass_obj
def command(database: str, /, host: str, port: int, *, public: bool, opens: bool, **room: Any) -> None:  # noqa: ANN401 - as declared above
    """The archive in a browser: a front page, search, a calendar of what is covered, the crawls, and SQL.

    Nothing can be changed there, a crawl may write at the same time, and no page loads anything from elsewhere. It
    is for this machine alone. --public is needed for any other address, and means: everybody who reaches it reads
    everything in the archive and runs SQL on it, without a password and without encryption. Put a web server with
    both in front of it, and give the name it is asked by with --name.

    Ctrl-C ends it.
    """
    path = _file(database)
    _permit(host, public=public)
    server = _extra()
    from storage.web.application import application

    with application(path, **room) as app, server.listen(host, port) as listening:
        address = server.address(listening)
        click.echo(f"The reading room is open at {address} (Ctrl-C closes it)")
        sys.stdout.flush()
        if opens:
            click.launch(address)
        server.run(app, listening)


def _file(database: str) -> Path:
    from storage.db.place import Place

    path = Place.of(database).path
    if path is None:
        raise ArgumentError(f"{Place.of(database)}: the reading room reads an archive file (SQLite), no server")
    return path


def _permit(host: str, *, public: bool) -> None:
    """Raises ArgumentError where other machines would reach what was meant for this one."""
    if _is_loopback(host):
        return
    if not public:
        raise ArgumentError(
            f"--host {host} is an address that other machines reach. Add --public if that is meant: everybody there "
            "can read everything in the archive and run SQL on it, without a password and without encryption"
        )
    say(f"everybody who reaches {host} can read the archive and run SQL on it, without a password or encryption")


def _is_loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there. A name that is not ``localhost`` may lead anywhere."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _extra() -> ModuleType:
    """The module that serves. Raises ArgumentError where Datasette is not installed."""
    try:
        return importlib.import_module("storage.web.server")
    except ModuleNotFoundError as error:
        raise ArgumentError(
            f"{error.name} is not installed, which the reading room is made with: `make serve`, or "
            "pip install 'dateline[web]'"
        ) from error
