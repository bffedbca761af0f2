"""What came of a visit, written: by the crawl and by an import alike."""

from __future__ import annotations

from crawler.records import Reading
from storage.write.archive import Archive
from storage.write.frontier.visits import Saved


def settle(archive: Archive, reading: Reading) -> Saved:
    """Writes the outcome of a reading of a kept article page (`reading.outcome` is set), in one transaction.

    Raises LookupError for a page of an article that the archive does not know.
    """
    snapshot, now = reading.snapshot, reading.snapshot.fetched_at
    if reading.outcome == "article":
        return archive.save(reading)
    standing = archive.find(snapshot.edition, snapshot.key or "")
    if standing is None:
        raise LookupError(f"{snapshot.requested_url}: kept as a page of an unknown article {snapshot.key}")
    problem = reading.problem or str(reading.outcome)
    if reading.outcome == "gone":
        return archive.gone(reading.snapshot_id, standing.article_id, snapshot.status, now)
    if reading.outcome == "not-modified":
        return archive.not_modified(reading.snapshot_id, standing.article_id, now)
    if reading.outcome == "soft-404":
        return archive.soft_404(reading.snapshot_id, standing.article_id, problem, now)
    if reading.outcome in {"unrecognised", "unreadable"}:
        return archive.unreadable(reading.snapshot_id, standing.article_id, problem, now, reading.outcome)
    return archive.failed(standing.article_id, problem, now, "error", reading.snapshot_id)
