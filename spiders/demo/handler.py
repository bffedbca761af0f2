"""The newspaper inside a Scrapy process, without sockets: for simulations of thousands of crawls.

Scrapy settings that put it in the place of the network::

    DOWNLOAD_HANDLERS = dict.fromkeys(("http", "https"), "spiders.demo.handler.InProcessHandler")
    DEMO_WORLD = World(Newspaper(random_history(7)), start)

Every middleware works as on the network. What comes out is what Scrapy's own handler makes of the same bytes: same
headers, flags and exceptions, and the signals that it sends while downloading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urldefrag

from scrapy import signals
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotConfigured,
    ResponseDataLossError,
    StopDownload,
)
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached

from spiders.demo.newspaper import Reply, RequestHeaders
from spiders.network.gate import through

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler


class DemoWorld(Protocol):
    """What DEMO_WORLD must be: see `spiders.demo.world.World`."""

    hosts: frozenset[str]

    def tick(self) -> None: ...

    def wait(self, span: timedelta) -> None: ...

    def respond(self, path: str, headers: RequestHeaders) -> Reply: ...

    def turns(self) -> int: ...


class InProcessHandler(BaseDownloadHandler):
    """Download handler that asks the world of the setting DEMO_WORLD. A request takes the world's time, not ours."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        world = crawler.settings["DEMO_WORLD"]
        if world is None:
            raise NotConfigured("DEMO_WORLD is not set")
        self.world: DemoWorld = world

    async def download_request(self, request: Request) -> Response:
        """The answer of the world; in a crawl of ours behind its gate, as on the network."""
        return await through(self.crawler, request, self._download)

    async def _download(self, request: Request) -> Response:
        parts = urlparse_cached(request)
        self.world.tick()
        if parts.hostname not in self.world.hosts:
            raise CannotResolveHostError(f"no such host in this world: {parts.hostname}")
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        answer = self.world.respond(path, _plain(request.headers))
        for _ in range(self.world.turns()):
            await asyncio.sleep(0)
        self._wait(request, answer)
        _refuse_broken(answer)
        return self._response(request, answer)

    def _wait(self, request: Request, answer: Reply) -> None:
        timeout = float(request.meta.get("download_timeout") or self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT"))
        request.meta["download_latency"] = min(answer.delay, timeout)
        self.world.wait(timedelta(seconds=min(answer.delay, timeout)))
        if answer.delay > timeout:
            raise DownloadTimeoutError(f"Getting {request.url} took longer than {timeout} seconds.")

    def _response(self, request: Request, answer: Reply) -> Response:
        headers = _headers(answer)
        body = b"" if request.method == "HEAD" else answer.body[: answer.sent]
        stopped = self._tell(signals.headers_received, request, headers=headers, body_length=len(answer.body))
        if stopped is not None:
            return _made(request, answer, headers, b"", stopped)
        self._refuse_large(request, answer)
        stopped = self._tell(signals.bytes_received, request, data=body) if body else None
        flags = self._flags(request, answer, body) if stopped is None else []
        return _made(request, answer, headers, body, stopped, flags)

    def _refuse_large(self, request: Request, answer: Reply) -> None:
        """Scrapy's handler trusts Content-Length, so it refuses before the body comes."""
        limit = int(request.meta.get("download_maxsize", self.crawler.settings.getint("DOWNLOAD_MAXSIZE")))
        if limit and len(answer.body) > limit:
            raise DownloadCancelledError(f"{len(answer.body)} bytes are more than {limit} in request {request}.")

    def _tell(self, signal: object, request: Request, **arguments: Any) -> StopDownload | None:  # noqa: ANN401 - a signal's
        """Send a signal and return what a receiver raised to stop the download."""
        results = self.crawler.signals.send_catch_log(
            signal=signal, request=request, spider=self.crawler.spider, dont_log=StopDownload, **arguments
        )
        stops = (getattr(result, "value", None) for _, result in results)
        return next((stop for stop in stops if isinstance(stop, StopDownload)), None)

    def _flags(self, request: Request, answer: Reply, body: bytes) -> list[str]:
        if request.method == "HEAD" or len(body) == len(answer.body):
            return []
        fail = self.crawler.settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS")
        if request.meta.get("download_fail_on_dataloss", fail):
            raise ResponseDataLossError(f"{len(body)} of {len(answer.body)} bytes came from {request.url}")
        return ["dataloss"]


def _plain(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1").lower(): b", ".join(values).decode("latin-1") for name, values in headers.items()}


def _refuse_broken(answer: Reply) -> None:
    if answer.broken == "refused":
        raise DownloadConnectionRefusedError("Connection was refused by other side.")
    if answer.broken == "reset":
        raise DownloadFailedError("[Connection to the other side was lost in a non-clean fashion.]")


def _headers(answer: Reply) -> Headers:
    """As Scrapy's handler gives them: the length first."""
    headers = Headers()
    for name, value in sorted(answer.headers, key=lambda header: header[0] != "Content-Length"):
        headers.appendlist(name, value)
    return headers


def _made(
    request: Request,
    answer: Reply,
    headers: Headers,
    body: bytes,
    stopped: StopDownload | None,
    flags: Sequence[str] = (),
) -> Response:
    url = urldefrag(request.url).url
    response = responsetypes.from_args(headers=headers, url=url, body=body)(
        url=url,
        status=answer.status,
        headers=headers,
        body=body,
        flags=[*flags, *(["download_stopped"] if stopped else [])],
        ip_address=IPv4Address("127.0.0.1"),
        protocol="HTTP/1.1",
    )
    if stopped is not None and stopped.fail:
        stopped.response = response
        raise stopped
    return response
