"""Pages that come to the archive after newer ones of the same article or listing, as imports bring them.

They are kept and read like all others, but they say how things were, not how they are: an article's current revision,
address, state and schedule stay what the newest page made them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, func, select, update

from crawler.dates import from_utc_text, utc_text
from crawler.matching.digests import content_hash
from crawler.records import Article, ListingEntry, Reading
from storage.db.rows import photo_row, revision_row, stamp, storable
from storage.db.schema import articles, revisions, snapshots
from storage.db.statements import Prepared
from storage.write.articles.current import add
from storage.write.articles.known import ever_said
from storage.write.articles.template_changes import tell
from storage.write.evidence.snapshots import Mark, mark
from storage.write.frontier import visits
from storage.write.frontier.absences import recounted
from storage.write.frontier.disappearances import settle_absence
from storage.write.frontier.sightings import ListingVisit, remember

Newer = Literal["none", "silent", "told"]

_NEWER = Prepared(
    select(
        func.count(snapshots.c.snapshot_id),
        select(articles.c.revision_id).where(articles.c.article_id == bindparam("this")).scalar_subquery(),
    ).where(
        snapshots.c.article_id == bindparam("this"),
        snapshots.c.reading.is_not(None),
        snapshots.c.fetched_at > bindparam("then"),
    )
)
_MARKS: dict[str, Mark] = {
    "not-modified": "not-modified",
    "gone": "gone",
    "soft-404": "soft-404",
    "unrecognised": "unrecognised",
    "unreadable": "unreadable",
}


def newer_pages(connection: Connection, article_id: int, fetched_at: str) -> Newer:
    """Whether newer pages of an article were read, and whether they told what it says (a 304 or 404 does not)."""
    newer, told = _NEWER.one(connection, this=article_id, then=fetched_at) or (0, None)
    if not newer:
        return "none"
    return "silent" if told is None else "told"


def catch_up(connection: Connection, article_id: int, fetched_at: str) -> None:
    """Tells an article once more what newer answers than its first page said: that it is there, or not.

    Of an article of which nothing but a 304 or 404 was known, an older page is the current revision.
    """
    newer = select(snapshots.c.snapshot_id, snapshots.c.fetched_at).where(
        snapshots.c.article_id == article_id,
        snapshots.c.reading == "not-modified",
        snapshots.c.fetched_at > fetched_at,
    )
    for row in connection.execute(newer.order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id)).all():
        visits.not_modified(connection, row.snapshot_id, article_id, from_utc_text(row.fetched_at))
    this = articles.c.article_id == article_id
    connection.execute(update(articles).where(this).values(recounted(connection, article_id)))
    settle_absence(connection, article_id)


def settle_late(connection: Connection, article_id: int, reading: Reading) -> None:
    """Notes what came of reading a late page. What it says is a revision unless some revision says the same already.

    Such a revision has the highest number without being the current one: `observed_at` tells where it belongs.
    """
    _seen_since(connection, articles.c.article_id == article_id, reading)
    if reading.article is None:
        why = _MARKS.get(str(reading.outcome), "error")
        problem = None if why in {"gone", "not-modified"} else storable(reading.problem or str(reading.outcome))
        mark(connection, reading.snapshot_id, why, problem=problem)
    elif ever_said(connection, article_id, reading.article):
        mark(connection, reading.snapshot_id, "unchanged", stamp=stamp(reading.article))
    else:
        mark(connection, reading.snapshot_id, "article", stamp=stamp(reading.article))
        _add(connection, article_id, reading, reading.article)


def remember_late(connection: Connection, visit: ListingVisit, entries: Sequence[ListingEntry]) -> None:
    """Takes from a late listing page the articles that were never heard of; what it says of others stays in it."""
    keys = [entry.key for entry in entries]
    ours = (articles.c.edition == visit.edition) & articles.c.key.in_(keys)
    known = set(connection.execute(select(articles.c.key).where(ours)).scalars())
    remember(connection, visit, [entry for entry in entries if entry.key not in known])
    now = utc_text(visit.now)
    connection.execute(update(articles).where(ours, articles.c.first_seen_at > now).values(first_seen_at=now))


def _seen_since(connection: Connection, which: Any, reading: Reading) -> None:  # noqa: ANN401 - an SQL condition
    then = utc_text(reading.snapshot.fetched_at)
    connection.execute(update(articles).where(which, articles.c.first_seen_at > then).values(first_seen_at=then))


def _add(connection: Connection, article_id: int, reading: Reading, article: Article) -> None:
    highest = select(func.coalesce(func.max(revisions.c.number), 0)).where(revisions.c.article_id == article_id)
    row = {
        **revision_row(article, None),
        "content_hash": content_hash(article),
        "article_id": article_id,
        "number": connection.execute(highest).scalar_one() + 1,
        "correction": 0,
        "observed_at": utc_text(reading.snapshot.fetched_at),
        "snapshot_id": reading.snapshot_id,
    }
    add(connection, row, (photo_row(photo, position) for position, photo in enumerate(article.photos)))
    tell(connection, article_id)
