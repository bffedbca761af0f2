"""Listing entries that lead to an address of unknown form, as long as the listing shows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from crawler.dates import from_utc_text
from storage.read.reader import Reader, Row
from storage.terminal.moments import stamp

CRAWLS: Final = 5
DAYS: Final = timedelta(days=2)  # which are read again three times a day, so that an entry further down is seen again


def unknown_lately(reader: Reader, edition: str) -> tuple[Row, ...]:
    """The entries that the latest crawls of the listing met, or those of the last two days before their end, whichever
    reach further back; newest first. Rows of `unknown_entries`.
    """
    last = list(reader.rows(_LAST, edition=edition, limit=CRAWLS))
    if not last:
        return ()
    newest = from_utc_text(max(row["finished_at"] or row["started_at"] for row in last))
    since = min(*(row["started_at"] for row in last), stamp(newest - DAYS))
    return tuple(reader.rows(_SEEN, edition=edition, since=since))


_LAST = """
SELECT started_at, finished_at FROM crawls WHERE edition = :edition AND listing_pages > 0
ORDER BY crawl_id DESC LIMIT :limit"""

_SEEN = """
SELECT entry_id, listing, url, headline, printed_time, day, snapshot_id, last_snapshot_id, first_seen_at, last_seen_at
FROM unknown_entries WHERE edition = :edition AND last_seen_at >= :since ORDER BY last_seen_at DESC, entry_id DESC"""
