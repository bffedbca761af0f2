"""What is told of coverage when a crawl ends: by then the pages of most neighbours of its gaps were read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from crawler.sites import zone_of
from storage.write.coverage.days import tell_days
from storage.write.coverage.gaps import Gaps


def close(connection: Connection, edition: str, crawl_id: int, now: datetime) -> None:
    """Dates the gaps of an edition by what was read of their neighbours, and brings its days up to date."""
    zone = zone_of(edition)
    book = Gaps(connection, edition, crawl_id, zone, now)
    book.date_again(book.unfilled())
    tell_days(connection, edition, zone, now, book.touched)
