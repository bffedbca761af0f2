"""Whether a file is still the one that was opened: not deleted, not moved away, not replaced by another.

SQLite itself goes on writing into a file that has no name any more, and finds its -wal and -shm files by name: what
lies there would be applied to a copy that was put in the archive's place.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crawler.errors import ArchiveError

_PATIENCE: Final = 2000  # milliseconds for readers to let go of a -wal file that is to be emptied

Inode = tuple[int, int]


@dataclass(slots=True)
class Identity:
    """The file at a path as it was opened first, and the -wal file that came with it."""

    path: Path
    _file: Inode | None = None
    _wal: Inode | None = field(default=None)

    def note(self) -> None:
        """Notes what was opened; later connections must find the same. Raises ArchiveError."""
        if self._file is None:
            self._file = _inode(self.path)
        self.check()

    def note_wal(self) -> None:
        """Notes the -wal file, once something was read or written."""
        self._wal = self._wal or _inode(self._beside("-wal"))

    @property
    def lost(self) -> bool:
        """Whether another file, or none, stands under the name."""
        return self._file is not None and _inode(self.path) != self._file

    def check(self) -> None:
        """Raises ArchiveError where the file is no longer the one that was opened."""
        if not self.lost:
            return
        what = "another file was put in its place" if self.path.exists() else "it was deleted or moved away"
        raise ArchiveError(
            f"archive {self.path}: {what} while it was open: nothing more is written. What was written before is in "
            "the file that was opened, wherever that is now"
        )

    def let_go(self, connection: sqlite3.Connection) -> None:
        """Before a connection to a lost file is closed: folds the -wal file into it, and leaves none under the name.

        SQLite does neither for a file that was moved.
        """
        with suppress(sqlite3.Error):
            connection.rollback()
            connection.execute(f"PRAGMA busy_timeout={_PATIENCE}")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        wal = self._beside("-wal")
        with suppress(OSError):
            if self._wal is not None and _inode(wal) == self._wal and wal.stat().st_size:
                wal.unlink()
                self._beside("-shm").unlink()

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(f"{self.path.name}{ending}")


def _inode(path: Path) -> Inode | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
