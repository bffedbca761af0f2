"""Near-identical articles are linked: a signature each, and the pairs. Derived: storage/write/migrate.py fills them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signatures",
        sa.Column(
            "article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), primary_key=True, autoincrement=False
        ),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("published_at", sa.String(), nullable=False),
        sa.Column("minhash", sa.LargeBinary(), nullable=False),
    )
    op.create_index("signatures_by_time", "signatures", ["edition", "published_at", "article_id"])
    op.create_table(
        "kin",
        sa.Column(
            "article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), primary_key=True, autoincrement=False
        ),
        sa.Column(
            "other_id", sa.Integer(), sa.ForeignKey("articles.article_id"), primary_key=True, autoincrement=False
        ),
        sa.Column("likeness", sa.Integer(), nullable=False),
    )
