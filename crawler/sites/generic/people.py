"""Who wrote it: names, one each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit

from crawler.html.jsonld import text_of, types_of
from crawler.html.markup import Element
from crawler.html.microdata import name_of
from crawler.html.text import clean, line
from crawler.sites.generic.class_names import words_of_names
from crawler.sites.generic.page import Page
from crawler.sites.generic.surroundings import Surroundings
from crawler.sites.generic.words import distinct, key_of

_MAX_NAME: Final = 80  # characters
_MAX_BYLINE: Final = 200
_MOST_WORDS: Final = 5  # of a name in a byline
_MOST: Final = 30
_NEAR: Final = 60  # elements below the story
_BY: Final = re.compile(
    r"(?:by|von|par|por|da|di|de|af|av|door|van|przez|autor(?:in|a|es)?|auteur|author|text(?:e)?|written by|posted by|"
    r"reported by|автор|текст|γράφει|oleh|penulis|yazan)(?:\s*:\s*|\s+)",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(
    r"\s*(?:[;|•·]|,(?!\s*(?:jr|sr|ii|iii|phd|md)\b\.?)|\s(?:and|und|et|y|e|i|og|och|en|und|&)\s)\s*", re.IGNORECASE
)
_NO_NAME: Final = re.compile(r"https?:|www\.|@\w|^\W*$|^\d+$|^\(", re.IGNORECASE)
_PRINTED_NAME: Final = re.compile(r"[^\W\d_][^\d|:/<>]{1,60}")
_METAS: Final = (
    "author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "authors", "citation_author",
    "dcterms.creator", "article:author_name", "cxenseparse:author",
)  # fmt: skip
_BYLINES: Final = frozenset({"author", "authors", "autor", "autoren", "auteur", "auteurs", "byline", "bylines"})


def without_by(text: str) -> tuple[str, bool]:
    """A byline without the word that says that it is one, and whether it had such a word.

    >>> without_by("By Ann Lee"), without_by("Byron Vance")
    (('Ann Lee', True), ('Byron Vance', False))
    """
    by = _BY.match(text)
    return (text, False) if by is None else (text[by.end() :], True)


def names_in(text: str) -> list[str]:
    """The names that a byline prints: ``By Ann Lee and Bo Ek``."""
    text, _ = without_by(clean(text))
    parts = (part.strip(" ,:-–—|") for part in _BETWEEN.split(text[: _MAX_NAME * _MOST]))
    return [part for part in parts if part and len(part) <= _MAX_NAME and not _NO_NAME.search(part)]


def authors(page: Page, around: Surroundings) -> Iterator[tuple[tuple[str, ...] | None, str]]:
    """What may be the authors, the surest first. Where the data name but the site, a byline goes before them."""
    told = [(found, rule) for found, rule in _told(page) if found]
    site = _names_of_site(page)
    yield from ((found, rule) for found, rule in told[:1] if any(key_of(name) not in site for name in found))
    yield _printed(around, site) or None, "byline"
    yield from told


def _told(page: Page) -> Iterator[tuple[tuple[str, ...], str]]:
    for node in page.nodes:
        yield _distinct(page.linked.texts(node, "author")), "ld:author"
    if page.item is not None:
        yield _distinct(map(name_of, page.item.properties.get("author", ()))), "microdata:author"
    for name in _METAS:
        yield _distinct(page.metas.all(name)), f"meta:{name}"


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return distinct(name for text in islice(texts, _MOST) for name in names_in(text))


def _names_of_site(page: Page) -> frozenset[str]:
    """What the site calls itself: as an author it says nothing that the address does not."""
    names = [text for name in ("og:site_name", "application-name") for text in page.metas.all(name)]
    names += [text for node in page.nodes for text in page.linked.texts(node, "publisher")]
    names += [
        name
        for node in page.nodes
        for value in page.linked.values(node, "author")
        if isinstance(value, dict)
        and types_of(value) & {"Organization", "NewsMediaOrganization"}
        and (name := text_of(value))
    ]
    host = (urlsplit(page.document.url).hostname or "").removeprefix("www.")
    return frozenset(map(key_of, (*names, host, *host.split("."))))


def _printed(around: Surroundings, site: frozenset[str]) -> tuple[str, ...]:
    """The names of the bylines around the story: of links to authors, or else of what is called a byline."""
    elements = (*around.above, *around.below[:_NEAR])
    links = [one for one in elements if one.tag == "a" and "author" in (one.get("rel") or "").lower().split()]
    marked = [
        one for one in elements if not _BYLINES.isdisjoint(words_of_names(one)) or one.get("itemprop") == "author"
    ]
    for found in (links, marked):
        names = distinct(name for one in found[:_MOST] for name in _names_of(one) if key_of(name) not in site)
        if names:
            return names
    return ()


def _names_of(byline: Element) -> Iterator[str]:
    """The names in a byline that look like some; none in one that says more than that."""
    texts = "".join(islice(byline.itertext(), _MOST))
    if len(texts) > _MAX_BYLINE:
        return
    for name in names_in(line(byline)):
        words = name.split()
        if (
            _PRINTED_NAME.fullmatch(name)
            and 1 < len(words) <= _MOST_WORDS
            and not (words[0][0].islower() or words[-1][0].islower())
        ):
            yield name
