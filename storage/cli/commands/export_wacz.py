"""`dateline export wacz`: every page in a package that a browser can open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from storage.cli.commands.captures import choice, progress_bar, report, takes_captures


@click.command("wacz")
@takes_captures
@click.pass_context
def command(
    context: click.Context,
    /,
    file: Path,
    *,
    force: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - as declared in captures.py
) -> None:
    """Every page as a WACZ 1.1 package: WARC records, their index, and the stories as searchable text.

    FILE ends in .wacz. ReplayWeb.page opens it in a browser, also from a plain web server; `dateline import` reads it.
    Needs room for twice its size while it is written.

    --since and --until mean the time of the visit, in Minsk. Exit code 1 when pages had to be left out because the
    archive has lost them. --json: {file, captures, editions, bytes, left_out, damaged}.
    """
    from storage.warc.exports import export_wacz
    from storage.write.archive import Archive

    chosen = choice(options)
    with Archive.open(context.obj, readonly=True) as archive, progress_bar("export") as progress:
        exported = export_wacz(archive, file, chosen, force=force, progress=progress)
    context.exit(report(file, exported, as_json=as_json))
