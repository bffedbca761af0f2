"""How many articles there are of each month, day and rubric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from storage.read.reader import Reader, Row

MONTH: Final = "SUBSTR(n.published_day, 1, 7)"
"""The month of publication in SQL, by the site's own days: what articles are counted by."""

_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Counts:
    """How many articles match: in all, by month of publication (``2026-03``, of the site's own days) in order of time,
    by rubric, most first. Those without a date or rubric are in `total` alone.
    """

    total: int = 0
    months: Mapping[str, int] = field(default_factory=dict)
    rubrics: Mapping[str, int] = field(default_factory=dict)


def counts_of(rows: Iterable[Row]) -> Counts:
    """The counts from rows of `month` (`MONTH`), `rubric` and `count`."""
    months: Counter[str] = Counter()
    rubrics: Counter[str] = Counter()
    total = 0
    for row in rows:
        total += row["count"]
        if row["month"] is not None:
            months[row["month"]] += row["count"]
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


def _between(first: str, last: str) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year + 1, 1) if month == _MONTHS else (year, month + 1)


# Articles a day, by the calendar of the site, as far as the archive has them.

Tally = Mapping[tuple[date, str], int]
"""How many articles: by day and rubric (empty where an article has none)."""

_FURTHEST: Final = timedelta(days=1)  # how far a day of any zone reaches beyond the same day of UTC, and more

# CROSS JOIN keeps SQLite from beginning at the other end: the index on published_at is the way in. The day of an
# archived article is that of its publication, and is read sooner than the revision's, which lies behind its text.
_A_DAY = """
SELECT a.day AS day, COALESCE(r.rubric, '') AS rubric, COUNT(*) AS articles
FROM revisions r CROSS JOIN articles a ON a.article_id = r.article_id
WHERE r.published_at >= :since AND r.published_at < :until AND a.revision_id = r.revision_id
  AND a.day BETWEEN :first AND :last AND (:edition IS NULL OR a.edition = :edition)
GROUP BY 1, 2"""


def articles_a_day(reader: Reader, first: date, last: date, edition: str | None = None) -> Tally:
    """Articles published on the site's own days from `first` to `last`, both included, of one edition or of all. Days
    without are left out.
    """
    days = {"first": first.isoformat(), "last": last.isoformat()}
    ends = {"since": f"{first - _FURTHEST}", "until": f"{last + 2 * _FURTHEST}"}  # as UTC text in order of time
    rows = reader.rows(_A_DAY, **days, **ends, edition=edition)
    return {(date.fromisoformat(row["day"]), row["rubric"]): row["articles"] for row in rows}
