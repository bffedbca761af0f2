"""Every reference from row to row, and every row that another one implies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select, text

from storage.db.schema import metadata
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted


@dataclass(frozen=True, slots=True)
class _Rule:
    """`sql` finds what breaks the rule: a number of `table` and a detail, which stands in `message` as {}."""

    table: str
    message: str
    sql: str


def check(connection: Connection, check: Check) -> None:
    """Asks one question for each declared reference, and those below for what no declaration says."""
    declared = list(_declared())
    check.expect(len(declared) + len(_RULES))
    for table, column, query in declared:
        target = next(iter(column.foreign_keys)).column.table.name
        for row in connection.execute(query):
            check.find(f"{table.name} {row[0]}", f"refers to {target} {row[1]}, which is missing")
        check.step()
    for rule in _RULES:
        for row in connection.execute(text(rule.sql)):
            check.find(f"{rule.table} {row[0]}", rule.message.format(row[1]))
        check.step()
    check.says = f"{counted(len(declared) + len(_RULES), 'kind')} of reference between rows"


def _declared() -> Iterator[tuple[Table, Column[Any], Select[Any]]]:
    for table in metadata.sorted_tables:
        key = next(iter(table.primary_key.columns))
        for column in table.columns:
            for reference in column.foreign_keys:
                target = reference.column.table.alias("target")
                there = target.c[reference.column.name]
                query = select(key, column).outerjoin(target, there == column)
                yield table, column, query.where(column.is_not(None), there.is_(None)).order_by(key)


_RULES = (
    _Rule(
        "bodies",
        "no visit refers to it: the row of snapshots is missing",
        "SELECT b.sha256, NULL FROM bodies b"
        " WHERE NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.body_sha256 = b.sha256)",
    ),
    _Rule(
        "snapshots",
        "says that its body has another size than it has: {}",
        "SELECT s.snapshot_id, b.size FROM snapshots s JOIN bodies b ON b.sha256 = s.body_sha256"
        " WHERE s.body_size <> b.size",
    ),
    _Rule(
        "snapshots",
        "has no body, but says that it has one of {} bytes",
        "SELECT snapshot_id, body_size FROM snapshots WHERE body_sha256 IS NULL AND body_size <> 0",
    ),
    _Rule(
        "snapshots",
        "was read as an article, but the revision that it gave is missing",
        "SELECT s.snapshot_id, NULL FROM snapshots s WHERE s.reading = 'article' AND s.kind = 'article' AND NOT EXISTS"
        " (SELECT 1 FROM revisions r WHERE r.article_id = s.article_id AND r.snapshot_id = s.snapshot_id)",
    ),
    _Rule(
        "snapshots",
        "was read, but is of no article",
        "SELECT snapshot_id, NULL FROM snapshots WHERE kind = 'article' AND article_id IS NULL AND reading IS NOT NULL",
    ),
    _Rule(
        "revisions",
        "its evidence, snapshots {}, is a page of another article",
        "SELECT r.revision_id, r.snapshot_id FROM revisions r JOIN snapshots s ON s.snapshot_id = r.snapshot_id"
        " WHERE s.article_id IS NULL OR s.article_id <> r.article_id",
    ),
    _Rule(
        "articles",
        "has {} revisions, and a number among them is missing",
        "SELECT article_id, COUNT(DISTINCT number) FROM revisions GROUP BY article_id"
        " HAVING COUNT(DISTINCT number) <> MAX(number) OR MIN(number) <> 1",
    ),
    _Rule(
        "articles",
        "a correction of its revision {} is missing",
        "SELECT article_id, number FROM revisions GROUP BY article_id, number"
        " HAVING COUNT(*) <> MAX(correction) + 1 OR MIN(correction) <> 0",
    ),
    _Rule(
        "revisions",
        "one of its photos is missing, {} are there",
        "SELECT revision_id, COUNT(*) FROM photos GROUP BY revision_id"
        " HAVING COUNT(*) <> MAX(position) + 1 OR MIN(position) <> 0",
    ),
    _Rule(
        "articles",
        "its current revision, revisions {}, is missing or another article's",
        "SELECT a.article_id, a.revision_id FROM articles a LEFT JOIN revisions r ON r.revision_id = a.revision_id"
        " WHERE a.revision_id IS NOT NULL AND (r.article_id IS NULL OR r.article_id <> a.article_id)",
    ),
)
