"""The file of an archive, made as small as what it holds."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.db.faults import wrapped
from storage.db.file_identity import Identity
from storage.db.sqlite_file import BUSY_SECONDS, uri
from storage.terminal.progress import Tell
from storage.write.archive import Archive

_WORTH: Final = 0.02  # of the file must be free before all of it is written anew
_LOOK: Final = 100_000  # steps of SQLite between two looks whether somebody pressed Ctrl-C


@dataclass(frozen=True, slots=True)
class VacuumResult:
    """The file before and after, in bytes. `free` of them hold nothing; `why_not` says why they were not given back.

    What is not given back is not lost: the next pages are written there.
    """

    before: int
    after: int
    free: int
    why_not: str | None = None


def give_back(archive: Archive, tell: Tell) -> VacuumResult | None:
    """Writes the file anew without what is free in it (`VACUUM`); None for a server, which does that by itself.

    It takes as much disk again as the archive holds while it runs. Stopping it leaves the file as it was.
    Raises KeyboardInterrupt, and ArchiveError when it cannot be written.
    """
    path = archive.place.path
    if path is None:
        return None
    identity = Identity(path)
    identity.note()
    archive.close()  # what it holds open would be in the way; it is opened again when it is asked
    with wrapped(path), closing(_opened(path)) as file:
        before, free = _size(file)
        why_not = _why_not(path, before, free)
        identity.check()
        if why_not is None:
            tell("giving back", 0, 0)
            _vacuum(file)
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        after, free = _size(file)
    return VacuumResult(before, after, free, why_not)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(uri(path, "rw"), uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def _size(file: sqlite3.Connection) -> tuple[int, int]:
    """Bytes of the file, and how many of them hold nothing."""
    numbers = (file.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_size", "page_count", "freelist_count"))
    page, count, free = numbers
    return page * count, page * free


def _why_not(path: Path, size: int, free: int) -> str | None:
    if free < size * _WORTH:
        return "little is free"
    # The new content is gathered in a temporary file and goes through the -wal file.
    needed = 2 * (size - free)
    if shutil.disk_usage(path.parent).free < needed:
        return f"it takes {needed:,} bytes of free disk"
    return None


def _vacuum(file: sqlite3.Connection) -> None:
    file.set_progress_handler(lambda: 0, _LOOK)  # Python sees to signals there
    try:
        file.execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error
        raise
