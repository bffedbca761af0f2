"""Frames: one body as one zstd frame, alone or against the raw bytes of another. Pure; what is stored where is decided
elsewhere (storage/write/evidence/bodies.py, storage/maintenance/compact.py).
"""

from __future__ import annotations

import zlib

import zstandard

from crawler.errors import ArchiveError

Dictionary = zstandard.ZstdCompressionDict


class DamagedBody(ArchiveError):
    """A stored body that cannot be read back. `sha256` names it, `what` is wrong; others are not concerned."""

    def __init__(self, sha256: str, what: str) -> None:
        super().__init__(f"body {sha256}: {what}; the page is lost here, others are not affected (`dateline verify`)")
        self.sha256, self.what = sha256, what


def as_dictionary(head: bytes) -> Dictionary:
    """A body as the dictionary of its group."""
    return Dictionary(head, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def compressor(level: int, head: bytes | None = None) -> zstandard.ZstdCompressor:
    """Makes frames that stand alone, or against a head. Each carries its body's size and a checksum of it."""
    if head is None:
        return zstandard.ZstdCompressor(level=level, write_checksum=True, write_content_size=True)
    dictionary = as_dictionary(head)
    dictionary.precompute_compress(level=level)
    return zstandard.ZstdCompressor(level=level, dict_data=dictionary, write_checksum=True, write_content_size=True)


def decompress(sha256: str, data: object, size: object, dictionary: Dictionary | None) -> bytes:
    """The body of a frame, which may be another than that of the digest. Raises DamagedBody."""
    if not isinstance(data, bytes):
        raise DamagedBody(sha256, "its frame is no longer bytes")  # SQLite keeps types with the values
    try:
        if zstandard.frame_content_size(data) != size:  # also keeps a damaged frame from growing without bound
            raise DamagedBody(sha256, f"its frame does not hold {size} bytes")
        return zstandard.ZstdDecompressor(dict_data=dictionary).decompress(data, allow_extra_data=False)
    except (zstandard.ZstdError, MemoryError) as error:
        raise DamagedBody(sha256, f"its frame is damaged ({error})") from error


def checksum(data: bytes) -> str:
    """The checksum of a frame itself, for `dateline verify`: a decoder overlooks one flipped bit in a thousand."""
    return f"{zlib.crc32(data):08x}"
