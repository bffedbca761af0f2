"""A crawl without Scrapy and sockets: the demo agency's answers, kept and read as the spider does it.

For tests of what happens to an archive afterwards. How a crawl goes is tested elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin

from crawler.errors import PageError, UndecodableBody
from crawler.html import answer
from crawler.html.decoding import Damaged, decode
from crawler.listing.walk import Walk
from crawler.reading import read
from crawler.records import Edition, Hop, Kind, Reading, Snapshot, Wire
from crawler.rules.decide import GONE
from crawler.sites import edition, site_of
from crawler.sites.base import Listing
from crawler.urls import at_base, bases_of, site_relative
from spiders.demo.history import History
from spiders.demo.newspaper import Newspaper, Reply
from spiders.demo.respond import respond
from spiders.demo.turmoil import Turmoil, random_history
from storage.write.archive import Archive
from storage.write.evidence.snapshots import Mark, mark
from storage.write.outcomes import settle
from storage.write.walks import Coverage

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SMALL = Turmoil(start=START, days=1, backlog=12, backlog_days=1, per_day=14, changes=1.2, spread_hours=20)
SOFTWARE = "dateline/0.1.0 scrapy/2.19.0 python/3.11.0"
AGENT = "Dateline/0.1.0 (news archive; contact: not given)"
MOVED = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND})


def small_history(seed: int) -> History:
    """Some two dozen stories over two days, with edits, returns to earlier texts, deletions and new slugs."""
    return random_history(seed, SMALL)


@dataclass(slots=True)
class OfflineCrawl:
    """Visits to a newspaper. `base_url` None: at the edition's own host. A second passes with every request."""

    archive: Archive
    paper: Newspaper
    now: datetime = START
    edition: Edition = field(default_factory=lambda: edition("demo"))
    base_url: str | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    step: timedelta = timedelta(seconds=1)
    _visits: int = 0

    def run(self, finish: str | None = "complete") -> None:
        """One crawl: the listing down to known coverage, then what is due. `finish` None: it is killed at the end."""
        crawl_id = self.archive.begin_crawl(self.edition.name, self.arguments, SOFTWARE, AGENT, self.now)
        coverage = Coverage(self.archive, self.edition.name, crawl_id, self.edition.timezone)
        walk = coverage.begin(self.now, self.now.date() - timedelta(days=3))
        while walk.next_page is not None:
            snapshot = self.listing(walk.next_page)
            if not self._take(coverage, walk, snapshot, crawl_id):
                break
        self._articles(crawl_id)
        if finish is not None:
            self.archive.finish_crawl(crawl_id, finish, 0, None, self.now)

    @property
    def _listing(self) -> Listing:
        return site_of(self.edition.name).listings(self.edition)[0]

    def listing(self, number: int) -> Snapshot:
        """The answer for a listing page."""
        ask = self._listing.ask(self.edition, str(number), {})
        return self.fetch(site_relative(ask.url), "listing", page=number)

    def fetch(
        self, path: str, kind: Kind, *, key: str | None = None, page: int | None = None, etag: str | None = None
    ) -> Snapshot:
        """The answer at an address, after redirects."""
        url = requested = at_base(path, self.edition, self.base_url)
        redirects: list[Hop] = []
        asked = {"accept-encoding": "gzip", **({"if-none-match": etag} if etag else {})}
        answer = self._ask(site_relative(path), asked)
        while answer.status in MOVED and len(redirects) < 5:
            redirects.append(Hop(url, answer.status))
            url = urljoin(url, answer.header("Location"))
            answer = self._ask(site_relative(url), asked)
        return snapshot_of(
            answer,
            edition=self.edition.name,
            kind=kind,
            requested_url=requested,
            url=url,
            redirects=tuple(redirects),
            fetched_at=self.now,
            request_headers=(("Accept-Encoding", "gzip"), ("User-Agent", AGENT)),
            key=key,
            page=page,
        )

    def _ask(self, path: str, headers: Mapping[str, str]) -> Reply:
        self.now += self.step
        self._visits += 1
        return respond(self.paper, path, headers, self.now, self._visits)

    def _take(self, coverage: Coverage, walk: Walk, snapshot: Snapshot, crawl_id: int) -> bool:
        """As spiders/listing.py does it. False when the walk cannot go on."""
        if snapshot.damage is not None or snapshot.status not in {HTTPStatus.OK, *GONE}:
            return self._lose(snapshot, crawl_id, "error", snapshot.damage or f"HTTP {snapshot.status}")
        if snapshot.status in GONE:
            coverage.take(walk, snapshot, None)
            return True
        try:
            came = answer.Answer(snapshot, self.edition, bases_of(self.edition, self.base_url))
            shown = self._listing.read(came, self.edition, str(snapshot.page or 1))
        except (PageError, UndecodableBody) as error:
            return self._lose(snapshot, crawl_id, "unrecognised", str(error))
        coverage.take(walk, snapshot, shown)
        return True

    def _lose(self, snapshot: Snapshot, crawl_id: int, outcome: Mark, problem: str) -> bool:
        with self.archive.writing() as connection:
            snapshot_id = self.archive.keep_in(connection, snapshot, crawl_id, None)
            mark(connection, snapshot_id, outcome, problem=problem)
        return False

    def _articles(self, crawl_id: int) -> None:
        tried: set[int] = set()
        while batch := self.archive.due(self.edition.name, self.now, 50, exclude=tried):
            for due in batch:
                tried.add(due.article_id)
                snapshot = self.fetch(due.url, "article", key=due.key, etag=due.etag)
                kept = self.archive.keep(snapshot, crawl_id, due.article_id)
                settle(self.archive, read(Reading(snapshot, kept), self.base_url))


def snapshot_of(answer: Reply, **facts: object) -> Snapshot:
    """The snapshot of an answer, its content decoded as far as it can be."""
    sent = answer.body if answer.sent is None else answer.body[: answer.sent]
    coding = answer.header("Content-Encoding")
    damage = "truncated" if answer.sent is not None else None
    body = sent
    try:
        body = decode(sent, [coding or ""], 2**24)
    except Damaged as error:
        damage = damage or str(error)
    headers: Sequence[tuple[str, str]] = answer.headers
    wire = Wire(
        size=len(sent),
        sha256=hashlib.sha256(sent).hexdigest(),
        content_encoding=coding,
        headers=tuple(headers),
        ip_address="127.0.0.1",
        protocol="HTTP/1.1",
    )
    return Snapshot(status=answer.status, wire=wire, body=body, damage=damage, **facts)  # type: ignore[arg-type]
