"""The pictures of a story with what is printed under them.

Most pages use ``figure`` and ``figcaption``. Others put a picture and its caption into a box of their own, and only the
box tells that the words belong to the picture: nothing else stands in it. Such words are never part of the body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final

from crawler.html.boilerplate import Boilerplate
from crawler.html.images import addresses_of
from crawler.html.jsonld import Node, address_of, nested, text_of, types_of
from crawler.html.markup import Element
from crawler.html.text import clean, line
from crawler.records import Photo
from crawler.sites.generic.furniture import is_about, words_of_names
from crawler.sites.generic.page import Page
from crawler.sites.generic.people import names_in
from crawler.sites.generic.surroundings import Surroundings

_MOST: Final = 300  # pictures of a page
_LEVELS: Final = 8  # of boxes around a picture
_MAX_CAPTION: Final = 1000  # characters, with what stands beside the caption
_MAX_UNNAMED: Final = 400
_DIGITS: Final = 5
_SMALL: Final = 100  # pixels: icons, portraits of authors
_LARGE: Final = frozenset({"body", "article", "main", "html"})
_NO_CAPTION: Final = ("h1", "time", "video", "audio", "iframe", "form")
_BYLINE: Final = 12  # words
_NEAR: Final = 4
_LEAST: Final = 3  # words
_WHOLE: Final = frozenset({"article", "main"})
_PICTURES: Final = ("img", "amp-img")
_IMAGE_FILE: Final = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?:[?#!:]|\Z)|^#|^javascript:|^$", re.IGNORECASE)
_CAPTIONS: Final = frozenset(
    {
        "caption",
        "captions",
        "legend",
        "bildunterschrift",
        "bildtext",
        "cutline",
        "pie",
        "didascalia",
        "legende",
        "description",
    }
)
_CREDITS: Final = frozenset(
    {
        "credit",
        "credits",
        "copyright",
        "photographer",
        "source",
        "quelle",
        "rights",
        "agency",
        "creditline",
        "fotograf",
        "photocredit",
    }
)
_IS_CREDIT: Final = re.compile(
    r"[\[(]?\s*(?:©|\(c\)|(?:photo(?:graph(?:y|s)?)?s?|foto(?:s|grafie)?|bild(?:quelle)?|image|picture|credits?|quelle|source|fuente|"
    r"illustration|copyright|фото|usage|kuva|zdj[eę]cie|fot)\b\.?\s*(?:by|von|courtesy|di|de|:|/|\||–|-|\.))",
    re.IGNORECASE,
)
_MAX_CREDIT: Final = 120  # characters
_SAYS: Final = re.compile(r"[^\W\d_]{2}|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SILENT: Final = Boilerplate(tags=frozenset({"nav", "form"}))


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """The photos of a story, and the elements of the page that are theirs, captions included: no part of the body."""

    photos: tuple[Photo, ...] = ()
    boxes: frozenset[Element] = field(default=frozenset(), repr=False)


def pictures(page: Page, nodes: Sequence[Node], around: Surroundings, headline: str, people: Sequence[str]) -> Pictures:
    """The pictures in the block of the story, and those between it and the heading."""
    told = _told(page, nodes)
    photos: dict[str, Photo] = {}
    boxes: set[Element] = set()
    for image in islice(_images(around), _MOST):
        box = _box(image, around.block)
        if box is not None and _is_of_article(line(box.words, _SILENT), headline, people):
            box = None
        address = next((found for one in addresses_of(image) if (found := page.document.resolve(one))), None)
        if box is not None:
            boxes.update(box.elements)
        if address is None or (box is None and image.tag != "img"):
            continue
        caption, credit = _words(box) if box is not None else (None, None)
        caption = caption or told.get(_file(address))
        alt = clean(image.get("alt") or "") or None
        known = photos.get(address)
        if known is None or len(caption or "") > len(known.caption or ""):
            photos[address] = Photo(address, caption, credit, alt)
    return Pictures(tuple(photos.values()), frozenset(boxes))


def _is_of_article(text: str, headline: str, people: Sequence[str]) -> bool:
    """Whether words next to a picture are the headline or the byline, and not about the picture."""
    if headline and headline in text:
        return True
    return len(text.split()) <= _BYLINE and any(person in text for person in people) and names_in(text)[:1] != [text]


def _told(page: Page, nodes: Sequence[Node]) -> Mapping[str, str]:
    """Captions in the page's JSON-LD by the file of their picture."""
    told: dict[str, str] = {}
    for node in nodes:
        for image in (one for value in page.linked.values(node, "image") for one in nested({"image": value})):
            address, caption = address_of(image), text_of(image.get("caption"))
            if "ImageObject" in types_of(image) and address and caption:
                told.setdefault(_file(address), clean(caption))
    return told


def _file(address: str) -> str:
    """The name of a picture's file without what says its size."""
    return address.partition("?")[0].rpartition("/")[2].lower()


def _images(around: Surroundings) -> Iterator[Element]:
    """The images above and within the story, without icons, and without portraits of its authors."""
    for image in (one for part in (around.above, around.within) for one in part if one.tag in _PICTURES):
        boxes = islice(image.iterancestors(), _LEVELS)
        figure = next((box for box in boxes if box.tag == "figure"), image)
        wrappers = takewhile(lambda box: box is not around.scope and box is not around.block, figure.iterancestors())
        if not _is_small(image) and not any(is_about(box) for box in wrappers):
            yield image


def _is_small(image: Element) -> bool:
    if any(address.partition("?")[0].lower().endswith(".svg") for address in addresses_of(image)):
        return True
    sides = [
        int(side)
        for name in ("width", "height")
        if (side := image.get(name) or "").isdecimal() and len(side) <= _DIGITS
    ]
    return any(side < _SMALL for side in sides)


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    """The elements that are a picture's with its words, and the one of them that has the words."""

    words: Element
    elements: tuple[Element, ...]
    is_named: bool  # whether the page itself calls the words a caption


def _box(image: Element, block: Element | None) -> _Box | None:
    """The box of a picture that has words; None where it has none, or where they lead to another page."""
    figure = next((one for one in islice(image.iterancestors(), _LEVELS) if one.tag == "figure"), None)
    if (
        figure is not None
        and not _is_long(figure)
        and (named := _named(figure)) is not None
        and named.tag == "figcaption"
    ):
        return None if _is_linked(figure) else _Box(named, (figure,), is_named=True)
    figure, linked = None, False
    for level, outer in enumerate(islice(image.iterancestors(), _LEVELS)):
        if outer is block or outer.tag in _LARGE or _is_long(outer) or _holds_others(outer, image):
            break
        linked = linked or (outer.tag == "a" and _leads_away(outer))
        if linked and outer.tag == "a" and line(outer, _SILENT):
            return None
        if (named := _named(outer)) is not None:
            return _Box(named, (outer,), is_named=True)
        behind = outer.getnext()
        if behind is not None and (behind.tag == "figcaption" or _names(behind, _CAPTIONS)) and line(behind, _SILENT):
            return _Box(behind, (outer, behind), is_named=True)
        if figure is None and (outer.tag == "figure" or line(outer, _SILENT)):
            figure = outer
            if outer.tag != "figure" and level > _NEAR:
                break
    return None if figure is None or linked or not _is_captioned(figure) else _Box(figure, (figure,), is_named=False)


def _is_long(box: Element) -> bool:
    """Whether a box holds more text, or more of anything, than any picture has."""
    if len(list(islice(box.iter(), _MOST))) == _MOST:
        return True
    letters = 0
    for text in islice(box.itertext(), _MOST):
        letters += len(text.strip())
        if letters > _MAX_CAPTION:
            return True
    return False


def _is_captioned(box: Element) -> bool:
    """Whether the words of a box that nobody calls a caption may be one."""
    text = line(box, _SILENT)
    if not len(text.split()) >= _LEAST or len(text) > _MAX_UNNAMED or next(box.iter(*_NO_CAPTION), None) is not None:
        return False
    links = [line(link, _SILENT) for link in islice(box.iter("a"), 20) if _leads_away(link)]
    return sum(map(len, links)) * 2 <= len(text) and not any(len(link.split()) >= _LEAST + 1 for link in links)


def _named(box: Element) -> Element | None:
    """The element of a box that is called a caption: the first with words, the innermost if they are nested."""
    captions = [one for one in islice(box.iter("figcaption"), 5) if line(one, _SILENT)]
    if captions:
        return captions[0]
    named = [
        one for one in islice(box.iterdescendants("*"), _MOST) if _names(one, _CAPTIONS) and not _names(one, _CREDITS)
    ]
    return next((one for one in named if line(one, _SILENT)), None)


def _is_linked(box: Element) -> bool:
    """Whether a box stands in a link to another page."""
    return any(one.tag == "a" and _leads_away(one) for one in islice(box.iterancestors(), _NEAR))


def _leads_away(element: Element) -> bool:
    return not _IMAGE_FILE.search(element.get("href") or "")


def _holds_others(box: Element, image: Element) -> bool:
    """Whether a box holds pictures besides this one: then its words are not this one's alone."""
    own = set(addresses_of(image))
    others = (addresses_of(other) for other in islice(box.iter(*_PICTURES), 10) if other is not image)
    return any(other and own.isdisjoint(other) for other in others)


@dataclass(frozen=True, slots=True)
class _CaptionBoilerplate(Boilerplate):
    """What is none of a caption: the elements that name the source of the picture."""

    def covers(self, element: Element) -> bool:
        return _names_credit(element) or Boilerplate.covers(self, element)


_CAPTION: Final = _CaptionBoilerplate(tags=_SILENT.tags | {"cite"})


def _words(box: _Box) -> tuple[str | None, str | None]:
    """Caption and credit of a box."""
    marked = next(
        (
            one
            for element in (box.words, *box.elements)
            for one in islice(element.iterdescendants("*"), _MOST)
            if _names_credit(one)
        ),
        None,
    )
    credit = "" if marked is None else line(marked, _SILENT, parted=True)
    text = line(box.words, _CAPTION, parted=True)
    if _IS_CREDIT.match(text) and len(text) <= _MAX_CREDIT:
        return None, credit or text
    return text if _SAYS.search(text) else None, credit or None


def _names(element: Element, words: frozenset[str]) -> bool:
    return not words.isdisjoint(words_of_names(element))


def _names_credit(element: Element) -> bool:
    return (
        element.tag == "cite"
        or element.get("itemprop") in {"copyrightHolder", "author", "creditText", "creator"}
        or _names(element, _CREDITS)
    )
