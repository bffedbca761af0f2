"""The walk for each kind of listing. docs/listings.md says what each of them believes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from crawler.errors import ArgumentError
from crawler.listing.cursor import CursorWalk
from crawler.listing.days import DaysWalk
from crawler.listing.feed import FeedWalk
from crawler.listing.sitemap import SitemapWalk
from crawler.listing.steps import Interval, Step, View
from crawler.listing.walk import Walk

if TYPE_CHECKING:
    from crawler.sites.base import Listing


class ListingWalk(Protocol):
    """A walk through a listing of any kind, an answer at a time.

    `goal` is the local date to reach, `sweep` the one down to which known coverage is read again, None where the walk
    leaps over it. `next` is the place to ask for, None when the walk is over.

    `current` is the interval being extended: whoever writes the steps sets it. A walk that skips sets it to None where
    it leaves the interval `left`; the next one begins right below that. `skips`: the walk wants to be told of a place
    that could not be read (`View.problem`).

    `began`: when the answer came that showed the newest entries. None before that, and where the walk began at a date,
    of which `window` tells.
    """

    goal: date
    current: int | None
    began: datetime | None

    @property
    def sweep(self) -> date | None: ...

    @property
    def left(self) -> int | None: ...

    @property
    def next(self) -> str | None: ...

    @property
    def window(self) -> bool: ...

    @property
    def skips(self) -> bool: ...

    def day_above(self, page: int) -> date | None:
        """The local day in which a page begins, where the page above it was the last one read and tells."""
        ...

    def take(self, view: View, intervals: Mapping[int, Interval]) -> Step:
        """The step for one answer. `intervals`: the live intervals of this listing by walk_id, as they stand now."""
        ...


def begin(
    listing: Listing, goal: date, *, today: date, zone: ZoneInfo, sweep: date | None = None, until: date | None = None
) -> ListingWalk:
    """A walk down to the local date `goal`, from the newest entries or from the local date `until`.

    `sweep`: read what is known again down to this date; days and sitemaps that are over are never read again. Raises
    ArgumentError where all is asked for of a listing by days whose first day nobody named.
    """
    match listing.kind:
        case "pages" | "wordpress":
            return Walk(goal, sweep=sweep, until=until)
        case "days":
            if goal == date.min and listing.begins is None:
                raise ArgumentError(
                    f"listing {listing.name!r} has no first day, so it cannot be read in full: "
                    "add begins = 2020-01-01 to it in the site file, or name a date (since=2020-01-01)"
                )
            return DaysWalk(goal=goal, zone=zone, today=today, begins=listing.begins, until=until)
        case "cursor":
            return CursorWalk(goal=goal, sweep=sweep)
        case "feed":
            return FeedWalk(goal=goal)
        case "sitemap":
            return SitemapWalk(goal=goal, zone=zone, until=until)
