"""Walking sitemaps. A news sitemap is a window like a feed; an index leads to older ones, most of them by month.

A sitemap is over when the month, day or year that its address names is over, or where it names none, when the index
names two newer ones. The newest is never over. An index has no end: nobody says that nothing older was published.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final
from urllib.parse import urlsplit

from crawler.dates import local_day
from crawler.listing.ending import Bottom, end
from crawler.listing.feed import FeedWalk
from crawler.listing.periods import SETTLING, PeriodsWalk
from crawler.listing.steps import NEWEST, Step, View

GROWING: Final = 2  # numbered sitemaps that may still grow: some are filled by the ids that drafts got
_BETWEEN: Final = r"(?:[-_/.]?|&[a-z]{1,5}=)"
_PERIOD: Final = re.compile(
    rf"(?<!\d)((?:19|20)\d\d)(?:{_BETWEEN}(0[1-9]|1[0-2])(?:{_BETWEEN}(0[1-9]|[12]\d|3[01]))?)?(?!\d)", re.ASCII
)


@dataclass(slots=True, kw_only=True)
class SitemapWalk(PeriodsWalk):
    """A walk through the sitemaps of an index, newest first, or of one answer where there is no index."""

    _sitemaps: tuple[str, ...] = ()
    _ranks: dict[str, int] = field(default_factory=dict)
    _asked_at: datetime | None = None
    _old: int | None = None  # a sitemap all of whose entries are older than the goal

    def __post_init__(self) -> None:
        self.next = NEWEST

    @property
    def window(self) -> bool:
        """Whether the walk began at a date, and so says nothing of what stands above."""
        return self.until is not None and bool(self._sitemaps)

    def _place(self, rank: int) -> str | None:
        return self._sitemaps[rank] if 0 <= rank < len(self._sitemaps) else None

    def _count(self) -> int:
        return len(self._sitemaps)

    def _rank_of(self, place: str | None) -> int | None:
        return self._ranks.get(place or "")

    def _over(self, rank: int, at: datetime) -> bool:
        period = period_of(self._sitemaps[rank])
        if period is None:
            return rank >= GROWING
        return rank > 0 and local_day(at - SETTLING, self.zone) > period[1]

    def _below_goal(self, rank: int) -> bool:
        if self._old is not None and rank > self._old:
            return True
        period = period_of(self._sitemaps[rank])
        return period is not None and period[1] < self.goal

    def _end(self, step: Step, key: str) -> Step:
        """An index that names less than it did has dropped the rest, once two runs have met that."""
        ours = self.current or step.merge
        gone = {*self._above, step.merge, *step.then} - {ours}
        bottom = Bottom(
            last=(key,),
            reached=(key,),
            top=self._top or key,
            offered=None,
            said=False,
            passed=self._passed,
            sweeping=True,
            deeper=step.bottom is not None,
        )
        here = end(bottom, ours, {one: known for one, known in self._intervals.items() if one not in gone})
        return replace(step, ended=here.ended, complete=here.complete, cut=here.cut, end=here.end, lost=here.lost)

    def _answer(self, view: View) -> Step:
        if not self._sitemaps:
            return self._index(view)
        if view.places:
            return self._skip("it names further sitemaps, as only an index may")
        self._begin_period(view)
        if self._rank == 0 and not self.window:
            self.began = self._asked_at
        days = [entry.day for entry in view.entries]
        if days and all(day is not None and day < self.goal for day in days):
            self._old = self._rank
        return self._finish(self._entries(view))

    def _index(self, view: View) -> Step:
        if not view.places:
            window = FeedWalk(goal=self.goal)
            step = window.take(view, self._intervals)
            self.began = window.began
            return step
        self._sitemaps = tuple(dict.fromkeys(view.places))
        self._ranks = {place: rank for rank, place in enumerate(self._sitemaps)}
        self._asked_at = view.at
        self._rank = self._from = self._first()
        return Step(next=self._place(self._rank))

    def _first(self) -> int:
        """The newest sitemap that may hold the date at which the walk begins."""
        if self.until is None:
            return 0
        begins = ((period_of(place) or (date.min,))[0] for place in self._sitemaps)
        return next((rank for rank, begin in enumerate(begins) if begin <= self.until), len(self._sitemaps) - 1)


def period_of(address: str) -> tuple[date, date] | None:
    """The first and the last day that the address of a sitemap names; None where it names none.

    >>> [str(day) for day in period_of("https://news.example/sitemap-2026-02.xml") or ()]
    ['2026-02-01', '2026-02-28']
    >>> period_of("/post-sitemap12.xml") is None
    True
    """
    parts = urlsplit(address)
    found = [match.groups() for match in _PERIOD.finditer(f"{parts.path}?{parts.query}")]
    if not found:
        return None
    year, month, day = max(found, key=lambda groups: sum(group is not None for group in groups))
    first = date(int(year), int(month or 1), 1)
    last_month = int(month or 12)
    last = date(int(year), last_month, monthrange(int(year), last_month)[1])
    if day is not None and int(day) <= last.day:
        first = last = first.replace(day=int(day))
    return first, last
