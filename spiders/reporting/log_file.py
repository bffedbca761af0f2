"""A log file that is rotated when it is large, by whoever notices first of the processes that write it.

Crawls of several editions share a log. Each line goes out in one append, so lines never mix; each process looks
before a line whether the file under the name is still the one that it has open, which also makes logrotate welcome.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
from contextlib import suppress
from pathlib import Path


class LogFile(logging.Handler):
    """Appends lines to `path`. Beyond `size` bytes (0: never) it is renamed to PATH.1, that to PATH.2, and so on up to
    `keep`; what comes after that is deleted. Raises OSError when the file cannot be opened.
    """

    def __init__(self, path: str | Path, size: int, keep: int, *, append: bool = True) -> None:
        super().__init__()
        self.path, self.size, self.keep = Path(path).absolute(), size, keep
        self._file = self._open(0 if append else os.O_TRUNC)

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line. A full disk costs the line, not the crawl."""
        try:
            line = (self.format(record) + "\n").encode("utf-8", "replace")
            self._follow()
            found = os.fstat(self._file)
            if self.size and found.st_size and found.st_size + len(line) > self.size and stat.S_ISREG(found.st_mode):
                self._rotate()
            os.write(self._file, line)
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Close the file. The next line opens it again: configuring logging anew closes all handlers there are."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        super().close()

    def _open(self, flags: int = 0) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | flags, 0o640)

    def _follow(self) -> None:
        """Take up the file that has the name now: another process may have renamed ours."""
        if self._file >= 0:
            with suppress(FileNotFoundError):
                here, ours = self.path.stat(), os.fstat(self._file)
                if (here.st_dev, here.st_ino) == (ours.st_dev, ours.st_ino):
                    return
            os.close(self._file)
            self._file = -1
        self._file = self._open()

    def _rotate(self) -> None:
        """Rename the files, unless another process has just done so. A process that dies here leaves no lock."""
        lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT, 0o640)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            ours = os.fstat(self._file)
            if self.path.exists() and self.path.stat().st_ino == ours.st_ino:
                for number in range(self.keep - 1, 0, -1):
                    older = Path(f"{self.path}.{number}")
                    if older.exists():
                        older.rename(f"{self.path}.{number + 1}")
                self.path.rename(f"{self.path}.1") if self.keep else self.path.unlink()
            self._follow()
        finally:
            os.close(lock)
