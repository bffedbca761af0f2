"""What the archive knows of its editions: a row of `editions` for each, so that it can be read without their sites."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select, update

from crawler.sites import registry
from storage.db.schema import articles, crawls, editions
from storage.read.reader import reader_within
from storage.read.zones import zones_of


def note(connection: Connection, edition: str) -> bool:
    """Writes down how the site describes an edition today; nothing where the site is not installed.

    Returns whether its zone was another one until now.
    """
    found = registry().find(edition)
    if found is None:
        return False
    site = registry().site_of(edition).name
    row = {
        "site": site,
        "agency": found.agency or site,
        "host": found.host,
        "timezone": found.timezone.key,
        "language": found.language,
    }
    known = connection.execute(_KNOWN, {"of_edition": edition}).mappings().one_or_none()
    if known is None:
        connection.execute(insert(editions).values(edition=edition, **row))
    elif any(known[name] != value for name, value in row.items()):
        connection.execute(_RENEW.values(row), {"of_edition": edition})
    return known is not None and known["timezone"] != row["timezone"]


def note_all(connection: Connection) -> list[str]:
    """The same for every edition that there is anything of; returns those whose zone was another one."""
    there = select(articles.c.edition).union(select(crawls.c.edition))
    return [edition for edition in sorted(connection.execute(there).scalars()) if note(connection, edition)]


def zone_in(connection: Connection, edition: str) -> ZoneInfo:
    """The zone by which the archive counts the days of an edition."""
    return zones_of(reader_within(connection), edition).of(edition)


_KNOWN = select(editions).where(editions.c.edition == bindparam("of_edition"))
_RENEW = update(editions).where(editions.c.edition == bindparam("of_edition"))
