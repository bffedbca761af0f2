"""The last words of a run: a line an edition, what went wrong, and what to do about it."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from spiders.edition_crawl import EXIT_CODES
from spiders.notifications import last_words
from storage.terminal.lines import LineWriter, Span

if TYPE_CHECKING:
    from spiders.edition_crawl import EditionCrawl, Outcome
    from spiders.reporting.logs import Logs
    from spiders.run import Run

LOGGER = "dateline"
TROUBLES = 5  # kinds of one edition; `dateline status` lists all
TODO = "What to do: "
ADVICE: Mapping[Outcome | Literal["unwritten"], str] = {
    "unwritten": "make room, or give the archive back what it needs; then `dateline verify`. The next run goes on.",
    "unrecognised": "nothing is lost, the pages are kept. The site may look new: `dateline status` lists the pages, "
    "CONTRIBUTING.md says how to teach it a new era, and `dateline reparse` reads them then.",
    "refused": "run it less often, or with a longer DOWNLOAD_DELAY. What was not fetched stays due.",
    "unreachable": "see whether this machine is online and the site opens in a browser. The next run tries again.",
    "lost": "nothing: the listing no longer shows it. It is told once; `dateline coverage` keeps it. Crawl more often.",
    "incomplete": "nothing yet, the next run goes on. If it says so again and again, see `dateline status`.",
}


def report(run: Run, when: str, logs: Logs) -> None:
    """The summary on stderr, and in the log where that is a file. `when`: always, never, or auto (a terminal, or
    something went wrong).
    """
    if logs.in_file:
        for record in [*records(run), *news(run)]:
            logging.getLogger(LOGGER).handle(record)
    heard = when != "never"  # that an incident begins is news also of a run that went well
    if logs.for_programs:
        for record in [*(records(run) if wanted(run, when) else ()), *(news(run) if heard else ())]:
            logs.handler.handle(record)
        return
    if wanted(run, when):
        _print(run)
    if heard:
        last_words(run.bulletin.noted, run.bulletin.untold, LineWriter(sys.stderr))


def _print(run: Run) -> None:
    paper = LineWriter(sys.stderr)
    for crawl in run.crawls:
        start, ending = summary(run, crawl)
        paper.line(start, Span(crawl.outcome, "good" if crawl.outcome == "complete" else "alarm"), ending)
        for line in troubles(crawl):
            paper.line(line, indent=2)
    for line in advice(run):
        paper.line(Span(TODO, "title"), line)


def records(run: Run) -> Iterator[logging.LogRecord]:
    """The summary as records of a log: one an edition, a warning where something went wrong."""
    for crawl in run.crawls:
        start, ending = summary(run, crawl)
        level = logging.INFO if crawl.outcome == "complete" else logging.WARNING
        message = "; ".join([f"{start}{crawl.outcome}{ending}", *troubles(crawl)])
        record = logging.LogRecord(LOGGER, level, __file__, 0, message, None, None)
        record.edition, record.crawl_id = crawl.edition.name, crawl.crawl_id
        record.outcome, record.exit_code = crawl.outcome, EXIT_CODES[crawl.outcome]
        yield record


def news(run: Run) -> Iterator[logging.LogRecord]:
    """What the run changed among the incidents, as records of a log."""
    words = io.StringIO()
    last_words(run.bulletin.noted, run.bulletin.untold, LineWriter(words, terminal=False))
    for line in words.getvalue().splitlines():
        yield logging.LogRecord(LOGGER, logging.WARNING, __file__, 0, line.strip(), None, None)


def wanted(run: Run, when: str) -> bool:
    """Whether anybody wants to read it: what went as it was wished nobody, what was said today already nobody again."""
    return attended(when) or (when == "auto" and not all(crawl.as_wished or crawl.said for crawl in run.crawls))


def attended(when: str) -> bool:
    """Whether somebody reads what went as it was wished: at a terminal, or always."""
    return when == "always" or (when == "auto" and sys.stderr.isatty())


def summary(run: Run, crawl: EditionCrawl) -> tuple[str, str]:
    """What a crawl brought, and what ended it: what stands before its outcome, and after it."""
    counts = run.counts.get(crawl.crawl_id, {})  # without any where the ledger could not be written
    shown = [(counts[name], label) for name, label in LABELS if counts.get(name) or name in counts.keys() & ALWAYS]
    parts = [_count(count, label) for count, label in shown]
    brought = f"{', '.join(parts)}; " if parts else ""
    return f"{crawl.edition.name}: {brought}", f": {crawl.stopped}" if crawl.stopped else ""


def troubles(crawl: EditionCrawl) -> Iterator[str]:
    """What went wrong, each kind once: of a thousand equal failures one says it all."""
    yield from (f"lost for ever: {stretch}" for stretch in crawl.lost)
    kinds: dict[str, list[str]] = {}
    for line in [*crawl.walls, *crawl.trouble]:
        kinds.setdefault(line.partition(" (http")[0], []).append(line)
    for lines in list(kinds.values())[:TROUBLES]:
        yield lines[0] if len(lines) == 1 else f"{len(lines):,} times, first: {lines[0]}"
    more = sum(len(lines) for lines in list(kinds.values())[TROUBLES:])
    if more:
        yield f"and {more:,} more: see dateline status"


def advice(run: Run) -> list[str]:
    """What a person can do, the most urgent first."""
    found = {"unwritten" if crawl.unwritten else crawl.outcome for crawl in run.crawls}
    return [text for outcome, text in ADVICE.items() if outcome in found]


def _count(number: int, label: str) -> str:
    plural = "s" if number != 1 and label.endswith("page") else ""
    return f"{number} {label}{plural}"


LABELS = (
    ("listing_pages", "listing page"),
    ("article_pages", "article page"),
    ("new_articles", "new"),
    ("new_revisions", "changed"),
    ("unchanged", "unchanged"),
    ("gone", "gone"),
    ("failed", "failed"),
    ("unrecognised", "unreadable"),
)
ALWAYS = {"listing_pages", "article_pages", "new_articles"}
