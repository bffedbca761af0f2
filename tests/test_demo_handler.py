"""The miniature agency inside a Scrapy process: no sockets, and otherwise what the network would give."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy import Request, Spider, signals
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotConfigured,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.http import Response
from scrapy.utils.test import get_crawler

from spiders.demo.faults import KINDS, Kind, only
from spiders.demo.handler import InProcessHandler
from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from spiders.demo.steady import steady
from spiders.demo.world import World

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAPER = Newspaper(steady(), calm=True)
STORY = PAPER.newsroom.at(NOON).listed(0, 1)[0]


def fetch(
    world: World, url: str = STORY.url, settings: dict[str, Any] | None = None, meta: dict[str, Any] | None = None
) -> Response:
    crawler = get_crawler(Spider, {"DEMO_WORLD": world, **(settings or {})})
    handler = InProcessHandler.from_crawler(crawler)
    return asyncio.run(handler.download_request(Request(url, meta=meta)))


def world(kind: Kind | None = None, seconds: float = 30.0) -> World:
    return World(PAPER if kind is None else replace(PAPER, faults=only(kind, seconds=seconds)), NOON)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("refused", DownloadConnectionRefusedError),
        ("reset", DownloadFailedError),
        ("truncated", ResponseDataLossError),
        ("slow", DownloadTimeoutError),
    ],
)
def test_the_handler_raises_what_scrapy_raises_for_a_broken_answer(kind: Kind, error: type[Exception]) -> None:
    with pytest.raises(error):
        fetch(world(kind), meta={"download_timeout": 10})


def test_a_truncated_page_is_flagged_where_data_loss_is_no_failure() -> None:
    response = fetch(world("truncated"), settings={"DOWNLOAD_FAIL_ON_DATALOSS": False})
    assert response.flags == ["dataloss"]
    assert 0 <= len(response.body) < len(respond(PAPER, STORY.path, {}, NOON).body)


def test_the_worlds_time_passes_with_every_request_and_with_slow_answers() -> None:
    here = world("slow", seconds=7)
    fetch(here)
    assert timedelta(seconds=7) <= here.now() - NOON <= timedelta(seconds=9)
    again = world("slow", seconds=7)
    fetch(again)
    assert again.now() == here.now()


def test_other_hosts_do_not_exist_in_the_world() -> None:
    with pytest.raises(CannotResolveHostError):
        fetch(world(), "https://elsewhere.example/")
    assert fetch(world(), "http://127.0.0.1/all_news/?a=b#c").url == "http://127.0.0.1/all_news/?a=b"


def test_a_page_that_is_too_large_is_cancelled() -> None:
    with pytest.raises(DownloadCancelledError):
        fetch(world(), meta={"download_maxsize": 100})


def test_a_receiver_of_signals_can_stop_the_download() -> None:
    crawler = get_crawler(Spider, {"DEMO_WORLD": world()})
    lengths: list[int] = []

    def stop(body_length: int) -> None:
        lengths.append(body_length)
        raise StopDownload(fail=False)

    crawler.signals.connect(stop, signals.headers_received)
    response = asyncio.run(InProcessHandler.from_crawler(crawler).download_request(Request(STORY.url)))
    assert (response.status, response.body, response.flags) == (200, b"", ["download_stopped"])
    assert lengths == [len(respond(PAPER, STORY.path, {}, NOON).body)]


def test_without_a_world_there_is_no_handler() -> None:
    with pytest.raises(NotConfigured):
        InProcessHandler.from_crawler(get_crawler(Spider))


COMPARE = """
import json, sys
from dataclasses import replace
from datetime import UTC, datetime
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from spiders.demo.faults import Fault, Faults, Spell
from spiders.demo.newspaper import Newspaper
from spiders.demo.server import serve
from spiders.demo.steady import steady
from spiders.demo.world import World

now = datetime(2026, 11, 23, 12, tzinfo=UTC)
kinds = json.loads(sys.argv[1])
stories = [story.path for story in steady().at(now).listed(0, len(kinds))]
spells = [Spell(Fault(kind, 0), pattern=path) for kind, path in zip(kinds, stories) if kind]
paper = Newspaper(steady(), calm=True, faults=Faults(spells))
seen = {"real": {}, "in process": {}}


class Compare(Spider):
    name = "compare"

    async def start(self):
        for path in [*stories, "/all_news/", "/robots.txt", "/nothing/here/"]:
            yield Request(self.base + path, self.parse, errback=self.failed, dont_filter=True, cb_kwargs={"path": path})

    def parse(self, response, path):
        headers = {name.decode(): [v.decode() for v in values] for name, values in response.headers.items()}
        body, where = response.body.hex(), str(response.ip_address)
        seen[self.side][path] = [response.status, headers, body, response.flags, response.protocol, where]

    def failed(self, failure):
        seen[self.side][failure.request.cb_kwargs["path"]] = failure.type.__name__


common = {
    "LOG_ENABLED": False, "ROBOTSTXT_OBEY": False, "RETRY_ENABLED": False, "REDIRECT_ENABLED": False,
    "HTTPERROR_ALLOW_ALL": True, "DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    "COMPRESSION_ENABLED": False, "DOWNLOAD_FAIL_ON_DATALOSS": False, "DEMO_WORLD": World(paper, now),
}
with serve(paper, lambda: now) as service:
    process = AsyncCrawlerProcess(common)
    handler = {"DOWNLOAD_HANDLERS": {"http": "spiders.demo.handler.InProcessHandler"}}
    real = type("Real", (Compare,), {"side": "real", "base": service.base_url})
    inside = type("Inside", (Compare,), {"side": "in process", "base": "http://127.0.0.1", "custom_settings": handler})
    process.crawl(real)
    process.crawl(inside)
    process.start()
print(json.dumps(seen))
"""


def test_the_handler_gives_what_scrapys_own_gives_for_the_same_bytes() -> None:
    kinds = [None, *(kind for kind in KINDS if kind != "refused"), None]
    command = [sys.executable, "-c", COMPARE, json.dumps(kinds)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert len(seen["real"]) == len(kinds) + 3
    for path, real in seen["real"].items():
        inside = seen["in process"][path]
        if isinstance(real, list):  # its clock has moved on
            assert real[1].pop("Date") is not None
            assert inside[1].pop("Date") is not None
        assert inside == real, path
