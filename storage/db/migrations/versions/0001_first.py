"""The first schema. Views and the full-text index are no part of it: see storage/db/views.py."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bodies",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("head_sha256", sa.String(64), sa.ForeignKey("bodies.sha256")),
        sa.Column("data", sa.LargeBinary(), nullable=False),
    )
    op.create_index("bodies_by_head", "bodies", ["head_sha256"])
    op.create_table(
        "crawls",
        sa.Column("crawl_id", sa.Integer(), primary_key=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("software", sa.String(), nullable=False),
        sa.Column("user_agent", sa.String(), nullable=False),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("finished_at", sa.String()),
        sa.Column("outcome", sa.String()),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("message", sa.Text()),
        sa.Column("listing_pages", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("article_pages", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("new_articles", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("new_revisions", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("unchanged", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("gone", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("unrecognised", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_table(
        "walks",
        sa.Column("walk_id", sa.Integer(), primary_key=True),
        sa.Column("crawl_id", sa.Integer(), sa.ForeignKey("crawls.crawl_id"), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("complete", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("ended", sa.String()),
        sa.Column("merged_into", sa.Integer(), sa.ForeignKey("walks.walk_id")),
        sa.Column("started_at", sa.String(), nullable=False),
        sa.Column("updated_at", sa.String(), nullable=False),
        sa.Column("top_key", sa.String()),
        sa.Column("bottom_key", sa.String()),
        sa.Column("bottom_page", sa.Integer()),
        sa.Column("bottom_day", sa.String()),
        sa.Column("pages", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("entries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("swept_at", sa.String()),
    )
    op.create_index("walks_live", "walks", ["edition", "merged_into"])
    op.create_table(
        "articles",
        sa.Column("article_id", sa.Integer(), primary_key=True),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("walk_id", sa.Integer(), sa.ForeignKey("walks.walk_id")),
        sa.Column("revision_id", sa.Integer()),
        sa.Column("duplicate_of", sa.Integer(), sa.ForeignKey("articles.article_id")),
        sa.Column("first_seen_at", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.String(), nullable=False),
        sa.Column("changed_at", sa.String()),
        sa.Column("gone_at", sa.String()),
        sa.Column("due_at", sa.String()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text()),
        sa.UniqueConstraint("edition", "key"),
    )
    op.create_index("articles_by_walk", "articles", ["walk_id"])
    op.create_index(
        "articles_due",
        "articles",
        ["edition", "due_at"],
        sqlite_where=sa.text("status <> 'pending'"),
        postgresql_where=sa.text("status <> 'pending'"),
    )
    op.create_index(
        "articles_pending",
        "articles",
        ["edition", "article_id"],
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "snapshots",
        sa.Column("snapshot_id", sa.Integer(), primary_key=True),
        sa.Column("crawl_id", sa.Integer(), sa.ForeignKey("crawls.crawl_id"), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.article_id")),
        sa.Column("requested_url", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("redirects", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("fetched_at", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("request_headers", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("body_sha256", sa.String(64), sa.ForeignKey("bodies.sha256")),
        sa.Column("body_size", sa.Integer(), nullable=False),
        sa.Column("wire_sha256", sa.String(64), nullable=False),
        sa.Column("wire_size", sa.Integer(), nullable=False),
        sa.Column("content_encoding", sa.String()),
        sa.Column("ip_address", sa.String()),
        sa.Column("protocol", sa.String()),
        sa.Column("damage", sa.String()),
        sa.Column("page", sa.Integer()),
        sa.Column("reading", sa.String()),
        sa.Column("problem", sa.Text()),
    )
    op.create_index("snapshots_by_article", "snapshots", ["article_id", "snapshot_id"])
    op.create_index("snapshots_by_body", "snapshots", ["body_sha256"])
    op.create_index("snapshots_by_crawl", "snapshots", ["crawl_id"])
    op.create_index(
        "snapshots_unread",
        "snapshots",
        ["snapshot_id"],
        sqlite_where=sa.text("reading IS NULL"),
        postgresql_where=sa.text("reading IS NULL"),
    )
    op.create_table(
        "revisions",
        sa.Column("revision_id", sa.Integer(), primary_key=True),
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("correction", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("observed_at", sa.String(), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("snapshots.snapshot_id"), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("published_at", sa.String()),
        sa.Column("published_printed", sa.String()),
        sa.Column("modified_at", sa.String()),
        sa.Column("rubric", sa.String()),
        sa.Column("rubric_label", sa.String()),
        sa.Column("lead", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("dateline", sa.String()),
        sa.Column("credit", sa.String()),
        sa.Column("author", sa.String()),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("story_hash", sa.String()),
        sa.Column("parser", sa.String(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text()),
        sa.UniqueConstraint("article_id", "number", "correction"),
    )
    op.create_index("revisions_by_published", "revisions", ["published_at"])
    op.create_index("revisions_by_story", "revisions", ["story_hash"])
    op.create_table(
        "sightings",
        sa.Column("sighting_id", sa.Integer(), primary_key=True),
        sa.Column("article_id", sa.Integer(), sa.ForeignKey("articles.article_id"), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), sa.ForeignKey("snapshots.snapshot_id"), nullable=False),
        sa.Column("last_snapshot_id", sa.Integer(), sa.ForeignKey("snapshots.snapshot_id"), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("in_order", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("printed_time", sa.String()),
        sa.Column("day", sa.String()),
        sa.Column("lead", sa.Text()),
        sa.Column("rubric", sa.String()),
        sa.Column("first_seen_at", sa.String(), nullable=False),
        sa.Column("last_seen_at", sa.String(), nullable=False),
    )
    op.create_index("sightings_by_article", "sightings", ["article_id", "sighting_id"])
    op.create_table(
        "photos",
        sa.Column("photo_id", sa.Integer(), primary_key=True),
        sa.Column("revision_id", sa.Integer(), sa.ForeignKey("revisions.revision_id"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text()),
        sa.Column("credit", sa.Text()),
        sa.UniqueConstraint("revision_id", "position"),
    )
