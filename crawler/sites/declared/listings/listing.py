"""One listing of one edition, as a site file declares it: a `Listing` of `crawler.sites.base`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.html.answer import Answer
from crawler.records import Edition, ListingPage
from crawler.sites.base import Ask, ListingKind
from crawler.sites.declared.entries import Named, Reading
from crawler.sites.declared.listings.asking import address_of, day_and_page, page_number, place_of
from crawler.sites.declared.listings.data import cursor_of, read_json
from crawler.sites.declared.listings.feeds import read_feed
from crawler.sites.declared.listings.pages import addresses_of, read_html
from crawler.sites.declared.listings.sitemaps import read_sitemap
from crawler.sites.declared.listings.wordpress import read_posts
from crawler.sites.declared.sitefile import ListingRules
from crawler.urls import under_base


@dataclass(frozen=True, slots=True)
class DeclaredListing:
    """`named` tells which article of an edition an absolute address leads to."""

    name: str
    rules: ListingRules
    named: Callable[[str, Edition], Named | None] = field(repr=False, compare=False)

    @property
    def kind(self) -> ListingKind:
        return self.rules.kind

    @property
    def begins(self) -> date | None:
        return self.rules.begins

    def ask(
        self, edition: Edition, place: str | None, base_urls: Mapping[str, str], *, older: str | None = None
    ) -> Ask:
        url = address_of(self.rules, edition, place, older)
        return Ask(under_base(url, base_urls), listing=self.name, place=place)

    def place_of(self, url: str, edition: Edition) -> str | None:
        return place_of(self.rules, edition, url)

    def read(self, answer: Answer, edition: Edition, place: str | None, *, frame: str | None = None) -> ListingPage:
        reading = Reading(answer, lambda url: self.named(url, edition), *self._number_and_day(place))
        if self.kind == "feed":
            return read_feed(reading, frame)
        if self.kind == "sitemap":
            return read_sitemap(self.rules, reading, place, frame)
        if self.kind == "wordpress":
            return read_posts(reading, frame)
        page = read_json(self.rules, reading, frame) if self.rules.items else read_html(self.rules, reading, frame)
        if self.kind == "cursor":
            return self._chained(page, reading, place)
        return self._within_day(page, reading, edition) if self.kind == "days" else page

    def _number_and_day(self, place: str | None) -> tuple[int, date | None]:
        if self.kind == "days":
            day, number = day_and_page(place)
            return number, day
        return (page_number(self.rules, place) if self.kind in {"pages", "wordpress"} else 1), None

    def _within_day(self, page: ListingPage, reading: Reading, edition: Edition) -> ListingPage:
        """The page with the next one of its day behind it, where the address counts them and nothing else tells."""
        if self.rules.older or "{page}" not in self.rules.url.path or not page.entries:
            return page
        return replace(page, older=address_of(self.rules, edition, f"{reading.day} {reading.page + 1}", None))

    def _chained(self, page: ListingPage, reading: Reading, place: str | None) -> ListingPage:
        """The page with the cursor behind it. A chain without a further one has ended, and says so."""
        answer = reading.answer
        if self.rules.items:
            cursor = cursor_of(self.rules, answer)
        else:
            found = (text for rule in self.rules.fields["cursor"] for text in addresses_of(rule, answer.document.root))
            cursor = next(found, None)
        if cursor is not None and cursor == place:
            raise answer.unrecognised("the cursor leads to the answer that gives it")
        return replace(page, older=cursor, end=cursor is None)
