"""Files that are there whole or not at all: written under another name, renamed when they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from crawler.errors import ArgumentError


@contextmanager
def whole_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """A file to write that appears as `path` when the block ends well, and leaves no trace when it does not.

    A file that is there already stays as it is until then; without `force` it is not replaced. A process that is
    killed leaves ``.NAME.PID.part`` behind, never a half `path`. Raises ArgumentError when `path` exists (without
    `force`) or is a folder, OSError when the disk is full or the folder cannot be written.
    """
    check_free(path, force=force)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # or a power cut could leave the name with nothing behind it
        check_free(path, force=force)
        part.replace(path)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a write that fails does not know where it went
        raise


def check_free(path: Path, *, force: bool) -> None:
    """Raises ArgumentError when a file cannot be written under this name without destroying something."""
    if path.is_dir():
        raise ArgumentError(f"{path} is a folder: give the path of a file in it")
    if path.exists() and not force:
        raise ArgumentError(f"{path} exists: --force replaces it")
    if not path.parent.is_dir():
        raise ArgumentError(f"the folder of {path} does not exist: make it first (mkdir -p {path.parent})")
