"""Who wrote it: names, one each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from crawler.html.jsonld import Node
from crawler.html.microdata import Item, name_of
from crawler.html.text import clean
from crawler.sites.generic.page import Page
from crawler.sites.generic.words import distinct

_MAX_NAME: Final = 80  # characters
_MOST: Final = 30
_BY: Final = re.compile(
    r"(?:by|von|par|por|da|di|de|af|av|door|van|przez|autor(?:in|a|es)?|auteur|author|text(?:e)?|written by|posted by|"
    r"reported by|автор|текст|γράφει|oleh|penulis|yazan)(?:\s*:\s*|\s+)",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(
    r"\s*(?:[;|•·]|,(?!\s*(?:jr|sr|ii|iii|phd|md)\b\.?)|\s(?:and|und|et|y|e|i|og|och|en|und|&)\s)\s*", re.IGNORECASE
)
_NO_NAME: Final = re.compile(r"https?:|www\.|@\w|^\W*$|^\d+$", re.IGNORECASE)
_METAS: Final = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "authors",
    "citation_author",
    "dcterms.creator",
    "article:author_name",
    "cxenseparse:author",
)


def names_in(text: str) -> list[str]:
    """The names that a byline prints: ``By Ann Lee and Bo Ek``."""
    text = clean(text)
    if by := _BY.match(text):
        text = text[by.end() :]
    parts = (part.strip(" ,:-–—|") for part in _BETWEEN.split(text[: _MAX_NAME * _MOST]))
    return [part for part in parts if part and len(part) <= _MAX_NAME and not _NO_NAME.search(part)]


def authors(page: Page, nodes: Iterable[Node], item: Item | None) -> Iterator[tuple[tuple[str, ...] | None, str]]:
    """What may be the authors, the surest first."""
    for node in nodes:
        yield _distinct(page.linked.texts(node, "author")), "ld:author"
    if item is not None:
        yield _distinct(map(name_of, item.properties.get("author", ()))), "microdata:author"
    for name in _METAS:
        yield _distinct(page.metas.all(name)), f"meta:{name}"


def _distinct(texts: Iterable[str]) -> tuple[str, ...] | None:
    names = [name for text in islice(texts, _MOST) for name in names_in(text)]
    return distinct(names) or None
