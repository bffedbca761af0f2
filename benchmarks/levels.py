"""Which zstd level, and groups of how many pages: what do they cost in bytes, writing and reading?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from benchmarks.corpus import EDITION, pages
from benchmarks.measure import processor_seconds
from benchmarks.report import Bench, Cell, Claim, Report
from benchmarks.space import milliseconds, read_back
from storage.maintenance.compact import LEVEL as COMPACTED
from storage.write.archive import Archive
from storage.write.evidence.bodies import GROUP, LEVEL, Bodies

SIZE: Final = 1000
TINY: Final = 2

LEVELS: Final = (1, LEVEL, 6, 9, 12, 15, COMPACTED)
GROUPS: Final = (4, 8, 16, 32, GROUP, 2 * GROUP)


@dataclass(frozen=True, slots=True)
class _Way:
    """A level and a size of groups, what they cost, and who chose them."""

    level: int
    group: int

    @property
    def chosen(self) -> str:
        """`dateline compact` looks for better heads besides, so it takes less than its line says."""
        by = {(LEVEL, GROUP): "crawl", (COMPACTED, GROUP): "compact"}
        return by.get((self.level, self.group), "")


def run(bench: Bench) -> Report:
    """Stores the same pages in every way, in the order of their fetching, as a crawl does, and reads some back."""
    bodies = [(hashlib.sha256(page.body).hexdigest(), page.body) for page in pages(bench.size)]
    mean = sum(len(body) for _, body in bodies) / bench.size
    measured: dict[_Way, Sequence[float | None]] = {}
    with Archive.open(str(bench.folder / "archive.db"), create=True) as archive:
        for way in (_Way(level, group) for level in LEVELS for group in GROUPS):
            with archive.writing() as connection:
                measured[way] = _stored(connection, way, bodies)
                connection.exec_driver_sql("DELETE FROM bodies")
    rows: list[Sequence[Cell]] = [
        (f"level {way.level:2}, groups of {way.group:3}", *figures, way.chosen) for way, figures in measured.items()
    ]
    reading = {way: figures[-2] or 0.0 for way, figures in measured.items() if way.chosen}
    return Report(
        f"zstd levels and sizes of groups, {bench.size:,} pages of {mean / 1000:.0f} KB on average",
        ("way", "bytes a page", "ms to write one", "ms to read one", "slowest of a hundred", "chosen by"),
        rows,
        [Claim(f"ms to read a body, as chosen by {way.chosen}", time, "<=", 5.0) for way, time in reading.items()],
    )


def _stored(connection: Connection, way: _Way, bodies: Sequence[tuple[str, bytes]]) -> Sequence[float | None]:
    """Bytes a page; milliseconds of a processor to write one, their heads included; to read one."""
    store = Bodies(way.level, way.group)

    def put() -> None:
        for sha256, body in bodies:
            store.put(connection, sha256, body, (EDITION, "article"))

    taken = processor_seconds(put)
    size = connection.exec_driver_sql("SELECT sum(length(data)) FROM bodies").scalar_one()
    return size / len(bodies), taken / len(bodies) * 1000, *milliseconds(read_back(connection))
