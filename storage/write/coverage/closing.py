"""What is told of coverage when a crawl ends: by then the pages of most neighbours of its gaps were read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from storage.write.coverage.days import holes, tell_days
from storage.write.coverage.pieces import Pieces
from storage.write.evidence.editions import zone_in


def close(connection: Connection, edition: str, crawl_id: int, now: datetime) -> None:
    """Dates the gaps of an edition by what was read of their neighbours, and brings its days up to date."""
    zone = zone_in(connection, edition)
    book = Pieces(connection, edition, crawl_id, zone, now)
    book.date_again()
    tell_days(connection, edition, zone, now, [*book.gaps.touched, *holes(connection, edition, zone)])
