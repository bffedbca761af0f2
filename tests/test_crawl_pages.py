"""Bad article pages, each through the front door: what is said, what is kept, and that the crawl goes on."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from spiders.demo.dress import Dress
from spiders.demo.newspaper import Reply
from tests.front_door import Door, front_door, html, redirect

Spoil = Callable[[Door, str], Reply]
PLAIN = Dress(eras=("paragraphs",))
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bad:
    """One bad page. `said`: the line about it without the address; `kept`: what its snapshot says, None when no page
    came that could be kept.
    """

    name: str
    spoil: Spoil
    code: int
    said: str | None
    kept: dict[str, Any] | None


def large(size: int) -> str:
    return f"<html><body>{'<p>word</p>' * (size // 11)}</body></html>"


def deep(_: Door, path: str) -> Reply:
    return html(f"<html><body>{'<div>' * 10_000}{path}{'</div>' * 10_000}</body></html>")


def undated(door: Door, path: str) -> Reply:
    text = door.answer(path).body.decode()
    return html(re.sub(r'<div class="date_full">.*?</div>|<meta [^>]*published_time[^>]*>', "", text))


def unread(problem: str, reading: str, damage: str | None = None, status: int = 200) -> dict[str, Any]:
    return {"reading": reading, "problem": problem, "damage": damage, "status": status}


PAGES = (
    Bad(
        "of no era",
        lambda *_: html("<html><body><div>Ferry</div></body></html>"),
        *(6, "demo: no era knows this article", unread("no era knows", "unrecognised")),
    ),
    Bad("nested 10,000 deep", deep, 6, "demo: no era knows this article", unread("no era knows", "unrecognised")),
    Bad("empty", lambda *_: html(""), 6, "demo: an empty body", unread("an empty body", "unrecognised")),
    Bad(
        "a picture",
        lambda *_: html(b"\x89PNG\r\n\x1a\n", kind="image/png"),
        *(6, "demo: a PNG image, not HTML", unread("a PNG image", "unrecognised")),
    ),
    Bad(
        "of 10 MB",
        lambda *_: html(large(10 * MEGABYTE)),
        *(6, "demo: a body of 10,000,016 bytes, more than the 4,194,304 that are read"),
        unread("a body of 10,000,016 bytes", "unrecognised"),
    ),
    Bad(
        "larger than DOWNLOAD_MAXSIZE",
        lambda *_: html(large(17 * MEGABYTE)),
        *(3, "too large: Expected to receive 17000020 bytes which is larger than download max size (16777216)", None),
    ),
    Bad(
        "a gzip bomb",
        lambda *_: html(gzip.compress(large(17 * MEGABYTE).encode()), ("Content-Encoding", "gzip")),
        *(3, "the body is too large", unread("the body is too large", "unreadable", "too large")),
    ),
    Bad(
        "in no encoding",
        lambda *_: html(b"\x00\x01\xfe\xff\x80" * 500),
        *(3, "demo: the body is no text in any known encoding", unread("no text in any known encoding", "unreadable")),
    ),
    Bad(
        "not compressed as it says",
        lambda *_: html("<html></html>", ("Content-Encoding", "br")),
        *(3, "the body is undecodable", unread("the body is undecodable", "unreadable", "undecodable")),
    ),
    Bad(
        "compressed as nobody can",
        lambda *_: html("<html></html>", ("Content-Encoding", "lzma")),
        *(3, "the body is undecodable", unread("the body is undecodable", "unreadable", "undecodable")),
    ),
    Bad(
        "cut short",
        lambda door, path: replace(door.answer(path), sent=900),
        *(3, "the body is truncated", unread("the body is truncated", "unreadable", "truncated")),
    ),
    Bad(
        "compressed and cut short",
        lambda *_: html(gzip.compress(large(MEGABYTE).encode())[:-50], ("Content-Encoding", "gzip")),
        *(3, "the body is truncated", unread("the body is truncated", "unreadable", "truncated")),
    ),
    Bad("an error", lambda *_: html("Oh", status=500), 3, "HTTP 500", unread("HTTP 500", "error", status=500)),
    Bad("forbidden", lambda *_: html("No", status=403), 3, "HTTP 403", unread("HTTP 403", "error", status=403)),
    Bad("nowhere", lambda *_: redirect("file:///etc/passwd"), 3, "HTTP 302", unread("HTTP 302", "error", status=302)),
    Bad(
        "on another site",
        lambda *_: redirect("https://elsewhere.example/ferry"),
        *(3, "leads to another site, not fetched: https://elsewhere.example/ferry"),
        unread("leads to another site, not fetched: https://elsewhere.example/ferry", "soft-404", status=302),
    ),
    Bad(
        "in a private network",
        lambda *_: redirect("http://169.254.169.254/latest/meta-data/"),
        *(3, "leads to a private address, not fetched: http://169.254.169.254/latest/meta-data/"),
        unread("leads to a private address, not fetched: http://169.254.169.254", "soft-404", status=302),
    ),
    Bad("a ring", lambda _, path: redirect(path), 3, "max redirections reached", None),
    Bad(
        "no answer",
        lambda *_: Reply(0, (), b"", broken="reset"),
        *(3, "the connection failed: Connection to the other side was lost in a non-clean fashion", None),
    ),
    Bad("without date", undated, 0, None, {"reading": "article", "problem": None, "damage": None, "status": 200}),
    Bad("gone", lambda *_: html("Gone", status=410), 0, None, {"reading": "gone", "damage": None, "status": 410}),
)


ABSENT = {"on another site", "in a private network", "gone"}
"""Those that show that the article is not there."""


UNASKED = "HTTP 304, though the request had no condition"
ANSWERS = (
    Bad("not modified, unasked", lambda *_: Reply(304, (), b""), 3, UNASKED, unread(UNASKED, "error", status=304)),
    Bad("no content", lambda *_: Reply(204, (), b""), 3, "HTTP 204", unread("HTTP 204", "error", status=204)),
    Bad("reset content", lambda *_: html("", status=205), 3, "HTTP 205", unread("HTTP 205", "error", status=205)),
    Bad(
        "a part that nobody asked for",
        lambda door, path: replace(door.answer(path), status=206),
        *(3, "HTTP 206", unread("HTTP 206", "error", status=206)),
    ),
    Bad(
        "rewritten by a proxy",
        lambda door, path: replace(door.answer(path), status=203),
        *(3, "HTTP 203", unread("HTTP 203", "error", status=203)),
    ),
    Bad(
        "moved, but not where", lambda *_: html("", status=301), 3, "HTTP 301", unread("HTTP 301", "error", status=301)
    ),
    Bad(
        "a head without its body",
        lambda door, path: replace(door.answer(path), sent=0),
        *(3, "the body is truncated", unread("the body is truncated", "unreadable", "truncated")),
    ),
)
"""Answers that make no sense for the request that was made."""


@pytest.mark.parametrize("bad", [*PAGES, *ANSWERS], ids=lambda bad: bad.name)
def test_a_bad_page_is_named_and_kept_and_the_others_are_archived(bad: Bad, tmp_path: Path) -> None:
    with front_door(tmp_path, size=4, dress=PLAIN) as door:
        story, others = door.story(), [door.story(1), door.story(2)]
        door.put(story.path, bad.spoil(door, story.path))
        crawl = door.crawl(url=",".join(one.url for one in (story, *others)))
        assert crawl.code == bad.code
        address = f"{door.service.base_url}{story.path}"
        assert crawl.lines[1:] == ([] if bad.said is None else [f"  {bad.said} ({address})"])
        assert {one.key for one in others} <= door.keys()
        check_kept(door, bad, address)
        assert door.value("SELECT exit_code FROM crawls") == bad.code


def check_kept(door: Door, bad: Bad, address: str) -> None:
    """The page is kept as it came, and says what is wrong with it; an error keeps its article waiting."""
    pages = door.rows("SELECT * FROM snapshots WHERE requested_url = ?", address)
    assert len(pages) == (0 if bad.kept is None else 1)
    for page in pages:
        sent = door.service.printed[page["url"].removeprefix(door.service.base_url), True]
        assert page["wire_size"] == len(sent.body if sent.sent is None else sent.body[: sent.sent])
        assert page["body_size"] == 0 or page["body_sha256"] is not None
        expected = dict(bad.kept or {})
        assert (expected.pop("problem", None) or "") in (page["problem"] or "")
        assert {name: page[name] for name in expected} == expected
    article = door.row("SELECT * FROM articles WHERE article_id = (SELECT min(article_id) FROM articles)")
    assert article["status"] == {"without date": "live"}.get(bad.name, "pending")
    assert (article["absent_since"] is not None) == (article["absences"] == 1) == (bad.name in ABSENT)


def test_a_page_without_date_is_an_article_without_date(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3, dress=PLAIN) as door:
        story = door.story()
        door.put(story.path, undated(door, story.path))
        assert door.crawl().code == 0
        news = door.row("SELECT * FROM news WHERE key = ?", story.key)
        assert (news["published_at"], news["headline"], news["body"]) == (None, story.headline, story.text)


def test_whatever_went_wrong_the_next_run_completes_it_and_the_summary_shows_the_first_five(tmp_path: Path) -> None:
    wrong = [bad for bad in PAGES if bad.code]
    with front_door(tmp_path, size=len(wrong) + 5, dress=PLAIN) as door:
        for place, bad in enumerate(wrong):
            path = door.story(place).path
            door.put(path, bad.spoil(door, path))
        crawl = door.crawl()
        assert crawl.code == 6
        summary, incident = crawl.lines[:7], crawl.lines[7:]
        assert summary[0].endswith("; unrecognised")
        assert summary[-1] == f"  and {len(wrong) - 6} more: see dateline status", "two are of one kind"
        assert [line.partition(":")[0] for line in incident] == ["demo", "  to do"]
        assert door.value("SELECT count(*) FROM articles WHERE status = 'pending'") == len(wrong)
        door.heal()
        again = door.crawl()
        assert (again.code, len(again.articles)) == (0, len(wrong))
        assert "listing page" not in again.said, "the monitors may speak, the summary has nothing to say"
        door.whole()
