"""WACZ 1.1.1: a WARC file with its index and its list of pages in one zip, as ReplayWeb.page opens it.

archive/data.warc.gz is stored as it is, so that readers can fetch single records out of the zip. Index and pages are
gathered in temporary files beside it, since a zip is written one entry after the other: memory stays constant.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final
from uuid import uuid5

from crawler.dates import utc_text
from storage.warc.captures import Capture
from storage.warc.facts import Facts
from storage.warc.surt import surt
from storage.warc.warc_writer import RecordPosition, WarcFile

VERSION: Final = "1.1.1"
"""Of the format: https://specs.webrecorder.net/wacz/1.1.1/"""

_WARC: Final = "data.warc.gz"
_INDEX: Final = "indexes/index.cdx"  # CDXJ; but pywb looks for *.cdx, ReplayWeb.page for either
_COPIED: Final = 2**20


@dataclass(slots=True)
class Wacz:
    """A package that is being written into `file`: `warc` first, `finish` last, `close` whatever happened.

    `created` is aware UTC and stands in the package as the time of its making.
    """

    file: IO[bytes]
    created: datetime
    _zip: zipfile.ZipFile = field(init=False)
    _resources: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self.file, "w", zipfile.ZIP_STORED)

    @contextmanager
    def warc(self) -> Iterator[WarcFile]:
        """The WARC file of the package, to be written."""
        with self._zip.open(self._entry(f"archive/{_WARC}"), "w", force_zip64=True) as stream:
            warc = WarcFile(stream)
            yield warc
        self._list(f"archive/{_WARC}", warc.sink.sha256.hexdigest(), warc.sink.size)

    def finish(self, index: Index, pages: Pages, about: Facts) -> None:
        """Adds index, pages and the description of it all: `about` are its title and what else is to stand there."""
        self._add(_INDEX, index.lines())
        self._add("pages/pages.jsonl", pages.chunks())
        package = {
            "profile": "data-package",
            "wacz_version": VERSION,
            **about,
            "created": utc_text(self.created),
            "resources": self._resources,
        }
        described = json.dumps(package, indent=2).encode()
        digest = {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(described).hexdigest()}"}
        for name, content in (
            ("datapackage.json", described),
            ("datapackage-digest.json", json.dumps(digest, indent=2).encode()),
        ):
            self._zip.writestr(self._entry(name, zipfile.ZIP_DEFLATED), content)

    def close(self) -> None:
        """Writes the zip's own directory. The file stays open."""
        self._zip.close()

    def _add(self, path: str, chunks: Iterable[bytes]) -> None:
        sha256, size = hashlib.sha256(), 0
        with self._zip.open(self._entry(path, zipfile.ZIP_DEFLATED), "w", force_zip64=True) as entry:
            for chunk in chunks:
                sha256.update(chunk)
                size += len(chunk)
                entry.write(chunk)
        self._list(path, sha256.hexdigest(), size)

    def _list(self, path: str, sha256: str, size: int) -> None:
        name = path.rpartition("/")[2]
        self._resources.append({"name": name, "path": path, "hash": f"sha256:{sha256}", "bytes": size})

    def _entry(self, path: str, compression: int = zipfile.ZIP_STORED) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(path, self.created.timetuple()[:6])
        entry.compress_type = compression
        entry.external_attr = 0o644 << 16  # readable for people who unzip it
        return entry


class Index:
    """The CDXJ index: a line a page in the WARC file, sorted by key and time. In a temporary file in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._lines = sqlite3.connect(folder / "index.db", isolation_level=None)
        self._lines.execute("PRAGMA journal_mode=OFF")
        self._lines.execute("PRAGMA synchronous=OFF")
        self._lines.execute("CREATE TABLE lines (line BLOB)")
        self._lines.execute("BEGIN")

    def add(self, written: RecordPosition) -> None:
        """The line of one record."""
        self._lines.execute("INSERT INTO lines VALUES (?)", (cdxj(written).encode("utf-8", "replace"),))

    def lines(self) -> Iterator[bytes]:
        """All lines, sorted as bytes."""
        for (line,) in self._lines.execute("SELECT line FROM lines ORDER BY line"):
            yield line

    def close(self) -> None:
        self._lines.close()


def cdxj(written: RecordPosition) -> str:
    """One line of the index: key, time as 14 digits, and JSON.

    The file is named without its folder, and all numbers are text, as the readers of this format expect it.
    """
    fields: dict[str, str] = {
        "url": written.url,
        "mime": written.mime,
        **({} if written.status is None else {"status": str(written.status)}),
        "digest": written.digest,
        "length": str(written.length),
        "offset": str(written.offset),
        "filename": _WARC,
        "recordDigest": written.record_digest,
    }
    time = "".join(filter(str.isdigit, written.fetched_at))
    return f"{surt(written.url)} {time} {json.dumps(fields)}\n"


class Pages:
    """The list of pages: a line for each page that showed something new, with its text. A temporary file, too."""

    def __init__(self, folder: Path, title: str) -> None:
        self._file = (folder / "pages.jsonl").open("w+b")
        self._write({"format": "json-pages-1.0", "id": "pages", "title": title, "hasText": True})

    def add(self, capture: Capture) -> None:
        """The page of a capture; nothing when no story was read from it, or none that was not known already."""
        if capture.revisions:
            self._write(page(capture, capture.revisions[-1]))

    def chunks(self) -> Iterator[bytes]:
        """The whole list."""
        self._file.seek(0)
        while chunk := self._file.read(_COPIED):
            yield chunk

    def close(self) -> None:
        self._file.close()

    def _write(self, line: Facts) -> None:
        self._file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


def page(capture: Capture, revision: Facts) -> Facts:
    """A line of the list of pages: the story as it was read from this capture."""
    captions = [photo["caption"] for photo in revision["photos"]]
    texts = (revision["lead"], revision["body"], *captions)
    return {
        "id": str(uuid5(capture.name, "page")),
        "url": capture.snapshot.url,
        "ts": capture.facts["fetched_at"],
        "title": revision["headline"],
        "text": "\n\n".join(text for text in texts if text),
    }


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` for temporary files: there is room for them where there is room for the file."""
    folder = path.with_name(f".{path.name}.parts")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
