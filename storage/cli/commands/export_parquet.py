"""`dateline export parquet`: articles as a typed, compressed table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from storage.cli.commands.filters import SearchCommand
from storage.cli.commands.tables import export, takes_table


@click.command("parquet", cls=SearchCommand)
@takes_table
def command(context: click.Context, /, file: Path, **options: Any) -> None:  # noqa: ANN401 - as declared in tables.py
    """Articles as Parquet, for pandas, DuckDB, R and the like: times are times there.

    FILE ends in .parquet. QUERY and filters are those of `dateline search`; without them every article is written.
    Needs pyarrow: pip install 'dateline[parquet]'.

    Beside FILE stand FILE.dictionary.md, which describes the columns, and datapackage.json, which says what was asked
    of which state of the archive. --json: {file, format, hint, articles, editions, bytes, sha256, dictionary,
    datapackage}.
    """
    export(context, "parquet", file, options)
