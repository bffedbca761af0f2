"""Walking a listing that is cut by time: one answer, or a few, for a day or for a month. The rules that days and the
sitemaps of an index share.

Such *periods* do not overlap and do not shift, so no seam is read again. What holds instead:

* a period is *whole* when it was read to its end after it was over. One that goes on is read again by the next run;
* whole periods that follow on each other are proven to be in one piece, whether they show any entry or not. A walk
  meets older coverage where the next period is a whole one of it, and leaps over all of these;
* a period without entries is believed when others show some: in this walk or before. Where the server denies that
  it has such a period, only in this walk: its addresses may have changed;
* a period that cannot be read leaves a hole, and the walk goes on below it. The next run asks for it again.

Periods have ranks: 0 is where the walk began, 1 the next older one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import ClassVar
from zoneinfo import ZoneInfo

from crawler.listing.steps import Interval, Step, View

SETTLING = timedelta(hours=1)  # after its end a period still gets its last stories: caches, slow desks
DOUBTS = 31  # periods in a row without entries that a walk asks for before it doubts the listing
FAILURES = 3  # periods in a row that cannot be read: then it is not they


@dataclass(slots=True, kw_only=True)
class PeriodsWalk(ABC):
    """A walk from period to period. `goal`: local date to reach. `zone`: that of the edition, by which periods end.
    `until`: the local date at which it begins, None for the newest entries.

    `current` and `window` are as in `crawler.listing.walk.Walk`. `left`: the interval above a period that could not be
    read, where the walk left it. `began`: when the newest period was read; None once a hole was left below it.
    """

    goal: date
    zone: ZoneInfo
    until: date | None = None
    current: int | None = None
    left: int | None = None
    next: str | None = None
    began: datetime | None = None
    sweep: ClassVar[None] = None
    skips: ClassVar[bool] = True
    _intervals: Mapping[int, Interval] = field(default_factory=dict)
    _rank: int = 0
    _from: int = 0  # the newest period below which no hole was left
    _at: datetime | None = None  # of the first answer of the period
    _now: datetime | None = None  # of the latest answer of the walk
    _shown: bool = False  # whether the period has shown entries
    _last: View | None = None  # its latest answer with entries
    _missing: bool = False  # whether the server denies it
    _gave: bool = False  # whether any period of this walk has shown entries
    _doubted: int = 0
    _failed: int = 0
    _above: set[int] = field(default_factory=set)  # intervals that the walk left above a hole
    _holes: list[str] = field(default_factory=list)
    _run: int | None = None  # the newest of the whole periods read in a row, down to this one
    _passed: Counter[int | None] = field(default_factory=Counter)  # entries that were met, by interval
    _top: str = ""
    _lowest: str = ""

    @property
    def window(self) -> bool:
        """Whether the walk began at a date, and so says nothing of what stands above."""
        return self.until is not None

    def day_above(self, page: int) -> date | None:  # noqa: ARG002 - other kinds have pages
        """None: a period tells its days itself."""
        return None

    def take(self, view: View, intervals: Mapping[int, Interval]) -> Step:
        """The step for one answer. `intervals`: the live intervals by walk_id, as they stand now."""
        self._intervals = intervals
        self._now = max(filter(None, (self._now, view.at)), default=None)
        step = self._skip(view.problem) if view.problem is not None else self._answer(view)
        if self._holes and (step.ended or step.cut):
            step = replace(step, cut=self._unread(step.cut))
        self.next = step.next
        return step

    # --- what a kind has to say

    @abstractmethod
    def _answer(self, view: View) -> Step:
        """The step for an answer that could be read."""

    @abstractmethod
    def _place(self, rank: int) -> str | None:
        """The place of a period; None below the last one."""

    @abstractmethod
    def _count(self) -> int:
        """How many periods there are down to the last one."""

    @abstractmethod
    def _rank_of(self, place: str | None) -> int | None:
        """The rank of the period of a place; None where it is none."""

    @abstractmethod
    def _over(self, rank: int, at: datetime) -> bool:
        """Whether a period was over at some time, with all that is listed late."""

    @abstractmethod
    def _below_goal(self, rank: int) -> bool: ...

    @abstractmethod
    def _end(self, step: Step, key: str) -> Step:
        """The step of a walk that has read the last period, with the key of its lowest entry."""

    # --- an answer, and a period that is read to its end

    def _begin_period(self, view: View) -> None:
        self._at, self._shown, self._missing, self._last = self._now, False, view.missing, None
        if self._rank == 0 and not self.window:
            self.began = self.began or view.at

    def _entries(self, view: View) -> Step:
        """The step for what an answer shows, which joins the intervals of which it shows two entries in a row."""
        if not view.entries:
            return Step()
        above = () if self._last is None else self._last.entries[-1:]
        self._shown, self._last, self._top = True, view, self._top or view.keys[0]
        self._passed.update(entry.interval for entry in view.entries)
        homes = dict.fromkeys(
            two.interval
            for one, two in pairwise((*above, *view.entries))
            if one.interval == two.interval and one.key != two.key and self._is_other(one.interval)
        )
        joined = [home for home in homes if home is not None]
        return Step(
            attach=tuple(entry.key for entry in view.entries if entry.interval is None),
            merge=joined[0] if joined else None,
            then=tuple(joined[1:]),
        )

    def _is_other(self, walk_id: int | None) -> bool:
        return walk_id in self._intervals and walk_id != self.current

    def _finish(self, step: Step, *, to_its_end: bool = True) -> Step:
        """The period is read: to its end, or to where an interval that was joined holds the rest of it."""
        self._failed = 0
        if not (to_its_end and self._at is not None and self._over(self._rank, self._at)):
            self._run = None
        elif self._run is None:
            self._run = self._rank
        self._gave = self._gave or self._shown
        if not (self._gave or (not self._missing and self._intervals)):
            return self._doubt(step)
        below = self._rank if self._doubted else self._rank + 1
        self._doubted = 0
        return self._onward(step, below, self._inside(self._rank))

    def _doubt(self, step: Step) -> Step:
        """No period has shown an entry yet: the walk looks further before it believes any of them."""
        self._doubted += 1
        below = self._rank + 1
        place = self._place(below)
        if place is None or self._below_goal(below) or self._doubted >= DOUBTS:
            why = f"none of {self._doubted} answers from {self._place(0)} to {self._place(self._rank)} shows an entry"
            return replace(step, cut=why, unrecognised=True)
        self._rank = below
        return replace(step, next=place)

    def _skip(self, problem: str) -> Step:
        """A period that could not be read."""
        self._failed += 1
        place = self._place(self._rank) or "the listing"
        if self._failed >= FAILURES or self._place(self._rank) is None:
            return Step(cut=f"{place}: {problem}")
        self._holes.append(f"{place}: {problem}")
        if self.current is not None:
            self._above.add(self.current)
            self.left, self.current = self.current, None
        self._run = None
        self._from, self.began = self._rank + 1, None
        return self._onward(Step(), self._rank + 1, ())

    def _unread(self, cut: str | None) -> str:
        lines = [*self._holes, *([cut] if cut else [])]
        return lines[0] if len(lines) == 1 else f"{lines[0]} (and {len(lines) - 1} more)"

    # --- the way down

    def _onward(self, step: Step, below: int, inside: Sequence[int]) -> Step:
        """From the period of rank `below` on: over the whole ones that are known, to the next to ask for."""
        leapt: list[Interval] = []
        step = self._joined(step, inside)
        while not (self._stops(below) or _holds(leapt, self.goal)) and (known := self._covering(below)) is not None:
            leapt.append(known)
            below = self._reach(known)
        if leapt:
            step = replace(self._joined(step, [one.walk_id for one in leapt]), bottom=None)
        self._rank = below
        step = self._written(step, below)
        if _holds(leapt, self.goal):
            return replace(step, ended="joined", complete=True, swept=True)
        if not self._stops(below):
            return replace(step, next=self._place(below))
        if self._place(below) is not None:
            return replace(step, ended="goal", complete=True, swept=True)
        key = leapt[-1].bottom_key if leapt else self._lowest
        return self._end(step, key) if key else replace(step, ended="end", complete=True, swept=True)

    def _stops(self, rank: int) -> bool:
        return self._place(rank) is None or self._below_goal(rank)

    def _joined(self, step: Step, others: Sequence[int]) -> Step:
        """The step joined with further intervals. Its bottom lies below all that these show of the last answer."""
        merged = dict.fromkeys(one for one in (step.merge, *step.then, *others) if one != self.current)
        joined = [one for one in merged if one is not None]
        step = replace(step, merge=joined[0] if joined else None, then=tuple(joined[1:]))
        group = self._group(step)
        if self._last is None or self._rank < max(map(self._reach, group), default=0):
            return step
        entries, own = self._last.entries, {one.walk_id for one in group}
        known = max((place for place, entry in enumerate(entries) if entry.interval in own), default=-1)
        beneath = [entry for entry in entries[known + 1 :] if entry.interval is None]
        self._lowest = entries[-1].key
        return replace(step, bottom=(beneath[-1], self._last.page) if beneath else None)

    def _group(self, step: Step) -> list[Interval]:
        """The intervals that are one with the step: the walk's and those that it joins."""
        found = (self._intervals.get(one or 0) for one in (self.current, step.merge, *step.then))
        return [one for one in found if one is not None]

    def _written(self, step: Step, below: int) -> Step:
        """What the interval keeps of the way down to `below`: where it goes on, and from where on it is whole.

        That is so from the newest period on that is whole with all below it: what was joined by its entries alone may
        have periods between that were read while they went on.
        """
        spans = [self._span(one) for one in self._group(step)]
        read = (below if self._run is None else self._run, below)
        whole = resume = max(end for _, end in (*spans, read))
        for start, end in sorted((*spans, read), key=lambda span: span[1], reverse=True):
            whole = min(whole, start) if end >= whole else whole
        if len(spans) == 1 and step.merge is None and (whole, resume) == spans[0]:
            return step
        if whole == resume and not spans:
            return replace(step, resume=self._place(resume))
        return replace(step, whole=self._place(whole), resume=self._place(resume))

    def _span(self, interval: Interval) -> tuple[int, int]:
        """The ranks from which on and down to which an interval is whole; the same where none of it is."""
        whole, reach = self._whole(interval), self._reach(interval)
        return (reach if whole is None else min(whole, reach), reach)

    def _reach(self, interval: Interval) -> int:
        """The rank of the period at which an interval goes on below; -1 where nobody knows."""
        if interval.complete and interval.ended == "end" and (interval.whole or interval.resume):
            return self._count()
        rank = self._rank_of(interval.resume)
        return -1 if rank is None else rank

    def _whole(self, interval: Interval) -> int | None:
        """The rank of the newest whole period of an interval. One that is not over yet was written by a clock that was
        ahead, and proves nothing.
        """
        rank = self._rank_of(interval.whole)
        return rank if rank is not None and self._now is not None and self._over(rank, self._now) else None

    def _covering(self, rank: int) -> Interval | None:
        """The interval that holds a whole period; where there are several, that which reaches deepest."""
        spans = {one.walk_id: self._span(one) for one in self._intervals.values()}
        found = [walk_id for walk_id, (whole, reach) in spans.items() if whole <= rank < reach]
        return self._intervals[max(found, key=lambda walk_id: spans[walk_id][1])] if found else None

    def _inside(self, rank: int) -> list[int]:
        """Intervals that end within what the walk has read in one piece: those that it met, and those whose entries may
        all be deleted. An interval may go on with a period of which it holds some.
        """
        ends = {one: self._reach(known) for one, known in self._intervals.items()}
        return [one for one, end in ends.items() if self._from <= end <= (rank + 1 if self._passed[one] else rank)]


def _holds(leapt: Sequence[Interval], goal: date) -> bool:
    """Whether the last interval that a walk leapt over reaches down to its goal."""
    return bool(leapt) and leapt[-1].complete and leapt[-1].goal <= goal
