"""What an export takes out of an archive: snapshots in order of capture, each with all that the archive knows of it."""

from __future__ import annotations

import json
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select, true

from crawler.records import Kind, Snapshot
from storage.db.rows import PHOTO_COLUMNS, snapshot_from
from storage.db.schema import articles, crawls, photos, revisions, snapshots
from storage.read.zones import OwnBounds
from storage.warc.facts import Facts, facts_of, identity
from storage.write.evidence.bodies import Bodies, DamagedBody

REVISION_FACTS: Final = (
    "number", "correction", "observed_at", "headline", "published_at", "published_printed", "modified_at", "rubric",
    "rubric_label", "lead", "body", "dateline", "credit", "author", "language", "tags", "content_hash", "story_hash",
    "parser", "sources",
)  # fmt: skip
"""Columns of a revision that say what was read; the others are the archive's own ids and indexes."""

CRAWL_FACTS: Final = (
    "edition", "arguments", "software", "user_agent", "started_at", "finished_at", "outcome", "exit_code", "message",
    "failed",
)  # fmt: skip
"""Columns of the ledger that no snapshot tells."""

_JSON: Final = ("tags", "sources", "arguments")
_BATCH: Final = 1000
_ORIGINALS: Final = 4096  # bodies whose first capture is remembered: pages that come again do so soon, or often
_READ: Final = ("article", "unchanged")


@dataclass(frozen=True, slots=True)
class CaptureFilter:
    """Which snapshots. `since` (inclusive) and `until` (exclusive) are UTC text and mean the time of the fetch.

    `editions` empty: all of them; `kind` None: all kinds. `own`: where these are other times in each edition, those
    (storage/read/zones.py).
    """

    editions: tuple[str, ...] = ()
    kind: Kind | None = None
    since: str | None = None
    until: str | None = None
    own: tuple[OwnBounds, ...] = ()

    @property
    def condition(self) -> ColumnElement[bool]:
        """The choice as SQL."""
        column = snapshots.c
        return and_(
            true(),
            *([column.edition.in_(self.editions)] if self.editions else []),
            *([column.kind == self.kind] if self.kind else []),
            *([column.fetched_at >= self.since] if self.since else []),
            *([column.fetched_at < self.until] if self.until else []),
            *([or_(*map(_within, self.own))] if self.own else []),
        )


def _within(one: OwnBounds) -> ColumnElement[bool]:
    column = snapshots.c
    return and_(column.edition == one.edition, column.fetched_at >= one.since, column.fetched_at < one.until)


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier capture of the same choice that holds the page a later one repeats; `sha256` is the page's."""

    url: str
    fetched_at: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Capture:
    """One visit. `facts` as in storage/warc/facts.py, `name` is its identity, `ordinal` its number among equal ones.

    `mark` and `problem` are what came of reading it, `revisions` what was read (more than one when a better parser
    read it again). `original`: the first capture in the choice with the very same body, None when this is it; for a
    304, the page that was not modified, None when that is not in the choice.
    """

    snapshot: Snapshot = field(repr=False)
    facts: Facts = field(repr=False)
    name: UUID
    ordinal: int
    mark: str | None
    problem: str | None
    crawl: Facts = field(repr=False)
    revisions: tuple[Facts, ...] = field(repr=False)
    original: Original | None


@dataclass(frozen=True, slots=True)
class CaptureCount:
    """How much a choice holds. `last` is the time of its newest capture, None when there is none."""

    captures: int
    editions: tuple[str, ...]
    last: str | None


def extent(connection: Connection, choice: CaptureFilter) -> CaptureCount:
    """The extent of a choice."""
    totals = select(func.count(), func.max(snapshots.c.fetched_at)).where(choice.condition)
    number, last = connection.execute(totals).one()
    named = select(snapshots.c.edition).where(choice.condition).distinct().order_by(snapshots.c.edition)
    return CaptureCount(number, tuple(connection.execute(named).scalars()), last)


@dataclass(slots=True)
class Captures:
    """The captures of a choice, one after another in constant memory. Iterate once.

    `damaged` holds the digests of bodies that could not be read back: captures of theirs are left out, and counted
    in `left_out`.
    """

    connection: Connection
    choice: CaptureFilter
    damaged: set[str] = field(default_factory=set)
    left_out: int = 0
    _bodies: Bodies = field(default_factory=Bodies)
    _crawls: dict[int, Facts] = field(default_factory=dict)
    _originals: OrderedDict[str, tuple[int, Original]] = field(default_factory=OrderedDict)

    def __iter__(self) -> Iterator[Capture]:
        second, equals = "", Counter[UUID]()
        for row in self._rows():
            body = self._body(row["body_sha256"])
            if body is None:
                self.left_out += 1
                continue
            if row["fetched_at"] != second:
                second, equals = row["fetched_at"], Counter()
            snapshot = snapshot_from(dict(row), body, row["key"])
            facts = facts_of(snapshot)
            name = identity(facts)
            yield self._capture(row, snapshot, facts, equals[name])
            equals[name] += 1

    def _rows(self) -> Iterator[RowMapping]:
        # Sorting moves ids, not whole rows; the rows are then fetched one by one.
        order = select(snapshots.c.snapshot_id).where(self.choice.condition)
        ids = self.connection.execute(order.order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id))
        joined = select(snapshots, articles.c.key).outerjoin(articles, articles.c.article_id == snapshots.c.article_id)
        for (snapshot_id,) in ids.yield_per(_BATCH):
            yield self.connection.execute(joined.where(snapshots.c.snapshot_id == snapshot_id)).mappings().one()

    def _capture(self, row: RowMapping, snapshot: Snapshot, facts: Facts, ordinal: int) -> Capture:
        return Capture(
            snapshot=snapshot,
            facts=facts,
            name=identity(facts, ordinal),
            ordinal=ordinal,
            mark=row["reading"],
            problem=row["problem"],
            crawl=self._crawl(row["crawl_id"]),
            revisions=tuple(revisions_from(self.connection, row["article_id"], row["snapshot_id"])),
            original=self._original(row),
        )

    def _body(self, sha256: str | None) -> bytes | None:
        """The body, empty where there is none; None for one that is damaged."""
        if sha256 is None:
            return b""
        if sha256 in self.damaged:
            return None
        try:
            return self._bodies.get(self.connection, sha256)
        except (DamagedBody, KeyError):
            self.damaged.add(sha256)
            return None

    def _crawl(self, crawl_id: int) -> Facts:
        if crawl_id not in self._crawls:
            query = select(*(crawls.c[name] for name in CRAWL_FACTS)).where(crawls.c.crawl_id == crawl_id)
            self._crawls[crawl_id] = _plain(dict(self.connection.execute(query).mappings().one()))
        return self._crawls[crawl_id]

    def _original(self, row: RowMapping) -> Original | None:
        if row["body_sha256"] is None:
            return self._not_modified(row) if row["status"] == 304 else None  # noqa: PLR2004 - Not Modified
        snapshot_id, original = self._first(row["body_sha256"])
        return None if snapshot_id == row["snapshot_id"] else original

    def _first(self, sha256: str) -> tuple[int, Original]:
        if sha256 not in self._originals:
            query = (
                select(snapshots.c.snapshot_id, snapshots.c.url, snapshots.c.fetched_at)
                .where(snapshots.c.body_sha256 == sha256, self.choice.condition)
                .order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id)
                .limit(1)
            )
            row = self.connection.execute(query).one()
            self._originals[sha256] = row.snapshot_id, Original(row.url, row.fetched_at, sha256)
            if len(self._originals) > _ORIGINALS:
                self._originals.popitem(last=False)
        self._originals.move_to_end(sha256)
        return self._originals[sha256]

    def _not_modified(self, row: RowMapping) -> Original | None:
        """The page that a 304 stands for: the last whole one of the article before it."""
        column = snapshots.c
        same_second = and_(column.fetched_at == row["fetched_at"], column.snapshot_id < row["snapshot_id"])
        query = (
            select(column.body_sha256)
            .where(
                column.article_id == row["article_id"],
                column.reading.in_(_READ),
                column.body_sha256.is_not(None),
                or_(column.fetched_at < row["fetched_at"], same_second),
                self.choice.condition,
            )
            .order_by(column.fetched_at.desc(), column.snapshot_id.desc())
            .limit(1)
        )
        sha256 = self.connection.execute(query).scalar()
        return None if sha256 is None or sha256 in self.damaged else self._first(sha256)[1]


def revisions_from(connection: Connection, article_id: int | None, snapshot_id: int) -> Iterator[Facts]:
    """What was read from a snapshot, each reading with its photos, in order."""
    if article_id is None:
        return
    columns = [revisions.c.revision_id, *(revisions.c[name] for name in REVISION_FACTS)]
    query = select(*columns).where(revisions.c.article_id == article_id, revisions.c.snapshot_id == snapshot_id)
    for row in connection.execute(query.order_by(revisions.c.number, revisions.c.correction)).mappings().all():
        shown = select(*(photos.c[name] for name in PHOTO_COLUMNS if name != "position")).where(
            photos.c.revision_id == row["revision_id"]
        )
        pictures = connection.execute(shown.order_by(photos.c.position)).mappings().all()
        facts = _plain({name: row[name] for name in REVISION_FACTS})
        yield {**facts, "photos": [dict(picture) for picture in pictures]}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.loads(value) if name in _JSON else value for name, value in row.items()}
