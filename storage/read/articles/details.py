"""Everything the archive knows of one article, with the evidence: the facts behind `dateline show` and `html`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from crawler.records import UTC
from storage.read.articles.agreement import ListingClaim, PageClaim, disagreements
from storage.read.articles.neighbours import family
from storage.read.as_of import NEWS_AS_OF, article_as_of
from storage.read.locate import NotInArchive
from storage.read.reader import Reader, Row
from storage.read.zones import edition_row, zones_of
from storage.terminal.moments import local, time_of


@dataclass(frozen=True, slots=True)
class ArticleDetails:
    """One article. Rows hold columns of the schema by name; times are UTC text.

    `article` is its row in `articles`. `revision` is the one asked for with `photos` and `snapshot` (its evidence,
    with `software` of the crawl); None while nothing is archived yet. `revisions` are all of them in order,
    `sightings` what listings said, each with `disagrees`: which of ``headline``, ``time``, ``day`` no revision
    confirms. `duplicates` are the articles linked with it as having the same content, `family` those that
    are near-identical (storage/read/articles/neighbours.py). `as_of`: all of this is as it stood before that
    time, but for `family`, of which earlier states are not kept: it is empty then; None: as it stands. `zone` and
    `agency` are those of its edition.
    """

    article: Row
    revision: Row | None
    photos: tuple[Row, ...] = field(repr=False)
    snapshot: Row | None
    revisions: tuple[Row, ...] = field(repr=False)
    sightings: tuple[Row, ...] = field(repr=False)
    duplicates: tuple[Row, ...]
    family: tuple[Row, ...] = ()
    as_of: str | None = None
    zone: ZoneInfo = UTC
    agency: str = ""

    @property
    def tags(self) -> list[str]:
        return list(json.loads(self.revision["tags"])) if self.revision else []

    @property
    def sources(self) -> dict[str, str]:
        """Field -> the rule that gave it, or why it is absent."""
        return dict(json.loads(self.revision["sources"])) if self.revision else {}

    def as_json(self) -> dict[str, Any]:
        """The shape that `dateline show --json` prints: columns of `news` first, the evidence after them.

        Columns that hold JSON (tags, sources, redirects, headers) are given as what they hold.
        """
        evidence = {key: value for key, value in asdict(self).items() if key not in _NOT_SHOWN}
        return _as_news(self) | evidence | {"snapshot": _opened(self.snapshot, "redirects", "headers")}


def article_details(
    reader: Reader, article_id: int, revision: int | None = None, as_of: str | None = None
) -> ArticleDetails:
    """All that is known of an article, with revision number `revision` (None: the current one).

    `as_of`, UTC text: as it stood then, by what was observed before (storage/read/as_of.py). Of a revision that was
    read again by a better parser, the latest reading is shown. Raises NotInArchive when there is no such article
    (then), or no such revision.
    """
    article = reader.row("SELECT * FROM articles WHERE article_id = :id", id=article_id)
    if article is None:
        raise NotInArchive(f"no article {article_id} in {reader.name}")
    edition = article["edition"]
    zone, known = zones_of(reader, edition).of(edition), edition_row(reader, edition)
    rows = tuple(reader.rows(_REVISIONS, id=article_id))
    sightings = tuple(reader.rows(_SIGHTINGS, id=article_id))
    if as_of is not None:
        article = _article_then(reader, article, as_of, zone)
        rows = tuple(_observed(rows, as_of))
        sightings = tuple(_sightings_then(sightings, as_of))
    chosen = _choose(article, rows, revision)
    read = [PageClaim(row["headline"], row["published_at"]) for row in rows]
    return ArticleDetails(
        article=article,
        revision=chosen,
        photos=() if chosen is None else tuple(reader.rows(_PHOTOS, id=chosen["revision_id"])),
        snapshot=None if chosen is None else snapshot(reader, chosen["snapshot_id"]),
        revisions=tuple({name: row[name] for name in _REVISION_LINE} for row in rows),
        sightings=tuple(_judged(row, read, zone) for row in sightings),
        duplicates=tuple(_duplicates(reader, article, rows, as_of)),
        family=() if as_of else family(reader, article_id),
        as_of=as_of,
        zone=zone,
        agency=known["agency"] if known else edition,
    )


def _article_then(reader: Reader, article: Row, as_of: str, zone: ZoneInfo) -> Row:
    """Its row as it was. What was not archived yet was waiting to be."""
    if article["first_seen_at"] >= as_of:
        name, seen = f"{article['edition']}/{article['key']}", local(article["first_seen_at"], zone)
        raise NotInArchive(f"{name} was not known by then: it was first seen on {seen} ({time_of(zone)})")
    then = article_as_of(reader, article["article_id"], as_of)
    if then is None:
        blank = dict.fromkeys(("revision_id", "duplicate_of", "changed_at", *_GONE, "due_at", "last_error"))
        return {**article, **blank, "status": "pending", "attempts": 0, "last_seen_at": article["first_seen_at"]}
    names = ("revision_id", "duplicate_of", "changed_at", *_GONE, "status", "last_seen_at")
    return {**article, **{name: then[name] for name in names}}


def _observed(rows: Iterable[Row], as_of: str) -> Iterator[Row]:
    """The revisions that were observed by then, with all their readings."""
    all_rows = list(rows)
    numbers = {row["number"] for row in all_rows if not row["correction"] and row["observed_at"] < as_of}
    return (row for row in all_rows if row["number"] in numbers)


def _sightings_then(rows: Iterable[Row], as_of: str) -> Iterator[Row]:
    """What listings had said by then. When they had said it last is not kept, where they said it again later."""
    later = {"last_seen_at": None, "last_snapshot_id": None}
    for row in rows:
        if row["first_seen_at"] < as_of:
            yield {**row, **later} if row["last_seen_at"] >= as_of else row


def _duplicates(reader: Reader, article: Row, rows: Iterable[Row], as_of: str | None) -> Iterator[Row]:
    story = next((row["story_hash"] for row in rows if row["revision_id"] == article["revision_id"]), None)
    this = {"id": article["article_id"], "original": article["duplicate_of"], "story": story}
    if as_of is None:
        return reader.rows(_DUPLICATES, **this)
    return reader.rows(_DUPLICATES_THEN, **this, as_of=as_of)


def snapshot(reader: Reader, snapshot_id: int) -> Row | None:
    """One visit: its row in `snapshots`, and which software fetched it. None when there is no such row."""
    return reader.row(_SNAPSHOT, id=snapshot_id)


def _choose(article: Row, revisions: tuple[Row, ...], number: int | None) -> Row | None:
    if number is None:
        return next((row for row in revisions if row["revision_id"] == article["revision_id"]), None)
    chosen = [row for row in revisions if row["number"] == number]
    if not chosen:
        has = f"it has 1 to {revisions[-1]['number']}" if revisions else "nothing is archived of it yet"
        raise NotInArchive(f"{article['edition']}/{article['key']} has no revision {number}: {has}")
    return chosen[-1]


def _judged(sighting: Row, read: list[PageClaim], zone: ZoneInfo) -> Row:
    said = ListingClaim(sighting["headline"], sighting["printed_time"], sighting["day"])
    return {**sighting, "disagrees": list(disagreements(said, read, zone))}


def _opened(row: Row | None, *columns: str) -> Row | None:
    return None if row is None else {**row, **{name: json.loads(row[name]) for name in columns}}


def _as_news(details: ArticleDetails) -> dict[str, Any]:
    article, revision = details.article, details.revision or {}
    lead_photo = details.photos[0] if details.photos else {}
    return {
        "article_id": article["article_id"],
        "edition": article["edition"],
        "key": article["key"],
        "url": article["url"],
        **{name: revision.get(name) for name in _NEWS_TEXT},
        "tags": details.tags,
        "photo_url": lead_photo.get("url"),
        "photo_caption": lead_photo.get("caption"),
        "photo_count": len(details.photos),
        "status": article["status"],
        "revision_count": len({row["number"] for row in details.revisions if row["cause"] is None}),
        **{name: article[name] for name in ("first_seen_at", "last_seen_at", "changed_at", *_GONE, "duplicate_of")},
        "snapshot_id": revision.get("snapshot_id"),
        "published_day": revision.get("published_day"),
        **{name: revision.get(name) for name in _REVISION_MORE},
        "sources": details.sources,
    }


_NOT_SHOWN = frozenset({"article", "revision", "zone", "agency"})
_GONE = ("gone_at", "gone_reason", "absent_since")
_NEWS_TEXT = ("headline", "published_at", "rubric", "lead", "body", "language")
_REVISION_MORE = (
    "revision_id",
    "number",
    "correction",
    "observed_at",
    "published_printed",
    "published_day",
    "modified_at",
    "rubric_label",
    "dateline",
    "credit",
    "author",
    "content_hash",
    "parser",
)
_REVISION_LINE = (
    "revision_id",
    "number",
    "correction",
    "cause",
    "observed_at",
    "snapshot_id",
    "headline",
    "published_at",
    "content_hash",
    "parser",
    "cause",
)

_REVISIONS = "SELECT * FROM revisions WHERE article_id = :id ORDER BY number, correction"
_PHOTOS = (
    "SELECT position, url, caption, credit, alt, width, height FROM photos WHERE revision_id = :id ORDER BY position"
)
_SIGHTINGS = """
SELECT sighting_id, snapshot_id, last_snapshot_id, page, position, in_order, url, headline, printed_time, day, lead,
       rubric, first_seen_at, last_seen_at
FROM sightings WHERE article_id = :id ORDER BY sighting_id"""
_SNAPSHOT = """
SELECT s.snapshot_id, s.crawl_id, s.kind, s.article_id, s.requested_url, s.url, s.redirects, s.fetched_at, s.status,
       s.headers, s.body_sha256, s.body_size, s.wire_sha256, s.wire_size, s.content_encoding, s.ip_address, s.protocol,
       s.damage, s.reading, s.problem, c.software
FROM snapshots s JOIN crawls c ON c.crawl_id = s.crawl_id WHERE s.snapshot_id = :id"""
# Found by what they tell, for which there is an index: duplicates tell the same story
# (storage/write/articles/current.py).
_DUPLICATES = """
SELECT a.article_id, a.edition, a.key, a.url, a.status, r.headline, r.published_at
FROM revisions r CROSS JOIN articles a
WHERE r.story_hash = :story AND a.article_id = r.article_id AND a.revision_id = r.revision_id AND a.article_id <> :id
  AND (a.duplicate_of = :id OR a.article_id = :original OR a.duplicate_of = :original)
ORDER BY a.article_id"""
_DUPLICATES_THEN = f"""
SELECT n.article_id, n.edition, n.key, n.url, n.status, n.headline, n.published_at
FROM ({NEWS_AS_OF}) n
WHERE n.article_id IN (SELECT article_id FROM revisions WHERE story_hash = :story) AND n.article_id <> :id
  AND (n.duplicate_of = :id OR n.article_id = :original OR n.duplicate_of = :original)
ORDER BY n.article_id"""  # noqa: S608 - our own columns
