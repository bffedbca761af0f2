"""Where the log goes and how it reads: text for people or a JSON object a line, in a file that does not grow for ever.

It takes the place of Scrapy's own root handler (LOG_INSTALL_ROOT_HANDLER is off), which knows neither.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings

from crawler.errors import ArgumentError
from spiders.reporting.log_file import LogFile
from spiders.reporting.redaction import Secrets
from storage.terminal.lines import escaped, printable

if TYPE_CHECKING:
    from spiders.run import Run

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
    line = Secrets.of(settings).out_of(" ".join(message.split()))
    if settings["LOG_FORMAT_NAME"] == "json":
        record = logging.LogRecord("dateline", logging.ERROR, __file__, 0, line, None, None)
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
