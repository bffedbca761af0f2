"""How far a run is and how long it will take, from counts and days alone: no clock, no archive, no terminal.

What cannot be told is None, never a guess: a listing without dates, one that is walked to its very end, the first
seconds of a run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.records import ListingEntry

WINDOW = 120.0  # seconds that the rate looks back on: long enough for a polite crawl, short enough to see a refusal
LEAST_SECONDS, LEAST_STEPS = 3.0, 5  # before that a rate says nothing
LEAST_DAYS, LEAST_PAGES = 1, 3  # walked before a day's number of pages is believed


@dataclass(slots=True)
class Pace:
    """What is done (pages fetched, listing and article), and when. `at` are seconds of any clock that only rises."""

    _marks: deque[tuple[float, int]] = field(default_factory=deque)
    _moved: float | None = None

    def mark(self, at: float, done: int) -> None:
        """So much was done at this time."""
        if not self._marks or done != self._marks[-1][1]:
            self._moved = at
        self._marks.append((at, done))
        while self._marks[0][0] < at - WINDOW:
            self._marks.popleft()

    @property
    def rate(self) -> float | None:
        """Steps a second, lately."""
        if not self._marks:
            return None
        (first, before), (last, done) = self._marks[0], self._marks[-1]
        if last - first < LEAST_SECONDS or done - before < LEAST_STEPS:
            return None
        return (done - before) / (last - first)

    @property
    def still(self) -> float:
        """Seconds since anything was done."""
        return self._marks[-1][0] - self._moved if self._marks and self._moved is not None else 0.0


@dataclass(frozen=True, slots=True)
class Descent:
    """A walk down the listing: the page it stands on, the local days of its first and its latest entry, and the day
    at which it is to end (`bottom`; None: where nobody knows, such as the listing's end).
    """

    page: int = 0
    top: date | None = None
    reached: date | None = None
    bottom: date | None = None

    def past(self, page: int, entries: Iterable[ListingEntry]) -> Descent:
        """The walk after one more page."""
        days = [entry.day for entry in entries if entry.in_order and entry.day is not None]
        if not days:
            return replace(self, page=page)
        return replace(self, page=page, top=self.top or days[0], reached=days[-1])

    @property
    def pages_to_go(self) -> float | None:
        """As many pages a day as so far, down to the bottom."""
        if self.top is None or self.reached is None or self.bottom is None:
            return None
        walked = (self.top - self.reached).days
        if walked < LEAST_DAYS or self.page < LEAST_PAGES:
            return None
        return max((self.reached - self.bottom).days, 0) * self.page / walked


@dataclass(frozen=True, slots=True)
class Work:
    """What a crawl has done and has to do: listing `pages` read, articles `fetched`, articles `waiting`, and where the
    walk stands (None: it is over, or there is none). `most`: listing pages that may still be read at most.
    """

    pages: int
    fetched: int
    waiting: int
    descent: Descent | None = None
    most: int | None = None

    @property
    def done(self) -> int:
        return self.pages + self.fetched

    @property
    def to_go(self) -> float | None:
        """Pages and articles to come; each page to come is thought to name as many articles as one did so far."""
        if self.descent is None:
            return self.waiting
        pages = self.descent.pages_to_go
        if self.most is not None:
            pages = self.most if pages is None else min(pages, self.most)
        if pages is None or not self.pages:
            return None
        return self.waiting + pages * (1 + (self.fetched + self.waiting) / self.pages)
