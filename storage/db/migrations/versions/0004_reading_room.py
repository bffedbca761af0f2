"""What the pages of the reading room ask for is found without reading the whole archive."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("articles_by_status", "articles", ["edition", "status"])
    op.create_index("articles_by_gone", "articles", ["gone_at"])
    op.create_index("revisions_by_day", "revisions", ["published_at", "rubric", "article_id"])
    op.create_index("revisions_by_observed", "revisions", ["observed_at", "number"])
