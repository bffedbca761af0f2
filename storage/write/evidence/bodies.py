"""Bodies by digest: every distinct one once, compressed against a page of its own kind.

Two pages of a site differ in little but the story. A *head* is a zstd frame of its own; up to GROUP - 1 *members* are
frames compressed with the head's raw bytes as dictionary. Depth is exactly one: a damaged member costs itself, a
damaged head its group. Each frame carries its size and a checksum, and `get` verifies the SHA-256 besides.

Which heads are in use is not written down: it is read from the newest snapshots when a process begins.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

import zstandard
from sqlalchemy import Connection, bindparam, func, select

from storage.db.frames import DamagedBody, Dictionary, as_dictionary, checksum, compressor, decompress
from storage.db.schema import bodies, snapshots
from storage.db.statements import Prepared, insert_row

__all__ = ["GROUP", "LEVEL", "Bodies", "DamagedBody"]

GROUP = 64
"""Bodies in a group at most. One more member saves 1/64 of a head (0.3 KB of some 20 KB): beyond this a larger group
buys nothing that outweighs losing more pages to one damaged head."""

LEVEL = 3
"""On 78 KB pages level 3 takes 0.2 ms a page, as level 1 does; level 9 twice that or more for 9 % fewer bytes, level 19
5 ms for 13 % fewer, which `dateline compact` saves later (`python -m benchmarks levels`)."""

MAX_HEAD = 2**20  # a head's tables are built anew at each start; bodies beyond 1 MiB stand alone
MIN_HEAD = 2**10  # below 1 KiB there is no furniture to share
_POOR = 10  # a member larger than 1/10 of its body is compared with what it would take alone
_HEADS = 4  # heads tried for a family: now and then a page of another make comes between
_LOOK_BACK = 64  # newest snapshots of a family searched for heads at a start
_SEARCHED = 5000  # ... among so many of all families; where none is found, the next page leads a group
_WARM_UP = 8  # members from which a group's usual size is learnt


@dataclass(slots=True)
class _Head:
    """A head in use. `room`: members that it may have; `paid`: bytes that they took beyond the group's usual size."""

    sha256: str
    cost: int
    compressor: zstandard.ZstdCompressor
    room: int
    members: int = 0
    usual: float = 0.0
    paid: float = 0.0

    def admit(self, size: int) -> None:
        self.members += 1
        if self.members <= _WARM_UP:
            self.usual += (size - self.usual) / self.members
        else:
            self.paid = max(0.0, self.paid + size - self.usual)

    @property
    def spent(self) -> bool:
        """Full, or so far behind the site (its sidebars move on) that a new head would have paid for itself."""
        return self.members >= self.room or self.paid > self.cost


# From the end of the table: by the index of editions SQLite would look at all visits of years, hence the `|| ''`.
_NEWEST = (
    select(bodies.c.sha256, bodies.c.head_sha256)
    .join(snapshots, snapshots.c.body_sha256 == bodies.c.sha256)
    .where(
        snapshots.c.snapshot_id > select(func.max(snapshots.c.snapshot_id) - _SEARCHED).scalar_subquery(),
        snapshots.c.edition.concat("") == bindparam("of_edition"),
        snapshots.c.kind.concat("") == bindparam("of_kind"),
    )
    .order_by(snapshots.c.snapshot_id.desc())
    .limit(_LOOK_BACK)
)
_members = bodies.alias("members")
_GROUP = select(
    bodies.c.size,
    select(func.count()).where(_members.c.head_sha256 == bodies.c.sha256).scalar_subquery(),
    func.length(bodies.c.data),
).where(bodies.c.sha256 == bindparam("of_head"))
_STORED = Prepared(select(bodies.c.head_sha256).where(bodies.c.sha256 == bindparam("wanted")))
_INSERT = Prepared(insert_row(bodies, "sha256", "size", "head_sha256", "data", "frame_crc32"))
_FRAME = Prepared(
    select(bodies.c.size, bodies.c.head_sha256, bodies.c.data).where(bodies.c.sha256 == bindparam("wanted"))
)


@dataclass(slots=True)
class Bodies:
    """The store. One object a process and thread: it remembers the heads in use, and makes sure of each before use.

    `level` (of zstd) and `group` are for comparisons: whatever they were, bodies are read by any other.
    """

    level: int = LEVEL
    group: int = GROUP
    _families: dict[tuple[str, str], list[_Head]] = field(default_factory=dict)
    _dictionaries: OrderedDict[str, Dictionary] = field(default_factory=OrderedDict)

    def put(self, connection: Connection, sha256: str, body: bytes, family: tuple[str, str]) -> None:
        """Stores a body under its digest; nothing happens when it is there. `family` is (edition, kind)."""
        if _STORED.one(connection, wanted=sha256) is not None:
            return
        heads = self._heads(connection, family)
        head, data = self._compress(heads, body)
        if head is not None and _STORED.one(connection, wanted=head.sha256) != (None,):
            self._families.clear()  # it was rolled back, or another process compacted the archive meanwhile
            self.put(connection, sha256, body, family)
            return
        leader = head.sha256 if head else None
        _INSERT.run(
            connection, sha256=sha256, size=len(body), head_sha256=leader, data=data, frame_crc32=checksum(data)
        )
        if head is not None:
            _use(heads, head, len(data))
        elif _may_lead(len(body)):
            heads.insert(0, _Head(sha256, len(data), compressor(self.level, body), self.group - 1))
            del heads[_HEADS:]

    def get(self, connection: Connection, sha256: str) -> bytes:
        """The body with this digest, verified. Raises DamagedBody; KeyError when there is none."""
        row = _FRAME.one(connection, wanted=sha256)
        if row is None:
            raise KeyError(sha256)
        size, head, data = row
        dictionary = self._dictionary(connection, sha256, head) if head else None
        body = decompress(sha256, data, size, dictionary)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DamagedBody(sha256, "its bytes do not have this digest")
        return body

    def _heads(self, connection: Connection, family: tuple[str, str]) -> list[_Head]:
        if family not in self._families:
            self._families[family] = list(self._heads_in_use(connection, family))
        return self._families[family]

    def _heads_in_use(self, connection: Connection, family: tuple[str, str]) -> list[_Head]:
        edition, kind = family
        newest = connection.execute(_NEWEST, {"of_edition": edition, "of_kind": kind}).all()
        found: list[_Head] = []
        for sha256 in dict.fromkeys(head or sha256 for sha256, head in newest):
            head = self._head_in_use(connection, sha256)
            if head is not None:
                found.append(head)
            if len(found) == _HEADS:
                break
        return found

    def _head_in_use(self, connection: Connection, sha256: str) -> _Head | None:
        size, members, cost = connection.execute(_GROUP, {"of_head": sha256}).one()
        if members >= self.group - 1 or not _may_lead(size):
            return None
        try:
            against = compressor(self.level, self.get(connection, sha256))
            return _Head(sha256, cost, against, self.group - 1, members)
        except DamagedBody:  # it is lost already: nothing more is to hang on it
            return None

    def _compress(self, heads: Sequence[_Head], body: bytes) -> tuple[_Head | None, bytes]:
        """The frame of a body and the head that it was compressed against; None: it is a head itself."""
        best: tuple[_Head, bytes] | None = None
        for head in heads if len(body) <= MAX_HEAD else ():
            data = head.compressor.compress(body)
            if len(data) * _POOR <= len(body):
                return head, data
            if best is None or len(data) < len(best[1]):
                best = head, data
        alone = compressor(self.level).compress(body)
        if best is not None and len(best[1]) * 2 <= len(alone):
            return best
        return None, alone

    def _dictionary(self, connection: Connection, sha256: str, head: str) -> Dictionary:
        if head not in self._dictionaries:
            row = _FRAME.one(connection, wanted=head)
            if row is None or row[1] is not None:
                raise DamagedBody(sha256, f"its group's head {head} is missing")
            body = decompress(sha256, row[2], row[0], None)
            self._dictionaries[head] = as_dictionary(body)
            if len(self._dictionaries) > _HEADS * 4:
                self._dictionaries.popitem(last=False)
        self._dictionaries.move_to_end(head)
        return self._dictionaries[head]


def _may_lead(size: int) -> bool:
    return MIN_HEAD <= size <= MAX_HEAD


def _use(heads: list[_Head], head: _Head, size: int) -> None:
    """Counts a member in, and tries its head first from now on; a spent head is left to its group."""
    head.admit(size)
    heads.remove(head)
    if not head.spent:
        heads.insert(0, head)
