"""How many articles there are of each month and of each rubric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from storage.read.reader import Row
from storage.terminal.moments import minsk

# A month of Minsk begins some hours before that of UTC: only at its end the hour is needed to tell which one it is.
SLOT: Final = (
    "CASE WHEN SUBSTR(n.published_at, 9, 2) >= '28' AND SUBSTR(n.published_at, 12, 2) >= '20'"
    " THEN SUBSTR(n.published_at, 1, 13) ELSE SUBSTR(n.published_at, 1, 7) END"
)
"""What articles are grouped by in SQL, so that their months by the clock of Minsk can be told from it."""

_MONTH: Final = len("2026-03")
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles match: in all, by month of publication (``2026-03``, by the clock of Minsk) in order of time,
    by rubric, most first. Those without a date or rubric are in `total` alone.
    """

    total: int = 0
    months: Mapping[str, int] = field(default_factory=dict)
    rubrics: Mapping[str, int] = field(default_factory=dict)


def counts_of(rows: Iterable[Row]) -> Counts:
    """The counts from rows of `slot` (`SLOT`), `rubric` and `count`."""
    months: Counter[str] = Counter()
    rubrics: Counter[str] = Counter()
    total = 0
    for row in rows:
        total += row["count"]
        if row["slot"] is not None:
            months[_month(row["slot"])] += row["count"]
        if row["rubric"] is not None:
            rubrics[row["rubric"]] += row["count"]
    return Counts(
        total, dict(sorted(months.items())), dict(sorted(rubrics.items(), key=lambda item: (-item[1], item[0])))
    )


def timeline(months: Mapping[str, int], longest: int) -> Sequence[tuple[str, int]]:
    """The months as a row without gaps; years where there are more than `longest` months between first and last.

    >>> timeline({"2025-12": 3, "2026-02": 1}, 24)
    [('2025-12', 3), ('2026-01', 0), ('2026-02', 1)]
    >>> timeline({"2025-12": 3, "2026-02": 1}, 2)
    [('2025', 3), ('2026', 1)]
    """
    if not months:
        return []
    row = list(_between(min(months), max(months)))
    if len(row) <= longest:
        return [(month, months.get(month, 0)) for month in row]
    years = Counter[str]()
    for month, count in months.items():
        years[month[:4]] += count
    first, last = int(min(years)), int(max(years))
    return [(f"{year:04}", years[f"{year:04}"]) for year in range(first, last + 1)]


def _month(slot: str) -> str:
    return slot if len(slot) == _MONTH else minsk(f"{slot}:00:00Z")[:_MONTH]


def _between(first: str, last: str) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == _MONTHS else (year, month + 1)
