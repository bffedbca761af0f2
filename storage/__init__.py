"""Remembers, and hands out: the archive in one SQLite file.

`from storage import Archive` is the door for programs, see storage/readable.py. What lies here itself is the file: how
it is opened, locked and migrated, its tables, and its doors. All else has a room of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.archive import Archive

__all__ = ["Archive"]


def __getattr__(name: str) -> object:
    """Imports the archive when it is asked for: it takes half a second, for which `dateline` does not wait."""
    if name == "Archive":
        from storage.archive import Archive  # noqa: PLC0415 - as said

        return Archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
