"""Which article an address means, and the one address that it is kept under.

Articles of BelTA's engine live at ``/RUBRIC/view/SLUG-ID-YEAR/`` since 2015, in every edition. ID and YEAR say which
article it is (an ID alone is not unique: the English counter fell by some thousands around New Year 2024), the slug is
only for the eye, but the server wants it. The AMP copy of a page has its path below ``/amp``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from crawler.errors import ArgumentError
from crawler.records import Edition
from crawler.urls import normal_path, path_on_edition, shown

_ARTICLE: Final = re.compile(
    r"(?:/amp)?/(?P<rubric>[^/]+)/view/(?P<slug>[^/]*)-(?P<id>[0-9]{1,12})-(?P<year>(?:19|20)[0-9]{2})/", re.IGNORECASE
)
_VIDEO: Final = re.compile(r"(?:/amp)?/video/getRecord/(?P<id>[0-9]{1,12})/", re.IGNORECASE)
# Print versions (which robots.txt forbids), search results and furniture: no rubrics, whatever follows them.
_NO_RUBRICS: Final = frozenset({"amp", "desimages", "printv", "search"})


@dataclass(frozen=True, slots=True)
class ArticlePath:
    """The path of an article, taken apart.

    `rubric` and `slug` are percent-encoded ASCII in the case of the address; the slug may be empty (Chinese). `id` is
    digits as printed. `year` is None for video records alone, whose addresses carry none.
    """

    rubric: str
    slug: str
    id: str
    year: int | None

    @property
    def key(self) -> str:
        """``152706-2022``; ``video-372`` for a video record."""
        return f"video-{self.id}" if self.year is None else f"{self.id}-{self.year}"

    @property
    def path(self) -> str:
        """The canonical path, with final slash and without ``/amp``."""
        if self.year is None:
            return f"/video/getRecord/{self.id}/"
        return f"/{self.rubric}/view/{self.slug}-{self.id}-{self.year}/"


def split_article_path(path: str) -> ArticlePath | None:
    """The parts of an article's path, read from its tail ``-ID-YEAR``; None when it is no article's.

    Also ``/video/getRecord/ID``: one record is one ID there, so its key is ``video-ID``, which no ID-YEAR can be.

    >>> split_article_path("/amp/society/view/-26086-2024")
    ArticlePath(rubric='society', slug='', id='26086', year=2024)
    """
    try:
        normal = normal_path(path)
    except ValueError:
        return None
    if video := _VIDEO.fullmatch(normal):
        return ArticlePath("video", "", video["id"], None)
    article = _ARTICLE.fullmatch(normal)
    if article is None or article["rubric"].lower() in _NO_RUBRICS:
        return None
    return ArticlePath(article["rubric"], article["slug"], article["id"], int(article["year"]))


def article_key(url: str, edition: Edition, base_url: str | None = None) -> str | None:
    """``ID-YEAR`` of an article's address (``video-ID`` of a video record); None for anything else.

    The host must be the edition's or an alias, with or without ``www.`` and ``m.``, or that of `base_url`, the address
    at which the same site is crawled (``http://127.0.0.1:8100``). A path alone is on the edition's host. None means:
    another site (regional governments run the same engine and reprint BelTA), another edition, a picture, a listing,
    a print version, or no address at all. Raises ArgumentError only for a `base_url` that is none.

    >>> from crawler.records import Edition
    >>> article_key("http://www.belta.by/amp/sport/view/x-504549-2022?from=y", Edition("belta-rus", "belta.by", "ru"))
    '504549-2022'
    """
    article = _article(url, edition, base_url)
    return None if article is None else article.key


def canonical_url(url: str, edition: Edition, base_url: str | None = None) -> str:
    """The one address of an article: https, the edition's host (also for pages read under `base_url`), no www, m. or
    amp, no query or fragment, resolved and percent-encoded path in the case that was given, final slash.

    The whole query goes, not only utm_* and its like: no parameter chooses an article or a part of one, and a list of
    trackers is never complete. Raises ArgumentError for an address that is no article of this edition.

    >>> from crawler.records import Edition
    >>> canonical_url("m.eng.belta.by/society/view/-26086-2024#top", Edition("belta-eng", "eng.belta.by", "en"))
    'https://eng.belta.by/society/view/-26086-2024/'
    """
    article = _article(url, edition, base_url)
    if article is None:
        raise ArgumentError(f"{shown(url)} is no article of {edition.name} ({edition.host})")
    return f"{edition.scheme}://{edition.host}{article.path}"


@lru_cache(maxsize=1024)  # key and canonical address of an article are asked for one after the other
def _article(url: str, edition: Edition, base_url: str | None) -> ArticlePath | None:
    found = path_on_edition(url, edition, base_url)
    return None if found is None else split_article_path(found[0])


class Named(NamedTuple):
    """An article, as an address names it: its key, its canonical address and the rubric in that."""

    key: str
    url: str
    rubric: str


@lru_cache(maxsize=4096)  # an article is named by its listing, then by its page, three times; menus by every page
def article_named(address: str, edition: Edition, base_url: str | None) -> Named | None:
    """The article that an address names; None for anything else. See `article_key`."""
    key = article_key(address, edition, base_url)
    if key is None:
        return None
    url = canonical_url(address, edition, base_url)
    return Named(key, url, urlsplit(url).path.split("/")[1])
