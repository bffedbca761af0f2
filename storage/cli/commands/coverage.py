"""`dateline coverage`: of which days the archive has everything, and of which it has not."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import click

from crawler.dates import local_day
from crawler.listing.coverage import State, days_in_words
from storage.cli.commands import TYPED, ArticleTime, print_json, takes_database
from storage.read.coverage.calendar import CoverageDay, DayRun, coverage, editions_named, runs
from storage.read.coverage.extent import extent_of
from storage.read.coverage.gaps import Hole, holes_of, local_today
from storage.read.reader import Reader, open_reader
from storage.read.zones import days_of, zones_of
from storage.terminal.amounts import counted
from storage.terminal.lines import LineWriter, Part, Span
from storage.terminal.moments import Moment

COLUMNS = ("edition", "day", "state", "articles", "missing", "expected")
LABEL = 12  # columns

_STYLES: dict[State, str] = {"whole": "good", "hole": "alarm", "lost": "alarm", "unknown": "hit", "outside": "dim"}
_SAID: dict[State, str] = {
    "whole": "walked without a hole",
    "hole": "not all was walked; the next crawl tries again",
    "lost": "something is lost for ever",
    "unknown": "nobody can say whether this is all",
    "outside": "nobody asked for it",
}


_EMPTY = "Nothing was crawled yet: `scrapy crawl news` begins."


@dataclass(frozen=True, slots=True)
class _Edition:
    """What is told of an edition: its zone and its today, its days, its holes that reach into them, and what lies below
    an open end.
    """

    edition: str
    zone: ZoneInfo
    today: date
    days: Sequence[CoverageDay] = field(repr=False)
    holes: Sequence[Hole] = field(repr=False)
    below: str


@click.command("coverage")
@click.option("--edition", metavar="NAME", help="Only this edition, e.g. harbour-en.")
@click.option("--since", type=ArticleTime(), help="That day and later ones.")
@click.option("--until", type=ArticleTime(), help="That day and earlier ones: a month or year counts as a whole.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described below.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header, for spreadsheets.")
@takes_database
@click.pass_context
def command(
    context: click.Context,
    edition: str | None,
    since: Moment | None,
    until: Moment | None,
    *,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Which days are whole, and what is missing or lost: read this before you count anything.

    \b
      whole    the listing of that day was walked without a hole
      hole     something of it was not walked yet: the next crawl tries again
      lost     the listing no longer shows something of it: for ever, unless an import brings it
      unknown  imported, or older than the end of the listing: nobody can say whether that is all
      outside  nobody asked for it

    A day is what its worst moment is; today is whole as far as it was walked. Below the days stand the stretches that
    are missing, with their hours, when they were found and why. Days are those of each edition's own zone.

    --json: {editions: [{edition, days: [{day, state, articles, missing, expected}]}]}, --csv has a line a day with the
    same. articles are archived, missing ones were listed and are not; expected is how many there should be: all that
    are known of a whole day, else what was usual on that weekday, null where nobody knows. The exit code is 0 whatever
    is missing; `dateline status` has one for that.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other", context)
    with open_reader(context.obj) as reader:
        found = [_look(reader, name, since, until) for name in editions_named(reader, edition)]
    if as_json:
        print_json(_as_json(found))
    elif as_csv:
        _write_csv(found)
    else:
        _show(LineWriter(), found)


def _look(reader: Reader, edition: str, since: Moment | None, until: Moment | None) -> _Edition:
    zones = zones_of(reader, edition)
    (first, last), today = days_of(zones, since, until, TYPED), local_today(zones.of(edition))
    days, holes = list(coverage(reader, edition, first, last)), holes_of(reader, edition)
    extent = extent_of(reader, edition, holes)
    end = extent.open_end
    shown = [hole for hole in holes if hole.reaches_into(first, last)]
    below = "" if end and first and first > local_day(end, extent.zone) else extent.below(today)
    return _Edition(edition, zones.of(edition), today, days, shown, below)


def _as_json(found: Iterable[_Edition]) -> dict[str, Any]:
    return {"editions": [{"edition": one.edition, "days": [_row(day) for day in one.days]} for one in found]}


def _row(day: CoverageDay) -> dict[str, Any]:
    told = asdict(day)
    return {"day": told.pop("date").isoformat(), **told}


def _write_csv(found: Iterable[_Edition]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in found:
        writer.writerows([one.edition, *_row(day).values()] for day in one.days)


# --- for people


def _show(paper: LineWriter, found: Sequence[_Edition]) -> None:
    for number, one in enumerate(found):
        if number:
            paper.blank()
        paper.line(Span(one.edition, "title"))
        for parts in _days(one):
            paper.line(*parts, indent=2)
        for label, lost in (("HOLES", False), ("lost", True)):
            lines = [_hole(hole, one.today) for hole in one.holes if hole.lost == lost]
            for place, line in enumerate(lines):
                paper.line(line, label=f"  {label}" if place == 0 else "", indent=LABEL)
        if one.below:
            paper.line(one.below, label="  unknown", indent=LABEL)
    paper.line(Span(_whose(found), "dim") if found else _EMPTY)


def _whose(found: Sequence[_Edition]) -> str:
    zones = {one.zone.key for one in found}
    if len(zones) == 1:
        return f"Days are those of {zones.pop()}."
    return f"Days are those of {', '.join(f'{one.zone.key} ({one.edition})' for one in found)}."


def _days(one: _Edition) -> Iterator[list[Part]]:
    if not one.days:
        yield ["nothing is known of its days"]
    for run in reversed(runs(one.days)):
        days = days_in_words(run.days[0].date, run.days[-1].date, one.today)
        yield [Span(days, "date"), ": ", Span(run.state, _STYLES[run.state]), f", {_SAID[run.state]}; {_counted(run)}"]


def _counted(run: DayRun) -> str:
    told = [counted(run.articles, "article")] + ([f"{run.missing:,} missing"] if run.missing else [])
    if run.state != "whole" and run.expected is not None:
        told.append(f"about {run.expected:,} would be usual")
    return ", ".join(told)


def _hole(hole: Hole, today: date) -> str:
    return "; ".join(filter(None, (hole.words(today), hole.hours(today), hole.history(today))))
