"""Which address a listing asks for: pages, days and cursors in the addresses of a site file."""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

from crawler.errors import ArgumentError
from crawler.records import Edition
from crawler.sites.declared.addresses import Address
from crawler.sites.declared.patterns import fill, taken_apart
from crawler.sites.declared.sitefile import ListingRules

MAX_CURSOR: Final = 2000  # characters
WORDPRESS_PAGE: Final = 100
"""Posts of a page: as many as WordPress gives."""

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_DAY: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?: ([1-9][0-9]{0,4}))?", re.ASCII)
_POSTS: Final = "_fields=id,date,date_gmt,link,title,excerpt&orderby=date&order=desc"


def address_of(rules: ListingRules, edition: Edition, place: str | None, older: str | None) -> str:
    """The absolute address for a place, on the real hosts. Raises ArgumentError for a place that is none."""
    if rules.kind in {"pages", "wordpress"}:
        return _page(rules, edition, page_number(rules, place), older)
    if rules.kind == "days":
        return _day(rules, edition, place, older)
    if place is None:
        return rules.url.on(edition)
    if rules.kind == "cursor":
        return _behind(rules, edition, place)
    if rules.kind == "sitemap":
        return named_by(rules, edition, place)
    raise ArgumentError(f"a feed has no place {place!r}: it is a window of the newest entries")


def page_number(rules: ListingRules, place: str | None) -> int:
    """The number of a page, from 1. Raises ArgumentError."""
    if place is not None and _NUMBER.fullmatch(place) is None:
        raise ArgumentError(f"{place!r} is no page of a listing of kind {rules.kind}")
    return int(place or 1)


def day_and_page(place: str | None) -> tuple[date, int]:
    """The day of a place, and which of its pages. Raises ArgumentError."""
    found = _DAY.fullmatch(place or "")
    try:
        if found is not None:
            return date.fromisoformat(found[1]), int(found[2] or 1)
    except ValueError:  # the 30th of February
        pass
    raise ArgumentError(f"{place!r} is no day such as 2026-03-05: a listing by days has no other place")


def named_by(rules: ListingRules, edition: Edition, address: str) -> str:
    """An address that an answer of the listing names, made absolute. Raises ArgumentError where it leads elsewhere."""
    try:
        url = urljoin(rules.url.on(edition), address)
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    own = {urlsplit(rules.url.on(edition)).netloc, *edition.hosts}
    if parts.scheme not in {"http", "https"} or parts.netloc.lower() not in own:
        raise ArgumentError(f"{address[:200]!r} leads to another host than {', '.join(sorted(own))}")
    return parts._replace(fragment="").geturl()


def place_of(rules: ListingRules, edition: Edition, url: str) -> str | None:
    """The place that an absolute address asks for; None where it is none of this listing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    asked = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if (
        rules.first is not None
        and parts.netloc == urlsplit(rules.first.on(edition)).netloc
        and asked == rules.first.path
    ):
        return "1"
    if parts.netloc.lower() != urlsplit(rules.url.on(edition)).netloc:
        return None
    if rules.kind == "wordpress":
        return _wordpress_place(rules, parts.path, parts.query)
    for address in (rules.url, rules.chain) if rules.chain is not None else (rules.url,):
        found = taken_apart(address.path).fullmatch(asked)
        if found is not None and (place := _place(rules, found.groupdict())) is not None:
            return place
    return None


def _place(rules: ListingRules, holes: dict[str, str]) -> str | None:
    if cursor := holes.get("cursor"):
        return unquote(cursor)
    number = 1
    if page := holes.get("page"):
        number, rest = divmod(int(page) - rules.first_page, rules.step)
        if rest or number < 0:
            return None
        number += 1
    if rules.kind != "days":
        return str(number) if rules.kind == "pages" else ""
    try:
        year = int(holes["Y"]) if "Y" in holes else 2000 + int(holes["y"])
        day = date(year, int(holes["m"]), int(holes["d"]))
    except ValueError:
        return None
    return day.isoformat() if number == 1 else f"{day.isoformat()} {number}"


def _wordpress_place(rules: ListingRules, path: str, query: str) -> str | None:
    if path != rules.url.path.partition("?")[0]:
        return None
    page = dict(parse_qsl(query)).get("page", "1")
    return page if _NUMBER.fullmatch(page) else None


def _page(rules: ListingRules, edition: Edition, number: int, older: str | None) -> str:
    if rules.kind == "wordpress":
        joint = "&" if "?" in rules.url.path else "?"
        return f"{rules.url.on(edition)}{joint}per_page={WORDPRESS_PAGE}&page={number}&{_POSTS}"
    if older:
        return named_by(rules, edition, older)
    if number == 1 and rules.first is not None:
        return rules.first.on(edition)
    return rules.url.on(edition, fill(rules.url.path, {"page": str(rules.first_page + (number - 1) * rules.step)}))


def _day(rules: ListingRules, edition: Edition, place: str | None, older: str | None) -> str:
    day, number = day_and_page(place)
    if older:
        return named_by(rules, edition, older)
    if number > 1 and "{page}" not in rules.url.path:
        raise ArgumentError(f"{place!r}: nothing says where the pages of a day are")
    page = str(rules.first_page + (number - 1) * rules.step)
    return rules.url.on(edition, fill(rules.url.path, {"page": page}, day))


def _behind(rules: ListingRules, edition: Edition, cursor: str) -> str:
    chain = rules.chain or Address(None, "{cursor}")
    if len(cursor) > MAX_CURSOR:
        raise ArgumentError(f"a cursor of {len(cursor)} characters; at most {MAX_CURSOR} are taken")
    if chain.path == "{cursor}":
        return named_by(rules, edition, cursor)
    return chain.on(edition, fill(chain.path, {"cursor": quote(cursor, safe="")}))
