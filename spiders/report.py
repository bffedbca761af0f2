"""The last words of a run: a line an edition, and what needs a person."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spiders.run import Run, Trip

TROUBLES = 5  # of one run; `dateline status` lists all


def report(run: Run, when: str) -> None:
    """Print the summary on stderr. `when`: always, never, or auto (a terminal, or something went wrong)."""
    wanted = when == "always" or (when == "auto" and (sys.stderr.isatty() or run.exit_code != 0))
    if not wanted:
        return
    for trip in run.trips:
        more = len(trip.trouble) - TROUBLES
        lines = [summary(run, trip), *(f"  {line}" for line in trip.trouble[:TROUBLES])]
        if more > 0:
            lines.append(f"  and {more} more: see dateline status")
        sys.stderr.write("\n".join(lines) + "\n")


def summary(run: Run, trip: Trip) -> str:
    """One line: what a trip brought and how it ended."""
    counts = run.counts.get(trip.crawl_id, {})  # without any where the ledger could not be written
    shown = [(counts[name], label) for name, label in LABELS if counts.get(name) or name in counts.keys() & ALWAYS]
    parts = [_count(count, label) for count, label in shown]
    brought = f"{', '.join(parts)}; " if parts else ""
    ending = f": {trip.stopped}" if trip.stopped else ""
    return f"{trip.edition.name}: {brought}{trip.outcome}{ending}"


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
