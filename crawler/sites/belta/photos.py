"""The pictures of a story and their captions, each once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from lxml import etree

from crawler.document import Element
from crawler.records import Photo
from crawler.sites.belta.furniture import NOISE, is_beside, is_furniture
from crawler.sites.belta.page import Page, once, outermost
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


def read_photos(page: Page, headline: str) -> tuple[Photo, ...]:
    """Pictures of the blocks above the body, then those within it, in reading order; one address is one photo."""
    photos: dict[str, Photo] = {}
    for image, printed in _images(page):
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


def _images(page: Page) -> Iterator[tuple[Element, str]]:
    """Pictures with the caption printed beside them, empty where only the alt may have one."""
    blocks = [block for block in outermost(page.document.with_class(*BLOCKS)) if not is_beside(block)]
    for block in blocks:
        yield from _captioned(block)
    if page.body is not None:
        for image in page.body.iter(*_IMAGES):
            if not _is_noise(image, page.body, blocks):
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


def _is_noise(image: Element, body: Element, blocks: list[Element]) -> bool:
    for node in image.iterancestors():
        if node in blocks:
            return True
        if node is body:
            return False
        if node.tag != "picture" and NOISE.covers(node):
            return True
    return False


def _address(page: Page, image: Element) -> str | None:
    """Absolute address without the cache-buster; a relative one, or a mirror's, is put under the edition's host."""
    printed = (image.get(name) or "" for name in _ADDRESSES)
    address = next((text for text in printed if text.strip() and not text.startswith("data:")), None)
    absolute = page.document.resolve(address) if address else None
    if absolute is None:
        return None
    parts = urlsplit(absolute)
    if parts.scheme not in {"http", "https"}:
        return None
    own = urlsplit(page.document.url).netloc
    if parts.netloc == own or (page.document.base_url and parts.netloc == urlsplit(page.document.base_url).netloc):
        parts = parts._replace(scheme="https", netloc=page.edition.host)
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "r"])
    return urlunsplit(parts._replace(query=query, fragment=""))
