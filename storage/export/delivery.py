"""Articles into a file, with a data dictionary and a data package beside it: all there in the end, or nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crawler.errors import ArgumentError
from storage.db.sqlite_file import APPLICATION_ID
from storage.export.data_package import NAME, package_in, with_file
from storage.export.formats import ExportedFile, Format
from storage.export.readme import readme
from storage.export.selection import ArticleExport
from storage.terminal.output_file import check_free, whole_file

_CHUNK = 2**20
_MARK = slice(68, 72)  # of an SQLite file, where `PRAGMA application_id` stands


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written: `articles` of `editions` in `size` bytes, and the names of what stands beside it."""

    articles: int
    editions: tuple[str, ...]
    size: int
    sha256: str
    dictionary: Path
    datapackage: Path


def check_place(path: Path, made: Format, *, force: bool) -> None:
    """Raises ArgumentError where no such file can be written without destroying something."""
    if path.suffix not in made.endings:
        raise ArgumentError(f"{path}: the name of such a file ends in {' or '.join(made.endings)}")
    if path.is_file() and is_archive(path):
        raise ArgumentError(f"{path} is an archive of Dateline, which no export replaces: give another name")
    for taken in (path, _dictionary(path)):
        check_free(taken, force=force)
    package_in(path.parent)


def export_articles(handout: ArticleExport, path: Path, made: Format, *, force: bool = False) -> ExportSummary:
    """Writes the handout into `path`.

    Raises ArgumentError see `check_place`, DatelineError where the format is not to be had here, OSError when the disk
    is full: then nothing is written.
    """
    made.ready()
    check_place(path, made, force=force)
    dictionary, datapackage = _dictionary(path), path.parent / NAME
    # The inner file gets its name first: nothing ever describes a file that is not there.
    with (
        whole_file(datapackage, force=True) as package_file,
        whole_file(dictionary, force=force) as dictionary_file,
        whole_file(path, force=force) as file,
    ):
        made.write(file, handout)
        size, sha256 = _measured(file)
        written = ExportedFile(path.name, made, size, sha256, {**handout.statement(), **handout.outcome()})
        dictionary_file.write(readme(written).encode())
        package = with_file(package_in(path.parent), written)
        package_file.write(json.dumps(package, ensure_ascii=False, indent=2).encode() + b"\n")
        for beside in (dictionary_file, package_file):
            beside.flush()  # a disk that is full says so before anything has its name
    return ExportSummary(handout.count, tuple(sorted(handout.editions)), size, sha256, dictionary, datapackage)


def is_archive(path: Path) -> bool:
    """Whether a file is an archive of ours, of whatever version."""
    with path.open("rb") as file:
        return file.read(_MARK.stop)[_MARK] == APPLICATION_ID.to_bytes(4)


def _dictionary(path: Path) -> Path:
    return path.with_name(f"{path.name}.dictionary.md")


def _measured(file: BinaryIO) -> tuple[int, str]:
    file.flush()
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
