"""Gaps, days and edits are rows, and more of what pages say has columns. storage/write/migrate.py fills them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "snapshots": [sa.Column("listing", sa.String()), sa.Column("place", sa.String()), sa.Column("stamp", sa.Text())],
    "walks": [
        sa.Column("listing", sa.String(), nullable=False, server_default="pages"),
        sa.Column("end_kind", sa.String()),
        sa.Column("end_key", sa.String()),
        sa.Column("end_top_key", sa.String()),
        sa.Column("end_crawl_id", sa.Integer()),
        sa.Column("read_at", sa.String()),
        sa.Column("end_runs", sa.Integer(), nullable=False, server_default="0"),
    ],
    "articles": [
        sa.Column("gone_reason", sa.Text()),
        sa.Column("absent_since", sa.String()),
        sa.Column("absences", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("day", sa.String()),
    ],
    "revisions": [
        sa.Column("published_day", sa.String()),
        sa.Column("cause", sa.String()),
        sa.Column("change_hash", sa.String()),
    ],
    "photos": [sa.Column("alt", sa.Text()), sa.Column("width", sa.Integer()), sa.Column("height", sa.Integer())],
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    _index("snapshots_redirected", "snapshots", ["url"], where="redirects <> '[]'")
    _index("articles_by_day", "articles", ["edition", "day", "status"])
    _index("articles_absent", "articles", ["edition", "article_id"], where="absent_since IS NOT NULL")
    _index("sightings_by_url", "sightings", ["url"])
    _index("revisions_by_change", "revisions", ["change_hash", "observed_at"], where="change_hash IS NOT NULL")
    op.execute("UPDATE snapshots SET listing = 'pages', place = CAST(page AS TEXT) WHERE kind = 'listing'")
    op.execute("UPDATE walks SET read_at = updated_at WHERE kind = 'head'")
    op.execute("UPDATE walks SET end_kind = 'open', end_key = bottom_key, end_runs = 1 WHERE ended = 'end'")
    _create_gaps()
    _create_days()
    _create_unknown_entries()
    _create_edits()
    _create_alterations()


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _create_gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("gap_id", sa.Integer(), primary_key=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("listing", sa.String(), nullable=False, server_default="pages"),
        sa.Column("crawl_id", sa.Integer(), sa.ForeignKey("crawls.crawl_id")),
        sa.Column("from_time", sa.String()),
        sa.Column("to_time", sa.String()),
        sa.Column("older_key", sa.String()),
        sa.Column("newer_key", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", sa.String(), nullable=False),
        sa.Column("walk_id", sa.Integer(), sa.ForeignKey("walks.walk_id")),
        sa.Column("loss_id", sa.Integer()),
        sa.Column("lost_at", sa.String()),
        sa.Column("filled_at", sa.String()),
        sa.Column("reason", sa.Text()),
    )
    _index("gaps_by_state", "gaps", ["edition", "state", "gap_id"])
    op.create_index("gaps_by_loss", "gaps", ["loss_id"], unique=True)


def _create_days() -> None:
    op.create_table(
        "days",
        sa.Column("edition", sa.String(), primary_key=True),
        sa.Column("day", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("usual", sa.Integer()),
    )


def _create_unknown_entries() -> None:
    op.create_table(
        "unknown_entries",
        sa.Column("entry_id", sa.Integer(), primary_key=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("listing", sa.String(), nullable=False, server_default="pages"),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("printed_time", sa.String()),
        sa.Column("day", sa.String()),
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("snapshots.snapshot_id"), nullable=False),
        sa.Column("last_snapshot_id", sa.Integer(), sa.ForeignKey("snapshots.snapshot_id"), nullable=False),
        sa.Column("first_seen_at", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.String(), nullable=False),
        sa.UniqueConstraint("edition", "url"),
    )
    _index("unknown_entries_by_day", "unknown_entries", ["edition", "day"])


def _create_edits() -> None:
    op.create_table(
        "edits",
        sa.Column("edit_id", sa.Integer(), primary_key=True),
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("depth", sa.String()),
        sa.Column("silent", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("fields", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("before", sa.String()),
        sa.Column("after", sa.String()),
        sa.Column("words_removed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("words_added", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("snapshots.snapshot_id"), nullable=False),
        sa.Column("reason", sa.Text()),
    )
    _index("edits_by_time", "edits", ["at", "article_id"])
    _index("edits_by_article", "edits", ["article_id", "at"])


def _create_alterations() -> None:
    op.create_table(
        "alterations",
        sa.Column("revision_id", sa.Integer(), sa.ForeignKey("revisions.revision_id"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("observed_at", sa.String(), nullable=False),
        sa.Column("template", sa.Integer(), nullable=False, server_default="0"),
    )
    _index("alterations_by_digest", "alterations", ["edition", "digest", "observed_at"])
    _index("alterations_by_article", "alterations", ["article_id"])
    _index("alterations_of_template", "alterations", ["edition", "observed_at"], where="template = 1")
