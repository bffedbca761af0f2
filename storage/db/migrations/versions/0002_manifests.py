"""Manifests chain what crawls took in; each frame of a body gets a checksum of its own and tells its level."""

from __future__ import annotations

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 500  # bodies fetched at a time


def upgrade() -> None:
    op.create_table(
        "manifests",
        sa.Column("manifest_id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("crawl_id", sa.Integer(), sa.ForeignKey("crawls.crawl_id")),
        sa.Column("sealed_at", sa.String(), nullable=False),
        sa.Column("recipe", sa.String(), nullable=False),
        sa.Column("upto", sa.Text(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
    )
    op.create_index("manifests_by_crawl", "manifests", ["crawl_id"])
    op.add_column("bodies", sa.Column("frame_crc32", sa.String(8)))
    op.add_column("bodies", sa.Column("level", sa.Integer()))
    _add_checksums(op.get_bind())


def _add_checksums(connection: sa.Connection) -> None:
    after = ""
    page = sa.text("SELECT sha256, data FROM bodies WHERE sha256 > :after ORDER BY sha256 LIMIT :batch")
    change = sa.text("UPDATE bodies SET frame_crc32 = :crc WHERE sha256 = :sha256")
    while rows := connection.execute(page, {"after": after, "batch": BATCH}).all():
        connection.execute(change, [{"sha256": sha256, "crc": f"{zlib.crc32(data):08x}"} for sha256, data in rows])
        after = rows[-1][0]
