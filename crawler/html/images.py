"""The addresses that a picture's markup names, the best first: pages name several, and load the picture late."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

from crawler.html.markup import Element

_MOST: Final = 50  # addresses of one picture
_SMALLEST: Final = 60  # pixels; narrower is a blurred stand-in
_EM: Final = 16  # pixels

_ADDRESS: Final = re.compile(r"[^\s{}\"<>]*/[^\s{}\"<>]+|[^\s{}\"<>/]+\.(?:jpe?g|png|webp|avif)")
_PICTURE_FILE: Final = re.compile(r"\.(?:jpe?g|png|webp|avif|gif|bmp|tiff?|heic)(?:[?#!:]|\Z)", re.IGNORECASE)
# data-src, data-original, data-lazy-src, data-img-url, data-image; data-full, data-large-file, data-zoom-image
_NAMED: Final = re.compile(r"src|orig|lazy|im(?:age|g)|echo|photo|pic|full|large|big|zoom|hi-?res|retina|high|max")
_PAGE: Final = re.compile(r"/\Z|\.(?:s?html?|aspx?)(?:[?#]|\Z)", re.IGNORECASE)
_LARGER: Final = re.compile(r"full|large|big|zoom|hi-?res|retina|high|max")
_SMALLER: Final = re.compile(r"thumb|small|preview|placeholder|low|tiny|mini|blur|lqip|icon|error|fallback|loading")
_UNUSED: Final = re.compile(r"(?:alt|caption|title|name|text|class|share|href|link|page|video|embed)(?:-|\Z)")
_MIN_WIDTH: Final = re.compile(r"min-width\s*:\s*(?P<number>\d{1,5})(?P<unit>px|r?em)")
_DESCRIPTOR: Final = re.compile(r"(?P<number>\d{1,6}(?:\.\d{1,6})?)(?P<unit>[wx])(?=\s|\Z)")
_LEADING: Final = re.compile(r"[\s,]*+(?P<address>\S++)")
_REST: Final = re.compile(r"[^,]*+")

# A file that stands in for a picture: every word of its name says so, or is one that says nothing.
_WORD: Final = re.compile(r"[a-z]+|\d+(?:x\d+)?")
_STANDS_IN: Final = frozenset(
    {
        "blank", "default", "dummy", "empty", "lazy", "lazyload", "loader", "loading", "nofoto", "noimage", "noimg",
        "nophoto", "nopic", "pixel", "placeholder", "preloader", "skeleton", "spacer", "spinner", "stub", "trans",
        "transp", "transparent", "zaglushka", "1x1",
    }
)  # fmt: skip
_SAYS_NOTHING: Final = frozenset(
    {
        "available", "bg", "big", "black", "foto", "found", "gif", "gray", "grey", "image", "images", "img", "large",
        "medium", "new", "news", "photo", "pic", "picture", "small", "thumb", "thumbnail", "white",
    }
)  # fmt: skip
_COLOURS: Final = frozenset({"gray", "grey", "white"})
_MAKERS: Final = re.compile(
    r"(?:https?:)?//(?:[\w-]+\.)*(?:placeholder|placehold|dummyimage|fakeimg)\.\w{2,4}(?:[/:]|\Z)", re.IGNORECASE
)
_ABSENT: Final = frozenset({"no", "not"})


class _Source(NamedTuple):
    """An address: `width` in pixels where it is said, the `density` of its pixels, and how good the place is that
    names it. Greater is better.
    """

    width: float
    density: float
    place: int
    address: str


def addresses_of(image: Element) -> list[str]:
    """The addresses of a picture as printed, the largest first; those that stand in for it are left out.

    Where the picture names none, they are those of the ``noscript`` behind it, for readers without scripts.
    """
    found = list(islice(_sources(image), _MOST))
    if len(found) > 1:
        found.sort(key=lambda source: source[:3], reverse=True)
    addresses = dict.fromkeys(source.address for source in found if not is_placeholder(source.address))
    without_scripts = None if addresses else _without_scripts(image)
    return list(addresses) if without_scripts is None else addresses_of(without_scripts)


def is_placeholder(address: str) -> bool:
    """Whether an address is that of a blank or a stand-in that a page shows until the picture has come.

    >>> is_placeholder("/i/no-photo-300x200.png"), is_placeholder("/i/blank-wall.jpg")
    (True, False)
    """
    if address.lstrip()[:11].lower().startswith(("data:", "about:", "blob:", "javascript:", "#")):
        return True
    name = address.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2].lower()
    words = _WORD.findall(name.rpartition(".")[0] or name)
    said = [word for word in words if not word[0].isdigit() and word not in _SAYS_NOTHING]
    if not said and ("1x1" in words or (words and _COLOURS.issuperset(words))):
        return True
    if _MAKERS.match(address):
        return True
    return bool(said) and (_STANDS_IN.issuperset(said) or (_ABSENT.issuperset(said) and len(words) > 1))


def _sources(image: Element) -> Iterator[_Source]:
    for name, value in islice(image.items(), _MOST):
        yield from _of_attribute(str(name), str(value))
    picture = _picture_of(image)
    if picture is not None:
        for source in islice(picture.iter("source"), _MOST):
            yield from _of_source(source)


def _picture_of(image: Element) -> Element | None:
    """The ``picture`` around an image. libxml2 does not know that ``source`` has no end, and puts one into the next."""
    return next((node for node in islice(image.iterancestors(), _MOST) if node.tag == "picture"), None)


def _without_scripts(image: Element) -> Element | None:
    picture = _picture_of(image)
    behind = (image if picture is None else picture).getnext()
    return None if behind is None or behind.tag != "noscript" else next(behind.iter("img"), None)


def _of_attribute(name: str, value: str) -> Iterator[_Source]:
    if name.endswith("srcset"):
        yield from _of_set(value, place=1)
    elif name == "src":
        yield _Source(0, 1, 0, value.strip())
    elif name.startswith("data-") and _ADDRESS.fullmatch(value.strip()):
        yield from _of_data(name.removeprefix("data-"), value.strip())


def _of_data(name: str, address: str) -> Iterator[_Source]:
    """An address that waits in an attribute of the page's own until a script takes it."""
    if _UNUSED.search(name) or _PAGE.search(address) or not (_NAMED.search(name) or _PICTURE_FILE.search(address)):
        return
    place = -1 if _SMALLER.search(name) else 2 if _LARGER.search(name) else 1
    yield _Source(0, 1, place, address)


def _of_source(source: Element) -> Iterator[_Source]:
    """The addresses of a ``source``: one for wide screens is large, one for narrow screens is small."""
    media = source.get("media") or ""
    least = _MIN_WIDTH.search(media)
    width = int(least["number"]) * (1 if least["unit"] == "px" else _EM) if least else 0
    place = -2 if "max-width" in media and not least else -1
    for name in ("srcset", "data-srcset", "data-lazy-srcset", "src", "data-src"):
        for found in _of_set(source.get(name) or "", place=place):
            yield found._replace(width=found.width or width)


def _of_set(printed: str, *, place: int) -> Iterator[_Source]:
    """The addresses of a ``srcset``: "a.jpg 300w, b.jpg 900w", "a.jpg, b.jpg 2x"."""
    at = 0
    while found := _LEADING.match(printed, at):
        address, at = found["address"], found.end()
        rest = None if address.endswith(",") else _REST.match(printed, at)
        at = rest.end() if rest else at
        described = _DESCRIPTOR.search(rest[0]) if rest else None
        number, unit = (float(described["number"]), described["unit"]) if described else (1.0, "x")
        if unit == "x" or number >= _SMALLEST:
            yield _Source(number if unit == "w" else 0, number if unit == "x" else 1, place, address.rstrip(","))
