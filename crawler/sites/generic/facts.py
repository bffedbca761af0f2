"""What a page of any site says of itself, collected once."""

from __future__ import annotations

import re
from functools import cached_property
from html import unescape
from itertools import islice
from typing import Final
from urllib.parse import unquote, urlsplit

from crawler.html.document import Document
from crawler.html.jsonld import LinkedData
from crawler.html.markup import Element
from crawler.html.metas import Metas
from crawler.html.microdata import Microdata
from crawler.html.text import clean, line
from crawler.sites.generic.words import key_of

_MAX_HEADLINE: Final = 1000  # characters
_MOST_HEADINGS: Final = 50
_NUMBER: Final = re.compile(r"(?<![^&])[a-z_]{1,20}=[a-z_-]{0,10}[0-9][a-z0-9_-]{0,20}(?![^&])", re.IGNORECASE)
_MOST_NUMBERS: Final = 3


class Facts:
    """A document with its linked data, microdata and metas, its titles and addresses."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.root: Element = document.root
        self.linked = LinkedData.of(document.root)
        self.metas = Metas.of(document.root)
        self.microdata = Microdata.of(document.root)

    @cached_property
    def headings(self) -> list[tuple[Element, str]]:
        """The ``h1`` that have words, with them."""
        found = ((element, line(element)) for element in self.document.headings[:_MOST_HEADINGS])
        return [(element, text) for element, text in found if text and len(text) <= _MAX_HEADLINE]

    @cached_property
    def lesser_headings(self) -> list[tuple[Element, str]]:
        """The ``h2`` to ``h4`` that have words, with them: where there is no ``h1``, one of them is the headline."""
        found = ((element, line(element)) for element in islice(self.root.iter("h2", "h3", "h4"), _MOST_HEADINGS))
        return [(element, text) for element, text in found if text and len(text) <= _MAX_HEADLINE]

    def headed_by(self, headline: str) -> list[Element]:
        """The headings that show the headline."""
        key = key_of(headline)
        for headings in (self.headings, self.lesser_headings):
            if found := [element for element, text in headings if key_of(text) == key]:
                return found
        return []

    @cached_property
    def titles(self) -> list[str]:
        """What the page calls itself, the name of the site still on some of them."""
        metas = [
            unescape(found[1])
            for name in ("og:title", "twitter:title", "dc.title")
            if (found := self.metas.first(name))
        ]
        title = self.root.find(".//title")
        return [
            text
            for text in [*(clean(one) for one in metas), clean(title.text or "") if title is not None else ""]
            if text
        ]

    @cached_property
    def places(self) -> frozenset[str]:
        """The addresses that mean this page, as `place_of` has them."""
        canonical = self.document.link("canonical")
        own = [self.document.url, canonical, *self.metas.all("og:url")[:1]]
        return frozenset(place for address in own if address and (place := self.place(address)))

    def place(self, address: str) -> str | None:
        """What an address on this page means, without scheme, www, final slash, query and fragment."""
        resolved = self.document.resolve(address)
        return None if resolved is None else place_of(resolved)


def place_of(address: str) -> str | None:
    """Host, path and numbers in the query of an address, as far as they tell one page from another; None for what is
    no address of a page.

    >>> place_of("https://www.harbour.example/News/rain-1/?utm=x")
    'harbour.example/news/rain-1'
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("amp.")
    except ValueError:
        return None
    path = unquote(parts.path).rstrip("/").casefold()
    numbers = "&".join(sorted(_NUMBER.findall(parts.query))[:_MOST_NUMBERS])
    return f"{host}{path}?{numbers}".rstrip("?") if host and (path or numbers) else None
