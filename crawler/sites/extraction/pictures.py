"""The pictures of a story and their captions, each once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from crawler.html.boilerplate import QUIET
from crawler.html.emoji import character_of
from crawler.html.images import addresses_of
from crawler.html.markup import Element
from crawler.html.text import PICTURES, clean, line
from crawler.html.visibility import is_hidden
from crawler.records import NOT_ON_PAGE, Photo
from crawler.sites.extraction.page import Page, has_class, not_beside, once, outermost

_CREDIT: Final = re.compile(
    r"(?:\bPhotos? (?:courtesy of|by)\b|\bPhoto: ?|\bCourtesy of\b|\bZdjęci[ea]:|"
    r"\bFoto(?:s|graf[ií]a|grafie)?(?::| von\b| de (?!archivo)| cortesía\b)|\bFot\. |"
    r"\bФото(?:графия)?\b:?|\bФота\b:?|图片来源|图片：|摄影)[^\n]{1,200}",
    re.IGNORECASE,
)
_DECORATION: Final = re.compile(
    r"/counters?\b|/hit\b|/watch/|/pixel\b|/(?:flags?|avatars?|userpics?|icons?|logos?)\b|/1\.png$|\.(?:gif|svg|ico)$",
    re.IGNORECASE,
)
_ICON_CLASSES: Final = frozenset({"avatar", "counter", "flag", "icon", "ico", "logo"})
_STYLED_SIDE: Final = re.compile(
    r"(?:\A|[;\s])(?:width|height)\s*:\s*(?P<size>\d{1,4}(?:\.\d{1,4})?)\s*(?P<unit>px|r?em)", re.IGNORECASE
)
_EM: Final = 16  # pixels
_SMALLEST_PHOTO: Final = 60  # pixels; a counter is 1 or 31 high, a flag 16
_MAX_PHOTOS: Final = 500  # a photo report has tens
_MAX_ALT: Final = 2000  # characters
_PIXELS: Final = re.compile(r"\s*0*+([1-9]\d{0,4})(?:\.\d{1,9})?(?:px)?\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture where it stands: the same photo may stand on a page several times.

    `caption` is printed next to it, empty where there is none; `credit` is a source that is printed apart. `label` is
    the ``figcaption`` that holds the caption. `rule` says where the picture was found. `above`: it stands before the
    body, so that the body's first words are next to it.
    """

    image: Element = field(repr=False)
    url: str
    caption: str
    rule: str
    above: bool = False
    label: Element | None = field(default=None, repr=False)
    credit: str | None = None

    @property
    def alt(self) -> str | None:
        return clean((self.image.get("alt") or self.image.get("title") or "")[:_MAX_ALT]) or None


def pictures_of(page: Page, *, around: bool = False) -> list[Picture]:
    """Pictures of the blocks above the body, then those within it, in reading order.

    `around`: also pictures anywhere in the page's scope.
    """
    found = outermost(page.document.with_class(*page.furniture.picture_blocks))
    blocks = list(not_beside(page.document, found, page.furniture.beside))[:_MAX_PHOTOS]
    above = [picture for block in blocks for picture in _of_block(page, block)]
    region = page.scope if around else page.body
    if region is None:
        return above
    return above + list(pictures_in(page, region, "body img" if region is page.body else "container img", set(blocks)))


def photos_of(pictures: Sequence[Picture], printed: Mapping[Element, str], headline: str) -> tuple[Photo, ...]:
    """The photos that the pictures show: one address is one photo, with the first caption that it has anywhere.

    `printed`: captions that stand as text next to a picture, by its element.
    """
    photos: dict[str, Photo] = {}
    for picture in pictures:
        caption = picture.caption or printed.get(picture.image, "")
        photo = _photo(picture, "" if caption == headline else caption)
        photos[picture.url] = _joined(photos[picture.url], photo) if picture.url in photos else photo
    return tuple(photos.values())


def is_decoration(image: Element, url: str) -> bool:
    """Whether a picture is none of a story on any site: a flag, a counter, an avatar, one as small as a letter."""
    small = any(map(_is_small, ("width", "height"), (image, image))) or _is_icon(image)
    return small or _DECORATION.search(urlsplit(url).path) is not None


def _is_icon(image: Element) -> bool:
    """Whether a picture is drawn as small as a letter, by its class or its style."""
    if not _ICON_CLASSES.isdisjoint((image.get("class") or "").lower().split()):
        return True
    sides = _STYLED_SIDE.finditer(image.get("style") or "")
    return any(float(side["size"]) * (1 if side["unit"].lower() == "px" else _EM) < _SMALLEST_PHOTO for side in sides)


def _is_small(side: str, image: Element) -> bool:
    printed = (image.get(side) or "").strip()
    return printed.isdecimal() and len(printed) < 5 and int(printed) < _SMALLEST_PHOTO  # noqa: PLR2004  hostile digits


def rules_of(pictures: Iterable[Picture]) -> str:
    """The rules that gave the pictures, or that there are none."""
    return ", ".join(dict.fromkeys(picture.rule for picture in pictures)) or NOT_ON_PAGE


def _photo(picture: Picture, caption: str) -> Photo:
    named = _CREDIT.search(caption)
    return Photo(
        picture.url,
        caption or None,
        picture.credit or (named[0].strip() if named else None),
        alt=picture.alt,
        width=_pixels(picture.image.get("width")),
        height=_pixels(picture.image.get("height")),
    )


def _joined(one: Photo, other: Photo) -> Photo:
    captioned = one if one.caption or not other.caption else other
    sized = one if one.width or one.height else other
    return Photo(one.url, captioned.caption, captioned.credit, one.alt or other.alt, sized.width, sized.height)


def _pixels(printed: str | None) -> int | None:
    found = _PIXELS.fullmatch(printed or "")
    return int(found[1]) if found else None


def _of_block(page: Page, block: Element) -> Iterator[Picture]:
    names = page.furniture.picture_blocks
    rule = f"div.{next((name for name in names if has_class(block, frozenset({name}))), block.tag)} img"
    above = page.body is None or all(node is not page.body for node in block.iterancestors())
    if any(map(is_hidden, (block, *block.iterancestors()))):
        return
    for image, caption in _captioned(block):
        if (url := _address(page, image)) is not None:
            yield Picture(image, url, caption, rule, above)


def pictures_in(page: Page, region: Element, rule: str, read: AbstractSet[Element] = frozenset()) -> Iterator[Picture]:
    """The pictures of a part of the page, without those that are furniture or stand in blocks that were read already.
    `rule` is what the pictures name as theirs.
    """
    for image in islice(region.iter(*PICTURES), _MAX_PHOTOS):
        if _is_noise(image, page, region, read) or (url := _address(page, image)) is None:
            continue
        figure = next(image.iterancestors("figure"), None)
        label = next(figure.iter("figcaption"), None) if figure is not None else None
        label = None if label is None or is_hidden(label) else label
        yield Picture(image, url, "" if label is None else line(label, parted=True), rule, label=label)


def _captioned(block: Element) -> Iterator[tuple[Element, str]]:
    """The pictures of a block, each with its words: those in the part of the block that is its alone, or those that
    follow it up to the next picture.
    """
    images = [image for image in islice(block.iter(*PICTURES), _MAX_PHOTOS) if not _is_unseen(image, block)]
    if len(images) == 1:
        yield images[0], once(line(block, parted=True))
        return
    pictures = Counter(node for image in images for node in (image, *image.iterancestors()))
    for image in images:
        cell = next(node for node in (image, *image.iterancestors()) if pictures[node.getparent()] > 1)
        behind = takewhile(lambda node: not pictures[node], cell.itersiblings())
        beside = " ".join([cell.tail or "", *map(_text_and_tail, behind)])
        yield image, once(line(cell, parted=True)) or once(clean(beside))


def _is_unseen(image: Element, block: Element) -> bool:
    around = takewhile(lambda node: node is not block, image.iterancestors())
    return is_hidden(image) or any(QUIET.covers(node) for node in around)


def _text_and_tail(node: Element) -> str:
    return f"{line(node, parted=True)} {node.tail or ''}"


def _is_noise(image: Element, page: Page, region: Element, blocks: AbstractSet[Element]) -> bool:
    """Whether a picture stands in a block of furniture, behind the story's end, or in a block that is read already."""
    if is_hidden(image) or image in page.ends:
        return True
    for node in image.iterancestors():
        if node in blocks or node in page.ends:
            return True
        if node is region:
            return False
        boilerplate = page.furniture.boilerplate
        if boilerplate.covers(node) or boilerplate.promotes(node) or has_class(node, page.furniture.beside):
            return True
    return False


def _address(page: Page, image: Element) -> str | None:
    """The absolute address of a picture that is a photo; None for a character, the site's furniture, a stand-in."""
    if character_of(image) is not None:
        return None
    found = (_absolute(page, printed) for printed in addresses_of(image))
    url = next((address for address in found if address is not None), None)
    is_own = page.furniture.is_own
    return None if url is None or (is_own is not None and is_own(image, url)) else url


def _absolute(page: Page, printed: str) -> str | None:
    """Absolute address without what changes; a relative one, or a mirror's, is put under the edition's host.

    One without scheme gets https, however the page was fetched: the same page must give the same photos.
    """
    if not printed:
        return None
    if printed.startswith("//"):
        absolute = _under_host(page, f"https:{printed}")
    elif printed.startswith("/"):
        absolute = f"{page.edition.scheme}://{page.edition.host}{printed}"
    else:
        absolute = _under_host(page, page.document.resolve(printed))
    return _unchanging(absolute, page.furniture.changing) if absolute else None


def _under_host(page: Page, absolute: str | None) -> str | None:
    """An http address, under the edition's host where it is that of the mirror that was asked."""
    try:
        parts = urlsplit(absolute or "")
    except ValueError:  # https://[
        return None
    if parts.scheme not in {"http", "https"}:
        return None
    fetched = (urlsplit(page.document.url).netloc, urlsplit(page.document.base_url or "").netloc)
    if parts.netloc in {*fetched, *page.edition.aliases}:
        parts = parts._replace(scheme=page.edition.scheme, netloc=page.edition.host)
    return urlunsplit(parts)


def _unchanging(url: str, changing: frozenset[str]) -> str:
    """An address without the parameters that change with every edit of the page: the picture does not."""
    if not changing:
        return url.partition("#")[0]
    address, _, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in query.split("&") if pair and pair.partition("=")[0] not in changing]
    return f"{address}?{'&'.join(kept)}" if kept else address
