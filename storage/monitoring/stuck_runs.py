"""Whether the crawl that holds an edition's lock still moves: every later one is told that it is busy, for ever."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from crawler.dates import stored
from crawler.monitors.health import Finding, lasting
from storage.read.reader import Reader, Row

STILL: Final = timedelta(hours=1)
"""Without a request, while the lock is held. A crawl ends itself sooner, after STUCK_TIMEOUT."""


def stuck(reader: Reader, edition: str, now: datetime | None = None) -> tuple[Row, ...]:
    """The finding, by the fields of a `Finding` and `since`; none while nobody holds the lock, and for a server."""
    now = now or datetime.now(UTC)
    lock = Path(f"{reader.name}.{edition}.lock")
    row = reader.row(_RUNNING, edition=edition) if reader.dialect == "sqlite" else None
    taken = _taken(lock)
    if row is None or row["finished_at"] is not None or taken is None or now - taken < STILL or not _held(lock):
        return ()
    signs = [moment for name in ("started_at", "asked_at") if (moment := stored(row[name])) is not None]
    still = now - max([taken, *(moment for moment in signs if moment <= now)])
    if still < STILL:
        return ()
    found = Finding(
        "stuck",
        "trouble",
        f"the crawl that is running has asked for nothing for {lasting(still)}, and keeps all others from it",
        f"a request at least every {lasting(STILL)}",
        f"end it ({_holder(lock)}); the next crawl goes on where it was",
        value=still.total_seconds(),
        limit=STILL.total_seconds(),
    )
    return (asdict(found) | {"since": None},)


def _taken(lock: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(lock.stat().st_mtime, UTC)
    except OSError:
        return None


def _held(lock: Path) -> bool:
    """Whether a living process holds the lock."""
    with suppress(OSError):
        file = os.open(lock, os.O_RDONLY)
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
    return False


def _holder(lock: Path) -> str:
    try:
        return lock.read_text("ascii", "replace").strip()[:200] or "its process"
    except OSError:
        return "its process"


_RUNNING: Final = """
SELECT started_at, finished_at,
  (SELECT MAX(asked_at) FROM requests r WHERE r.crawl_id = c.crawl_id) AS asked_at
FROM crawls c WHERE edition = :edition ORDER BY crawl_id DESC LIMIT 1"""
