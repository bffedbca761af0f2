"""Coverage in a real archive: what a walk leaves behind, and what the next one makes of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crawler.dates import local_day
from crawler.html.document import Document
from crawler.listing.walk import Walk
from crawler.records import ListingPage, Snapshot, Wire
from crawler.sites.demo import DEMO
from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from spiders.demo.steady import steady
from spiders.demo.turmoil import Turmoil, random_history
from storage.write.archive import Archive
from storage.write.walks import Coverage
from tests.effort import effort

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EDITION = DEMO.editions[0]
# Ten stories a day, for a month.
SLOW = random_history(5, Turmoil(NOW, days=0.1, backlog=300, backlog_days=30, per_day=0, changes=0, late=0, below=0))


@dataclass
class Crawler:
    """Walks the listing of a miniature agency without fetching its articles."""

    archive: Archive
    paper: Newspaper
    now: datetime = NOW
    asked: list[int] = field(default_factory=list)

    def walk(self, most: int = 10_000, **wishes: date | None) -> Walk:
        """One run. `most`: requests after which it is cut short."""
        crawl_id = self.archive.begin_crawl("demo", {}, "test", "test", self.now)
        coverage = Coverage(self.archive, "demo", crawl_id, DEMO.timezone)
        walk = coverage.begin(self.now, **wishes)
        self.asked = []
        while walk.next_page is not None and len(self.asked) < most:
            self.asked.append(walk.next_page)
            coverage.take(walk, *self.fetch(walk.next_page))
        return walk

    def fetch(self, page: int) -> tuple[Snapshot, ListingPage | None]:
        path = DEMO.listing_path(page)
        answer = respond(self.paper, path, {}, self.now, len(self.asked))
        url = f"https://{EDITION.host}{path}"
        wire = Wire(len(answer.body), hashlib.sha256(answer.body).hexdigest(), None, answer.headers)
        snapshot = Snapshot("demo", "listing", url, url, self.now, answer.status, wire, answer.body, page=page)
        if answer.status != 200:
            return snapshot, None
        return snapshot, DEMO.read_listing(Document.of(snapshot), EDITION, page)

    def rows(self, query: str) -> list[Any]:
        with self.archive.connection() as connection:
            return list(connection.execute(text(query)))

    def live(self) -> list[tuple[str, str, int, str | None]]:
        """Kind, goal, completeness and end of the live intervals, without pieces that were seen apart."""
        query = "SELECT kind, goal, complete, ended FROM walks WHERE merged_into IS NULL AND kind <> 'apart'"
        return [tuple(row) for row in self.rows(query)]

    def covered(self) -> int:
        """Articles that belong to an interval."""
        count: int = self.rows("SELECT count(*) FROM articles WHERE walk_id IS NOT NULL")[0][0]
        return count


@pytest.fixture
def crawler(tmp_path: Path) -> Iterator[Crawler]:
    paper = Newspaper(steady(size=300), page_size=10, gzip=False, calm=True)
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        yield Crawler(archive, paper)


def test_first_walk_covers_the_listing_and_the_second_asks_for_one_page(crawler: Crawler) -> None:
    crawler.walk(since=date.min)
    assert crawler.covered() == 300
    assert crawler.live() == [("head", "0001-01-01", 1, "end")]
    crawler.now += timedelta(minutes=5)
    crawler.walk()
    assert crawler.asked == [1]


def test_walk_cut_short_is_closed_by_the_next_run(crawler: Crawler) -> None:
    crawler.walk(since=date.min)
    crawler.now += timedelta(hours=5)  # 150 new stories
    crawler.walk(most=9)
    assert len(crawler.live()) == 2
    crawler.now += timedelta(minutes=30)
    crawler.walk()
    assert crawler.live() == [("head", "0001-01-01", 1, "end")]
    listed = {story.key for story in crawler.paper.newsroom.at(crawler.now).listed(0, 300)}
    known = {row[0] for row in crawler.rows("SELECT key FROM articles WHERE walk_id IS NOT NULL")}
    assert listed <= known


def test_interval_cut_short_by_several_runs_ends_as_one(crawler: Crawler) -> None:
    for most in (5, 9, 7, 12):
        crawler.walk(most=most, since=date.min)
        crawler.now += timedelta(hours=2)
    crawler.walk()
    assert crawler.live() == [("head", "0001-01-01", 1, "end")]
    members = {row[0] for row in crawler.rows("SELECT DISTINCT walk_id FROM articles WHERE walk_id IS NOT NULL")}
    assert len(members) == 1


def test_default_walk_of_an_empty_archive_goes_back_seven_days(crawler: Crawler) -> None:
    crawler.paper = replace(crawler.paper, newsroom=SLOW)
    crawler.walk()
    (kind, goal, complete, ended) = crawler.live()[0]
    assert (kind, goal, complete, ended) == ("head", "2026-02-23", 1, "goal")


def test_backfill_that_was_cut_is_the_goal_of_the_next_run(crawler: Crawler) -> None:
    crawler.walk(since=date.min, most=4)
    crawler.now += timedelta(minutes=10)
    crawler.walk()
    assert crawler.live() == [("head", "0001-01-01", 1, "end")]


@pytest.mark.search
def test_resuming_a_long_backfill_walks_none_of_the_known_pages_again(crawler: Crawler) -> None:
    pages, read = effort(300, sample=100), effort(250, sample=50)
    crawler.paper = replace(crawler.paper, newsroom=steady(size=2 * pages), page_size=2)
    crawler.walk(since=date.min, most=2 * read - 1)  # every seam is read again
    assert crawler.covered() == 2 * read
    crawler.now += timedelta(minutes=8)  # four new stories
    crawler.walk()
    assert crawler.live() == [("head", "0001-01-01", 1, "end")]
    assert not [page for page in crawler.asked if 5 < page < read - 5]
    # Of these the last 50 pages take two requests each, the end of the listing three.
    assert len(crawler.asked) < 120


def test_window_reaches_its_dates_in_a_few_probes_and_claims_nothing_above(crawler: Crawler) -> None:
    crawler.paper = replace(crawler.paper, newsroom=SLOW)
    crawler.walk(since=date(2026, 2, 9), until=date(2026, 2, 10))
    covered = {row[0] for row in crawler.rows("SELECT key FROM articles WHERE walk_id IS NOT NULL")}
    wanted = {
        story.key
        for story in SLOW.at(NOW).listed(0, 1_000)
        if date(2026, 2, 9) <= local_day(story.published, DEMO.timezone) <= date(2026, 2, 10)
    }
    assert len(wanted) > 5
    assert wanted <= covered
    assert crawler.live() == [("window", "2026-02-09", 1, "goal")]
    assert len(crawler.asked) < 20


def test_sweep_reads_the_newest_days_again_three_times_a_day(crawler: Crawler) -> None:
    crawler.paper = replace(crawler.paper, newsroom=SLOW, page_size=5)
    crawler.walk()
    crawler.now += timedelta(hours=9)
    crawler.walk()
    two_days = [story for story in SLOW.at(NOW).listed(0, 100) if NOW - story.published < timedelta(days=2)]
    assert len(crawler.asked) >= len(two_days) // 5 > 1
    crawler.now += timedelta(minutes=5)
    crawler.walk()
    assert crawler.asked == [1]
