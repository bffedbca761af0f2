"""Content codings: what is whole comes back, what is not is named, and nothing can swell beyond its limit."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from crawler.html.decoding import Damaged, decode
from spiders.network.capture import DAMAGE
from spiders.network.decoding import ContentDecoding

LIMIT = 1 << 20


def raw_deflate(body: bytes) -> bytes:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(body) + squeeze.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw": ("deflate", raw_deflate),
    "br": ("br", lambda body: brotli.compress(body, quality=5)),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress),
}
bodies = st.builds(lambda part, times: part * times, st.binary(min_size=1, max_size=300), st.integers(1, 400))
every_coding = pytest.mark.parametrize("name", ENCODERS)


def damage(body: bytes, *codings: str, limit: int = LIMIT) -> str:
    with pytest.raises(Damaged) as caught:
        decode(body, list(codings), limit)
    return str(caught.value)


@every_coding
@given(body=bodies)
@settings(max_examples=25)
def test_what_was_encoded_comes_back(name: str, body: bytes) -> None:
    coding, encode = ENCODERS[name]
    assert decode(encode(body), [coding], LIMIT) == body


@every_coding
@given(body=bodies, share=st.floats(0, 1, exclude_max=True))
@settings(max_examples=25)
def test_a_body_that_was_cut_short_is_never_taken_for_whole(name: str, body: bytes, share: float) -> None:
    coding, encode = ENCODERS[name]
    whole = encode(body)
    assert damage(whole[: max(1, int(share * len(whole)))], coding) in {"truncated", "undecodable"}


@every_coding
@given(body=st.binary(max_size=500))
@settings(max_examples=50)
def test_any_bytes_are_decoded_within_the_limit_or_refused_by_name(name: str, body: bytes) -> None:
    coding, _ = ENCODERS[name]
    found, reason = b"", "whole"
    try:
        found = decode(body, [coding], 1000)
    except Damaged as error:
        reason = str(error)
    assert len(found) <= 1000
    assert reason in {"whole", "truncated", "undecodable", "too large"}


@every_coding
def test_a_bomb_is_refused_before_it_swells(name: str) -> None:
    coding, encode = ENCODERS[name]
    bomb = encode(bytes(40 * LIMIT))
    tracemalloc.start()
    assert damage(bomb, coding) == "too large"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * LIMIT
    assert decode(encode(bytes(LIMIT)), [coding], LIMIT) == bytes(LIMIT)


def test_codings_are_undone_from_the_last_to_the_first() -> None:
    twice = gzip.compress(brotli.compress(b"news"))
    assert decode(twice, ["br", "gzip"], LIMIT) == b"news"
    assert damage(twice, "gzip", "br") in {"truncated", "undecodable"}
    assert decode(b"news", ["identity", ""], LIMIT) == b"news"
    assert damage(b"news", "lzma") == "undecodable"


def test_a_gzip_body_may_be_several_members_and_padded_but_not_followed_by_anything_else() -> None:
    members = gzip.compress(b"one ") + gzip.compress(b"two")
    assert decode(members + bytes(7), ["gzip"], LIMIT) == b"one two"
    assert damage(members + b"three", "gzip") in {"truncated", "undecodable"}
    assert damage(gzip.compress(b"one")[:-4] + b"\1\2\3\4", "gzip") == "undecodable"  # the length in the trailer


@pytest.mark.parametrize("size", [65_537, 65_542, 131_321, 131_328])
def test_raw_deflate_whose_last_output_is_still_to_come_when_its_input_is_used_up_is_whole(size: int) -> None:
    assert decode(raw_deflate(b"a" * size), ["deflate"], LIMIT) == b"a" * size


# --- the middleware


def through(body: bytes, coding: str, request: Request) -> Response:
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": coding}
    response = Response(request.url, headers=headers, body=body, request=request)
    return ContentDecoding(LIMIT).process_response(request, response)


def test_a_page_is_handed_on_decoded_and_as_what_it_then_is() -> None:
    page = through(gzip.compress(b"<html><h1>Ferry</h1></html>"), " GZIP ", Request("http://127.0.0.1/"))
    assert isinstance(page, HtmlResponse)
    assert page.body == b"<html><h1>Ferry</h1></html>"
    assert "Content-Encoding" not in page.headers


def test_a_damaged_page_stays_as_sent_and_says_what_is_wrong_with_it() -> None:
    request, sent = Request("http://127.0.0.1/"), gzip.compress(b"news")[:-9]
    assert through(sent, "gzip", request).body == sent
    assert request.meta[DAMAGE] == "truncated"


def test_damage_of_one_answer_is_not_said_of_the_next_one_to_the_same_request() -> None:
    first = Request("http://127.0.0.1/")
    through(b"nonsense", "gzip", first)
    again = first.copy()
    assert through(gzip.compress(b"news"), "gzip", again).body == b"news"
    assert DAMAGE not in again.meta


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity"])
def test_an_answer_without_a_body_is_not_damaged_whatever_coding_it_names(coding: str) -> None:
    request = Request("http://127.0.0.1/")
    assert through(b"", coding, request).body == b""
    assert DAMAGE not in request.meta
