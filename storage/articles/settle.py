"""What came of a visit, written: by the crawl and by an import alike."""

from __future__ import annotations

from crawler.records import Reading
from storage.archive import Archive


def settle(archive: Archive, reading: Reading) -> None:
    """Writes the outcome of a reading of a kept article page (`reading.outcome` is set), in one transaction.

    Raises LookupError for a page of an article that the archive does not know.
    """
    snapshot, now = reading.snapshot, reading.snapshot.fetched_at
    if reading.outcome == "article":
        archive.save(reading)
        return
    standing = archive.find(snapshot.edition, snapshot.key or "")
    if standing is None:
        raise LookupError(f"{snapshot.requested_url}: kept as a page of an unknown article {snapshot.key}")
    problem = reading.problem or str(reading.outcome)
    if reading.outcome == "gone":
        archive.gone(reading.snapshot_id, standing.article_id, snapshot.status, now)
    elif reading.outcome == "not-modified":
        archive.not_modified(reading.snapshot_id, standing.article_id, now)
    elif reading.outcome == "soft-404":
        archive.soft_404(reading.snapshot_id, standing.article_id, problem, now)
    elif reading.outcome in {"unrecognised", "unreadable"}:
        archive.unreadable(reading.snapshot_id, standing.article_id, problem, now, reading.outcome)
    else:
        archive.failed(standing.article_id, problem, now, "error", reading.snapshot_id)
