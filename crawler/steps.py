"""What a walk is told about a page (`View`, `Interval`) and what it answers (`Step`). See crawler/walk.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Ended = Literal["goal", "joined", "end"]


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
    """One page as the walk sees it: its number and its entries that are in order.

    No entries: the server has nothing there (404, or a listing without entries).
    """

    page: int
    entries: tuple[Seen, ...]

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
    meant to reach, `complete` says that it does, `ended` why.
    """

    walk_id: int
    kind: str
    goal: date
    complete: bool
    ended: str | None
    entries: int


@dataclass(frozen=True, slots=True)
class Step:
    """What to write for one page, and where to go.

    `attach` are keys that now belong to the walk's interval, `bottom` its new lowest entry and page,
    `merge` an older interval that it is one piece with. `ended` says why the listing need not be walked further;
    `complete` that nothing is missing above; `cut` why the walk stops although something may be (the next run
    goes on). While neither is set the walk asks for `next_page`. `swept`: the newest days were read in full.
    """

    attach: tuple[str, ...] = ()
    bottom: tuple[Seen, int] | None = None
    merge: int | None = None
    ended: Ended | None = None
    complete: bool = False
    cut: str | None = None
    swept: bool = False
    next_page: int | None = None
