"""What a walk is told about an answer (`View`, `Interval`) and what it says to it (`Step`). See docs/listings.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

NEWEST: Final = ""
"""The place where the newest entries are: the listing's own address."""

TAIL: Final = 3
"""Entries at the end of an answer that prove an overlap: one or two may have been deleted meanwhile."""

JOIN: Final = 2
"""Entries in a row that prove that older coverage is reached: the agency may have moved a single one up."""

Ended = Literal["goal", "joined", "end"]
EndKind = Literal["said", "seen", "open", "contradicted"]
"""How the end of a listing is known: the site says so; it is the very end that was seen before, with newer stories
above; the last page offers no older one; a page offered an older one that was not there.
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry of a page, in listing order, as coverage knows it.

    `interval` is the live interval that holds it, `day` its local date where the page or the archive tells it. `at` is
    the time that the listing gives, aware UTC. `moved`: the entry does not stand where it stood; its time is not that
    with which the listing first showed it, or it was shown before and no interval took it.
    """

    key: str
    interval: int | None = None
    day: date | None = None
    at: datetime | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One answer as the walk sees it: its entries that are in order, and whether it offers older ones.

    `page` is the number of the answer in its walk, for listings by pages that of the page. `place` is where it stands
    in the listing: `NEWEST`, ``3`` (a page), ``2026-03-05`` or ``2026-03-05 2`` (the second page of a day), a cursor,
    the address of a sitemap. `cursor` is the next place of a chain, `places` are the sitemaps that an index names,
    newest first. `end`: the site says that the listing ends here. `at` is when the answer came, aware UTC.

    No entries: the server has nothing there. `missing`: it said so itself (404), where otherwise a listing without
    entries came. `problem`: why the place could not be read at all; only a walk that `skips` is told.
    """

    page: int
    entries: tuple[Seen, ...]
    offers_older: bool = False
    place: str = NEWEST
    cursor: str | None = None
    end: bool = False
    places: tuple[str, ...] = ()
    missing: bool = False
    at: datetime | None = None
    problem: str | None = None

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

    `resume` is the place at which a walk goes on below the interval; None where only its entries tell. `whole` is the
    newest place (a day, a sitemap) that was read after it was over: from there down to `resume` nothing is read again.
    `bottom_day` is the local date of its lowest entry, `newest` are the keys of its newest entries, newest first.
    `seen_below`: entries were seen below it that are not joined to it yet.
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
    resume: str | None = None
    whole: str | None = None
    bottom_day: date | None = None
    newest: tuple[str, ...] = ()
    seen_below: bool = False


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
    """What to write for one answer, and where to go.

    `attach` are keys that now belong to the walk's interval, `bottom` its new lowest entry and the page of that,
    `merge` an older interval that it is one piece with, `then` further ones below that. `ended` says why the listing
    need not be walked further; `complete` that nothing is missing above; `cut` why the walk stops although something
    may be (the next run goes on). Both are set where the end was reached and a place above it could not be read.
    While neither is set the walk asks for `next`. `swept`: the newest days were read in full. `unrecognised`: what came
    does not look like this listing.

    `run`: keys that follow on each other without a hole and belong to the interval: those of the answer, and some of
    those above it. `apart`: the answer shows a piece of the listing below the interval that is not proven to follow on
    it. `end`: the walk met the end of the listing. `lost`: what should come below the interval is out of the listing's
    reach.

    `bottom`, `resume` and `whole` are the interval's new ones, None where they stay. They hold after `merge`, by which
    the interval has the bottom and the `resume` of the lower one, and its `whole` where it has none of its own. A walk
    may meet an interval by its places, without an entry of it: that one then stands below what is attached.
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
    next: str | None = None
    then: tuple[int, ...] = ()
    resume: str | None = None
    whole: str | None = None
    unrecognised: bool = False
    run: tuple[str, ...] = ()
