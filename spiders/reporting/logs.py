"""Where the log goes and how it reads: text for people or a JSON object a line, in a file that does not grow for ever.

It takes the place of Scrapy's own root handler (LOG_INSTALL_ROOT_HANDLER is off), which knows neither.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scrapy.settings import BaseSettings

from crawler.errors import ArgumentError
from crawler.secrets import HIDDEN, secrets_in, without_secrets
from storage.terminal.lines import escaped, printable

if TYPE_CHECKING:
    from spiders.run import Run

# A log file that is rotated when it is large, by whoever notices first of the processes that write it.
#
# Crawls of several editions share a log. Each line goes out in one append, so lines never mix; each process looks
# before a line whether the file under the name is still the one that it has open, which also makes logrotate welcome.


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


# What must not stand in a log: passwords, tokens and addresses that hold them.

NAMES = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|CREDENTIAL|NOTIFY|WEBHOOK", re.IGNORECASE)
SHORTEST = 4  # characters: a shorter one would be found in ordinary words


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values that are known to be secret, the longest first, and what looks like one."""

    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: BaseSettings) -> Self:
        """Of the settings and the environment: what their names say, and the passwords of their addresses."""
        named: Mapping[str, str] = {**os.environ, **{name: str(settings[name] or "") for name in settings}}
        return cls(tuple(sorted(set(_secret(named)), key=len, reverse=True)))

    def out_of(self, text: str) -> str:
        """The text without them."""
        for value in self.values:
            text = text.replace(value, HIDDEN)
        return without_secrets(text)


def _secret(named: Mapping[str, str]) -> Iterable[str]:
    for name, value in named.items():
        if NAMES.search(name):
            yield from (part for part in value.split() if len(part) >= SHORTEST)
        else:
            yield from (form for form in secrets_in(value) if len(form) >= SHORTEST)


FORMATS = ("text", "json")
FACTS = ("outcome", "exit_code")  # what a record may say of a crawl besides its message


class Context(logging.Filter):
    """Adds to every record the edition and crawl_id that it belongs to, as far as the run knows."""

    def __init__(self) -> None:
        super().__init__()
        self.run: Run | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: nothing is left out. One edition is crawled after the other, so the first unfinished is it."""
        crawl = next((crawl for crawl in self.run.crawls if not crawl.done), None) if self.run is not None else None
        if crawl is not None and not hasattr(record, "crawl_id"):
            record.edition, record.crawl_id = crawl.edition.name, crawl.crawl_id
        return True


class TextLines(logging.Formatter):
    """A line for people, by Scrapy's LOG_FORMAT. What came from the network cannot drive the terminal that shows it."""

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
        self._secrets = Secrets.of(settings)

    def format(self, record: logging.LogRecord) -> str:
        lines = self._secrets.out_of(super().format(record)).splitlines()
        return "\n".join(printable(line) for line in lines)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message; edition and crawl_id where they are known; an
    exception with its traceback as one field.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__()
        self._secrets = Secrets.of(settings)

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        shown: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self._secrets.out_of(record.getMessage()),
        }
        for name in ("edition", "crawl_id", *FACTS):
            if hasattr(record, name):
                shown[name] = getattr(record, name)
        if record.exc_info:
            shown["exception"] = self._secrets.out_of(self.formatException(record.exc_info))
        return escaped(json.dumps(shown, ensure_ascii=False, default=str))


class Logs:
    """The log of one process. `begin` installs it; the run is told as soon as there is one."""

    def __init__(self, settings: BaseSettings) -> None:
        self.format = settings["LOG_FORMAT_NAME"]
        if self.format not in FORMATS:
            raise ArgumentError(f"LOG_FORMAT_NAME={self.format}: takes {' or '.join(FORMATS)}")
        self.context = Context()
        self.in_file = bool(settings["LOG_FILE"])
        self.handler = _handler(settings)
        self.handler.setFormatter((JsonLines if self.format == "json" else TextLines)(settings))
        self.handler.setLevel(settings["LOG_LEVEL"])
        self.handler.addFilter(self.context)

    @classmethod
    def begin(cls, settings: BaseSettings) -> Logs:
        """Log from now on. Raises ArgumentError for a format or file that cannot be."""
        logs = cls(settings)
        logging.root.addHandler(logs.handler)
        logging.root.setLevel(settings["LOG_LEVEL"])  # what nobody will see is not put together
        return logs

    def end(self) -> None:
        """Log no more."""
        logging.root.removeHandler(self.handler)
        self.handler.close()

    @property
    def for_programs(self) -> bool:
        """Whether stderr is read by a program: then everything on it is a JSON object."""
        return self.format == "json" and not self.in_file


def complain(message: str, settings: BaseSettings) -> None:
    """The one line of a crawl that cannot begin, on stderr: whatever was typed or found, it is one line."""
    _tell(message, settings, logging.ERROR)


def warn(message: str, settings: BaseSettings) -> None:
    """One line on stderr of a crawl that begins all the same."""
    _tell(f"warning: {message}", settings, logging.WARNING)


def _tell(message: str, settings: BaseSettings, level: int) -> None:
    line = Secrets.of(settings).out_of(" ".join(message.split()))
    if settings["LOG_FORMAT_NAME"] == "json":
        record = logging.LogRecord("dateline", level, __file__, 0, line, None, None)
        sys.stderr.write(JsonLines(settings).format(record) + "\n")
    else:
        sys.stderr.write(f"dateline: {printable(line)}\n")


def _handler(settings: BaseSettings) -> logging.Handler:
    if not settings.getbool("LOG_ENABLED"):
        return logging.NullHandler()
    if not settings["LOG_FILE"]:
        return logging.StreamHandler(sys.stderr)
    size, keep = settings.getint("LOG_FILE_SIZE"), settings.getint("LOG_FILE_KEEP")
    try:
        return LogFile(settings["LOG_FILE"], size, keep, append=settings.getbool("LOG_FILE_APPEND"))
    except OSError as error:
        raise ArgumentError(f"LOG_FILE={settings['LOG_FILE']}: cannot be written ({error.strerror})") from error
