"""The least that a crawl of the agency can be: its listing pages, its articles, and nothing kept of them."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy import Request, Spider
from scrapy.http import Response, TextResponse


class BareSpider(Spider):
    """`scrapy runspider` it with ``-a base_url=ADDRESS -a pages=N``."""

    name = "bare"

    def __init__(self, base_url: str, pages: str, name: str | None = None) -> None:
        super().__init__(name)
        listings = ["/all_news/", *(f"/all_news/page/{page}/" for page in range(2, int(pages) + 1))]
        self.start_urls = [f"{base_url}{path}" for path in listings]

    def parse(self, response: Response) -> Iterator[Request]:
        if isinstance(response, TextResponse):
            for href in response.css("#inner a[href*='/view/'], #inner a[href*='/getRecord/']").xpath("@href").getall():
                yield response.follow(href, self.article)  # asked for once, however often it is linked

    def article(self, response: Response) -> None:
        """Drops the page."""
