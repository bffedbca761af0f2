"""How long to wait: Scrapy's delay between requests, raised, and what an answer asks for."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from scrapy.extensions.throttle import AutoThrottle

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response


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


# How long an answer asks us to wait.


def retry_after(response: Response) -> float | None:
    """Seconds that the server asks us to wait, from a number or a date; None when it does not say."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
        sent = parsedate_to_datetime((response.headers.get("Date") or b"").decode("latin-1"))
        return max((until - sent).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
