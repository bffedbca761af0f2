"""Reading WARC files: whatever is wrong with one is said, and nothing wrong is taken for right."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.errors import ArchiveError
from spiders.demo.newspaper import Newspaper
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_warc
from storage.warc.found import FoundCapture, found_in
from storage.warc.http_message import message, unchunked
from storage.warc.warc_reader import LIMIT, BrokenWarc, Record, digest_matches, records, warc_streams
from storage.write.archive import Archive
from tests.offline_crawl import OfflineCrawl, small_history


@lru_cache
def sample(name: str) -> bytes:
    """A small export as bytes."""
    with TemporaryDirectory() as folder, Archive.open(f"{folder}/archive.db", create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(1), calm=True))
        crawl.run()
        crawl.now += timedelta(hours=9)
        crawl.run()
        path = Path(folder) / name
        export_warc(archive, path, CaptureFilter(until="2026-03-02T09:00:05Z"))
        return path.read_bytes()


def read(data: bytes, limit: int = LIMIT) -> list[Record]:
    return list(records("file", io.BytesIO(data), limit))


def complaint(data: bytes) -> str | None:
    """What is said against a file; None when it is whole."""
    try:
        read(data)
    except BrokenWarc as error:
        return str(error)
    return None


def captures(data: bytes) -> list[FoundCapture]:
    """The captures before the end, or before the place where the file breaks."""
    found = []
    try:
        for capture in found_in("file", io.BytesIO(data)):
            found.append(capture)  # noqa: PERF402 - those before an error are wanted
    except ArchiveError:
        pass
    return found


def content(found: FoundCapture) -> tuple[str, bytes | None, bytes | None]:
    metadata = None if found.metadata is None else found.metadata.block
    return found.record.name, found.record.block, metadata


def record(block: bytes, kind: str = "response", version: str = "WARC/1.0", **headers: str) -> bytes:
    """One record as another program would write it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = {"WARC-Type": kind, "Content-Length": str(len(block)), **named}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{version}\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def test_what_is_written_is_read_at_the_offset_where_it_stands() -> None:
    for name in ("a.warc", "a.warc.gz"):
        data = sample(name)
        found = read(data)
        assert len(found) > 12
        assert [one.type for one in found[:4]] == ["warcinfo", "response", "request", "metadata"]
        for one in found:
            rest = data[one.offset :]
            start = gzip.GzipFile(fileobj=io.BytesIO(rest)).read(8) if name.endswith("gz") else rest[:8]
            assert start == b"WARC/1.1"
            assert one.wrong is None


@given(cut=st.integers(min_value=1), name=st.sampled_from(["a.warc", "a.warc.gz"]))
@hypothesis(max_examples=60)
def test_a_file_cut_anywhere_is_found_out_or_ends_between_two_records(cut: int, name: str) -> None:
    data = sample(name)
    rest = data[: cut % len(data)]
    whole = {one.offset for one in read(data)} | {len(data)}
    said = complaint(rest)
    if said is None:  # only blank lines are missing, or nothing
        assert any(data[len(rest) : end].strip(b"\r\n") == b"" for end in whole if end >= len(rest))
    else:
        assert "cut short" in said or "no WARC record" in said or "gzip member" in said


@given(at=st.integers(min_value=0), flip=st.integers(1, 255), name=st.sampled_from(["a.warc", "a.warc.gz"]))
@hypothesis(max_examples=120)
def test_a_changed_byte_never_passes_for_another_page(at: int, flip: int, name: str) -> None:
    data = bytearray(sample(name))
    data[at % len(data)] ^= flip
    true = {content(found) for found in captures(sample(name))}
    clean = [found for found in captures(bytes(data)) if not found.wrong and found.metadata is not None]
    pages = {block for _, block, _ in true}
    told = {metadata for _, _, metadata in true}
    for _, block, metadata in map(content, clean):
        assert block in pages
        assert metadata in told


@given(data=st.binary(max_size=300), prefix=st.sampled_from([b"", b"\x1f\x8b", b"WARC/1.0\r\n", b"\x28\xb5\x2f\xfd"]))
def test_any_bytes_are_read_or_refused(data: bytes, prefix: bytes) -> None:
    said = complaint(prefix + data)
    assert said is None or said.startswith("file: at byte ")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello\r\n", "at byte 0: no WARC record begins here"),
        (record(b"abc") + b"junk\r\n", "at byte 59: no WARC record begins here"),
        (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", "without a Content-Length"),
        (b"WARC/1.0\r\nContent-Length: -5\r\n\r\n", "without a Content-Length"),
        (b"WARC/1.0\r\nX: " + b"a" * 70_000, "a header line of more than"),
        (b"WARC/1.0\r\n" + b"X: a\r\n" * 2000, "more than 1000 header lines"),
        (b"WARC/1.0\r\nContent-Length: 10\r\n\r\nabc", "7 bytes before the end of a record: it is cut short"),
        (gzip.compress(record(b"abc"), mtime=0) + b"not gzip", "neither a gzip member nor the end"),
        (gzip.compress(record(b"abc"), mtime=0)[:-4], "it is cut short"),
        (gzip.compress(record(b"abc"), mtime=0)[:-8] + bytes(8), "its gzip data is damaged"),
        (b"\x28\xb5\x2f\xfd\x00\x00", "zstd"),
    ],
)
def test_an_error_names_the_file_the_place_and_what_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(BrokenWarc, match=r"^file: at byte ") as caught:
        read(data)
    assert message in str(caught.value)


def test_all_records_in_one_gzip_member_are_read_as_well() -> None:
    found = read(gzip.compress(record(b"one") + record(b"two")) + gzip.compress(record(b"three")) + bytes(20))
    assert [one.block for one in found] == [b"one", b"two", b"three"]


def test_a_record_that_is_too_large_or_of_no_use_is_not_held_in_memory() -> None:
    big, other, small = read(record(b"a" * 100_000) + record(b"b", kind="resource") + record(b"c"), limit=1000)
    assert (big.block, big.length, other.block, small.block) == (None, 100_000, None, b"c")
    (wrong,) = read(record(b"a" * 100_000, WARC_Block_Digest="md5:" + "0" * 32), limit=1000)
    assert wrong.wrong == f"its block is not md5:{'0' * 32}"


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_a_digest_is_known_in_every_way_of_writing_it(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"page").digest()
    ways = [
        digest.hex(),
        digest.hex().upper(),
        base64.b32encode(digest).decode(),
        base64.b32encode(digest).decode().rstrip("=").lower(),
        base64.b64encode(digest).decode(),
        base64.urlsafe_b64encode(digest).decode().rstrip("="),
    ]
    assert all(digest_matches(f"{algorithm}:{way}", b"page") for way in ways)
    assert not any(digest_matches(f"{algorithm}:{way}", b"pages") for way in ways)
    assert digest_matches("crc99:00", b"page")  # not known, so not wrong


def written_by_warcio(**headers: str) -> bytes:
    """Request and response as warcio writes them for other programs."""
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    named: Mapping[str, str] = {name.replace("_", "-"): value for name, value in headers.items()}
    url = "https://demo.example/all_news/"
    head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    asked = StatusAndHeaders("GET /all_news/ HTTP/1.1", [("User-Agent", "x")], is_http_request=True)
    response = writer.create_warc_record(
        url, "response", io.BytesIO(b"<html>"), 6, http_headers=head, warc_headers_dict=dict(named)
    )
    request = writer.create_warc_record(url, "request", http_headers=asked)
    writer.write_request_response_pair(request, response)
    return stream.getvalue()


def test_a_request_is_found_before_or_after_its_response() -> None:
    after = written_by_warcio()
    (found,) = captures(after)
    assert found.request is not None
    members = [after[one.offset :] for one in read(after)]
    response, request = members[0][: len(after) - len(members[1])], members[1]
    (turned,) = captures(request + response)
    assert turned.request is not None
    assert turned.request.name == found.request.name
    (alone, other) = captures(response + written_by_warcio())
    assert alone.request is None
    assert other.request is not None


def test_the_warc_files_in_a_package_are_read_and_other_zips_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.wacz", "w") as package:
        package.writestr("archive/one.warc.gz", gzip.compress(record(b"one")))
        package.writestr("archive/two.warc", record(b"two"))
        package.writestr("pages/pages.jsonl", b"{}")
    with warc_streams(tmp_path / "a.wacz") as streams:
        assert [one.block for name, stream in streams for one in records(name, stream)] == [b"one", b"two"]
        assert streams[0][0] == f"{tmp_path}/a.wacz:archive/one.warc.gz"
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as package:
        package.writestr("readme", b"")
    with pytest.raises(ArchiveError, match="no WACZ package"), warc_streams(tmp_path / "b.zip"):
        pass


def test_a_message_is_taken_apart_as_it_came() -> None:
    answer = message(b"HTTP/1.1 200 OK\r\nA: 1\r\nB:2\r\n folded \r\nno colon\r\nA: 3, Four\r\n\r\nbody\r\n\r\n")
    assert answer is not None
    assert answer.status == ("HTTP/1.1", 200)
    assert answer.headers == (("A", "1"), ("B", "2 folded"), ("A", "3, Four"))
    assert answer.values("a") == ["1", "3", "four"]
    assert answer.payload == b"body\r\n\r\n"
    assert message(b"no head at all") is None


@given(parts=st.lists(st.binary(min_size=1, max_size=40), max_size=5), keep=st.integers(0, 300))
def test_chunks_are_undone_and_cut_chunks_are_known(parts: list[bytes], keep: int) -> None:
    coded = b"".join(b"%X;x=y\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    assert unchunked(coded) == (b"".join(parts), True)
    cut = unchunked(coded[:keep])
    assert cut is None or b"".join(parts).startswith(cut[0])
    assert unchunked(b"<html>" + coded) is None
