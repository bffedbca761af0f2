"""Articles a day, by the calendar of Minsk, as far as the archive has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from storage.read.reader import Reader
from storage.terminal.moments import MINSK, stamp

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
