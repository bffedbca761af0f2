"""A site file: its text in, its declaration out, or a `SiteFileError` that names file and key.

What the keys mean stands in docs/sites.md; the schema for editors is `site.schema.json` beside this file, and a test
holds both to the same verdicts.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from crawler.errors import SiteFileError
from crawler.records import Edition
from crawler.sites.base import ListingKind
from crawler.sites.declared.addresses import Address, read_address, read_host
from crawler.sites.declared.keys import Keys, shown
from crawler.sites.declared.patterns import Pattern, holes_of
from crawler.sites.declared.selectors import Css, Query, Rule, compile_css, compile_query, compile_rule

SCHEMA: Final = Path(__file__).with_name("site.schema.json")
MAX_FILE: Final = 1024 * 1024
"""Bytes. A site file has some hundred lines."""

KINDS: Final[tuple[ListingKind, ...]] = get_args(ListingKind)

_TOP: Final = ("site", "agency", "timezone", "experimental", "editions", "listings", "article")
_EDITION: Final = ("host", "aliases", "language", "timezone", "scheme", "every")
_LISTING: Final = ("kind", "url", "name", "begins", "editions")
_ENTRY: Final = ("entry", "items", "link", "headline", "time", "lead", "section")
_KEYS: Final[Mapping[ListingKind, tuple[str, ...]]] = {
    "pages": (*_LISTING, "first", "first_page", "step", *_ENTRY, "older"),
    "days": (*_LISTING, "first_page", "step", *_ENTRY, "older"),
    "cursor": (*_LISTING, *_ENTRY, "older", "cursor"),
    "feed": _LISTING,
    "sitemap": _LISTING,
    "wordpress": _LISTING,
}
_EVERY_LISTING: Final = tuple(dict.fromkeys(key for keys in _KEYS.values() for key in keys))
FIELDS: Final = ("headline", "published", "modified", "lead", "body", "author", "section", "tags")
PICTURE_FIELDS: Final = ("caption", "credit")
_ARTICLE: Final = ("url", "key", *FIELDS, *PICTURE_FIELDS, "drop", "pages")

_NAME: Final = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_MAX_NAME: Final = 60
_MOST_PARTS: Final = 20  # of a dotted key; those of a site file have two
_QUOTED: Final = re.compile(r"""\"(?:[^"\\]|\\.)*+\"|'[^']*+'""")
_MAX_PROBLEM: Final = 200  # characters of what is wrong with TOML; the line stands at its end
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,5}")
_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MOST_MINUTES: Final = 31 * 24 * 60
_MOST_PAGE: Final = 1_000_000
_WHOLE_DAY: Final = (frozenset("Yy"), frozenset("m"), frozenset("d"))


@dataclass(frozen=True, slots=True)
class ListingRules:
    """One ``[[listings]]``. `number` counts from 1 in the file. `name` is None where the file gives none.

    In a listing of JSON (`items` is set) the rules of an entry are JMESPath, else CSS.
    """

    number: int
    kind: ListingKind
    url: Address
    name: str | None = None
    begins: date | None = None
    editions: tuple[str, ...] = ()
    first: Address | None = None
    first_page: int = 1
    step: int = 1
    entry: tuple[Css, ...] = ()
    items: tuple[Query, ...] = ()
    fields: Mapping[str, tuple[Css, ...]] = field(default_factory=dict)
    queries: Mapping[str, tuple[Query, ...]] = field(default_factory=dict)
    older: tuple[Css, ...] = ()
    chain: Address | None = None


@dataclass(frozen=True, slots=True)
class ArticleRules:
    """The table ``[article]``. `key` is a template with the names of the patterns, None for the default."""

    patterns: tuple[Pattern, ...]
    key: str | None = None
    fields: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    captions: tuple[Css, ...] = ()
    credits: tuple[Css, ...] = ()
    drop: tuple[Css, ...] = ()
    pages: tuple[Css, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """A whole site file. `source` names the file in messages."""

    source: str
    site: str
    agency: str
    editions: tuple[Edition, ...]
    listings: tuple[ListingRules, ...]
    article: ArticleRules
    experimental: bool = False


def read_site_file(body: bytes, source: str) -> Declaration:
    """The declaration that a file holds. Raises SiteFileError."""
    top = Keys(source, "", parsed(body, source))
    top.only(_TOP)
    site = _name(top, "site", top.text("site", required=True, example='"harbour"'))
    agency = top.text("agency") or site
    editions = tuple(_editions(top, site, agency))
    listings = tuple(
        _listing(keys, number, editions) for number, keys in enumerate(top.tables("listings", "listing"), 1)
    )
    if not listings:
        raise top.fault("listings", "is empty; write at least one [[listings]]")
    _refuse_idle(top, editions, listings)
    article = _article(top.table("article", required=True))
    return Declaration(source, site, agency, editions, listings, article, top.flag("experimental"))


def parsed(body: bytes, source: str) -> dict[str, Any]:
    """The tables of a file. Raises SiteFileError for what is too long, no text, or no TOML."""
    if len(body) > MAX_FILE:
        raise SiteFileError(f"{source}: a file of {len(body):,} bytes; a site file has at most {MAX_FILE:,}")
    try:
        text = body.decode("utf-8-sig")
        _refuse_deep_keys(text, source)
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise SiteFileError(f"{source}: no UTF-8 (byte {error.start}); save the file as UTF-8") from None
    except ValueError as error:  # TOMLDecodeError, and a number of too many digits
        raise SiteFileError(f"{source}: no TOML: {str(error)[-_MAX_PROBLEM:]}") from None
    except RecursionError:
        raise SiteFileError(f"{source}: no TOML: nested too deep") from None


def _refuse_deep_keys(text: str, source: str) -> None:
    """Python's TOML reader takes time and memory by the square of the parts of a key, x.x.x.x and so on."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count(".") > _MOST_PARTS and _QUOTED.sub("", line).partition("#")[0].count(".") > _MOST_PARTS:
            raise SiteFileError(
                f"{source}: no TOML for a site: a key of more than {_MOST_PARTS} parts in line {number}"
            )


def _name(keys: Keys, key: str, text: str | None) -> str:
    if text is None or _NAME.fullmatch(text) is None or len(text) > _MAX_NAME:
        raise keys.fault(
            key, f"{shown(text or '')!r} is no name; write small letters, digits and hyphens, such as harbour-en"
        )
    return text


# --- editions


def _editions(top: Keys, site: str, agency: str) -> list[Edition]:
    table = top.table("editions", required=True)
    zone = _zone(top) if "timezone" in top.values else None
    editions = []
    for name in table.values:
        _name(table, shown(name), name)
        editions.append(_edition(table.table(name), name, agency, zone))
    if not editions:
        raise top.fault("editions", "is empty; write a table such as [editions.harbour-en]")
    if len(editions) > 1 and site in table.values:
        raise table.fault(site, "has the name of the site, which stands for all of its editions; write another name")
    _refuse_shared_hosts(table, editions)
    return editions


def _edition(keys: Keys, name: str, agency: str, zone: ZoneInfo | None) -> Edition:
    keys.only(_EDITION)
    if "timezone" in keys.values:
        zone = _zone(keys)
    if zone is None:
        raise keys.fault("timezone", 'is missing here and at the top; write timezone = "Europe/Tallinn"')
    host = keys.text("host", required=True, example='"news.harbour.example"') or ""
    scheme = keys.text("scheme") or "https"
    if scheme not in {"https", "http"}:
        raise keys.fault("scheme", f"{shown(scheme)!r} is none; write https or http")
    language = keys.text("language") or "und"
    if _LANGUAGE.fullmatch(language) is None:
        raise keys.fault("language", f"{shown(language)!r} is no language; write a tag such as en, ru or pt-BR")
    return Edition(
        name=name,
        host=keys.made("host", read_host, host),
        language=language,
        aliases=keys.compiled("aliases", read_host),
        timezone=zone,
        scheme=scheme,
        every=_every(keys),
        agency=agency,
    )


def _zone(keys: Keys) -> ZoneInfo:
    name = keys.text("timezone", required=True, example='"Europe/Tallinn"') or ""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # unknown; with a path in it; a folder of zones
        near = get_close_matches(name, sorted(available_timezones()), n=1)
        way_out = f"did you mean {near[0]}?" if near else "write one such as Europe/Tallinn or Asia/Dhaka"
        raise keys.fault("timezone", f"{shown(name)!r} is no time zone; {way_out}") from None


def _every(keys: Keys) -> timedelta | None:
    """``"10m"``, or a number of minutes."""
    if "every" not in keys.values:
        return None
    if isinstance(keys.values["every"], int):
        return timedelta(minutes=keys.number("every", 0, 1, _MOST_MINUTES))
    text = keys.text("every") or ""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise keys.fault("every", f"{shown(text)!r} is no span of time; write 90s, 10m, 2h or 1d")
    span = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if span > timedelta(minutes=_MOST_MINUTES):
        raise keys.fault("every", f"{shown(text)!r} is more than a month; write less")
    return span


def _refuse_shared_hosts(table: Keys, editions: list[Edition]) -> None:
    owners: dict[str, str] = {}
    for edition in editions:
        for host in edition.hosts:
            other = owners.setdefault(host, edition.name)
            if other != edition.name:
                raise table.fault(edition.name, f"has the host {host} of {other}; an address must tell its edition")


# --- listings


def _listing(keys: Keys, number: int, editions: tuple[Edition, ...]) -> ListingRules:
    kind = _kind(keys)
    keys = Keys(keys.source, f"{keys.place} ({kind})", keys.values)
    keys.only(_KEYS[kind], elsewhere=_EVERY_LISTING, here=f"a listing of kind {kind}")
    url = _listing_address(keys, "url", kind, required=True)
    name = keys.text("name")
    rules = _entry_rules(keys, kind)
    return ListingRules(
        number=number,
        kind=kind,
        url=url,
        name=None if name is None else _name(keys, "name", name),
        begins=keys.day("begins"),
        editions=_limited_to(keys, editions),
        first=_first(keys),
        first_page=keys.number("first_page", 1, 0, _MOST_PAGE),
        step=keys.number("step", 1, 1, _MOST_PAGE),
        **rules,
    )


def _kind(keys: Keys) -> ListingKind:
    text = keys.text("kind", required=True, example='"pages"')
    for kind in KINDS:
        if text == kind:
            return kind
    near = get_close_matches((text or "").lower(), KINDS, n=1)
    way_out = f"did you mean {near[0]}?" if near else f"there are {', '.join(KINDS)}"
    raise keys.fault("kind", f"{shown(text or '')!r} is no kind of listing; {way_out}")


def _listing_address(keys: Keys, key: str, kind: ListingKind, *, required: bool = False) -> Address:
    text = keys.text(key, required=required, example='"/news?page={page}"') or ""
    allowed, needed = _HOLES[kind]
    address = keys.made(key, read_address, text)
    holes = keys.made(key, lambda value: holes_of(value, allowed, needed or "an address without braces"), text)
    if needed and needed.strip("{}").partition(":")[0] not in holes:
        raise keys.fault(key, f"{shown(text)!r} does not say which; write {needed} in it")
    if "day" in holes:
        _refuse_part_of_a_day(keys, key, text)
    return address


_HOLES: Final[Mapping[ListingKind, tuple[tuple[str, ...], str]]] = {
    "pages": (("page",), "{page}"),
    "days": (("day", "page"), "{day:%Y/%m/%d}"),
    "cursor": ((), ""),
    "feed": ((), ""),
    "sitemap": ((), ""),
    "wordpress": ((), ""),
}


def _refuse_part_of_a_day(keys: Keys, key: str, text: str) -> None:
    form = text.partition("{day:")[2].partition("}")[0]
    directives = {part[-1] for part in re.findall(r"%-?[a-zA-Z]", form)}
    if not all(part & directives for part in _WHOLE_DAY):
        raise keys.fault(key, f"{shown(text)!r} names no whole day; write {{day:%Y/%m/%d}} in it")


def _first(keys: Keys) -> Address | None:
    text = keys.text("first")
    if text is None:
        return None
    keys.made("first", lambda value: holes_of(value, (), "an address without braces"), text)
    return keys.made("first", read_address, text)


def _limited_to(keys: Keys, editions: tuple[Edition, ...]) -> tuple[str, ...]:
    named, known = keys.texts("editions"), [edition.name for edition in editions]
    for name in named:
        if name not in known:
            raise keys.fault("editions", f"{shown(name)!r} is no edition of this file; there are {', '.join(known)}")
    return named


def _entry_rules(keys: Keys, kind: ListingKind) -> dict[str, Any]:
    """How the entries of an answer and the way to older ones are found, as arguments of `ListingRules`."""
    names = ("link", "headline", "time", "lead", "section", *(("cursor",) if kind == "cursor" else ()))
    chain = _chain(keys) if kind == "cursor" else None
    if kind == "cursor":
        keys.texts("cursor", required=True, example='"next"')
    if "items" in keys.values:
        return {"chain": chain, **_json_rules(keys, kind, names)}
    older = () if kind == "cursor" else keys.compiled("older", compile_css)
    fields = {name: rules for name in names if (rules := keys.compiled(name, compile_css))}
    if fields and "entry" not in keys.values and set(fields) - {"cursor"}:
        key = next(name for name in fields if name != "cursor")
        raise keys.fault(key, 'is looked for in an entry; write entry = "article.teaser" as well')
    return {"chain": chain, "entry": keys.compiled("entry", _selector), "fields": fields, "older": older}


def _json_rules(keys: Keys, kind: ListingKind, names: tuple[str, ...]) -> dict[str, Any]:
    if "entry" in keys.values:
        raise keys.fault("entry", "is for HTML, and items for JSON; write one of them")
    if kind != "cursor" and "older" in keys.values:
        raise keys.fault("older", "is CSS, and this listing is JSON; leave it out, or write a listing of kind cursor")
    keys.texts("link", required=True, example='"url"')
    queries = {name: rules for name in names if (rules := keys.compiled(name, compile_query))}
    return {"items": keys.compiled("items", compile_query), "queries": queries}


def _selector(text: str) -> Css:
    """A rule whose matches are elements."""
    rule = compile_css(text)
    if rule.gives_text:
        raise ValueError(f"{text!r} gives text; write a selector of elements")
    return rule


def _chain(keys: Keys) -> Address:
    text = keys.text("older", required=True, example='"/api/news?before={cursor}"') or ""
    holes = keys.made("older", lambda value: holes_of(value, ("cursor",), "/api/news?before={cursor}"), text)
    if not holes:
        raise keys.fault("older", f"{shown(text)!r} does not say where; write {{cursor}} in it")
    return Address(None, text) if text == "{cursor}" else keys.made("older", read_address, text)


def _refuse_idle(top: Keys, editions: tuple[Edition, ...], listings: tuple[ListingRules, ...]) -> None:
    """An edition without a listing would be crawled without an error, and without a story."""
    for edition in editions:
        own = [rules for rules in listings if not rules.editions or edition.name in rules.editions]
        if not own:
            raise top.fault("listings", f"none is for {edition.name}; write one, or add it to editions of another")
        names = [rules.name for rules in own if rules.name]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise top.fault("listings", f"two of {edition.name} have the name {twice}; write another name")


# --- articles


def _article(keys: Keys) -> ArticleRules:
    keys.only(_ARTICLE)
    patterns = keys.compiled("url", Pattern.compile, required=True, example='"/{section}/{slug}-{id}.html"')
    fields = {name: rules for name in FIELDS if (rules := keys.compiled(name, compile_rule))}
    return ArticleRules(
        patterns=patterns,
        key=_key(keys, patterns),
        fields=fields,
        captions=keys.compiled("caption", compile_css),
        credits=keys.compiled("credit", compile_css),
        drop=keys.compiled("drop", _selector),
        pages=keys.compiled("pages", compile_css),
    )


def _key(keys: Keys, patterns: tuple[Pattern, ...]) -> str | None:
    text = keys.text("key")
    if text is None:
        return None
    known = tuple(name for name in patterns[0].names if all(name in pattern.names for pattern in patterns))
    names = keys.made("key", lambda value: holes_of(value, known, "{id}", dated=False), text)
    if not {"id", "slug"} & set(names):
        raise keys.fault("key", f"{shown(text)!r} is the same for many articles; write {{id}} or {{slug}} in it")
    return text
