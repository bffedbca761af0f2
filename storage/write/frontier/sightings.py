"""What listing pages say of articles, remembered in the transaction that keeps the page.

A sighting row stands for one thing said (address, headline, time, order); seen again unchanged, only its last
visit moves on, so that a page looked at every five minutes does not grow the archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, bindparam, case, func, select

from crawler.dates import local_day, stored, utc_text
from crawler.listing.steps import Seen
from crawler.records import ListingEntry, UnknownEntry
from crawler.rules.decide import ask_again
from storage.db.rows import storable
from storage.db.schema import articles, revisions, sightings, snapshots, unknown_entries
from storage.db.statements import Prepared, insert_row


@dataclass(frozen=True, slots=True)
class ListingVisit:
    """The listing snapshot that shows the entries: its row, edition, time, and the site's time zone. `day` is the local
    day that the pages above it came down to, where they told.
    """

    snapshot_id: int
    edition: str
    now: datetime
    timezone: ZoneInfo
    day: date | None = None


@dataclass(frozen=True, slots=True)
class KnownEntry:
    """An article as the archive knows it when its entry is met."""

    article_id: int
    url: str
    status: str
    due_at: str | None
    published_at: str | None
    day: str | None


def remember(connection: Connection, visit: ListingVisit, entries: Sequence[ListingEntry]) -> tuple[Seen, ...]:
    """Store the sighting of every entry; articles met for the first time become pending and due at once.

    Returns the entries that are in order, as the walk sees them.
    """
    known = _known(connection, visit.edition, [entry.key for entry in entries])
    latest = _latest(connection, [article.article_id for article in known.values()])
    seen, day = [], visit.day or _day_of_the_first(entries, known, local_day(visit.now, visit.timezone))
    for entry in entries:
        article = known.get(entry.key)
        if article is None:
            known[entry.key] = article = _meet(connection, visit, entry, entry.day or day)
        _note(connection, visit, entry, article, latest.get(article.article_id))
        if entry.in_order:
            seen.append(Seen(entry.key, None, _day(entry, article, visit.timezone)))
            day = seen[-1].day or day
    return tuple(seen)


def days_of(entries: Sequence[ListingEntry], above: date | None) -> dict[str, date]:
    """Key -> local day, of entries whose day is known: where the page begins without one, that of the page `above`
    goes on.
    """
    first = next((number for number, entry in enumerate(entries) if entry.day is not None), len(entries))
    days = {entry.key: entry.day if number >= first else above for number, entry in enumerate(entries)}
    return {key: day for key, day in days.items() if day is not None}


def _day_of_the_first(entries: Sequence[ListingEntry], known: Mapping[str, KnownEntry], today: date) -> date | None:
    """The day of entries that stand above the first one with a day, where no page above tells: a later one than that.
    Where the page shows no day at all, it is that of an article which is known.
    """
    first = next((entry for entry in entries if entry.day is not None), None)
    if first is None or first.day is None:
        days = (known[entry.key].day for entry in entries if entry.in_order and entry.key in known)
        return next((date.fromisoformat(day) for day in days if day is not None), None)
    return first.day if first is entries[0] else max(first.day, min(first.day + timedelta(days=1), today))


def remember_unknown(connection: Connection, visit: ListingVisit, entries: Sequence[UnknownEntry]) -> None:
    """Store the entries of which no article could be made: they are counted as missing, and reported."""
    now = utc_text(visit.now)
    for entry in entries:
        day = entry.day or visit.day or local_day(visit.now, visit.timezone)
        url = storable(entry.url)
        seen = {"last_snapshot_id": visit.snapshot_id, "last_seen_at": now}
        this = (unknown_entries.c.edition == visit.edition) & (unknown_entries.c.url == url)
        if connection.execute(unknown_entries.update().where(this).values(seen)).rowcount:
            continue
        said = {"headline": storable(entry.headline), "printed_time": entry.printed_time, "day": day.isoformat()}
        first = {"edition": visit.edition, "url": url, "snapshot_id": visit.snapshot_id, "first_seen_at": now}
        connection.execute(unknown_entries.insert().values(first | said | seen))


_KNOWN = (
    select(
        articles.c.key,
        articles.c.article_id,
        articles.c.url,
        articles.c.status,
        articles.c.due_at,
        revisions.c.published_at,
        articles.c.day,
    )
    .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(articles.c.edition == bindparam("edition"), articles.c.key.in_(bindparam("keys", expanding=True)))
)


def _known(connection: Connection, edition: str, keys: list[str]) -> dict[str, KnownEntry]:
    rows = connection.execute(_KNOWN, {"edition": edition, "keys": keys})
    return {row.key: KnownEntry(*row[1:]) for row in rows}


def _latest(connection: Connection, ids: Iterable[int]) -> dict[int, Row[tuple[object, ...]]]:
    newest = (
        select(func.max(sightings.c.sighting_id))
        .where(sightings.c.article_id.in_(bindparam("ids", expanding=True)))
        .group_by(sightings.c.article_id)
    )
    rows = connection.execute(select(sightings).where(sightings.c.sighting_id.in_(newest)), {"ids": list(ids)})
    return {row.article_id: row for row in rows}


def _meet(connection: Connection, visit: ListingVisit, entry: ListingEntry, day: date | None) -> KnownEntry:
    """A new article. It stands under the day of the listing; where none is known, under the day on which it was met."""
    now, day = utc_text(visit.now), day or local_day(visit.now, visit.timezone)
    row = {"edition": visit.edition, "key": storable(entry.key), "url": storable(entry.url), "status": "pending"}
    ((article_id,),) = _MEET.all(
        connection, **row, first_seen_at=now, last_seen_at=now, due_at=now, day=day.isoformat()
    )
    return KnownEntry(int(article_id), entry.url, "pending", now, None, day.isoformat())


def _note(
    connection: Connection,
    visit: ListingVisit,
    entry: ListingEntry,
    article: KnownEntry,
    last: Row[tuple[object, ...]] | None,
) -> None:
    if last is not None and _says(entry) == tuple(getattr(last, name) for name in _SAID):
        _AGAIN.run(connection, id=last.sighting_id, snapshot=visit.snapshot_id, now=utc_text(visit.now))
    else:
        _ADD.run(connection, **_row(visit, entry, article))
    if _worth_a_visit(connection, visit, entry, article, None if last is None else last.headline):
        _CALL.run(connection, id=article.article_id, new_url=storable(entry.url), now=utc_text(visit.now))


# The day and the position are left out: they change with every page that the entry is pushed down to.
_SAID = ("url", "headline", "printed_time", "in_order")

_ARTICLE_COLUMNS = ("edition", "key", "url", "status", "first_seen_at", "last_seen_at", "due_at", "day")
_SIGHTING_COLUMNS = (
    "article_id", "snapshot_id", "last_snapshot_id", "page", "position", "in_order", "url", "headline", "printed_time",
    "day", "lead", "rubric", "first_seen_at", "last_seen_at",
)  # fmt: skip
_MEET = Prepared(insert_row(articles, *_ARTICLE_COLUMNS).returning(articles.c.article_id))
_ADD = Prepared(insert_row(sightings, *_SIGHTING_COLUMNS))
_AGAIN = Prepared(
    sightings.update()
    .where(sightings.c.sighting_id == bindparam("id"))
    .values(last_snapshot_id=bindparam("snapshot"), last_seen_at=bindparam("now"))
)
_CALL = Prepared(
    articles.update()
    .where(articles.c.article_id == bindparam("id"))
    .values(
        url=bindparam("new_url"),
        due_at=bindparam("now"),
        status=case((articles.c.status == "given-up", "pending"), else_=articles.c.status),
        attempts=0,
    )
)


def _says(entry: ListingEntry) -> tuple[object, ...]:
    printed_time = None if entry.printed_time is None else storable(entry.printed_time)
    return storable(entry.url), storable(entry.headline), printed_time, int(entry.in_order)


def _row(visit: ListingVisit, entry: ListingEntry, article: KnownEntry) -> dict[str, object]:
    return {
        "article_id": article.article_id,
        "snapshot_id": visit.snapshot_id,
        "last_snapshot_id": visit.snapshot_id,
        "page": entry.page,
        "position": entry.position,
        **dict(zip(_SAID, _says(entry), strict=True)),
        "day": None if entry.day is None else entry.day.isoformat(),
        "lead": None if entry.lead is None else storable(entry.lead),
        "rubric": entry.rubric,
        "first_seen_at": utc_text(visit.now),
        "last_seen_at": utc_text(visit.now),
    }


def _worth_a_visit(
    connection: Connection, visit: ListingVisit, entry: ListingEntry, article: KnownEntry, headline: object
) -> bool:
    """Whether the listing tells of something to fetch: a moved address, a changed headline, a return."""
    if entry.url != article.url or (headline is not None and headline != entry.headline):
        return True
    if article.status in {"gone", "given-up"} and (article.due_at is None or article.due_at > utc_text(visit.now)):
        return ask_again(_last_visit(connection, article.article_id, visit.now), visit.now)
    return False


def _last_visit(connection: Connection, article_id: int, now: datetime) -> datetime | None:
    of_it = (snapshots.c.article_id == article_id) & (snapshots.c.fetched_at <= utc_text(now))
    return stored(connection.scalar(select(func.max(snapshots.c.fetched_at)).where(of_it)))


def _day(entry: ListingEntry, article: KnownEntry, timezone: ZoneInfo) -> date | None:
    """The entry's local date: from its own page where that is archived, else from the day separator."""
    published = stored(article.published_at)
    return entry.day if published is None else local_day(published, timezone)
