"""The pictures of a story and their captions, each once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from crawler.markup import Element
from crawler.records import NOT_ON_PAGE, Photo
from crawler.sites.belta.furniture import NOISE, SIDE_BLOCKS, is_furniture, not_beside
from crawler.sites.belta.page import Page, has_class, once, outermost
from crawler.text import clean, line

BLOCKS: Final = ("main_img", "news_img_slide")
"""Classes of the block above a body that holds picture and caption. Both were used over the same years, 2019-26."""

_IMAGES: Final = ("img", "amp-img")
_ADDRESSES: Final = ("src", "data-src", "data-original")  # the latter two where a picture is loaded late
_CREDIT: Final = re.compile(
    r"(?:\bPhotos? (?:courtesy of|by)\b|\bPhoto: ?|\bCourtesy of\b|\bZdjęci[ea]:|"
    r"\bFoto(?:s|graf[ií]a|grafie)?(?::| von\b| de (?!archivo)| cortesía\b)|\bFot\. |"
    r"\bФото(?:графия)?\b:?|\bФота\b:?|图片来源|图片：|摄影)[^\n]{1,200}",
    re.IGNORECASE,
)
_MAX_PHOTOS: Final = 500  # a photo report has tens
_FIGURE_CAPTION: Final = etree.XPath("string(ancestor::figure[1]//figcaption)")


def read_photos(page: Page, headline: str, *, around: bool = False) -> tuple[tuple[Photo, ...], str]:
    """Pictures of the blocks above the body, then those within it, in reading order; one address is one photo. With the
    rules that gave them, or that there are none.

    `around`: also pictures anywhere in the page's scope.
    """
    photos: dict[str, Photo] = {}
    sources: dict[str, None] = {}
    for image, printed, source in _images(page, page.scope if around else page.body):
        url = _address(page, image)
        if url is None or is_furniture(image, url):
            continue
        photo = _photo(url, printed or clean(image.get("alt") or image.get("title") or ""), headline)
        if url not in photos or photos[url].caption is None:
            photos[url] = photo
            sources[source] = None
    return tuple(photos.values()), ", ".join(sources) or NOT_ON_PAGE


def _photo(url: str, caption: str, headline: str) -> Photo:
    if not caption or caption == headline:  # an empty alt filled with the title says nothing of the picture
        return Photo(url)
    credit = _CREDIT.search(caption)
    return Photo(url, caption, credit[0].strip() if credit else None)


def _images(page: Page, region: Element | None) -> Iterator[tuple[Element, str, str]]:
    """Pictures with the caption printed beside them, empty where only the alt may have one, and the rule."""
    blocks = list(not_beside(page.document, outermost(page.document.with_class(*BLOCKS))))
    for block in blocks[:_MAX_PHOTOS]:
        name = BLOCKS[0] if has_class(block, frozenset(BLOCKS[:1])) else BLOCKS[1]
        yield from ((image, caption, f"div.{name} img") for image, caption in _captioned(block))
    if region is not None:
        read = set(blocks)
        for image in islice(region.iter(*_IMAGES), _MAX_PHOTOS):
            if not _is_noise(image, region, read):
                yield image, clean(_FIGURE_CAPTION(image)), "body img" if region is page.body else "container img"


def _captioned(block: Element) -> Iterator[tuple[Element, str]]:
    """The pictures of a block, each with its words: those in the part of the block that is its alone, or those that
    follow it up to the next picture.
    """
    images = list(islice(block.iter(*_IMAGES), _MAX_PHOTOS))
    if len(images) == 1:
        yield images[0], once(_text(block))
        return
    pictures = Counter(node for image in images for node in (image, *image.iterancestors()))
    for image in images:
        cell = next(node for node in (image, *image.iterancestors()) if pictures[node.getparent()] > 1)
        behind = takewhile(lambda node: not pictures[node], cell.itersiblings())
        yield image, once(_text(cell)) or once(clean(" ".join([cell.tail or "", *map(_text_and_tail, behind)])))


def _text_and_tail(node: Element) -> str:
    return f"{line(node)}{node.tail or ''}"


def _text(block: Element) -> str:
    """The words of a picture's block. Elements side by side are captions apart, even when nothing divides them."""
    return clean("".join([block.text or "", *(f"{line(child)}{child.tail or ' '}" for child in block)]))


def _is_noise(image: Element, region: Element, blocks: set[Element]) -> bool:
    """Whether a picture stands in a block of furniture, or in one of the blocks that are read already."""
    for node in image.iterancestors():
        if node in blocks:
            return True
        if node is region:
            return False
        if node.tag != "picture" and (NOISE.covers(node) or has_class(node, SIDE_BLOCKS)):
            return True
    return False


def _address(page: Page, image: Element) -> str | None:
    """Absolute address without the cache-buster; a relative one, or a mirror's, is put under the edition's host.

    One without scheme gets https, however the page was fetched: the same page must give the same photos.
    """
    printed = (image.get(name) or "" for name in _ADDRESSES)
    address = next((text for text in printed if text.strip() and not text.startswith("data:")), None)
    if not address:
        return None
    address = address.strip()
    if address.startswith("//"):
        absolute = _under_host(page, f"https:{address}")
    elif address.startswith("/"):
        absolute = f"https://{page.edition.host}{address}"
    else:
        absolute = _under_host(page, page.document.resolve(address))
    return _without_cache_buster(absolute) if absolute else None


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
        parts = parts._replace(scheme="https", netloc=page.edition.host)
    return urlunsplit(parts)


def _without_cache_buster(url: str) -> str:
    """``...big.jpg?r=3321`` changes with every edit of the page, the picture does not."""
    address, _, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in query.split("&") if pair and not pair.startswith("r=")]
    return f"{address}?{'&'.join(kept)}" if kept else address
