"""The facts that the monitors judge, read from the ledger and the articles. Every query ends after the newest rows."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from crawler.dates import from_utc_text, local_day, past, stored
from crawler.listing.coverage import in_words
from crawler.monitors.catalogue import KILLED_OF, READ, RIDDLES_BACK, UNREADABLE, WALL
from crawler.monitors.completeness import FIELDS
from crawler.monitors.health import CrawlRecord, Disk, EditionFacts, FieldsRead
from crawler.monitors.rhythm import MEMORY
from storage.monitoring.template_changes import dresses
from storage.read.coverage.gaps import holes_of
from storage.read.reader import Reader, Row
from storage.read.walls import standing_walls, undecided
from storage.read.zones import zones_of
from storage.terminal.moments import stamp

CRAWLS: Final = 300  # a day of one every five minutes
READINGS: Final = 1000
ARTICLES: Final = 500
APPEARED: Final = 5000
LATE: Final = timedelta(days=7)
"""An article met so long after its publication tells of the past, not of the site's pages today."""

WEEK: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)

_FIELD_ERROR: Final = re.compile(r"(?P<era>\S{1,100}/\S{1,100}): (?P<field>[a-z_]{1,40}): ")
_ADDRESS: Final = re.compile(r" \(\S{1,2100}\)$")
_NAMES: Final = {"paragraphs": "body"}  # fields of a record that the archive calls otherwise


def edition_facts(reader: Reader, edition: str) -> EditionFacts | None:
    """The facts about an edition at the end of its last crawl; None where it was never crawled."""
    crawls = _crawls(reader, edition)
    if not crawls:
        return None
    now, zone = _now(crawls), zones_of(reader, edition).of(edition)
    found = reader.rows(_RIDDLES, edition=edition, since=stamp(now - RIDDLES_BACK))
    riddles = [row for row in found if past(row["fetched_at"], now) is not None]
    pages = list(reader.rows(_PAGES, edition=edition, limit=ARTICLES))
    complete = reader.row(_COMPLETE, edition=edition)
    return EditionFacts(
        edition=edition,
        now=now,
        timezone=zone,
        crawls=crawls,
        complete_at=past(complete["finished_at"], now) if complete else None,
        appeared=tuple(_appeared(reader, edition, now, pages)),
        readings=_readings(reader, edition),
        riddles=tuple(from_utc_text(row["fetched_at"]) for row in riddles),
        riddle=_commonest(riddles),
        told=_told(pages, riddles),
        holes=_open_holes(reader, edition, now),
        waiting=waiting(reader, edition),
        lost=tuple(_lost(reader, edition, crawls[0], now)),
        unknown=tuple(row["url"] for row in reader.rows(_UNKNOWN, edition=edition, since=stamp(now - DAY))),
        **_absences(reader, edition),
        dresses=tuple(dresses(reader, edition, now)),
    )


def _open_holes(reader: Reader, edition: str, now: datetime) -> tuple[str, ...]:
    found = [hole for hole in holes_of(reader, edition) if not hole.lost]
    return tuple(hole.words(local_day(now, hole.zone)) for hole in found)


def _absences(reader: Reader, edition: str) -> dict[str, Any]:
    absent = undecided(reader, edition)
    began = reader.row(_WALL_BEGAN, edition=edition, monitor=WALL)
    behind = 0 if began is None else sum(one.since <= from_utc_text(began["began_at"]) for one in absent)
    return {"walls": standing_walls(reader, edition, absent), "behind": behind}


def _now(crawls: tuple[CrawlRecord, ...]) -> datetime:
    """The end of the last crawl. One further back may seem to be later, by a clock that was ahead; an import, whose
    crawls are older than their place in the ledger, is never the last.
    """
    lived = next((at for at, crawl in enumerate(crawls) if crawl.waiting is not None), len(crawls) - 1)
    return max(crawl.finished_at or crawl.started_at for crawl in crawls[: lived + 1])


def ran_lately(reader: Reader, edition: str, now: datetime) -> EditionFacts:
    """Its latest crawls alone: what there is to ask when a crawl begins."""
    return EditionFacts(edition, now, zones_of(reader, edition).of(edition), _crawls(reader, edition, KILLED_OF + 1))


def _lost(reader: Reader, edition: str, crawl: CrawlRecord, now: datetime) -> Iterator[str]:
    """What the last crawl found to be lost, in words."""
    zone = zones_of(reader, edition).of(edition)
    for row in reader.rows(_LOST, edition=edition, since=stamp(crawl.started_at)):
        start, end = (None if row[name] is None else from_utc_text(row[name]) for name in ("from_time", "to_time"))
        yield in_words(start, end, zone, local_day(now, zone))


def waiting(reader: Reader, edition: str) -> int:
    """How many articles are to be tried again after a failure."""
    row = reader.row(_WAITING, edition=edition)
    return int(row["waiting"]) if row else 0


def _crawls(reader: Reader, edition: str, limit: int = CRAWLS) -> tuple[CrawlRecord, ...]:
    rows = reader.rows(_CRAWLS, edition=edition, limit=limit)
    return tuple(_ran(row) for row in rows if stored(row["started_at"]) is not None)


def disk(reader: Reader) -> Disk | None:
    """Room and growth; None for a server, whose disk is not ours to see."""
    path = Path(reader.name)
    if reader.dialect != "sqlite" or not path.is_file():
        return None
    size = path.stat().st_size
    return Disk(shutil.disk_usage(path.parent).free, size, _daily(reader, size))


def _daily(reader: Reader, size: int) -> float:
    """Bytes a day: the size, by the share of the visits that were made in the last week."""
    ends = reader.row(_ENDS)
    if ends is None or ends["last"] is None:
        return 0.0
    first, last = (from_utc_text(_fetched(reader, ends[name])) for name in ("first", "last"))
    days = min(max((last - first) / timedelta(days=1), 1.0), WEEK / timedelta(days=1))
    visits = ends["last"] - _first_since(reader, ends["first"], ends["last"], stamp(last - WEEK)) + 1
    return float(size * visits / ends["last"] / days)


def _first_since(reader: Reader, low: int, high: int, since: str) -> int:
    """The first visit since a time, found by halving: visits are numbered as they come."""
    while low < high:
        middle = (low + high) // 2
        if _fetched(reader, middle) < since:
            low = middle + 1
        else:
            high = middle
    return low


def _fetched(reader: Reader, snapshot_id: int) -> str:
    row = reader.row(_FETCHED, snapshot_id=snapshot_id)
    return row["fetched_at"] if row else ""


def _ran(row: Row) -> CrawlRecord:
    waiting, pages = (row[name] if isinstance(row[name], int) else None for name in ("waiting", "listing_pages"))
    return CrawlRecord(
        row["crawl_id"],
        from_utc_text(row["started_at"]),
        stored(row["finished_at"]),
        row["outcome"],
        waiting,
        pages or 0,
    )


def _readings(reader: Reader, edition: str) -> tuple[str, ...]:
    found = [
        (row["snapshot_id"], reading)
        for reading in sorted(READ | UNREADABLE)
        for row in reader.rows(_READ_SO, edition=edition, reading=reading, limit=READINGS)
    ]
    return tuple(reading for _, reading in sorted(found, reverse=True)[:READINGS])


def _appeared(reader: Reader, edition: str, now: datetime, pages: list[Row]) -> Iterator[datetime]:
    """When articles came out; when they were first seen, where their pages do not say or say a time to come."""
    since = stamp(now - MEMORY)
    for row in reader.rows(_APPEARED, edition=edition, since=since, limit=APPEARED):
        yield from _moment(min(row["published_at"], row["first_seen_at"]), now)
    for row in pages:
        if row["published_at"] is None and row["first_seen_at"] >= since:
            yield from _moment(row["first_seen_at"], now)
    for row in reader.rows(_PENDING, edition=edition):
        yield from _moment(row["first_seen_at"], now)


def _moment(text: str, now: datetime) -> Iterator[datetime]:
    """A stored time, as now where it is still to come; nothing for what is no time."""
    moment = stored(text)
    if moment is not None:
        yield min(moment, now)


def _told(pages: list[Row], riddles: list[Row]) -> tuple[FieldsRead, ...]:
    """In the order in which it came out: a walk goes back in time, and meets the layouts of a site in reverse."""
    found = [(_came_out(row), row["snapshot_id"], _page_told(row)) for row in pages if _is_news(row)]
    errors = ((row, _error_told(row)) for row in riddles)
    found += [(row["fetched_at"], row["snapshot_id"], told) for row, told in errors if told is not None]
    return tuple(told for *_, told in sorted(found, key=lambda one: one[:2], reverse=True)[:ARTICLES])


def _is_news(row: Row) -> bool:
    """The listing says how old a page without a date is."""
    published = row["published_at"] or (f"{row['listed']}T23:59:59Z" if row["listed"] else row["observed_at"])
    return from_utc_text(published) >= from_utc_text(row["observed_at"]) - LATE


def _came_out(row: Row) -> str:
    """When the wording came out: of a first one that is its article's time, unless that is still to come."""
    observed: str = row["observed_at"]
    return min(row["published_at"] or observed, observed) if row["number"] == 1 else observed


def _page_told(row: Row) -> FieldsRead:
    says = FIELDS if row["has_photos"] else [name for name in FIELDS if name != "photo_caption"]
    filled = frozenset(name for name in says if row[f"has_{name}"])
    return FieldsRead(row["parser"], filled, frozenset(says) - filled)


def _error_told(row: Row) -> FieldsRead | None:
    """A page whose era is known, but a field without which there is no article could not be read."""
    match = _FIELD_ERROR.match(row["problem"] or "")
    if match is None or row["kind"] != "article":
        return None
    return FieldsRead(match["era"], frozenset(), frozenset({_NAMES.get(match["field"], match["field"])}))


def _commonest(riddles: list[Row]) -> str | None:
    """The reason that most of the pages of the last day share, without their addresses."""
    reasons = Counter(_ADDRESS.sub("", row["problem"] or row["reading"]) for row in riddles[:ARTICLES])
    return next((reason for reason, _ in reasons.most_common(1)), None)


# Written so that SQLite sees which index is the short one: `article_id > 0` is always true, CROSS keeps the order.

_CRAWLS = """
SELECT crawl_id, started_at, finished_at, outcome, waiting, listing_pages
FROM crawls WHERE edition = :edition ORDER BY crawl_id DESC LIMIT :limit"""

_COMPLETE = """
SELECT finished_at FROM crawls
WHERE edition = :edition AND outcome = 'complete' AND listing_pages > 0 ORDER BY crawl_id DESC LIMIT 1"""

_WAITING = """
SELECT COUNT(*) AS waiting FROM articles
WHERE edition = :edition AND attempts > 0 AND article_id > 0 AND due_at IS NOT NULL"""

_WALL_BEGAN = """
SELECT began_at FROM incidents WHERE edition = :edition AND monitor = :monitor AND over_at IS NULL"""

_READ_SO = """
SELECT snapshot_id FROM snapshots
WHERE edition = :edition AND kind = 'article' AND reading = :reading ORDER BY snapshot_id DESC LIMIT :limit"""

_LOST = """
SELECT from_time, to_time FROM gaps
WHERE edition = :edition AND state = 'lost' AND lost_at >= :since ORDER BY loss_id"""

_UNKNOWN = """
SELECT url FROM unknown_entries WHERE edition = :edition AND last_seen_at >= :since ORDER BY entry_id LIMIT 100"""

_RIDDLES = """
SELECT snapshot_id, kind, reading, problem, fetched_at FROM snapshots
WHERE edition = :edition AND kind IN ('article', 'listing') AND reading IN ('unrecognised', 'unreadable')
  AND fetched_at > :since
ORDER BY snapshot_id DESC"""

_APPEARED = """
SELECT r.published_at, a.first_seen_at
FROM revisions r CROSS JOIN articles a
WHERE a.article_id = r.article_id AND a.revision_id = r.revision_id AND a.edition = :edition
  AND r.published_at >= :since
ORDER BY r.published_at DESC LIMIT :limit"""

_PENDING = """
SELECT first_seen_at FROM articles
WHERE edition = :edition AND status = 'pending' ORDER BY article_id DESC LIMIT 1"""

_PAGES = """
SELECT s.snapshot_id, a.first_seen_at, r.number, r.parser, r.observed_at, r.published_at,
       CASE WHEN r.published_at IS NULL THEN (SELECT MAX(day) FROM sightings l WHERE l.article_id = r.article_id) END
            AS listed,
       CASE WHEN r.headline <> '' THEN 1 ELSE 0 END AS has_headline,
       CASE WHEN r.published_at IS NOT NULL THEN 1 ELSE 0 END AS has_published_at,
       CASE WHEN r.lead IS NOT NULL THEN 1 ELSE 0 END AS has_lead,
       CASE WHEN r.body <> '' THEN 1 ELSE 0 END AS has_body,
       CASE WHEN r.rubric_label IS NOT NULL THEN 1 ELSE 0 END AS has_rubric_label,
       CASE WHEN r.tags <> '[]' THEN 1 ELSE 0 END AS has_tags,
       CASE WHEN r.author IS NOT NULL THEN 1 ELSE 0 END AS has_author,
       CASE WHEN r.dateline IS NOT NULL THEN 1 ELSE 0 END AS has_dateline,
       CASE WHEN EXISTS (SELECT 1 FROM photos p WHERE p.revision_id = r.revision_id) THEN 1 ELSE 0 END AS has_photos,
       CASE WHEN EXISTS (SELECT 1 FROM photos p WHERE p.revision_id = r.revision_id AND p.caption IS NOT NULL)
            THEN 1 ELSE 0 END AS has_photo_caption
FROM snapshots s
JOIN articles a ON a.article_id = s.article_id
JOIN revisions r ON r.article_id = s.article_id AND r.snapshot_id = s.snapshot_id
WHERE s.edition = :edition AND s.kind = 'article' AND s.reading = 'article'
  AND NOT EXISTS (SELECT 1 FROM revisions better WHERE better.article_id = r.article_id AND better.number = r.number
                  AND better.correction > r.correction)
ORDER BY s.snapshot_id DESC LIMIT :limit"""

_ENDS = """
SELECT (SELECT MIN(snapshot_id) FROM snapshots) AS first, (SELECT MAX(snapshot_id) FROM snapshots) AS last"""

_FETCHED = "SELECT fetched_at FROM snapshots WHERE snapshot_id >= :snapshot_id ORDER BY snapshot_id LIMIT 1"
