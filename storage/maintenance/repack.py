"""Some groups of bodies taken apart and put together anew, in one transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import Connection, LargeBinary, bindparam, cast, or_, select, update

from storage.db.frames import DamagedBody, as_dictionary, checksum, compressor, decompress
from storage.db.schema import bodies
from storage.db.statements import Prepared
from storage.maintenance.grouping import Group, regroup
from storage.write.archive import Archive

Row: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: bodies looked at, their stored bytes before and after, and the damaged ones among them."""

    bodies: int
    before: int
    after: int
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Body:
    """A body, with how it is stored: against which head, as how many bytes with which checksum."""

    sha256: str
    head_sha256: str | None
    stored: int
    frame_crc32: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Frame:
    """A body as it is to be stored."""

    sha256: str
    head_sha256: str | None
    data: bytes = field(repr=False)


def repack(archive: Archive, heads: Sequence[str], level: int, pool: Executor) -> Outcome:
    """Puts the groups of these heads together anew. Where that saves nothing they only get their level.

    A group with a damaged body stays as it is. Raises DamagedBody if what was written does not read back: nothing is
    changed then. Another program that changed the groups meanwhile is given way to.
    """
    with archive.connection() as connection:
        found, damaged = _read(connection, heads)
    before = sum(body.stored for body in found)
    proven = [at for at, body in enumerate(found) if body.head_sha256 is None]
    groups = regroup([body.body for body in found], proven, pool.map)
    frames = [frame for group in pool.map(partial(_packed, found, level), groups) for frame in group]
    after = sum(len(frame.data) for frame in frames)
    with archive.writing() as connection:
        if not _are_as_read(connection, found):
            return Outcome(0, 0, 0, damaged)
        if after < before:
            _write(connection, frames, level)
            _check(connection, groups, found)
        else:
            _LEVEL.each(connection, ({"of_body": body.sha256, "its_level": level} for body in found))
    return Outcome(len(found), before, min(before, after), damaged)


def _read(connection: Connection, heads: Sequence[str]) -> tuple[list[_Body], tuple[str, ...]]:
    """The bodies of the groups that are whole, and the digests of those that keep theirs from being so."""
    found: list[_Body] = []
    damaged: list[str] = []
    for head in heads:
        try:
            found += list(_opened(_GROUP.all(connection, of_head=head)))
        except DamagedBody as error:
            damaged.append(error.sha256)
    return found, tuple(damaged)


def _opened(rows: Sequence[Row]) -> Iterator[_Body]:
    """The bodies of a group, whose head comes first. Raises DamagedBody."""
    dictionary = None
    for sha256, size, head, data in rows:
        body = decompress(sha256, data, size, dictionary if head else None)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise DamagedBody(sha256, "its bytes do not have this digest")
        if head is None:
            dictionary = as_dictionary(body)
        yield _Body(sha256, head, len(data), checksum(data), body)


def _packed(found: Sequence[_Body], level: int, group: Group) -> list[_Frame]:
    """The frames of a group."""
    head = found[group.head]
    frames = [_Frame(head.sha256, None, compressor(level).compress(head.body))]
    if group.members:
        against = compressor(level, head.body)
        members = (found[at] for at in group.members)
        frames += [_Frame(member.sha256, head.sha256, against.compress(member.body)) for member in members]
    return frames


def _are_as_read(connection: Connection, found: Sequence[_Body]) -> bool:
    for body in found:
        row = _FRAME.one(connection, of_body=body.sha256)
        if row is None or (row[0], checksum(row[1])) != (body.head_sha256, body.frame_crc32):
            return False
    return True


def _write(connection: Connection, frames: Sequence[_Frame], level: int) -> None:
    for frame in frames:
        _CHANGE.run(
            connection,
            of_body=frame.sha256,
            its_head=frame.head_sha256,
            its_data=frame.data,
            its_crc=checksum(frame.data),
            its_level=level,
        )


def _check(connection: Connection, groups: Sequence[Group], found: Sequence[_Body]) -> None:
    """Reads everything back as it stands in the archive now. Raises DamagedBody."""
    for group in groups:
        head = found[group.head]
        rows = _GROUP.all(connection, of_head=head.sha256)
        wanted = {head.sha256, *(found[at].sha256 for at in group.members)}
        if {body.sha256 for body in _opened(rows)} != wanted:
            raise DamagedBody(head.sha256, "its group was not written whole")


_DATA = cast(bodies.c.data, LargeBinary)  # SQLite keeps types with the values: a damaged one may say that it is text
_GROUP = Prepared(
    select(bodies.c.sha256, bodies.c.size, bodies.c.head_sha256, _DATA)
    .where(or_(bodies.c.sha256 == bindparam("of_head"), bodies.c.head_sha256 == bindparam("of_head")))
    .order_by(bodies.c.head_sha256.is_not(None), bodies.c.sha256)
)
_FRAME = Prepared(select(bodies.c.head_sha256, _DATA).where(bodies.c.sha256 == bindparam("of_body")))
_CHANGE = Prepared(
    update(bodies)
    .where(bodies.c.sha256 == bindparam("of_body"))
    .values(
        head_sha256=bindparam("its_head"),
        data=bindparam("its_data"),
        frame_crc32=bindparam("its_crc"),
        level=bindparam("its_level"),
    )
)
_LEVEL = Prepared(update(bodies).where(bodies.c.sha256 == bindparam("of_body")).values(level=bindparam("its_level")))
