"""What an answer in a WARC file brought: its payload, and the page in it.

The head of a record is what the server sent; its payload is often what the archiving program made of it, with chunks
and content codings undone. So a coding is undone where the bytes have it, whatever the head says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from crawler.html.decoding import Damaged, decode
from crawler.settings import DOWNLOAD_MAXSIZE
from storage.warc.http_message import HttpMessage, unchunked

_SIGNATURES: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")  # UTF-16
_MARKUP: Final = re.compile(rb"\s*[<{\[]")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEGINNING: Final = 512  # bytes: compressed data of this length without a control character does not occur
_STRAY: Final = 4  # control characters that a page may have there; compressed data has fifty


@dataclass(frozen=True, slots=True)
class Payload:
    """A payload: `sent` as it stands in the record, `wire` without chunks, `body` decoded.

    `damage` is why `body` is not whole, as in a Snapshot. `plain`: a content coding is claimed that is not there.
    """

    sent: bytes = field(repr=False)
    wire: bytes = field(repr=False)
    body: bytes = field(repr=False)
    damage: str | None = None
    plain: bool = False

    @property
    def forms(self) -> tuple[bytes, ...]:
        """The distinct bytes of which programs write the payload's digest."""
        return tuple(dict.fromkeys((self.sent, self.wire, self.body)))


def payload_of(answer: HttpMessage, *, truncated: bool = False) -> Payload:
    """The payload of an answer, its codings undone within the limits of a crawl."""
    wire, whole = answer.payload, not truncated
    if "chunked" in answer.values("Transfer-Encoding") and (bare := unchunked(wire)) is not None:
        wire, whole = bare[0], bare[1] and whole
    try:
        body, plain = _decoded(wire, answer.values("Content-Encoding"))
    except Damaged as damage:
        return Payload(answer.payload, wire, wire, str(damage))
    return Payload(answer.payload, wire, body, None if whole else "truncated", plain)


def _decoded(body: bytes, codings: Sequence[str]) -> tuple[bytes, bool]:
    """The body with its codings undone, and whether one of them was not there. Raises Damaged."""
    plain = False
    for number, coding in reversed(list(enumerate(codings))):
        try:
            decoded = decode(body, [coding], DOWNLOAD_MAXSIZE)
        except Damaged as damage:
            inner = any(body.startswith(_SIGNATURES.get(other, ())) for other in codings[:number])
            if str(damage) == "too large" or not (inner or is_plain(body)):
                raise
            plain = True
            continue
        if not decoded and is_plain(body):  # "{" alone is a whole Brotli stream of nothing
            plain = plain or bool(body)
            continue
        body = decoded
    return body, plain


def is_plain(body: bytes) -> bool:
    r"""Whether bytes are a page (or nothing) as they stand, and not in a coding.

    >>> is_plain(b"\n<!DOCTYPE html>"), is_plain(b'{"items": []}'), is_plain(b""), is_plain(b"\x1f\x8b<html>")
    (True, True, True, False)
    """
    beginning = body[:_BEGINNING].removeprefix(b"\xef\xbb\xbf")
    if beginning.startswith(_WIDE):
        beginning = beginning.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return not body or (_MARKUP.match(beginning) is not None and len(_CONTROL.findall(beginning)) <= _STRAY)
