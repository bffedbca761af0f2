"""Every site that is installed. `site_of`, `edition` and `editions_named` are the way in.

A site is a site file (`crawler/sites/declared`), or a module here and its name in `BUILT_IN`. Files are looked for once
in a process, when somebody asks for a site.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.records import UTC, Edition
from crawler.sites.base import Site
from crawler.sites.belta import BELTA
from crawler.sites.demo import DEMO
from crawler.sites.discovery import search
from crawler.sites.registry import Registry, assemble

BUILT_IN: Final[tuple[Site, ...]] = (BELTA, DEMO)


@lru_cache(maxsize=1)
def registry() -> Registry:
    """What is installed, and the site files that are wrong."""
    return assemble(BUILT_IN, search())


def sites() -> tuple[Site, ...]:
    """Every site: those in Python first, then those of files by name."""
    return registry().sites


def site_of(edition_name: str) -> Site:
    """The agency of an edition. Raises ArgumentError for a name that is no edition's, also for a site's own.

    >>> site_of("demo").name
    'demo'
    """
    return registry().site_of(edition_name)


def edition(name: str) -> Edition:
    """The edition of that name. Raises ArgumentError for an unknown one.

    >>> edition("demo").host
    'demo.example'
    """
    return registry().edition(name)


def owner_of(url: str) -> Edition | None:
    """The edition whose host, or one of whose aliases, an address is at; None for a host that no site has.

    >>> owner_of("https://demo.example/x").name
    'demo'
    """
    try:
        host = urlsplit(url).netloc.lower().rpartition("@")[2]
    except ValueError:
        return None
    bare = host.removesuffix(":443").removesuffix(":80")
    return next((found for found in registry().editions if not found.hosts.isdisjoint({host, bare})), None)


def editions_named(argument: str) -> tuple[Edition, ...]:
    """The editions that a comma-separated argument names, in its order, each once; a site's name stands for all of its.

    >>> [found.name for found in editions_named("meduza-rus, kazinform")]
    ['meduza-rus', 'kazinform-rus']

    Raises ArgumentError for an unknown name, for an argument without any, and for a name that a wrong site file holds.
    """
    return registry().named(argument)


def zone_of(edition_name: str) -> ZoneInfo:
    """The time zone of an edition; UTC for one of a site that is not installed.

    >>> str(zone_of("kazinform-rus"))
    'Asia/Almaty'
    """
    found = registry().find(edition_name)
    return UTC if found is None else found.timezone


def site_day(edition_name: str, moment: datetime | None) -> str | None:
    """The site's own day of a moment (aware UTC), as text; None without a moment.

    >>> from datetime import UTC
    >>> site_day("kazinform-rus", datetime(2026, 3, 2, 22, 0, tzinfo=UTC))
    '2026-03-03'
    """
    return None if moment is None else moment.astimezone(zone_of(edition_name)).date().isoformat()
