"""Where a piece of a listing begins and ends: its outermost entries, and their times as far as they are known.

Entries that were moved up, or slipped in late, stand at an edge among others that are older or newer. So an edge is
read from several entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from crawler.dates import from_utc_text
from storage.db.schema import articles, members, walks
from storage.write.coverage.moments import moments

_FEW: Final = 5  # entries at an edge of which one or two may have been moved there
_LEAP: Final = 10  # times as far as the entries above it are apart
_NEAR: Final = 40  # entries further inside among which one with a known time is looked for

_OUTERMOST = (
    select(articles.c.key)
    .join(members, members.c.article_id == articles.c.article_id)
    .where(members.c.walk_id == bindparam("of_walk"), members.c.place.is_not(None))
    .limit(bindparam("most"))
)
_ALL = (
    select(articles.c.key)
    .join(members, members.c.article_id == articles.c.article_id)
    .where(members.c.walk_id == bindparam("of_walk"))
)
_TOP, _BOTTOM = _OUTERMOST.order_by(members.c.place), _OUTERMOST.order_by(members.c.place.desc())


@dataclass(frozen=True, slots=True)
class Span:
    """The times of a piece, UTC text. `top` and `bottom` leave out an entry that was moved up to the edge, and so is
    older than what stands around it; `oldest` is that of the oldest entry at the bottom. `sure`: the times of two are
    known.
    """

    top: str
    bottom: str
    oldest: str
    known: int


@dataclass(frozen=True, slots=True)
class Edge:
    """An entry next to a gap and its time (UTC text); None for what is not known."""

    key: str | None
    at: str | None


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of the pieces of one edition. A piece is named by its `walk_id`."""

    connection: Connection
    edition: str
    zone: tzinfo

    def times(self, keys: Sequence[str]) -> list[str]:
        """When the stories came out, UTC text, in the order of `keys`; without those of which it is not known."""
        known = self.moments(keys)
        return [known[key] for key in keys if key in known]

    def top(self, walk_id: int, most: int = _FEW) -> list[str]:
        """The keys of the newest entries, the first one first."""
        keys = list(self.connection.execute(_TOP, {"of_walk": walk_id, "most": most}).scalars())
        return keys or self._said(walk_id, walks.c.top_key)

    def bottom(self, walk_id: int, most: int = _FEW) -> list[str]:
        """The keys of the oldest entries, the last one first."""
        keys = list(self.connection.execute(_BOTTOM, {"of_walk": walk_id, "most": most}).scalars())
        return keys or self._said(walk_id, func.coalesce(walks.c.bottom_key, walks.c.top_key))

    def _said(self, walk_id: int, column: ColumnElement[str | None]) -> list[str]:
        """The entry that the interval itself names, of one whose entries have no places."""
        key = self.connection.execute(select(column).where(walks.c.walk_id == walk_id)).scalar()
        return [] if key is None else [key]

    def span(self, walk_id: int) -> Span | None:
        """The times of a piece; None where none are known."""
        top, bottom = self.times(self.top(walk_id)), self.times(self.bottom(walk_id))
        if not top or not bottom:
            return None
        oldest = sorted(bottom)
        inner = oldest[2] if len(oldest) == _FEW else max(bottom[:3])
        return Span(max(top[:3]), inner, oldest[0], len(oldest))

    def all(self, walk_id: int) -> list[str]:
        """The keys of all entries, in no order."""
        return list(self.connection.execute(_ALL, {"of_walk": walk_id}).scalars())

    def between(self, upper: Sequence[int], lower: Sequence[int]) -> tuple[Edge, Edge]:
        """The newer and the older neighbour of what lies between pieces: `upper` from the lowest up, `lower` from the
        highest down. Entries that were moved to there are left out, as far as it shows: they came out before several
        that stand further down. An older neighbour that is newer than the other one was passed already.

        Where the time of a neighbour is not known, it is that of the next one further away.
        """
        up, down = self._outwards(upper, self.bottom), self._outwards(lower, self.top)
        known = self.moments([*up, *down])
        below = [known[key] for key in down[:_FEW] if key in known]
        free = [n for n, key in enumerate(up) if not _is_older(known.get(key), below)]
        newer = _outermost(free, up[: self._count(upper)], known, min)
        to = Edge(next(iter(up), None), None) if newer is None else _edge(up, known, newer)
        free = [n for n in range(len(down)) if not self._was_moved(down[n:], known)]
        older = _outermost(free, down[: self._count(lower)], known, max) or 0
        if to.at is not None and known.get(down[older], "") > to.at:
            older = next((n for n, key in enumerate(down) if key in known and known[key] <= to.at), older)
        return to, _edge(down, known, older)

    def lowest(self, walk_ids: Sequence[int]) -> Edge:
        """The lowest entry of pieces, from the lowest piece up, without one that was moved to there: it is much older
        than those above it are apart.
        """
        keys = self._outwards(walk_ids, self.bottom)
        known = self.moments(keys)
        if not keys:
            return Edge(None, None)
        return _edge(keys, known, _outermost(range(len(keys)), keys, known, _lowest_of) or 0)

    def top_time(self, walk_id: int) -> datetime | None:
        """The time up to which a piece reaches for sure."""
        at = self.between([], [walk_id])[1].at
        return None if at is None else from_utc_text(at)

    def bottom_time(self, walk_id: int) -> datetime | None:
        """The time down to which a piece reaches for sure."""
        at = self.lowest([walk_id]).at
        return None if at is None else from_utc_text(at)

    def _outwards(self, walk_ids: Sequence[int], edge: Callable[[int, int], list[str]]) -> list[str]:
        """The entries next to an edge, piece after piece."""
        keys: list[str] = []
        for walk_id in walk_ids:
            keys += edge(walk_id, _NEAR - len(keys))
            if len(keys) >= _NEAR:
                break
        return keys

    def _count(self, walk_ids: Sequence[int]) -> int:
        return len(self.all(walk_ids[0])) if walk_ids else 0

    @staticmethod
    def _was_moved(keys: Sequence[str], known: Mapping[str, str]) -> bool:
        further = [known[key] for key in keys[1 : _FEW + 1] if key in known]
        return _is_older(known.get(keys[0]), further)

    def moments(self, keys: Sequence[str]) -> dict[str, str]:
        """Key -> when the story came out, UTC text; without those of which it is not known."""
        return moments(self.connection, self.edition, keys, self.zone)


def _edge(keys: Sequence[str], known: Mapping[str, str], number: int) -> Edge:
    if number >= len(keys):
        return Edge(None, None)
    return Edge(keys[number], next((known[key] for key in keys[number:] if key in known), None))


def _outermost(
    numbers: Sequence[int], keys: Sequence[str], known: Mapping[str, str], outer: Callable[[Iterable[str]], str]
) -> int | None:
    """The entry at an edge: of the first few `keys`, those of one piece, the one that is furthest out by its time,
    since late ones stand elsewhere. `numbers` are those that count.
    """
    if not numbers or numbers[0] >= len(keys) or keys[numbers[0]] not in known:
        return next(iter(numbers), None)
    few = {known[keys[number]]: number for number in numbers if number < len(keys[:_FEW]) and keys[number] in known}
    return few[outer(few)]


def _lowest_of(times: Iterable[str]) -> str:
    """The oldest, but for one that is far below all others: that one was moved up to there."""
    ordered = sorted(times)
    apart = [from_utc_text(newer) - from_utc_text(older) for older, newer in pairwise(ordered)]
    leaps = len(apart) == _FEW - 1 and apart[0] > _LEAP * max(apart[1:]) > timedelta(0)
    return ordered[int(leaps)]


def _is_older(at: str | None, others: Sequence[str]) -> bool:
    """Whether an entry came out before several others."""
    return at is not None and sum(other > at for other in others) > 1
