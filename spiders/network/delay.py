"""How fast a site is asked: Scrapy's delay between requests, raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.extensions.throttle import AutoThrottle

if TYPE_CHECKING:
    from scrapy.crawler import Crawler


def at_least(crawler: Crawler, slot: str, delay: float) -> None:
    """Leave at least `delay` seconds between two requests of a slot (a host), from the next one on. AutoThrottle
    comes down from there again, but see `floor`. A slot that was idle for long is made anew, with that delay too.
    """
    downloader = crawler.engine.downloader
    downloader.per_slot_settings.setdefault(slot, {})["delay"] = delay
    if found := downloader.slots.get(slot):
        found.delay = max(found.delay, delay)


def floor(crawler: Crawler, slot: str, delay: float) -> None:
    """The same for good: AutoThrottle does not come down below it."""
    at_least(crawler, slot, delay)
    throttle = crawler.get_extension(AutoThrottle)
    if throttle is not None:
        throttle.mindelay = max(throttle.mindelay, delay)
        throttle.maxdelay = max(throttle.maxdelay, delay)
