"""`dateline compact`: bodies compressed again in place, in better groups, without losing a byte.

A few hundred neighbouring pages at a time are taken out of their groups, compressed anew, written, read back, compared
with their digests, and only then committed (storage/maintenance/repack.py): at every moment every body can be read,
and a run that is stopped has done what it has done. What was compacted once is left alone by the next run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from sqlalchemy import Connection, func, select

from storage.db.lock import CrawlLock
from storage.db.schema import bodies, snapshots
from storage.maintenance.repack import repack
from storage.maintenance.vacuum import VacuumResult, give_back
from storage.terminal.progress import Tell, quiet
from storage.write.archive import Archive

LEVEL: Final = 19
"""On 67 KB pages level 19 takes 2 to 9 ms a page, level 9 a quarter of a millisecond for 4 % more bytes."""

WINDOW: Final = 256
"""Bodies looked at side by side: pages of some days, of every make that the site has then."""

_WINDOW_BYTES: Final = 64 * 2**20  # and fewer, where they are large: they are all in memory


@dataclass(slots=True)
class CompactReport:
    """What a run did. `before` and `after` are the stored bytes of the `bodies` that it looked at.

    `damaged` are digests of bodies that could not be read back: their groups stay as they are. `room` tells of the
    file, None for a server.
    """

    bodies: int = 0
    before: int = 0
    after: int = 0
    damaged: tuple[str, ...] = ()
    interrupted: bool = False
    room: VacuumResult | None = None


@dataclass(frozen=True, slots=True)
class _Old:
    """A group as it is stored. `family` is the edition and kind of its head's first visit, number `first`."""

    head: str
    bodies: int
    size: int
    family: tuple[str, str]
    first: int


def compact(target: str, level: int = LEVEL, tell: Tell = quiet) -> CompactReport:
    """Compresses what was not compressed at this level yet, and gives the space back.

    Raises ArchiveBusy while a crawl is running, ArchiveError when the archive cannot be written. Ctrl-C ends it between
    two windows: the report says so.
    """
    report = CompactReport()
    with ExitStack() as resources:
        archive = resources.enter_context(Archive.open(target))
        for edition in archive.editions():
            resources.enter_context(CrawlLock(target, edition))
        try:
            _repack_all(archive, level, report, tell)
            report.room = give_back(archive, tell)
        except KeyboardInterrupt:
            report.interrupted = True
    return report


def _repack_all(archive: Archive, level: int, report: CompactReport, tell: Tell) -> None:
    with archive.connection() as connection:
        groups = _groups(connection, level)
    total, done = sum(group.bodies for group in groups), 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # compressing lets go of the interpreter
        for window in _windows(groups):
            outcome = repack(archive, [group.head for group in window], level, pool)
            report.bodies += outcome.bodies
            report.before += outcome.before
            report.after += outcome.after
            report.damaged += outcome.damaged
            done += sum(group.bodies for group in window)
            tell("compacting", done, total)


def _groups(connection: Connection, level: int) -> list[_Old]:
    """The groups that hold a body below this level, neighbours side by side."""
    head = func.coalesce(bodies.c.head_sha256, bodies.c.sha256).label("head")
    lowest = func.min(func.coalesce(bodies.c.level, 0))
    members = select(head, func.count().label("bodies"), func.sum(bodies.c.size).label("size"))
    groups = members.group_by(head).having(lowest < level).subquery()
    first = func.min(snapshots.c.snapshot_id)
    query = (
        select(groups, func.min(snapshots.c.edition), func.min(snapshots.c.kind), first)
        .join(snapshots, snapshots.c.body_sha256 == groups.c.head)
        .group_by(*groups.c)
    )
    found = [
        _Old(head, count, int(size), (edition, kind), first)
        for head, count, size, edition, kind, first in connection.execute(query)
    ]
    return sorted(found, key=lambda group: (group.family, group.first))


def _windows(groups: list[_Old]) -> Iterator[list[_Old]]:
    """Whole groups of one family, some hundred bodies together."""
    for _, family in groupby(groups, key=lambda group: group.family):
        window: list[_Old] = []
        for group in family:
            window.append(group)
            enough = sum(one.bodies for one in window) >= WINDOW or sum(one.size for one in window) >= _WINDOW_BYTES
            if enough:
                yield window
                window = []
        if window:
            yield window
