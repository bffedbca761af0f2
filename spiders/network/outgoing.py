"""The last door: Scrapy's own handler of http and https, behind the gate, and with a limit to headers as well."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from scrapy.exceptions import CannotResolveHostError
from scrapy.utils.httpobj import urlparse_cached

from spiders.network.gate import through
from spiders.network.guard import OffSite
from spiders.network.resolver import led_inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import HTTP11ClientProtocol

IN_THE_HEAD: Final = frozenset({"STATUS", "HEADER"})


class Outgoing(HTTP11DownloadHandler):
    """Download handler: sends what the gate admits. It decides nothing itself."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        limit = crawler.settings.getint("HEAD_MAXSIZE")
        pool: Any = self._pool
        pool.retryAutomatically = False  # Twisted would ask again behind our back
        pool._factory = partial(_Factory, limit)  # noqa: SLF001 - as Scrapy does itself

    async def download_request(self, request: Request) -> Response:
        """The answer. Raises NotNow, OffSite for a name that leads into our own network, and what Scrapy raises."""
        return await through(self._crawler, request, self._download)

    async def _download(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except CannotResolveHostError as error:
            if (address := led_inside(urlparse_cached(request).hostname or "")) is not None:
                raise OffSite(f"its name leads to a private address, {address}: not fetched") from error
            raise


class _Protocol(_LenientHTTP11ClientProtocol):
    """A connection that is cut when more headers come than anybody needs: Twisted would store them all."""

    limit: int
    _head = 0

    def request(self, request: Any) -> Any:  # noqa: ANN401 - Twisted's own types
        self._head = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        parser = self._parser
        if parser is not None and parser.state in IN_THE_HEAD:
            self._head += len(data)
            if self._head > self.limit:
                cast("Any", self.transport).abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _Factory(_LenientHTTP11ClientFactory):
    def __init__(self, limit: int, quiescent: Callable[..., Any], metadata: Any) -> None:  # noqa: ANN401 - Twisted's
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self.limit = limit

    def buildProtocol(self, addr: IAddress | None) -> HTTP11ClientProtocol:  # noqa: ARG002, N802 - Twisted's
        protocol = _Protocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
        protocol.limit = self.limit
        return protocol
