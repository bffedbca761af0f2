"""`dateline export jsonl`: articles as JSON, one a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from storage.cli.commands.filters import SearchCommand
from storage.cli.commands.tables import export, takes_table


@click.command("jsonl", cls=SearchCommand)
@takes_table
def command(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared in tables.py
    """Articles as JSON Lines, for programs: an object each, with its current revision.

    FILE ends in .jsonl. QUERY and filters are those of `dateline search`; without them every article is written.

    Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was asked
    of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """
    export(context, "jsonl", file, options)
