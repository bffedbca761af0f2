"""Hosts and addresses as a site file gives them: a path on the edition's host, or a whole address on another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from crawler.records import Edition

MAX_ADDRESS: Final = 1000  # characters

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MAX_HOST: Final = 253
_EXAMPLE: Final = "news.harbour.example"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a file. `origin` is ``https://api.harbour.example``, None for the edition's own; `path` is the rest
    from the first slash, with its query, as written.
    """

    origin: str | None
    path: str

    def on(self, edition: Edition, path: str | None = None) -> str:
        """The absolute address; `path` instead of its own, where the holes of it are filled."""
        return f"{self.origin or f'{edition.scheme}://{edition.host}'}{self.path if path is None else path}"

    @property
    def host(self) -> str | None:
        """The host that it names, with its port; None where it names none."""
        return None if self.origin is None else urlsplit(self.origin).netloc


def read_host(text: str) -> str:
    """A host in its one form: small letters, punycode, a port only where it is not the usual one. Raises ValueError.

    >>> read_host("News.Harbour.example"), read_host("127.0.0.1:8100"), read_host("гавань.example")
    ('news.harbour.example', '127.0.0.1:8100', 'xn--80aafc7c0e.example')
    """
    if "://" in text or "/" in text or "@" in text:
        raise ValueError(f"{text!r} is no host; write it without scheme and path, such as {_EXAMPLE}")
    name, colon, port = text.partition(":")
    if colon and not (port.isascii() and port.isdecimal() and 0 < int(port[:6]) < 1 << 16):
        raise ValueError(f"{text!r} has no port behind its colon; write it as {_EXAMPLE}:8080")
    try:
        plain = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise ValueError(f"{text!r} is no host; write one such as {_EXAMPLE}") from None
    if len(plain) > _MAX_HOST or not all(map(_LABEL.fullmatch, plain.split("."))):
        raise ValueError(f"{text!r} is no host; write one such as {_EXAMPLE}")
    return plain if not colon or port in {"80", "443"} else f"{plain}:{int(port)}"


def read_address(text: str) -> Address:
    """A path, or an address with its host. Raises ValueError.

    >>> read_address("https://api.harbour.example/news?limit=20")
    Address(origin='https://api.harbour.example', path='/news?limit=20')
    """
    if len(text) > MAX_ADDRESS:
        raise ValueError(f"an address of {len(text)} characters; at most {MAX_ADDRESS} are taken")
    if "#" in text or any(map(str.isspace, text)):
        raise ValueError(f"{text!r} is no address: no # and no white space stand in one")
    scheme, separator, rest = text.partition("://")
    if not separator:
        if not text.startswith("/") or text.startswith("//"):
            raise ValueError(f"{text!r} is no path; write it from the first slash, or as an address with its host")
        return Address(None, text)
    if scheme.lower() not in {"http", "https"}:
        raise ValueError(f"{text!r} is no address of the web; write https://")
    slash = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    path = rest[slash:] if rest[slash : slash + 1] == "/" else f"/{rest[slash:]}"
    return Address(f"{scheme.lower()}://{read_host(rest[:slash])}", path)
