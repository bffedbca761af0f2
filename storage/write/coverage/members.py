"""The entries of a listing: which piece holds each, and its place there (the table `members`).

A place is a number that is smaller for newer entries. Between two places there is room for entries that come in later.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from storage.db.schema import articles, members

STEP: Final = 1 << 10  # between the places of two entries that follow on each other, for others that come in between

_MEMBERS = (
    select(articles.c.key, articles.c.article_id, members.c.walk_id, members.c.place)
    .outerjoin(
        members, (members.c.article_id == articles.c.article_id) & (members.c.listing == bindparam("of_listing"))
    )
    .where(articles.c.edition == bindparam("of_edition"), articles.c.key.in_(bindparam("keys", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Member:
    """An entry as the listing knows it: its article, the piece that holds it and its place there, None for none."""

    article_id: int
    walk_id: int | None
    place: int | None


@dataclass(frozen=True, slots=True)
class Put:
    """Where a run of entries stands in a piece: how many of them are `new`, the numbers of those that the piece holds
    by now (`ours`), and the first and the last of those that it held before, None where it held none.
    """

    new: int
    ours: Sequence[int]
    first: int | None
    last: int | None


@dataclass(slots=True)
class Members:
    """The entries of one listing, within one transaction. `days`: under which local days the listing shows them."""

    connection: Connection
    edition: str
    listing: str
    days: Mapping[str, date] = field(default_factory=dict)
    _known: dict[str, Member] = field(default_factory=dict)

    def look_up(self, keys: Sequence[str]) -> None:
        """Reads what is known of entries: the other methods ask for nothing else."""
        given = {"of_edition": self.edition, "of_listing": self.listing, "keys": list(keys)}
        self._known |= {row.key: Member(*row[1:]) for row in self.connection.execute(_MEMBERS, given)}

    def holder(self, key: str) -> int | None:
        """The piece that holds an entry."""
        if key not in self._known:
            self.look_up([key])
        return self._known[key].walk_id if key in self._known else None

    def place(self, key: str) -> int | None:
        """The place of an entry in its piece."""
        return self._known[key].place

    def in_order(self, walk_id: int, keys: Sequence[str]) -> list[int]:
        """The numbers of the entries of a piece that stand among `keys` in the order of the piece."""
        found = [(number, self._known[key].place) for number, key in enumerate(keys) if self.holder(key) == walk_id]
        return longest_rising([(number, place) for number, place in found if place is not None])

    def put(self, walk_id: int, run: Sequence[str], *, listed: bool, at_top: bool) -> Put | None:
        """Gives the new entries of a run their places in a piece, by those of the run that it holds already. Where it
        holds none, they stand above all of it (`at_top`) or below. None where there is none to place.

        `listed`: the piece is an interval, and the articles say so.
        """
        fresh = [number for number, key in enumerate(run) if self.holder(key) is None]
        held = [number for number, key in enumerate(run) if self.holder(key) == walk_id]
        unplaced = [number for number in held if self._known[run[number]].place is None]
        if not fresh and not unplaced:
            return None
        anchors = [(number, self._known[run[number]].place or 0) for number in self.in_order(walk_id, run)]
        places = self._places(walk_id, len(run), anchors) if anchors else self._outside(walk_id, len(run), at_top)
        if fresh:
            self._enter(walk_id, {run[number]: places[number] for number in fresh}, listed=listed)
        for number in unplaced:
            self.move(run[number], places[number])
        ours = sorted([*fresh, *unplaced, *(number for number, _ in anchors)])
        return Put(len(fresh), ours, anchors[0][0] if anchors else None, anchors[-1][0] if anchors else None)

    def move(self, key: str, place: int | None) -> None:
        """Gives an entry another place."""
        member = self._known[key]
        this = (members.c.article_id == member.article_id) & (members.c.listing == self.listing)
        self.connection.execute(update(members).where(this).values(place=place))
        self._known[key] = replace(member, place=place)

    def shift(self, part: int, root: int, *, below: bool) -> None:
        """Gives all entries of a piece places above or below those of another one."""
        (first, last), (top, bottom) = self._extent(part), self._extent(root)
        if first is None or last is None or top is None or bottom is None:
            return
        by = bottom + STEP - first if below else top - STEP - last
        self.connection.execute(update(members).where(members.c.walk_id == part).values(place=members.c.place + by))
        for key, member in self._known.items():
            if member.walk_id == part and member.place is not None:
                self._known[key] = replace(member, place=member.place + by)

    def spread(self, keys: Sequence[str], above: int | None, below: int | None) -> None:
        """Gives entries places between two others, of which one may be missing. Both are: nobody knows the places."""
        room = STEP * (len(keys) + 1)
        first = below - room if above is None and below is not None else above
        last = above + room if below is None and above is not None else below
        self.look_up(keys)
        for number, key in enumerate(keys, 1):
            known = first is not None and last is not None
            self.move(key, (first or 0) + ((last or 0) - (first or 0)) * number // (len(keys) + 1) if known else None)

    def give(self, walk_id: int, root: int, *, listed: bool) -> None:
        """All entries of a piece are another one's from now on."""
        if listed:
            ids = select(members.c.article_id).where(members.c.walk_id == walk_id)
            self.connection.execute(update(articles).where(articles.c.article_id.in_(ids)).values(walk_id=root))
        self.connection.execute(update(members).where(members.c.walk_id == walk_id).values(walk_id=root))
        for key, member in self._known.items():
            if member.walk_id == walk_id:
                self._known[key] = replace(member, walk_id=root)

    def count_below(self, walk_id: int, place: int) -> int:
        """How many entries a piece has below a place."""
        this = (members.c.walk_id == walk_id) & (members.c.place > place)
        return int(self.connection.execute(select(func.count()).where(this)).scalar_one())

    def _places(self, walk_id: int, count: int, anchors: Sequence[tuple[int, int]]) -> Sequence[int]:
        """A place for each entry of a run: those between two that are known share what is free, others stand
        outside.
        """
        places = [0] * count
        first, top = anchors[0]
        above = self._neighbour(walk_id, top, above=True)
        _share(places, (-1, top - STEP * (first + 1) if above is None else above), anchors[0])
        for one, other in pairwise(anchors):
            _share(places, one, other)
        final, bottom = anchors[-1]
        beneath = self._neighbour(walk_id, bottom, above=False)
        _share(places, anchors[-1], (count, bottom + STEP * (count - final) if beneath is None else beneath))
        return places

    def _neighbour(self, walk_id: int, place: int, *, above: bool) -> int | None:
        column = members.c.place
        query = select(func.max(column) if above else func.min(column)).where(members.c.walk_id == walk_id)
        found = self.connection.execute(query.where(column < place if above else column > place)).scalar()
        return None if found is None else int(found)

    def _outside(self, walk_id: int, count: int, at_top: bool) -> Sequence[int]:  # noqa: FBT001 - as in `put`
        first, last = self._extent(walk_id)
        start = (first or 0) - STEP * (count + 1) if at_top else (last or 0)
        return [start + STEP * (number + 1) for number in range(count)]

    def _extent(self, walk_id: int) -> tuple[int | None, int | None]:
        query = select(func.min(members.c.place), func.max(members.c.place)).where(members.c.walk_id == walk_id)
        first, last = self.connection.execute(query).one()
        return first, last

    def _enter(self, walk_id: int, places: Mapping[str, int], *, listed: bool) -> None:
        ids = {key: self._known[key].article_id for key in places}
        days = {key: self.days[key].isoformat() if key in self.days else None for key in places}
        ours = {"listing": self.listing, "walk_id": walk_id}
        rows = [{"article_id": ids[key], "place": place, "day": days[key], **ours} for key, place in places.items()]
        self.connection.execute(insert(members), rows)
        self._known |= {key: Member(ids[key], walk_id, place) for key, place in places.items()}
        if listed:
            these = articles.c.article_id.in_(ids.values())
            self.connection.execute(update(articles).where(these).values(walk_id=walk_id))


def longest_rising(found: Sequence[tuple[int, int]]) -> list[int]:
    """The first items of the longest run of pairs whose second items rise.

    >>> longest_rising([(0, 90), (1, 10), (2, 20), (3, 15), (4, 30)])
    [1, 3, 4]
    """
    ends: list[int] = []  # the pair with which the best run of each length ends
    before: dict[int, int | None] = {}
    for index, (_, value) in enumerate(found):
        length = bisect_left(ends, value, key=lambda end: found[end][1])
        before[index] = ends[length - 1] if length else None
        ends[length : length + 1] = [index]
    run: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        run.append(found[last][0])
        last = before[last]
    return run[::-1]


def _share(places: list[int], one: tuple[int, int], other: tuple[int, int]) -> None:
    """Gives the entries of a run from one number and place to another what is between these places."""
    (first, upper), (last, lower) = one, other
    for number in range(max(first, 0), min(last, len(places) - 1) + 1):
        places[number] = upper + (lower - upper) * (number - first) // (last - first)
