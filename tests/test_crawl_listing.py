"""Bad listings, a site that cannot be reached and one that wants no more of us: what is said, and nothing is lost."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from spiders.demo.faults import only
from spiders.demo.newspaper import Reply
from spiders.reporting.summary import ADVICE, TODO
from tests.front_door import Door, front_door, html, redirect

FIRST, SECOND = "/all_news/", "/all_news/page/2/?day=23&month=11&year=26/"
ARTICLES = r"/\w+/(?:view|getRecord)/.*"


@dataclass(frozen=True)
class Bad:
    """What is wrong with a newspaper, the exit code, how its summary ends, and how many articles are archived."""

    name: str
    spoil: Callable[[Door], None]
    code: int
    said: str
    archived: int = 0


def listing(answer: Callable[[Door, str], Reply], path: str = FIRST) -> Callable[[Door], None]:
    return lambda door: door.put(path, answer(door, path))


def robots(rules: str) -> Callable[[Door], None]:
    return lambda door: door.put("/robots.txt", html(f"User-agent: *\n{rules}\n", kind="text/plain"))


def no_layout(*_: object) -> Reply:
    return html("<html><body><div>News</div></body></html>")


LISTINGS = (
    Bad("of no layout", listing(no_layout), 6, "unrecognised: listing page 1: demo: no layout knows this listing (*/)"),
    Bad(
        "of no layout further down",
        listing(no_layout, SECOND),
        *(6, "unrecognised: listing page 2: demo: no layout knows this listing (*page/2/?day=23&month=11&year=26/)", 6),
    ),
    Bad(
        "a picture",
        listing(lambda *_: html(b"GIF89a", kind="image/gif")),
        *(6, "unrecognised: listing page 1: demo: a GIF image, not HTML (*/)"),
    ),
    Bad(
        "the home page",
        lambda door: door.trouble(only("to-home", FIRST)),
        *(6, "unrecognised: listing page 1: demo: no layout knows this listing (*)"),
    ),
    Bad(
        "empty",
        lambda door: door.trouble(only("empty-listing", FIRST)),
        *(3, "incomplete: the first listing page shows no entries"),
    ),
    Bad("not found", listing(lambda *_: html("?", status=404)), 4, "unreachable: listing page 1: HTTP 404 (*/)"),
    Bad("an error", listing(lambda *_: html("!", status=500)), 4, "unreachable: listing page 1: HTTP 500 (*/)"),
    Bad(
        "an error further down",
        listing(lambda *_: html("!", status=500), SECOND),
        *(3, "incomplete: listing page 2: HTTP 500 (*page/2/?day=23&month=11&year=26/)", 6),
    ),
    Bad(
        "cut short",
        listing(lambda door, path: replace(door.answer(path), sent=300)),
        *(4, "unreachable: listing page 1: the body is truncated (*/)"),
    ),
    Bad(
        "too large",
        listing(lambda *_: html(b" " * 17_000_000)),
        *(4, "unreachable: listing page 1: too large: Expected to receive 17000000 bytes which is larger than *"),
    ),
    Bad(
        "no answer",
        listing(lambda *_: Reply(0, (), b"", broken="reset")),
        *(4, "refused: the site breaks off: the connection failed: Connection to the other side was lost * in a row"),
    ),
    Bad(
        "on another site",
        listing(lambda *_: redirect("https://elsewhere.example/")),
        *(4, "unreachable: listing page 1: leads to another site, not fetched: https://elsewhere.example/"),
    ),
    Bad(
        "forbidden to robots", robots("Disallow: /all_news"), 4, "unreachable: listing page 1: Forbidden by robots.txt"
    ),
    Bad(
        "forbidden to all",
        lambda door: door.trouble(only("forbidden")),
        4,
        "unreachable: listing page 1: HTTP 403 (*/)",
    ),
    Bad(
        "too busy",
        lambda door: door.trouble(only("overloaded", seconds=0)),
        *(4, "refused: the site refuses us: HTTP 503 4 times in a row"),
    ),
    Bad(
        "too busy for long",
        lambda door: door.trouble(only("too-many", seconds=4000)),
        *(4, "refused: the site refuses us: HTTP 429, and asks us to wait 4000 s"),
    ),
)


@pytest.mark.parametrize("bad", LISTINGS, ids=lambda bad: bad.name)
def test_a_bad_listing_is_named_and_the_next_run_misses_nothing(bad: Bad, tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        door.settings["REFUSAL_DELAY"] = 0.01
        bad.spoil(door)
        crawl = door.crawl()
        assert crawl.code == bad.code
        (line,) = crawl.lines
        assert len(crawl.advice) == 1
        start, star, end = bad.said.partition("*")
        assert f"; {start}" in line
        assert line.endswith(end if star else start)
        assert "<" not in line
        assert len(door.keys()) == bad.archived
        assert door.value("SELECT exit_code FROM crawls") == bad.code
        door.heal()
        again = door.crawl()
        assert (again.code, again.said) == (0, "")
        door.whole()


def test_a_listing_that_cannot_be_used_is_kept_with_the_reason(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        door.put(FIRST, no_layout())
        door.crawl()
        page = door.row("SELECT * FROM snapshots WHERE kind <> 'robots'")
        assert (page["kind"], page["page"], page["reading"], page["body_size"]) == ("listing", 1, "unrecognised", 41)
        assert page["problem"].startswith("demo: no layout knows this listing (http://127.0.0.1:")


def test_a_site_that_does_not_answer_is_unreachable_in_one_line(tmp_path: Path) -> None:
    with front_door(tmp_path) as door, socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))  # it listens to nobody
        crawl = door.crawl(base_url=f"http://127.0.0.1:{deaf.getsockname()[1]}")
        assert crawl.code == 4
        why = "unreachable: robots.txt: the connection was refused; without its rules nothing is asked"
        assert crawl.lines == [f"demo: 0 listing pages, 0 article pages, 0 new; {why}"]
        assert crawl.advice == [f"{TODO}{ADVICE['unreachable']}"]


@pytest.mark.parametrize(("kind", "seconds"), [("forbidden", 0), ("overloaded", 0.2), ("too-many", 4000)])
def test_a_site_that_refuses_articles_is_left_in_time_and_nothing_is_lost(
    kind: str, seconds: float, tmp_path: Path
) -> None:
    with front_door(tmp_path, size=40, page_size=20) as door:
        door.settings["REFUSAL_DELAY"] = 0.01
        door.trouble(only(kind, ARTICLES, seconds))  # type: ignore[arg-type]  # the names of three of its kinds
        crawl = door.crawl()
        assert crawl.code == 4
        assert "; refused: the site refuses us: HTTP " in crawl.lines[0]
        assert len(crawl.articles) < 20, "it asks on and on"
        assert door.value("SELECT count(*) FROM articles WHERE status = 'pending'") == 40
        assert door.value("SELECT outcome FROM crawls") == "refused"
        door.heal()
        assert door.crawl().code == 0
        door.whole()


def test_a_busy_moment_is_waited_for_and_the_run_is_complete(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        door.trouble(only("overloaded", ARTICLES, 1))
        running = door.start("-s", "CONCURRENT_REQUESTS_PER_DOMAIN=1")
        running.wait_for(lambda: any("/view/" in path for path in door.service.log))
        door.heal()
        crawl = running.end()
        assert (crawl.code, crawl.said) == (0, "")
        door.whole()


def test_what_robots_txt_forbids_is_not_asked_for_and_named(tmp_path: Path) -> None:
    with front_door(tmp_path) as door:
        forbidden = [story for story in door.listed() if story.rubric == "society"]
        robots("Disallow: /society")(door)
        crawl = door.crawl()
        assert crawl.code == 3
        (line,) = crawl.lines[1:]
        assert line.startswith(f"  {len(forbidden)} times, first: Forbidden by robots.txt (http://")
        assert not any(path.startswith("/society/") for path in crawl.asked)
        assert len(door.keys()) == 12 - len(forbidden)
