"""Every request that was sent to the site is noted, and a crawl tells how many it sent and how long it waited."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("requests", "waited"):
        op.add_column("crawls", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("crawls", sa.Column("daily_budget", sa.Integer()))
    op.create_table(
        "requests",
        sa.Column("request_id", sa.Integer(), primary_key=True),
        sa.Column("crawl_id", sa.Integer(), sa.ForeignKey("crawls.crawl_id"), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("repeats", sa.String()),
        sa.Column("asked_at", sa.String(), nullable=False),
        sa.Column("gap_ms", sa.Integer()),
        sa.Column("status", sa.Integer()),
        sa.Column("wire_size", sa.Integer()),
        sa.Column("problem", sa.Text()),
        sa.Column("retry_after", sa.Integer()),
        sa.Column("waited", sa.Integer()),
    )
    op.create_index("requests_by_time", "requests", ["asked_at"])
    op.create_index("requests_by_crawl", "requests", ["crawl_id"])
