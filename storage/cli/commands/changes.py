"""`dateline changes`: what was edited or vanished since a date, and whether readers were told."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterable, Iterator

import click

from storage.cli.commands import TYPED, ArticleTime, print_json, takes_database
from storage.cli.commands.filters import doubt
from storage.cli.commands.show_diff import show_fields
from storage.read.articles.changes import COLUMNS, Change, ChangeFilter, changes, field_diffs_of
from storage.read.query.search import Filters
from storage.read.reader import Reader, open_reader
from storage.read.zones import Zones, zones_of
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Part, Span, escape_formula, printable
from storage.terminal.moments import Moment


@click.command("changes")
@click.option("--since", type=ArticleTime(), required=True, help="Observed then or later.")
@click.option("--until", type=ArticleTime(), help="Observed then or earlier: a day, month or year counts as a whole.")
@click.option("--edition", metavar="NAME", help="Only this edition, e.g. harbour-en.")
@click.option("--rubric", metavar="SLUG", help="Only this rubric, e.g. politics.")
@click.option("--kind", type=click.Choice(["edited", "vanished", "returned"]), help="Only these.")
@click.option("--silent", is_flag=True, help="Only edits of which readers were not told.")
@click.option("--diff", is_flag=True, help="With the words that went and came.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described above.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header, for spreadsheets.")
@takes_database
@click.pass_context
def command(  # noqa: PLR0913 - as declared above
    context: click.Context,
    /,
    since: Moment,
    until: Moment | None,
    edition: str | None,
    rubric: str | None,
    kind: str | None,
    *,
    silent: bool,
    diff: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """What the agency edited, took down or put back since a date.

    An edit is silent when words of headline, lead or body were changed, no correction note ("UPDATE 1 -", "Corrected:")
    came with them, and the page tells no other time than at the visit before. Its depth is headline, text, headline and
    text, typography (signs and capitals alone), photos, date or details. What the site changed in all of its pages at
    once is no edit. Dates are those of each edition's own zone, of the visit that
    first showed it.

    --json: {count, changes: [{at, kind, depth, silent, article_id, edition, key, url, rubric, headline, published_at,
    fields, before, after, words_removed, words_added, snapshot_id, reason}]}; --csv has the same columns. `dateline
    show ARTICLE --diff BEFORE..AFTER` shows the words. The view `changes` of the archive has them too.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other", context)
    with open_reader(context.obj) as reader:
        zones = zones_of(reader, edition)
        bounds = zones.bounds(since, until, TYPED)
        scope = ChangeFilter(bounds.since or "", bounds.until, edition, rubric, bounds.own)
        doubt(reader, Filters(edition=edition, rubric=rubric))
        found = (one for one in changes(reader, scope) if kind in {None, one.kind} and (one.silent or not silent))
        if as_csv:
            _write_csv(found)
        elif as_json:
            told = [one.as_json() for one in found]
            print_json({"count": len(told), "changes": told})
        else:
            _show(LineWriter(), found, zones, reader if diff else None)


def _write_csv(found: Iterable[Change]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        cells = one.as_json() | {"fields": ",".join(one.fields), "silent": int(one.silent)}
        writer.writerow([_cell(cells[column]) for column in COLUMNS])


def _cell(value: object) -> object:
    return escape_formula(printable(value) if isinstance(value, str) else value)


def _show(paper: LineWriter, found: Iterable[Change], zones: Zones, reader: Reader | None) -> None:
    """For people; with the words where there is a `reader` for them."""
    count = silent = 0
    for _, group in itertools.groupby(found, key=lambda one: one.article["article_id"]):
        told = list(group)
        _show_article(paper, told, zones, reader)
        count, silent = count + len(told), silent + sum(one.silent for one in told)
    if not count:
        paper.line("Nothing changed.")
        return
    paper.line(Span(f"{counted(count, 'change')}, {silent:,} of them silent edits. {zones.note}", "dim"))


def _show_article(paper: LineWriter, told: list[Change], zones: Zones, reader: Reader | None) -> None:
    article = told[0].article
    paper.line(Span(article["headline"], "title"))
    paper.line(Span(f"{article['edition']}/{article['key']}  #{article['article_id']}", "dim"), indent=2)
    for one in told:
        paper.line(*_line(one, zones), indent=2)
        if one.reason:
            paper.line(Span(one.reason, "dim"), indent=4)
        if reader is not None:
            show_fields(paper, field_diffs_of(reader, one))
    paper.blank()


def _line(one: Change, zones: Zones) -> Iterator[Part]:
    yield Span(f"{zones.local(one.article['edition'], one.at)}  ", "date")
    if one.kind != "edited":
        yield Span(one.kind, "alarm" if one.kind == "vanished" else "good")
        return
    removed, added = one.words_removed, one.words_added
    yield f"edited, {one.before} to {one.after}: {one.depth}"
    yield f" ({counted(removed, 'word')} went, {added:,} came)" if removed or added else ""
    if one.silent:
        yield Span("  [silent]", "alarm")
