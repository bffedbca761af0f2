"""The tables that tell what the crawler did: its runs, every request it sent, and what the monitors found."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

metadata = MetaData()

editions = Table(
    "editions",
    metadata,
    Column("edition", String, primary_key=True, comment="edition, e.g. harbour-en"),
    Column("site", String, nullable=False, comment="name of its site, e.g. harbour"),
    Column("agency", String, nullable=False, comment="who publishes it, as cited"),
    Column("host", String, nullable=False, comment="its canonical host"),
    Column("timezone", String, nullable=False, comment="zone of its days and of the times that it prints"),
    Column("language", String, nullable=False, comment="BCP 47 tag"),
    comment="The editions that were crawled or imported, as their sites described them at the latest. Not sealed.",
)

crawls = Table(
    "crawls",
    metadata,
    Column("crawl_id", Integer, primary_key=True),
    Column("edition", String, nullable=False, comment="edition crawled, e.g. harbour-en"),
    Column("arguments", Text, nullable=False, comment="JSON object of the -a arguments as given"),
    Column("software", String, nullable=False, comment="dateline/VERSION scrapy/VERSION python/VERSION"),
    Column("user_agent", String, nullable=False, comment="User-Agent header sent"),
    Column("started_at", String, nullable=False, comment="UTC time"),
    Column("finished_at", String, comment="UTC time; null while running, and for ever when the process was killed"),
    Column(
        "outcome",
        String,
        comment="complete, incomplete, lost, refused, unreachable or unrecognised; null while running",
    ),
    Column("exit_code", Integer, comment="exit code of the process for this edition: 0, 3, 4 or 6"),
    Column("message", Text, comment="one line for people: what went wrong; null when nothing did"),
    Column("listing_pages", Integer, nullable=False, server_default="0", comment="listing pages kept"),
    Column("article_pages", Integer, nullable=False, server_default="0", comment="article pages kept"),
    Column("new_articles", Integer, nullable=False, server_default="0", comment="articles archived for the first time"),
    Column(
        "new_revisions",
        Integer,
        nullable=False,
        server_default="0",
        comment="later revisions of known articles, without those of a change of the site's template",
    ),
    Column("unchanged", Integer, nullable=False, server_default="0", comment="visits that found nothing changed"),
    Column("failed", Integer, nullable=False, server_default="0", comment="visits that failed and will be tried again"),
    Column("gone", Integer, nullable=False, server_default="0", comment="articles found gone (404 or 410)"),
    Column("unrecognised", Integer, nullable=False, server_default="0", comment="pages kept that no parser recognised"),
    Column(
        "waiting",
        Integer,
        comment="articles that waited to be tried again when it ended; null where it was killed or imported",
    ),
    Index("crawls_by_edition", "edition", "crawl_id"),
    Column("requests", Integer, nullable=False, server_default="0", comment="requests sent, answered or not"),
    Column("waited", Integer, nullable=False, server_default="0", comment="seconds waited because the site had enough"),
    Column("daily_budget", Integer, comment="requests a day that it kept to, see REQUESTS_PER_DAY; null for no limit"),
    comment="The ledger: one row a run and edition.",
)

requests = Table(
    "requests",
    metadata,
    Column("request_id", Integer, primary_key=True),
    Column("crawl_id", ForeignKey("crawls.crawl_id"), nullable=False),
    Column("kind", String, nullable=False, comment="listing, article or robots (robots.txt)"),
    Column("repeats", String, comment="retry: the same address asked again; redirect: the next hop; null: a first one"),
    Column("asked_at", String, nullable=False, comment="UTC time at which it was sent"),
    Column("gap_ms", Integer, comment="milliseconds since the request before it of the same crawl; null for the first"),
    Column("status", Integer, comment="HTTP status; null where no answer came, or the crawl was killed before it did"),
    Column("wire_size", Integer, comment="bytes of the body as sent; null without an answer"),
    Column("problem", Text, comment="one line: why no answer came; null when one did"),
    Column("retry_after", Integer, comment="seconds that the answer asked to wait (Retry-After); null when it did not"),
    Column("waited", Integer, comment="seconds then waited before anything else was asked; null when it was not"),
    Index("requests_by_time", "asked_at"),
    Index("requests_by_crawl", "crawl_id"),
    comment="What was asked of the site: one row a request, noted before it is sent.",
)

incidents = Table(
    "incidents",
    metadata,
    Column("incident_id", Integer, primary_key=True),
    Column("edition", String, nullable=False, comment="edition concerned; empty for the archive as a whole"),
    Column("monitor", String, nullable=False, comment="monitor that found it, see docs/monitoring.md"),
    Column("subject", Text, nullable=False, comment="part concerned, such as an era and a field; empty for the whole"),
    Column("measured", Text, nullable=False, comment="what was measured when it began"),
    Column("normal", Text, nullable=False, comment="what would have been normal"),
    Column("advice", Text, nullable=False, comment="what to do"),
    Column("began_at", String, nullable=False, comment="UTC time"),
    Column("over_at", String, comment="UTC time; null while it lasts"),
    Column("begun_told", Text, nullable=False, server_default="[]", comment="JSON array: channels told that it began"),
    Column("over_told", Text, nullable=False, server_default="[]", comment="JSON array: channels told that it is over"),
    Column("tries", Integer, nullable=False, server_default="0", comment="deliveries that failed"),
    Column("taken_at", String, comment="UTC time at which a process took it to be told; null when none is at it"),
    Index(
        "incidents_open",
        "edition",
        "monitor",
        "subject",
        unique=True,
        sqlite_where=text("over_at IS NULL"),
        postgresql_where=text("over_at IS NULL"),
    ),
    comment="What the monitors found, from its beginning to its end, and who was told. Not sealed.",
)
