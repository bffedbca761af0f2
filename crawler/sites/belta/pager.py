"""Where a listing says that it goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from crawler.errors import ArgumentError
from crawler.html.document import Document
from crawler.records import Edition
from crawler.urls import site_relative

# get_page('/all_news/page/7/?day=08&month=01&year=26/','inner','1') of div.load_more, 2026
_ON_CLICK: Final = etree.XPath("descendant::*[contains(@onclick, 'get_page')]/@onclick")
_NEXT_LINK: Final = etree.XPath("descendant::a[contains(concat(' ', normalize-space(@class), ' '), ' p_next ')]/@href")
_GET_PAGE: Final = re.compile(r"get_page\s*\(\s*(['\"])([^'\"]{1,500})\1")
_MAX_SCRIPT: Final = 1000  # characters of an onclick
_NUMBER: Final = re.compile(r"/page/([0-9]{1,9})(?:[/?#]|$)", re.IGNORECASE)


def next_path(document: Document, edition: Edition, page: int) -> str | None:
    """Site-relative address of the page behind this one, exactly as the page gives it; None when it gives none.

    The slash behind ``year=26`` stays: it is what the site's own script asks for. An address that leads back, or to
    another site, is none. Not a promise that there is such a page.
    """
    paths = [path for address in _addresses(document) if (path := _own_path(address, document, edition))]
    onward = [(number, path) for path in paths if (number := page_number(path)) is not None and number > page]
    if onward:
        return min(onward, key=lambda found: found[0])[1]
    return next((path for path in paths if page_number(path) is None), None)


def _addresses(document: Document) -> Iterator[str]:
    for script in _ON_CLICK(document.root):
        if match := _GET_PAGE.search(script[:_MAX_SCRIPT]):
            yield match[2]
    yield from _NEXT_LINK(document.root)


def _own_path(address: str, document: Document, edition: Edition) -> str | None:
    if not address.strip() or address.strip().startswith(("#", "javascript:")):
        return None
    absolute = document.resolve(address)
    if absolute is None:
        return None
    hosts = {*edition.hosts, urlsplit(document.url).netloc}
    if urlsplit(absolute).netloc not in hosts:
        return None
    try:
        return site_relative(absolute)
    except ArgumentError:
        return None


def page_number(path: str) -> int | None:
    """The number that an address of a listing page carries; None where it carries none."""
    match = _NUMBER.search(path)
    return int(match[1]) if match else None
