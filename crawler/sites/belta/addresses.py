"""What an address on a page stands for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler.sites.base import Edition
from crawler.urls import article_key, canonical_url


class Named(NamedTuple):
    """An article, as an address names it: its key, its canonical address and the rubric in that."""

    key: str
    url: str
    rubric: str


@lru_cache(maxsize=4096)  # an article is named by its listing, then by its page, three times; menus by every page
def article_named(address: str, edition: Edition, base_url: str | None) -> Named | None:
    """The article that an address names; None for anything else. See `crawler.urls.article_key`."""
    key = article_key(address, edition, base_url)
    if key is None:
        return None
    url = canonical_url(address, edition, base_url)
    return Named(key, url, urlsplit(url).path.split("/")[1])
