"""Tables that follow from the others and can be made anew at any time: `dateline verify` compares, --repair renews."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from storage.schema_crawls import metadata

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
