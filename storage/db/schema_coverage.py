"""The tables that say what is known of an edition's time line: gaps of its listings, its days, and odd entries.

`walks` (storage/db/schema.py) holds the intervals that were walked; what lies between them is a row of `gaps`.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from storage.db.schema_crawls import metadata

gaps = Table(
    "gaps",
    metadata,
    Column("gap_id", Integer, primary_key=True),
    Column("edition", String, nullable=False, comment="edition whose listing has the gap"),
    Column("listing", String, nullable=False, server_default="pages", comment="name of the listing"),
    Column("crawl_id", ForeignKey("crawls.crawl_id"), comment="crawl that found it; null where a migration did"),
    Column("from_time", String, comment="UTC time of the older neighbour that was seen; null where none is known"),
    Column("to_time", String, comment="UTC time of the newer neighbour that was seen; null where none is known"),
    Column("older_key", String, comment="key of the older neighbour; null where the gap reaches down to a goal"),
    Column("newer_key", String, comment="key of the newer neighbour"),
    Column(
        "state",
        String,
        nullable=False,
        comment="open: a later crawl can still walk it; lost: the listing no longer reaches it; filled",
    ),
    Column("found_at", String, nullable=False, comment="UTC time at which the gap was noticed"),
    Column("walk_id", ForeignKey("walks.walk_id"), comment="interval above it; null where an import split it"),
    Column("loss_id", Integer, comment="1, 2, ... in the order in which stretches were lost; null while it is not"),
    Column("lost_at", String, comment="UTC time at which it was known to be lost; null while it is not"),
    Column("filled_at", String, comment="UTC time at which it was filled; null until then"),
    Column("reason", Text, comment="one line: why it opened, or why it is lost"),
    Index("gaps_by_state", "edition", "state", "gap_id"),
    Index("gaps_by_loss", "loss_id", unique=True),
    comment="Stretches of a listing that were not walked although they should have been, between two seen neighbours.",
)

days = Table(
    "days",
    metadata,
    Column("edition", String, primary_key=True, comment="edition"),
    Column("day", String, primary_key=True, comment="the site's own day, 2026-03-02"),
    Column(
        "state",
        String,
        nullable=False,
        comment="whole: walked without a hole; hole: the next crawl tries again; lost: out of reach for ever; outside: "
        "nobody asked for it; unknown: imported, or below where the listing ended",
    ),
    Column("usual", Integer, comment="articles usual on that weekday; null for a whole day, or where none is known"),
    comment="What the archive can say of each day of an edition. Derived; read the view coverage.",
)

unknown_entries = Table(
    "unknown_entries",
    metadata,
    Column("entry_id", Integer, primary_key=True),
    Column("edition", String, nullable=False, comment="edition whose listing shows it"),
    Column("listing", String, nullable=False, server_default="pages", comment="name of the listing"),
    Column("url", Text, nullable=False, comment="address of the link, absolute"),
    Column("headline", Text, nullable=False, comment="as the listing printed it"),
    Column("printed_time", String, comment="as the listing printed it"),
    Column("day", String, comment="the site's own day under which it stands, where known"),
    Column("snapshot_id", ForeignKey("snapshots.snapshot_id"), nullable=False, comment="first listing page"),
    Column("last_snapshot_id", ForeignKey("snapshots.snapshot_id"), nullable=False, comment="latest listing page"),
    Column("first_seen_at", String, nullable=False, comment="UTC time of the first page that showed it"),
    Column("last_seen_at", String, nullable=False, comment="UTC time of the latest page that showed it"),
    UniqueConstraint("edition", "url"),
    Index("unknown_entries_by_day", "edition", "day"),
    comment="Listing entries that look like articles but whose address has a form that is not known.",
)

edits = Table(
    "edits",
    metadata,
    Column("edit_id", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.article_id"), nullable=False),
    Column("at", String, nullable=False, comment="UTC time of the visit that first showed it"),
    Column("kind", String, nullable=False, comment="edited, vanished or returned"),
    Column("depth", String, comment="headline, text, headline and text, typography, photos, date or details"),
    Column("silent", Integer, nullable=False, server_default="0", comment="1: words changed and readers were not told"),
    Column("fields", Text, nullable=False, server_default="[]", comment="JSON array of the fields that differ"),
    Column("before", String, comment="revision before, as in `show --diff`; null unless edited"),
    Column("after", String, comment="revision after; null unless edited"),
    Column("words_removed", Integer, nullable=False, server_default="0", comment="words that went"),
    Column("words_added", Integer, nullable=False, server_default="0", comment="words that came"),
    Column("snapshot_id", ForeignKey("snapshots.snapshot_id"), nullable=False, comment="the evidence"),
    Column("reason", Text, comment="why it counts as vanished, e.g. HTTP status 404; null otherwise"),
    Index("edits_by_time", "at", "article_id"),
    Index("edits_by_article", "article_id", "at"),
    comment="What the agency changed, took down and put back: a row per change. Derived; read the view changes.",
)
