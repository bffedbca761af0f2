"""The rhythm of an edition, learned from when its articles came out; and whether it is quiet for longer than that.

Nights and weekends are quiet at every agency, so time is not measured in hours but in articles: how many would have
come by now at these hours of the day, on a working day or at the weekend. A silence worth twelve articles is unlikely
at any hour; and where an edition's own silences have been longer than that (it publishes in bursts), those count.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Final
from zoneinfo import ZoneInfo

from crawler.monitors.health import EditionFacts, Finding, graded, lasting

MEMORY: Final = timedelta(weeks=8)
"""How far back an edition's history is asked about."""

LEAST_ARTICLES: Final = 50
LEAST_SPAN: Final = timedelta(days=7)  # every hour of a working day, and one weekend

_QUIET: Final = 12.0  # articles: at a steady rate, silences worth so many come once in 160,000
_BEYOND: Final = 1.5  # times the longest silences of its own
_RARE: Final = 3  # the two longest are taken for outages and holidays
_FADED: Final = 0.5  # hours of the average rate mixed into each hour's: two weekends are no law

_HOUR: Final = timedelta(hours=1)
_SATURDAY: Final = 5
Slot = tuple[bool, int]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Articles an hour by hour of the day, working days and weekends apart, and the long silences of the past,
    measured in articles.
    """

    rates: dict[Slot, float]
    longest: float
    timezone: ZoneInfo

    def worth(self, start: datetime, end: datetime) -> float:
        """The articles that would have come between two moments."""
        if end <= start:
            return 0.0
        return sum(
            self.rates[_slot(begin, self.timezone)] * (after - begin) / _HOUR for begin, after in _hours(start, end)
        )


def silence(vitals: EditionFacts) -> Iterator[Finding]:
    """Nothing new for longer than the edition's own rhythm."""
    known = sorted(moment for moment in vitals.appeared if moment <= vitals.now)
    rhythm = learn(known, vitals.timezone)
    if rhythm is None:
        measured = f"{len(known)} articles of the last weeks are known"
        yield Finding("silence", "well", measured, f"judged from {LEAST_ARTICLES} articles over 7 days on")
        return
    worth = rhythm.worth(known[-1], vitals.now)
    limit = max(_QUIET, _BEYOND * rhythm.longest)
    yield Finding(
        "silence",
        graded(worth, limit),
        f"nothing new for {lasting(vitals.now - known[-1])}, in which {worth:.0f} articles were to be expected",
        f"at these hours of the week no longer than {limit:.0f} articles' time, as in the last 8 weeks",
        "open the agency's list of all news: if there is news, the archive does not see it "
        "(`scrapy crawl news -L INFO` says what is asked); if there is none, wait",
        value=round(worth, 2),
        limit=round(limit, 2),
    )


def learn(known: Sequence[datetime], timezone: ZoneInfo) -> Rhythm | None:
    """The rhythm of a history, oldest first; None where it is too short to tell."""
    if len(known) < LEAST_ARTICLES or known[-1] - known[0] < LEAST_SPAN:
        return None
    steps = list(_hours(known[0], known[-1]))
    spent: dict[Slot, float] = defaultdict(float)
    for begin, after in steps:
        spent[_slot(begin, timezone)] += (after - begin) / _HOUR
    came = Counter(_slot(moment, timezone) for moment in known)
    average = len(known) / ((known[-1] - known[0]) / _HOUR)
    slots = [(weekend, hour) for weekend in (False, True) for hour in range(24)]
    rates = {slot: (came[slot] + _FADED * average) / (spent[slot] + _FADED) for slot in slots}
    return Rhythm(rates, _longest(known, steps, rates, timezone), timezone)


def _longest(
    known: Sequence[datetime], steps: Sequence[tuple[datetime, datetime]], rates: dict[Slot, float], timezone: ZoneInfo
) -> float:
    """The third longest silence between two articles."""
    begins = [begin for begin, _ in steps]
    worth = [rates[_slot(begin, timezone)] * (after - begin) / _HOUR for begin, after in steps]
    before = [0.0, *accumulate(worth)]

    def reached(moment: datetime) -> float:
        place = bisect_right(begins, moment) - 1
        begin, after = steps[place]
        return before[place] + worth[place] * min((moment - begin) / (after - begin), 1.0)

    gaps = (later - earlier for earlier, later in pairwise(reached(moment) for moment in known))
    return min(heapq.nlargest(_RARE, gaps), default=0.0)


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """A stretch of time cut at the full hours."""
    begin = start
    while begin < end:
        after = min(begin.replace(minute=0, second=0, microsecond=0) + _HOUR, end)
        yield begin, after
        begin = after


def _slot(moment: datetime, timezone: ZoneInfo) -> Slot:
    local = moment.astimezone(timezone)
    return local.weekday() >= _SATURDAY, local.hour
