"""Captures as WARC 1.1 records, which the tools of web archives read. What they say is described in docs/warc.md.

A capture becomes a `response` (or a `revisit` of an earlier one with the same page), the `request` as far as it is
known, and a `metadata` record with everything else, from which `dateline import` makes the same snapshot again.
All digests and ids follow from what the archive holds: two exports of one archive are equal byte for byte.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import quote
from uuid import UUID, uuid5

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.records import Headers, Snapshot
from storage.warc.captures import Capture, CaptureCount, Original
from storage.warc.facts import Facts

FORMAT: Final = "dateline-capture/1"
"""What the JSON of our metadata records calls itself; another number means that its fields mean something else."""

ORIGINAL: Final = "X-Archive-Orig-"
"""Stands before the name of a header that is true of the wire but not of the decoded body (as in pywb's answers)."""

URN: Final = "urn:dateline:"
"""Begins the target of metadata records. Under the page's own address replay tools would show them as the page."""

_HTTP: Final = "application/http; msgtype="
_SAME_PAGE: Final = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_NOT_MODIFIED: Final = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
_UNSENDABLE: Final = re.compile(r"[\r\n\x00]")
_URL: Final = re.compile(r"https?://(?:[^/?#@]*@)?([^/?#]*)([^#]*)", re.IGNORECASE)
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"


class Stream(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> None: ...


@dataclass(slots=True)
class Sink:
    """A stream that counts and digests what passes: `size` bytes with `sha256` in all, `record` since `begin`."""

    stream: Stream
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)
    record: Any = field(default_factory=hashlib.sha256)

    def begin(self) -> int:
        """Begins a record and returns its offset."""
        self.record = hashlib.sha256()
        return self.size

    def write(self, data: bytes, /) -> int:
        self.size += len(data)
        self.sha256.update(data)
        self.record.update(data)
        return self.stream.write(data)

    def flush(self) -> None:
        self.stream.flush()


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """Where a response or revisit stands in the file, as an index tells it.

    `mime` is ``warc/revisit`` for a revisit, `status` None where the record has no HTTP head. `digest` is of the page,
    `record_digest` of the record as it stands in the file (compressed).
    """

    url: str
    fetched_at: str
    mime: str
    status: int | None
    digest: str
    offset: int
    length: int
    record_digest: str


class _Head(StatusAndHeaders):  # type: ignore[misc]
    """HTTP headers as bytes. warcio would write its own, with what is not ASCII percent-encoded."""

    def __init__(self, head: bytes) -> None:
        super().__init__("as given", [])
        self.head = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:  # noqa: ARG002 - warcio's signature
        self.headers_buff = self.head


@dataclass(frozen=True, slots=True)
class _Block:
    """The content of a record: an HTTP head (None: not HTTP) and what follows it."""

    type: str
    content_type: str
    head: bytes | None
    payload: bytes = field(default=b"", repr=False)


class WarcFile:
    """A WARC file that is being written. `compressed`: one gzip member a record, as replay tools need it."""

    def __init__(self, stream: Stream, *, compressed: bool = True) -> None:
        self.sink = Sink(stream)
        self._writer = WARCWriter(self.sink, gzip=compressed, warc_version="1.1")

    def info(self, extent: CaptureCount, software: str, schema: str) -> None:
        """The first record: what wrote the file, and what is in it. It bears the time of the newest capture."""
        fields = {
            "software": software,
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "description": (
                "News pages as archived by Dateline. Bodies are stored with their content coding (gzip, br) undone; "
                f"headers that this made untrue are named {ORIGINAL}*. Status lines' reason phrases, request lines and "
                "Host headers are reconstructed. Metadata records hold what else is known, as JSON."
            ),
            "editions": ", ".join(extent.editions),
            "archive-schema": schema,
        }
        text = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        name = uuid5(UUID(int=0), f"{text} {extent.captures} {extent.last}")
        headers = {"WARC-Date": extent.last or "1970-01-01T00:00:00Z"}
        self._write(name, _Block("warcinfo", "application/warc-fields", None, text.encode()), headers)

    def capture(self, capture: Capture) -> RecordPosition:
        """The records of a capture. Returns where its page stands."""
        snapshot = capture.snapshot
        common = {"WARC-Target-URI": _address(snapshot.url), "WARC-Date": capture.facts["fetched_at"]}
        response = uuid5(capture.name, "response")
        place = self._answer(capture, response, common)
        concurrent = {**common, "WARC-Concurrent-To": _urn(response)}
        if snapshot.request_headers:
            block = _Block("request", f"{_HTTP}request", request_head(snapshot))
            self._write(uuid5(capture.name, "request"), block, concurrent)
        block = _Block("metadata", "application/json", None, _json(told(capture)))
        concurrent["WARC-Target-URI"] = f"{URN}{common['WARC-Target-URI']}"
        self._write(uuid5(capture.name, "metadata"), block, concurrent)
        return place

    def _answer(self, capture: Capture, name: UUID, common: Mapping[str, str]) -> RecordPosition:
        snapshot, original = capture.snapshot, capture.original
        headers = {**common, **_circumstances(snapshot)}
        if original is None:
            block = _Block("response", f"{_HTTP}response", response_head(snapshot), snapshot.body)
            headers["WARC-Payload-Digest"] = _digest(snapshot.body)
        else:
            headers |= _repeats(original, not_modified=not snapshot.body)
            # The head of a 304 would be replayed as a 304, so an empty page: it stands in the metadata record.
            block = _Block("revisit", f"{_HTTP}response", response_head(snapshot) if snapshot.body else None)
        offset = self._write(name, block, headers)
        return RecordPosition(
            url=headers["WARC-Target-URI"],
            fetched_at=headers["WARC-Date"],
            mime="warc/revisit" if original else _mime(snapshot),
            status=None if block.head is None else snapshot.status,
            digest=headers["WARC-Payload-Digest"],
            offset=offset,
            length=self.sink.size - offset,
            record_digest=f"sha256:{self.sink.record.hexdigest()}",
        )

    def _write(self, name: UUID, block: _Block, more: Mapping[str, str]) -> int:
        headers = {"WARC-Type": block.type, "WARC-Record-ID": _urn(name), **more}
        if block.type in {"request", "metadata"}:
            headers["WARC-Payload-Digest"] = _digest(block.payload)
        headers["WARC-Block-Digest"] = _digest((block.head or b"") + block.payload)
        record = ArcWarcRecord(
            "warc",
            block.type,
            StatusAndHeaders("", list(headers.items()), protocol="WARC/1.1"),
            BytesIO(block.payload),
            None if block.head is None else _Head(block.head),
            block.content_type,
            len(block.payload),
            payload_length=len(block.payload),
        )
        offset = self.sink.begin()
        self._writer.write_record(record)
        return offset


def _circumstances(snapshot: Snapshot) -> dict[str, str]:
    headers = {}
    if snapshot.wire.ip_address:
        headers["WARC-IP-Address"] = _UNSENDABLE.sub("", snapshot.wire.ip_address)
    if snapshot.damage == "truncated":
        headers["WARC-Truncated"] = "unspecified"
    return headers


def _repeats(original: Original, *, not_modified: bool) -> dict[str, str]:
    """What makes a record a revisit. The payload of both kinds is that of the original."""
    return {
        "WARC-Profile": _NOT_MODIFIED if not_modified else _SAME_PAGE,
        "WARC-Refers-To-Target-URI": _address(original.url),
        "WARC-Refers-To-Date": original.fetched_at,
        "WARC-Payload-Digest": f"sha256:{original.sha256}",
        **({} if not_modified else {"WARC-Truncated": "length"}),
    }


def told(capture: Capture) -> Facts:
    """What a metadata record says."""
    return {
        "format": FORMAT,
        "snapshot": capture.facts,
        "ordinal": capture.ordinal,
        "reading": {"mark": capture.mark, "problem": capture.problem},
        "crawl": capture.crawl,
        "revisions": capture.revisions,
    }


def response_head(snapshot: Snapshot) -> bytes:
    """Status line and headers as the server sent them, in order, with repeats. The reason phrase is reconstructed."""
    version = "HTTP/1.0" if snapshot.wire.protocol == "HTTP/1.0" else "HTTP/1.1"
    phrase = _PHRASES.get(snapshot.status, "")
    return _head(f"{version} {snapshot.status} {phrase}".rstrip(), true_headers(snapshot))


def true_headers(snapshot: Snapshot) -> Headers:
    """The response's headers, those renamed that the decoding of the body has made untrue.

    A Content-Encoding that is undone (here, or before the page was imported), a Transfer-Encoding, a Content-Length
    that is not the body's: a replay tool that believed them could not show the page.
    """
    untrue = {"transfer-encoding"}
    if snapshot.sha256 != snapshot.wire.sha256 or (snapshot.damage is None and snapshot.body):
        untrue.add("content-encoding")
    length = str(len(snapshot.body))
    return tuple(
        (f"{ORIGINAL}{name}", value)
        if name.lower() in untrue or (name.lower() == "content-length" and value.strip() != length)
        else (name, value)
        for name, value in snapshot.wire.headers
    )


def request_head(snapshot: Snapshot) -> bytes:
    """The request with the headers that we sent. Request line and Host, which nobody noted, are reconstructed."""
    match = _URL.match(_address(snapshot.url))
    place, target = match.groups() if match else ("", "/")
    named = any(name.lower() == "host" for name, _ in snapshot.request_headers)
    host: Headers = () if named else (("Host", place),)
    slash = "" if target.startswith("/") else "/"
    return _head(f"GET {slash}{target} HTTP/1.1", (*host, *snapshot.request_headers))


def _head(first: str, headers: Headers) -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    text = "".join(_UNSENDABLE.sub(" ", line) + "\r\n" for line in lines) + "\r\n"
    return text.encode("latin-1", "replace")  # as headers go over the wire; metadata records have them exactly


def _mime(snapshot: Snapshot) -> str:
    return (snapshot.header("Content-Type") or "").partition(";")[0].strip().lower() or "unk"


def _address(url: str) -> str:
    """An address as a header can hold it: what no URL has (spaces, controls, other letters) percent-encoded."""
    return quote(url, safe=_SAFE, errors="replace")


def _json(value: Facts) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True).encode("ascii")


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _urn(name: UUID) -> str:
    return f"<urn:uuid:{name}>"
