"""Reading a listing that is a window: a feed or a news sitemap shows its newest entries, and nothing leads further.

* Two entries in a row that were known prove that nothing was passed over, if they stand where they stood: in the order
  of the listing, and below hardly any that is missing. One that was bumped, pinned or promoted proves nothing;
* without such an overlap, what lies between is *lost* at once: no later answer can show it;
* below the first window nothing is known, and the listing has no end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise
from typing import ClassVar

from crawler.listing.steps import JOIN, NEWEST, End, Interval, Seen, Step, View


@dataclass(slots=True, kw_only=True)
class FeedWalk:
    """A walk of one answer. `goal`, `current` and `began` are as in `crawler.listing.walk.Walk`."""

    goal: date
    current: int | None = None
    next: str | None = NEWEST
    began: datetime | None = None
    sweep: ClassVar[None] = None
    left: ClassVar[None] = None
    window: ClassVar[bool] = False
    skips: ClassVar[bool] = False

    def day_above(self, page: int) -> date | None:  # noqa: ARG002 - other kinds have pages
        """None: nothing stands above."""
        return None

    def take(self, view: View, intervals: Mapping[int, Interval]) -> Step:
        """The step for the answer. `intervals`: the live intervals by walk_id, as they stand now."""
        self.began, self.next = view.at, None
        if not view.entries:
            return Step(cut="the listing shows no entries", unrecognised=True)
        shown = replace(view, entries=in_order(view.entries))
        homes = _homes(shown.entries, intervals)
        return self._ended(shown, self._step(shown, homes), homes, intervals)

    @staticmethod
    def _step(view: View, homes: Sequence[Interval]) -> Step:
        known = max((place for place, entry in enumerate(view.entries) if entry.interval is not None), default=-1)
        beneath = view.entries[known + 1 :]
        return Step(
            attach=tuple(entry.key for entry in view.entries if entry.interval is None),
            bottom=(beneath[-1], view.page) if beneath else None,
            merge=homes[0].walk_id if homes else None,
            then=tuple(home.walk_id for home in homes[1:]),
            swept=True,
        )

    def _ended(self, view: View, step: Step, homes: Sequence[Interval], intervals: Mapping[int, Interval]) -> Step:
        if homes and step.bottom is None and homes[-1].complete and homes[-1].goal <= self.goal:
            return replace(step, ended="joined", complete=True)
        lost = any(one.kind == "head" and one not in homes for one in intervals.values())
        if view.older_than(self.goal):
            return replace(step, ended="goal", complete=True, lost=lost)
        bottom = view.keys[-1] if step.bottom or not homes else homes[-1].bottom_key or view.keys[-1]
        return replace(step, ended="end", complete=True, end=End("open", bottom, view.keys[0]), lost=lost)


def in_order(entries: Sequence[Seen]) -> tuple[Seen, ...]:
    """The entries that stand in the order of the listing, newest first: as many as possible, none that was moved.

    Where the listing prints no time, an entry stands where it stands.
    """
    staying = [entry for entry in entries if not entry.moved]
    dated = [entry for entry in staying if entry.at is not None]
    falling = {entry.key for entry in _falling(dated)}
    return tuple(entry for entry in staying if entry.at is None or entry.key in falling) or tuple(entries[:1])


def _falling(entries: Sequence[Seen]) -> list[Seen]:
    """The longest row of entries of which none is newer than the one before it."""
    ends: list[float] = []  # of the rows of each length, the least old end there is
    last: list[int] = []
    above: list[int | None] = []
    for place, entry in enumerate(entries):
        age = -entry.at.timestamp() if entry.at is not None else 0.0
        length = bisect_right(ends, age)
        ends[length : length + 1], last[length : length + 1] = [age], [place]
        above.append(last[length - 1] if length else None)
    row: list[Seen] = []
    here = last[-1] if last else None
    while here is not None:
        row.append(entries[here])
        here = above[here]
    return row[::-1]


def _homes(entries: Sequence[Seen], intervals: Mapping[int, Interval]) -> list[Interval]:
    """The intervals that the window goes on from, the uppermost first."""
    met = dict.fromkeys(entry.interval for entry in entries if entry.interval is not None)
    return [intervals[one] for one in met if one in intervals and _overlaps(entries, intervals[one])]


def _overlaps(entries: Sequence[Seen], known: Interval) -> bool:
    """Whether a window shows an interval where it stood."""
    own = [entry.interval == known.walk_id for entry in entries]
    if known.entries < JOIN:
        return sum(own) == known.entries
    rank = {key: place for place, key in enumerate(known.newest)}
    shown = {entry.key for entry in entries}
    below = sum(own)
    for place, (one, two) in enumerate(pairwise(own)):
        if one and two and _in_row(entries[place], entries[place + 1], rank):
            depth = rank.get(entries[place].key, len(known.newest))
            missing = sum(key not in shown for key in known.newest[:depth])
            if 2 * missing < below:
                return True
        below -= one
    return False


def _in_row(one: Seen, two: Seen, rank: Mapping[str, int]) -> bool:
    return rank.get(one.key, len(rank)) <= rank.get(two.key, len(rank))
