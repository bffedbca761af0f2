"""The daybook: what can be said of each day of an edition, and of months and years as their worst day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from crawler.errors import ArgumentError
from crawler.listing.coverage import State, days_between
from storage.read.reader import Reader

STATES: Final[tuple[State, ...]] = ("lost", "hole", "unknown", "whole", "outside")
"""The worst first: the state of several days is that of the worst of them."""

DOUBTFUL: Final[tuple[State, ...]] = ("lost", "hole", "unknown")
"""Where a count may be too small."""

_MONTH: Final = len("2026-03")


@dataclass(frozen=True, slots=True)
class CoverageDay:
    """`articles` of the site's own day `date` are archived, `missing` more were listed and are not (yet). `expected`
    is how many there should be: all that are known of a whole day, else what is usual; None where nobody knows.
    """

    date: date
    state: State
    articles: int = 0
    missing: int = 0
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class DayRun:
    """Days of one state, one after the other."""

    days: tuple[CoverageDay, ...]

    @property
    def state(self) -> State:
        return self.days[0].state

    @property
    def articles(self) -> int:
        return sum(day.articles for day in self.days)

    @property
    def missing(self) -> int:
        return sum(day.missing for day in self.days)

    @property
    def expected(self) -> int | None:
        """None where it is not known of each of the days."""
        numbers = [day.expected for day in self.days if day.expected is not None]
        return sum(numbers) if len(numbers) == len(self.days) else None


def editions(reader: Reader) -> list[str]:
    """The editions that the archive knows anything of, by name."""
    return [row["edition"] for row in reader.rows(_EDITIONS)]


def editions_named(reader: Reader, edition: str | None) -> list[str]:
    """The edition asked for, or all of them where it is None. Raises ArgumentError for one that is not there."""
    there = editions(reader)
    if edition is None:
        return there
    if edition not in there:
        raise ArgumentError(f"no edition {edition!r} in {reader.name}: it has {', '.join(there) or 'none'}")
    return [edition]


def coverage(
    reader: Reader, edition: str, first: date | None = None, last: date | None = None
) -> Iterator[CoverageDay]:
    """The rows of the view `coverage`, in order; `first` and `last` are both included."""
    ends = {"first": first.isoformat() if first else "", "last": last.isoformat() if last else _LAST}
    for row in reader.rows(_COVERAGE, edition=edition, **ends):
        yield CoverageDay(
            date.fromisoformat(row["day"]), row["state"], row["articles"], row["missing"], row["expected"]
        )


def daybook(reader: Reader, edition: str, first: date, last: date) -> list[CoverageDay]:
    """Every day from `first` to `last`, both included: those without a row in the view are outside."""
    told = {day.date: day for day in coverage(reader, edition, first, last)}
    counts = {"first": first.isoformat(), "last": last.isoformat()}
    for row in reader.rows(_COUNTED, edition=edition, **counts):
        day = date.fromisoformat(row["day"])
        told.setdefault(day, CoverageDay(day, "outside", row["articles"], row["missing"]))
    return [told.get(day, CoverageDay(day, "outside")) for day in days_between(first, last)]


def years(reader: Reader, edition: str) -> list[int]:
    """The years of which the daybook has something to say, newest first; empty for an edition without anything."""
    ends = reader.row(_ENDS, edition=edition) or {}
    found = [int(day[:4]) for day in ends.values() if day is not None]
    return list(range(max(found), min(found) - 1, -1)) if found else []


def runs(days: Iterable[CoverageDay]) -> list[DayRun]:
    """Days of one state run together, in order. A day that is left out ends a run."""
    numbered = ((day.date.toordinal() - place, day) for place, day in enumerate(days))
    return [
        DayRun(tuple(day for _, day in group)) for _, group in groupby(numbered, lambda one: (one[0], one[1].state))
    ]


def worst(states: Iterable[State]) -> State:
    """The state of several days.

    >>> worst(["whole", "hole", "unknown"]), worst([])
    ('hole', 'outside')
    """
    return min(states, key=STATES.index, default="outside")


# --- next to counts by time


def months(
    reader: Reader, counted: Iterable[str], edition: str | None, since: date | None = None, until: date | None = None
) -> dict[str, State]:
    """The state of each month (``2026-03``) of a count: of those from the first to the last that was `counted`, or
    from the day `since` to the day `until` where these are given. `edition` None: of all editions.
    """
    known = sorted(counted)
    first = since.isoformat()[:_MONTH] if since else min(known, default="")
    last = until.isoformat()[:_MONTH] if until else max(known, default=_LAST[:_MONTH])
    told = states_by(reader, _MONTH, edition, first, f"{last}-99")
    return {month: told.get(month, "outside") for month in sorted({*told, *known})}


def states_by(reader: Reader, length: int, edition: str | None, first: str, last: str) -> dict[str, State]:
    """The state of each year, month or day from `first` to `last`: so many characters of the day name it."""
    found: dict[str, State] = {}
    for row in reader.rows(_STATES, length=length, edition=edition, first=first, last=last):
        found[row["period"]] = worst([row["state"], found.get(row["period"], "outside")])
    return found


def by_year(told: Mapping[str, State]) -> dict[str, State]:
    """The states of months as those of their years."""
    return {
        year: worst(told[month] for month in group) for year, group in groupby(sorted(told), lambda month: month[:4])
    }


def doubts(told: Mapping[str, State]) -> list[str]:
    """What a reader of counts has to know: the periods that are lost, in a hole or unknown, those in a row as one.

    >>> doubts({"2026-01": "whole", "2026-02": "lost", "2026-03": "lost", "2026-04": "unknown"})
    ['lost in 2026-02 to 2026-03', 'unknown in 2026-04']
    """
    spans = [(state, _span(list(group))) for state, group in groupby(sorted(told), told.__getitem__)]
    said = {state: ", ".join(span for other, span in spans if other == state) for state in DOUBTFUL}
    return [f"{_IN[state]} {periods}" for state, periods in said.items() if periods]


_IN: Final[dict[State, str]] = {"lost": "lost in", "hole": "a hole in", "unknown": "unknown in"}


def _span(periods: Sequence[str]) -> str:
    return periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"


_LAST: Final = "9999-99-99"

_EDITIONS = "SELECT edition FROM crawls UNION SELECT edition FROM days ORDER BY 1"

_COVERAGE = """
SELECT day, state, articles, missing, expected FROM coverage
WHERE edition = :edition AND day BETWEEN :first AND :last ORDER BY day"""

_COUNTED = """
SELECT a.day, COUNT(CASE WHEN a.status IN ('live', 'gone') THEN 1 END) AS articles,
       COUNT(CASE WHEN a.status IN ('pending', 'given-up') THEN 1 END) AS missing
FROM articles a
WHERE a.edition = :edition AND a.day BETWEEN :first AND :last GROUP BY a.day"""

_ENDS = """
SELECT (SELECT MIN(day) FROM days WHERE edition = :edition) AS first,
       (SELECT MAX(day) FROM days WHERE edition = :edition) AS last,
       (SELECT MIN(day) FROM articles WHERE edition = :edition) AS first_article,
       (SELECT MAX(day) FROM articles WHERE edition = :edition) AS last_article"""

_STATES = """
SELECT DISTINCT SUBSTR(day, 1, CAST(:length AS INTEGER)) AS period, state FROM days
WHERE (CAST(:edition AS TEXT) IS NULL OR edition = :edition) AND day BETWEEN :first AND :last"""
