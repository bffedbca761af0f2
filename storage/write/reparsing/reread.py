"""Reads the kept pages of articles again with today's parsers: the work of one process of `dateline reparse`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from sqlalchemy import BindParameter, Connection, bindparam, literal_column, select

from crawler.errors import ArgumentError
from crawler.matching.content import Content
from crawler.matching.digests import RECIPE, content_hash
from crawler.reading import base_of, read
from crawler.records import Article, Photo, Reading
from storage.db.rows import PHOTO_COLUMNS, REVISION_COLUMNS, article_from, photo_facts, said_row, snapshot_from, stamp
from storage.db.schema import articles, crawls, photos, revisions, sightings, snapshots
from storage.db.statements import Prepared
from storage.write.articles.site_notices import PROBLEM
from storage.write.evidence.bodies import Bodies, DamagedBody
from storage.write.reparsing.differences import (
    READ,
    UNREAD,
    KnownRevision,
    ReparseDecision,
    ReparsedPage,
    reads_otherwise,
    retell,
)

Row: TypeAlias = Mapping[str, Any]
Leads: TypeAlias = Callable[[], Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Reread:
    """An article as it was read again, with what is to be written of it.

    `shown` is the number of its current revision, `pages` how many were read, `damaged` the bodies that could not be.
    `stamps`: snapshot_id -> the times that a page gives, where its row says otherwise. `deadly`: reading it killed the
    process, so nothing is known of it.
    """

    article_id: int
    edition: str
    key: str
    shown: int | None
    retelling: ReparseDecision
    pages: int = 0
    damaged: tuple[str, ...] = ()
    stamps: Mapping[int, str] = field(default_factory=dict)
    deadly: bool = False

    @property
    def changed(self) -> bool:
        """Whether it reads otherwise than it did."""
        return bool(self.retelling.changes) or self.retelling.current not in {None, self.shown}


@dataclass(slots=True)
class Rereader:
    """Reads articles of one archive. One object a process."""

    bodies: Bodies = field(default_factory=Bodies)
    _bases: dict[int, str | None] = field(default_factory=dict)

    def article(self, connection: Connection, article_id: int) -> Reread:
        """One article with all its kept pages. Raises KeyError where there is none."""
        found = _ARTICLE.one(connection, this=article_id)
        if found is None:
            raise KeyError(article_id)
        known, evidence = _known(connection, article_id)
        page_of = {one.snapshot_id: one for one in known}
        leads = partial(_LEADS.all, connection, this=article_id)
        damaged: list[str] = []
        stamps: dict[int, str] = {}
        pages = []
        for row in map(_named_snapshot, _PAGES.all(connection, this=article_id)):
            reading = self._read(connection, row, str(found[1]), damaged)
            pages.append(_page(row, reading, page_of.get(row["snapshot_id"]), leads))
            if (
                reading is not None
                and reading.article is not None
                and row["stamp"] != (times := stamp(reading.article))
            ):
                stamps[row["snapshot_id"]] = times
        judged = sum(page.judged for page in pages)
        edition, key, shown = found
        told = retell(pages, known, evidence)
        return Reread(article_id, edition, key, shown, told, judged, tuple(damaged), stamps)

    def reads_as_before(self, connection: Connection, article_id: int) -> bool:
        """Whether the last page from which an article was read still reads as its current revision.

        Also true where no page can be read any more: there is nothing better to compare with then.
        """
        row, found = _LAST.one(connection, this=article_id), _ARTICLE.one(connection, this=article_id)
        if row is None or found is None:
            return True
        named = _named_snapshot(row)
        reading = self._read(connection, named, str(found[1]), [])
        known = next((one for one in _known(connection, article_id)[0] if one.number == found[2]), None)
        if known is None or reading is None or reading.article is None:
            return True
        page = _page(named, reading, known, partial(_LEADS.all, connection, this=article_id))
        return page.told is None or not reads_otherwise(known.told, page.told)

    def _read(self, connection: Connection, row: Row, key: str, damaged: list[str]) -> Reading | None:
        """None for a page that holds nothing to read, is lost, or is of an edition that this version does not know."""
        if not _blank(row).judged:
            return None
        sha256 = row["body_sha256"]
        try:
            body = self.bodies.get(connection, sha256) if sha256 else b""
        except (DamagedBody, KeyError):
            damaged.append(str(sha256))
            return None
        snapshot = snapshot_from(row, body, key)
        try:
            base = self._base(connection, row["crawl_id"]) or base_of(snapshot)
            return read(Reading(snapshot, row["snapshot_id"]), base)
        except ArgumentError:
            return None

    def _base(self, connection: Connection, crawl_id: int) -> str | None:
        """The address at which a crawl was told to find the site (-a base_url)."""
        if crawl_id not in self._bases:
            query = select(crawls.c.arguments).where(crawls.c.crawl_id == crawl_id)
            given = json.loads(connection.execute(query).scalar() or "{}").get("base_url")
            parts = urlsplit(given) if isinstance(given, str) else None
            self._bases[crawl_id] = f"{parts.scheme}://{parts.netloc}" if parts and parts.netloc else None
        return self._bases[crawl_id]


def passed_over(connection: Connection, article_id: int) -> Reread:
    """An article that kills whatever reads it."""
    edition, key, shown = _ARTICLE.all(connection, this=article_id)[0]
    return Reread(article_id, edition, key, shown, ReparseDecision((), shown, ()), deadly=True)


def _blank(row: Row) -> ReparsedPage:
    return ReparsedPage(row["snapshot_id"], row["fetched_at"], row["reading"])


def _page(row: Row, reading: Reading | None, known: KnownRevision | None, leads: Leads) -> ReparsedPage:
    if reading is None:
        return _blank(row)
    if reading.article is None:
        mark = reading.outcome if reading.outcome in UNREAD else "error"
        return ReparsedPage(
            row["snapshot_id"], row["fetched_at"], row["reading"], mark_now=mark, problem=reading.problem
        )
    if row["reading"] == "soft-404" and (row["problem"] or "").endswith(PROBLEM):  # the notice of that time
        return ReparsedPage(
            row["snapshot_id"], row["fetched_at"], row["reading"], mark_now="soft-404", problem=row["problem"]
        )
    told = _told(reading.article, _listing_lead(reading.article, row["fetched_at"], known, leads))
    return ReparsedPage(row["snapshot_id"], row["fetched_at"], row["reading"], told, url=reading.article.url)


def _listing_lead(article: Article, fetched_at: str, known: KnownRevision | None, leads: Leads) -> str | None:
    """The lead that stands in where the page has none: the one that was taken then, or that a listing had by then."""
    if article.lead is not None:
        return None
    if known is not None:
        taken = json.loads(known.told.columns["sources"]).get("lead") == "listing"
        return known.told.columns["lead"] if taken else None
    return next((lead for lead, seen in leads() if seen <= fetched_at), None)


def _told(article: Article, listing_lead: str | None) -> Content:
    columns = said_row(article, listing_lead) | {"content_hash": content_hash(article)}
    return Content(columns, tuple(photo_facts(photo) for photo in article.photos))


def _known(connection: Connection, article_id: int) -> tuple[list[KnownRevision], dict[int, int]]:
    """The latest reading of every revision, and snapshot_id -> number of those that gave one."""
    shown: dict[int, list[Any]] = {}
    for revision_id, *photo in _PHOTOS.all(connection, this=article_id):
        shown.setdefault(revision_id, []).append(tuple(photo))
    latest: dict[int, KnownRevision] = {}
    evidence: dict[int, int] = {}
    for revision_id, *values in _REVISIONS.all(connection, this=article_id):
        row = dict(zip(REVISION_COLUMNS, values, strict=True))
        told = _by_today(row, tuple(shown.get(revision_id, ())))
        latest[row["number"]] = KnownRevision(row["number"], row["correction"], row["snapshot_id"], told)
        evidence[row["snapshot_id"]] = row["number"]
    return list(latest.values()), evidence


def _by_today(row: Row, shown: tuple[Any, ...]) -> Content:
    """What a revision tells. A digest of an older recipe is replaced, so that it can be compared with a page's."""
    if not row["content_hash"].startswith(f"{RECIPE}:"):
        row = {**row, "content_hash": content_hash(article_from(row, (Photo(*photo[:2]) for photo in shown)))}
    return Content(row, shown)


_SNAPSHOT_COLUMNS = tuple(column.name for column in snapshots.columns)


def _named_snapshot(values: Iterable[Any]) -> Row:
    return dict(zip(_SNAPSHOT_COLUMNS, values, strict=True))


_OF_THIS: BindParameter[int] = bindparam("this")
_ARTICLE = Prepared(
    select(articles.c.edition, articles.c.key, revisions.c.number)
    .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(articles.c.article_id == _OF_THIS)
)
_PAGES = Prepared(
    select(*snapshots.columns)
    .where(snapshots.c.article_id == _OF_THIS, snapshots.c.kind == "article", snapshots.c.reading.is_not(None))
    .order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id)
)
_LAST = Prepared(
    select(*snapshots.columns)
    .where(
        snapshots.c.article_id == _OF_THIS,
        snapshots.c.kind == "article",
        snapshots.c.reading.in_([literal_column(f"'{mark}'") for mark in sorted(READ)]),
        snapshots.c.body_sha256.is_not(None),
    )
    .order_by(snapshots.c.fetched_at.desc(), snapshots.c.snapshot_id.desc())
    .limit(literal_column("1"))
)
_REVISIONS = Prepared(
    select(revisions.c.revision_id, *(revisions.c[name] for name in REVISION_COLUMNS))
    .where(revisions.c.article_id == _OF_THIS)
    .order_by(revisions.c.number, revisions.c.correction)
)
_PHOTOS = Prepared(
    select(photos.c.revision_id, *(photos.c[name] for name in PHOTO_COLUMNS if name != "position"))
    .join(revisions, revisions.c.revision_id == photos.c.revision_id)
    .where(revisions.c.article_id == _OF_THIS)
    .order_by(photos.c.revision_id, photos.c.position)
)
_LEADS = Prepared(
    select(sightings.c.lead, sightings.c.first_seen_at)
    .where(sightings.c.article_id == _OF_THIS, sightings.c.lead.is_not(None))
    .order_by(sightings.c.sighting_id.desc())
)
