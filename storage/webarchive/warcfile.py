"""Reading WARC files: record by record, each with its digests checked, and loud about a file that is not whole.

Any WARC 1.x is read, gzipped or not. Records are bounded in memory: of one that is larger than the limit, or of a type
that nobody here asks for, only the headers are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from crawler.errors import ArchiveError
from storage.webarchive.inflated import CHUNK, Broken, Inflated

LIMIT: Final = 64 * 2**20
"""Bytes of a record's block that are held in memory: four times the largest page that a crawl takes."""

WANTED: Final = frozenset({"warcinfo", "response", "revisit", "request", "metadata"})

_VERSION: Final = re.compile(rb"WARC/[01]\.\d{1,2}\s*")
_LINE: Final = 2**16
_LINES: Final = 1000
_DIGESTS: Final = frozenset({"md5", "sha1", "sha256", "sha384", "sha512", "blake2b", "blake2s"})
_DECODERS: Final[tuple[Callable[[str], bytes], ...]] = (
    base64.b32decode,
    base64.b16decode,
    base64.b64decode,
    base64.urlsafe_b64decode,
)


class BrokenWarc(ArchiveError):
    """A WARC file that cannot be read on. `str()` names the file, the offset, and what is the matter there."""

    def __init__(self, name: str, error: Broken) -> None:
        super().__init__(f"{name}: at byte {error.offset:,}: {error}")


@dataclass(frozen=True, slots=True)
class Record:
    """One record. `block` is None where it was not kept; `wrong` says which digest it does not have, None when all is
    well (or nothing is claimed). `offset` is where it begins in the file, as tools want it for fetching it.
    """

    type: str
    headers: Mapping[str, str] = field(repr=False)
    offset: int
    length: int
    block: bytes | None = field(default=None, repr=False)
    wrong: str | None = None

    def header(self, name: str) -> str | None:
        """A header of the record by its name; case does not matter."""
        return self.headers.get(name.lower())

    @property
    def name(self) -> str:
        """Its WARC-Record-ID, empty when it has none."""
        return self.header("WARC-Record-ID") or ""

    @property
    def target(self) -> str:
        """The address that it is about. wget puts it into angle brackets."""
        return (self.header("WARC-Target-URI") or "").strip().removeprefix("<").removesuffix(">")


@contextmanager
def warc_streams(path: Path) -> Iterator[list[tuple[str, IO[bytes]]]]:
    """The WARC files at a path, each with its name: the file itself, or those in a WACZ package."""
    with path.open("rb") as file:
        if not zipfile.is_zipfile(file):
            file.seek(0)
            yield [(str(path), file)]
            return
        try:
            with zipfile.ZipFile(file) as package:
                names = [name for name in package.namelist() if re.fullmatch(r"archive/.*\.warc(\.gz)?", name)]
                if not names:
                    raise ArchiveError(f"{path}: a zip file without archive/*.warc.gz: no WACZ package")
                yield [(f"{path}:{name}", package.open(name)) for name in names]
        except zipfile.BadZipFile as error:
            raise ArchiveError(f"{path}: a damaged zip file ({error})") from error


def records(name: str, stream: IO[bytes], limit: int = LIMIT) -> Iterator[Record]:
    """The records of a WARC stream, `name` standing for it in messages. Raises BrokenWarc where it cannot go on."""
    try:
        source = Inflated(stream)
        while _skip_blank(source):
            yield _record(source, limit)
    except Broken as error:
        raise BrokenWarc(name, error) from error
    except (zipfile.BadZipFile, EOFError) as error:  # a package's checksum, or a zip entry that is cut short
        raise ArchiveError(f"{name}: {error}") from error


def digest_matches(claimed: str, data: bytes) -> bool:
    """Whether `data` has the digest that a header claims (``sha1:BASE32``, ``sha256:hex``).

    True for an algorithm that is not known here: what cannot be checked is not wrong.
    """
    algorithm, _, value = claimed.strip().partition(":")
    algorithm = algorithm.lower().replace("-", "")
    return algorithm not in _DIGESTS or _is(hashlib.new(algorithm, data, usedforsecurity=False).digest(), value)


def _skip_blank(source: Inflated) -> bool:
    """Moves on to the next record. False at the end of the file."""
    while source.more():
        if source.peek() not in b"\r\n":
            return True
        source.read(1)
    return False


def _record(source: Inflated, limit: int) -> Record:
    offset = source.offset
    if not _VERSION.fullmatch(source.line(_LINE)):
        raise Broken("no WARC record begins here", offset)
    headers = dict(_headers(source, offset))
    kind = headers.get("warc-type", "").lower()
    text = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Broken(f"a record without a Content-Length ({text[:50]!r})", offset)
    length = int(text)
    keep = kind in WANTED and length <= limit
    block, digest = _block(source, length, offset, keep=keep, claimed=headers.get("warc-block-digest"))
    return Record(kind, headers, offset, length, block, digest)


def _headers(source: Inflated, offset: int) -> Iterator[tuple[str, str]]:
    name = value = ""
    for _ in range(_LINES):
        raw = source.line(_LINE)
        if not raw:
            raise Broken("the file ends within a record's headers: it is cut short", offset)
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line[:1] in {" ", "\t"} and name:
            value += f" {line.strip()}"
            continue
        if name:
            yield name, value
        if not line:
            return
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
    raise Broken(f"a record with more than {_LINES} header lines", offset)


def _block(
    source: Inflated, length: int, offset: int, *, keep: bool, claimed: str | None
) -> tuple[bytes | None, str | None]:
    """The block, or None when it is not to be kept, and which digest it does not have."""
    algorithm, _, value = (claimed or "").partition(":")
    hasher = _hasher(algorithm.strip().lower().replace("-", ""))
    parts, left = [], length
    while left:
        data = source.read(min(left, CHUNK))
        if not data:
            raise Broken(f"the file ends {left:,} bytes before the end of a record: it is cut short", offset)
        left -= len(data)
        if hasher is not None:
            hasher.update(data)
        if keep:
            parts.append(data)
    wrong = None if hasher is None or _is(hasher.digest(), value) else f"its block is not {claimed}"
    return b"".join(parts) if keep else None, wrong


def _hasher(algorithm: str) -> Any:  # noqa: ANN401 - hashlib names the type of its objects nowhere
    return hashlib.new(algorithm, usedforsecurity=False) if algorithm in _DIGESTS else None


def _is(digest: bytes, written: str) -> bool:
    """Whether a digest is what was written, in any of the ways in which digests are written."""
    text = written.strip()
    padded = text + "=" * (-len(text) % 8)
    for decode, form in zip(_DECODERS, (padded.upper(), text.upper(), padded, padded), strict=True):
        try:
            if decode(form) == digest:
                return True
        except (binascii.Error, ValueError):
            continue
    return False
