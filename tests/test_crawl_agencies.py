"""Agencies that the project ships are crawled through the front door, each on its own hosts, from their saved pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

import crawler.settings as settings_module
from spiders.demo.newspaper import Reply, RequestHeaders
from tests.front_door import front_door
from tests.test_agencies import AGENCIES, expected

NAMES = ("kazinform", "meduza")
ROBOTS = Reply(HTTPStatus.OK, (("Content-Type", "text/plain"),), b"User-agent: *\nAllow: /\n")
NOT_FOUND = Reply(HTTPStatus.NOT_FOUND, (("Content-Type", "text/html"),), b"<title>404</title>")


@dataclass(slots=True)
class SavedPages:
    """The saved pages of some agencies in place of the network, the value of DEMO_WORLD. Anything else is a 404."""

    hosts: frozenset[str]
    pages: dict[str, Reply]

    def tick(self) -> None:
        """No time passes."""

    def wait(self, span: timedelta) -> None:
        """Nor while one waits."""

    def turns(self) -> int:
        return 0

    def respond(self, path: str, headers: RequestHeaders) -> Reply:
        assert "host" not in headers or headers["host"] in self.hosts
        return self.pages.get(path, NOT_FOUND)

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


def saved_pages() -> SavedPages:
    pages = {"/robots.txt": ROBOTS}
    hosts = set()
    for name in NAMES:
        told = expected(name)
        for case in told["listings"] + told["articles"]:
            parts = urlsplit(case["url"])
            hosts.add(parts.netloc)
            body = (AGENCIES / name / case["file"]).read_text(encoding="utf-8").encode(told.get("charset", "utf-8"))
            kind = ("Content-Type", case.get("type", "text/html"))
            pages[parts._replace(scheme="", netloc="").geturl()] = Reply(HTTPStatus.OK, (kind,), body)
    return SavedPages(frozenset(hosts), pages)


def instead_of_the_network(world: SavedPages) -> None:
    ours = {
        "DEMO_WORLD": world,
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "spiders.demo.handler.InProcessHandler"),
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": False,
    }
    for name, value in ours.items():
        setattr(settings_module, name, value)


def test_agencies_are_crawled_from_their_saved_pages(tmp_path: Path) -> None:
    editions = [f"{name}-rus" for name in NAMES]
    with front_door(tmp_path) as door:
        crawl = door.crawl(
            *("-s", "DEMO_NOW=", "-s", "CLOCK=tests.front_door.NoonClock"),
            before=partial(instead_of_the_network, saved_pages()),
            edition=",".join(editions),
            base_url=None,
        )
        warning = "dateline: warning: the site {} is experimental: nobody has run it on the live site yet"
        assert (crawl.code, crawl.lines) == (0, [warning.format(name) for name in NAMES])
        articles = [
            (case["edition"], case["url"], case["article"]) for name in NAMES for case in expected(name)["articles"]
        ]
        found = door.rows("SELECT edition, url, key, headline, published_at, body FROM news")
        assert {tuple(row) for row in found} == {
            (edition, url, told["key"], told["headline"], told["published_at"], "\n\n".join(told["paragraphs"]))
            for edition, url, told in articles
        }
        listed = {
            (case["edition"], entry["key"])
            for name in NAMES
            for case in expected(name)["listings"]
            for entry in case["entries"]
        }
        assert {tuple(row) for row in door.rows("SELECT edition, key FROM articles")} == listed
