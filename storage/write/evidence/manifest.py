"""Manifests: what the archive took in, sealed at the end of every crawl and chained to the manifest before.

A manifest covers every row that was added since the one before, of whichever crawl: no row stays outside, also when
its crawl was killed. Its root is a Merkle tree's (as in RFC 6962) over those rows, its digest is over the root and the
digest before. docs/provenance.md tells outsiders how to compute it, and what it proves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Table, bindparam, func, insert, literal_column, select

from crawler.dates import utc_text
from storage.db.schema import (
    articles,
    crawls,
    gaps,
    manifests,
    photos,
    revisions,
    sightings,
    snapshots,
    unknown_entries,
)
from storage.db.statements import Prepared

RECIPE: Final = "2"
"""Of the columns below and of how they are hashed. Another choice is another recipe: manifests keep theirs."""

Sealed: TypeAlias = Mapping[Table, tuple[str, ...]]
"""Table -> the columns of it that are hashed, in that order. The first is the row's id."""

# Literal lists for ever, never derived from the schema: old manifests are checked by the list they were made by.
_FIRST: Final[Sealed] = {
    crawls: ("crawl_id", "edition", "arguments", "software", "user_agent", "started_at"),
    articles: ("article_id", "edition", "key"),
    snapshots: (
        "snapshot_id", "crawl_id", "edition", "kind", "requested_url", "url", "redirects", "fetched_at", "status",
        "headers", "request_headers", "body_sha256", "body_size", "wire_sha256", "wire_size", "content_encoding",
        "ip_address", "protocol", "damage", "page",
    ),
    sightings: (
        "sighting_id", "article_id", "snapshot_id", "page", "position", "in_order", "url", "headline", "printed_time",
        "day", "lead", "rubric", "first_seen_at",
    ),
    revisions: (
        "revision_id", "article_id", "number", "correction", "observed_at", "snapshot_id", "headline", "published_at",
        "published_printed", "modified_at", "rubric", "rubric_label", "lead", "body", "dateline", "credit", "author",
        "language", "tags", "content_hash", "story_hash", "parser", "sources", "folded",
    ),
    photos: ("photo_id", "revision_id", "position", "url", "caption", "credit"),
}  # fmt: skip

_SECOND: Final[Sealed] = {
    **_FIRST,
    snapshots: (*_FIRST[snapshots], "listing", "place"),
    photos: (*_FIRST[photos], "alt", "width", "height"),
    unknown_entries: ("entry_id", "edition", "listing", "url", "headline", "printed_time", "day", "snapshot_id",
                      "first_seen_at"),
    gaps: ("loss_id", "edition", "listing", "older_key", "newer_key", "found_at", "lost_at", "reason"),
}  # fmt: skip

RECIPES: Final[Mapping[str, Sealed]] = {"1": _FIRST, "2": _SECOND}
"""Every recipe that manifests were made by."""

SEALED: Final = RECIPES[RECIPE]
"""The columns that never change once a row is sealed. Every earlier recipe hashes some of these."""

MARK: Final = 4
"""Bytes of each leaf that a manifest keeps: enough to say which row was changed. The proof is the root."""

_BATCH: Final = 1000  # rows fetched at a time

Upto = Mapping[str, int]
"""Table -> highest id that is sealed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One manifest. `crawl_id` is the crawl whose end it sealed, None for `dateline reparse` and for a migration.

    `upto` holds the highest ids covered; those of the manifest before were the last that it does not cover.
    `root` and `digest` are hex SHA-256. `marks`: the first `MARK` bytes of each leaf, in order.
    """

    manifest_id: int
    crawl_id: int | None
    sealed_at: str
    recipe: str
    upto: Upto
    root: str
    digest: str
    marks: bytes = field(repr=False)


def leaf(table: str, values: Iterable[object]) -> bytes:
    """SHA-256 over a zero byte and the row as JSON (RFC 8785): an array of the table's name and its values."""
    return hashlib.sha256(b"\x00" + _canonical([table, *values])).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf digests: a node is SHA-256 over a byte 1 and its two children; a last odd one moves up.

    >>> merkle_root([]).hex()[:8]
    'e3b0c442'
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        level = above + level[2 * len(above) :]
    return level[0]


def manifest_digest(manifest: Manifest, previous: str | None) -> str:
    """Hex SHA-256 over a byte 2 and the manifest as JSON, with the digest of the one before (None for the first)."""
    sealed = [
        "manifest",
        manifest.recipe,
        manifest.manifest_id,
        previous,
        manifest.crawl_id,
        manifest.sealed_at,
        dict(manifest.upto),
        manifest.root,
    ]
    return hashlib.sha256(b"\x02" + _canonical(sealed)).hexdigest()


def _canonical(value: list[object]) -> bytes:
    # A text that is no UTF-8 (a damaged file) still gets a digest: another one.
    return _ENCODER.encode(value).encode("utf-8", "surrogateescape")


def _stand_in(value: object) -> object:
    """What no column should hold, but a damaged file may."""
    return {"bytes": value.hex()} if isinstance(value, bytes) else repr(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_stand_in)

_LOCK_KEY: Final = int.from_bytes(b"DtLnSeal")

_LAST = select(manifests).order_by(manifests.c.manifest_id.desc()).limit(1)
_PAGES: Final = {
    table.name: Prepared(
        select(*(table.c[name] for name in columns))
        .where(table.c[columns[0]] > bindparam("above"))
        .order_by(table.c[columns[0]])
        .limit(literal_column(str(_BATCH)))
    )
    for table, columns in SEALED.items()
}
_PICKS: Final = {
    recipe: {
        table.name: itemgetter(*(SEALED[table].index(name) for name in columns)) for table, columns in sealed.items()
    }
    for recipe, sealed in RECIPES.items()
}
_END = Prepared(
    select(crawls.c.finished_at, crawls.c.outcome, crawls.c.exit_code, crawls.c.message).where(
        crawls.c.crawl_id == bindparam("of_crawl")
    )
)


def wait_for_turn(connection: Connection, *, alone: bool) -> None:
    """The beginning of a transaction that writes: beside others, or `alone`, as one that seals must be.

    Ids are given out in order but committed in any: a row of a transaction that is still under way would lie below
    the highest sealed id. In a file nobody writes beside another anyway.
    """
    if connection.dialect.name != "sqlite":
        lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
        connection.execute(select(lock(_LOCK_KEY)))


def head(connection: Connection) -> Manifest | None:
    """The newest manifest; None when nothing was sealed yet."""
    row = connection.execute(_LAST).mappings().one_or_none()
    return None if row is None else manifest_of(dict(row))


def manifest_of(row: Mapping[str, Any]) -> Manifest:
    """The manifest of a row. Raises ValueError where its `upto` is no JSON object of numbers."""
    upto = json.loads(row["upto"])
    if not isinstance(upto, dict) or not all(type(number) is int for number in upto.values()):
        raise ValueError("upto is no JSON object of numbers")
    return Manifest(**{**row, "upto": upto})


def seal(connection: Connection, crawl_id: int | None, now: datetime) -> Manifest:
    """Adds a manifest over all rows that no manifest covers yet. `crawl_id`: the crawl that ends with it.

    The transaction must be the only one that writes (`Archive.writing(alone=True)`), or rows could slip in behind it.
    """
    before = head(connection)
    after = before.upto if before else {}
    upto = {table.name: max(after.get(table.name, 0), _highest(connection, table)) for table in SEALED}
    leaves = [
        leaf_of(table, row, RECIPE) for table in SEALED for row in rows_of(connection, table, after.get(table.name, 0))
    ]
    if crawl_id is not None:
        leaves.append(end_leaf(connection, crawl_id))
    unsigned = Manifest(
        manifest_id=before.manifest_id + 1 if before else 1,
        crawl_id=crawl_id,
        sealed_at=utc_text(now),
        recipe=RECIPE,
        upto=upto,
        root=merkle_root(leaves).hex(),
        digest="",
        marks=b"".join(found[:MARK] for found in leaves),
    )
    return _added(connection, unsigned, manifest_digest(unsigned, before.digest if before else None))


def rows_of(connection: Connection, table: Table, after: int) -> Iterator[tuple[Any, ...]]:
    """The sealed columns of every row above an id, by id; at no time all of them are in memory."""
    page = _PAGES[table.name]
    while rows := page.all(connection, above=after):
        yield from rows
        after = rows[-1][0]


def leaf_of(table: Table, row: tuple[Any, ...], recipe: str) -> bytes:
    """The leaf of a row of `rows_of` by a recipe that seals the table."""
    return leaf(table.name, _PICKS[recipe][table.name](row))


def end_leaf(connection: Connection, crawl_id: int) -> bytes:
    """The last leaf of a crawl's manifest: how it ended."""
    return leaf("end", (crawl_id, *(_END.one(connection, of_crawl=crawl_id) or ())))


def _added(connection: Connection, manifest: Manifest, digest: str) -> Manifest:
    row = {name: getattr(manifest, name) for name in Manifest.__slots__}
    row |= {"upto": _ENCODER.encode(dict(manifest.upto)), "digest": digest}
    connection.execute(insert(manifests).values(row))
    return manifest_of(row)


def _highest(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.max(table.c[SEALED[table][0]]))).scalar_one() or 0
