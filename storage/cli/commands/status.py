"""`dateline status`: what is here, what is waited for, and whether somebody has to look."""

from __future__ import annotations

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TextIO
from zoneinfo import ZoneInfo

import click

from crawler.errors import ArgumentError
from crawler.records import UTC
from storage.cli.commands import as_json, takes_database
from storage.monitoring.status import EditionStatus, Status, status, troubles
from storage.read.reader import Row, open_reader
from storage.terminal.amounts import counted, sized
from storage.terminal.lines import LineWriter, Part, Span
from storage.terminal.moments import local, now, time_of, utc
from storage.terminal.output_file import whole_file

LABEL = 14  # columns
SHOWN = 5  # waiting articles shown to people; --json has them all
MOST = 20  # unrecognised pages shown to people
GOOD_OUTCOMES = {"complete"}


@click.command("status")
@click.option("--edition", metavar="NAME", help="Only this edition, e.g. harbour-en.")
@click.option("--health", "in_full", is_flag=True, help="Every monitor with what it measured and what is normal.")
@click.option("--max-age", metavar="AGE", help="Trouble too when the last crawl ended longer ago, e.g. 30m, 2h, 1d.")
@click.option("--json", "form", flag_value="json", help="One JSON object, as described above.")
@click.option("--prometheus", "form", flag_value="prometheus", help="Metrics in the text format of Prometheus.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to FILE, which it replaces."
)
@takes_database
@click.pass_context
def command(
    context: click.Context,
    edition: str | None,
    max_age: str | None,
    form: str | None,
    output: Path | None,
    *,
    in_full: bool,
) -> None:
    """What the archive holds, what it waits for, what went wrong.

    Exit code 1 when something needs a person: a monitor found trouble (docs/monitoring.md), articles given up after
    failures, pages that no parser reads, listing entries that lead to an address of unknown form, or holes in the
    coverage of the listing (the next crawl closes those, unless it keeps failing). What is lost for ever, because the
    listing no longer shows it, is listed, but nobody can mend that, nor an article that the site itself took down (404,
    410) before it was fetched. `dateline coverage` has the days. Monitors judge the archive as it was at the end of its
    last crawl; whether crawls should still be running only you know: --max-age.

    The head is the digest of the newest manifest: noted elsewhere, it proves later that the archive still holds what
    it held then (docs/provenance.md).

    A stop file in the working directory or beside the archive is named: while it lies there no crawl asks anything,
    and none says so. It is no trouble by itself; --max-age finds one that was forgotten.

    --json: {archive, bodies, raw_bytes, stored_bytes, head: {manifest_id, digest, sealed_at}, health, stop_file:
    {path, since} or null, editions: [{edition, live, gone, pending, given_up_count, duplicates, published_first,
    published_last, revisions, snapshots, page_bytes, wire_bytes, unread, disagreements, crawls, coverage, extent,
    holes, lost, gaps, unknown_entries, waiting, given_up, unrecognised, health}], needs_a_person}. Lists hold rows of
    the tables by column name, those of health {monitor, state, measured, normal, advice, subject, value, limit, since},
    and extent, holes and lost are sentences; times are ISO 8601 UTC. gaps are those that are open or lost,
    unknown_entries those that the listing showed lately. Disagreements are those of the latest 5,000 lines of listings.

    --prometheus with --output FILE is for the textfile collector of node_exporter: FILE is there whole or not at all.
    """
    allowed = None if max_age is None else (now(), _age(max_age))
    with open_reader(context.obj) as reader:
        state = status(reader, edition, allowed)
    if edition is not None and not state.editions:
        raise ArgumentError(f"no edition {edition!r} in {state.archive}: see `dateline status` for those that are")
    with _paper(output) as stream:
        if form == "json":
            stream.write(as_json(state.as_json()))
        elif form == "prometheus":
            from storage.monitoring.prometheus import exposition

            stream.write(exposition(state))
        else:
            _show(LineWriter(stream), state, in_full=in_full)
    context.exit(1 if state.needs_a_person else 0)


@contextmanager
def _paper(output: Path | None) -> Iterator[TextIO]:
    if output is None:
        yield sys.stdout
        return
    with whole_file(output, force=True) as file:
        stream = io.TextIOWrapper(file, encoding="utf-8")
        yield stream
        stream.detach()  # flushed; the file is closed by whom it belongs to


def _age(text: str) -> timedelta:
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", text.strip().lower(), re.ASCII)
    if match is None:
        raise ArgumentError(f"--max-age {text}: takes a number with its unit, such as 30m, 2h or 1d")
    return int(match[1]) * timedelta(**{_UNITS[match[2]]: 1})


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _show(paper: LineWriter, state: Status, *, in_full: bool) -> None:
    kept = f"{counted(state.bodies, 'page')}, {sized(state.raw_bytes)} kept in {sized(state.stored_bytes)}"
    paper.line(Span(state.archive, "title"), f"  {kept}")
    if state.head is not None:
        sealed = f"  manifest {state.head['manifest_id']}, {utc(state.head['sealed_at'])}"
        paper.line(state.head["digest"], Span(sealed, "dim"), label="  head", indent=LABEL + 2)
    if state.stop_file is not None:
        since = f", since {utc(state.stop_file.since)}: no crawl asks anything until it is removed"
        paper.line(Span(state.stop_file.path, "alarm"), since, label="  stopped by", indent=LABEL + 2)
    if not state.editions:
        paper.line("Nothing was crawled yet: `scrapy crawl news` begins.")
    _lines(paper, "health", _health(state.health, UTC, in_full=in_full))
    for edition in state.editions:
        paper.blank()
        _edition(paper, edition, in_full=in_full)
    paper.blank()
    paper.line(*_verdict(state))


def _edition(paper: LineWriter, edition: EditionStatus, *, in_full: bool) -> None:
    paper.line(Span(edition.edition, "title"))
    for label, parts in (
        ("articles", _articles(edition)),
        ("published", _published(edition)),
        ("revisions", _revisions(edition)),
        ("visits", _visits(edition)),
        ("disagreements", _disagreements(edition)),
    ):
        if parts:
            paper.line(*parts, label=f"  {label}", indent=LABEL + 2)
    _lines(paper, "health", _health(edition.health, edition.zone, in_full=in_full))
    _lines(paper, "crawls", [_crawl(crawl, edition.zone) for crawl in edition.crawls])
    _lines(paper, "coverage", _sentences(edition.extent))
    _lines(paper, "HOLES", _sentences(edition.holes, "alarm"))
    _lines(paper, "lost", _sentences(edition.lost, "alarm"))
    _lines(paper, "unknown", _unknown(edition.unknown_entries))
    _lines(paper, "waiting", _waiting(edition.waiting, edition.zone))
    _lines(paper, "given up", [_given_up(article) for article in edition.given_up])
    _lines(paper, "unrecognised", _unrecognised(edition.unrecognised, edition.zone))


def _lines(paper: LineWriter, label: str, lines: Sequence[Sequence[Part]]) -> None:
    for number, parts in enumerate(lines):
        paper.line(*parts, label=f"  {label}" if number == 0 else "", indent=LABEL + 2)


def _health(findings: Sequence[Row], zone: ZoneInfo, *, in_full: bool) -> list[list[Part]]:
    """What is in trouble in three lines each; of the rest its names, or one line each."""
    lines: list[list[Part]] = []
    for finding in troubles(findings):
        since = f", since {local(finding['since'], zone)}" if finding["since"] else ""
        lines.append([Span(finding["monitor"], "alarm"), f": {finding['measured']}{since}"])
        lines.append([f"  normal: {finding['normal']}"])
        lines.append([f"  to do: {finding['advice']}"])
    rest = [finding for finding in findings if finding["state"] != "trouble"]
    if in_full:
        lines += [[Span(finding["monitor"], _STYLES[finding["state"]]), *_measured(finding)] for finding in rest]
    elif rest:
        lines.append([Span("well", "good"), f": {', '.join(dict.fromkeys(finding['monitor'] for finding in rest))}"])
    return lines


_STYLES = {"well": "good", "doubtful": "hit"}


def _measured(finding: Row) -> list[Part]:
    return [f": {finding['measured']} ", Span(f"(normal: {finding['normal']})", "dim")]


def _articles(edition: EditionStatus) -> list[Part]:
    counts = {
        "live": edition.live,
        "gone": edition.gone,
        "pending": edition.pending,
        "given up": edition.given_up_count,
    }
    text = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number or name == "live")
    return [text + (f"; {edition.duplicates:,} with the story of another" if edition.duplicates else "")]


def _published(edition: EditionStatus) -> list[Part]:
    if edition.published_first is None:
        return []
    first, last = (local(text, edition.zone) for text in (edition.published_first, edition.published_last))
    return [f"{first} to {last} ", Span(time_of(edition.zone), "dim")]


def _revisions(edition: EditionStatus) -> list[Part]:
    later = edition.revisions - edition.live - edition.gone
    return [f"{edition.revisions:,}" + (f", {later:,} of them later changes" if later > 0 else "")]


def _visits(edition: EditionStatus) -> list[Part]:
    size = f"{sized(edition.page_bytes)} of pages, {sized(edition.wire_bytes)} over the wire"
    unread = f"; {edition.unread:,} not read yet (the next crawl does)" if edition.unread else ""
    return [f"{edition.snapshots:,}, {size}{unread}"]


def _disagreements(edition: EditionStatus) -> list[Part]:
    if not edition.disagreements:
        return []
    return [f"{counted(edition.disagreements, 'article')} whose listing said another headline or time"]


def _crawl(crawl: Row, zone: ZoneInfo) -> list[Part]:
    outcome = crawl["outcome"] or "not finished: running or killed"
    style = "good" if outcome in GOOD_OUTCOMES else "alarm"
    work = ", ".join(
        f"{crawl[column]:,} {name}"
        for column, name in (
            ("new_articles", "new"),
            ("new_revisions", "changed"),
            ("gone", "gone"),
            ("failed", "failed"),
        )
        if crawl[column]
    )
    message = f": {crawl['message']}" if crawl["message"] else ""
    return [f"{local(crawl['started_at'], zone)}  ", Span(outcome, style), f"  {work or 'nothing new'}{message}"]


def _sentences(lines: Sequence[str], style: str = "") -> list[list[Part]]:
    """What is said of stretches of time, the newest first."""
    shown: list[list[Part]] = [[Span(line, style)] for line in lines[:MOST]]
    return shown + ([[f"and {len(lines) - MOST:,} older ones; --json has all"]] if len(lines) > MOST else [])


def _unknown(entries: Sequence[Row]) -> list[list[Part]]:
    if not entries:
        return []
    lead = "listing entry leads" if len(entries) == 1 else "listing entries lead"
    first: list[Part] = [Span(f"{len(entries):,} {lead}", "alarm"), " to an address of unknown form"]
    return [first] + [[Span(entry["url"], "link"), f"  {entry['headline']}"] for entry in entries[:SHOWN]]


def _waiting(waiting: Sequence[Row], zone: ZoneInfo) -> list[list[Part]]:
    if not waiting:
        return []
    failed = [article for article in waiting if article["attempts"]]
    reasons = Counter(article["last_error"] or "no reason noted" for article in failed)
    untried = len(waiting) - len(failed)
    lines: list[list[Part]] = [[f"{counted(untried, 'article')} not tried yet, {len(failed):,} after a failure"]]
    lines += [[f"{number:,} × {reason}"] for reason, number in reasons.most_common(SHOWN)]
    for article in failed[:SHOWN]:
        due = local(article["due_at"], zone, missing="run")
        lines.append([f"next {due}  {article['key']}  {article['headline'] or article['url']}"])
    return lines


def _given_up(article: Row) -> list[Part]:
    reason = article["last_error"] or "no reason noted"
    if article["vanished"]:
        return [article["key"], f"  gone before it was fetched: {reason}  ", Span(article["url"], "link")]
    tries = counted(article["attempts"], "failure")
    return [Span(article["key"], "alarm"), f"  {tries}: {reason}  ", Span(article["url"], "link")]


def _unrecognised(pages: Sequence[Row], zone: ZoneInfo) -> list[list[Part]]:
    """The latest of them: after a redesign of the site there may be thousands, all for the same reason."""
    lines = [_unrecognised_page(page, zone) for page in pages[-MOST:]]
    return lines if len(pages) <= MOST else [[f"the last {MOST} of {len(pages):,}; --json has all"], *lines]


def _unrecognised_page(page: Row, zone: ZoneInfo) -> list[Part]:
    where = f"  {local(page['fetched_at'], zone)}  {page['problem'] or page['reading']}  "
    return [Span(f"snapshot {page['snapshot_id']}", "alarm"), where, Span(page["url"], "link")]


_PLURALS = {"trouble": "troubles", "hole": "holes", "unknown address": "unknown addresses"}


def _verdict(state: Status) -> list[Part]:
    health = [*state.health, *(finding for edition in state.editions for finding in edition.health)]
    wrong = {
        "trouble": len(troubles(health)),
        "given up": sum(len(edition.abandoned) for edition in state.editions),
        "unrecognised": sum(len(edition.unrecognised) for edition in state.editions),
        "hole": sum(len(edition.holes) for edition in state.editions),
        "unknown address": sum(len(edition.unknown_entries) for edition in state.editions),
    }
    if not state.needs_a_person:
        lost = any(edition.lost for edition in state.editions)
        return [Span("Nothing to mend; what is lost is listed above." if lost else "All well.", "good")]
    found = ", ".join(counted(number, name, _PLURALS.get(name, name)) for name, number in wrong.items() if number)
    return [Span(f"Somebody should look: {found}.", "alarm")]
