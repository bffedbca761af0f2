"""Which articles: the filters that `dateline search` and the exports of articles have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, TypeVar

import click

from crawler.errors import ArgumentError
from storage.cli.commands import TYPED, ArticleTime, say
from storage.read.query.search import Filters
from storage.read.reader import Reader
from storage.read.scope import check_edition, doubt_of_rubric
from storage.read.zones import zones_of

Command = TypeVar("Command", bound=Callable[..., Any])
_LEFT_OUT = re.compile(r"-[^-\s]")
_OPTIONS = ("edition", "rubric", "status", "changed")


class SearchCommand(click.Command):
    """A command with a QUERY behind its other arguments, in which ``-word`` leaves a word out."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does. A word with a minus gets a space in front: then it is no option, and a query does not mind."""
        return super().parse_args(ctx, list(self._with_words(args, ctx.help_option_names)))

    def _with_words(self, args: list[str], helping: list[str]) -> Iterator[str]:
        takes_value = {
            name for one in self.params if isinstance(one, click.Option) and not one.is_flag for name in one.opts
        }
        others = sum(isinstance(one, click.Argument) and one.nargs == 1 for one in self.params)
        left = iter(args)
        for arg in left:
            if arg == "--":
                yield arg
                yield from left
            elif arg in takes_value:
                yield arg
                yield from islice(left, 1)
            elif arg in helping or not arg.startswith("-") or others > 0:
                others -= not arg.startswith("-")
                yield arg
            else:
                yield f" {arg}" if _LEFT_OUT.match(arg) else arg


def takes_filters(command: Command) -> Command:
    """The options that make up `Filters`."""
    for option in reversed(
        (
            click.option("--edition", metavar="NAME", help="Only this edition, e.g. harbour-en."),
            click.option("--rubric", metavar="SLUG", help="Only this rubric, e.g. politics."),
            click.option("--since", type=ArticleTime(), help="Published then or later."),
            click.option(
                "--until", type=ArticleTime(), help="Published then or earlier: a day, month or year counts as a whole."
            ),
            click.option(
                "--status", type=click.Choice(["live", "gone"]), help="Only those still there, or taken down."
            ),
            click.option("--changed", is_flag=True, help="Only articles that the agency changed later."),
            click.option(
                "--as-of", type=ArticleTime(), help="The archive as it stood then: a day, month or year at its end."
            ),
        )
    ):
        command = option(command)
    return command


def filters(reader: Reader, options: Mapping[str, Any]) -> Filters:
    """The filters that the options mean in an archive: dates are those of its editions' own zones."""
    given = {name: options[name] for name in _OPTIONS}
    for name in ("edition", "rubric"):
        if given[name] == "":
            raise ArgumentError(f"--{name} is empty: leave it out to ask for all of them")
    zones, as_of = zones_of(reader, given["edition"]), options["as_of"]
    bounds = zones.bounds(options["since"], options["until"], TYPED)
    return Filters(
        **given, since=bounds.since, until=bounds.until, own=bounds.own, as_of=zones.end(as_of) if as_of else None
    )


def doubt(reader: Reader, wanted: Filters) -> None:
    """Nothing was found: was a name mistyped? An unknown edition is an error, an unknown rubric may be one."""
    check_edition(reader, wanted.edition)
    rubric = doubt_of_rubric(reader, wanted.rubric)
    if rubric is not None:
        say(rubric)
