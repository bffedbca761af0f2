"""What is known of a listing: pieces in the order of the listing, and the gaps between them. Pure.

A listing is a line of entries, newest first. What was read of it without a hole inside is a *piece*. Below a piece lies
a *gap* if somebody asked for what is there: down to the next piece, or to the goal of the walk. Every entry that was
seen in order belongs to exactly one piece, so that no gap can reach over a story that was seen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

PieceKind = Literal["head", "window", "apart"]
"""``head`` was walked from the top, ``window`` from a date; ``apart`` was seen further down and is joined to
neither.
"""


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies below a piece. `gap_id` is None until it is stored; `part_of` is the stored gap that it was split from.

    ``open``: a later walk can still read it. ``lost``: the listing no longer reaches it.
    """

    gap_id: int | None = None
    state: Literal["open", "lost"] = "open"
    part_of: int | None = None

    def part(self) -> Gap:
        """Another part of the same gap."""
        return replace(self, gap_id=None, part_of=self.part_of if self.gap_id is None else self.gap_id)


@dataclass(slots=True)
class Piece:
    """A piece. `goal`: the local day that it is meant to reach; `complete`: it does. `top_day` and `bottom_day` are the
    local days of its newest and its oldest entry, None where they are not known.
    """

    walk_id: int
    kind: PieceKind
    goal: date
    complete: bool = False
    gap: Gap | None = None
    top_day: date | None = None
    bottom_day: date | None = None

    def asks_for(self, day: date | None) -> bool:
        """Whether its walk has yet to read down to a day; None: a day that is not known."""
        return self.kind != "apart" and not self.complete and (day is None or day >= self.goal)


@dataclass(slots=True)
class Line:
    """The pieces of one listing, newest first."""

    pieces: list[Piece] = field(default_factory=list)

    def __iter__(self) -> Iterator[Piece]:
        return iter(self.pieces)

    def index(self, walk_id: int) -> int:
        """Where a piece stands. Raises KeyError for one that does not."""
        for number, piece in enumerate(self.pieces):
            if piece.walk_id == walk_id:
                return number
        raise KeyError(walk_id)

    def below(self, walk_id: int) -> list[Piece]:
        """The pieces below one, from the top."""
        return self.pieces[self.index(walk_id) + 1 :]

    def insert(self, piece: Piece, index: int) -> None:
        """Puts a piece in its place. A gap in which it stands then ends above it, and goes on below it."""
        above = self.pieces[index - 1].gap if index else None
        if piece.gap is None and above is not None:
            piece.gap = above.part()
        self.pieces.insert(index, piece)

    def join(self, upper: int, lower: int, passed: Collection[int] = ()) -> tuple[int, ...]:
        """`lower` follows on `upper` without a hole: they become one piece, which keeps the name `upper`.

        Returns those that stood between and were `passed`: they are part of it too. Others that stood there belong
        below.
        """
        if self.index(lower) < self.index(upper):
            self.insert(replace(self._take_out(lower), gap=None), self.index(upper) + 1)
        first, last = self.index(upper), self.index(lower)
        between, low = self.pieces[first + 1 : last], self.pieces[last]
        self.pieces[first].gap = low.gap
        del self.pieces[first + 1 : last + 1]
        further = [piece for piece in between if piece.walk_id not in passed]
        for number, piece in enumerate(further):
            self.insert(replace(piece, gap=None), first + 1 + number)
        return tuple(piece.walk_id for piece in between if piece.walk_id in passed)

    def absorb(self, walk_id: int, into: int) -> None:
        """A piece lies within another one: the walk of that one came past it."""
        index = self.index(walk_id)
        if index and self.pieces[index - 1].walk_id == into:
            self.pieces[index - 1].gap = self.pieces[index].gap
        self._take_out(walk_id)

    def lose(self, walk_id: int, reachable: Collection[int] = ()) -> None:
        """The listing ends at a piece: what is open below it and further down is out of reach. Of the gaps below the
        pieces in `reachable` that cannot be said.
        """
        for piece in self.pieces[self.index(walk_id) :]:
            if piece.gap is not None and piece.gap.state == "open" and piece.walk_id not in reachable:
                piece.gap = replace(piece.gap, state="lost")

    def settle(self) -> None:
        """Opens the gaps that somebody asks for, and closes those that nobody does any more. What is lost stays so."""
        for index, piece in enumerate(self.pieces):
            wanted = self.wanted(index)
            if wanted and piece.gap is None:
                piece.gap = Gap()
            elif not wanted and piece.gap is not None and piece.gap.state == "open":
                piece.gap = None

    def wanted(self, index: int) -> bool:
        """Whether what lies below a piece should be walked: a walk from the top began further down, or one above has
        yet to come there.
        """
        return bool(self._goals(index)) or any(piece.kind == "head" for piece in self.pieces[index + 1 :])

    def reach(self, index: int) -> date | None:
        """The goal down to which the gap below a piece reaches; None where it ends at the next piece."""
        if any(piece.kind == "head" for piece in self.pieces[index + 1 :]):
            return None
        goal = min(self._goals(index), default=None)
        further = self.pieces[index + 1 : index + 2]
        if further and (goal is None or further[0].top_day is None or further[0].top_day >= goal):
            return None
        return date.min if goal is None else goal

    def _goals(self, index: int) -> list[date]:
        """The goals of those who have yet to read what lies below a piece. Below a complete one that reaches as far
        there is nothing left for them.
        """
        day, goals = self.pieces[index].bottom_day, []
        for number, piece in enumerate(self.pieces[: index + 1]):
            between = self.pieces[number + 1 : index + 1]
            done = any(one.kind == "head" and one.complete and one.goal <= piece.goal for one in between)
            if piece.asks_for(day) and not done:
                goals.append(piece.goal)
        return goals

    def _take_out(self, walk_id: int) -> Piece:
        return self.pieces.pop(self.index(walk_id))
