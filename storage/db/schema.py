"""The tables of the archive, described column by column (the comments are the data dictionary).

Every time is ISO 8601 UTC text to the second (``2022-08-24T11:41:00Z``): it sorts, and reads the same in
SQL, pandas and by eye. Rows of `bodies`, `snapshots`, `revisions` and `photos` are only ever added; of a snapshot
what came of reading it is noted later (`reading`, `problem`), and a body may be compressed anew.
The view `news` and the full-text index `news_search` stand in storage/db/views.py.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.db.derived import alterations, kin, signatures
from storage.db.schema_coverage import days, edits, gaps, unknown_entries
from storage.db.schema_crawls import crawls, editions, incidents, metadata, requests

__all__ = [
    "alterations",
    "articles",
    "bodies",
    "crawls",
    "days",
    "editions",
    "edits",
    "gaps",
    "incidents",
    "kin",
    "manifests",
    "metadata",
    "photos",
    "requests",
    "revisions",
    "sightings",
    "signatures",
    "snapshots",
    "unknown_entries",
    "walks",
]


def _partial(name: str, *columns: str, where: str) -> Index:
    """An index over the rows of which a condition is true."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


bodies = Table(
    "bodies",
    metadata,
    Column("sha256", String(64), primary_key=True, comment="hex SHA-256 of the decoded body"),
    Column("size", Integer, nullable=False, comment="bytes of the decoded body"),
    Column(
        "head_sha256", ForeignKey("bodies.sha256"), comment="body used as raw zstd dictionary; null for a group's head"
    ),
    Column("data", LargeBinary, nullable=False, comment="one zstd frame"),
    Column("frame_crc32", String(8), comment="hex CRC-32 of data: what a decoder overlooks is damage too"),
    Column("level", Integer, comment="zstd level of `dateline compact`; null as the crawl wrote it"),
    Index("bodies_by_head", "head_sha256"),
    comment="Every distinct body once, compressed against the head of its group.",
)

manifests = Table(
    "manifests",
    metadata,
    Column("manifest_id", Integer, primary_key=True, autoincrement=False, comment="1, 2, ... without gaps"),
    Column("crawl_id", ForeignKey("crawls.crawl_id"), comment="crawl that it ends; null after a reparse or migration"),
    Column("sealed_at", String, nullable=False, comment="UTC time"),
    Column("recipe", String, nullable=False, comment="version of what is hashed, see docs/provenance.md"),
    Column("upto", Text, nullable=False, comment="JSON object: table -> highest id covered, down to the one before"),
    Column("root", String(64), nullable=False, comment="hex Merkle root over the rows covered"),
    Column("digest", String(64), nullable=False, comment="hex SHA-256 over this row and the digest before"),
    Column("marks", LargeBinary, nullable=False, comment="first 4 bytes of each leaf: to name the row that changed"),
    Index("manifests_by_crawl", "crawl_id"),
    comment="Seals: one at the end of each crawl, over all rows added since the one before, chained by their digests.",
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("snapshot_id", Integer, primary_key=True),
    Column("crawl_id", ForeignKey("crawls.crawl_id"), nullable=False),
    Column("edition", String, nullable=False),
    Column("kind", String, nullable=False, comment="listing, article or robots (robots.txt)"),
    Column("article_id", ForeignKey("articles.article_id"), comment="article asked for; null for others"),
    Column("requested_url", Text, nullable=False, comment="address asked for"),
    Column("url", Text, nullable=False, comment="address that answered, after redirects"),
    Column("redirects", Text, nullable=False, server_default="[]", comment='JSON array of {"url", "status"}, in order'),
    Column("fetched_at", String, nullable=False, comment="UTC time when the answer was complete"),
    Column("status", Integer, nullable=False, comment="HTTP status"),
    Column("headers", Text, nullable=False, comment="JSON array of [name, value], in order, with repeats"),
    Column("request_headers", Text, nullable=False, server_default="[]", comment="JSON array of [name, value] sent"),
    Column("body_sha256", ForeignKey("bodies.sha256"), comment="decoded body; null for an answer without one (304)"),
    Column("body_size", Integer, nullable=False, comment="bytes of the decoded body"),
    Column("wire_sha256", String(64), nullable=False, comment="hex SHA-256 of the bytes as sent (content-encoded)"),
    Column("wire_size", Integer, nullable=False, comment="bytes as sent (content-encoded)"),
    Column("content_encoding", String, comment="Content-Encoding as sent; null for identity"),
    Column("ip_address", String, comment="address of the server, where known"),
    Column("protocol", String, comment="HTTP/1.1, h2, ..., where known"),
    Column("damage", String, comment="truncated, undecodable or too large; null when the body is whole"),
    Column("page", Integer, comment="position of a listing page in its walk; null for articles"),
    Column(
        "reading",
        String,
        comment="what came of reading it: article, listing, unchanged, not-modified, gone, soft-404, unrecognised, "
        "unreadable, robots, error; null = kept but not read yet (the next run reads it)",
    ),
    Column("problem", Text, comment="one line: why it could not be read; null when it could"),
    Index("snapshots_by_article", "article_id", "snapshot_id"),
    Index("snapshots_by_body", "body_sha256"),
    Index("snapshots_by_crawl", "crawl_id"),
    # Whole: the sums of `dateline status` and the latest readings are read from it alone.
    Index("snapshots_by_reading", "edition", "kind", "reading", "snapshot_id", "body_size", "wire_size"),
    _partial("snapshots_unread", "snapshot_id", where="reading IS NULL"),
    _partial("snapshots_redirected", "url", where="redirects <> '[]'"),
    Column("listing", String, comment="name of the listing; null for articles"),
    Column("place", String, comment="page, day or cursor that was asked of the listing; null for articles"),
    Column(
        "stamp",
        Text,
        comment="JSON array: published and modified time as this visit's page gave them; null for what is no article",
    ),
    comment="One row an answer of a server: the visits.",
)

walks = Table(
    "walks",
    metadata,
    Column("walk_id", Integer, primary_key=True),
    Column("crawl_id", ForeignKey("crawls.crawl_id"), nullable=False, comment="crawl that began it"),
    Column("edition", String, nullable=False),
    Column(
        "kind",
        String,
        nullable=False,
        comment="head: began at page 1; window: began at a date further down; apart: seen below another interval "
        "without being joined to it",
    ),
    Column("goal", String, nullable=False, comment="local date down to which it is meant to reach; 0001-01-01 for all"),
    Column(
        "complete",
        Integer,
        nullable=False,
        server_default="0",
        comment="1 when it is known to reach its goal without a hole",
    ),
    Column("ended", String, comment="why it is complete: goal, end (of the listing), joined (an older interval)"),
    Column(
        "merged_into",
        ForeignKey("walks.walk_id"),
        comment="older interval that it became part of; null for a live interval",
    ),
    Column("started_at", String, nullable=False),
    Column("updated_at", String, nullable=False),
    Column("top_key", String, comment="newest entry when it began"),
    Column("bottom_key", String, comment="oldest entry reached"),
    Column("bottom_page", Integer, comment="listing page on which the bottom was seen"),
    Column("bottom_day", String, comment="local date of the bottom, where a page told"),
    Column("pages", Integer, nullable=False, server_default="0", comment="listing pages attached"),
    Column("entries", Integer, nullable=False, server_default="0", comment="entries first covered by it"),
    Column("swept_at", String, comment="UTC time when the newest days were last walked again in full (live intervals)"),
    Index("walks_live", "edition", "merged_into"),
    Column("listing", String, nullable=False, server_default="pages", comment="name of the listing"),
    Column(
        "end_kind",
        String,
        comment="how the end of the listing is known: said (the site says so), seen (the same end twice, with newer "
        "stories above), open (the last page offers no older one), contradicted (a page offered an older one that was "
        "not there); null where it was not met",
    ),
    Column("end_key", String, comment="oldest entry when the end was met"),
    Column("end_top_key", String, comment="newest entry when this end was first met"),
    Column("end_crawl_id", Integer, comment="latest crawl that met the end"),
    Column("read_at", String, comment="UTC time at which the top of the listing was last read for it"),
    Column("end_runs", Integer, nullable=False, server_default="0", comment="crawls in a row that met this end"),
    Column("position", Integer, comment="order of the live intervals of a listing: the newest has the highest number"),
    Column(
        "resume", Text, comment="place of the listing at which a walk goes on below it; null where only entries tell"
    ),
    Column("whole", String, comment="newest day or sitemap that was read after it was over; null where there is none"),
    comment="Coverage: intervals of the listing, in listing order, without holes inside.",
)

members = Table(
    "members",
    metadata,
    Column("article_id", ForeignKey("articles.article_id"), primary_key=True),
    Column("listing", String, primary_key=True, server_default="pages", comment="name of the listing"),
    Column(
        "walk_id", ForeignKey("walks.walk_id"), nullable=False, comment="live interval of that listing which holds it"
    ),
    Column("place", Integer, comment="order within the interval, newest first; null where it is not known"),
    Column("day", String, comment="the site's own day under which the listing showed it; null where it told none"),
    Index("members_by_place", "walk_id", "place"),
    sqlite_with_rowid=False,
    comment="Where the entries of listings stand: the interval that holds each, and its place there.",
)

articles = Table(
    "articles",
    metadata,
    Column("article_id", Integer, primary_key=True),
    Column("edition", String, nullable=False),
    Column("key", String, nullable=False, comment="ID-YEAR, unique within the edition"),
    Column("url", Text, nullable=False, comment="canonical URL, as last seen"),
    Column(
        "status",
        String,
        nullable=False,
        comment="pending: seen, not archived yet; live; gone; given-up: never archived, no longer tried",
    ),
    Column(
        "walk_id",
        ForeignKey("walks.walk_id"),
        comment="interval of the listing that holds it; null when only met outside the order",
    ),
    Column("revision_id", Integer, comment="current revision; null while pending"),
    Column(
        "duplicate_of",
        ForeignKey("articles.article_id"),
        comment="the earliest published article of the edition with the same headline and body",
    ),
    Column("first_seen_at", String, nullable=False, comment="UTC time of the first sighting or fetch"),
    Column("last_seen_at", String, nullable=False, comment="UTC time of the last visit that found it there"),
    Column("changed_at", String, comment="UTC time at which the current revision was first observed"),
    Column(
        "gone_at",
        String,
        comment="UTC time of the first visit of the series that found it gone; null while live, set when decided",
    ),
    Column("due_at", String, comment="UTC time of the next visit; null = none planned"),
    Column("attempts", Integer, nullable=False, server_default="0", comment="failed visits in a row"),
    Column("last_error", Text, comment="why the last visit failed; null after a success"),
    UniqueConstraint("edition", "key"),
    _partial("articles_due", "edition", "due_at", where="status <> 'pending'"),
    _partial("articles_pending", "edition", "article_id", where="status = 'pending'"),
    _partial("articles_failing", "edition", "article_id", where="attempts > 0"),
    Index("articles_by_status", "edition", "status"),
    Index("articles_by_gone", "gone_at"),
    _partial("articles_absent", "edition", "article_id", where="absent_since IS NOT NULL"),
    Column("gone_reason", Text, comment="one line: what the site answers instead; null while live"),
    Column(
        "absent_since",
        String,
        comment="UTC time of the first visit of a series that did not find it; null while it is there",
    ),
    Column("absences", Integer, nullable=False, server_default="0", comment="visits in a row that did not find it"),
    Column(
        "day",
        String,
        comment="the site's own day: of publication, or under which it was listed where it is not archived",
    ),
    Index("articles_by_day", "edition", "day", "status"),
    comment="One row an article ever sighted: the frontier and the archive in one.",
)

sightings = Table(
    "sightings",
    metadata,
    Column("sighting_id", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.article_id"), nullable=False),
    Column(
        "snapshot_id",
        ForeignKey("snapshots.snapshot_id"),
        nullable=False,
        comment="listing page of the first such sighting",
    ),
    Column(
        "last_snapshot_id",
        ForeignKey("snapshots.snapshot_id"),
        nullable=False,
        comment="listing page of the latest such sighting",
    ),
    Column("page", Integer, nullable=False, comment="listing page number, at first"),
    Column("position", Integer, nullable=False, comment="0-based rank on that page, at first"),
    Column("in_order", Integer, nullable=False, comment="0 for pinned, undated and sidebar blocks"),
    Column("url", Text, nullable=False),
    Column("headline", Text, nullable=False, comment="as the listing printed it"),
    Column("printed_time", String, comment="as the listing printed it"),
    Column(
        "day", String, comment="the site's own day, by the separator above it; null where the page began without one"
    ),
    Column("lead", Text),
    Column("rubric", String, comment="rubric slug of the URL"),
    Column("first_seen_at", String, nullable=False),
    Column("last_seen_at", String, nullable=False),
    Index("sightings_by_article", "article_id", "sighting_id"),
    Index("sightings_by_url", "url"),
    comment="What listing pages said of an article: a row for each different thing said.",
)

revisions = Table(
    "revisions",
    metadata,
    Column("revision_id", Integer, primary_key=True),
    Column("article_id", ForeignKey("articles.article_id"), nullable=False),
    Column("number", Integer, nullable=False, comment="1, 2, ... within the article: what the agency changed"),
    Column(
        "correction",
        Integer,
        nullable=False,
        server_default="0",
        comment="0 as read at first; 1, 2, ... the same page read again by a better parser",
    ),
    Column("observed_at", String, nullable=False, comment="UTC time of the visit that first showed it"),
    Column("snapshot_id", ForeignKey("snapshots.snapshot_id"), nullable=False, comment="the evidence"),
    Column("headline", Text, nullable=False),
    Column("published_at", String, comment="UTC time; null when the page shows no date"),
    Column("published_printed", String, comment="the date as printed"),
    Column("modified_at", String, comment="UTC time, where the page gives one"),
    Column("rubric", String, comment="slug of the URL"),
    Column("rubric_label", String, comment="as printed"),
    Column("lead", Text),
    Column("body", Text, nullable=False, comment="paragraphs joined by a blank line"),
    Column("dateline", String, comment="place and date that open the body, e.g. TALLINN, 24 August"),
    Column("credit", String, comment="wire credit of the dateline, e.g. Reuters"),
    Column("author", String),
    Column("language", String, nullable=False, comment="BCP 47"),
    Column("tags", Text, nullable=False, server_default="[]", comment="JSON array"),
    Column(
        "content_hash",
        String,
        nullable=False,
        comment="version and SHA-256 over what readers see; equal content, equal hash",
    ),
    Column(
        "story_hash",
        String,
        comment="the same over headline and body alone: equal under two keys, one story; null without a body",
    ),
    Column("parser", String, nullable=False, comment="era that read it"),
    Column("sources", Text, nullable=False, comment="JSON object: field -> rule that gave it, or why it is absent"),
    Column("folded", Text, comment="words of the text that full-text search would not find without their accents"),
    UniqueConstraint("article_id", "number", "correction"),
    Index("revisions_by_story", "story_hash"),
    Index("revisions_by_published", "published_at"),
    # Whole: articles a day and rubric are counted from it alone.
    Index("revisions_by_day", "published_at", "rubric", "article_id"),
    Index("revisions_by_observed", "observed_at", "number"),
    Column("published_day", String, comment="the site's own day of publication; null when the page shows no date"),
    Column("cause", String, comment="template: the site changed all pages at once; null: what the agency wrote"),
    Column("change_hash", String, comment="digest of what differs from the revision before; equal changes, equal hash"),
    _partial("revisions_by_change", "change_hash", "observed_at", where="change_hash IS NOT NULL"),
    comment="What an article said, each time it said something new.",
)

photos = Table(
    "photos",
    metadata,
    Column("photo_id", Integer, primary_key=True),
    Column("revision_id", ForeignKey("revisions.revision_id"), nullable=False),
    Column("position", Integer, nullable=False, comment="0-based, in page order"),
    Column("url", Text, nullable=False),
    Column("caption", Text),
    Column("credit", Text, comment="part of the caption that names the source"),
    Column("alt", Text, comment="alternative text, never a caption; null where there is none"),
    Column("width", Integer, comment="pixels, as the page says; null where it does not"),
    Column("height", Integer, comment="pixels, as the page says; null where it does not"),
    UniqueConstraint("revision_id", "position"),
    comment="Pictures of a revision with their captions.",
)
