"""The pictures of a story with what is printed under them, which is never part of the body."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final

from crawler.html.images import addresses_of
from crawler.html.jsonld import address_of, nested, text_of, types_of
from crawler.html.markup import Element
from crawler.html.text import clean
from crawler.records import Photo
from crawler.sites.generic.captions import Box, Caption, box_of, caption_of
from crawler.sites.generic.class_names import is_about_article
from crawler.sites.generic.page import Page
from crawler.sites.generic.people import without_by
from crawler.sites.generic.surroundings import Surroundings

_MOST: Final = 300  # pictures of a page
_MOST_TOLD: Final = 1000  # objects of its JSON-LD
_DIGITS: Final = 5
_SMALL: Final = 100  # pixels: icons, portraits of authors
_BYLINE: Final = 12  # words
_SHORT_BYLINE: Final = 6
_PICTURES: Final = frozenset({"img", "amp-img"})
_OWN_TAG: Final = re.compile(
    r"[a-z]+-(?:[a-z0-9]+-){0,3}?(?:image|img|picture|photo)(?:-[a-z0-9]+)?|(?:image|img)-[a-z0-9]+"
)
_FILE: Final = re.compile(r"[^\s\"'()<>]{1,2000}\.(?:jpe?g|png|webp|avif)(?:\?[^\s\"'()<>]{0,500})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The photos of a story, and the elements of the page that are theirs, captions included: no part of the body."""

    photos: tuple[Photo, ...] = ()
    boxes: frozenset[Element] = field(default=frozenset(), repr=False)


def pictures(page: Page, around: Surroundings, people: Sequence[str]) -> Pictures:
    """The pictures in the block of the story, and those between it and the heading."""
    told = _told(page)
    photos: dict[str, Photo] = {}
    boxes: set[Element] = set()
    for picture in islice(_shown(around), _MOST):
        box = box_of(picture, around.block)
        if box is not None and _is_of_article(box, around.headline, people):
            box = None
        if box is not None:
            boxes.update(box.elements)
        caption = Caption() if box is None else caption_of(box)
        if (address := _address(page, picture)) is not None:
            text = caption.text or told.get(_file(address))
            known = photos.get(address)
            if known is None or len(text or "") > len(known.caption or ""):
                alt = clean(picture.get("alt") or "") or None
                photos[address] = Photo(address, text, caption.credit, alt)
    return Pictures((*photos.values(), *_unshown(page, photos)), frozenset(boxes))


def _shown(around: Surroundings) -> Iterator[Element]:
    """The pictures above and within the story, without icons, and without portraits of its authors."""
    for picture in (one for part in (around.above, around.within) for one in part if _is_picture(one)):
        figure = next((box for box in picture.iterancestors("figure")), picture)
        wrappers = takewhile(lambda box: box is not around.scope and box is not around.block, figure.iterancestors())
        if not _is_small(picture) and not any(is_about_article(box) for box in wrappers):
            yield picture


def _is_picture(element: Element) -> bool:
    """Whether an element is an image, one of the page's own kind, or a figure whose image only a script puts in."""
    if element.tag in _PICTURES or _OWN_TAG.fullmatch(element.tag):
        return True
    return element.tag == "figure" and next(element.iter(*_PICTURES), None) is None


def _is_small(picture: Element) -> bool:
    if any(address.partition("?")[0].lower().endswith(".svg") for address in addresses_of(picture)):
        return True
    sides = (picture.get(name) or "" for name in ("width", "height"))
    return any(int(side) < _SMALL for side in sides if side.isdecimal() and len(side) <= _DIGITS)


def _address(page: Page, picture: Element) -> str | None:
    """The absolute address of a picture."""
    printed = addresses_of(picture) if picture.tag != "figure" else _addresses_within(picture)
    return next((found for one in printed if (found := page.document.resolve(one))), None)


def _addresses_within(figure: Element) -> list[str]:
    """The addresses of image files in the attributes of a figure's elements."""
    values = (str(value) for one in islice(figure.iter("*"), _MOST) for value in islice(one.values(), _MOST))
    return [found[0] for value in values if (found := _FILE.search(value[:_MOST_TOLD])) is not None]


def _is_of_article(box: Box, headline: str, people: Sequence[str]) -> bool:
    """Whether words next to a picture are the headline or a byline, and not about the picture."""
    text = box.text
    if headline and headline in text:
        return True
    name, is_byline = without_by(text)
    words = len(text.split())
    return (words <= _BYLINE and name.startswith(tuple(people))) or (is_byline and words <= _SHORT_BYLINE)


def _told(page: Page) -> Mapping[str, str]:
    """Captions in the page's JSON-LD by the file of their picture."""
    told: dict[str, str] = {}
    for node in islice((one for top in page.linked.top for one in nested(top)), _MOST_TOLD):
        address, caption = address_of(node), text_of(node.get("caption"))
        if address and caption and "ImageObject" in types_of(node):
            told.setdefault(_file(address), clean(caption))
    return told


def _unshown(page: Page, shown: Mapping[str, Photo]) -> Iterator[Photo]:
    """The pictures with captions that the article's data name and the page leaves to a script."""
    files = {_file(address) for address in shown}
    captions = {photo.caption for photo in shown.values()}
    for value in (one for node in page.nodes for one in page.linked.values(node, "image")):
        caption, address = text_of(value.get("caption")) if isinstance(value, dict) else None, address_of(value)
        resolved = page.document.resolve(address) if address else None
        if caption and resolved and _file(resolved) not in files and clean(caption) not in captions:
            files.add(_file(resolved))
            yield Photo(resolved, clean(caption))


def _file(address: str) -> str:
    """The name of a picture's file without what says its size."""
    return address.partition("?")[0].rpartition("/")[2].lower()
