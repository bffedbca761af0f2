"""Dropping what is already known."""

from __future__ import annotations

from scrapy.exceptions import DropItem

from crawler.records import Reading
from pipelines.station import Station


class Unchanged(DropItem):
    """The article says what its current revision says. The visit is noted."""


class Dedupe(Station):
    """Drops a reading that brings nothing new, noting the visit. It makes no revision."""

    def process_item(self, item: Reading) -> Reading:
        """The reading. Raises Unchanged."""
        archive, article = self.run.archive, item.article
        if article is not None and archive.knows(article):
            self.written(lambda: archive.save(item))
            raise Unchanged(item.snapshot.url)
        return item
