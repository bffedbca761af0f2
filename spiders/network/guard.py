"""Where a crawl may go: the edition's own hosts (or the `base_url` that the user named), by http or https, and
never to a private address that the user did not name. Redirects are requests too and pass here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from scrapy.exceptions import IgnoreRequest

from crawler.secrets import without_secrets
from crawler.urls import is_private_host

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

ALLOWED = "dateline_hosts"
DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class OffSite(IgnoreRequest):
    """A request that would leave the site. The message says where to."""


class Guard:
    """Downloader middleware: refuses requests to anywhere but the hosts in `request.meta["dateline_hosts"]`.

    A request without that list (robots.txt) is held to http(s) and to hosts that some request was allowed.
    """

    def __init__(self) -> None:
        self._allowed: set[str] = set()

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> Self:
        """One guard a crawler."""
        return cls()

    def process_request(self, request: Request) -> None:
        """Raises OffSite."""
        hosts = request.meta.get(ALLOWED)
        if hosts is not None:
            self._allowed.update(hosts)
        parts = urlsplit(request.url)
        if "@" in parts.netloc:
            raise OffSite(f"leads to an address with a user name, not fetched: {without_secrets(request.url)}")
        if parts.scheme in DEFAULT_PORTS and not names_of(request.url).isdisjoint(
            self._allowed if hosts is None else hosts
        ):
            return
        where = "a private address" if is_private_host(parts.hostname or "") else "another site"
        raise OffSite(f"leads to {where}, not fetched: {without_secrets(request.url)}")


def names_of(url: str) -> set[str]:
    """The host of an address, with its port and, where that is the usual one, without."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    return {host, host.removesuffix(DEFAULT_PORTS.get(parts.scheme, ""))}
