"""Keep before parse: whatever came is in the archive before anybody tries to understand it."""

from __future__ import annotations

from crawler.records import Reading, Snapshot
from pipelines.station import Station


class Keep(Station):
    """Stores a snapshot with its body and passes on a `Reading` of it. It parses nothing and drops nothing."""

    def process_item(self, item: Snapshot | Reading) -> Reading:
        """A snapshot becomes a reading; a reading (of a page that an earlier run kept) passes."""
        if isinstance(item, Reading):
            return item
        archive, crawl_id = self.run.archive, self.run.crawl(item.edition).crawl_id
        known = archive.find(item.edition, item.key or "")
        article_id = None if known is None else known.article_id
        return Reading(item, self.written(lambda: archive.keep(item, crawl_id, article_id)))
