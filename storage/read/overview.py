"""What an archive holds, at a glance: the facts of the reading room's front page.

Each is asked for by an index, so that none of them takes longer in a larger archive. `dateline status` says more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from storage.read.coverage.gaps import holes_of, local_today, unknown_lately
from storage.read.reader import Reader, Row
from storage.read.zones import zones_of


@dataclass(frozen=True, slots=True)
class EditionView:
    """One edition: articles by their status, its last crawl (None before the first), and what needs a person.

    `holes` says in words what is missing from the coverage of the listing, `lost` what is out of its reach for ever,
    `unknown` how many entries of the latest listings lead to an address of unknown form; `given_up` are articles no
    longer tried, `unrecognised` pages that no parser reads. `rows` of the tables hold columns by name.
    """

    edition: str
    live: int
    gone: int
    waiting: int
    given_up: int
    unrecognised: int
    holes: tuple[str, ...]
    lost: tuple[str, ...]
    unknown: int
    crawl: Row | None = field(repr=False)

    @property
    def articles(self) -> int:
        return self.live + self.gone

    @property
    def troubled(self) -> bool:
        """Whether a person should look. A crawl that has not ended yet is no trouble."""
        ended_badly = self.crawl is not None and self.crawl["outcome"] not in {None, "complete"}
        return bool(self.holes or self.unknown or self.given_up or self.unrecognised or ended_badly)


@dataclass(frozen=True, slots=True)
class Overview:
    """The archive: its editions, when its articles were `first` and `last` published (the site's own days, None without
    any), and the newest of what happened. Rows of `latest` and `vanished` are of the view `news`, those of `changes`
    revisions, those of `incidents` what the monitors found and what still lasts.
    """

    editions: tuple[EditionView, ...]
    first: date | None
    last: date | None
    incidents: tuple[Row, ...] = field(repr=False)
    latest: tuple[Row, ...] = field(repr=False)
    changes: tuple[Row, ...] = field(repr=False)
    vanished: tuple[Row, ...] = field(repr=False)

    @property
    def articles(self) -> int:
        return sum(edition.articles for edition in self.editions)


def overview(reader: Reader, *, latest: int = 12, recent: int = 6) -> Overview:
    """The archive at a glance, with so many of the `latest` articles and so many `recent` changes and losses."""
    return Overview(
        editions=tuple(_editions(reader)),
        first=_end(reader, ""),
        last=_end(reader, " DESC"),
        incidents=tuple(reader.rows(_INCIDENTS)),
        latest=tuple(reader.rows(_LATEST, limit=latest)),
        changes=tuple(reader.rows(_CHANGES, limit=recent)),
        vanished=tuple(reader.rows(_VANISHED, limit=recent)),
    )


def _end(reader: Reader, order: str) -> date | None:
    row = reader.row(f"{_END}{order} LIMIT 1")
    return date.fromisoformat(row["day"]) if row and row["day"] else None


def _editions(reader: Reader) -> list[EditionView]:
    statuses: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in reader.rows(_STATUSES):
        statuses[row["edition"]][row["status"]] = row["articles"]
    crawls = {row["edition"]: row for row in reader.rows(_LAST_CRAWLS)}
    names = sorted({*statuses, *crawls})
    return [_edition(reader, name, statuses[name], crawls.get(name)) for name in names]


def _edition(reader: Reader, edition: str, statuses: Mapping[str, int], crawl: Row | None) -> EditionView:
    found, today = holes_of(reader, edition), local_today(zones_of(reader, edition).of(edition))
    (riddles,) = reader.rows(_RIDDLES, edition=edition)
    return EditionView(
        edition=edition,
        live=statuses.get("live", 0),
        gone=statuses.get("gone", 0),
        waiting=statuses.get("pending", 0),
        given_up=statuses.get("given-up", 0),
        unrecognised=riddles["pages"],
        holes=tuple(hole.words(today) for hole in found if not hole.lost),
        lost=tuple(f"{hole.words(today)}; {hole.history(today)}" for hole in found if hole.lost),
        unknown=len(unknown_lately(reader, edition)),
        crawl=crawl,
    )


_STATUSES = "SELECT edition, status, COUNT(*) AS articles FROM articles GROUP BY edition, status"

_LAST_CRAWLS = """
SELECT crawl_id, edition, started_at, finished_at, outcome, exit_code, message, new_articles
FROM crawls WHERE crawl_id IN (SELECT MAX(crawl_id) FROM crawls GROUP BY edition)"""

_RIDDLES = """
SELECT COUNT(*) AS pages FROM snapshots
WHERE edition = :edition AND kind IN ('article', 'listing') AND reading IN ('unrecognised', 'unreadable')"""

_INCIDENTS = """
SELECT edition, monitor, subject, measured, normal, advice, began_at FROM incidents WHERE over_at IS NULL
ORDER BY began_at DESC, incident_id DESC LIMIT 20"""

_END = "SELECT published_day AS day FROM revisions WHERE published_at IS NOT NULL ORDER BY published_at"

# By way of the index on published_at; the view alone would be sorted whole.
_LATEST = """
SELECT n.article_id, n.edition, n.key, n.headline, n.published_at, n.rubric, n.lead, n.language, n.status,
       n.revision_count, n.photo_caption
FROM revisions r CROSS JOIN articles a ON a.article_id = r.article_id CROSS JOIN news n ON n.article_id = a.article_id
WHERE a.revision_id = r.revision_id AND r.published_at IS NOT NULL
ORDER BY r.published_at DESC LIMIT :limit"""

_CHANGES = """
SELECT a.edition, a.key, a.status, r.number, r.observed_at, r.headline, r.language,
       (SELECT b.headline FROM revisions b WHERE b.article_id = r.article_id AND b.number = r.number - 1
        ORDER BY b.correction DESC LIMIT 1) AS headline_before
FROM revisions r JOIN articles a ON a.article_id = r.article_id
WHERE r.number > 1 AND r.correction = 0 AND r.cause IS NULL
ORDER BY r.observed_at DESC LIMIT :limit"""

_VANISHED = """
SELECT n.edition, n.key, n.headline, n.language, n.published_at, n.gone_at, n.rubric
FROM articles a CROSS JOIN news n ON n.article_id = a.article_id
WHERE a.gone_at IS NOT NULL
ORDER BY a.gone_at DESC LIMIT :limit"""
