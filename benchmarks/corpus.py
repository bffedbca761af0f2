"""Pages to measure with: stories of the demo agency in 50 to 100 KB of furniture each, as an archive meets them.

The agency changes its look four times on the way. Neighbours share most of their furniture, but never all: date,
weather, latest news, teasers and nonces are of the request. Compressed alone, such a page behaves as real news pages
do (some 25 % with gzip). Everything is a function of the size: two runs measure the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from crawler.reading import read
from crawler.records import Reading, Snapshot, Wire
from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from spiders.demo.steady import steady
from spiders.demo.stories import Story
from storage.write.archive import Archive
from storage.write.outcomes import settle

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
EDITION: Final = "demo"

LOOKS: Final = (42_000, 54_000, 66_000, 78_000, 88_000)
"""Bytes of furniture, look by look."""

MEDIUM: Final = (50_000,)
"""Pages of 60 KB: the size that rates are promised for."""

_PAUSE: Final = timedelta(seconds=2)
_SHOWN: Final = 300


def stories(size: int, at: datetime = NOON) -> list[Story]:
    """The newest stories of the agency, newest first. Video records are left out: their pages are short."""
    front = steady(size=size * 2 + 20).at(at)
    return [story for story in front.listed(0, len(front)) if story.rubric != "video"][:size]


def page(story: Story, furniture: int, number: int) -> Snapshot:
    """The answer to request `number`, two seconds after the one before."""
    at = NOON + _PAUSE * number
    paper = Newspaper(steady(size=_SHOWN), furniture=furniture, gzip=False)
    answer = respond(paper, story.path, {}, at, number)
    wire = Wire(len(answer.body), hashlib.sha256(answer.body).hexdigest(), None, answer.headers)
    return Snapshot(EDITION, "article", story.url, story.url, at, answer.status, wire, answer.body, key=story.key)


def pages(size: int, looks: Sequence[int] = LOOKS) -> Iterator[Snapshot]:
    """So many article pages, in the order of their fetching."""
    for number, story in enumerate(stories(size)):
        yield page(story, looks[number * len(looks) // size], number)


def archived(path: Path, size: int, looks: Sequence[int] = LOOKS) -> None:
    """Makes an archive of those pages through the doors that a crawl uses: kept, read, saved, sealed."""
    with Archive.open(str(path), create=True) as archive:
        crawl_id = archive.begin_crawl(EDITION, {}, "benchmark", "benchmark", NOON)
        now = NOON
        for snapshot in pages(size, looks):
            now = snapshot.fetched_at
            article_id = archive.remember(EDITION, snapshot.key or "", snapshot.url, now)
            settle(archive, read(Reading(snapshot, archive.keep(snapshot, crawl_id, article_id))))
        archive.finish_crawl(crawl_id, "complete", 0, None, now)
