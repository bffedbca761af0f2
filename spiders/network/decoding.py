"""Content decoding on the way in, by crawler/html/decoding.py.

Scrapy's own middleware hands on what it could decode of a truncated gzip body as if it were whole, and drops a
body that grows too large. An archive keeps what came and says what is wrong with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from scrapy.responsetypes import responsetypes

from crawler.html.decoding import Damaged, decode
from spiders.network.capture import DAMAGE

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

ACCEPTED = b"gzip, deflate, br, zstd"


class ContentDecoding:
    """Downloader middleware: undoes Content-Encoding within DOWNLOAD_MAXSIZE. A body that cannot be decoded
    stays as sent and is marked as damaged; it never raises.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Bounded by DOWNLOAD_MAXSIZE, which bounds the wire as well."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Offer what we can decode."""
        request.headers.setdefault(b"Accept-Encoding", ACCEPTED)

    def process_response(self, request: Request, response: Response) -> Response:
        """The response with its body decoded; Content-Encoding is kept in the captured headers."""
        request.meta.pop(DAMAGE, None)  # of the answer before, where this one is a retry or was redirected
        codings = [
            coding.strip().lower().decode("latin-1")
            for value in response.headers.getlist("Content-Encoding")
            for coding in value.split(b",")
        ]
        if not response.body or not any(coding not in {"", "identity"} for coding in codings):
            return response
        try:
            body = decode(response.body, codings, self.limit)
        except Damaged as damage:
            request.meta[DAMAGE] = str(damage)
            return response
        del response.headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
        return response.replace(cls=kind, body=body)
