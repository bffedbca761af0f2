"""The miniature agency: its news are a function of seed and time, and its server is a real one."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from spiders.demo.__main__ import main
from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from spiders.demo.server import Service, serve
from spiders.demo.steady import steady
from spiders.demo.stories import Story

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@contextmanager
def served(paper: Newspaper) -> Iterator[tuple[Service, http.client.HTTPConnection]]:
    with serve(paper, lambda: NOON) as service:
        connection = http.client.HTTPConnection(urlsplit(service.base_url).netloc, timeout=10)
        try:
            yield service, connection
        finally:
            connection.close()


def ask(connection: http.client.HTTPConnection, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return response, response.read()


def newest(paper: Newspaper, count: int, now: datetime = NOON) -> list[Story]:
    return list(paper.newsroom.at(now).listed(0, count))


def test_a_story_comes_about_every_two_minutes_and_the_listing_is_newest_first() -> None:
    stories = newest(Newspaper(steady(size=300)), 300)
    assert len(stories) == 300
    assert (
        timedelta(hours=9, minutes=50) < stories[0].published - stories[-1].published < timedelta(hours=10, minutes=10)
    )
    assert stories == sorted(stories, key=lambda story: story.id, reverse=True)
    assert all(earlier.published <= later.published for later, earlier in pairwise(stories))


def test_the_past_is_the_same_for_whoever_asks_later_but_for_corrections() -> None:
    front, later = steady().at(NOON), steady().at(NOON + timedelta(days=30))
    old = front.listed(0, 300)
    known = [later.find(story.key) for story in old]
    same = [held.story == story for held, story in zip(known, old, strict=True) if held is not None]
    assert len(same) == 300
    assert 250 < sum(same) < 300


def test_a_story_that_fell_off_the_listing_keeps_its_address() -> None:
    paper = Newspaper(steady(size=20))
    story = newest(paper, 20)[-1]
    later = NOON + timedelta(days=2)
    assert story.key not in {other.key for other in newest(paper, 20, later)}
    assert respond(paper, story.path, {}, later).status == 200


def test_stories_are_invented_anew_for_another_seed() -> None:
    assert {story.text for story in newest(Newspaper(steady(1)), 50)}.isdisjoint(
        story.text for story in newest(Newspaper(steady(2)), 50)
    )


def test_the_same_request_at_the_same_time_has_the_same_answer_in_another_process() -> None:
    program = (
        "import json, sys; from datetime import datetime; from hashlib import sha256\n"
        "from spiders.demo.newspaper import Newspaper; from spiders.demo.respond import respond\n"
        "from spiders.demo.steady import steady\n"
        "paper, paths = Newspaper(steady(7), furniture=9000), json.load(sys.stdin)\n"
        "now = datetime.fromisoformat(sys.argv[1])\n"
        "print(json.dumps([sha256(respond(paper, path, {}, now, 3).body).hexdigest() for path in paths]))"
    )
    paper = Newspaper(steady(7), furniture=9000)
    paths = ["/all_news/", "/all_news/page/4/", *(story.path for story in newest(paper, 40))]

    def digests(hash_seed: str) -> list[str]:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", program, NOON.isoformat()]
        result = subprocess.run(
            command, input=json.dumps(paths), capture_output=True, text=True, check=True, env=environment
        )
        return list(json.loads(result.stdout))

    first = digests("1")
    assert first == digests("2")
    assert len(set(first)) == len(paths)


def test_a_page_never_has_the_same_bytes_twice_unless_the_paper_is_calm() -> None:
    paper, calm = Newspaper(steady()), Newspaper(steady(), calm=True)
    story = newest(paper, 1)[0]
    assert respond(paper, story.path, {}, NOON, 1).body != respond(paper, story.path, {}, NOON, 2).body
    later = NOON + timedelta(minutes=9)
    assert respond(calm, story.path, {}, NOON, 1).body == respond(calm, story.path, {}, later, 2).body


def test_furniture_pads_pages_to_about_the_size_asked_for_and_is_shared() -> None:
    paper = Newspaper(steady(), furniture=60_000, gzip=False)
    bodies = [respond(paper, story.path, {}, NOON, visit).body for visit, story in enumerate(newest(paper, 5))]
    assert all(60_000 < len(body) < 80_000 for body in bodies)
    shared = set(bodies[0].splitlines()).intersection(*(body.splitlines() for body in bodies[1:]))
    assert sum(map(len, shared)) > 0.7 * 60_000


def test_the_server_keeps_connections_alive() -> None:
    paper = Newspaper(steady())
    with served(paper) as (service, connection):
        ask(connection, "/all_news/")
        first = connection.sock
        for story in newest(paper, 30):
            response, body = ask(connection, story.path)
            assert response.status == 200
            assert story.headline.split()[0].encode() in body
        assert connection.sock is first
        assert service.log == ["/all_news/", *(story.path for story in newest(paper, 30))]


def test_the_server_compresses_for_those_who_accept_it() -> None:
    paper = Newspaper(steady(), calm=True)
    with served(paper) as (_, connection):
        plain, body = ask(connection, "/all_news/")
        packed, compressed = ask(connection, "/all_news/", accept_encoding="gzip, deflate")
        assert plain.getheader("Content-Encoding") is None
        assert packed.getheader("Content-Encoding") == "gzip"
        assert gzip.decompress(compressed) == body


def test_the_robots_file_forbids_print_versions_and_can_ask_for_a_delay() -> None:
    with served(Newspaper(steady(), crawl_delay=2.5)) as (_, connection):
        response, body = ask(connection, "/robots.txt")
        assert response.getheader("Content-Type") == "text/plain"
        assert body.decode().splitlines() == ["User-agent: *", "Disallow: /printv", "Crawl-delay: 2.5"]


def test_the_process_prints_its_address_and_ends_at_sigterm() -> None:
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "spiders.demo",
        "--port",
        "0",
        "--size",
        "40",
        "--now",
        NOON.isoformat(),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = urlsplit(process.stdout.readline().split()[-1])
        connection = http.client.HTTPConnection(address.netloc, timeout=10)
        try:
            response, body = ask(connection, "/all_news/page/2/?day=08&month=01&year=26/")
            assert response.status == 200
            assert newest(Newspaper(steady(size=40)), 40)[-1].path in body.decode()
        finally:
            connection.close()
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert process.stderr.read() == ""


@pytest.mark.parametrize(
    "path", ["/nothing/at/all", "/sport/view/no-such-story-1-2026/", "/all_news/page/16/", "/all_news/page/0/"]
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert respond(Newspaper(steady()), path, {}, NOON).status == 404


def test_a_story_has_an_amp_page_and_a_print_version_whatever_the_robots_file_says() -> None:
    paper = Newspaper(steady(), calm=True)
    story = next(story for story in newest(paper, 300) if story.rubric == "sport")
    twins = [respond(paper, f"{twin}{story.path}", {}, NOON) for twin in ("", "/amp", "/printv")]
    assert [twin.status for twin in twins] == [200, 200, 200]
    assert b"<html amp" in twins[1].body
    assert b"<p>" in twins[2].body


def test_pictures_are_a_pixel() -> None:
    paper = Newspaper(steady())
    photo = next(story.photos[0] for story in newest(paper, 300) if story.photos)
    answer = respond(paper, f"{photo.path}?r=17", {}, NOON)
    assert (answer.header("Content-Type"), answer.body[:6]) == ("image/gif", b"GIF89a")


def test_printed_pages_are_what_would_have_been_printed_on_demand() -> None:
    paper = Newspaper(steady(size=30), calm=True)
    service = Service(paper, lambda: NOON)
    service.prerender()
    paths = ["/all_news/", "/all_news/page/2/", *(story.path for story in newest(paper, 30))]
    for path in paths:
        printed = service.printed[path, True]
        assert printed == respond(paper, path, {"accept-encoding": "gzip"}, NOON)
        assert service.answer(path, {"accept-encoding": "gzip"}) is printed
        assert service.answer(path, {}) == respond(paper, path, {}, NOON)


def test_printing_ahead_is_refused_for_a_clock_that_moves(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--prerender"])
    assert caught.value.code == 2
    assert "--now" in capsys.readouterr().err


def test_before_its_foundation_the_agency_shows_nothing() -> None:
    paper = Newspaper(steady())
    then = datetime(2019, 12, 31, tzinfo=UTC)
    assert newest(paper, 10, then) == []
    answer = respond(paper, "/all_news/", {}, then)
    assert answer.status == 200
    assert b"lenta_item" not in answer.body


def test_a_wrong_slug_or_rubric_is_not_found() -> None:
    paper = Newspaper(steady())
    story = next(story for story in newest(paper, 300) if story.rubric == "sport" and story.slug)
    assert respond(paper, story.path.replace(story.slug, "another"), {}, NOON).status == 404
    assert respond(paper, story.path.replace("/sport/", "/politics/"), {}, NOON).status == 404
    assert respond(paper, story.path.rstrip("/"), {}, NOON).status == 200
