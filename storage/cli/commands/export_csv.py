"""`dateline export csv`: articles as a table for spreadsheets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from storage.cli.commands.filters import SearchCommand
from storage.cli.commands.tables import export, takes_table


@click.command("csv", cls=SearchCommand)
@click.option("--bom", is_flag=True, help="Begin with the mark by which Excel knows UTF-8.")
@takes_table
def command(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared in tables.py
    """Articles as CSV, for spreadsheets: a row each, with its current revision.

    FILE ends in .csv. QUERY and filters are those of `dateline search`; without them every article is written.

    \b
      dateline export csv wire.csv
      dateline export csv wheat.csv wheat harvest --edition belta-eng --since 2022-08

    A cell that a spreadsheet would run as a formula gets an apostrophe in front; the other formats hold the text as it
    is. Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was
    asked of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    export(context, "csv", file, options)
