"""`dateline reparse`: stored pages read again by today's parsers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.errors import DatelineError
from storage.cli.commands import ArticleTime, print_json, say, takes_database
from storage.read.articles.redline import redline, tags_of
from storage.read.locate import edition_of, locate
from storage.read.reader import open_reader
from storage.read.scope import editions
from storage.read.zones import Zones, zones_of
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Part, Span
from storage.terminal.moments import Moment
from storage.terminal.progress import bar

if TYPE_CHECKING:
    from crawler.matching.content import Fields
    from storage.maintenance.reparse import ReparseReport, ReparseScope
    from storage.write.reparsing.differences import ReparseChange, ReparsedPage
    from storage.write.reparsing.reread import Reread

WIDE = 18  # columns for the name of a field
SHOWN = 20  # pages that cannot be read any more; --json has all


@click.command("reparse")
@click.option("--dry-run", is_flag=True, help="Show what would change, field by field; write nothing.")
@click.option("--edition", metavar="NAME", help="Only this edition, e.g. harbour-en.")
@click.option("--article", metavar="ARTICLE", help="Only this one, named as in `dateline show`.")
@click.option("--since", type=ArticleTime(), help="Only articles of which a page was fetched since, e.g. 2026-03-01.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes; as many as there are cores by default."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, see below.")
@takes_database
@click.pass_context
def command(  # noqa: PLR0913 - an option each
    context: click.Context,
    edition: str | None,
    article: str | None,
    since: Moment | None,
    jobs: int | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Stored pages of articles read again by today's parsers, without fetching anything.

    After an update of Dateline that reads more, or reads better: run it before the next crawl, which would take what
    it reads otherwise for changes by the agency. What a page says otherwise now is a correction of its revision (the
    same number, the next `correction`), and no news. Pages that no parser knew become articles and revisions at their
    place in time. Nothing that was written is lost, and a second run changes nothing.

    \b
      dateline reparse --dry-run                 what would change, and why
      dateline reparse --article 152706-2022     only this article
      dateline reparse --jobs 4

    It can be stopped at any time (Ctrl-C) and run again. Not while a crawl of the edition is running; a dry run may.

    Exit code 1 when pages that were read once cannot be read any more (they keep what they gave), when bodies are
    damaged, when a page kills the process that reads it (passed over with --jobs 2 or more), or when it was stopped.
    --json: {total, pages, articles, changed, corrected, added, marked, lost, damaged, deadly, interrupted,
    changes: [{article_id, edition, key, kind, snapshot_id, fetched_at, reading_before, reading, number, correction,
    fields: {NAME: [before, after]}}], unread: [{article_id, edition, key, snapshot_id, problem}]}.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    from storage.maintenance.reparse import reparse

    scope, zones = _scope(context.obj, edition, article, since)
    teller: _Collector | _Printer = _Collector() if as_json else _Printer(LineWriter(), zones, aloud=dry_run)
    with bar(unit="pages") as tell:

        def heard(reread: Reread, report: ReparseReport) -> None:
            tell("reading", report.pages, report.total)
            teller.take(reread)

        report = reparse(context.obj, scope, datetime.now(UTC), dry_run=dry_run, jobs=jobs, heard=heard)
    teller.finish(report, dry_run=dry_run)
    context.exit(1 if report.lost or report.damaged or report.deadly or report.interrupted else 0)


def _scope(target: str, edition: str | None, article: str | None, since: Moment | None) -> tuple[ReparseScope, Zones]:
    from storage.maintenance.reparse import ReparseScope, not_installed

    with open_reader(target) as reader:
        article_id = None if article is None else locate(reader, article)
        if edition is not None and reader.row("SELECT 1 FROM crawls WHERE edition = :name", name=edition) is None:
            raise click.UsageError(f"no edition {edition!r} in {reader.name}: see `dateline status` for those that are")
        zones, missing = zones_of(reader, edition), not_installed(reader)
        wanted = edition if article_id is None else edition_of(reader, article_id)
        _refuse_missing(missing, {wanted} if wanted else set(editions(reader)))
    bounds = zones.bounds(since)
    return ReparseScope(edition, article_id, bounds.since, bounds.own, frozenset(missing)), zones


def _refuse_missing(missing: Mapping[str, str], wanted: set[str]) -> None:
    """Says which site is not installed. Raises DatelineError where no wanted edition has its site."""
    lines = [f"site {site} is not installed" for site in sorted({missing[name] for name in wanted & set(missing)})]
    if wanted and wanted <= set(missing):
        raise DatelineError(f"{'; '.join(lines)}: nothing was read again")
    for line in lines:
        say(f"warning: {line}: its pages are left as they are")


class _Collector:
    """Gathers everything for one JSON object."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.unread: list[dict[str, Any]] = []

    def take(self, reread: Reread) -> None:
        name = {"article_id": reread.article_id, "edition": reread.edition, "key": reread.key}
        self.changes += [name | _facts(change) for change in reread.retelling.changes]
        self.unread += [
            name | {"snapshot_id": page.snapshot_id, "problem": page.problem} for page in reread.retelling.lost
        ]

    def finish(self, report: ReparseReport, *, dry_run: bool) -> None:  # noqa: ARG002 - the object says the same either way
        print_json(asdict(report) | {"changes": self.changes, "unread": self.unread})


def _facts(change: ReparseChange) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "snapshot_id": change.page.snapshot_id,
        "fetched_at": change.page.fetched_at,
        "reading_before": change.page.mark,
        "reading": change.mark,
        "number": change.number or None,
        "correction": change.correction,
        "fields": change.fields,
    }


class _Printer:
    """Prints changes as they come if `aloud`, and the sum of them in the end."""

    def __init__(self, paper: LineWriter, zones: Zones, *, aloud: bool) -> None:
        self.paper, self.zones, self.aloud = paper, zones, aloud
        self.unread = 0

    def take(self, reread: Reread) -> None:
        name = f"{reread.edition}/{reread.key}"
        for change in reread.retelling.changes if self.aloud else ():
            self._change(name, change)
        if reread.deadly:
            self.paper.line(Span(name, "title"), "  ", Span("kills the process that reads it", "alarm"))
        for page in reread.retelling.lost:
            self.unread += 1
            if self.unread <= SHOWN:
                self._page(name, page, Span("was read once, and cannot be read any more", "alarm"))
                self.paper.line(page.problem or page.mark_now or "?", indent=2)

    def finish(self, report: ReparseReport, *, dry_run: bool) -> None:
        done = f"{counted(report.pages, 'page')} of {counted(report.articles, 'article')} read again"
        self.paper.line(f"{done}{': nothing is read otherwise' if not report.changed else ''}")
        would = "would be " if dry_run else ""
        for number, what in (
            (report.corrected, f"revisions {would}corrected"),
            (report.added, f"revisions {would}added"),
            (report.marked, f"pages {would}marked otherwise"),
            (report.lost, "pages were read once, and cannot be read any more: they keep what they gave"),
            (report.damaged, "bodies are damaged (`dateline verify` names them)"),
            (report.deadly, "articles killed the process that read them: they keep what they are"),
        ):
            if number:
                self.paper.line(f"{number:,} {what}", indent=2)
        if report.interrupted:
            say("stopped; what was written stays, and the next run does the rest")

    def _change(self, name: str, change: ReparseChange) -> None:
        what = {
            "corrected": f"revision {change.number} is read otherwise",
            "added": f"gives revision {change.number}" if change.before else "is read for the first time",
            "marked": f"{change.page.mark} before, {change.mark} now",
        }[change.kind]
        self._page(name, change.page, what)
        for field, (before, after) in _shown(change).items():
            for number, (sign, text) in enumerate(redline(*(_listed(field, value) for value in (before, after)))):
                style = "alarm" if sign == "-" else "good"
                label = f"  {field}" if number == 0 else ""
                self.paper.line(Span(f"{sign} ", style), text, label=label, indent=WIDE + 4)

    def _page(self, name: str, page: ReparsedPage, what: Part) -> None:
        where = f"  snapshot {page.snapshot_id}, {self.zones.local(name.partition('/')[0], page.fetched_at)}"
        self.paper.line(Span(name, "title"), "  ", what, Span(where, "dim"))


def _shown(change: ReparseChange) -> Fields:
    """All that differs; of an article that is read for the first time the headline stands for the rest."""
    if change.kind == "added" and change.before is None:
        return {"headline": change.fields["headline"]}
    return change.fields


def _listed(field: str, value: Any) -> Any:  # noqa: ANN401 - the value of any field
    return tags_of(value) if field == "tags" else value
