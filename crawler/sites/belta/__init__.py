"""BelTA, the Belarusian Telegraph Agency: seven editions on one engine.

What is known of the site stands beside the rule that uses it; a year there is the year in which it was seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal
from zoneinfo import ZoneInfo

from crawler.errors import ArgumentError, FieldError, NotAnArticle, UnrecognisedPage
from crawler.html.answer import Answer
from crawler.html.document import Document
from crawler.records import Article, Edition, ListingPage
from crawler.sites.base import Ask, Era, Layout, Listing
from crawler.sites.belta.addresses import article_key, canonical_url
from crawler.sites.belta.articles import calls_itself, identify
from crawler.sites.belta.furniture import is_front_page
from crawler.sites.belta.listings import LAYOUTS, is_listing
from crawler.sites.belta.missing import is_missing
from crawler.sites.belta.pager import page_number
from crawler.sites.belta.stamped import ERAS
from crawler.urls import path_on_edition, site_relative, under_base

_PLACE: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True)
class AllNews:
    """The listing "All news": pages that shift, page 1 without a number."""

    site: BeltaSite
    name: str = "pages"
    kind: Literal["pages"] = "pages"
    begins: None = None

    def ask(
        self, edition: Edition, place: str | None, base_urls: Mapping[str, str], *, older: str | None = None
    ) -> Ask:
        if place is not None and _PLACE.fullmatch(place) is None:
            raise ArgumentError(f"{place!r} is no page of {edition.name}")
        number = int(place or 1)
        told = site_relative(older) if older else None
        path = told if told and page_number(told) == number else self.site.listing_path(number)
        return Ask(under_base(f"https://{edition.host}{path}", base_urls), listing=self.name, place=place)

    def place_of(self, url: str, edition: Edition) -> str | None:
        found = path_on_edition(url, edition)
        if found is None:
            return None
        number = page_number(found[0]) or 1
        return str(number) if found[0].lower() == self.site.listing_path(number) else None

    def read(self, answer: Answer, edition: Edition, place: str | None, *, frame: str | None = None) -> ListingPage:
        """An empty page is known by its container, so no `frame` is asked for."""
        return self.site.read_listing(answer.document, edition, int(place or 1))


class BeltaSite:
    """A site on BelTA's engine. `demo.py` is the other one."""

    layouts: Sequence[Layout] = LAYOUTS
    experimental = False

    def __init__(self, name: str, agency: str, timezone: ZoneInfo, editions: tuple[Edition, ...]) -> None:
        """`editions` get the agency and the zone."""
        self.name, self.agency, self.timezone = name, agency, timezone
        self.editions = tuple(replace(edition, agency=agency, timezone=timezone) for edition in editions)
        self.eras: Sequence[Era] = tuple(era(name) for era in ERAS)
        self._listings = (AllNews(self),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def listings(self, edition: Edition) -> tuple[Listing, ...]:
        return self._listings

    def hosts(self, edition: Edition) -> frozenset[str]:
        return edition.hosts

    def canonical_url(self, url: str, edition: Edition, base_url: str | None = None) -> str:
        return canonical_url(url, edition, base_url)

    def article_key(self, url: str, edition: Edition, base_url: str | None = None) -> str | None:
        return article_key(url, edition, base_url)

    def listing_path(self, page: int) -> str:
        return "/all_news/" if page == 1 else f"/all_news/page/{page}/"

    def read_listing(self, document: Document, edition: Edition, page: int) -> ListingPage:
        layout = next((layout for layout in self.layouts if layout.recognises(document)), None)
        if layout is None:
            raise UnrecognisedPage("no layout knows this listing", url=document.url, site=self.name)
        return layout.read(document, edition, page)

    def next_part(self, document: Document, edition: Edition) -> str | None:
        """No story of BelTA's has a second page."""

    def read_article(self, document: Document, edition: Edition, key: str, parts: tuple[Document, ...] = ()) -> Article:
        era = next((era for era in self.eras if era.recognises(document)), None)
        if era is not None:
            return self._read(era, document, edition, key)
        identify(document, edition, key, self.name)
        if is_missing(document):
            raise self._missing(document, key)
        if not calls_itself(document, edition, key) and (is_front_page(document) or is_listing(document)):
            message = f"the home page or a listing in the place of {key}"
            raise NotAnArticle(message, url=document.url, site=self.name)
        raise UnrecognisedPage("no era knows this article", url=document.url, site=self.name)

    def _read(self, era: Era, document: Document, edition: Edition, key: str) -> Article:
        try:
            return era.read(document, edition, key)
        except FieldError:
            if is_missing(document):
                raise self._missing(document, key) from None
            raise

    def _missing(self, document: Document, key: str) -> NotAnArticle:
        return NotAnArticle(f"the page says that {key} does not exist", url=document.url, site=self.name)


BELTA: Final = BeltaSite(
    name="belta",
    agency="BelTA",
    timezone=ZoneInfo("Europe/Minsk"),
    editions=(
        Edition("belta-eng", "eng.belta.by", "en", ("m.eng.belta.by",)),
        Edition("belta-rus", "belta.by", "ru", ("www.belta.by", "m.belta.by")),
        Edition("belta-deu", "deu.belta.by", "de", ("m.deu.belta.by",)),
        Edition("belta-esp", "esp.belta.by", "es", ("m.esp.belta.by",)),
        Edition("belta-pol", "pol.belta.by", "pl", ("m.pol.belta.by",)),
        Edition("belta-chn", "chn.belta.by", "zh", ("m.chn.belta.by",)),
        Edition("belta-blr", "blr.belta.by", "be", ("m.blr.belta.by",)),  # the code is blr, not bel
    ),
)
