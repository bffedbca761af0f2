"""Entries of a listing have a place in their interval, and intervals an order. storage/write/migrate.py fills them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "members",
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), primary_key=True),
        sa.Column("listing", sa.String(), primary_key=True, server_default="pages"),
        sa.Column("walk_id", sa.Integer(), sa.ForeignKey("walks.walk_id"), nullable=False),
        sa.Column("place", sa.Integer()),
        sa.Column("day", sa.String()),
        sqlite_with_rowid=False,
    )
    op.create_index("members_by_place", "members", ["walk_id", "place"])
    op.add_column("walks", sa.Column("position", sa.Integer()))
    op.add_column("walks", sa.Column("resume", sa.Text()))
    op.add_column("walks", sa.Column("whole", sa.String()))
    op.drop_index("articles_by_walk", "articles")
