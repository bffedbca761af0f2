"""Remembers, and hands out: the archive in one SQLite file.

`from storage import Archive` gives the same class as `from dateline import Archive`, see storage/read/archive.py. Each
part of the work has a room: `db` the file, `write` what crawls write through, `read` what readers ask.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.write.archive import Archive

__all__ = ["Archive"]


def __getattr__(name: str) -> object:
    """Imports the archive when it is asked for: it takes half a second, for which `dateline` does not wait."""
    if name == "Archive":
        return import_module("storage.write.archive").Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
