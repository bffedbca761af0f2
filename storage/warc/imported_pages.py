"""Taking over one page that somebody else fetched: is it here, keep it, read it as a crawl would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from crawler.dates import utc_text
from crawler.errors import ArgumentError, PageError, UndecodableBody
from crawler.html.answer import Answer
from crawler.reading import base_of, read
from crawler.records import ListingEntry, Reading, Snapshot
from crawler.rules.absences import ABSENT
from crawler.rules.decide import GONE
from crawler.rules.politeness import robots_problem
from crawler.sites import edition as edition_named
from crawler.sites import site_of
from crawler.urls import bases_of
from storage.db.rows import SNAPSHOT_COLUMNS, snapshot_row, storable
from storage.db.schema import articles, snapshots
from storage.db.statements import Prepared
from storage.read.reader import reader_of
from storage.terminal.moments import now
from storage.warc.foreign_pages import Skipped
from storage.write.archive import Archive
from storage.write.articles.late import catch_up, newer_pages, remember_late, settle_late
from storage.write.coverage.pieces import Pieces
from storage.write.evidence.snapshots import Mark, mark
from storage.write.frontier.absences import settle_one
from storage.write.frontier.queue import remember as remember_article
from storage.write.frontier.sightings import ListingVisit, remember
from storage.write.outcomes import settle
from storage.write.reparsing.reread import Rereader
from storage.write.reparsing.rewrite import refresh

# Which imported listing pages follow on each other: a page read again after the next one, and ending as it did.

Page = tuple[str, int]
"""Edition and number of a listing page."""


@dataclass(slots=True)
class ListingSeams:
    """The listing pages that came last, in order of capture. A crawl reads the upper of two pages once more after the
    lower one: if it still ends with the same entry, nothing moved, and the lower one follows on it.

    >>> seams = ListingSeams()
    >>> [seams.piece("demo", page, keys) for page, keys in ((1, ["d", "c"]), (2, ["b", "a"]), (1, ["d", "c"]))]
    [['d', 'c'], ['b', 'a'], ['d', 'c', 'b', 'a']]
    """

    _latest: dict[Page, tuple[int, list[str]]] = field(default_factory=dict)
    _taken: int = 0

    def piece(self, edition: str, page: int, keys: Sequence[str]) -> list[str]:
        """Takes a page with the keys of its entries, newest first; returns the piece of the listing that it proves."""
        self._taken += 1
        before, below = self._latest.get((edition, page)), self._latest.get((edition, page + 1))
        self._latest[edition, page] = self._taken, list(keys)
        held = before is not None and keys and before[1] and before[1][-1] == keys[-1]
        if not held or before is None or below is None or below[0] < before[0]:
            return list(keys)
        return [*keys, *(key for key in below[1] if key not in keys)]


_COLUMNS = tuple(name for name in SNAPSHOT_COLUMNS if name not in {"crawl_id", "article_id", "reading"})
_COLUMN = snapshots.c
_VISITS = select(_COLUMN.snapshot_id, _COLUMN.article_id, _COLUMN.reading, *(_COLUMN[name] for name in _COLUMNS)).where(
    _COLUMN.fetched_at == bindparam("at"), _COLUMN.edition == bindparam("of_edition")
)
_IN_ORDER = _COLUMN.snapshot_id
_CRAWL = select(_COLUMN.crawl_id).where(_COLUMN.snapshot_id == bindparam("this"))
# Each by what SQLite finds it quickly.
_OF_ARTICLE = Prepared(
    _VISITS.where(
        _COLUMN.article_id
        == select(articles.c.article_id)
        .where(articles.c.edition == bindparam("of_edition"), articles.c.key == bindparam("of_key"))
        .scalar_subquery()
    ).order_by(_IN_ORDER)
)
_OF_BODY = Prepared(_VISITS.where(_COLUMN.body_sha256 == bindparam("of_body")).order_by(_IN_ORDER))
_OF_KIND = Prepared(_VISITS.where(_COLUMN.kind == bindparam("of_kind")).order_by(_IN_ORDER))
_MARK = Prepared(select(_COLUMN.reading).where(_COLUMN.snapshot_id == bindparam("of_snapshot")))


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page that is in the archive. `mark` is what came of reading it, None when it was not read yet; `article_id`
    is None for what is no article's.
    """

    snapshot_id: int
    article_id: int | None
    mark: str | None = None


@dataclass(slots=True)
class PageImporter:
    """Takes pages over into one archive, best in order of capture."""

    archive: Archive
    _newest_listing: dict[str, str] = field(default_factory=dict)
    _seams: ListingSeams = field(default_factory=ListingSeams)
    _rereader: Rereader = field(default_factory=Rereader)

    def find(self, snapshot: Snapshot, ordinal: int) -> StoredPage | None:
        """The page if it is here: number `ordinal` of those that are equal in everything."""
        row = snapshot_row(snapshot, snapshot.sha256 if snapshot.body else None)
        told = tuple(row[name] for name in _COLUMNS)
        with self.archive.connection() as connection:
            visits = _visits(connection, snapshot, row["body_sha256"])
        equal = [StoredPage(*visit[:3]) for visit in visits if visit[3:] == told]
        return equal[ordinal] if 0 <= ordinal < len(equal) else None

    def keep(self, snapshot: Snapshot, crawl_id: int) -> StoredPage:
        """Keeps a page, unread. Raises Skipped for an article's page under no address of its edition."""
        address = canonical(snapshot) if snapshot.kind == "article" else None
        with self.archive.writing() as connection:
            article_id = None
            if address is not None and snapshot.key is not None:
                when = snapshot.fetched_at
                article_id = remember_article(connection, snapshot.edition, snapshot.key, address, when)
            return StoredPage(self.archive.keep_in(connection, snapshot, crawl_id, article_id), article_id)

    def read(self, snapshot: Snapshot, standing: StoredPage) -> str:
        """Reads a kept page and stores what it says; returns the mark that it got."""
        if snapshot.kind == "robots":
            problem = robots_problem(snapshot)
            with self.archive.writing() as connection:
                mark(connection, standing.snapshot_id, "error" if problem else "robots", problem=problem)
        elif standing.article_id is None:
            self._read_listing(snapshot, standing.snapshot_id)
        else:
            self._read_article(snapshot, standing.snapshot_id, standing.article_id)
        with self.archive.connection() as connection:
            found = _MARK.one(connection, of_snapshot=standing.snapshot_id)
        return str(found and found[0])

    def body(self, sha256: str) -> bytes | None:
        """A body that is here, by its digest; None when it is not. Raises DamagedBody."""
        try:
            return self.archive.body(sha256)
        except KeyError:
            return None

    def _read_article(self, snapshot: Snapshot, snapshot_id: int, article_id: int) -> None:
        reading = read(Reading(snapshot, snapshot_id), base_of(snapshot))
        with self.archive.connection() as connection:
            newer = newer_pages(connection, article_id, utc_text(snapshot.fetched_at))
        if newer == "told":
            with self.archive.writing() as connection:
                if reading.article is not None:
                    refresh(connection, self._rereader, reading.article, late=True)
                settle_late(connection, article_id, reading)
            return
        settle(self.archive, reading)
        if reading.outcome in ABSENT:
            with self.archive.writing() as connection:
                settle_one(connection, reader_of(self.archive, connection), snapshot.edition, article_id)
        if newer == "silent":
            with self.archive.writing() as connection:
                catch_up(connection, article_id, utc_text(snapshot.fetched_at))

    def _read_listing(self, snapshot: Snapshot, snapshot_id: int) -> None:
        entries, problem = entries_of(snapshot)
        visit = ListingVisit(
            snapshot_id, snapshot.edition, snapshot.fetched_at, edition_named(snapshot.edition).timezone
        )
        with self.archive.writing() as connection:
            if problem is not None:
                why: Mark = "unrecognised" if _is_whole(snapshot) else "error"
                mark(connection, snapshot_id, why, problem=storable(problem))
                return
            take = remember_late if self._is_late(connection, visit) else remember
            take(connection, visit, entries)
            crawl_id = connection.execute(_CRAWL, {"this": snapshot_id}).scalar_one()
            book = Pieces(connection, visit.edition, crawl_id, visit.timezone, now())
            keys = [entry.key for entry in entries if entry.in_order]
            book.take_in(self._seams.piece(visit.edition, snapshot.page or 1, keys))
            mark(connection, snapshot_id, "listing")

    def _is_late(self, connection: Connection, visit: ListingVisit) -> bool:
        """Whether a newer listing page of the edition was read already."""
        then = utc_text(visit.now)
        if visit.edition not in self._newest_listing:
            query = select(func.max(snapshots.c.fetched_at)).where(
                snapshots.c.edition == visit.edition,
                snapshots.c.kind == "listing",
                snapshots.c.reading.is_not(None),
            )
            self._newest_listing[visit.edition] = connection.execute(query).scalar() or ""
        newest = self._newest_listing[visit.edition]
        self._newest_listing[visit.edition] = max(newest, then)
        return then < newest


def entries_of(snapshot: Snapshot) -> tuple[Sequence[ListingEntry], str | None]:
    """What a listing page shows, or why it cannot be read. One that the server does not have shows nothing."""
    if snapshot.status in GONE and snapshot.damage is None:
        return (), None
    if not _is_whole(snapshot):
        return (), snapshot.damage or f"HTTP {snapshot.status}"
    site, edition = site_of(snapshot.edition), edition_named(snapshot.edition)
    try:
        answer = Answer(snapshot, edition, bases_of(edition, base_of(snapshot)))
        return site.listings(edition)[0].read(answer, edition, str(snapshot.page or 1)).entries, None
    except (PageError, UndecodableBody) as error:
        return (), str(error)


def canonical(snapshot: Snapshot) -> str:
    """The canonical address of the article that a page was asked for. Raises Skipped where no address tells it."""
    site, edition, base = site_of(snapshot.edition), edition_named(snapshot.edition), base_of(snapshot)
    for url in (snapshot.requested_url, snapshot.url):
        try:
            if site.article_key(url, edition, base) == snapshot.key:
                return site.canonical_url(url, edition, base)
        except ArgumentError:
            continue
    raise Skipped("articles whose address is none of their edition")


def _is_whole(snapshot: Snapshot) -> bool:
    return snapshot.damage is None and snapshot.status == HTTPStatus.OK


def _visits(connection: Connection, snapshot: Snapshot, sha256: str | None) -> Sequence[tuple[Any, ...]]:
    where = {"at": utc_text(snapshot.fetched_at), "of_edition": snapshot.edition}
    if snapshot.kind == "article":
        return _OF_ARTICLE.all(connection, of_key=snapshot.key, **where)
    if sha256 is not None:
        return _OF_BODY.all(connection, of_body=sha256, **where)
    return _OF_KIND.all(connection, of_kind=snapshot.kind, **where)
