"""`dateline verify`: whether the archive is what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from storage.cli.commands import print_json, say, takes_database
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Span
from storage.terminal.progress import bar

if TYPE_CHECKING:
    from storage.maintenance.checks import Check
    from storage.maintenance.verify import VerifyReport

LABEL = 14  # columns
SHOWN = 50  # findings of a check shown to people; --json has them all


@click.command("verify")
@click.option("--repair", is_flag=True, help="Make anew what can be derived: indexes, views, links. Never evidence.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, see below.")
@takes_database
@click.pass_context
def command(context: click.Context, *, repair: bool, as_json: bool) -> None:
    """Is the archive what it was? Names what is wrong, and what is still safe.

    Looks at every page against its digest, every row against the manifests that sealed it, every reference, the
    revisions' own digests, the tables, and the full-text index against the rows. Nothing is changed, and a crawl may
    be running. The head that it prints stands for all that is sealed: note it elsewhere, and later find out whether
    the archive still holds what it held then (docs/provenance.md).

    --repair makes indexes, views and links between articles anew if they are wrong; not while a crawl runs.

    Exit code 1 when anything is wrong. --json: {archive, sound, head, repaired, checks: [{name, says, findings:
    [{subject, message, derived}]}]}.
    """
    from storage.maintenance.verify import repair as mend
    from storage.maintenance.verify import verify

    with bar() as tell:
        report = verify(context.obj, tell)
        if repair and report.repairable:
            report = mend(context.obj, tell)
    if as_json:
        print_json(report.as_json())
    else:
        _show(LineWriter(), report, asked=repair)
    context.exit(0 if report.sound else 1)


def _show(paper: LineWriter, report: VerifyReport, *, asked: bool) -> None:
    if report.repaired:
        say("indexes, views and links were made anew")
    paper.line(Span(report.archive, "title"))
    for check in report.checks:
        _check(paper, check)
    paper.blank()
    wrong = sum(len(check.findings) for check in report.checks)
    if not wrong:
        paper.line(Span("All well.", "good"))
        return
    paper.line(
        Span(f"{counted(wrong, 'thing')} wrong.", "alarm"),
        f" Safe is whatever is not named above.{_advice(report, asked)}",
    )


def _advice(report: VerifyReport, asked: bool) -> str:  # noqa: FBT001 - whether --repair was given
    if report.repairable and not asked:
        return " --repair makes anew what can be derived; the rest comes back only from a copy."
    return " It comes back only from a copy."


def _check(paper: LineWriter, check: Check) -> None:
    style = "alarm" if check.findings else "good"
    verdict = f"{len(check.findings):,} WRONG" if check.findings else "well"
    paper.line(Span(verdict, style), f"  {check.says}" if check.says else "", label=f"  {check.name}", indent=LABEL)
    for finding in check.findings[:SHOWN]:
        paper.line(Span(finding.subject, "alarm"), f"  {finding.message}", indent=LABEL)
    if len(check.findings) > SHOWN:
        paper.line(f"and {len(check.findings) - SHOWN:,} more (--json has all)", indent=LABEL)
