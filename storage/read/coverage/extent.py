"""From when to when the listing of an edition is covered without a hole, in sentences about time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from crawler.dates import from_utc_text, local_day
from crawler.listing.coverage import day_start, moment_in_words
from crawler.records import UTC
from storage.read.coverage.gaps import Hole
from storage.read.reader import Reader, Row
from storage.read.zones import zones_of

Span = tuple[datetime, datetime]
"""From (inclusive) to (exclusive), aware UTC."""

_EVERYTHING: Final = date.min.isoformat()


@dataclass(frozen=True, slots=True)
class Extent:
    """`spans` are the stretches of time that are whole, newest first. `open_end` is where the listing ended without
    saying that nothing is older: of what came out before nobody knows. None where that was not met, or is certain.
    Sentences tell the time of `zone`, the edition's.
    """

    spans: tuple[Span, ...] = ()
    open_end: datetime | None = None
    zone: ZoneInfo = UTC

    def sentences(self, today: date) -> list[str]:
        """A line for each stretch, and one for what is older than an open end."""
        told = [
            f"whole from {_from(start, today, self.zone)} to {_to(start, end, today, self.zone)}"
            for start, end in self.spans
        ]
        return told + ([] if self.open_end is None else [self.below(today)])

    def below(self, today: date) -> str:
        """What is to be said of an open end."""
        if self.open_end is None:
            return ""
        return f"what is older than {_from(self.open_end, today, self.zone)} is not known: the listing ends there"


def extent_of(reader: Reader, edition: str, holes: Iterable[Hole]) -> Extent:
    """The extent of an edition's coverage; `holes` are all that it has, open and lost."""
    rows, zone = list(reader.rows(_WALKS, edition=edition)), zones_of(reader, edition).of(edition)
    heads = [row for row in rows if row["kind"] == "head"]
    spans = [(_bottom(row, zone), _at(row, "top", zone)) for row in rows if row["kind"] == "window"]
    open_end = None
    if heads:
        read_at = max(from_utc_text(row["read_at"] or row["updated_at"]) for row in heads)
        spans.append((_bottom(heads[0], zone), read_at))
        open_end = _at(heads[0], "bottom", zone) if _ends_open(heads[0]) else None
    known = [(start, end) for start, end in spans if start is not None and end is not None]
    whole = [left for span in known for left in without(span, [(hole.start, hole.end) for hole in _single(holes)])]
    return Extent(tuple(sorted(set(whole), reverse=True)), open_end, zone)


def without(span: Span, gone: Sequence[tuple[datetime | None, datetime]]) -> list[Span]:
    """What is left of a span without the stretches that are `gone`; a start of None reaches back for ever.

    >>> at = [datetime(2026, 3, day) for day in range(1, 5)]
    >>> [(start.day, end.day) for start, end in without((at[0], at[3]), [(at[1], at[2])])]
    [(1, 2), (3, 4)]
    """
    left = [span]
    for start, end in gone:
        cut: list[Span] = []
        for first, last in left:
            cut += [(first, min(last, start))] if start is not None and first < start else []
            cut += [(max(first, end), last)] if end < last else []
        left = cut
    return left


def _single(holes: Iterable[Hole]) -> Iterable[Hole]:
    """Each gap by itself: what lies between the pieces of a hole was seen."""
    return (Hole((gap,), hole.zone) for hole in holes for gap in hole.gaps)


def _ends_open(row: Row) -> bool:
    return bool(row["complete"] and row["ended"] == "end" and row["end_kind"] not in {"said", "seen"})


def _bottom(row: Row, zone: ZoneInfo) -> datetime | None:
    """How far down an interval has all there is; None where no time of its bottom is known."""
    at = _at(row, "bottom", zone)
    if not row["complete"] or _ends_open(row):
        return at
    if row["goal"] != _EVERYTHING:
        return day_start(date.fromisoformat(row["goal"]), zone)
    return None if at is None else day_start(local_day(at, zone), zone)


def _at(row: Row, end: str, zone: ZoneInfo) -> datetime | None:
    """When an entry came out; of one that no page dates to the minute, the end of the day under which it is listed."""
    if row[f"{end}_at"] is not None:
        return from_utc_text(row[f"{end}_at"])
    day = row[f"{end}_day"]
    return None if day is None else day_start(date.fromisoformat(day) + timedelta(days=1), zone)


def _from(moment: datetime, today: date, zone: ZoneInfo) -> str:
    text = moment_in_words(moment, zone, today)
    return text.removesuffix(", 00:00") if moment.astimezone(zone).time() == time.min else text


def _to(start: datetime, end: datetime, today: date, zone: ZoneInfo) -> str:
    same = local_day(start, zone) == local_day(end, zone)
    return f"{end.astimezone(zone):%H:%M}" if same else moment_in_words(end, zone, today)


_WALKS = """
SELECT w.walk_id, w.kind, w.goal, w.complete, w.ended, w.end_kind, w.read_at, w.updated_at,
       t.day AS top_day, (SELECT r.published_at FROM revisions r WHERE r.revision_id = t.revision_id) AS top_at,
       b.day AS bottom_day, (SELECT r.published_at FROM revisions r WHERE r.revision_id = b.revision_id) AS bottom_at
FROM walks w
LEFT JOIN articles t ON t.edition = w.edition AND t.key = w.top_key
LEFT JOIN articles b ON b.edition = w.edition AND b.key = COALESCE(w.bottom_key, w.top_key)
WHERE w.edition = :edition AND w.merged_into IS NULL AND w.kind <> 'apart' ORDER BY w.walk_id"""
