"""The public face of Dateline: what programs import.

>>> from dateline import Archive
>>> with Archive.open("archive.db", readonly=True) as archive:  # doctest: +SKIP
...     for article in archive.news("harvest", since="2026-03"):
...         print(article.name, article.headline)

Only the names in `__all__` are public. They are imported when they are first used, so `import dateline` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from crawler.errors import ArchiveBusy, ArchiveError, ArchiveLocked, ArgumentError, DatelineError
    from crawler.records import Article, Photo, Snapshot
    from storage.read.locate import NotInArchive
    from storage.read.records import Day, Match, News, Revision
    from storage.write.archive import Archive

__all__ = [
    "Archive",
    "ArchiveBusy",
    "ArchiveError",
    "ArchiveLocked",
    "ArgumentError",
    "Article",
    "DatelineError",
    "Day",
    "Match",
    "News",
    "NotInArchive",
    "Photo",
    "Revision",
    "Snapshot",
]

_MODULES: Final = {
    "storage.write.archive": ("Archive",),
    "storage.read.records": ("Day", "Match", "News", "Revision"),
    "storage.read.locate": ("NotInArchive",),
    "crawler.records": ("Article", "Photo", "Snapshot"),
    "crawler.errors": ("ArchiveBusy", "ArchiveError", "ArchiveLocked", "ArgumentError", "DatelineError"),
}
_HOMES: Final = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Imports a public name when it is first used."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def _refuse_strangers() -> None:
    """Raises ImportError where Python finds a package of another distribution under the name of one of ours."""
    ours = Path(__file__).resolve().parent.parent
    for name in ("crawler", "storage"):
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ImportError(f"dateline: its package `{name}` is missing from {ours}: install dateline again")
        found = Path(spec.origin).resolve().parent
        if found.parent != ours:
            raise ImportError(
                f"dateline: `{name}` is found in {found}, which does not belong to dateline and hides {ours / name}: "
                "rename or uninstall it, or install dateline in a virtual environment of its own"
            )


_refuse_strangers()
