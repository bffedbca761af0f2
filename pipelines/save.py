"""Saving what is new, and what went wrong."""

from __future__ import annotations

from crawler.records import Reading
from crawler.rules.absences import ABSENT
from crawler.rules.decide import REDIRECTS
from pipelines.station import Station
from storage.write.outcomes import settle


class Save(Station):
    """Writes a reading's outcome in one transaction and tells the crawl what went wrong. It decides nothing."""

    def process_item(self, item: Reading) -> Reading:
        """The reading, saved."""
        saved = self.written(lambda: settle(self.run.archive, item))
        crawl = self.run.crawl(item.snapshot.edition)
        if saved.outcome in ABSENT:
            crawl.absent += 1
        if item.outcome == "unrecognised":
            crawl.unrecognised += 1
        elif item.snapshot_id in crawl.inherited:  # the failure of a run that was killed: its article is due again
            return item
        elif item.outcome in {"failed", "unreadable"} or item.snapshot.status in REDIRECTS:
            crawl.failed += 1
        if item.problem is not None and item.outcome not in {"gone", "not-modified"}:
            url = item.snapshot.url
            crawl.trouble.append(item.problem if url in item.problem else f"{item.problem} ({url})")
        return item
