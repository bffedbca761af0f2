"""`dateline export warc`: every page as WARC records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from storage.cli.commands.captures import choice, progress_bar, report, takes_captures


@click.command("warc")
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
    """Every page as WARC 1.1 records, for the tools of web archives (pywb, warcio, ReplayWeb.page).

    FILE ends in .warc.gz (a gzip member a record) or in .warc. Each visit becomes a response (or a revisit of an
    earlier one with the same page), the request, and a metadata record with the story as it was read; docs/warc.md
    says what of it is reconstructed. `dateline import` makes the same archive of it again.

    \b
      dateline export warc wire.warc.gz
      dateline export warc 2022.warc.gz --edition belta-eng --since 2022 --until 2022

    --since and --until mean the time of the visit, in Minsk. Exit code 1 when pages had to be left out because the
    archive has lost them. --json: {file, captures, editions, bytes, left_out, damaged}.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    from storage.warc.exports import export_warc
    from storage.write.archive import Archive

    chosen = choice(options)
    with Archive.open(context.obj, readonly=True) as archive, progress_bar("export") as progress:
        exported = export_warc(archive, file, chosen, force=force, progress=progress)
    context.exit(report(file, exported, as_json=as_json))
