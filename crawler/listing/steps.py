"""What a walk is told about a page (`View`, `Interval`) and what it answers (`Step`). See crawler/listing/walk.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Ended = Literal["goal", "joined", "end"]
EndKind = Literal["said", "seen", "open", "contradicted"]
"""How the end of a listing is known: the site says so; it is the very end that was seen before, with newer stories
above; the last page offers no older one; a page offered an older one that was not there.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry of a page, in listing order, as coverage knows it.

    `interval` is the live interval that holds it, `day` its local date where the page or the archive tells it.
    """

    key: str
    interval: int | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One page as the walk sees it: its number, its entries that are in order, and whether it offers an older page.

    No entries: the server has nothing there (404, or a listing without entries).
    """

    page: int
    entries: tuple[Seen, ...]
    offers_older: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The entries' keys, in order."""
        return tuple(entry.key for entry in self.entries)

    @property
    def last_days(self) -> tuple[date, ...]:
        """The days of the last two dated entries: two, since a single date may be a slip."""
        return tuple(entry.day for entry in self.entries if entry.day is not None)[-2:]

    def older_than(self, day: date) -> bool:
        """Whether the page ends below a local date. A page without dates never does."""
        return bool(self.last_days) and max(self.last_days) < day


@dataclass(frozen=True, slots=True)
class Interval:
    """A live interval of coverage with its number of `entries`. `goal` is the local date down to which it is
    meant to reach, `complete` says that it does, `ended` why. `end_kind`, `end_key` and `end_top_key` are of the end of
    the listing, where the interval reaches it: how it is known, the entry there, and the newest entry at that time.
    """

    walk_id: int
    kind: str
    goal: date
    complete: bool
    ended: str | None
    entries: int
    bottom_key: str | None = None
    end_kind: EndKind | None = None
    end_key: str | None = None
    end_top_key: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The end of the listing, as a walk met it: its last entry, the newest entry of the walk, and how it is known."""

    kind: EndKind
    key: str
    top_key: str


@dataclass(frozen=True, slots=True)
class Apart:
    """A piece of the listing below the interval, not joined to it. `below` is the first key of the nearest such piece
    that this walk met further down; None where it met none.
    """

    entries: tuple[Seen, ...]
    below: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What to write for one page, and where to go.

    `attach` are keys that now belong to the walk's interval, `bottom` its new lowest entry and page,
    `merge` an older interval that it is one piece with. `ended` says why the listing need not be walked further;
    `complete` that nothing is missing above; `cut` why the walk stops although something may be (the next run
    goes on). While neither is set the walk asks for `next_page`. `swept`: the newest days were read in full.

    `apart`: the page shows a piece of the listing below the interval that is not proven to follow on it. `end`: the
    walk met the end of the listing. `lost`: what should come below the interval is out of the listing's reach.
    """

    attach: tuple[str, ...] = ()
    bottom: tuple[Seen, int] | None = None
    merge: int | None = None
    ended: Ended | None = None
    complete: bool = False
    cut: str | None = None
    swept: bool = False
    next_page: int | None = None
    apart: Apart | None = None
    end: End | None = None
    lost: bool = False
