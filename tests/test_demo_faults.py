"""Trouble at the miniature agency: on the wire, and the same inside a Scrapy process."""

from __future__ import annotations

import http.client
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from time import monotonic
from urllib.parse import urlsplit

import pytest

from spiders.demo.faults import KINDS, Fault, Faults, Kind, Spell, only, random_faults
from spiders.demo.newspaper import Newspaper, Reply
from spiders.demo.respond import respond
from spiders.demo.server import serve
from spiders.demo.steady import steady
from spiders.demo.stories import Story

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAPER = Newspaper(steady(), calm=True)
STORY: Story = next(
    story for story in PAPER.newsroom.at(NOON).listed(0, 50) if story.photos and story.rubric != "video"
)


def spoilt(kind: Kind, path: str = STORY.path, seconds: float = 30.0) -> Reply:
    return respond(replace(PAPER, faults=only(kind, seconds=seconds)), path, {}, NOON)


@pytest.mark.parametrize(
    ("kind", "status"), [("error", 500), ("overloaded", 503), ("too-many", 429), ("forbidden", 403)]
)
def test_a_refusal_has_its_status_and_says_when_to_come_again(kind: Kind, status: int) -> None:
    answer = spoilt(kind, seconds=45)
    assert answer.status == status
    assert answer.fault == kind
    assert answer.header("retry-after") == ("45" if status in {429, 503} else None)


def test_wrong_pages_come_with_status_200() -> None:
    home, first = respond(PAPER, "/", {}, NOON), respond(PAPER, "/all_news/", {}, NOON)
    page = respond(PAPER, "/all_news/page/3/", {}, NOON)
    assert spoilt("soft-200").body == home.body
    assert spoilt("blank").body == b""
    assert b"lenta_item" in page.body
    assert b"lenta_item" not in spoilt("empty-listing", "/all_news/page/3/").body
    assert spoilt("repeated-listing", "/all_news/page/3/").body == first.body
    assert spoilt("repeated-listing").body == respond(PAPER, STORY.path, {}, NOON).body
    assert spoilt("wrong-type").header("content-type") == "image/jpeg"
    assert spoilt("bad-gzip").header("content-encoding") == "gzip"
    with pytest.raises(UnicodeDecodeError):
        spoilt("garbage").body.decode()


@pytest.mark.parametrize(
    ("kind", "to"), [("off-site", "https://elsewhere.example/"), ("to-home", "/"), ("loop", STORY.path)]
)
def test_redirects_lead_astray(kind: Kind, to: str) -> None:
    answer = spoilt(kind)
    assert (answer.status, answer.header("location")) == (302, to)


def test_a_fault_hits_what_its_spell_names_and_when() -> None:
    spell = Spell(Fault("error"), NOON, NOON + timedelta(hours=1), r"/sport/.*")
    faults = Faults((spell, Spell(Fault("forbidden"), pattern="/sport/x")))
    assert faults.at("/sport/x", NOON) == Fault("error")
    assert faults.at("/politics/x", NOON) is None
    assert faults.at("/sport/y", NOON - timedelta(seconds=1)) is None
    assert faults.at("/sport/x", NOON + timedelta(hours=1)) == Fault("forbidden")


def test_a_share_of_paths_is_hit_until_the_next_throw() -> None:
    spell = Spell(Fault("error"), share=0.3, period=timedelta(minutes=10), names=(1,))
    paths = [f"/sport/view/x-{number}-2026/" for number in range(1000)]
    hit = [spell.hits(path, NOON) for path in paths]
    assert 240 < sum(hit) < 360
    assert hit == [spell.hits(path, NOON + timedelta(minutes=9)) for path in paths]
    assert hit != [spell.hits(path, NOON + timedelta(minutes=11)) for path in paths]


def test_random_faults_hit_about_their_share_and_are_the_same_for_a_seed() -> None:
    end = NOON + timedelta(days=2)
    calm = random_faults(5, NOON, end, share=0.1, outages_per_day=0)
    times = [NOON + timedelta(minutes=7 * step) for step in range(400)]
    hits = [calm.at(f"/sport/view/x-{place}-2026/", now) for place, now in enumerate(times)]
    assert 20 < sum(fault is not None for fault in hits) < 65
    assert hits == [
        random_faults(5, NOON, end, share=0.1, outages_per_day=0).at(f"/sport/view/x-{place}-2026/", now)
        for place, now in enumerate(times)
    ]
    outages = random_faults(6, NOON, end, share=0, outages_per_day=6)
    assert any(outages.at(path, now) for now in times for path in ("/all_news/", "/all_news/page/2/", STORY.path))


def test_every_answer_of_every_fault_says_the_length_that_it_promises() -> None:
    for kind in KINDS:
        for path in ("/all_news/", "/all_news/page/2/", STORY.path, "/robots.txt"):
            answer = spoilt(kind, path)
            if answer.broken is None:
                assert answer.header("content-length") == str(len(answer.body))
                assert answer.sent is None or answer.sent < len(answer.body)


# --- over the wire


def wire(kind: Kind, seconds: float = 0.2) -> tuple[http.client.HTTPResponse, bytes]:
    paper = replace(PAPER, faults=only(kind, seconds=seconds))
    with serve(paper, lambda: NOON) as service:
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=10)
        try:
            connection.request("GET", STORY.path)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


def test_a_truncated_page_promises_more_than_it_sends() -> None:
    with pytest.raises(http.client.IncompleteRead) as caught:
        wire("truncated")
    whole = respond(PAPER, STORY.path, {}, NOON).body
    assert whole.startswith(caught.value.partial)
    assert caught.value.expected == len(whole) - len(caught.value.partial)


@pytest.mark.parametrize("kind", ["reset", "refused"])
def test_a_broken_connection_is_reset_without_an_answer(kind: Kind) -> None:
    with pytest.raises(ConnectionResetError):
        wire(kind)


def test_a_slow_answer_takes_its_time_and_arrives() -> None:
    begin = monotonic()
    response, body = wire("slow", seconds=0.3)
    assert monotonic() - begin >= 0.3
    assert (response.status, body) == (200, respond(PAPER, STORY.path, {}, NOON).body)


def test_the_server_ends_while_an_answer_is_waiting() -> None:
    begin = monotonic()
    with serve(replace(PAPER, faults=only("slow", seconds=600)), lambda: NOON) as service:
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=60)
        connection.request("GET", STORY.path)
        while not service.log:
            assert monotonic() - begin < 60
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()
    assert monotonic() - begin < 300


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"POST /all_news/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
        (b"nonsense\r\n\r\n", 400),
        (b"GET /" + b"x" * 70_000, 431),
        (b"GET /all_news/ HTTP/1.1\r\nConnection: close\r\n\r\n", 200),
        (b"HEAD /all_news/ HTTP/1.0\r\n\r\n", 200),
        (b"GET /all_news/page/999999999999999999999999/ HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /sport/view/-" + b"9" * 5000 + b"-2026/ HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
    ],
)
def test_the_server_survives_what_clients_send(request_text: bytes, status: int) -> None:
    with serve(PAPER, lambda: NOON) as service:
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=10)
        connection.connect()
        assert connection.sock is not None
        connection.sock.sendall(request_text)
        head = b""
        while chunk := connection.sock.recv(65_536):
            head += chunk
        connection.close()
        assert head.startswith(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode())
        assert not request_text.startswith(b"HEAD") or head.endswith(b"\r\n\r\n")


def test_pipelined_requests_are_answered_in_their_order() -> None:
    paths = [story.path for story in PAPER.newsroom.at(NOON).listed(0, 5)]
    with serve(replace(PAPER, faults=only("slow", paths[1], seconds=0.1)), lambda: NOON) as service:
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=10)
        connection.connect()
        assert connection.sock is not None
        requests = [f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths]
        connection.sock.sendall("".join(requests).encode()[:-2] + b"Connection: close\r\n\r\n")
        received = b""
        while chunk := connection.sock.recv(65_536):
            received += chunk
        connection.close()
        bodies = b"".join(respond(PAPER, path, {}, NOON).body for path in paths)
        heads = received.count(b"HTTP/1.1 200 OK")
        assert heads == 5
        assert len(received) > len(bodies)
        assert [received.index(path.encode()) for path in paths] == sorted(
            received.index(path.encode()) for path in paths
        )
        assert service.log == paths


# --- conditional requests


def test_an_unchanged_story_is_not_sent_again_to_who_has_it() -> None:
    paper = replace(PAPER, validators=True, calm=False)
    first = respond(paper, STORY.path, {}, NOON, 1)
    tag, changed = first.header("etag"), first.header("last-modified")
    assert tag is not None
    assert changed is not None
    for headers in ({"if-none-match": f'"other", {tag}'}, {"if-modified-since": changed}):
        again = respond(paper, STORY.path, headers, NOON + timedelta(minutes=1), 2)
        assert (again.status, again.body, again.header("etag")) == (304, b"", tag)
    for headers in (
        {"if-none-match": '"other"', "if-modified-since": changed},
        {"if-modified-since": "Thu, 01 Jan 2015 00:00:00 GMT"},
        {"if-modified-since": "no date"},
    ):
        assert respond(paper, STORY.path, headers, NOON, 3).status == 200
    assert respond(PAPER, STORY.path, {"if-none-match": tag}, NOON).status == 200
