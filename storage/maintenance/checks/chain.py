"""Every manifest computed anew from the rows that it covers, and the chain of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, select

from storage.db.schema import crawls, manifests
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted
from storage.write.evidence.manifest import (
    MARK,
    RECIPE,
    RECIPES,
    SEALED,
    Manifest,
    end_leaf,
    leaf_of,
    manifest_digest,
    manifest_of,
    merkle_root,
    rows_of,
)

_NAMED = 100  # rows of a manifest that are named; more are counted


class _Row(NamedTuple):
    """One row as it is today. `table` is ``end`` for the end of a crawl. A tuple: there are millions."""

    table: str
    number: int
    leaf: bytes

    def __str__(self) -> str:
        return f"crawls {self.number}, its end" if self.table == "end" else f"{self.table} {self.number}"


class _Feed:
    """The rows of a table by id, handed out up to where each manifest ends."""

    def __init__(self, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
        self.table = table.name
        self._table = table
        self._rows = rows
        self._next = next(rows, None)

    def upto(self, number: int | None, recipe: str) -> Iterator[_Row]:
        """The rows that were not handed out yet, up to this id; None: all of them."""
        while self._next is not None and (number is None or self._next[0] <= number):
            if self._table in RECIPES[recipe]:
                yield _Row(self.table, self._next[0], leaf_of(self._table, self._next, recipe))
            self._next = next(self._rows, None)


def check(connection: Connection, check: Check) -> None:
    """Reads every sealed row once, in order; those of one manifest are in memory at a time, as digests."""
    check.expect(sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in SEALED))
    links = _Links(connection, check)
    for row in connection.execute(select(manifests).order_by(manifests.c.manifest_id)).mappings():
        try:
            links.add(manifest_of(dict(row)))
        except (TypeError, ValueError) as error:
            check.find(f"manifest {row['manifest_id']}", f"cannot be read: {error}")
    links.finish()


class _Links:
    """The chain as far as it was followed."""

    def __init__(self, connection: Connection, check: Check) -> None:
        self.connection, self.check = connection, check
        # Only a file numbers rows through; a server's sequences leave gaps.
        self.numbered_through = connection.dialect.name == "sqlite"
        # Whoever adds a row may number it as he likes: down to where integers end.
        below_all = -(2**63 if self.numbered_through else 2**31)
        self.feeds = [_Feed(table, rows_of(connection, table, below_all)) for table in SEALED]
        self.last: Manifest | None = None
        self.first: Manifest | None = None
        self.told: tuple[str | None, ...] = (None,)  # digest of the manifest before: as written, as computed
        self.count = self.sealed = 0

    def add(self, manifest: Manifest) -> None:
        """The next manifest."""
        name = f"manifest {manifest.manifest_id}"
        expected = self.last.manifest_id + 1 if self.last else 1
        if manifest.manifest_id != expected:
            self.check.find(name, f"stands where manifest {expected} should: a part of the chain is missing")
        computed = [manifest_digest(manifest, before) for before in self.told]
        if manifest.digest not in computed:
            self.check.find(name, "its digest is not that of what it says and of the manifest before")
        rows = list(self._rows(manifest))
        if manifest.recipe in RECIPES:
            self._compare(manifest, rows)
        else:
            self.check.find(name, f"was made by recipe {manifest.recipe}, which this version does not know")
        self.first = self.first or manifest
        # Each once: in a sound chain they are one, and kept apart they would be as many as there are manifests.
        self.told = tuple(dict.fromkeys((manifest.digest, *computed)))
        self.last, self.count, self.sealed = manifest, self.count + 1, self.sealed + len(rows)

    def finish(self) -> None:
        """What comes after the last manifest, and what should have one."""
        rows = [row for feed in self.feeds for row in feed.upto(None, RECIPE)]
        self.check.step(len(rows))
        for name in self._missing(rows, None):
            self.check.find(name, "is missing; it was not sealed yet")
        for crawl_id in self._ended_unsealed():
            self.check.find(f"crawls {crawl_id}", "ended, but its manifest is missing: the chain was cut off")
        head = f", head {self.last.digest}" if self.last else ""
        later = f"; {counted(len(rows), 'row')} to be sealed when the next crawl ends" if rows else ""
        self.check.says = f"{counted(self.count, 'manifest')} over {counted(self.sealed, 'row')}{head}{later}"

    def _rows(self, manifest: Manifest) -> Iterator[_Row]:
        for feed in self.feeds:
            for row in feed.upto(manifest.upto.get(feed.table, 0), self._recipe(manifest)):
                self.check.step()
                yield row
        if manifest.crawl_id is not None:
            yield _Row("end", manifest.crawl_id, end_leaf(self.connection, manifest.crawl_id))

    @staticmethod
    def _recipe(manifest: Manifest) -> str:
        return manifest.recipe if manifest.recipe in RECIPES else RECIPE

    def _compare(self, manifest: Manifest, rows: list[_Row]) -> None:
        name = f"manifest {manifest.manifest_id}"
        marks = [manifest.marks[at : at + MARK] for at in range(0, len(manifest.marks), MARK)]
        changed = _changed(rows, marks)
        if merkle_root([row.leaf for row in rows]).hex() == manifest.root:
            if changed or len(rows) != len(marks):
                self.check.find(name, "its marks were changed; its rows are as they were sealed")
            return
        found = [(str(row), f"is not as {name} sealed it") for row in changed]
        if len(rows) < len(marks):
            missing = list(self._missing(rows, manifest)) or [counted(len(marks) - len(rows), "row")]
            found += [(row, f"is missing; {name} sealed it") for row in missing]
        for subject, message in found[:_NAMED] or [(name, "its rows do not give its root")]:
            self.check.find(subject, message)
        if len(found) > _NAMED:
            self.check.find(name, f"{len(found) - _NAMED:,} more rows are not as they were sealed")

    def _missing(self, rows: Iterable[_Row], manifest: Manifest | None) -> Iterator[str]:
        """Rows whose numbers lie between those of others that are there."""
        if not self.numbered_through:
            return
        there = {(row.table, row.number) for row in rows}
        for table in (feed.table for feed in self.feeds):
            after = self.last.upto.get(table, 0) if self.last else 0
            highest = max((number for name, number in there if name == table), default=after)
            upto = highest if manifest is None else manifest.upto.get(table, 0)
            lacking = (number for number in range(after + 1, upto + 1) if (table, number) not in there)
            yield from (f"{table} {number}" for number in islice(lacking, _NAMED))

    def _ended_unsealed(self) -> Iterable[int]:
        """Crawls that ended without a manifest of theirs, since there are manifests."""
        before = self.first.upto.get("crawls", 0) if self.first and self.first.crawl_id is None else 0
        sealed = select(manifests.c.manifest_id).where(manifests.c.crawl_id == crawls.c.crawl_id)
        query = select(crawls.c.crawl_id).where(
            crawls.c.finished_at.is_not(None), crawls.c.crawl_id > before, ~sealed.exists()
        )
        return self.connection.execute(query.order_by(crawls.c.crawl_id)).scalars().all()


def _changed(rows: list[_Row], marks: list[bytes]) -> list[_Row]:
    """The rows whose leaves are not those that were marked."""
    if len(rows) == len(marks):
        return [row for row, mark in zip(rows, marks, strict=True) if row.leaf[:MARK] != mark]
    known = set(marks)
    return [row for row in rows if row.leaf[:MARK] not in known]
