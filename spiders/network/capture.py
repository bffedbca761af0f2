"""What came over the wire, caught before any middleware decodes it, and made into a `Snapshot`.

Only at the signal `response_downloaded` are the bytes still as sent; in a callback they are decoded and their
Content-Encoding is gone. Scrapy gives header names in its own case and no reason phrase: that is all there is.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Self, cast

from scrapy import signals

from crawler.records import Headers, Hop, Kind, Snapshot, Wire
from spiders.clock import Clock

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from scrapy.http.headers import Headers as ScrapyHeaders

WIRE = "dateline_wire"
DAMAGE = "dateline_damage"
SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})
WITHHELD = "(withheld)"


class WireCapture:
    """Scrapy extension: notes the wire bytes' size, digest and headers in `request.meta`. It does nothing else."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listen to the crawler's downloads."""
        capture = cls()
        crawler.signals.connect(capture.response_downloaded, signal=signals.response_downloaded)
        return capture

    def response_downloaded(self, response: Response, request: Request) -> None:
        """Called by Scrapy between the socket and the middlewares."""
        encoding = response.headers.get("Content-Encoding")
        request.meta[WIRE] = Wire(
            size=len(response.body),
            sha256=hashlib.sha256(response.body).hexdigest(),
            content_encoding=None if encoding is None else encoding.decode("latin-1"),
            headers=_plain(response.headers),
            ip_address=None if response.ip_address is None else str(response.ip_address),
            protocol=response.protocol,
        )


def snapshot_of(
    response: Response, *, edition: str, kind: Kind, clock: Clock, key: str | None = None, page: int | None = None
) -> Snapshot:
    """The snapshot of a response that came through the middlewares. `key` or `page`: what was asked for."""
    request = cast("Request", response.request)
    hops = zip(request.meta.get("redirect_urls", ()), request.meta.get("redirect_reasons", ()), strict=True)
    redirects = tuple(Hop(url, int(status)) for url, status in hops)
    return Snapshot(
        edition=edition,
        kind=kind,
        requested_url=redirects[0].url if redirects else request.url,
        url=response.url,
        fetched_at=clock.now(),
        status=response.status,
        wire=request.meta[WIRE],
        body=response.body,
        redirects=redirects,
        request_headers=_without_secrets(_plain(request.headers)),
        damage=_damage(response, request),
        key=key,
        page=page,
    )


def _damage(response: Response, request: Request) -> str | None:
    if "dataloss" in response.flags:
        return "truncated"
    damage: str | None = request.meta.get(DAMAGE)
    return damage


def _without_secrets(headers: Headers) -> Headers:
    """Evidence is handed on; a password for a proxy is no part of it."""
    return tuple((name, WITHHELD if name.lower() in SECRET else value) for name, value in headers)


def _plain(headers: ScrapyHeaders) -> Headers:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
    )
