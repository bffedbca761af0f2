"""Reading WARC files: record by record, each with its digests checked, and loud about a file that is not whole.

WARC/0.17 to 1.1 is read, gzipped per record, as a whole, or not at all. Records are bounded in memory: of one that is
larger than the limit, or of a type that nobody here asks for, only the headers are kept.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from crawler.errors import ArchiveError
from storage.warc.gzip_members import CHUNK, Broken, GzipMembers

LIMIT: Final = 64 * 2**20
"""Bytes of a record's block that are held in memory: four times the largest page that a crawl takes."""

WANTED: Final = frozenset({"warcinfo", "response", "revisit", "request", "metadata"})

_VERSION: Final = re.compile(rb"WARC/[01]\.\d{1,2}\s*")
_ARC: Final = b"filedesc:"  # begins an ARC file, what crawlers wrote before WARC
_LINE: Final = 2**16
_LINES: Final = 1000
_HEADERS: Final = 2**20  # bytes; programs write some hundreds
_MONTH: Final = re.compile(r"[0-9]{4}(-[0-9]{2})?")
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
        return bare(self.header("WARC-Target-URI"))

    @property
    def moment(self) -> datetime | None:
        """Its WARC-Date, None where it has none that can be read."""
        return moment_of(self.header("WARC-Date"))


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
                yield _in_package(path, package)
        except zipfile.BadZipFile as error:
            raise ArchiveError(f"{path}: a damaged zip file ({error})") from error


def _in_package(path: Path, package: zipfile.ZipFile) -> list[tuple[str, IO[bytes]]]:
    names = [name for name in package.namelist() if re.fullmatch(r"archive/.*\.warc(\.gz)?", name)]
    if not names:
        raise ArchiveError(f"{path}: a zip file without archive/*.warc.gz: no WACZ package")
    try:
        return [(f"{path}:{name}", package.open(name)) for name in names]
    except RuntimeError as error:  # encrypted, or compressed in a way that zipfile does not know
        raise ArchiveError(f"{path}: {error}: unpack it and import the files in it") from error


def records(name: str, stream: IO[bytes], limit: int = LIMIT) -> Iterator[Record]:
    """The records of a WARC stream, `name` standing for it in messages. Raises BrokenWarc where it cannot go on."""
    try:
        source = GzipMembers(stream)
        while _skip_blank(source):
            yield _record(source, limit)
    except Broken as error:
        raise BrokenWarc(name, error) from error
    except (zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError) as error:  # of a package: damaged, or cut short
        raise ArchiveError(f"{name}: {error}") from error


def bare(text: str | None) -> str:
    """An address or record ID without the angle brackets that some programs put around it and others do not."""
    return (text or "").strip().removeprefix("<").removesuffix(">")


def moment_of(text: str | None) -> datetime | None:
    """The time that a header tells, with fractions of a second; None where it tells none.

    WARC 1.1 allows any precision from the year down. A time without an offset is UTC.

    >>> moment_of("2016-01").isoformat(), moment_of("2016-01-11T23:24:25.412Z").isoformat(), moment_of("once")
    ('2016-01-01T00:00:00+00:00', '2016-01-11T23:24:25.412000+00:00', None)
    """
    written = (text or "").strip().upper()
    if month := _MONTH.fullmatch(written):
        written += "-01" if month[1] else "-01-01"
    try:
        moment = datetime.fromisoformat(written)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def digest_matches(claimed: str, data: bytes) -> bool:
    """Whether `data` has the digest that a header claims (``sha1:BASE32``, ``sha256:hex``).

    True for an algorithm that is not known here: what cannot be checked is not wrong.
    """
    algorithm, value = _parts(claimed)
    return algorithm not in _DIGESTS or _is(hashlib.new(algorithm, data, usedforsecurity=False).digest(), value)


def digest_named(claimed: str | None) -> str | None:
    """A digest that a header claims, written in one way (``sha1:hex``); None for what is no digest known here.

    >>> digest_named("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")
    'sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709'
    """
    algorithm, value = _parts(claimed or "")
    if algorithm not in _DIGESTS:
        return None
    size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    digest = next((digest for digest in _readings(value) if len(digest) == size), None)
    return None if digest is None else f"{algorithm}:{digest.hex()}"


def digest_of(algorithm: str, data: bytes) -> str:
    """The digest of bytes, as `digest_named` writes it."""
    return f"{algorithm}:{hashlib.new(algorithm, data, usedforsecurity=False).hexdigest()}"


def _skip_blank(source: GzipMembers) -> bool:
    """Moves on to the next record. False at the end of the file."""
    while source.more():
        if source.peek() not in b"\r\n":
            return True
        source.read(1)
    return False


def _record(source: GzipMembers, limit: int) -> Record:
    offset = source.offset
    first = source.line(_LINE)
    if first.startswith(_ARC):
        raise Broken("it is an ARC file, not a WARC file: convert it first (warcio recompress OLD.arc.gz NEW)", offset)
    if not _VERSION.fullmatch(first):
        raise Broken("no WARC record begins here", offset)
    headers = dict(_headers(source, offset))
    kind = headers.get("warc-type", "").lower()
    text = headers.get("content-length", "")
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Broken(f"a record without a Content-Length ({text[:50]!r})", offset)
    length = int(text)
    keep = (kind in WANTED or _is_page(kind, headers)) and length <= limit
    block, digest = _block(source, length, offset, keep=keep, claimed=headers.get("warc-block-digest"))
    return Record(kind, headers, offset, length, block, digest)


def _is_page(kind: str, headers: Mapping[str, str]) -> bool:
    return kind == "resource" and bare(headers.get("warc-target-uri")).startswith(("http://", "https://"))


def _headers(source: GzipMembers, offset: int) -> Iterator[tuple[str, str]]:
    name = value = ""
    size = 0
    for _ in range(_LINES):
        raw = source.line(_LINE)
        size += len(raw)
        if not raw:
            raise Broken("the file ends within a record's headers: it is cut short", offset)
        if size > _HEADERS:
            raise Broken(f"a record with more than {_HEADERS:,} bytes of headers", offset)
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
    source: GzipMembers, length: int, offset: int, *, keep: bool, claimed: str | None
) -> tuple[bytes | None, str | None]:
    """The block, or None when it is not to be kept, and which digest it does not have."""
    algorithm, value = _parts(claimed or "")
    hasher = _hasher(algorithm)
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


def _parts(claimed: str) -> tuple[str, str]:
    """Algorithm and value of a digest as a header has it: ``SHA-1:ABC`` is ``sha1`` and ``ABC``."""
    algorithm, _, value = claimed.partition(":")
    return algorithm.strip().lower().replace("-", ""), value.strip()


def _is(digest: bytes, written: str) -> bool:
    """Whether a digest is what was written, in any of the ways in which digests are written."""
    return digest in _readings(written)


def _readings(written: str) -> Iterator[bytes]:
    """What a written digest may stand for, one for each way of writing digests."""
    text = written.strip()
    padded = text + "=" * (-len(text) % 8)
    for decode, form in zip(_DECODERS, (padded.upper(), text.upper(), padded, padded), strict=True):
        try:
            yield decode(form)
        except (binascii.Error, ValueError):
            continue
