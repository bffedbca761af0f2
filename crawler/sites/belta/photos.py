"""The pictures of a story and their captions, each once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from crawler.document import Element
from crawler.records import Photo
from crawler.sites.belta.furniture import NOISE, SIDE_BLOCKS, is_beside, is_furniture
from crawler.sites.belta.page import Page, has_class, once, outermost
from crawler.text import clean, line

BLOCKS: Final = ("main_img", "news_img_slide")
"""Classes of the block above a body that holds picture and caption. Both were used over the same years, 2019-26."""

_IMAGES: Final = ("img", "amp-img")
_ADDRESSES: Final = ("src", "data-src", "data-original")  # the latter two where a picture is loaded late
_CREDIT: Final = re.compile(
    r"(?:\bPhotos? (?:courtesy of|by)\b|\bPhoto: ?|\bCourtesy of\b|\bZdjęci[ea]:|"
    r"\bFoto(?:s|graf[ií]a|grafie)?(?::| von\b| de\b| cortesía\b)|"
    r"\bФото(?:графия)?\b:?|\bФота\b:?|图片来源|图片：|摄影)[^\n]{1,200}",
    re.IGNORECASE,
)
_MAX_PHOTOS: Final = 500
_FIGURE_CAPTION: Final = etree.XPath("string(ancestor::figure[1]//figcaption)")
_TEXTS: Final = etree.XPath(
    "descendant::text()[not(parent::script or parent::style or parent::noscript)]"
    " | descendant::img | descendant::amp-img"
)


def read_photos(page: Page, headline: str, *, around: bool = False) -> tuple[Photo, ...]:
    """Pictures of the blocks above the body, then those within it, in reading order; one address is one photo.

    `around`: also pictures anywhere in the page's scope.
    """
    photos: dict[str, Photo] = {}
    for image, printed in _images(page, page.scope if around else page.body):
        url = _address(page, image)
        if url is None or is_furniture(image, url) or len(photos) >= _MAX_PHOTOS:
            continue
        photo = _photo(url, printed or clean(image.get("alt") or image.get("title") or ""), headline)
        if url not in photos or photos[url].caption is None:
            photos[url] = photo
    return tuple(photos.values())


def _photo(url: str, caption: str, headline: str) -> Photo:
    if not caption or caption == headline:  # an empty alt filled with the title says nothing of the picture
        return Photo(url)
    credit = _CREDIT.search(caption)
    return Photo(url, caption, credit[0].strip() if credit else None)


def _images(page: Page, region: Element | None) -> Iterator[tuple[Element, str]]:
    """Pictures with the caption printed beside them, empty where only the alt may have one."""
    blocks = [block for block in outermost(page.document.with_class(*BLOCKS)) if not is_beside(block)]
    for block in blocks:
        yield from _captioned(block)
    if region is not None:
        for image in region.iter(*_IMAGES):
            if not _is_noise(image, region, blocks):
                yield image, clean(_FIGURE_CAPTION(image))


def _captioned(block: Element) -> Iterator[tuple[Element, str]]:
    """The pictures of a block, each with the words up to the next; words before the first belong to it."""
    images = list(block.iter(*_IMAGES))
    if len(images) == 1:
        yield images[0], once(line(block))
        return
    image: Element | None = None
    caption: list[str] = []
    for node in _TEXTS(block):
        if isinstance(node, str):
            caption.append(node)
            continue
        if image is not None:
            yield image, once(clean(" ".join(caption)))
            caption = []
        image = node
    if image is not None:
        yield image, once(clean(" ".join(caption)))


def _is_noise(image: Element, region: Element, blocks: list[Element]) -> bool:
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
    """Absolute address without the cache-buster; a relative one, or a mirror's, is put under the edition's host."""
    printed = (image.get(name) or "" for name in _ADDRESSES)
    address = next((text for text in printed if text.strip() and not text.startswith("data:")), None)
    if not address:
        return None
    if address.startswith("/") and not address.startswith("//"):
        absolute: str | None = f"https://{page.edition.host}{address.strip()}"
    else:
        absolute = _under_host(page, page.document.resolve(address))
    return _without_cache_buster(absolute) if absolute else None


def _under_host(page: Page, absolute: str | None) -> str | None:
    parts = urlsplit(absolute or "")
    if parts.scheme not in {"http", "https"}:
        return None
    mirrors = {urlsplit(page.document.url).netloc, urlsplit(page.document.base_url or "").netloc}
    if parts.netloc in mirrors:
        parts = parts._replace(scheme="https", netloc=page.edition.host)
    return urlunsplit(parts)


def _without_cache_buster(url: str) -> str:
    """``...big.jpg?r=3321`` changes with every edit of the page, the picture does not."""
    address, _, query = url.partition("#")[0].partition("?")
    kept = [pair for pair in query.split("&") if pair and not pair.startswith("r=")]
    return f"{address}?{'&'.join(kept)}" if kept else address
