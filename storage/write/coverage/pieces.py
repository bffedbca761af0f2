"""The pieces of a listing and the gaps between them, kept in the transaction of each listing page.

A live row of `walks` is a piece, its entries are rows of `members`, and an unfilled row of `gaps` is what lies below it
(crawler/listing/line.py has the rules). What a page shows is put in its place by the entries around it that are known;
where there are none it becomes a piece of its own, which stands where its times or the number of its page say.

A gap is *lost* when the listing no longer reaches it. Its row is sealed then and stays as it is for ever; what fills a
part of it makes new rows of the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select, update

from crawler.dates import from_utc_text, local_day, utc_text
from crawler.listing.line import Line, Piece
from storage.db.schema import walks
from storage.write.coverage.borders import Borders
from storage.write.coverage.edges import Edges
from storage.write.coverage.gaps import GapRow, Gaps
from storage.write.coverage.intervals import as_of
from storage.write.coverage.members import Members
from storage.write.coverage.moments import moments

DELETED: Final = 2  # entries at the bottom of an interval that may have been deleted meanwhile
_NEAR: Final = 40  # entries at each edge of a piece among which a place by time is looked for
_SURE: Final = 3  # entries with a known time that tell how far down a piece reaches

NO_END: Final = {
    "end_kind": None, "end_key": None, "end_top_key": None, "end_crawl_id": None, "end_runs": 0,
}  # fmt: skip
OF_THE_BOTTOM: Final = ("bottom_key", "bottom_page", "bottom_day", "complete", "ended", "goal", *NO_END)


@dataclass(slots=True)
class Pieces:
    """The pieces of one listing, within one transaction. Nothing is written of their order and gaps before `save`.

    `at_top`: what is read is the first page of the listing.
    """

    connection: Connection
    edition: str
    crawl_id: int | None
    zone: ZoneInfo
    now: datetime
    listing: str = "pages"
    at_top: bool = False
    rows: dict[int, Mapping[str, Any]] = field(init=False)
    line: Line = field(init=False)
    edges: Edges = field(init=False)
    members: Members = field(init=False)
    gaps: Gaps = field(init=False)
    borders: Borders = field(init=False)
    _changed: set[int] = field(default_factory=set)
    _joined: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        this = (walks.c.edition == self.edition) & (walks.c.listing == self.listing) & walks.c.merged_into.is_(None)
        query = select(walks).where(this).order_by(walks.c.position.desc(), walks.c.walk_id.desc())
        found = self.connection.execute(query).mappings().all()
        self.rows = {row["walk_id"]: as_of(row, self.now, self.zone) for row in found}
        self.edges = Edges(self.connection, self.edition, self.zone)
        self.members = Members(self.connection, self.edition, self.listing)
        self.gaps = Gaps(self.connection, self.edition, self.listing, self.crawl_id, self.now)
        self.line = Line([self._piece(row) for row in self.rows.values()])
        self.borders = Borders(self.line, self.rows, self.edges, self.gaps)

    @staticmethod
    def _piece(row: Mapping[str, Any]) -> Piece:
        return Piece(row["walk_id"], row["kind"], date.fromisoformat(row["goal"]), bool(row["complete"]))

    # --- what a page shows

    def look_up(self, keys: Sequence[str]) -> dict[str, int]:
        """Key -> interval, of the entries that an interval holds. Those of pieces apart are nobody's yet."""
        self.members.look_up(keys)
        held = {key: self.members.holder(key) for key in keys}
        return {key: one for key, one in held.items() if one is not None and self.rows[one]["kind"] != "apart"}

    def read(self, keys: Sequence[str], near: Collection[int] = ()) -> int | None:
        """Entries that a page shows one below the other, newest first, with nothing said of what is above and below it.

        They join the pieces of which the page shows two entries or more. Where it shows none, they become a piece by
        itself below the pieces in `near`. Returns the lowest piece that the page shows.
        """
        known = self._anchors(keys)
        if not known:
            fresh = [key for key in keys if self.members.holder(key) is None]
            return self._set_apart(fresh, near) if fresh else None
        groups = self._groups(keys, known)
        for (one, _), (other, _) in pairwise(groups):
            self._follow(one, other)
        for walk_id, part in self._groups(keys, self._anchors(keys)):
            if self.line.pieces[self.line.index(walk_id)].gap is not None or self._inside(walk_id, part):
                self._put(walk_id, part)
        return self.members.holder(keys[max(known)])

    def take_in(self, keys: Sequence[str]) -> None:
        """Entries one below the other that came from elsewhere, from an import or another listing: they fill what they
        show of the gaps. Of what lies outside of them nothing is said.
        """
        if not keys or not self.borders.stored:
            return
        self.look_up(keys)
        index = self.place_of(keys)
        if self._anchors(keys) or (index and self.line.pieces[index - 1].gap is not None):
            self.read(keys)
            self.save()

    def _follow(self, one: int, other: int) -> None:
        """A page goes on from one piece to another. Nobody asked for what is apart below a goal that was reached."""
        order = [piece.walk_id for piece in self.line]
        if one not in order or other not in order or order.index(one) > order.index(other):
            return
        if self.line.pieces[self.line.index(one)].gap is not None:
            self.join(one, other)

    def attach(self, walk_id: int, run: Sequence[str], met: Collection[str]) -> int:
        """A page follows on an interval. `run` are the entries that it shows, with some of those above them; `met` is
        all that the walk met on its way in one piece. Returns the interval, which may be part of another one by now.
        """
        near = {self.members.holder(key) for key in run} - {None, walk_id}
        for other in [piece.walk_id for piece in self.line if piece.walk_id in near]:
            if other in self.rows:  # not swallowed by now
                walk_id = self._take_over(walk_id, other, met)
        self._put(walk_id, run)
        for other in [piece.walk_id for piece in self.line if piece.walk_id in near and piece.walk_id != walk_id]:
            if self._came_past(walk_id, other, run):
                self.absorb(other, walk_id)
        return walk_id

    def _came_past(self, walk_id: int, other: int, run: Sequence[str]) -> bool:
        """Whether a run of an interval shows an entry of another piece where it belongs by its time, and goes on
        below all of that piece.
        """
        span = self.edges.span(other)
        known = moments(self.connection, self.edition, run, self.zone)
        shown = max((number for number, key in enumerate(run) if self.members.holder(key) == other), default=None)
        if shown is None or span is None or (at := known.get(run[shown])) is None:
            return False
        above = [known[key] for key in run[:shown] if key in known and self.members.holder(key) == walk_id]
        below = [known[key] for key in run[shown + 1 :] if key in known and self.members.holder(key) == walk_id]
        return bool(above) and above[-1] > at and bool(below) and below[0] < span.oldest

    def _take_over(self, walk_id: int, other: int, met: Collection[str]) -> int:
        """A walk that met all of a piece came past it. Of one that is apart two entries will do: the rest follows."""
        row = self.rows[other]
        if row["kind"] != "apart" and row["entries"] > len(met):
            return walk_id
        keys = self.edges.all(other)
        count = sum(key in met for key in keys)
        taken = count == len(keys) or (row["kind"] == "apart" and count > 1)
        return self.join(walk_id, other) if taken else walk_id

    def _anchors(self, keys: Sequence[str]) -> dict[int, int]:
        """Place on the page -> piece, of the known entries that count: two of a piece, in its order. A single one may
        have been moved up.
        """
        anchors: dict[int, int] = {}
        for walk_id in {self.members.holder(key) for key in keys}:
            ours = [] if walk_id is None else self.members.in_order(walk_id, keys)
            if walk_id is not None and len(ours) > 1:
                anchors |= dict.fromkeys(ours, walk_id)
        return dict(sorted(anchors.items()))

    @staticmethod
    def _groups(keys: Sequence[str], known: Mapping[int, int]) -> list[tuple[int, list[str]]]:
        """The page as runs of one piece each, with the new entries next to it: those between two runs belong to
        both.
        """
        groups: list[tuple[int, list[str]]] = []
        owner = next(iter(known.values()), None)
        for number, key in enumerate(keys):
            owner = known.get(number, owner)
            if owner is None:
                continue
            if not groups or groups[-1][0] != owner:
                groups.append((owner, []))
            groups[-1][1].append(key)
        return groups

    def _inside(self, walk_id: int, part: Sequence[str]) -> bool:
        return self.members.holder(part[-1]) == walk_id

    def _put(self, walk_id: int, run: Sequence[str]) -> None:
        """Makes the new entries of a run members of a piece. It may go on above its newest entry and below its
        oldest.
        """
        row = self.rows[walk_id]
        put = self.members.put(walk_id, run, listed=row["kind"] != "apart", at_top=self.at_top)
        if put is None:
            return
        values: dict[str, Any] = {"entries": row["entries"] + put.new}
        if put.first is not None and run[put.first] == row["top_key"]:
            values["top_key"] = run[put.ours[0]]
        if put.last is not None and run[put.last] == row["bottom_key"]:
            values["bottom_key"] = run[put.ours[-1]]
        self._set(walk_id, **values)
        self._changed.add(walk_id)

    # --- pieces

    def above(self, keys: Sequence[str], near: Collection[int]) -> int:
        """Where a piece stands that begins with these entries: above the piece apart that has them already."""
        self.look_up(keys)
        held = {self.members.holder(key) for key in keys} - {None}
        places = [index for index, piece in enumerate(self.line) if piece.walk_id in held and piece.kind == "apart"]
        return min(places) if places else self.place_of(keys, near) or 0

    def open(self, kind: str, goal: date, keys: Sequence[str], index: int) -> int:
        """A new piece at a place of the line, without entries yet."""
        values = {
            "crawl_id": self.crawl_id,
            "edition": self.edition,
            "listing": self.listing,
            "kind": kind,
            "goal": goal.isoformat(),
            "started_at": utc_text(self.now),
            "updated_at": utc_text(self.now),
            "top_key": keys[0],
        }
        found = self.connection.execute(insert(walks).values(values)).inserted_primary_key
        walk_id = int(found[0]) if found else 0
        row = self.connection.execute(select(walks).where(walks.c.walk_id == walk_id)).mappings().one()
        self.rows[walk_id] = as_of(row, self.now, self.zone)
        self.line.insert(self._piece(self.rows[walk_id]), index)
        self._changed.add(walk_id)
        return walk_id

    def _set_apart(self, keys: Sequence[str], near: Collection[int]) -> int | None:
        index = self.place_of(keys, near)
        if index is None:
            return None
        goal = self.line.pieces[index - 1].goal if index else local_day(self.now, self.zone)
        walk_id = self.open("apart", goal, keys, index)
        self._put(walk_id, list(keys))
        self._set(walk_id, bottom_key=keys[-1])
        return walk_id

    def place_of(self, keys: Sequence[str], near: Collection[int] = ()) -> int | None:
        """Where a piece with these entries stands in the line: by their times, else below the pieces in `near`. None
        where another piece holds all that came out at that time.
        """
        order = self.line.pieces
        first, last, times = 0, len(order), self.edges.times(keys)
        middle = sorted(times)[len(times) // 2] if times else ""
        for index, piece in enumerate(order if times else ()):
            span = self.edges.span(piece.walk_id)
            if span is None:
                continue
            if span.bottom <= middle <= span.top:
                return None
            first, last = (index + 1, last) if span.bottom > middle else (first, min(last, index))
        below = max((index + 1 for index, piece in enumerate(order) if piece.walk_id in near), default=last)
        return max(first, min(below, last))

    def join(self, upper: int, lower: int, passed: Collection[int] = ()) -> int:
        """Two pieces follow on each other without a hole. Returns the one that they are now. Which one is above the
        other is known from the order of the line, but of a piece apart, which the upper one has come to.
        """
        if self.line.index(lower) < self.line.index(upper) and self.rows[lower]["kind"] != "apart":
            upper, lower = lower, upper
        one, other = self.rows[upper], self.rows[lower]
        bottom = self._bottom_of(one, other)
        swallowed = self.line.join(upper, lower, passed)
        root = self._root(one, other)
        part = lower if root == upper else upper
        self.members.shift(part, root, below=part == lower)
        self.line.pieces[self.line.index(upper)].walk_id = root
        heads = [row["kind"] for row in (one, other) if row["kind"] != "apart"]
        self._set(
            root,
            kind="head" if "head" in heads else next(iter(heads), "apart"),
            top_key=one["top_key"],
            pages=one["pages"] + other["pages"],
            entries=one["entries"] + other["entries"],
            read_at=max(filter(None, (one["read_at"], other["read_at"])), default=None),
            **({name: bottom[name] for name in OF_THE_BOTTOM} | _deeper_goal(one, other, bottom)),
        )
        self._merge_into(part, root)
        for walk_id in swallowed:
            self._swallow(walk_id, root)
        return root

    @staticmethod
    def _root(one: Mapping[str, Any], other: Mapping[str, Any]) -> int:
        """The interval that stays: the older one, which is the larger one as a rule. A piece apart never does."""
        both = sorted((one, other), key=lambda row: (row["kind"] == "apart", row["walk_id"]))
        return int(both[0]["walk_id"])

    def _bottom_of(self, upper: Mapping[str, Any], lower: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is known of the bottom of both: that of the lower one, but a piece apart knows nothing of a goal."""
        if lower["kind"] != "apart" or upper["kind"] == "apart":
            return lower
        last = lower["bottom_key"] or lower["top_key"]
        at = self.edges.times([last])
        day = local_day(from_utc_text(at[0]), self.zone).isoformat() if at else None
        return {**upper, "bottom_key": last, "bottom_day": day, "complete": 0, "ended": None, **NO_END}

    def _swallow(self, walk_id: int, root: int) -> None:
        """A piece that lies within another one: its entries get places there by their times."""
        keys = self.edges.top(walk_id, self.rows[walk_id]["entries"] + 1)
        times = self.edges.times(keys)
        self.members.spread(keys, *(self._around(root, min(times)) if times else (None, None)))
        self._merge_into(walk_id, root)

    def _around(self, walk_id: int, at: str) -> tuple[int | None, int | None]:
        """The places in a piece between which something of that time stands, near its edges."""
        keys = [*self.edges.top(walk_id, _NEAR), *reversed(self.edges.bottom(walk_id, _NEAR))]
        self.members.look_up(keys)
        known = moments(self.connection, self.edition, keys, self.zone)
        places = [(self.members.place(key) or 0, known[key] > at) for key in dict.fromkeys(keys) if key in known]
        above = [place for place, newer in places if newer]
        below = [place for place, newer in places if not newer and (not above or place > max(above))]
        return max(above, default=None), min(below, default=None)

    def _merge_into(self, walk_id: int, root: int) -> None:
        self.members.give(walk_id, root, listed=self.rows[root]["kind"] != "apart")
        self._set(walk_id, merged_into=root)
        del self.rows[walk_id]
        self._joined = {one: root if into == walk_id else into for one, into in self._joined.items()} | {walk_id: root}
        self._changed.add(root)

    def seen_below(self, walk_id: int) -> bool:
        """Whether entries were seen below an interval that are not joined to it, and what is between is still open."""
        index = self.line.index(walk_id)
        gap, further = self.line.pieces[index].gap, self.line.pieces[index + 1 : index + 2]
        return gap is not None and gap.state == "open" and any(piece.kind == "apart" for piece in further)

    def name_of(self, walk_id: int | None) -> int | None:
        """The piece that an interval is part of by now."""
        return self._joined.get(walk_id, walk_id) if walk_id is not None else None

    def last_of(self, walk_id: int) -> str | None:
        """The lowest entry of a piece."""
        return next(iter(self.edges.bottom(walk_id, 1)), None)

    def absorb(self, walk_id: int, root: int) -> None:
        """A piece lies within an interval whose walk came past it: all that it had may be deleted by now. What was to
        be walked down to its goal still is.
        """
        row = self.rows[walk_id]
        if row["kind"] == "head" and row["goal"] < self.rows[root]["goal"]:
            self._set(root, goal=row["goal"], complete=0)
        self.line.absorb(walk_id, root)
        self._swallow(walk_id, root)

    def pass_by(self, walk_id: int) -> None:
        """The interval has grown below others that its walk did not meet: they lie within it."""
        further = self.line.below(walk_id)
        mine = self.edges.span(walk_id) if further else None
        for piece in further if mine is not None and mine.known >= _SURE else ():
            span = self.edges.span(piece.walk_id)
            if mine is not None and span is not None and span.oldest > mine.bottom:
                self.absorb(piece.walk_id, walk_id)

    def lose(self, walk_id: int, end_key: str) -> None:
        """The listing ends at an interval: nothing that is open below it will ever be shown again."""
        reachable = set()
        for piece in self.line.pieces[self.line.index(walk_id) :]:
            if self.line.reach(self.line.index(piece.walk_id)) is not None and not self._dropped(
                piece, walk_id, end_key
            ):
                reachable.add(piece.walk_id)
        self.line.lose(walk_id, reachable)

    def _dropped(self, piece: Piece, walk_id: int, end_key: str) -> bool:
        """Whether the listing lost what lies below a piece down to its goal. Of the interval that ends there, several
        entries must be gone: a listing that rolls drops them all, and a few may have been deleted.
        """
        if piece.walk_id != walk_id:
            return self.rows[piece.walk_id]["end_kind"] is None
        self.members.look_up([end_key])
        end = self.members.place(end_key)
        return end is None or self.members.count_below(walk_id, end) > DELETED

    # --- rows

    def _set(self, walk_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of the table
        values["updated_at"] = utc_text(self.now)
        self.connection.execute(update(walks).where(walks.c.walk_id == walk_id).values(values))
        self.rows[walk_id] = {**self.rows[walk_id], **values}

    def change(self, walk_id: int, **values: Any) -> None:  # noqa: ANN401 - columns of the table
        """Writes columns of an interval."""
        if values:
            self._set(walk_id, **values)
            self._changed.add(walk_id)

    def save(self, reason: str | None = None) -> list[GapRow]:
        """Writes the order of the pieces and the gaps between them. Returns the gaps that were lost, for `reason`."""
        self._describe()
        self.line.settle()
        self._number()
        return self.borders.save(self._changed, reason)

    def date_again(self) -> None:
        """Tells gaps the times of their neighbours, as far as these are known by now, and looks for others."""
        self._changed |= self.borders.date_again()
        self._describe()
        self.borders.save(self._changed, None)

    def _describe(self) -> None:
        """Tells the line what the rows say; the days of edges only where there is a gap to tell of."""
        alone = len(self.line.pieces) == 1
        for piece in self.line:
            row = self.rows[piece.walk_id]
            piece.kind, piece.complete = row["kind"], bool(row["complete"])
            piece.goal = date.fromisoformat(row["goal"])
            span = None if alone and piece.complete else self.edges.span(piece.walk_id)
            piece.top_day = None if span is None else local_day(from_utc_text(span.top), self.zone)
            piece.bottom_day = None if span is None else local_day(from_utc_text(span.bottom), self.zone)

    def _number(self) -> None:
        for number, piece in enumerate(reversed(self.line.pieces), 1):
            if self.rows[piece.walk_id]["position"] != number:
                self._set(piece.walk_id, position=number)


def _deeper_goal(one: Mapping[str, Any], other: Mapping[str, Any], bottom: Mapping[str, Any]) -> dict[str, object]:
    """The goal of two pieces that became one. If one was to reach deeper than the lower one, that is still to do."""
    goal = min(row["goal"] for row in (one, other) if row["kind"] != "apart" or one["kind"] == other["kind"])
    reached = bottom["complete"] and (bottom["goal"] <= goal or bottom["ended"] == "end")
    return {"goal": goal, "complete": int(bool(reached))}
