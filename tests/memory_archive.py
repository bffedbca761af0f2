"""The coverage of one listing, kept in memory: what storage/write/walks.py does with the steps of a walk, without SQL.

Pieces stand in the order of the listing, newest first. Between two neighbours lies a gap, open or lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from crawler.listing.kinds import ListingWalk
from crawler.listing.steps import End, Interval, Seen, Step, View


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an answer, with the time and the day that the listing prints."""

    key: str
    at: datetime | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer of a listing."""

    entries: tuple[Entry, ...] = ()
    older: str | None = None
    end: bool = False
    places: tuple[str, ...] = ()
    missing: bool = False
    problem: str | None = None


@dataclass(slots=True, eq=False)
class Piece:
    """Entries that follow on each other without a hole, newest first. `lost`: so is what lies below it."""

    walk_id: int
    kind: str
    goal: date
    keys: list[str] = field(default_factory=list)
    complete: bool = False
    ended: str | None = None
    bottom_key: str | None = None
    bottom_day: date | None = None
    end: End | None = None
    resume: str | None = None
    whole: str | None = None
    read_at: datetime | None = None
    lost: bool = False

    def interval(self) -> Interval:
        """As a walk is told of it."""
        return Interval(
            self.walk_id,
            self.kind,
            self.goal,
            self.complete,
            self.ended,
            len(self.keys),
            bottom_key=self.bottom_key,
            end_kind=None if self.end is None else self.end.kind,
            end_key=None if self.end is None else self.end.key,
            end_top_key=None if self.end is None else self.end.top_key,
            resume=self.resume,
            whole=self.whole,
            bottom_day=self.bottom_day,
            newest=tuple(self.keys[:40]),
        )


@dataclass(slots=True)
class MemoryArchive:
    """`when`: the time by which the entry of a key stands where it does; asked for once. `losses`: how often something
    was lost.
    """

    when: Callable[[str], datetime]
    pieces: list[Piece] = field(default_factory=list)
    losses: int = 0
    _times: dict[str, datetime] = field(default_factory=dict)
    _printed: dict[str, datetime | None] = field(default_factory=dict)
    _piece_of: dict[str, Piece] = field(default_factory=dict)
    _number: int = 0

    def take(self, walk: ListingWalk, place: str, number: int, shown: Shown, now: datetime) -> Step:
        """Has the walk take an answer, and writes what it says."""
        view = View(
            number,
            tuple(self._seen(entry) for entry in shown.entries),
            shown.older is not None,
            place=place,
            cursor=shown.older,
            end=shown.end,
            places=shown.places,
            missing=shown.missing,
            at=now,
            problem=shown.problem,
        )
        intervals = {one.walk_id: one.interval() for one in self.pieces if one.kind != "apart"}
        step = walk.take(view, intervals)
        self._write(walk, view, step)
        return step

    def _seen(self, entry: Entry) -> Seen:
        piece = self._piece_of.get(entry.key)
        moved = entry.key in self._printed and (piece is None or entry.at != self._printed[entry.key])
        self._printed.setdefault(entry.key, entry.at)
        known = None if piece is None or piece.kind == "apart" else piece.walk_id
        return Seen(entry.key, known, entry.day, entry.at, moved)

    def _write(self, walk: ListingWalk, view: View, step: Step) -> None:
        piece = self._standing(walk, view, step)
        if piece is None:
            return
        self._put(piece, step.attach)
        for other in [one for one in self.pieces if one.walk_id in {step.merge, *step.then}]:
            if other is not piece and other in self.pieces:
                piece = self._join(piece, other)
        walk.current = piece.walk_id
        _go_down(piece, walk, step)
        self._close(walk, piece, step)
        if step.apart is not None:
            self._keep_apart(piece, step.apart.entries)
        if walk.began is not None and not walk.window:
            piece.read_at = max(filter(None, (piece.read_at, walk.began)))
            for above in self.pieces[: self.pieces.index(piece)]:
                if above.kind == "head" and self._at(above.keys[-1]) > self._at(piece.keys[0]):
                    self._put(piece, tuple(above.keys))  # the walk came down over all of it

    def _standing(self, walk: ListingWalk, view: View, step: Step) -> Piece | None:
        """The piece that the walk is in. One that it meets without an entry of it stands below what is attached."""
        if walk.current is None and (not step.attach or any(entry.interval == step.merge for entry in view.entries)):
            walk.current = step.merge
        if walk.current is None and step.attach:
            return self._open(walk)
        return next((one for one in self.pieces if one.walk_id == walk.current), None)

    def _at(self, key: str) -> datetime:
        return self._times.setdefault(key, self.when(key))

    def _open(self, walk: ListingWalk) -> Piece:
        self._number += 1
        piece = Piece(self._number, "window" if walk.window else "head", walk.goal)
        self.pieces.append(piece)
        return piece

    def _put(self, piece: Piece, keys: Iterable[str]) -> None:
        """Makes keys members of a piece, which stands by their times; those of a window as it shows them."""
        for key in keys:
            before = self._piece_of.get(key)
            if before is not None and before is not piece:
                before.keys.remove(key)
            if before is not piece:
                piece.keys.append(key)
                self._piece_of[key] = piece
        self.pieces = [one for one in self.pieces if one.keys]
        piece.keys.sort(key=self._at, reverse=True)
        self.pieces.sort(key=lambda one: self._at(one.keys[0]), reverse=True)

    def _join(self, upper: Piece, lower: Piece) -> Piece:
        """The two, and what lies between them, become one, which goes on below as the lower one does."""
        first, last = sorted(self.pieces.index(one) for one in (upper, lower))
        parts = self.pieces[first : last + 1]
        piece = Piece(
            min(upper.walk_id, lower.walk_id),
            "head" if "head" in {upper.kind, lower.kind} else "window",
            lower.goal,
            [],
            lower.complete,
            lower.ended,
            lower.bottom_key,
            lower.bottom_day,
            lower.end,
            lower.resume,
            upper.whole or lower.whole,
            max(filter(None, (upper.read_at, lower.read_at)), default=None),
            min(parts, key=lambda part: self._at(part.keys[-1])).lost,
        )
        self.pieces.append(piece)
        for part in parts:
            self._put(piece, tuple(part.keys))
        return piece

    def _keep_apart(self, piece: Piece, entries: Iterable[Seen]) -> None:
        new = [entry.key for entry in entries if entry.interval is None and entry.key not in self._piece_of]
        if new:
            self._number += 1
            kept = Piece(self._number, "apart", piece.goal, complete=True, bottom_key=new[-1])
            self.pieces.append(kept)
            self._put(kept, new)

    def _close(self, walk: ListingWalk, piece: Piece, step: Step) -> None:
        reached = step.ended != "goal" or walk.goal <= piece.goal
        if step.ended not in {None, "joined"} and reached:
            piece.ended = step.ended
        if step.complete and reached:
            piece.complete = True
        if step.end is not None:
            again = piece.end is not None and piece.end.key == step.end.key
            top_key = piece.end.top_key if again and piece.end is not None else step.end.top_key
            piece.end = End(step.end.kind, step.end.key, top_key)
        if step.lost:
            for one in self.pieces[self.pieces.index(piece) : -1]:
                self.losses += not one.lost
                one.lost = True
        elif step.complete and step.ended != "joined":
            bottom = self._at(piece.bottom_key or piece.keys[-1])
            for part in self.pieces[self.pieces.index(piece) + 1 :]:
                if self._at(part.keys[0]) > bottom:  # it begins within a complete one, and lies in it
                    self._put(piece, tuple(part.keys))

    def gaps(self) -> Iterator[tuple[Piece, Piece]]:
        """The neighbours of each gap, the newer one first. What lies within a piece is no neighbour of it."""
        if self.pieces:
            newer = self.pieces[0]
            for piece in self.pieces[1:]:
                if self._at(piece.keys[0]) < self._at(newer.keys[-1]):
                    yield newer, piece
                if self._at(piece.keys[-1]) < self._at(newer.keys[-1]):
                    newer = piece


def _go_down(piece: Piece, walk: ListingWalk, step: Step) -> None:
    """What a step says of the bottom of the piece that the walk is in by then."""
    if walk.goal < piece.goal:
        piece.goal, piece.complete = walk.goal, False
    if step.bottom is not None:
        last = step.bottom[0]
        piece.bottom_key, piece.bottom_day = last.key, last.day
        piece.ended, piece.complete, piece.end = None, False, None
    piece.resume, piece.whole = step.resume or piece.resume, step.whole or piece.whole
