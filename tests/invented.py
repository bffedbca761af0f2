"""Invented pages and articles, and a desk that crawls them: what tests of the archive are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.records import Article, Headers, Kind, Photo, Reading, Snapshot, Wire
from storage.read.reader import reader_of
from storage.read.walls import undecided
from storage.write.archive import Archive
from storage.write.frontier.absences import conclude
from storage.write.frontier.visits import Saved
from tests.ready_made import empty_archive

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
EDITION = "belta-eng"


def page(
    key: str | None = "1-2026",
    body: bytes = b"<h1>Ferry resumes</h1>",
    *,
    at: datetime = NOON,
    status: int = 200,
    kind: Kind = "article",
    headers: Headers = (("Content-Type", "text/html; charset=utf-8"),),
) -> Snapshot:
    """An answer of the server."""
    wire = Wire(len(body), hashlib.sha256(body).hexdigest(), None, headers)
    url = f"https://eng.belta.by/society/view/ferry-{key}/"
    number = 1 if kind == "listing" else None
    return Snapshot(EDITION, kind, url, url, at, status, wire, body, key=key, page=number)


def story(key: str = "1-2026", headline: str = "Ferry resumes", text: str = "It sails again.", **more: Any) -> Article:  # noqa: ANN401 - any field of an Article
    """An article as a parser reads it."""
    plain = Article(
        edition=EDITION,
        key=key,
        url=f"https://eng.belta.by/society/view/ferry-{key}/",
        headline=headline,
        published_at=NOON - timedelta(hours=2),
        published_printed="10 March 2026, 13:00",
        paragraphs=tuple(text.split("\n")) if text else (),
        era="belta/2018-paragraphs",
        language="en",
        rubric="society",
        photos=(Photo("https://img.belta.by/a_big.jpg", "The ferry at its pier"),),
        tags=("Transport",),
        sources={"headline": "h1", "lead": "absent: not on this page"},
    )
    return replace(plain, **more)


@dataclass
class Desk:
    """A crawl of one edition into an archive."""

    archive: Archive
    crawl_id: int

    def meet(self, key: str = "1-2026", at: datetime = NOON) -> int:
        return self.archive.remember(EDITION, key, f"https://eng.belta.by/society/view/ferry-{key}/", at)

    def keep(self, snapshot: Snapshot) -> int:
        article_id = None if snapshot.key is None else self.meet(snapshot.key, snapshot.fetched_at)
        return self.archive.keep(snapshot, self.crawl_id, article_id)

    def visit(self, article: Article, at: datetime = NOON, snapshot: Snapshot | None = None) -> Saved:
        """Fetches and saves. Every visit brings another page, as a site's counters have it, unless one is given."""
        snapshot = snapshot or page(article.key, f"{article!r}{article.text}{at}".encode(), at=at)
        return self.archive.save(Reading(snapshot, self.keep(snapshot), "article", article))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.archive.connection() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(sql, values)]

    def value(self, sql: str, *values: object) -> object:
        value: object
        ((value,),) = self.rows(sql, *values)
        return value

    def news(self, key: str = "1-2026") -> dict[str, Any]:
        with self.archive.connection() as connection:
            found = connection.exec_driver_sql("SELECT * FROM news WHERE key = ?", (key,)).mappings().one()
            return dict(found)

    def check_index(self) -> None:
        """Compares the full-text index with the rows. Raises DatabaseError where they differ."""
        with self.archive.writing() as connection:
            connection.exec_driver_sql("INSERT INTO news_search(news_search, rank) VALUES ('integrity-check', 1)")


def run_out_of_patience(archive: Archive, edition: str = EDITION) -> None:
    """Calls all gone that is absent, as runs of several days would."""
    with archive.writing() as connection:
        for one in undecided(reader_of(archive, connection), edition):
            conclude(connection, one)


@contextmanager
def desk(path: Path) -> Iterator[Desk]:
    """A crawl that has just begun, into a new or known archive."""
    if not path.exists():
        path.write_bytes(empty_archive())
    with Archive.open(str(path), create=True, migrate=True) as archive:
        crawl_id = archive.begin_crawl(EDITION, {}, "dateline/0", "dateline (test)", NOON)
        yield Desk(archive, crawl_id)
