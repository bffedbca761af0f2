"""Redirects within the site: an answer that sends an article elsewhere is kept, as evidence that it is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware

from spiders.network.gate import KIND
from spiders.network.guard import Guard, OffSite

if TYPE_CHECKING:
    from scrapy.http import Response


class Redirects(RedirectMiddleware):
    """Downloader middleware, in the place of Scrapy's: where the guard would refuse to follow the redirect of an
    article, the answer itself goes on, to be kept and read. Other requests (listings, robots.txt) fail, as before.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]
        """The request to follow, or the response."""
        onward = super().process_response(request, response)
        if not isinstance(onward, Request) or request.meta.get(KIND) != "article":
            return onward
        try:
            Guard().process_request(onward)
        except OffSite:
            return response
        return onward
