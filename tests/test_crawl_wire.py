"""What came over the wire is kept as it was sent: bytes counted and hashed, headers, redirects, address, protocol."""

from __future__ import annotations

import gzip
import hashlib
import json
import sqlite3
from pathlib import Path

import brotli
import pytest

from spiders.demo.newspaper import Reply
from storage.write.archive import Archive
from tests.front_door import Door, front_door, html, redirect

PAGE = "<html><head><title>Ferry</title></head><body><p>It sails again. Привет.</p></body></html>".encode()


def snapshot(door: Door, path: str) -> sqlite3.Row:
    return door.row("SELECT * FROM snapshots WHERE requested_url = ?", door.service.base_url + path)


def pairs(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in json.loads(text):
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("coding", "sent"),
    [("gzip", gzip.compress(PAGE, mtime=0)), ("br", brotli.compress(PAGE)), (None, PAGE)],
    ids=["gzip", "br", "plain"],
)
def test_an_answer_is_kept_decoded_with_the_evidence_of_how_it_was_sent(
    coding: str | None, sent: bytes, tmp_path: Path
) -> None:
    more = (("X-Cache", "HIT"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Etag", '"7"'))
    with front_door(tmp_path, size=1) as door:
        path = door.listed()[0].path
        door.put(path, html(sent, *more, *([("Content-Encoding", coding)] if coding else [])))
        door.crawl(url=door.listed()[0].url)
        page = snapshot(door, path)
    assert (page["wire_size"], page["wire_sha256"]) == (len(sent), hashlib.sha256(sent).hexdigest())
    assert (page["body_size"], page["body_sha256"]) == (len(PAGE), hashlib.sha256(PAGE).hexdigest())
    assert (page["content_encoding"], page["ip_address"], page["protocol"]) == (coding, "127.0.0.1", "HTTP/1.1")
    assert (page["status"], page["damage"], page["redirects"], page["url"]) == (200, None, "[]", page["requested_url"])
    headers = pairs(page["headers"])
    assert headers["Content-Type"] == ["text/html; charset=utf-8"]
    assert headers["Content-Length"] == [str(len(sent))]
    assert headers["Set-Cookie"] == ["a=1", "b=2"]
    assert headers["X-Cache"] == ["HIT"]
    with Archive.open(str(door.archive), readonly=True) as archive:
        assert archive.body(page["body_sha256"]) == PAGE


def test_we_say_who_we_are_what_we_accept_and_nothing_of_where_we_came_from(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:
        path = door.story().path
        door.put(path, html(PAGE, ("Set-Cookie", "a=1")))
        door.crawl("-s", "USER_AGENT=Dateline/test (news archive; contact: anna@example.org)")
        for page in door.rows("SELECT request_headers FROM snapshots"):
            asked = pairs(page["request_headers"])
            assert asked["User-Agent"] == ["Dateline/test (news archive; contact: anna@example.org)"]
            assert asked["Accept-Encoding"] == ["gzip, deflate, br, zstd"]
            assert not asked.keys() & {"Referer", "Cookie", "Authorization"}
        assert door.value("SELECT user_agent FROM crawls").endswith("anna@example.org)")


def test_every_hop_of_a_redirect_is_noted_and_the_article_keeps_its_address(tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        story, base = door.listed()[0], door.service.base_url
        door.put(story.path, redirect("/first/", 301))
        door.put("/first/", redirect(f"{base}/second/", 308))
        door.put("/second/", door.answer(story.path))
        crawl = door.crawl()
        assert (crawl.code, crawl.articles) == (0, [story.path, "/first/", "/second/"])
        page = snapshot(door, story.path)
        assert page["url"] == f"{base}/second/"
        assert json.loads(page["redirects"]) == [
            {"url": f"{base}{story.path}", "status": 301},
            {"url": f"{base}/first/", "status": 308},
        ]
        door.whole()


def test_validators_are_sent_back_and_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    with front_door(tmp_path, validators=True) as door:
        door.crawl()
        before = door.counts()
        assert door.crawl(recheck="all").code == 0
        pages = door.rows("SELECT * FROM snapshots WHERE kind = 'article' AND crawl_id = 2")
        assert {(page["status"], page["reading"], page["body_sha256"]) for page in pages} == {
            (304, "not-modified", None)
        }
        assert {"If-None-Match", "If-Modified-Since"} <= pairs(pages[0]["request_headers"]).keys()
        visit = {"crawls": 1, "snapshots": 14, "bodies": 1}
        assert door.counts() == {name: count + visit.get(name, 0) for name, count in before.items()}
        door.whole()


def test_a_304_from_the_place_that_a_story_was_redirected_to_is_no_visit_to_it(tmp_path: Path) -> None:
    with front_door(tmp_path, validators=True, size=2) as door:
        assert door.crawl().code == 0
        story = door.story()
        door.put(story.path, redirect("/"))
        door.put("/", Reply(304, (("Etag", '"home"'),), b""))
        assert door.crawl(recheck="all").code == 3
        failed = door.row("SELECT attempts, last_error, status FROM articles WHERE key = ?", story.key)
        assert (failed["attempts"], failed["status"]) == (1, "live")
        assert failed["last_error"] == f"HTTP 304 of another address ({door.service.base_url}/)"
        door.heal()
        assert door.crawl(recheck="all").code == 0
        page = door.row("SELECT * FROM snapshots WHERE requested_url LIKE ? AND crawl_id = 3", f"%{story.path}")
        assert page["status"] == 200, "after a failure the whole page is asked for"
        assert not {"If-None-Match", "If-Modified-Since"} & pairs(page["request_headers"]).keys()


def test_a_304_from_the_new_address_of_the_same_story_is_a_visit_to_it(tmp_path: Path) -> None:
    with front_door(tmp_path, validators=True, size=1) as door:
        story = door.story()
        moved = story.path.replace("/view/", "/view/better-")
        door.put(moved, door.answer(story.path))
        door.put(story.path, redirect(moved, 301))
        assert door.crawl().code == 0
        door.put(moved, Reply(304, (), b""))
        assert door.crawl(recheck="all").code == 0
        assert door.value("SELECT reading FROM snapshots WHERE kind = 'article' AND crawl_id = 2") == "not-modified"
