"""The end of a listing, and whether it is believed. For listings that lead from one answer to the next.

An end that the listing itself contradicts, or that stands above what was seen before, is believed when a second run
meets it: a broken answer in the middle looks the same.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from crawler.listing.steps import End, EndKind, Interval, Step


@dataclass(frozen=True, slots=True)
class Bottom:
    """Where a walk finds nothing further down.

    `last` are the keys of the last answer, `reached` those among which the bottom of an interval counts as met, `top`
    is the newest entry of the walk. `offered`: why the end contradicts the last answer; None where it does not. `said`:
    the site says that the listing ends here. `passed`: how many entries of each interval the walk has met. `sweeping`:
    whether it was reading known coverage again. `deeper`: whether the last answer went below the interval's bottom.
    """

    last: tuple[str, ...]
    reached: Collection[str]
    top: str
    offered: str | None
    said: bool
    passed: Mapping[int | None, int]
    sweeping: bool
    deeper: bool = False

    def here(self, kind: EndKind) -> End:
        """The end, known in that way."""
        return End(kind, self.last[-1], self.top)


def end(bottom: Bottom, current: int | None, intervals: Mapping[int, Interval]) -> Step:
    """The step of a walk in the interval `current` that finds nothing further down. None: one that begins with it."""
    ours = intervals.get(current) if current is not None and not bottom.deeper else None
    met = None if ours is None else ours.end_kind
    if bottom.offered is not None and met is None:
        return Step(ended="end", cut=bottom.offered, end=bottom.here("contradicted"))
    if ours is not None and ours.complete and _above(bottom, ours):
        # The listing has dropped what was read to its goal long ago.
        return Step(ended="joined", complete=True, swept=bottom.sweeping, end=bottom.here("open"))
    short = _above_others(bottom, current, intervals)
    short = short or (ours is not None and not ours.complete and _above(bottom, ours))  # it should reach deeper
    short = short or (ours is not None and ours.seen_below)
    if short and (ours is None or ours.ended != "end"):
        return Step(ended="end", cut="the listing ends above what was seen before", end=bottom.here("open"))
    known = bottom.here(_known_as(bottom, ours, short=short))
    return Step(ended="end", complete=True, swept=bottom.sweeping, end=known, lost=short)


def _known_as(bottom: Bottom, ours: Interval | None, *, short: bool) -> EndKind:
    """An end above what was seen before is no end, whatever the site says: it rolls."""
    if short:
        return "open"
    if bottom.said and bottom.offered is None:
        return "said"
    again = ours is not None and ours.end_key == bottom.last[-1] and ours.end_top_key != bottom.top
    return "seen" if again and ours is not None and ours.end_kind != "contradicted" else "open"


def _above_others(bottom: Bottom, current: int | None, intervals: Mapping[int, Interval]) -> bool:
    """Whether coverage from before ours should still come: less than half of it was met on the way."""
    older = [one for one in intervals.values() if one.kind == "head" and (current is None or one.walk_id < current)]
    return any(2 * bottom.passed.get(one.walk_id, 0) < one.entries for one in older)


def _above(bottom: Bottom, ours: Interval) -> bool:
    """Whether the end stands above the bottom of the interval: the listing has dropped that."""
    return ours.bottom_key is not None and ours.bottom_key not in bottom.reached
