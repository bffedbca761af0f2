"""What lies between the pieces of a listing, written as rows of `gaps`: where each gap begins and ends, and what
became of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crawler.dates import utc_text
from crawler.listing.coverage import day_start
from crawler.listing.line import Gap, Line, Piece
from storage.write.coverage.edges import Edge, Edges
from storage.write.coverage.gaps import GapRow, Gaps


@dataclass(slots=True)
class Borders:
    """The gaps below the pieces of a line, within one transaction. `rows` are the pieces' rows by walk_id."""

    line: Line
    rows: Mapping[int, Mapping[str, Any]]
    edges: Edges
    gaps: Gaps
    stored: dict[int, GapRow] = field(init=False)
    _pairs: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._load()
        below = {row["walk_id"]: row for row in self.stored.values() if row["newer_key"] is not None}
        for number, piece in enumerate(self.line):
            if (row := below.get(piece.walk_id)) is not None:
                piece.gap = Gap(row["gap_id"], row["state"])
                self._pairs[row["gap_id"]] = self._pair(number)

    def save(self, changed: Collection[int], reason: str | None) -> list[GapRow]:
        """Writes the gaps of the line as it is now. `changed` are the pieces that are not what they were. Returns the
        gaps that were lost, for `reason`.
        """
        kept: set[int] = set()
        lost = []
        for index, piece in enumerate(self.line.pieces):
            if piece.gap is None:
                continue
            before = self.stored.get(piece.gap.gap_id or 0)
            if before is None or not self._is_same(before, piece, self._pair(index), changed):
                piece.gap = Gap(self._save(index, piece, piece.gap, before, reason), piece.gap.state)
            kept |= {piece.gap.gap_id or 0, *self._save_deeper(index, piece, piece.gap)}
            if piece.gap.state == "lost" and self._is_news(piece.gap, before):
                lost.append(self.gaps.row(piece.gap.gap_id or 0))
        for gap_id, row in self.stored.items():
            deeper = row["newer_key"] is None and row["walk_id"] in self.rows
            if gap_id not in kept and (gap_id in self._pairs or deeper):
                self.gaps.fill(row)
        self._load()
        return lost

    def date_again(self) -> set[int]:
        """Tells gaps the times of their neighbours, as far as these are known by now. Returns the pieces above those
        that are open: others may be their neighbours now.
        """
        for row in self.stored.values():
            known = self.edges.moments([row["older_key"] or "", row["newer_key"] or ""])
            times = {"from_time": known.get(row["older_key"] or ""), "to_time": known.get(row["newer_key"] or "")}
            self.gaps.change(row, {name: at or row[name] for name, at in times.items()})  # what was known once stays
        self._load()
        return {row["walk_id"] for row in self.stored.values() if row["state"] == "open"}

    def _load(self) -> None:
        self.stored = {row["gap_id"]: row for row in self.gaps.unfilled()}

    def _pair(self, index: int) -> tuple[int, ...]:
        return tuple(piece.walk_id for piece in self.line.pieces[index : index + 2])

    def _is_same(self, row: GapRow, piece: Piece, pair: tuple[int, ...], changed: Collection[int]) -> bool:
        """Whether nothing changed around a gap."""
        unmoved = piece.gap is not None and row["state"] == piece.gap.state and row["walk_id"] == piece.walk_id
        return unmoved and self._pairs.get(row["gap_id"]) == pair and not set(pair) & set(changed)

    def _is_news(self, gap: Gap, before: GapRow | None) -> bool:
        """Whether a gap was lost by now: a part of one that was lost before is not told again."""
        if before is not None:
            return bool(before["state"] == "open")
        return bool(self.gaps.row(gap.gap_id or 0)["lost_at"] == utc_text(self.gaps.now))

    def _save(self, index: int, piece: Piece, gap: Gap, row: GapRow | None, reason: str | None) -> int:
        """Stores the gap below a piece. Returns its number."""
        values = {"walk_id": piece.walk_id, "state": gap.state, **self._bounds(index, row)}
        if row is None:
            return self.gaps.add(values, gap.part_of, reason)
        if row["state"] == "lost" and any(row[name] != values[name] for name in ("older_key", "newer_key")):
            self.gaps.fill(row)  # it is sealed: the rest of it is a row of its own
            return self.gaps.add(values, row["gap_id"], reason)
        self.gaps.change(row, values, reason)
        return int(row["gap_id"])

    def _save_deeper(self, index: int, piece: Piece, gap: Gap) -> set[int]:
        """Below what was lost down to an earlier goal, a deeper one has a gap of its own that is still to be walked."""
        goal = self.line.reach(index) if gap.state == "lost" and self.line.wanted(index) else None
        lost = None if goal is None else self.gaps.row(gap.gap_id or 0)
        if goal is None or lost is None or lost["older_key"] is not None or lost["from_time"] is None:
            return set()
        deeper = self._start(goal)
        if deeper is not None and deeper >= lost["from_time"]:
            return set()
        values = {"walk_id": piece.walk_id, "state": "open", "from_time": deeper, "to_time": lost["from_time"]}
        mine = [row for row in self.stored.values() if row["newer_key"] is None and row["walk_id"] == piece.walk_id]
        if not mine:
            return {self.gaps.add({**values, "older_key": None, "newer_key": None}, None, None)}
        self.gaps.change(mine[0], values)
        return {int(mine[0]["gap_id"])}

    def _bounds(self, index: int, row: GapRow | None) -> dict[str, str | None]:
        """The entries on both sides of a gap, and their times; the goal's where it reaches down to one."""
        order = [piece.walk_id for piece in self.line]
        upper, lower, goal = order[index::-1], order[index + 1 :], self.line.reach(index)
        if goal is not None:
            newer = self.edges.lowest(upper)
            start = row["from_time"] if row is not None and row["state"] == "lost" else self._start(goal)
            return {**self._newer(upper, newer), "older_key": None, "from_time": start}
        newer, older = self.edges.between(upper, lower)
        key = older.key or self._named(lower[0], "top_key")
        return {**self._newer(upper, newer), "older_key": key, "from_time": older.at}

    def _newer(self, upper: Sequence[int], edge: Edge) -> dict[str, str | None]:
        return {"newer_key": edge.key or self._named(upper[0], "bottom_key"), "to_time": edge.at}

    def _named(self, walk_id: int, column: str) -> str:
        row = self.rows[walk_id]
        return str(row[column] or row["top_key"])

    def _start(self, goal: date) -> str | None:
        """The first moment of a goal's day; None for the beginning of the listing."""
        return None if goal == date.min else utc_text(day_start(goal, self.edges.zone))
