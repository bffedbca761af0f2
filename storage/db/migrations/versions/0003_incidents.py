"""Incidents; what monitors ask for at the end of every run is found without reading the whole archive."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.Integer(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("edition", "monitor")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "measured", "normal", "advice")),
        sa.Column("began_at", sa.String(), nullable=False),
        sa.Column("over_at", sa.String()),
        sa.Column("begun_told", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("over_told", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("taken_at", sa.String()),
    )
    _where("incidents_open", "incidents", ["edition", "monitor", "subject"], "over_at IS NULL", unique=True)
    op.add_column("crawls", sa.Column("waiting", sa.Integer()))
    op.create_index("crawls_by_edition", "crawls", ["edition", "crawl_id"])
    _where("articles_failing", "articles", ["edition", "article_id"], "attempts > 0")
    columns = ["edition", "kind", "reading", "snapshot_id", "body_size", "wire_size"]
    op.create_index("snapshots_by_reading", "snapshots", columns)


def _where(name: str, table: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
