"""What a simulation does once, so that thousands of short-lived children need not do it each.

A fresh process compiles every SQL statement and selector on first use, which takes longer than a small crawl. Here
the parent crawls a listing and its articles without Scrapy, and its children inherit what was compiled.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine

from crawler.html.document import Document
from crawler.reading import read
from crawler.records import Reading, Snapshot, Wire
from crawler.sites.demo import DEMO
from spiders.demo.faults import Faults
from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from storage.db.engine import open_engine
from storage.monitoring import watch
from storage.write.archive import Archive
from storage.write.evidence.requests import LoggedRequest, RequestOutcome
from storage.write.walks import Coverage
from tests.ready_made import share

EDITION = DEMO.editions[0]


def rehearse(paper: Newspaper, now: datetime) -> Engine:
    """Crawl a little of the newspaper; returns the engine whose statements are compiled."""
    paper = replace(paper, faults=Faults(), gzip=False)
    with tempfile.TemporaryDirectory() as folder, Archive.open(str(Path(folder) / "warm.db"), create=True) as archive:
        for _ in range(2):  # the second time everything is known already
            _crawl(archive, paper, now)
        return archive.engine


def _crawl(archive: Archive, paper: Newspaper, now: datetime) -> None:
    crawl_id = archive.begin_crawl("demo", {}, "rehearsal", "rehearsal", now)
    watch.before(archive, ["demo"], now)
    archive.asked_between("demo", now, now)
    archive.ask(LoggedRequest(crawl_id, "robots", None, now, None), [])
    archive.keep_robots(replace(_fetch(paper, "/robots.txt", now), kind="robots"), crawl_id, None)
    archive.replan("demo", now)
    coverage = Coverage(archive, "demo", crawl_id, DEMO.timezone)
    archive.unread("demo", 1)
    archive.plan_rechecks("demo", None, now)
    walk = coverage.begin(now)
    for page in (1, 2, 1):
        snapshot = replace(_fetch(paper, DEMO.listing_path(page), now), kind="listing", page=page)
        coverage.take(walk, snapshot, DEMO.read_listing(Document.of(snapshot), EDITION, page))
    waiting = archive.due("demo", now, 4)
    archive.tell(
        [
            RequestOutcome(
                crawl_id, archive.ask(LoggedRequest(crawl_id, "listing", None, now, 0)), status=200, wire_size=1
            )
        ]
    )
    for due in waiting:
        snapshot = replace(_fetch(paper, due.url.removeprefix(f"https://{EDITION.host}"), now), key=due.key)
        archive.save(read(Reading(snapshot, archive.keep(snapshot, crawl_id, due.article_id))))
        archive.failed(due.article_id, "rehearsed", now)
    archive.settle_absences("demo")
    archive.finish_crawl(crawl_id, "complete", 0, None, now)
    archive.counts(crawl_id)
    archive.ended_alike(crawl_id)
    watch.after(archive, {"demo": crawl_id}, now)


def _fetch(paper: Newspaper, path: str, now: datetime) -> Snapshot:
    answer = respond(paper, path, {}, now)
    url = f"https://{EDITION.host}{path}"
    wire = Wire(len(answer.body), hashlib.sha256(answer.body).hexdigest(), None, answer.headers)
    return Snapshot("demo", "article", url, url, now, answer.status, wire, answer.body)


@contextmanager
def rehearsed(warm: Engine) -> Iterator[None]:
    """Archives opened while the block runs use what `warm` has compiled."""

    def opened(target: str, **how: Any) -> Engine:  # noqa: ANN401 - what `open_engine` takes
        return share(open_engine(target, **how), warm)

    with patch("storage.write.archive.open_engine", opened):
        yield
