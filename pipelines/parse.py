"""Reading a kept page."""

from __future__ import annotations

from crawler.reading import read
from crawler.records import Reading
from pipelines.station import Station


class Parse(Station):
    """Passes on the reading with its outcome. It writes nothing and drops nothing: also a page that nobody
    understands goes on, since that too is to be remembered.
    """

    def process_item(self, item: Reading) -> Reading:
        """The same reading, read."""
        return read(item, self.run.crawl(item.snapshot.edition).base_url)
