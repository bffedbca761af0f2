"""The look at the monitors that every run takes: at its end at all of them, at its beginning at what ended the last.

A process that is killed every time never comes to its end, so that is asked at the beginning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import update

from crawler.monitors.catalogue import examine, killed
from storage.db.schema import crawls
from storage.monitoring.facts import edition_facts, ran_lately, waiting
from storage.monitoring.health import ARCHIVE, look_at_archive
from storage.monitoring.incidents import IncidentChanges, note
from storage.read.reader import reader_of
from storage.write.archive import Archive


def before(archive: Archive, editions: Iterable[str], now: datetime) -> IncidentChanges:
    """Whether the crawls before those that have just begun came to their end. Raises ArchiveError."""
    noted = IncidentChanges()
    with archive.writing(alone=True) as connection:
        reader = reader_of(archive, connection)
        for edition in editions:
            noted += note(connection, edition, list(killed(ran_lately(reader, edition, now))), now)
    return noted


def after(archive: Archive, ended: Mapping[str, int], now: datetime) -> IncidentChanges:
    """All monitors, after the crawls `ended` (edition -> crawl_id). Raises ArchiveError."""
    noted = IncidentChanges()
    with archive.writing(alone=True) as connection:
        reader = reader_of(archive, connection)
        for edition, crawl_id in ended.items():
            this = crawls.c.crawl_id == crawl_id
            connection.execute(update(crawls).where(this).values(waiting=waiting(reader, edition)))
            facts = edition_facts(reader, edition)
            noted += note(connection, edition, [] if facts is None else examine(facts), now)
        noted += note(connection, ARCHIVE, look_at_archive(reader), now)
    return noted
