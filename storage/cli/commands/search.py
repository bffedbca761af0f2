"""`dateline search`: what the agency wrote about it."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from typing import Any, cast

import click

from crawler.listing.coverage import State
from storage.cli.commands import print_json, say, takes_database
from storage.cli.commands.filters import SearchCommand, doubt, filters, takes_filters
from storage.read.counts import Counts, timeline
from storage.read.coverage.calendar import DOUBTFUL, by_year, doubts, months
from storage.read.query.search import COLUMNS, Filters, Hit, SearchResult, Sort, search
from storage.read.query.snippets import Marked
from storage.read.reader import open_reader
from storage.read.zones import Zones, days_between, zones_of
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Part, Span, escape_formula, printable

BAR = 40  # columns
MONTHS = 24  # of which each has a line; of more, each year has one
CSV_COLUMNS = (*COLUMNS, "snippet", "near_identical")


@click.command("search", cls=SearchCommand)
@click.argument("query", nargs=-1)
@takes_filters
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Show so many.")
@click.option(
    "--sort", type=click.Choice(["relevance", "time"]), default="relevance", show_default=True, help="Best or newest."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described above.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header, for spreadsheets.")
@takes_database
@click.pass_context
def command(
    context: click.Context,
    /,
    query: tuple[str, ...],
    limit: int,
    *,
    as_json: bool,
    as_csv: bool,
    **options: Any,  # noqa: ANN401 - as declared above
) -> None:
    """Full text, with filters: what the agency wrote about it.

    QUERY is words, all of which must occur. Case and accents do not matter.

    \b
      wheat harvest             both words
      '"great stone" park*'     a phrase, and words that begin so
      'tallinn OR riga'         also AND, NOT and brackets; operators in capitals
      harvest -wheat            without a word; the same as 'harvest NOT wheat'
      'NEAR(tractor export, 8)' at most 8 words apart
      'headline:tractor'        in one column: headline, lead, body or captions

    NOT binds before AND, and AND before OR. A query that cannot be answered as it is written is refused with the right
    spelling.

    Without QUERY: the newest articles, as far as the filters go. Dates are those of each edition's own zone:
    2022-08-24, 2022-08, 2022 or 2022-08-24T14:41. Below the answer stands how many articles there are by month, or by
    year where it is many; a month of which something is lost, in a hole or unknown is marked (`dateline coverage` has
    the days).

    --as-of searches what the archive showed then: older wordings are found, later ones are not, and the other filters
    (--status, --changed) ask what was so at that time.

    --json: {query, hint, as_of, total, count, months: {"2022-08": 17}, rubrics: {"politics": 9},
    coverage: {"2022-08": "whole"}, results:
    [{article_id, edition, key, url, headline, published_at, rubric, lead, status, revision_count, changed_at,
    gone_at, duplicate_of, photo_caption, photo_count, snapshot_id, headline_hits, snippet, snippet_hits,
    near_identical}]}; times are ISO 8601 UTC, hits are [start, end] in characters, near_identical is how many articles
    are (`dateline show` names them); months (by the editions' own days) and rubrics count all that match; coverage is
    the state of each month, which is that of its worst day: lost, hole, unknown, whole or outside.
    --csv has the same columns without the hits; a cell that a spreadsheet would run as a formula gets an apostrophe
    in front.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other", context)
    words, sort = " ".join(query), cast("Sort", options["sort"])
    with open_reader(context.obj) as reader:
        wanted, zones = filters(reader, options), zones_of(reader)
        found = search(reader, words, wanted, sort=sort, limit=limit, counts=not as_csv)
        counts = found.counts or Counts()
        days = days_between(zones_of(reader, wanted.edition), wanted.bounds)
        told = {} if as_csv else months(reader, counts.months, wanted.edition, *days)
        if not found.total:
            doubt(reader, wanted)
    if found.hint:
        say(found.hint)
    if as_json:
        print_json(_as_json(words, wanted, found, told))
    elif as_csv:
        _write_csv(found)
    else:
        _show(LineWriter(), found, told, zones.only(hit.article["edition"] for hit in found.hits))


def _as_json(query: str, wanted: Filters, found: SearchResult, told: Mapping[str, State]) -> dict[str, Any]:
    results = [
        {
            **hit.article,
            "headline_hits": hit.headline.hits,
            "snippet": hit.snippet.text,
            "snippet_hits": hit.snippet.hits,
            "near_identical": hit.near,
        }
        for hit in found.hits
    ]
    counts = found.counts or Counts()
    return {
        "query": query,
        "hint": found.hint,
        "as_of": wanted.as_of,
        "total": found.total,
        "count": len(results),
        "months": counts.months,
        "rubrics": counts.rubrics,
        "coverage": told,
        "results": results,
    }


def _write_csv(found: SearchResult) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for hit in found.hits:
        cells = {**hit.article, "snippet": hit.snippet.text, "near_identical": hit.near}
        writer.writerow([_cell(cells[column]) for column in CSV_COLUMNS])


def _cell(value: object) -> object:
    """One line each, so that `grep` and `cut` can work on the answer as well as a spreadsheet."""
    return escape_formula(printable(value) if isinstance(value, str) else value)


def _show(paper: LineWriter, found: SearchResult, told: Mapping[str, State], zones: Zones) -> None:
    for hit in found.hits:
        _show_hit(paper, hit, zones)
        paper.blank()
    _show_counts(paper, found.counts or Counts(), told)
    if not found.total:
        paper.line("Nothing found.")
    elif len(found.hits) < found.total:
        paper.line(
            Span(f"{len(found.hits):,} of {counted(found.total, 'article')}; --limit shows more. {zones.note}", "dim")
        )
    else:
        paper.line(Span(f"{counted(found.total, 'article')}. {zones.note}", "dim"))


def _show_counts(paper: LineWriter, counts: Counts, told: Mapping[str, State]) -> None:
    """How many by month, where there is more than one, and in which months there may be more than is archived."""
    row = timeline(counts.months, MONTHS)
    if len(row) > 1:
        _show_chart(paper, row, {**told, **by_year(told)})
    if doubtful := doubts(told):
        paper.line(
            Span("Something may be missing: ", "alarm"), f"{'; '.join(doubtful)} (`dateline coverage` has the days)."
        )
    if len(row) > 1 or doubtful:
        paper.blank()


def _show_chart(paper: LineWriter, row: Sequence[tuple[str, int]], told: Mapping[str, State]) -> None:
    most = max(count for _, count in row)
    width = len(f"{most:,}")
    for name, count in row:
        bar = Span(paper.bar(count, most, BAR), "hit")
        state = told.get(name, "outside")
        mark = Span(f"  {state}", "alarm") if state in DOUBTFUL else ""
        paper.line(Span(f"{name:7}", "date"), f"  {count:{width},}  ", bar, mark)


def _show_hit(paper: LineWriter, hit: Hit, zones: Zones) -> None:
    article = hit.article
    paper.line(
        Span(f"{zones.local(article['edition'], article['published_at']):16}", "date"),
        f"  {article['rubric'] or '-'}  ",
        Span(f"{article['edition']}/{article['key']}  #{article['article_id']}", "dim"),
        *_marks(hit, zones),
    )
    paper.line(*_marked(hit.headline, "title"), indent=2)
    if hit.snippet.text:
        paper.line(*_marked(hit.snippet), indent=2)
    if article["photo_caption"]:
        paper.line(Span(f"Photo: {article['photo_caption']}", "dim"), indent=2)
    paper.line(Span(article["url"], "link"), indent=2)


def _marks(hit: Hit, zones: Zones) -> list[Part]:
    article, marks = hit.article, []
    if article["status"] == "gone":
        marks.append(f"gone since {zones.local(article['edition'], article['gone_at'])}")
    if article["revision_count"] > 1:
        marks.append(f"{article['revision_count']} revisions")
    if article["duplicate_of"]:
        marks.append(f"same as #{article['duplicate_of']}")
    if hit.near and not (article["duplicate_of"] and hit.near == 1):  # that one is named already
        marks.append(f"{hit.near} near-identical")
    return [Span(f"  [{mark}]", "alarm") for mark in marks]


def _marked(marked: Marked, style: str = "") -> list[Part]:
    return [Span(piece, "hit" if hit else style) for piece, hit in marked.pieces() if piece]
