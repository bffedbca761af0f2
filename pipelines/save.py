"""Saving what is new, and what went wrong."""

from __future__ import annotations

from crawler.records import Reading
from pipelines.station import Station
from storage.archive import Archive


class Save(Station):
    """Writes a reading's outcome in one transaction and tells the trip what went wrong. It decides nothing."""

    def process_item(self, item: Reading) -> Reading:
        """The reading, saved."""
        self.written(lambda: settle(self.run.archive, item))
        trip = self.run.trip(item.snapshot.edition)
        if item.outcome == "unrecognised":
            trip.unrecognised += 1
        elif item.outcome in {"failed", "unreadable"}:
            trip.failed += 1
        if item.problem is not None and item.outcome not in {"gone", "not-modified"}:
            trip.trouble.append(item.problem)
        return item


def settle(archive: Archive, reading: Reading) -> None:
    """Write what came of a visit. `reading.outcome` is set."""
    snapshot, now = reading.snapshot, reading.snapshot.fetched_at
    if reading.outcome == "article":
        archive.save(reading)
        return
    standing = archive.find(snapshot.edition, snapshot.key or "")
    if standing is None:  # asked for by nobody: nothing but the archive names articles
        raise LookupError(f"{snapshot.requested_url}: kept as a page of an unknown article {snapshot.key}")
    problem = reading.problem or str(reading.outcome)
    if reading.outcome == "gone":
        archive.gone(reading.snapshot_id, standing.article_id, snapshot.status, now)
    elif reading.outcome == "not-modified":
        archive.not_modified(reading.snapshot_id, standing.article_id, now)
    elif reading.outcome == "soft-404":
        archive.soft_404(reading.snapshot_id, standing.article_id, problem, now)
    elif reading.outcome == "unrecognised" or reading.outcome == "unreadable":
        archive.unreadable(reading.snapshot_id, standing.article_id, problem, now, reading.outcome)
    else:
        archive.failed(standing.article_id, problem, now, "error", reading.snapshot_id)
