"""Bytes of a file that may be gzipped in many members, read to the end or to a clear statement of where it breaks.

warcio's own reader takes a damaged or cut gzip file for one that ends there, with a line on stderr: pages would be
missing from an import that seemed to be whole.
"""

from __future__ import annotations

import zlib
from typing import IO, Final

CHUNK: Final = 1 << 16
_GZIP: Final = b"\x1f\x8b"
_ZSTD: Final = b"\x28\xb5\x2f\xfd"


class Broken(Exception):
    """The file cannot be read on. `offset` is where in it the record begins that is not whole."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class GzipMembers:
    """The plain bytes of a stream, in order. Bounded: at most a few chunks are held at a time.

    Errors of the disk pass as OSError. Anything that is no whole gzip file raises Broken.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._raw = file.read(CHUNK)
        self._taken = len(self._raw)
        self._plain = b""
        self._member: zlib._Decompress | None = None
        self._begin = 0
        self._gzipped = self._raw.startswith(_GZIP)
        if self._raw.startswith(_ZSTD):
            raise Broken("it is compressed with zstd: unpack it first (zstd -d)", 0)

    @property
    def offset(self) -> int:
        """Where in the file the next byte comes from: of a gzipped one, where its member begins."""
        return self._begin if self._gzipped else self._taken - len(self._raw) - len(self._plain)

    def more(self) -> bool:
        """Whether anything is left. Afterwards `offset` is that of the next byte."""
        return bool(self._plain) or self._fill()

    def peek(self) -> bytes:
        """The next byte, which stays; none at the end."""
        return self._plain[:1] if self.more() else b""

    def read(self, size: int) -> bytes:
        """At most `size` bytes, none only at the end."""
        if not self.more():
            return b""
        data, self._plain = self._plain[:size], self._plain[size:]
        return data

    def line(self, limit: int) -> bytes:
        """A line with its end; the rest of the file where that has none. Raises Broken for one longer than `limit`."""
        parts, size, start = [], 0, self.offset
        while self.more():
            end = self._plain.find(b"\n") + 1 or len(self._plain)
            part, self._plain = self._plain[:end], self._plain[end:]
            size += len(part)
            if size > limit:
                raise Broken(f"a header line of more than {limit:,} bytes", start)
            parts.append(part)
            if part.endswith(b"\n"):
                break
        return b"".join(parts)

    def _fill(self) -> bool:
        if not self._gzipped:
            self._plain, self._raw = self._raw or self._take(), b""
            return bool(self._plain)
        while self._member is not None or self._next_member():
            if data := self._inflate():
                self._plain = data
                return True
        return False

    def _next_member(self) -> bool:
        """Begins the next member. Zeros between and after members are padding."""
        while not (raw := self._raw.lstrip(b"\0")):
            self._raw = self._take()
            if not self._raw:
                return False
        self._raw = raw if len(raw) > 1 else raw + self._take()
        self._begin = self._taken - len(self._raw)
        if not self._raw.startswith(_GZIP):
            raise Broken("neither a gzip member nor the end of the file", self._begin)
        self._member = zlib.decompressobj(wbits=31)
        return True

    def _inflate(self) -> bytes:
        member = self._member
        if member is None:
            return b""
        raw = self._raw or self._take()
        try:
            data = member.decompress(raw, CHUNK) if raw else member.flush()
        except zlib.error as error:
            raise Broken(f"its gzip data is damaged ({error})", self._begin) from error
        self._raw = member.unused_data if member.eof else member.unconsumed_tail
        if member.eof:
            self._member = None
        elif not raw and not data:
            raise Broken("the file ends within a record: it is cut short", self._begin)
        return data

    def _take(self) -> bytes:
        data = self._file.read(CHUNK)
        self._taken += len(data)
        return data
