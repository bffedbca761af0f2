"""`dateline export sqlite`: articles as a small plain SQLite file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from storage.cli.commands.filters import SearchCommand
from storage.cli.commands.tables import export, takes_table


@click.command("sqlite", cls=SearchCommand)
@takes_table
def command(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared in tables.py
    """Articles as a small plain SQLite file: `news`, `revisions`, `photos` and a full-text index.

    FILE ends in .sqlite. QUERY and filters are those of `dateline search`; without them every article is written, with
    all its revisions. The pages stay in the archive: `dateline` itself does not open the file.

    Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was asked
    of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """
    export(context, "sqlite", file, options)
