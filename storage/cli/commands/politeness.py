"""`dateline politeness`: what was asked of the site, day by day."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo

import click

from crawler.sites import registry
from storage.cli.commands import TYPED, ArticleTime, print_json, takes_database
from storage.read.reader import Reader, open_reader
from storage.read.request_log import RequestDay, days
from storage.read.scope import check_edition
from storage.read.zones import Zones, zones_of
from storage.terminal.amounts import counted, sized
from storage.terminal.lines import LineWriter, Span
from storage.terminal.moments import Moment

LABEL = 10  # columns


@click.command("politeness")
@click.option("--edition", metavar="NAME", help="Only this edition, e.g. harbour-en.")
@click.option("--since", type=ArticleTime(), help="Asked then or later.")
@click.option("--until", type=ArticleTime(), help="Asked then or earlier: a day or month counts as a whole.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described below.")
@takes_database
@click.pass_obj
def command(database: str, edition: str | None, since: Moment | None, until: Moment | None, *, as_json: bool) -> None:
    """What was asked of the site, day by day: for whoever must answer for it.

    Every request counts that was sent, also those that were never answered and those of crawls that were killed; the
    days are those of the site's own calendar. A gap is the time between two requests. docs/politeness-and-law.md
    explains the rules by which the crawler asks. What older versions asked (before schema 0005) is not in the books.

    --json: {days: [{edition, day, requests, kinds: {listing, article, robots}, statuses: {2xx, ..., none}, retries,
    redirects, refusals, bytes, smallest_gap, longest_retry_after, longest_wait, waited, robots_changes, budget}]}.
    Times are in seconds; none stands for requests without an answer; null where there is nothing to tell.
    """
    with open_reader(database) as reader:
        check_edition(reader, edition, also=[one.name for one in registry().editions])
        zones = zones_of(reader, edition)
        found = [day for name in zones.by_edition for day in _asked(reader, zones.only([name]), name, since, until)]
    if as_json:
        print_json({"days": [day.as_json() for day in found]})
        return
    paper = LineWriter()
    if not found:
        paper.line("Nothing was asked.")
    for number, day in enumerate(found):
        if number:
            paper.blank()
        _show(paper, day, zones.of(day.edition))


def _asked(reader: Reader, zone: Zones, edition: str, since: Moment | None, until: Moment | None) -> list[RequestDay]:
    bounds = zone.bounds(since, until, TYPED)
    return days(reader, edition, bounds.since, bounds.until)


def _show(paper: LineWriter, day: RequestDay, zone: ZoneInfo) -> None:
    paper.line(Span(f"{day.day}  {day.edition}", "title"), Span(f"  {zone.key}", "dim"))
    for label, text in (
        ("requests", _requests(day)),
        ("answers", _answers(day)),
        ("pace", _pace(day)),
        ("robots.txt", "" if not day.robots_changes else f"changed {counted(day.robots_changes, 'time')}"),
    ):
        if text:
            paper.line(text, label=f"  {label}", indent=LABEL + 4)


def _requests(day: RequestDay) -> str:
    budget = "" if day.budget is None else f" of {day.budget:,} allowed"
    again = [f"{number:,} {name}" for number, name in ((day.retries, "again"), (day.redirects, "redirected")) if number]
    return f"{day.requests:,}{budget}: {_listed(day.kinds)}" + (f"; {', '.join(again)}" if again else "")


def _answers(day: RequestDay) -> str:
    refused = f"; {counted(day.refusals, 'refusal')}" if day.refusals else ""
    return f"{_listed(day.statuses)}; {sized(day.bytes)} over the wire{refused}"


def _pace(day: RequestDay) -> str:
    parts = [] if day.smallest_gap is None else [f"smallest gap {day.smallest_gap:,.1f} s"]
    if day.longest_retry_after is not None:
        parts.append(f"longest Retry-After {day.longest_retry_after:,} s")
    if day.longest_wait is not None:
        parts.append(f"waited {day.waited:,} s in all, at most {day.longest_wait:,} s at once")
    return "; ".join(parts)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()))
