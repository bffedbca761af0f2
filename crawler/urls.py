"""Addresses: their one form, the hosts that they are on, and what may be asked for.

The same page is linked by http and https, with and without www, from the mobile host, with and without final slash.
Which page is an article, and which article it is, its site knows (`Site.article_key`).

Addresses come from pages and from people, so any text may come: every function answers, or raises ArgumentError.
Nothing here asks the network. Not for pictures: their addresses are kept as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from w3lib.url import canonicalize_url, safe_url_string

from crawler.errors import ArgumentError

MAX_LENGTH: Final = 8192  # characters of an address: servers refuse longer ones
MAX_PATH: Final = 4096  # ... of a percent-encoded path; a slug of a hundred Chinese characters takes 900

_SHOWN: Final = 200  # characters of an address that an error message repeats
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_BREAKS: Final = str.maketrans("", "", "\t\r\n")  # browsers leave them out wherever they stand
_EDGE: Final = "".join(map(chr, range(0x21))) + "\x7f\xa0\u200b\ufeff"
_WEB_PORTS: Final = frozenset({None, 80, 443})

_PLAIN: Final = re.compile(r"[A-Za-z0-9/_-]*")  # nearly every path: nothing to encode or to resolve


class Hosted(Protocol):
    """What of an edition addresses depend on."""

    @property
    def host(self) -> str: ...

    @property
    def hosts(self) -> frozenset[str]: ...

    @property
    def scheme(self) -> str: ...


Place = tuple[str, int | None]  # a host without www and m., a port where it is not the usual one


def normal_path(path: str) -> str:
    """Dot segments resolved, percent-encoding in its one form, single slashes, one at the end. Raises ValueError."""
    if len(path) > MAX_LENGTH:
        raise ValueError("too long")
    normal = f"/{path}/" if _PLAIN.fullmatch(path) else _resolved(re.split(r"[?#]", path, maxsplit=1)[0])
    if len(normal) > MAX_PATH:
        raise ValueError("too long")
    return re.sub(r"//+", "/", normal)


def _resolved(path: str) -> str:
    # The final slash comes first: without it w3lib would take what follows a ";" in the slug for parameters.
    # Made canonical, [ ] and | stand bare; made safe, it is what really goes over the wire.
    return urlsplit(safe_url_string(canonicalize_url(f"https://site.invalid/{path}/"))).path


def path_on_edition(url: str, edition: Hosted, base_url: str | None = None) -> tuple[str, str] | None:
    """The normal path of an address on an edition's hosts, and its query as printed; None for any other address.

    The host must be the edition's or an alias, with or without ``www.`` and ``m.``, or that of `base_url`, the address
    at which the same site is crawled (``http://127.0.0.1:8100``). A path alone is on the edition's host. Raises
    ArgumentError only for a `base_url` that is none.

    >>> from crawler.records import Edition
    >>> path_on_edition("http://www.harbour.example/a//b?page=2", Edition("harbour", "harbour.example", "en"))
    ('/a/b/', 'page=2')
    """
    places = _places(edition.hosts) if base_url is None else _places(edition.hosts) | {_base(base_url)[1]}
    try:
        parts = _split(url, edition.host)
        if parts is None or _place(parts) not in places:
            return None
        return normal_path(parts.path), parts.query
    except ValueError:
        return None


def site_relative(url_or_path: str) -> str:
    """Path and query of an address, always with exactly one leading slash, so that it can name no other host.

    Raises ArgumentError for what is neither an http(s) address nor a path.

    >>> site_relative("https://news.harbour.example/all?page=7&day=08#top")
    '/all?page=7&day=08'
    """
    text = _trimmed(url_or_path)
    try:
        parts = _split(text, "site.invalid") if text.startswith("/") or _SCHEME.match(text) else None
    except ValueError:
        parts = None
    if parts is None:
        raise ArgumentError(f"{shown(url_or_path)} is neither an http address nor a path")
    query = f"?{parts.query}" if parts.query else ""
    return f"/{parts.path.lstrip('/')}{query}"


def at_base(path: str, edition: Hosted, base_url: str | None) -> str:
    """The address that is really requested for a path: on the edition's host, or under `base_url` when that is given.

    Whatever host an address given as `path` names, it is replaced. Raises ArgumentError like `site_relative`.

    >>> from crawler.records import Edition
    >>> at_base("/all/", Edition("harbour-en", "news.harbour.example", "en"), "http://127.0.0.1:8100/")
    'http://127.0.0.1:8100/all/'
    """
    origin = f"{edition.scheme}://{edition.host}" if base_url is None else _base(base_url)[0]
    return origin + site_relative(path)


def bases_of(edition: Hosted, base_url: str | None) -> dict[str, str]:
    """What `under_base` wants where one mirror stands for all hosts of an edition; nothing where there is no mirror.

    >>> from crawler.records import Edition
    >>> bases_of(Edition("harbour", "harbour.example", "en"), "http://127.0.0.1:8100")
    {'harbour.example': 'http://127.0.0.1:8100'}
    """
    return {} if base_url is None else dict.fromkeys((edition.host, *sorted(edition.hosts - {edition.host})), base_url)


def under_base(url: str, base_urls: Mapping[str, str]) -> str:
    """The address that is really requested for an absolute one: itself, or that of the mirror that stands for its host.

    `base_urls` are origins by host, empty where no mirror is used. Raises ArgumentError for a host that it lacks.

    >>> under_base("https://api.agency.example/news?limit=20", {"api.agency.example": "http://127.0.0.1:8100"})
    'http://127.0.0.1:8100/news?limit=20'
    """
    if not base_urls:
        return url
    host = urlsplit(url).netloc
    if host not in base_urls:
        raise ArgumentError(f"no base_url stands for {host}: add {host}=URL to -a base_url")
    return _base(base_urls[host])[0] + site_relative(url)


def _trimmed(text: str) -> str:
    return text.strip(_EDGE).translate(_BREAKS)


def _split(text: str, host: str) -> SplitResult | None:
    """An http(s) address in safe ASCII; None for other schemes and for addresses with user names, which no article has
    and phishing likes. A path is completed with `host`, anything without scheme with https. Raises ValueError.
    """
    text = _trimmed(text)
    if len(text) > MAX_LENGTH:
        raise ValueError("too long")
    if text.startswith("/") and not text.startswith("//"):
        text = f"https://{host}{text}"
    elif _SCHEME.match(text) is None:
        text = f"https://{text.removeprefix('//')}"
    parts = urlsplit(safe_url_string(text))
    plain = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
    return parts if plain else None


def _place(parts: SplitResult) -> Place:
    """Raises ValueError for a bad port."""
    host = (parts.hostname or "").removesuffix(".")
    while (prefix := host.partition(".")[0]) in {"www", "m"} and host.count(".") > 1:
        host = host.removeprefix(f"{prefix}.")
    return host, None if parts.port in _WEB_PORTS else parts.port


@lru_cache(maxsize=64)
def _places(hosts: frozenset[str]) -> frozenset[Place]:
    return frozenset(_place(urlsplit(f"//{host}")) for host in hosts)


@lru_cache(maxsize=64)
def _base(base_url: str) -> tuple[str, Place]:
    """Scheme, host and port of a base URL, as text and as a place."""
    try:
        parts = _split(base_url, "") if _SCHEME.match(base_url) else None
        if parts is not None and parts.path in {"", "/"} and not parts.query and not parts.fragment:
            return f"{parts.scheme}://{parts.netloc}", _place(parts)
    except ValueError:
        pass
    raise ArgumentError(f"{shown(base_url)} is no base address such as http://127.0.0.1:8100 (no path, no user name)")


def shown(url: str) -> str:
    """An address as an error message repeats it."""
    return repr(url if len(url) <= _SHOWN else url[:_SHOWN] + "...")


_LOCAL_ENDINGS: Final = (".localhost", ".localdomain", ".local", ".internal", ".home.arpa")
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_private_host(host: str) -> bool:
    """Whether a host, as it stands in a URL (without port), is plainly no public one: a literal address that is
    loopback, private, link-local, multicast or reserved, also in the short, octal, hexadecimal and IPv6-wrapped forms
    that resolvers understand; a name of this machine or network (localhost, any name without a dot); no host at all.

    No name is looked up: a public name that leads to a private address is not found out here.

    >>> is_private_host("127.1"), is_private_host("[::ffff:10.0.0.1]"), is_private_host("news.harbour.example")
    (True, True, False)
    """
    name = unicodedata.normalize("NFKC", unquote(host[:MAX_LENGTH])).replace("。", ".").lower().removesuffix(".")
    name = name.removeprefix("[").partition("]")[0].partition("%")[0]
    if ":" in name:
        return _is_private(_ipv6(name))
    last = name.rpartition(".")[2]
    if last.isdecimal() or last.startswith("0x"):  # no public name ends so
        return _is_private(_ipv4(name))
    return "." not in name or name.endswith(_LOCAL_ENDINGS)


def _is_private(address: IPv4Address | IPv6Address | None) -> bool:
    return address is None or address.is_multicast or address.is_reserved or not address.is_global


def _ipv6(name: str) -> IPv4Address | IPv6Address | None:
    """An IPv6 address, or the IPv4 address that it wraps; None when it is none."""
    try:
        address = IPv6Address(name)
    except ValueError:
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _ipv4(name: str) -> IPv4Address | None:
    """One to four numbers, decimal, octal (0177) or hexadecimal (0x7f); the last fills what the others leave."""
    try:
        *first, last = (_number(part) for part in name.split(".", maxsplit=3))
        return IPv4Address(bytes(first) + last.to_bytes(4 - len(first), "big"))
    except (ValueError, OverflowError):  # no number; one too big for its place
        return None


def _number(digits: str) -> int:
    if digits.startswith("0x"):
        return int(digits[2:] or "0", 16)
    return int(digits, 8 if digits.startswith("0") else 10)
