"""URL keys of web archive indexes (SURT): host names reversed, so that a site's pages stand together when sorted.

Equal to what pywb and cdxj-indexer compute for the http addresses of a news site. Their library (`surt`) is not used:
it is not maintained, under another licence than ours, and asks the name server about hosts that are numbers. What it
has more: session ids of old shop software are not left out here, and numeric hosts are taken as they are written.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_ADDRESS: Final = re.compile(
    r"(?P<scheme>https?)://(?P<place>[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE
)
_WWW: Final = re.compile(r"www\d*\.")
_PORTS: Final = {"http": "80", "https": "443"}
_SAFE: Final = "!\"$&'()*+,-./:;<=>?@[\\]^_`{|}~"
_BREAKS: Final = str.maketrans("", "", "\t\r\n")


def surt(url: str) -> str:
    """The key under which an index lists an address. Addresses that are not http(s) are their own key.

    Leaves out scheme, ``www.``, default port, fragment, user name and final slash; orders the query's parameters;
    all in lower case, since archives find by it what differs in case only.

    >>> surt("https://www.harbour.example/President/view/x-504549-2022/?b=2&a=1#top")
    'example,harbour)/president/view/x-504549-2022?a=1&b=2'
    """
    text = url.strip().translate(_BREAKS)
    match = _ADDRESS.match(text)
    if match is None:
        return text
    host, port = _host_and_port(match["place"], match["scheme"].lower())
    query = _query(match["query"] or "")
    key = ",".join(reversed(host.split("."))) + (f":{port}" if port else "")
    return f"{key}){_path(match['path'])}" + (f"?{query}" if query else "")


def _host_and_port(place: str, scheme: str) -> tuple[str, str]:
    host, _, port = place.rpartition("@")[2].partition(":")
    host = _escaped(host).lower().replace("..", ".").strip(".")
    return _WWW.sub("", host, count=1) if _WWW.match(host) else host, "" if port == _PORTS[scheme] else port


def _path(path: str) -> str:
    kept: list[bytes] = []
    parts = _unescaped(path).split(b"/")[1:]
    for part in parts:
        if part == b".." and kept:
            kept.pop()
        elif part != b".":
            kept.append(part)
    inner = b"/".join([part for part in kept[:-1] if part] + kept[-1:])
    return "/" + _quoted(inner).lower().rstrip("/")


def _query(query: str) -> str:
    parameters = [tuple(parameter.split("=", 1)) for parameter in _escaped(query).lower().split("&")]
    return "&".join("=".join(parameter) for parameter in sorted(parameters))


def _escaped(text: str) -> str:
    """Percent-encoding in its one form, whatever it was before."""
    return _quoted(_unescaped(text))


def _unescaped(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    while (plain := unquote_to_bytes(raw)) != raw:
        raw = plain
    return raw


def _quoted(raw: bytes) -> str:
    return quote_from_bytes(raw, safe=_SAFE)
