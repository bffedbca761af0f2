"""Payloads in WARC files: a coding is undone where the bytes have it, whatever the head beside them says."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import text

from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_warc
from storage.warc.http_message import HttpMessage
from storage.warc.imports import import_files
from storage.warc.payload import is_plain, payload_of
from storage.write.archive import Archive
from tests.foreign_records import HOST, HTML, head, page, paths, record, sha1


def raw_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(body) + squeeze.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", lambda body: gzip.compress(body, mtime=0)),
    "x-gzip": ("x-gzip", lambda body: gzip.compress(body, mtime=0)),
    "zlib": ("deflate", zlib.compress),
    "raw": ("deflate", raw_deflate),
    "br": ("br", lambda body: brotli.compress(body, quality=5)),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
}
PLAIN = {
    "html": b"<!DOCTYPE html><html><body><h1>Trams</h1></body></html>" * 9,
    "after blank lines": b"\r\n\t\n <html>",
    "after a mark": b"\xef\xbb\xbf<html>",
    "xml": b"<?xml version='1.0'?><feed/>",
    "json": b'{"items": []}',
    "a json list": b"[]",
    "nothing": b"",
    "utf-16": "<html><p>Трамвай</p>".encode("utf-16"),
    "windows-1251": "<html><p>Трамвай</p>".encode("cp1251"),
    "with a stray control character": b"<html>\x0b\x00<p>",
    "a comment first": b"<!-- cached --><html>",
}


def answer(payload: bytes, *headers: tuple[str, str]) -> HttpMessage:
    return HttpMessage("HTTP/1.1 200 OK", headers, payload)


@pytest.mark.parametrize("what", PLAIN)
@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Encoding", "gzip")],
        [("content-encoding", "X-GZip")],
        [("Content-Encoding", "br")],
        [("Content-Encoding", "deflate")],
        [("Content-Encoding", "zstd")],
        [("Content-Encoding", "gzip, br")],
        [("Content-Encoding", "gzip"), ("Content-Encoding", "gzip")],
        [("Content-Encoding", "utf-8")],
        [("Content-Encoding", "identity, gzip")],
        [("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "gzip, chunked"), ("Content-Encoding", "gzip"), ("Content-Length", "7")],
    ],
)
def test_a_coding_that_is_not_there_is_not_undone(what: str, headers: list[tuple[str, str]]) -> None:
    payload = payload_of(answer(PLAIN[what], *headers))
    assert (payload.body, payload.damage) == (PLAIN[what], None)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("what", PLAIN)
def test_a_coding_that_is_there_is_undone(name: str, what: str) -> None:
    coding, encode = ENCODERS[name]
    payload = payload_of(answer(encode(PLAIN[what]), ("Content-Encoding", coding)))
    assert (payload.body, payload.damage, payload.plain) == (PLAIN[what], None, False)


@pytest.mark.parametrize("name", ENCODERS)
@pytest.mark.parametrize("codings", ["{0}, {0}", "gzip, {0}", "br, {0}", "{0}, br"])
def test_of_several_codings_those_are_undone_that_are_there(name: str, codings: str) -> None:
    coding, encode = ENCODERS[name]
    html = PLAIN["html"]
    once = payload_of(answer(encode(html), ("Content-Encoding", codings.format(coding))))
    if codings == "{0}, br" and coding == "deflate":  # it has no signature: what Brotli cannot read may be anything
        assert (once.body, once.damage) == (encode(html), "undecodable")
        return
    assert (once.body, once.damage, once.plain) == (html, None, True)
    twice = payload_of(answer(encode(encode(html)), ("Content-Encoding", f"{coding}, {coding}")))
    assert (twice.body, twice.damage, twice.plain) == (html, None, False)


@pytest.mark.parametrize("name", ENCODERS)
@given(cut=st.integers(1))
@hypothesis(max_examples=40)
def test_a_coding_that_is_cut_short_is_damage(name: str, cut: int) -> None:
    coding, encode = ENCODERS[name]
    whole = encode(PLAIN["html"] * 5)
    broken = whole[: 1 + cut % (len(whole) - 1)]
    payload = payload_of(answer(broken, ("Content-Encoding", coding)))
    assert (payload.body, payload.damage) in {(broken, "truncated"), (broken, "undecodable")}


@given(st.binary(max_size=600))
def test_any_bytes_in_any_coding_are_taken(data: bytes) -> None:
    for coding in ("gzip", "br", "deflate", "zstd", "what"):
        payload = payload_of(answer(data, ("Content-Encoding", coding)))
        assert payload.damage or payload.body == data or not payload.plain
        assert payload.wire == data


@given(st.binary(min_size=200, max_size=3000))
def test_compressed_data_is_never_taken_for_a_page(data: bytes) -> None:
    for _, encode in ENCODERS.values():
        assert not is_plain(encode(data))


def test_a_bomb_stays_one() -> None:
    bomb = gzip.compress(b"<html>" + bytes(20 * 2**20))
    assert payload_of(answer(bomb, ("Content-Encoding", "gzip"))).damage == "too large"


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as opened:
        yield opened


@pytest.mark.parametrize(
    "headers", [["Content-Encoding: gzip"], ["Content-Encoding: br", "Transfer-Encoding: chunked"]]
)
@pytest.mark.parametrize("digested", [True, False])
def test_a_page_that_was_decoded_before_it_was_written_is_an_article(
    headers: list[str], *, digested: bool, archive: Archive, tmp_path: Path
) -> None:
    # Where there is a digest, it is of the bytes that came, which are not there any more.
    body, digest = page(paths()[0]), [("WARC-Payload-Digest", sha1(b"what came"))] if digested else []
    block = head(HTML, "Content-Length: 12", *headers) + body
    (tmp_path / "a.warc").write_bytes(record("response", HOST + paths()[0], block, *digest))
    report = import_files(archive, [tmp_path / "a.warc"])
    assert (dict(report.readings), dict(report.skipped)) == ({"article": 1}, {})
    assert archive.snapshot(1).body == body
    export_warc(archive, tmp_path / "b.warc", CaptureFilter())
    exported = (tmp_path / "b.warc").read_bytes()
    assert b"\r\nContent-Encoding" not in exported
    assert b"\r\nX-Archive-Orig-Content-Encoding: " in exported
    with Archive.open(str(tmp_path / "copy.db"), create=True) as copy:
        assert import_files(copy, [tmp_path / "b.warc"]).readings == {"article": 1}
        export_warc(copy, tmp_path / "c.warc", CaptureFilter())
    assert (tmp_path / "c.warc").read_bytes() == exported


def test_a_page_that_is_cut_short_keeps_the_head_that_it_had(archive: Archive, tmp_path: Path) -> None:
    coded = gzip.compress(page(paths()[0]))[:-30]
    block = head(HTML, "Content-Encoding: gzip") + coded
    (tmp_path / "a.warc").write_bytes(record("response", HOST + paths()[0], block))
    assert import_files(archive, [tmp_path / "a.warc"]).readings == {"unreadable": 1}
    with archive.connection() as connection:
        assert connection.execute(text("SELECT damage FROM snapshots")).scalar() == "truncated"
    export_warc(archive, tmp_path / "b.warc", CaptureFilter())
    assert b"\r\nContent-Encoding: gzip\r\n" in (tmp_path / "b.warc").read_bytes()
