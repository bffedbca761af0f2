"""`dateline import`: pages from WARC files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from storage.cli.commands import print_json, takes_database
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Span

if TYPE_CHECKING:
    from storage.warc.imports import ImportReport

SHOWN = 20  # lines of each list for people; --json has a thousand


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object, see below.")
@takes_database
@click.pass_context
def command(context: click.Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Pages from WARC files and WACZ packages into the archive, which is made if there is none.

    Files of `dateline export` give back the same pages and the same news. Of files that other programs wrote (wget,
    browsertrix) the articles and "All news" pages of known editions are taken, the rest is counted and left out.
    Everything is read by today's parsers; where a file tells of another reading, the difference is shown.

    What is there already is not kept twice: an import can be repeated, and an interrupted one is gone on with by
    starting it again. Every record's digest is checked. Name files together that belong together: they are read side
    by side, in order of capture. A revisit (a visit that found a page unchanged) gets the page that it repeats,
    wherever that stands in these files or in the archive; one whose page is in neither is left out and named.

    \b
      dateline import wire.warc.gz
      dateline --database copy.db import rec-*.warc.gz

    Exit code 1 when a file is damaged: what could be read of it is imported. --json: {kept, known, readings, skipped,
    revisits, revisit_count, problems, problem_count, differences: [{page, field, before, after}],
    otherwise: {field: count}}.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    from storage.warc.imports import import_files
    from storage.write.archive import Archive

    with Archive.open(context.obj, create=True, migrate=True) as archive:
        report = import_files(archive, files, progress=_progress)
    if as_json:
        print_json(_as_json(report))
    else:
        _show(LineWriter(), report)
    context.exit(1 if report.problem_count else 0)


def _progress(report: ImportReport) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{report.kept + report.known:,} pages", err=True, nl=False)


def _as_json(report: ImportReport) -> dict[str, Any]:
    return {
        "kept": report.kept,
        "known": report.known,
        "readings": dict(report.readings),
        "skipped": dict(report.skipped),
        "revisits": report.revisits,
        "revisit_count": report.revisit_count,
        "problems": report.problems,
        "problem_count": report.problem_count,
        "differences": [
            {"page": one.page, "field": one.field, "before": one.before, "after": one.after}
            for one in report.differences
        ],
        "otherwise": dict(report.otherwise),
    }


def _show(paper: LineWriter, report: ImportReport) -> None:
    if sys.stderr.isatty():
        click.echo("\r", err=True, nl=False)
    known = f", {report.known:,} were here already" if report.known else ""
    paper.line(f"{counted(report.kept, 'page')} imported{known}")
    readings = ", ".join(f"{number:,} {mark}" for mark, number in report.readings.most_common())
    if readings:
        paper.line(readings, label="  read as", indent=14)
    for reason, number in report.skipped.most_common():
        paper.line(f"{number:,} {reason}", label="  left out", indent=14)
    _list(paper, "revisits left out", report.revisits, report.revisit_count)
    _list(paper, "problems", report.problems, report.problem_count)
    fields = ", ".join(f"{number:,} {name}" for name, number in report.otherwise.most_common())
    differences = [str(difference) for difference in report.differences]
    _list(paper, f"read otherwise ({fields})", differences, report.otherwise.total())


def _list(paper: LineWriter, label: str, lines: list[str], count: int) -> None:
    if not count:
        return
    paper.line(Span(f"{label}: {count:,}", "alarm"))
    for line in lines[:SHOWN]:
        paper.line(line, indent=2)
    if count > SHOWN:
        paper.line(Span(f"and {count - SHOWN:,} more (--json lists up to a thousand)", "dim"), indent=2)
