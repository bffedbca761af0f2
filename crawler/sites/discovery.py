"""Where site files lie: those that come with Dateline, ``./sites``, the folders of DATELINE_SITES, installed packages.

Only files are looked at; nothing of a package is run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from crawler.errors import SiteFileError
from crawler.sites import files
from crawler.sites.declared.sitefile import MAX_FILE

FOLDER: Final = "sites"
VARIABLE: Final = "DATELINE_SITES"
GROUP: Final = "dateline.sites"
_SUFFIX: Final = ".toml"


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that may declare a site. `origin` says through what it was found: ``dateline``, ``./sites``,
    ``DATELINE_SITES``, or the name of an installed package. `label` is how messages name it.
    """

    path: Path
    origin: str
    label: str = field(compare=False)

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with Dateline."""
        return self.origin == "dateline"

    def read(self) -> bytes:
        """What it holds. Raises SiteFileError for one that cannot be read, or is too long to be read."""
        try:
            size = self.path.stat().st_size
            if size > MAX_FILE:
                raise SiteFileError(f"{self.label}: a file of {size:,} bytes; a site file has at most {MAX_FILE:,}")
            return self.path.read_bytes()
        except OSError as error:
            raise SiteFileError(f"{self.label}: cannot be read: {error.strerror or error}") from None


@dataclass(frozen=True, slots=True)
class Search:
    """The files that were found, each once however it was found, and what was named and is not there."""

    files: tuple[SiteFile, ...]
    problems: tuple[str, ...]


def search(environ: Mapping[str, str] = os.environ) -> Search:
    """Every site file in reach, in the order in which they are looked for."""
    problems: list[str] = []
    found = [*_in_folder(Path(files.__file__).parent, "dateline"), *_in_folder(Path(FOLDER), f"./{FOLDER}")]
    for name in environ.get(VARIABLE, "").split(os.pathsep):
        if not name.strip():
            continue
        folder = Path(name.strip()).expanduser()
        if folder.is_dir():
            found += _in_folder(folder, VARIABLE)
        else:
            problems.append(f"{VARIABLE}: {name.strip()} is no folder; name folders that hold site files")
    for entry in entry_points(group=GROUP):
        found += _installed(entry, problems)
    distinct = {site_file.path.resolve(): site_file for site_file in reversed(found)}
    return Search(tuple(reversed(distinct.values())), tuple(problems))


def _in_folder(folder: Path, origin: str) -> list[SiteFile]:
    try:
        paths = sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.is_file())
    except OSError:  # a folder that may not be read: as if it were none
        return []
    return [SiteFile(path, origin, f"dateline/{path.name}" if origin == "dateline" else str(path)) for path in paths]


def _installed(entry: EntryPoint, problems: list[str]) -> Iterator[SiteFile]:
    origin = entry.dist.name if entry.dist is not None else entry.name
    spec = _spec(entry.module)
    if spec is None or not spec.submodule_search_locations:
        problems.append(f"{origin}: its entry point {GROUP} names {entry.value}, which is no package; reinstall it")
        return
    for folder in spec.submodule_search_locations:
        yield from _in_folder(Path(folder), origin)


def _spec(module: str) -> ModuleSpec | None:
    try:
        return find_spec(module)
    except (ImportError, ValueError):  # its parent is not there
        return None
