"""Content decoding that tells the truth: bounded, and loud about a body that is cut short or is no such coding.

Used on what comes over the wire and on what other people's archives hold; it knows neither.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Final

import brotli
import zstandard

CHUNK: Final = 1 << 16
ZSTD_PIECE: Final = 256
ZLIB_FIRST: Final = {bytes([window << 4 | 8]) for window in range(8)}  # RFC 1950: method 8, windows up to 32 KiB


class Damaged(Exception):
    """A body that cannot be decoded whole. `args[0]` is what `Snapshot.damage` will say."""


def decode(body: bytes, codings: list[str], limit: int) -> bytes:
    """Undo `codings` (as listed in Content-Encoding) of at most `limit` decoded bytes. Raises Damaged."""
    for coding in reversed(codings):
        if coding in {"", "identity"}:
            continue
        if coding not in DECODERS:
            raise Damaged("undecodable")
        body = _gather(DECODERS[coding](body), limit)
    return body


def _gather(chunks: Iterator[bytes], limit: int) -> bytes:
    parts, size = [], 0
    try:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise Damaged("too large")
            parts.append(chunk)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise Damaged("undecodable") from error
    return b"".join(parts)


def _gzip(body: bytes) -> Iterator[bytes]:
    while body:  # a gzip body may be several members in a row
        member = zlib.decompressobj(wbits=31)
        yield from _inflated(member, body)
        body = member.unused_data.lstrip(b"\0")


def _deflate(body: bytes) -> Iterator[bytes]:
    # "deflate" is zlib by the standard, raw deflate from some servers; the first two bytes tell.
    zlib_header = int.from_bytes(body[:2], "big") % 31 == 0 and body[:1] in ZLIB_FIRST
    yield from _inflated(zlib.decompressobj(wbits=15 if zlib_header else -15), body)


def _inflated(stream: zlib._Decompress, body: bytes) -> Iterator[bytes]:
    chunk = stream.decompress(body, CHUNK)
    while chunk or (stream.unconsumed_tail and not stream.eof):
        yield chunk
        # Asked again without input too: all of it may be taken in while output is still to come.
        chunk = b"" if stream.eof else stream.decompress(stream.unconsumed_tail, CHUNK)
    if not stream.eof:
        raise Damaged("truncated")


def _brotli(body: bytes) -> Iterator[bytes]:
    stream = brotli.Decompressor()
    chunk = stream.process(body, output_buffer_limit=CHUNK)
    while chunk or not stream.can_accept_more_data():
        yield chunk
        chunk = stream.process(b"", output_buffer_limit=CHUNK)
    if not stream.is_finished():
        raise Damaged("truncated")


def _zstd(body: bytes) -> Iterator[bytes]:
    # Fed in small pieces: an RLE block of 4 bytes makes 128 KiB, so a piece makes 8 MiB at the most.
    stream = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj(read_across_frames=False)
    for start in range(0, len(body), ZSTD_PIECE):
        if stream.eof:
            return
        yield stream.decompress(body[start : start + ZSTD_PIECE])
    if not stream.eof:
        raise Damaged("truncated")


DECODERS: Final[dict[str, Callable[[bytes], Iterator[bytes]]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
