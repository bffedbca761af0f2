"""The formats in which articles are handed out, a module each. To add one, add its line to `FORMATS`."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from storage.export.columns import Table
    from storage.export.selection import ArticleExport

FORMATS = {
    "csv": "storage.export.formats.csv_file",
    "jsonl": "storage.export.formats.jsonl_file",
    "parquet": "storage.export.formats.parquet_file",
    "sqlite": "storage.export.formats.sqlite_copy",
}


@dataclass(frozen=True, slots=True)
class Format:
    """One format. `write` writes a handout into a file that is open for it, from its beginning; `ready` raises
    DatelineError where that cannot be done at all.

    `about` says what is particular to it, in Markdown; `dialect` is the same for Frictionless. `text`: it is UTF-8.
    """

    name: str
    endings: tuple[str, ...]
    mediatype: str
    about: str
    tables: tuple[Table, ...]
    write: Callable[[BinaryIO, ArticleExport], None]
    text: bool = False
    ready: Callable[[], None] = lambda: None
    dialect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that was written: `told` is the handout's statement and outcome."""

    name: str
    format: Format
    size: int
    sha256: str
    told: Mapping[str, Any]


def format_named(name: str) -> Format:
    """The format, which is only then imported. Raises KeyError."""
    found: Format = importlib.import_module(FORMATS[name]).FORMAT
    return found
