"""How many articles there are of each month, day and rubric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

from storage.read.reader import Reader, Row
from storage.terminal.moments import MINSK, minsk, stamp

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


# Articles a day, by the calendar of Minsk, as far as the archive has them.

Tally = Mapping[tuple[date, str], int]
"""How many articles: by day and rubric (empty where an article has none)."""

# Minsk is two or three whole hours ahead of UTC: only from 21:00 on a UTC day may be the next one there. So SQL counts
# by UTC day and by these hours, and the zone database is asked once a day instead of once an article.
UTC_DAY = "SUBSTR(r.published_at, 1, 10)"
UTC_HOUR = "MAX(20, CAST(SUBSTR(r.published_at, 12, 2) AS INTEGER))"

# CROSS JOIN keeps SQLite from beginning at the other end: the index on published_at is the way in.
_A_DAY = f"""
SELECT {UTC_DAY} AS day, {UTC_HOUR} AS hour, COALESCE(r.rubric, '') AS rubric, COUNT(*) AS articles
FROM revisions r CROSS JOIN articles a ON a.article_id = r.article_id
WHERE r.published_at >= :since AND r.published_at < :until AND a.revision_id = r.revision_id
  AND (:edition IS NULL OR a.edition = :edition)
GROUP BY 1, 2, 3"""  # noqa: S608 - our own words


def articles_a_day(reader: Reader, first: date, last: date, edition: str | None = None) -> Tally:
    """Articles published from `first` to `last`, both included, of one edition or of all. Days without are left out."""
    since, until = day_start(first), day_start(last + timedelta(days=1))
    tally: Counter[tuple[date, str]] = Counter()
    for row in reader.rows(_A_DAY, since=since, until=until, edition=edition):
        tally[minsk_day(row["day"], row["hour"]), row["rubric"]] += row["articles"]
    return tally


def day_start(day: date) -> str:
    """UTC text of the first second of a day in Minsk.

    >>> day_start(date(2022, 8, 24))
    '2022-08-23T21:00:00Z'
    """
    return stamp(datetime(day.year, day.month, day.day, tzinfo=MINSK))


@lru_cache(maxsize=10_000)
def minsk_day(day: str, hour: int) -> date:
    """The day in Minsk at an hour of a UTC day.

    >>> minsk_day("2022-08-24", 20), minsk_day("2022-08-24", 21), minsk_day("2009-12-24", 21)
    (datetime.date(2022, 8, 24), datetime.date(2022, 8, 25), datetime.date(2009, 12, 24))
    """
    utc = date.fromisoformat(day)
    return datetime(utc.year, utc.month, utc.day, hour, tzinfo=UTC).astimezone(MINSK).date()
