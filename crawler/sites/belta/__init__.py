"""BelTA, the Belarusian Telegraph Agency: seven editions on one engine.

What is known of the site stands beside the rule that uses it; a year there is the year in which it was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from crawler.document import Document
from crawler.errors import FieldError, NotAnArticle, UnrecognisedPage
from crawler.records import Article, ListingPage
from crawler.sites.base import Edition, Era, Layout
from crawler.sites.belta.articles import calls_itself, identify
from crawler.sites.belta.furniture import is_front_page
from crawler.sites.belta.listings import LAYOUTS, is_listing
from crawler.sites.belta.missing import is_missing
from crawler.sites.belta.stamped import ERAS
from crawler.urls import article_key, canonical_url


class BeltaSite:
    """A site on BelTA's engine. `demo.py` is the other one."""

    layouts: Sequence[Layout] = LAYOUTS

    def __init__(self, name: str, editions: tuple[Edition, ...], timezone: ZoneInfo) -> None:
        self.name, self.editions, self.timezone = name, editions, timezone
        self.eras: Sequence[Era] = tuple(era(name) for era in ERAS)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

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

    def read_article(self, document: Document, edition: Edition, key: str) -> Article:
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
