"""The `dateline` command: reads an archive. It never touches the network and never imports Scrapy.

Each command is a module of storage/cli/commands with a `command`; only the one that is asked for is imported, so that
`dateline search` starts in under 0.3 s. To add one, add its line to `COMMANDS`.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from importlib.metadata import entry_points
from keyword import iskeyword
from pathlib import Path
from typing import Any

import click

from crawler.errors import ArgumentError, DatelineError

# In the order of --help. The line stands here, so that listing the commands imports none of them.
COMMANDS = {
    "status": "What the archive holds, what it waits for, what went wrong.",
    "search": "Full text, with filters: what the agency wrote about it.",
    "show": "One article as one would read it, with its evidence.",
    "changes": "What was edited or vanished, and what was edited silently.",
    "coverage": "Which days are whole, and what is missing or lost.",
    "cite": "An article as a reference: BibTeX, RIS, CSL-JSON or plain.",
    "read": "What a saved page of any site says, and which rule says so.",
    "html": "One page byte for byte as the server sent it.",
    "serve": "The archive in a browser, on this machine.",
    "export": "The archive in the formats of others, such as WARC.",
    "import": "Pages from WARC files, ours or those of other programs.",
    "reparse": "Stored pages read again by today's parsers.",
    "compact": "The same pages in less space.",
    "politeness": "What was asked of the site, day by day.",
    "sites": "The agencies that are known, and whether their files are right.",
    "schedule": "What makes a crawl come again: cron, systemd, a container.",
    "verify": "Is the archive what it was? Names what is wrong.",
}


TRACEBACK = "DATELINE_TRACEBACK"  # an environment variable: shows a fault as Python does
SPOILT = (AttributeError, LookupError, TypeError, ValueError)  # by a time that is none, JSON that breaks off


class CommandError(click.ClickException):
    """One line on stderr instead of a stack trace. Exit code 1."""

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        from storage.terminal.lines import printable

        click.echo(f"dateline: {printable(self.format_message())}", err=True, file=file)


class WrongUsage(CommandError):
    """The same for a wrong argument."""

    exit_code = 2


class Commands(click.Group):
    """The group: loads commands when they are asked for, and turns errors that a user may meet into one line."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = f"{name}_" if iskeyword(name) else name  # storage/cli/commands/import_.py
        command: click.Command = importlib.import_module(f"storage.cli.commands.{module}").command
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            result = super().invoke(context)
            sys.stdout.flush()  # here, where a reader that went away can still be met calmly
        except BrokenPipeError:
            _close_stdout()
            context.exit(0)  # `| head` has what it wanted
        except ArgumentError as error:
            raise WrongUsage(str(error)) from error
        except DatelineError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.strerror or error}: {error.filename or 'output'}") from error
        except SPOILT as error:
            if os.environ.get(TRACEBACK):
                raise
            raise CommandError(
                f"something in the archive cannot be read ({error}). `dateline verify` says whether it is damaged; if "
                f"it is not, this is a fault of the program, and {TRACEBACK}=1 shows where"
            ) from error
        return result


def _close_stdout() -> None:
    """Point stdout at nothing: what is still buffered would complain when Python flushes it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"dateline {version('dateline')}")
    except PackageNotFoundError:
        click.echo("dateline, from a checkout that is not installed")
    context.exit()


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--database",
    envvar="DATELINE_DATABASE_URL",
    default="archive.db",
    show_default=True,
    show_envvar=True,
    metavar="FILE|URL",
    help="The archive: an SQLite file, or an SQLAlchemy URL.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def dateline(context: click.Context, database: str) -> None:
    """Read a news archive that `scrapy crawl news` has filled. Never touches the network.

    \b
      dateline status                              what is in it, and is all well
      dateline search wheat harvest                articles with both words, best first
      dateline search '"great stone" park*' --since 2022-08 --sort time
      dateline show harbour-en/152706              read one, with its evidence
      dateline html 152706 -o proof.html           the very page that the server sent

    Dates and times are those of each edition's own zone. `dateline COMMAND --help` says more; with --json programs can
    read along. Exit codes: 0 all well, 1 something is wrong or not there, 2 wrong usage.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    context.obj = database
    if context.invoked_subcommand != "sites":
        _warn_of_site_files()


def _warn_of_site_files() -> None:
    """A line for each site file that is wrong. Where there are none of the user's own, nothing is read."""
    if not (os.environ.get("DATELINE_SITES") or Path("sites").is_dir() or entry_points(group="dateline.sites")):
        return
    from crawler.sites import registry
    from storage.cli.commands import say

    for fault in registry().faults:
        say(f"warning: {fault.message}")


def main() -> None:
    """The entry point of the distribution. Text that the terminal's encoding lacks is replaced, never a stack trace."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    dateline(prog_name="dateline")
