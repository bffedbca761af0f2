"""What is missing from the coverage of an edition, in sentences about time: holes that are open, and what is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from crawler.dates import from_utc_text, local_day
from crawler.listing.coverage import in_words, moment_in_words
from storage.read.reader import Reader, Row
from storage.read.zones import zones_of
from storage.terminal.moments import now, stamp

GAPS: Final = """
SELECT gap_id, edition, listing, crawl_id, from_time, to_time, older_key, newer_key, state, found_at, walk_id, loss_id,
       lost_at, filled_at, reason
FROM gaps WHERE edition = :edition AND state IN ('open', 'lost') ORDER BY gap_id"""
"""The gaps of an edition that are not filled."""

_TOLD: Final = 3  # pieces that are told one by one; of more their number is enough
_APART: Final = timedelta(days=1)  # a page that was seen in the middle of a hole does not make two of it; a day does


@dataclass(frozen=True, slots=True)
class Hole:
    """One hole of a listing: gaps that were found and lost together, less than a day apart, oldest first. What lies
    between them was seen.

    Times are aware UTC, days those of `zone`, the edition's own. `start` None: it reaches down to the beginning of the
    listing.
    """

    gaps: tuple[Row, ...] = field(repr=False)
    zone: ZoneInfo

    @property
    def lost(self) -> bool:
        return bool(self.gaps[0]["state"] == "lost")

    @property
    def start(self) -> datetime | None:
        return _start(self.gaps[0])

    @property
    def end(self) -> datetime:
        return _end(self.gaps[-1])

    @property
    def days(self) -> tuple[date | None, date]:
        """The first and the last of the site's own days that it reaches into."""
        start = None if self.start is None else local_day(self.start, self.zone)
        return start, local_day(self.end, self.zone)

    def reaches_into(self, first: date | None, last: date | None) -> bool:
        """Whether it concerns a day from `first` to `last`; None: however early or late."""
        start, end = self.days
        return (first is None or end >= first) and (last is None or start is None or start <= last)

    def words(self, today: date) -> str:
        """The time that is missing, in one line; the year is left out where it is today's."""
        pieces = _pieces(self.gaps)
        if len(pieces) > _TOLD:
            return f"{in_words(self.start, self.end, self.zone, today)}, in {len(pieces)} pieces"
        return "; ".join(in_words(start, end, self.zone, today) for start, end in pieces)

    def hours(self, today: date) -> str:
        """From when to when it reaches, to the minute; empty where `words` say so: in a day, or from the beginning."""
        if self.start is None or self.days[0] == self.days[1]:
            return ""
        return f"{moment_in_words(self.start, self.zone, today)} to {moment_in_words(self.end, self.zone, today)}"

    def history(self, today: date) -> str:
        """When it was found and lost, and why."""
        told = [("found", self.gaps[0]["found_at"]), ("lost", self.gaps[0]["lost_at"])]
        times = ", ".join(f"{word} {moment_in_words(from_utc_text(at), self.zone, today)}" for word, at in told if at)
        return f"{times}: {reason}" if (reason := self.gaps[0]["reason"]) else times


def local_today(zone: ZoneInfo) -> date:
    """Today by the clock of a zone."""
    return local_day(now(), zone)


def found_in(gaps: Iterable[Row], zone: ZoneInfo) -> list[Hole]:
    """The holes that rows of `GAPS` make, newest first; `zone` is the edition's."""
    together: dict[tuple[object, ...], list[Row]] = {}
    for gap in gaps:
        together.setdefault(tuple(gap[name] for name in _ORIGIN), []).append(gap)
    found = [hole for pieces in together.values() for hole in _close(sorted(pieces, key=_place), zone)]
    return sorted(found, key=lambda hole: (hole.end, hole.gaps[0]["gap_id"]), reverse=True)


def holes_of(reader: Reader, edition: str) -> list[Hole]:
    """The holes of an edition, open and lost, newest first."""
    return found_in(reader.rows(GAPS, edition=edition), zones_of(reader, edition).of(edition))


_ORIGIN = ("listing", "state", "crawl_id", "found_at", "lost_at", "reason")


def _close(gaps: Sequence[Row], zone: ZoneInfo) -> Iterator[Hole]:
    """Gaps in order of time, less than a day apart within a hole."""
    begun: list[Row] = []
    for gap in gaps:
        start = _start(gap)
        if begun and start is not None and start - max(map(_end, begun)) >= _APART:
            yield Hole(tuple(begun), zone)
            begun = []
        begun.append(gap)
    yield Hole(tuple(begun), zone)


def _pieces(gaps: Sequence[Row]) -> list[tuple[datetime | None, datetime]]:
    """The stretches of time that gaps leave out; those that touch are one."""
    touching = [False, *(_touch(older, newer) for older, newer in pairwise(gaps))]
    pieces: list[tuple[datetime | None, datetime]] = []
    for gap, joined in zip(gaps, touching, strict=True):
        if joined:
            start, end = pieces.pop()
            pieces.append((start, max(end, _end(gap))))
        else:
            pieces.append((_start(gap), _end(gap)))
    return pieces


def _touch(older: Row, newer: Row) -> bool:
    start = _start(newer)
    same_entry = newer["older_key"] is not None and newer["older_key"] == older["newer_key"]
    return same_entry or start is None or start <= _end(older)


def _start(gap: Row) -> datetime | None:
    return None if gap["from_time"] is None else from_utc_text(gap["from_time"])


def _end(gap: Row) -> datetime:
    """What is newer was seen; where no time of it is known, it is no newer than the visit that saw it."""
    return from_utc_text(gap["to_time"] or gap["found_at"])


def _place(gap: Row) -> tuple[str, str, int]:
    return gap["from_time"] or "", gap["to_time"] or gap["found_at"], gap["gap_id"]


# Listing entries that lead to an address of unknown form, as long as the listing shows them.

CRAWLS: Final = 5
DAYS: Final = timedelta(days=2)  # which are read again three times a day, so that an entry further down is seen again


def unknown_lately(reader: Reader, edition: str) -> tuple[Row, ...]:
    """The entries that the latest crawls of the listing met, or those of the last two days before their end, whichever
    reach further back; newest first. Rows of `unknown_entries`.
    """
    last = list(reader.rows(_LAST, edition=edition, limit=CRAWLS))
    if not last:
        return ()
    newest = from_utc_text(max(row["finished_at"] or row["started_at"] for row in last))
    since = min(*(row["started_at"] for row in last), stamp(newest - DAYS))
    return tuple(reader.rows(_SEEN, edition=edition, since=since))


_LAST = """
SELECT started_at, finished_at FROM crawls WHERE edition = :edition AND listing_pages > 0
ORDER BY crawl_id DESC LIMIT :limit"""

_SEEN = """
SELECT entry_id, listing, url, headline, printed_time, day, snapshot_id, last_snapshot_id, first_seen_at, last_seen_at
FROM unknown_entries WHERE edition = :edition AND last_seen_at >= :since ORDER BY last_seen_at DESC, entry_id DESC"""
