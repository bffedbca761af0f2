"""Every body against its digest, every frame against its checksum, every member with its head."""

from __future__ import annotations

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeAlias

from sqlalchemy import Connection, bindparam, func, select

from storage.db.frames import DamagedBody, Dictionary, as_dictionary, checksum, decompress
from storage.db.schema import articles, bodies, snapshots
from storage.db.statements import Prepared
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted

Row: TypeAlias = tuple[Any, ...]
_DIGEST = re.compile("[0-9a-f]{64}")
_NAMED = 3  # visits of a damaged body that are named; more are counted

_frame = (bodies.c.sha256, bodies.c.size, bodies.c.data, bodies.c.frame_crc32)
_leaders = bodies.alias("leaders")
_HEADS = select(bodies.c.sha256).where(bodies.c.head_sha256.is_(None))
_ORPHANS = (
    select(bodies.c.sha256, bodies.c.head_sha256)
    .outerjoin(_leaders, _leaders.c.sha256 == bodies.c.head_sha256)
    .where(bodies.c.head_sha256.is_not(None), _leaders.c.sha256.is_(None) | _leaders.c.head_sha256.is_not(None))
)
_HEAD = Prepared(select(*_frame).where(bodies.c.sha256 == bindparam("wanted")))
_MEMBERS = Prepared(select(*_frame).where(bodies.c.head_sha256 == bindparam("wanted")))
_VISITS = (
    select(snapshots.c.snapshot_id, snapshots.c.edition, snapshots.c.requested_url, articles.c.key)
    .outerjoin(articles, articles.c.article_id == snapshots.c.article_id)
    .where(snapshots.c.body_sha256 == bindparam("wanted"))
    .order_by(snapshots.c.snapshot_id)
)


def check(connection: Connection, check: Check) -> None:
    """Reads every body. Two groups a core are in memory at a time."""
    count = connection.execute(select(func.count()).select_from(bodies)).scalar_one()
    check.expect(count)
    lost = 0
    for sha256, what, readable in _flaws(connection, check):
        check.find(f"body {sha256}", f"{what}: {_visits(connection, sha256)}")
        lost += not readable
    check.says = f"{count - lost:,} of {counted(count, 'page')} are as they were kept"


def _flaws(connection: Connection, check: Check) -> Iterator[tuple[str, str, bool]]:
    """Digest, what is wrong, and whether it can still be read."""
    for sha256, head in connection.execute(_ORPHANS).all():
        check.step()
        yield sha256, f"its group's head {head} is missing", False
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:  # decompressing and hashing let go of the interpreter
        waiting: deque[Future[list[tuple[str, str, bool]]]] = deque()
        for (sha256,) in connection.execute(_HEADS).all():
            if not _is_digest(sha256):
                check.step()
                yield f"{sha256}", "its digest is none: it was changed", False
                continue
            rows = _HEAD.all(connection, wanted=sha256), _MEMBERS.all(connection, wanted=sha256)
            waiting.append(pool.submit(_examine, sha256, *rows))
            check.step(len(rows[0]) + len(rows[1]))
            if len(waiting) > 2 * workers:
                yield from waiting.popleft().result()
        for rest in waiting:
            yield from rest.result()


def _examine(sha256: str, heads: Sequence[Row], members: Sequence[Row]) -> list[tuple[str, str, bool]]:
    """A group: what is wrong with it."""
    body, flaw = _open(heads[0], None) if heads else (None, "it is not found under its digest: an index is damaged")
    found = [] if flaw is None else [(sha256, flaw, body is not None)]
    if body is None:
        return found + [(row[0], f"its group's head {sha256} is damaged", False) for row in members]
    dictionary = as_dictionary(body) if members else None
    for row in members:
        inner, flaw = _open(row, dictionary)
        if flaw is not None:
            found.append((row[0], flaw, inner is not None))
    return found


def _open(row: Row, dictionary: Dictionary | None) -> tuple[bytes | None, str | None]:
    """The body, if it is the one that was kept, and what is wrong with how it is stored."""
    sha256, size, data, crc = row
    try:
        body = decompress(sha256, data, size, dictionary)
    except DamagedBody as error:
        return None, error.what
    if hashlib.sha256(body).hexdigest() != sha256:
        return None, "its bytes do not have this digest"
    if checksum(data) != crc:
        return body, "its frame was changed, though it still holds the same bytes"
    return body, None


def _is_digest(sha256: object) -> bool:
    return isinstance(sha256, str) and _DIGEST.fullmatch(sha256) is not None


def _visits(connection: Connection, sha256: str) -> str:
    rows = connection.execute(_VISITS, {"wanted": sha256}).all() if _is_digest(sha256) else []
    named = [f"snapshot {row.snapshot_id} ({row.edition}/{row.key or row.requested_url})" for row in rows[:_NAMED]]
    more = [f"{len(rows) - _NAMED:,} more"] if len(rows) > _NAMED else []
    return ", ".join(named + more) or "no visit refers to it"
