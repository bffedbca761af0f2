"""The arguments of `scrapy crawl news -a NAME=VALUE`, read and checked before anything is opened.

A wrong one is an `ArgumentError`: one line that names the argument, what it got, and what it takes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Literal
from urllib.parse import urlsplit

from crawler.errors import ArgumentError
from crawler.records import Edition
from crawler.secrets import without_secrets
from crawler.settings import DEFAULT_EDITION
from crawler.sites import editions_named, registry, site_of

NAMES = ("edition", "since", "until", "recheck", "max_pages", "url", "base_url")
WISHES: Mapping[str, Literal["due", "off", "all"]] = {"due": "due", "off": "off", "all": "all"}
DAYS = re.compile(r"([1-9][0-9]{0,3})d", re.ASCII)
COUNT = re.compile(r"0*[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a run was asked for. `since` and `until` are local dates of the site (date.min: all of it);
    `recheck` is due, off, all, or a number of days as timedelta; `urls` are articles by edition name.
    """

    editions: tuple[Edition, ...]
    since: date | None = None
    until: date | None = None
    recheck: Literal["due", "off", "all"] | timedelta = "due"
    max_pages: int | None = None
    urls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base_url: str | None = None
    given: Mapping[str, str] = field(default_factory=dict)


def read_arguments(given: Mapping[str, str]) -> Arguments:
    """Check `-a` arguments. Raises ArgumentError."""
    for name in given:
        if name not in NAMES:
            raise ArgumentError(f"-a {name}: no such argument{_did_you_mean(name)}; there are {', '.join(NAMES)}")
    base_url = _base_url(given["base_url"]) if "base_url" in given else None
    urls = _urls(given["url"], given.get("edition"), base_url) if "url" in given else {}
    arguments = Arguments(
        editions=_editions(given, urls),
        since=_since(given["since"]) if "since" in given else None,
        until=_date("until", given["until"]) if "until" in given else None,
        recheck=_recheck(given.get("recheck", "due")),
        max_pages=_pages(given["max_pages"]) if "max_pages" in given else None,
        urls=urls,
        base_url=base_url,
        given=dict(given),
    )
    if arguments.since and arguments.until and arguments.since > arguments.until:
        raise ArgumentError(f"-a since={given['since']} is later than until={given['until']}: nothing lies between")
    if base_url is not None and len(arguments.editions) > 1:
        raise ArgumentError("-a base_url: one address serves one edition; name a single edition")
    return arguments


def _did_you_mean(name: str) -> str:
    close = get_close_matches(name, NAMES, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _editions(given: Mapping[str, str], urls: Mapping[str, tuple[str, ...]]) -> tuple[Edition, ...]:
    if urls:
        return tuple(edition for edition in registry().editions if edition.name in urls)
    return editions_named(given.get("edition", DEFAULT_EDITION))


def _date(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentError(f"-a {name}={text}: not a date; write it as 2026-01-31") from error


def _since(text: str) -> date:
    return date.min if text == "all" else _date("since", text)


def _recheck(text: str) -> Literal["due", "off", "all"] | timedelta:
    if text in WISHES:
        return WISHES[text]
    if days := DAYS.fullmatch(text):
        return timedelta(days=int(days[1]))
    raise ArgumentError(f"-a recheck={text}: takes due, off, all, or a number of days such as 14d")


def _pages(text: str) -> int:
    if not COUNT.fullmatch(text):
        raise ArgumentError(f"-a max_pages={text}: takes a number of listing pages, 1 or more")
    return int(text)


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole or parts.path not in {"", "/"} or parts.query or parts.fragment or "@" in parts.netloc:
        raise ArgumentError(
            f"-a base_url={without_secrets(text)}: takes an address such as http://127.0.0.1:8100, without a path"
        )
    return f"{parts.scheme}://{parts.netloc}"


def _urls(text: str, edition: str | None, base_url: str | None) -> dict[str, tuple[str, ...]]:
    """The articles asked for, by edition: the named one, or the one whose host they stand on."""
    candidates = editions_named(edition) if edition else registry().editions
    if base_url is not None and edition is None:
        candidates = editions_named(DEFAULT_EDITION)
    found: dict[str, tuple[str, ...]] = {}
    for url in filter(None, (part.strip() for part in text.split(","))):
        home = next((one for one in candidates if site_of(one.name).article_key(url, one, base_url)), None)
        if home is None:
            names = ", ".join(one.name for one in candidates)
            raise ArgumentError(f"-a url={without_secrets(url)}: not the address of an article of {names}")
        found[home.name] = (*found.get(home.name, ()), url)
    if not found:
        raise ArgumentError("-a url: takes one or more article addresses, separated by commas")
    return found
