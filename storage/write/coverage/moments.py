"""When stories came out, by what the archive knows of them: their own pages, else the lines of listings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from sqlalchemy import Connection, bindparam, select

from crawler.dates import utc_text
from storage.db.schema import articles, members, revisions, sightings

_CLOCK: Final = re.compile(r"(?<![0-9:])([01]?[0-9]|2[0-3]):([0-5][0-9])(?![0-9:])", re.ASCII)

_PUBLISHED: Final = (
    select(articles.c.key, articles.c.article_id, revisions.c.published_at)
    .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(articles.c.edition == bindparam("of_edition"), articles.c.key.in_(bindparam("keys", expanding=True)))
)
_PRINTED: Final = (
    select(sightings.c.day, sightings.c.printed_time)
    .where(sightings.c.article_id == bindparam("this"))
    .order_by(sightings.c.sighting_id)
    .limit(1)
)
_LISTED: Final = (
    select(members.c.day).where(members.c.article_id == bindparam("this"), members.c.day.is_not(None)).limit(1)
)


def moments(connection: Connection, edition: str, keys: Sequence[str], zone: tzinfo) -> dict[str, str]:
    """Key -> UTC text of when the story came out. A key of which no time is known is left out."""
    if not keys:
        return {}
    found = {}
    for row in connection.execute(_PUBLISHED, {"of_edition": edition, "keys": list(keys)}).all():
        moment = row.published_at or _printed(connection, row.article_id, zone)
        if moment is not None:
            found[row.key] = moment
    return found


def _printed(connection: Connection, article_id: int, zone: tzinfo) -> str | None:
    """The time that the listing printed; without a clock time the beginning of the day. None where it told no day."""
    line = connection.execute(_PRINTED, {"this": article_id}).one_or_none()
    day = None if line is None else line.day or connection.execute(_LISTED, {"this": article_id}).scalar()
    if line is None or day is None:
        return None
    clock = _CLOCK.search(line.printed_time or "")
    at = time(int(clock[1]), int(clock[2])) if clock else time.min
    return utc_text(datetime.combine(date.fromisoformat(day), at, zone).astimezone(UTC))
