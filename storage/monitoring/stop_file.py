"""Whether a stop file keeps the crawls of an archive from asking: they leave it alone then, and say nothing of it."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.dates import utc_text
from crawler.rules import politeness


@dataclass(frozen=True, slots=True)
class StopFile:
    """A stop file: its path, and when it was last written, as UTC text."""

    path: str
    since: str


def stop_file(archive: str) -> StopFile | None:
    """The stop file in the working directory, or else beside the archive, where crawls are started; None without one.

    A path that a crawl was given with ``-s STOP_FILE=`` alone is not known here.
    """
    name = politeness.stop_file(os.environ)
    for path in (Path(name), Path(archive).parent / name) if name else ():
        with suppress(OSError, ValueError):
            return StopFile(str(path), utc_text(datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    return None
