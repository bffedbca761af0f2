"""The daybook of an edition: day by day what was archived, and whether the listing was walked without a hole.

Coverage is kept as intervals of the listing (storage/agenda/coverage.py). Here they are told in days of Minsk. An
interval ends somewhere within a day, so the days at its ends are covered in part, unless it is known to reach the day's
start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from storage.books.days import articles_a_day, minsk_day
from storage.reader import Reader, Row

State = Literal["covered", "partly", "hole", "outside"]


@dataclass(frozen=True, slots=True)
class Interval:
    """A piece of the listing that was walked in one go, from `top` down to `bottom`. `complete`: all of the bottom's
    day is in it, and it reaches its `goal`; else the days from the goal up to the bottom are still to be walked.
    """

    walk_id: int
    top: date
    bottom: date
    goal: date
    complete: bool
    newest: bool


@dataclass(frozen=True, slots=True)
class Day:
    """`articles` published on `date` are archived, `missing` more were listed and could not be had (yet)."""

    date: date
    state: State
    articles: int = 0
    missing: int = 0


def state_of(day: date, intervals: Sequence[Interval]) -> State:
    """Whether the listing of a day was walked: wholly, in part, not though it should be, or it never was to be.

    >>> head = Interval(1, date(2026, 3, 10), date(2026, 3, 5), date(2026, 3, 1), complete=False, newest=True)
    >>> [state_of(date(2026, 3, day), [head]) for day in (11, 10, 6, 5, 4, 1)]
    ['outside', 'covered', 'covered', 'partly', 'hole', 'hole']
    """
    states = {_state_in(day, interval) for interval in intervals}
    order: tuple[State, ...] = ("covered", "partly", "hole")
    found = next((state for state in order if state in states), None)
    if found is not None:
        return found
    tops, bottoms = [one.top for one in intervals], [one.bottom for one in intervals]
    between = bool(intervals) and min(bottoms) < day < max(tops)
    return "hole" if between else "outside"


def _state_in(day: date, interval: Interval) -> State:
    if interval.bottom < day < interval.top:
        return "covered"
    if day == interval.top and interval.newest and day > interval.bottom:
        return "covered"  # as far as it has gone
    if day == interval.bottom and interval.complete and (day < interval.top or interval.newest):
        return "covered"
    if day in {interval.top, interval.bottom}:
        return "partly"
    return "hole" if not interval.complete and interval.goal <= day < interval.bottom else "outside"


def daybook(reader: Reader, edition: str, first: date, last: date) -> list[Day]:
    """The days from `first` to `last`, both included."""
    covered = intervals(reader, edition)
    articles = articles_a_day(reader, first, last, edition)
    counts: dict[date, int] = {}
    for (day, _), number in articles.items():
        counts[day] = counts.get(day, 0) + number
    missing = {
        date.fromisoformat(row["day"]): row["articles"]
        for row in reader.rows(_MISSING, edition=edition, first=first.isoformat(), last=last.isoformat())
    }
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [Day(day, state_of(day, covered), counts.get(day, 0), missing.get(day, 0)) for day in days]


def intervals(reader: Reader, edition: str) -> list[Interval]:
    """The live intervals of an edition, newest first. One whose ends no page dated is left out."""
    found: list[Interval] = []
    for row in reader.rows(_WALKS, edition=edition):
        top, bottom = _top(row, newest=not found), _bottom(row)
        if top is not None and bottom is not None:
            goal = date.fromisoformat(row["goal"])
            found.append(Interval(row["walk_id"], top, min(bottom, top), goal, bool(row["complete"]), not found))
    return found


def years(reader: Reader, edition: str) -> list[int]:
    """The years of which the daybook has something to say, newest first; empty for an edition without anything."""
    found = {day.year for interval in intervals(reader, edition) for day in (interval.top, interval.bottom)}
    for year_end in (reader.row(sql, edition=edition) for sql in (_FIRST, _LAST)):
        if year_end is not None:
            found.add(minsk_day(year_end["at"][:10], int(year_end["at"][11:13])).year)
    return list(range(max(found), min(found) - 1, -1)) if found else []


def _top(row: Row, *, newest: bool) -> date | None:
    """The newest interval reaches to where the listing began when it was last read; others to their newest entry."""
    text = row["updated_at"] if newest and row["kind"] == "head" else row["top_published"]
    if text is None:
        return date.fromisoformat(row["top_day"]) if row["top_day"] else None
    return minsk_day(text[:10], int(text[11:13]))


def _bottom(row: Row) -> date | None:
    """A complete one reaches its goal, unless that is older than anything the listing has."""
    if row["complete"] and row["ended"] != "end" and row["goal"] != _EVERYTHING:
        return date.fromisoformat(row["goal"])
    return date.fromisoformat(row["bottom_day"]) if row["bottom_day"] else None


_EVERYTHING = date.min.isoformat()

_WALKS = """
SELECT w.walk_id, w.kind, w.goal, w.complete, w.ended, w.updated_at, w.bottom_day,
       (SELECT r.published_at FROM revisions r WHERE r.revision_id = a.revision_id) AS top_published,
       (SELECT s.day FROM sightings s WHERE s.article_id = a.article_id AND s.day IS NOT NULL LIMIT 1) AS top_day
FROM walks w LEFT JOIN articles a ON a.edition = w.edition AND a.key = w.top_key
WHERE w.edition = :edition AND w.merged_into IS NULL ORDER BY w.walk_id DESC"""

# The day is the one under which the listing had it. Few articles are neither archived nor gone.
_MISSING = """
SELECT s.day, COUNT(DISTINCT a.article_id) AS articles
FROM articles a CROSS JOIN sightings s ON s.article_id = a.article_id
WHERE a.edition = :edition AND a.status IN ('pending', 'given-up') AND s.day BETWEEN :first AND :last
GROUP BY s.day"""

_FIRST = """
SELECT r.published_at AS at FROM revisions r CROSS JOIN articles a ON a.article_id = r.article_id
WHERE a.edition = :edition AND r.published_at IS NOT NULL ORDER BY r.published_at LIMIT 1"""
_LAST = _FIRST.replace("LIMIT", "DESC LIMIT")
