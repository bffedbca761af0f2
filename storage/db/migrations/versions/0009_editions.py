"""What an archive knows of its editions is a table. storage/write/migrate.py fills it for installed sites."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("edition", sa.String(), primary_key=True),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
    )
