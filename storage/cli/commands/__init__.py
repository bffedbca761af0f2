"""The commands of `dateline`, one module each: its `command` is loaded when it is asked for (storage/cli/__init__.py).

A command parses what was typed, asks a module of `storage` for the facts, and prints them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from crawler.errors import ArgumentError
from storage.terminal.lines import escaped, printable
from storage.terminal.moments import Moment, moment

TYPED: Final = ("--since", "--until")
"""What the two ends of a stretch of time are called where they are typed."""

Command = TypeVar("Command", bound=Callable[..., Any])


class ArticleTime(click.ParamType[Moment]):
    """A date or time as an option: a `Moment`, by the clock of the edition that is asked for."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Moment:  # noqa: ANN401 - click's signature
        try:
            return value if isinstance(value, Moment) else moment(value)
        except ArgumentError as error:
            self.fail(str(error), param, ctx)


def takes_database(command: Command) -> Command:
    """Lets `--database` stand behind the command too, where people type it as often as before it."""

    def remember(context: click.Context, _: click.Parameter, value: str | None) -> None:
        if value is not None:
            context.obj = value

    return click.option("--database", hidden=True, expose_value=False, callback=remember)(command)


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout, for programs: indented, in UTF-8, keys in the documented order."""
    click.echo(as_json(value), nl=False)


def as_json(value: Mapping[str, Any]) -> str:
    """The same as text, with a line feed at its end."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=2)) + "\n"


def say(message: str) -> None:
    """A line beside the answer, on stderr: whoever reads the answer by program is not disturbed."""
    click.echo(f"dateline: {printable(message)}", err=True)
