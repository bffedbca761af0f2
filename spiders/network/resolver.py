"""Names are looked up, and where a public name leads into our own network it leads nowhere.

The guard knows addresses by their looks; only here is it known what a name means, and what is found here is what the
connection is made to: nobody can answer once for the check and once for the connection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from scrapy.resolver import CachingThreadedResolver
from twisted.internet.error import DNSLookupError

from crawler.urls import is_private_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred

_LED_INSIDE: Final[dict[str, str]] = {}


class PublicResolver(CachingThreadedResolver):
    """Scrapy's resolver, without private addresses but for the hosts of the setting PRIVATE_HOSTS."""

    named: frozenset[str] = frozenset()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """The hosts that the user named (`base_url`) may be private."""
        resolver = super().from_crawler(crawler, reactor)
        resolver.named = frozenset(crawler.settings.getlist("PRIVATE_HOSTS"))
        return resolver

    def getHostByName(self, name: str, timeout: Sequence[int] = ()) -> Deferred[str]:  # noqa: N802 - Twisted's name
        """The address of a name. Fails with DNSLookupError where that is a private one."""
        found = super().getHostByName(name, timeout)
        return found if name.lower() in self.named else found.addCallback(_public, name)


def _public(address: str, name: str) -> str:
    if is_private_host(f"[{address}]" if ":" in address else address):
        _LED_INSIDE[name] = address
        raise DNSLookupError(f"{name} leads to a private address: {address}")
    return address


def led_inside(host: str) -> str | None:
    """The private address to which a host was found to lead; None when it was not."""
    return _LED_INSIDE.get(host)
