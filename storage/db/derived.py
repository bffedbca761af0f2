"""Tables that follow from the others and can be made anew at any time: `dateline verify` compares, --repair renews."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, text

from storage.db.schema_crawls import metadata

signatures = Table(
    "signatures",
    metadata,
    Column("article_id", ForeignKey("articles.article_id"), primary_key=True, autoincrement=False),
    Column("edition", String, nullable=False, comment="its edition"),
    Column("published_at", String, nullable=False, comment="UTC time of publication by its current revision"),
    Column("minhash", LargeBinary, nullable=False, comment="128 bytes: MinHash over runs of four words"),
    Index("signatures_by_time", "edition", "published_at", "article_id"),
    comment="What near-identical articles are told by: a row an article with a date and a body. Derived.",
)

kin = Table(
    "kin",
    metadata,
    Column("article_id", ForeignKey("articles.article_id"), primary_key=True, autoincrement=False),
    Column("other_id", ForeignKey("articles.article_id"), primary_key=True, autoincrement=False),
    Column("likeness", Integer, nullable=False, comment="percent of runs of four words that both have, estimated"),
    comment="Near-identical articles of an edition, published within three days; each pair both ways. Derived.",
)

alterations = Table(
    "alterations",
    metadata,
    Column("revision_id", ForeignKey("revisions.revision_id"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False, comment="0, 1, ...: which piece of the change"),
    Column(
        "digest",
        String,
        primary_key=True,
        comment="of what went and came: l: and the digest of whole lines, w: of the words; both again without numbers",
    ),
    Column("article_id", ForeignKey("articles.article_id"), nullable=False, comment="article of the revision"),
    Column("edition", String, nullable=False, comment="its edition"),
    Column("observed_at", String, nullable=False, comment="UTC time of the visit that first showed the revision"),
    Column(
        "template",
        Integer,
        nullable=False,
        server_default="0",
        comment="1: the site did the same to all pages; 2: it took back what it had done to all; 0: the agency's own",
    ),
    Index("alterations_by_digest", "edition", "digest", "observed_at"),
    Index("alterations_by_article", "article_id"),
    Index(
        "alterations_of_template",
        "edition",
        "observed_at",
        sqlite_where=text("template = 1"),
        postgresql_where=text("template = 1"),
    ),
    comment="What differs between a revision and the one before, in pieces that other articles may share. Derived.",
)
