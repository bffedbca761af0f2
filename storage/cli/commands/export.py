"""`dateline export`: the archive in the formats of others. Each format is a command in one of two modules.

To add one, add its line to `FORMATS` and its name to `MODULES`: a module is only imported when it is asked for.
"""

from __future__ import annotations

import importlib

import click

# In the order of --help. The line stands here, so that listing the formats imports none of them.
FORMATS = {
    "csv": "Articles as a table, for spreadsheets.",
    "jsonl": "Articles as JSON, one a line, for programs.",
    "parquet": "Articles as a typed table, for pandas, DuckDB and R.",
    "sqlite": "Articles with their revisions and photos as a small plain SQLite file.",
    "warc": "Every page as WARC 1.1 records, for the tools of web archives.",
    "wacz": "The same as a WACZ package with index and full text, for ReplayWeb.page.",
}
MODULES = {
    **dict.fromkeys(("csv", "jsonl", "parquet", "sqlite"), "storage.cli.commands.export_articles"),
    **dict.fromkeys(("warc", "wacz"), "storage.cli.commands.export_pages"),
}


class Formats(click.Group):
    """Loads formats when they are asked for."""

    def list_commands(self, _: click.Context) -> list[str]:
        return list(FORMATS)

    def get_command(self, _: click.Context, name: str) -> click.Command | None:
        if name not in FORMATS:
            return None
        command: click.Command = getattr(importlib.import_module(MODULES[name]), name)
        return command

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Formats"):
            formatter.write_dl(list(FORMATS.items()))


@click.command("export", cls=Formats, subcommand_metavar="FORMAT [OPTIONS] FILE")
def command() -> None:
    """The archive in the formats of others.

    FILE is there whole or not at all: a full disk or an interruption leaves no half file under its name.
    """
