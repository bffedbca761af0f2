"""The signatures that lie near an article in time, at hand in memory while a crawl saves one article after another.

Read from the table anew for each article they would cost more than all else that is saved of it: a busy agency
publishes thousands of items within the days that count.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, bindparam, select

from crawler.dates import utc_text
from crawler.matching.near_duplicates import SIZE, alike
from storage.db.schema import signatures
from storage.db.statements import Prepared

Place: TypeAlias = tuple[str, int]
"""When an article was published, as UTC text, and its article_id: the order in which signatures are held."""

_HELD: Final = "dateline.nearby"  # where a connection keeps them, and what state of the archive they are of
_MARGIN: Final = timedelta(days=1)  # read beyond what is asked for: the next article lies a few minutes further on
_ROOM: Final = 20_000  # signatures; with more, those around one article alone are kept
_LAST: Final = 2**63 - 1
_BETWEEN: Final = Prepared(
    select(signatures.c.published_at, signatures.c.article_id, signatures.c.minhash)
    .where(
        signatures.c.edition == bindparam("of_edition"),
        signatures.c.published_at >= bindparam("earliest"),
        signatures.c.published_at < bindparam("end"),
    )
    .order_by(signatures.c.published_at, signatures.c.article_id)
)


@dataclass(slots=True)
class SignatureCache:
    """The signatures of an edition from a time to before another. `places` and `slab` are in the same order."""

    edition: str
    earliest: str
    end: str
    places: list[Place] = field(default_factory=list)
    slab: bytearray = field(default_factory=bytearray, repr=False)

    def reach(self, connection: Connection, earliest: datetime, latest: datetime) -> None:
        """Holds what the table has between two times, both included, and may hold more."""
        if self.earliest <= utc_text(earliest) and utc_text(latest) < self.end:
            return
        before, after = utc_text(shifted(earliest, -_MARGIN)), utc_text(shifted(latest, _MARGIN)) + "~"
        apart = after <= self.earliest or self.end <= before
        if apart or len(self.places) > _ROOM:
            self.places, self.slab, self.earliest, self.end = [], bytearray(), before, before
        if before < self.earliest:
            self._read(connection, before, self.earliest, 0)
            self.earliest = before
        if self.end < after:
            self._read(connection, self.end, after, len(self.places))
            self.end = after

    def _read(self, connection: Connection, earliest: str, end: str, at: int) -> None:
        rows = _BETWEEN.all(connection, of_edition=self.edition, earliest=earliest, end=end)
        self.places[at:at] = [(published_at, article_id) for published_at, article_id, _ in rows]
        self.slab[at * SIZE : at * SIZE] = b"".join(minhash for _, _, minhash in rows)

    def put(self, published_at: str, article_id: int, minhash: bytes) -> None:
        """One more was written to the table."""
        if self.earliest <= published_at < self.end:
            at = bisect_left(self.places, (published_at, article_id))
            self.places.insert(at, (published_at, article_id))
            self.slab[at * SIZE : at * SIZE] = minhash

    def drop(self, published_at: str, article_id: int) -> None:
        """One was deleted from the table."""
        at = bisect_left(self.places, (published_at, article_id))
        if self.places[at : at + 1] == [(published_at, article_id)]:
            del self.places[at]
            del self.slab[at * SIZE : (at + 1) * SIZE]

    def like(self, minhash: bytes, earliest: datetime, latest: datetime) -> Iterator[tuple[int, int]]:
        """Articles between two times, both included, that are near-identical to one: their ids, and the percents."""
        first = bisect_left(self.places, (utc_text(earliest), 0))
        last = bisect_right(self.places, (utc_text(latest), _LAST))
        for at, percent in alike(minhash, bytes(self.slab[first * SIZE : last * SIZE])):
            yield self.places[first + at][1], percent


def nearby(connection: Connection, edition: str) -> SignatureCache:
    """What a connection holds of an edition: as the table is now, changes of this transaction among them."""
    version = _version(connection)
    if version is None:
        return SignatureCache(edition, "", "")
    of, held = connection.info.get(_HELD, (None, {}))
    if of != version:
        held = {}
        connection.info[_HELD] = version, held
    if edition not in held:
        held[edition] = SignatureCache(edition, "", "")
    found: SignatureCache = held[edition]
    return found


def _version(connection: Connection) -> int | None:
    """Changes whenever somebody else has written to the file; None where that cannot be told."""
    if connection.dialect.name != "sqlite":
        return None
    driver: Any = connection.connection.driver_connection
    (version,) = driver.execute("PRAGMA data_version").fetchone()
    return int(version)


def shifted(moment: datetime, by: timedelta) -> datetime:
    """A page may print any date, the first and the last of the calendar too."""
    try:
        return moment + by
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if by > timedelta() else datetime.min.replace(tzinfo=UTC)
