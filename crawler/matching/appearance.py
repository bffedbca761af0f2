"""What a text and a picture's address come to for a reader, whatever their bytes: by this contents are equal.

Not for storing: the archive keeps texts and addresses as the page gave them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

# Characters that no reader sees, wherever they stand: controls, the soft hyphen, zero-width spaces, marks and isolates
# of writing direction, invisible operators. Overrides of direction (U+202D, U+202E) stay: they turn words around. So do
# variation selectors and tags, which choose another glyph (an emoji, a flag), and signs such as U+0600, which have one.
_INVISIBLE: Final = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202c"
    "\u2060-\u206f\ufeff\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000\U000e0001]+"
)
# Scripts whose letters stand apart. A joiner between them shows nothing; in Arabic and Indic scripts it chooses the
# shape of letters, and it makes one emoji of several.
_APART: Final = (
    "\x00-\u058f\u1100-\u11ff\u1e00-\u203b\u203d-\u2048\u204a-\u206f"
    "\u3000-\u303c\u303e-\u3296\u3298\u329a-\u9fff\uac00-\ud7ff"
)
_JOINERS: Final = re.compile(f"(?<![^{_APART}])[\u200c\u200d]+(?![^{_APART}])")

_PICTURE: Final = re.compile(r"\.(?:jpe?g|jfif|png|gif|webp|avif|heic|svg|bmp|tiff?)$", re.IGNORECASE)
_CHOOSING: Final = frozenset({"id", "file", "src", "image", "img", "photo", "pic", "url"})
"""Parameters that choose a picture even where the path already names a file."""

_COUNTING: Final = frozenset(
    {
        "",
        "_",
        "r",
        "t",
        "ts",
        "v",
        "cb",
        "ver",
        "rnd",
        "rand",
        "random",
        "time",
        "timestamp",
        "version",
        "cache",
        "nocache",
    }
)
"""Parameters by which sites get round a cache or count: they never choose a picture."""


def as_seen(text: str) -> str:
    r"""A text as it is compared: normal form NFC, white space folded, without what is invisible.

    Line breaks are seen and stay. Two texts that look alike by chance (a Latin and a Cyrillic letter) stay different.

    >>> as_seen("The\u00a0fe\u00adrry  cafe\u0301\u200e")
    'The ferry café'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
        text = unicodedata.normalize("NFC", _JOINERS.sub("", text))
    elif not text.isprintable():
        text = _INVISIBLE.sub("", text)
    if "\n" not in text:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))


def picture_seen(url: str) -> str:
    """A picture's address as it is compared: its path, decoded, and those parameters that choose a picture.

    Scheme and host say where it is fetched from, other parameters of a file in what size or for which time: when they
    change, the picture is the same.

    >>> picture_seen("http://img.harbour.example/a%20b_big.jpg?r=1771"), picture_seen("//cdn.example/show?id=5&t=99")
    ('/a b_big.jpg', '/show?id=5')
    """
    parts = _split(url)
    if parts is None:
        return url
    path = unquote(parts.path) or "/"
    is_file = bool(_PICTURE.search(path))
    chosen = [
        f"{name}={value}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if (name.lower() in _CHOOSING if is_file else value and name.lower() not in _COUNTING)
    ]
    return f"{path}?{'&'.join(chosen)}" if chosen else path


def _split(url: str) -> SplitResult | None:
    """None for what is fetched from nowhere (``data:``), and for what is no address."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return parts if parts.scheme in {"", "http", "https"} else None
