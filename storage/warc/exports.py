"""Exports for web archives: the captures of a choice into a WARC or WACZ file that is there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from crawler.errors import ArchiveError, ArgumentError
from crawler.settings import VERSION
from storage.db.engine import VERSIONS
from storage.read.coverage.statement import account_of
from storage.read.reader import Reader, reader_of
from storage.terminal.output_file import check_free, whole_file
from storage.warc.captures import CaptureCount, CaptureFilter, Captures, extent
from storage.warc.facts import Facts
from storage.warc.wacz import Index, Pages, Wacz, scratch_folder
from storage.warc.warc_writer import WarcFile
from storage.write.archive import Archive

SOFTWARE: Final = f"dateline/{VERSION}"

Progress = Callable[[int, int], None]
"""Told how many captures of how many are done."""


def _in_silence(_done: int, _of: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: `captures` visits of `editions` in `size` bytes. `left_out` could not be: `damaged` holds the
    digests of the bodies that the archive could not give back.
    """

    captures: int
    editions: tuple[str, ...]
    size: int
    left_out: int
    damaged: tuple[str, ...]


def export_warc(
    archive: Archive, path: Path, choice: CaptureFilter, *, force: bool = False, progress: Progress = _in_silence
) -> Exported:
    """Writes a choice of captures as one WARC file, gzipped when `path` ends in .gz.

    Raises ArgumentError for a wrong name or one that is taken (see `whole_file`), ArchiveError when nothing was chosen.
    """
    if not path.name.endswith((".warc", ".warc.gz")):
        raise ArgumentError(f"{path}: the name of a WARC file ends in .warc.gz, or in .warc to have it uncompressed")
    check_free(path, force=force)
    with archive.connection() as connection:
        captures = Captures(connection, choice)
        chosen = _chosen(extent(connection, choice), archive)
        with whole_file(path, force=force) as file:
            warc = WarcFile(file, compressed=path.name.endswith(".gz"))
            warc.info(chosen, SOFTWARE, VERSIONS[-1])
            for number, capture in enumerate(captures, 1):
                warc.capture(capture)
                progress(number, chosen.captures)
            size = file.tell()
    return _exported(captures, chosen, size)


def export_wacz(
    archive: Archive,
    path: Path,
    choice: CaptureFilter,
    *,
    force: bool = False,
    progress: Progress = _in_silence,
    now: datetime | None = None,
) -> Exported:
    """Writes a choice of captures as a WACZ package made at `now` (aware UTC; None: by the clock).

    Raises like `export_warc`.
    """
    if path.suffix != ".wacz":
        raise ArgumentError(f"{path}: the name of a WACZ file ends in .wacz")
    check_free(path, force=force)
    with archive.connection() as connection:
        captures = Captures(connection, choice)
        chosen = _chosen(extent(connection, choice), archive)
        title = f"News of {', '.join(chosen.editions)}"
        with (
            scratch_folder(path) as scratch,
            closing(Index(scratch)) as index,
            closing(Pages(scratch, title)) as pages,
            whole_file(path, force=force) as file,
        ):
            with closing(Wacz(file, now or datetime.now(UTC))) as package:
                with package.warc() as warc:
                    warc.info(chosen, SOFTWARE, VERSIONS[-1])
                    for number, capture in enumerate(captures, 1):
                        index.add(warc.capture(capture))
                        pages.add(capture)
                        progress(number, chosen.captures)
                package.finish(index, pages, {"title": title, **_about(reader_of(archive, connection), chosen)})
            size = file.tell()
    return _exported(captures, chosen, size)


def _chosen(found: CaptureCount, archive: Archive) -> CaptureCount:
    if not found.captures:
        raise ArchiveError(f"archive {archive.place}: it holds no page of that choice: nothing was written")
    return found


def _about(reader: Reader, chosen: CaptureCount) -> Facts:
    """What stands in a package besides its title: also what the archive covers of its editions."""
    coverage = {edition: account_of(reader, edition)[edition] for edition in chosen.editions}
    return {"description": _description(chosen), "software": SOFTWARE, "dateline": {"coverage": coverage}}


def _description(chosen: CaptureCount) -> str:
    return (
        f"{chosen.captures:,} visits to pages of {', '.join(chosen.editions)}, the last at {chosen.last}, as archived "
        "by Dateline. What the records say, and what of it is reconstructed, stands in their first record."
    )


def _exported(captures: Captures, chosen: CaptureCount, size: int) -> Exported:
    written = chosen.captures - captures.left_out
    return Exported(written, chosen.editions, size, captures.left_out, tuple(sorted(captures.damaged)))
