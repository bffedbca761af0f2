"""An account of the coverage of editions, to stand next to what is handed out of them. JSON, and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from crawler.dates import from_utc_text
from crawler.listing.coverage import days_in_words, in_words, moment_in_words
from storage.read.coverage.calendar import STATES, coverage, editions
from storage.read.coverage.extent import extent_of
from storage.read.coverage.gaps import holes_of
from storage.read.reader import Reader
from storage.read.zones import zones_of
from storage.terminal.amounts import counted
from storage.terminal.moments import stamp

_OF_A_GAP: Final = ("state", "from_time", "to_time", "found_at", "lost_at", "reason")


def account_of(
    reader: Reader, edition: str | None = None, first: date | None = None, last: date | None = None
) -> dict[str, dict[str, Any]]:
    """By edition: its zone, the first and the last day of which something is known, how many days are in which state,
    articles that were listed and are missing, and the stretches that are open or lost; of the days from `first` to
    `last`.
    """
    names = [name for name in editions(reader) if edition in {None, name}]
    return {name: _account(reader, name, first, last) for name in names}


def _account(reader: Reader, edition: str, first: date | None, last: date | None) -> dict[str, Any]:
    days = list(coverage(reader, edition, first, last))
    states = Counter(day.state for day in days)
    holes = holes_of(reader, edition)
    end = extent_of(reader, edition, holes).open_end
    return {
        "timezone": zones_of(reader, edition).of(edition).key,
        "first_day": days[0].date.isoformat() if days else None,
        "last_day": days[-1].date.isoformat() if days else None,
        "days": {state: states[state] for state in STATES},
        "missing": sum(day.missing for day in days),
        "unknown_before": None if end is None else stamp(end),
        "gaps": [
            {name: gap[name] for name in _OF_A_GAP}
            for hole in holes
            if hole.reaches_into(first, last)
            for gap in hole.gaps
        ],
    }


def sentences(account: Mapping[str, Any]) -> Iterator[str]:
    """The account of one edition for people; every day with its year, since it may be read in any."""
    if account["first_day"] is None:
        yield "nothing is known of its days"
        return
    zone = ZoneInfo(account["timezone"])
    ends = [date.fromisoformat(account[name]) for name in ("first_day", "last_day")]
    days = ", ".join(f"{number:,} {state}" for state, number in account["days"].items() if number)
    missing = f"; {counted(account['missing'], 'listed article')} missing" if account["missing"] else ""
    total = counted(sum(account["days"].values()), "day")
    yield f"{days_in_words(ends[0], ends[1], date.min)}: {total}, {days}{missing}; days and times of {zone.key}"
    if account["unknown_before"] is not None:
        yield f"unknown before {moment_in_words(from_utc_text(account['unknown_before']), zone, date.min)}"
    yield from (_gap(gap, zone) for gap in account["gaps"])


def _gap(gap: Mapping[str, Any], zone: ZoneInfo) -> str:
    start = None if gap["from_time"] is None else from_utc_text(gap["from_time"])
    words = in_words(start, from_utc_text(gap["to_time"] or gap["found_at"]), zone, date.min)
    return f"{gap['state']}: {words}" + (f" ({gap['reason']})" if gap["reason"] else "")
