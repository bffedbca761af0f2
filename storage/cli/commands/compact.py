"""`dateline compact`: the same pages in less space."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from storage.cli.commands import print_json, say, takes_database
from storage.terminal.amounts import counted, sized
from storage.terminal.lines import LineWriter, Span
from storage.terminal.progress import bar

if TYPE_CHECKING:
    from storage.maintenance.compact import CompactReport

SHOWN = 20  # damaged bodies shown to people; --json has all


@click.command("compact")
@click.option(
    "--level", type=click.IntRange(1, 22), default=19, show_default=True, metavar="N", help="zstd level, 1 to 22."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, see below.")
@takes_database
@click.pass_context
def command(context: click.Context, level: int, *, as_json: bool) -> None:
    """The same pages in less space: bodies compressed again, in better groups.

    A crawl compresses pages as they come. This looks at some hundred neighbours at a time and finds out which are
    best compressed against which; a sixth less is usual. Every page is read back and compared with its digest
    before its old form is dropped. It can be stopped at any time (Ctrl-C) and run again; what was compacted at this
    level is left alone. Reading is as fast as before.

    Then the file is written anew without what is free in it, which takes as much disk again as the archive holds.
    Not while a crawl is running.

    Exit code 1 when bodies are damaged (their groups stay as they are), or when it was stopped. --json: {bodies,
    before, after, damaged, interrupted, room: {before, after, free, why_not}}.
    """
    from storage.maintenance.compact import compact

    with bar(unit="pages") as tell:
        report = compact(context.obj, level, tell)
    if as_json:
        print_json(asdict(report))
    else:
        _show(LineWriter(), report)
    context.exit(1 if report.damaged or report.interrupted else 0)


def _show(paper: LineWriter, report: CompactReport) -> None:
    if report.bodies:
        share = 1 - report.after / report.before if report.before else 0
        sizes = f"{sized(report.before)} before, {sized(report.after)} now ({share:.0%} less)"
        paper.line(f"{counted(report.bodies, 'page')}: {sizes}")
    else:
        paper.line("All pages are compacted already.")
    for sha256 in report.damaged[:SHOWN]:
        paper.line(Span("damaged", "alarm"), f"  body {sha256}: its group stays as it is (`dateline verify`)")
    if len(report.damaged) > SHOWN:
        paper.line(f"and {len(report.damaged) - SHOWN:,} more (--json has all)")
    room = report.room
    if room is not None:
        rest = f"; {sized(room.free)} in it are free: {room.why_not}" if room.why_not and room.free else ""
        paper.line(f"The file: {sized(room.before)} before, {sized(room.after)} now{rest}")
    if report.interrupted:
        say("stopped; what was done stays, and the next run does the rest")
