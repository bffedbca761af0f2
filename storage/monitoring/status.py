"""What an archive holds and what it waits for: the facts behind `dateline status`, apart from how they are shown."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawler.dates import utc_text
from crawler.monitors.catalogue import LOST
from crawler.rules import politeness
from storage.monitoring.health import of_archive, of_edition, stands_still
from storage.monitoring.stuck_runs import stuck
from storage.read.articles.agreement import ListingClaim, PageClaim, disagreements
from storage.read.coverage.extent import extent_of
from storage.read.coverage.gaps import GAPS, found_in, local_today, unknown_lately
from storage.read.reader import Reader, Row
from storage.read.zones import edition_row, zones_of

LAST_CRAWLS = 5  # per edition; the table `crawls` has them all
LATEST_SIGHTINGS = 5_000  # of all editions: those whose disagreements are counted

Allowed = tuple[datetime, timedelta]
"""The time now, and how long ago the last crawl may have ended: whether any should be running only its owner knows."""


@dataclass(frozen=True, slots=True)
class EditionStatus:
    """One edition. Times are UTC text; `published_first` and `_last` are of live and gone articles.

    `page_bytes` counts the decoded body of every visit, `wire_bytes` what came over the wire for it.
    `coverage` are the live intervals of the listing, `extent` says in words from when to when they are whole, `holes`
    what is missing between them and can still be had, `lost` what the listing no longer shows; `gaps` are the rows of
    both. `unknown_entries` are the entries of the latest listings that lead to an address of unknown form.
    `disagreements` counts articles among the latest sightings of which the listing said what no revision says.
    `waiting` are articles to be fetched (again) after a failure or never tried, `given_up` those no longer tried
    (`vanished` is 1 where the site's own answer, 404 or 410, settled it), `unrecognised` the pages that no parser
    reads. `health` is what the monitors find (storage/monitoring/health.py). Rows hold columns of the schema by name.
    `zone` is the edition's own, in which its times are shown.
    """

    edition: str
    live: int
    gone: int
    pending: int
    given_up_count: int
    published_first: str | None
    published_last: str | None
    revisions: int
    duplicates: int
    snapshots: int
    page_bytes: int
    wire_bytes: int
    unread: int
    disagreements: int
    crawls: tuple[Row, ...]
    coverage: tuple[Row, ...]
    extent: tuple[str, ...]
    holes: tuple[str, ...]
    lost: tuple[str, ...]
    gaps: tuple[Row, ...]
    unknown_entries: tuple[Row, ...]
    waiting: tuple[Row, ...]
    given_up: tuple[Row, ...]
    unrecognised: tuple[Row, ...]
    health: tuple[Row, ...]
    agency: str
    zone: ZoneInfo

    @property
    def abandoned(self) -> tuple[Row, ...]:
        """Given up without a final answer of the site: a person may still get them."""
        return tuple(article for article in self.given_up if not article["vanished"])

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody can mend something. What is lost for ever nobody can."""
        wrong = self.abandoned or self.unrecognised or self.holes or self.unknown_entries or troubles(self.health)
        return bool(wrong)


@dataclass(frozen=True, slots=True)
class Status:
    """The whole archive: `raw_bytes` is every distinct body decoded, `stored_bytes` what they take in the file.

    `head` is the newest manifest's row (`manifest_id`, `digest`, `sealed_at`), None where nothing is sealed yet.
    `stop_file` keeps crawls from asking: somebody wants that, so it is no trouble by itself.
    """

    archive: str
    bodies: int
    raw_bytes: int
    stored_bytes: int
    head: Row | None
    health: tuple[Row, ...]
    editions: tuple[EditionStatus, ...] = field(repr=False)
    stop_file: StopFile | None = None

    @property
    def needs_a_person(self) -> bool:
        return bool(troubles(self.health)) or any(edition.needs_a_person for edition in self.editions)

    def as_json(self) -> dict[str, Any]:
        """The shape that `dateline status --json` prints: the fields above, by name; `arguments` as an object,
        `zone` as the name ``timezone``.
        """
        document = asdict(self) | {"needs_a_person": self.needs_a_person}
        for edition in document["editions"]:
            edition["timezone"] = edition.pop("zone").key
        for crawl in itertools.chain.from_iterable(edition["crawls"] for edition in document["editions"]):
            crawl["arguments"] = json.loads(crawl["arguments"])
        return document


def troubles(health: Sequence[Row]) -> list[Row]:
    """The findings of monitors that somebody should look at; not what is lost, which nobody can mend."""
    return [finding for finding in health if finding["state"] == "trouble" and finding["monitor"] != LOST]


def status(reader: Reader, edition: str | None = None, allowed: Allowed | None = None) -> Status:
    """The state of the archive, of one edition or of all in order of their names. `allowed`: see there."""
    stored = reader.row(
        "SELECT COUNT(*) AS bodies, COALESCE(SUM(size), 0) AS raw_bytes, COALESCE(SUM(LENGTH(data)), 0) AS stored_bytes"
        " FROM bodies"
    )
    names = [
        row["edition"]
        for row in reader.rows("SELECT edition FROM articles UNION SELECT edition FROM crawls ORDER BY 1")
    ]
    wanted = [name for name in names if edition is None or name == edition]
    return Status(
        archive=reader.name,
        head=reader.row(_HEAD),
        health=of_archive(reader),
        editions=tuple(_edition(reader, name, allowed) for name in wanted),
        stop_file=stop_file(reader.name),
        **(stored or {}),
    )


def _edition(reader: Reader, edition: str, allowed: Allowed | None) -> EditionStatus:
    gaps, zones = tuple(reader.rows(GAPS, edition=edition)), zones_of(reader, edition)
    known = edition_row(reader, edition)
    found, today = found_in(gaps, zones.of(edition)), local_today(zones.of(edition))
    return EditionStatus(
        edition=edition,
        **_counts(reader, edition),
        disagreements=_disagreeing(reader, edition, zones.of(edition)),
        crawls=tuple(reader.rows(_CRAWLS, edition=edition, limit=LAST_CRAWLS)),
        coverage=tuple(reader.rows(_COVERAGE, edition=edition)),
        extent=tuple(extent_of(reader, edition, found).sentences(today)),
        holes=tuple(hole.words(today) for hole in found if not hole.lost),
        lost=tuple(f"{hole.words(today)}; {hole.history(today)}" for hole in found if hole.lost),
        gaps=gaps,
        unknown_entries=unknown_lately(reader, edition),
        waiting=tuple(reader.rows(_WAITING, edition=edition)),
        given_up=tuple(reader.rows(_GIVEN_UP, edition=edition)),
        unrecognised=tuple(reader.rows(_UNRECOGNISED, edition=edition)),
        health=of_edition(reader, edition)
        + stuck(reader, edition)
        + ((stands_still(reader, edition, *allowed),) if allowed else ()),
        agency=known["agency"] if known else edition,
        zone=zones.of(edition),
    )


def _counts(reader: Reader, edition: str) -> dict[str, Any]:
    counts: dict[str, Any] = {}
    for sql in (_ARTICLES, _REVISIONS, _SNAPSHOTS):
        counts |= reader.row(sql, edition=edition) or {}
    for name, order in (("published_first", ""), ("published_last", " DESC")):
        end = reader.row(f"{_PUBLISHED}{order} LIMIT 1", edition=edition) if counts["revisions"] else None
        counts[name] = end["published"] if end else None
    return counts


def _disagreeing(reader: Reader, edition: str, zone: ZoneInfo) -> int:
    """Articles of which a listing said what no revision says. SQL drops plain agreements, Python judges the rest."""
    doubtful = reader.rows(_DOUBTFUL, edition=edition, latest=LATEST_SIGHTINGS)
    found = set()
    for _, group in itertools.groupby(doubtful, key=lambda row: row["sighting_id"]):
        rows = list(group)
        said = ListingClaim(rows[0]["headline"], rows[0]["printed_time"], rows[0]["day"])
        if disagreements(said, [PageClaim(row["revision_headline"], row["published_at"]) for row in rows], zone):
            found.add(rows[0]["article_id"])
    return len(found)


_HEAD = "SELECT manifest_id, digest, sealed_at FROM manifests ORDER BY manifest_id DESC LIMIT 1"

_ARTICLES = """
SELECT COUNT(CASE WHEN status = 'live' THEN 1 END) AS live,
       COUNT(CASE WHEN status = 'gone' THEN 1 END) AS gone,
       COUNT(CASE WHEN status = 'pending' THEN 1 END) AS pending,
       COUNT(CASE WHEN status = 'given-up' THEN 1 END) AS given_up_count,
       COUNT(duplicate_of) AS duplicates
FROM articles WHERE edition = :edition"""

# From the end of an index, where the first row that is of the edition is the answer. CROSS: SQLite keeps to that order.
_PUBLISHED = """
SELECT r.published_at AS published
FROM revisions r CROSS JOIN articles a
WHERE a.article_id = r.article_id AND a.revision_id = r.revision_id AND a.edition = :edition
  AND r.published_at IS NOT NULL
ORDER BY r.published_at"""

_REVISIONS = """
SELECT COUNT(*) AS revisions
FROM revisions r JOIN articles a ON a.article_id = r.article_id
WHERE a.edition = :edition AND r.correction = 0"""

_SNAPSHOTS = """
SELECT COUNT(*) AS snapshots,
       COALESCE(SUM(body_size), 0) AS page_bytes,
       COALESCE(SUM(wire_size), 0) AS wire_bytes,
       COUNT(CASE WHEN reading IS NULL THEN 1 END) AS unread
FROM snapshots WHERE edition = :edition"""

_CRAWLS = """
SELECT crawl_id, arguments, started_at, finished_at, outcome, exit_code, message, listing_pages, article_pages,
       new_articles, new_revisions, unchanged, failed, gone, unrecognised
FROM crawls WHERE edition = :edition ORDER BY crawl_id DESC LIMIT :limit"""

_COVERAGE = """
SELECT walk_id, kind, goal, complete, ended, started_at, updated_at, top_key, bottom_key, bottom_page, bottom_day,
       pages, entries, swept_at, end_kind, read_at
FROM walks WHERE edition = :edition AND merged_into IS NULL AND kind <> 'apart' ORDER BY walk_id DESC"""

_FRONTIER = """
SELECT a.article_id, a.key, a.url, a.status, a.first_seen_at, a.due_at, a.attempts, a.last_error,
       CASE WHEN a.last_error IN ('HTTP status 404', 'HTTP status 410') THEN 1 ELSE 0 END AS vanished,
       (SELECT s.headline FROM sightings s WHERE s.article_id = a.article_id ORDER BY s.sighting_id DESC LIMIT 1)
       AS headline
FROM articles a WHERE a.edition = :edition AND """

# Each by its own partial index, which is small.
_WAITING = (
    f"{_FRONTIER} a.status = 'pending' UNION ALL {_FRONTIER} a.attempts > 0 AND a.article_id > 0 "
    "AND a.status <> 'pending' AND a.due_at IS NOT NULL ORDER BY due_at, article_id"
)

_GIVEN_UP = _FRONTIER + "a.status = 'given-up' ORDER BY a.article_id"

_UNRECOGNISED = """
SELECT snapshot_id, kind, article_id, url, fetched_at, reading, problem
FROM snapshots
WHERE edition = :edition AND kind IN ('article', 'listing') AND reading IN ('unrecognised', 'unreadable')
ORDER BY snapshot_id"""

# Sightings for which no revision repeats the headline and the printed time to the letter on the same day.
_DOUBTFUL = """
SELECT s.sighting_id, s.article_id, s.headline, s.printed_time, s.day, r.headline AS revision_headline, r.published_at
FROM sightings s CROSS JOIN articles a CROSS JOIN revisions r
WHERE a.article_id = s.article_id AND r.article_id = s.article_id
  AND s.sighting_id > (SELECT COALESCE(MAX(sighting_id), 0) FROM sightings) - :latest
  AND a.edition = :edition AND NOT EXISTS (
    SELECT 1 FROM revisions same
    WHERE same.article_id = s.article_id AND same.headline = s.headline
      AND (s.printed_time IS NULL OR same.published_printed LIKE '%' || s.printed_time || '%')
      AND (s.day IS NULL OR same.published_day = s.day)
)
ORDER BY s.sighting_id"""


# Whether a stop file keeps the crawls of an archive from asking: they leave it alone then, and say nothing of it.


@dataclass(frozen=True, slots=True)
class StopFile:
    """A stop file: its path, and when it was last written, as UTC text."""

    path: str
    since: str


def stop_file(archive: str) -> StopFile | None:
    """The stop file in the working directory, or else beside the archive, where crawls are started; None without one.

    A path that a crawl was given with ``-s STOP_FILE=`` alone is not known here.
    """
    name = politeness.stop_file(os.environ)
    for path in (Path(name), Path(archive).parent / name) if name else ():
        with suppress(OSError, ValueError):
            return StopFile(str(path), utc_text(datetime.fromtimestamp(path.stat().st_mtime, UTC)))
    return None
