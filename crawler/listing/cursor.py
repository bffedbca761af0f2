"""Walking a listing by cursors: each answer names the next one, as APIs do.

What a cursor leads to follows on what named it, however much the listing grows meanwhile: *the chain is the proof*. The
cursor below the lowest entry is kept, and a later walk goes on there. It proves nothing, though, when it

* is refused, or leads to nothing: it has expired. Then the chain is followed again from the top;
* leads to what stands elsewhere: the server does not know it and shows its newest entries. The same;
* leads in a circle, or to what was shown already: then nobody can say how the listing goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import ClassVar

from crawler.listing.ending import Bottom, end
from crawler.listing.steps import JOIN, NEWEST, TAIL, Apart, Interval, Seen, Step, View

EMPTY = 20  # answers in a row without entries, each with a cursor: some APIs filter what they show
REPEATS = 2  # answers in a row that show nothing new, each with another cursor


@dataclass(slots=True, kw_only=True)
class CursorWalk:
    """A walk along a chain. `goal` and `sweep` are as in `crawler.listing.walk.Walk`, as are `current` and `began`.

    A chain has no place for a date: a date in the past is reached by walking down to it.
    """

    goal: date
    sweep: date | None = None
    current: int | None = None
    next: str | None = NEWEST
    began: datetime | None = None
    left: ClassVar[None] = None
    window: ClassVar[bool] = False
    skips: ClassVar[bool] = False
    _intervals: Mapping[int, Interval] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _met: set[str] = field(default_factory=set)
    _passed: Counter[int | None] = field(default_factory=Counter)
    _trail: tuple[Seen, ...] = ()  # the last entries that were met
    _last: tuple[str, ...] = ()  # keys of the last answer that had any
    _newest_at: datetime | None = None  # of all that was met
    _newest_day: date | None = None
    _top: str = ""
    _place: str = NEWEST  # of the last answer that had entries
    _resumed: Interval | None = None  # whose kept cursor was asked for
    _spare: str | None = None  # the cursor near the top, should the kept one prove nothing
    _sought: set[int] = field(default_factory=set)
    _inside: bool = False  # whether the walk is above the bottom of its interval
    _held: tuple[str, ...] = ()  # keys that wait for the next answer
    _foreign: int = 0  # entries in a row that no interval holds
    _empty: int = 0
    _repeats: int = 0

    def day_above(self, page: int) -> date | None:  # noqa: ARG002 - other kinds have pages
        """None: what stands above an answer is not known by a number."""
        return None

    def take(self, view: View, intervals: Mapping[int, Interval]) -> Step:
        """The step for one answer. `intervals`: the live intervals by walk_id, as they stand now."""
        self._intervals = intervals
        self.began = self.began or view.at
        self._asked.add(view.place)
        step = self._dispatch(view)
        self.next = step.next
        return step

    def _dispatch(self, view: View) -> Step:
        if self._resumed is not None:
            interval, self._resumed = self._resumed, None
            if self._proves_nothing(view, interval):
                return self._onward(Step(apart=_apart(view)), self._spare)
            self._inside = False
        if not view.entries:
            return self._blank(view)
        self._empty = 0
        return self._attach(view)

    def _proves_nothing(self, view: View, interval: Interval) -> bool:
        """Whether what a kept cursor leads to is not proven to stand below the interval."""
        ours = any(entry.interval == interval.walk_id or entry.key in self._met for entry in view.entries)
        return not view.entries or (ours and interval.bottom_key not in view.keys) or self._newer(view)

    # --- an answer of the chain

    def _attach(self, view: View) -> Step:
        fresh = [entry for entry in view.entries if entry.key not in self._met]
        self._repeats = 0 if fresh else self._repeats + 1
        if self._repeats >= REPEATS or self._leads_up(view):
            return self._circle("leads back to what stands above it", Step(apart=_apart(view)))
        self._top, self._last, self._place = self._top or view.keys[0], view.keys, view.place
        self._newest_at = max((at for at in (self._newest_at, *(entry.at for entry in fresh)) if at), default=None)
        self._newest_day = max(
            (day for day in (self._newest_day, *(entry.day for entry in fresh)) if day), default=None
        )
        self._passed.update(entry.interval for entry in fresh)
        self._met.update(view.keys)
        self._trail = (*self._trail, *fresh)[-JOIN:]
        home = self._home()
        beneath = self._beneath(view, home)
        new = [entry for entry in fresh if entry.interval is None]
        step = Step(
            attach=(*self._held, *(entry.key for entry in new)),
            bottom=(beneath[-1], view.page) if beneath else None,
            merge=home if home != self.current else None,
        )
        step, self._held = self._known(view, step, home), ()
        if home is not None or step.next is None or not self._amid(fresh):
            return step
        self._held = step.attach
        return Step(apart=Apart(tuple(new)) if new else None, next=step.next, swept=step.swept)

    def _amid(self, fresh: Sequence[Seen]) -> bool:
        """Whether new entries may stand within an older interval, of which an answer shows two entries in a row. Or
        these were moved up together, and do not stand there: the next answer tells.
        """
        others = [entry.interval for entry in fresh]
        return any(one == two and one not in {None, self.current} for one, two in pairwise(others))

    def _newer(self, view: View) -> bool:
        """Whether all of an answer is newer than all that was met before: it is the top again."""
        times = [entry.at for entry in view.entries if entry.at is not None]
        days = [entry.day for entry in view.entries if entry.day is not None]
        if self._newest_at is not None and len(times) == len(view.entries) and min(times) > self._newest_at:
            return True
        return self._newest_day is not None and len(days) == len(view.entries) and min(days) > self._newest_day

    def _leads_up(self, view: View) -> bool:
        """Whether an answer shows what stands above it: the top again, or more of the interval below its bottom."""
        if self._newer(view):
            return True
        ours = None if self.current is None else self._intervals.get(self.current)
        if ours is None or self._inside or ours.bottom_key in view.keys:
            return False
        own = [entry.interval == self.current and entry.key not in self._last for entry in view.entries]
        return any(one and two for one, two in pairwise(own)) or (all(own) and len(own) == 1)

    def _home(self) -> int | None:
        """The interval that holds the last entries that were met: coverage from an earlier run."""
        homes = {entry.interval for entry in self._trail}
        return homes.pop() if len(homes) == 1 and len(self._trail) == JOIN else None

    def _beneath(self, view: View, home: int | None) -> list[Seen]:
        """The new entries of an answer that stand below the bottom of the interval, or are its first.

        Where the bottom was deleted, some entries in a row that are not of the interval tell that it was passed.
        """
        ours = None if self.current is None else self._intervals.get(self.current)
        mine = {self.current, home} - {None}
        own = [place for place, entry in enumerate(view.entries) if entry.interval in mine]
        beneath = [entry for entry in view.entries[max(own, default=-1) + 1 :] if entry.interval is None]
        self._foreign = len(beneath) + (0 if own else self._foreign)
        if self._inside and ours is not None and (ours.bottom_key in view.keys or self._foreign >= TAIL):
            self._inside = False
        return [] if self._inside else beneath

    def _known(self, view: View, step: Step, home: int | None) -> Step:
        """Over known coverage, or on along the chain."""
        if self.sweep is not None and (view.older_than(self.sweep) or not view.last_days):
            self.sweep, step = None, replace(step, swept=True)
        known = self._intervals.get(home) if home is not None else None
        if known is not None and step.merge is not None:
            self._inside = known.bottom_key not in view.keys
        if known is None or self.sweep is not None or known.walk_id in self._sought:
            return self._down(view, step)
        if known.complete and known.goal <= self.goal:
            return replace(step, ended="joined", complete=True)
        if known.resume is None or known.resume in self._asked:
            return self._down(view, step)
        self._sought.add(known.walk_id)
        self._resumed, self._spare = known, view.cursor
        return replace(step, next=known.resume)

    def _down(self, view: View, step: Step) -> Step:
        resume = None if self._inside else view.cursor
        step = replace(step, resume=resume)
        if view.older_than(self.goal):
            return replace(step, ended="goal", complete=True, swept=step.swept or self.sweep is not None)
        return self._onward(step, None if view.end else view.cursor)

    # --- where the chain leads

    def _onward(self, step: Step, cursor: str | None) -> Step:
        if cursor is None:
            return self._ended(step, said=True)
        if cursor in self._asked:
            return self._circle(f"leads in a circle: {cursor[:80]!r} was asked for before", step)
        return replace(step, next=cursor)

    def _blank(self, view: View) -> Step:
        """An answer without entries is the end where it names no cursor, and the chain led to it."""
        if not self._met:
            if view.cursor is None or view.missing:
                return Step(cut="the first answer shows no entries", unrecognised=True)
        elif view.missing:
            return self._refused()
        self._empty += 1
        if self._empty > EMPTY:
            return Step(cut=f"{EMPTY} answers in a row show no entries", unrecognised=True)
        resume = None if self._inside else view.cursor
        return self._onward(Step(resume=resume), None if view.end else view.cursor)

    def _refused(self) -> Step:
        """The server has nothing where the chain leads: some show their newest entries only, and end so."""
        step = Step(resume=None if self._inside else self._place)
        return self._ended(step, said=False, offered="the cursor of the listing leads to nothing", rolls=True)

    def _circle(self, why: str, step: Step | None = None) -> Step:
        """The chain breaks off where the listing says that it goes on. The next run asks for the last answer again.

        Within known coverage that says nothing of the end.
        """
        why = f"the cursor of the listing {why}"
        if self._inside:
            return replace(step or Step(), cut=why)
        return self._ended(replace(step or Step(), resume=self._place), said=False, offered=why)

    def _ended(self, step: Step, *, said: bool, offered: str | None = None, rolls: bool = False) -> Step:
        if not self._last:
            return replace(step, cut=offered or "the listing shows no entries", unrecognised=True)
        bottom = Bottom(
            last=self._last,
            reached=self._met,
            top=self._top,
            offered=offered,
            said=said,
            passed=self._passed,
            sweeping=self.sweep is not None,
            deeper=step.bottom is not None,
        )
        if self.current is None and step.merge is None and not step.attach:
            step = replace(step, merge=self._trail[-1].interval)  # a listing of one entry, or of a few single ones
        here = end(bottom, self.current or step.merge, self._intervals if rolls else self._as_met(offered))
        return replace(
            step,
            ended=here.ended,
            complete=here.complete,
            cut=here.cut,
            swept=step.swept or here.swept,
            end=here.end,
            lost=here.lost,
        )

    def _as_met(self, offered: str | None) -> Mapping[int, Interval]:
        """The intervals; a contradicted end counts as met before only where it was this one."""
        ours = None if self.current is None else self._intervals.get(self.current)
        if offered is None or ours is None or ours.end_key in self._last:
            return self._intervals
        return {**self._intervals, ours.walk_id: replace(ours, end_kind=None)}


def _apart(view: View) -> Apart | None:
    """What an answer shows that does not stand where it should: a piece by itself."""
    return Apart(view.entries) if view.entries else None
