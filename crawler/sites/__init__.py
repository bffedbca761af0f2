"""One module per agency. `site_of`, `edition` and `editions_named` are the way in.

A new agency is a module and its line in `SITES`.
"""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.errors import ArgumentError
from crawler.records import UTC, Edition
from crawler.sites.base import Site
from crawler.sites.belta import BELTA
from crawler.sites.demo import DEMO

SITES: Final[tuple[Site, ...]] = (BELTA, DEMO)

_SITE_OF: Final = {edition.name: site for site in SITES for edition in site.editions}
_EDITIONS: Final = {edition.name: edition for site in SITES for edition in site.editions}
_NAMED: Final = {site.name: site.editions for site in SITES} | {name: (found,) for name, found in _EDITIONS.items()}


def site_of(edition_name: str) -> Site:
    """The agency of an edition. Raises ArgumentError for a name that is no edition's, also for a site's own.

    >>> site_of("belta-eng").name
    'belta'
    """
    return _SITE_OF[edition(edition_name).name]


def edition(name: str) -> Edition:
    """The edition of that name. Raises ArgumentError for an unknown one.

    >>> edition("belta-eng").host
    'eng.belta.by'
    """
    if name not in _EDITIONS:
        raise ArgumentError(_unknown(name, _EDITIONS))
    return _EDITIONS[name]


def owner_of(url: str) -> Edition | None:
    """The edition whose host, or one of whose aliases, an address is at; None for a host that no site has.

    >>> owner_of("https://m.eng.belta.by/x").name
    'belta-eng'
    """
    try:
        host = urlsplit(url).netloc.lower().rpartition("@")[2]
    except ValueError:
        return None
    bare = host.removesuffix(":443").removesuffix(":80")
    return next((found for found in _EDITIONS.values() if not found.hosts.isdisjoint({host, bare})), None)


def editions_named(argument: str) -> tuple[Edition, ...]:
    """The editions that a comma-separated argument names, in its order, each once; a site's name stands for all of its.

    >>> [found.name for found in editions_named("belta-rus, belta-eng")]
    ['belta-rus', 'belta-eng']

    Raises ArgumentError for an unknown name and for an argument without any.
    """
    names = [name.strip() for name in argument.split(",") if name.strip()]
    if not names:
        raise ArgumentError(f"no edition is named; known are {', '.join(_NAMED)}")
    for name in names:
        if name not in _NAMED:
            raise ArgumentError(_unknown(name, _NAMED))
    return tuple(dict.fromkeys(found for name in names for found in _NAMED[name]))


def zone_of(edition_name: str) -> ZoneInfo:
    """The time zone of an edition; UTC for one of a site that is not installed.

    >>> str(zone_of("belta-eng"))
    'Europe/Minsk'
    """
    found = _EDITIONS.get(edition_name)
    return UTC if found is None else found.timezone


def site_day(edition_name: str, moment: datetime | None) -> str | None:
    """The site's own day of a moment (aware UTC), as text; None without a moment.

    >>> from datetime import UTC
    >>> site_day("belta-eng", datetime(2026, 3, 2, 22, 0, tzinfo=UTC))
    '2026-03-03'
    """
    return None if moment is None else moment.astimezone(zone_of(edition_name)).date().isoformat()


def _unknown(name: str, known: dict[str, Edition] | dict[str, tuple[Edition, ...]]) -> str:
    near = get_close_matches(name.lower(), known, n=1)
    question = f" Did you mean {near[0]}?" if near else ""
    return f"unknown edition {name!r}.{question} Known are {', '.join(known)}"
