"""The site that a file declares: a `Site` of `crawler.sites.base`."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from urllib.parse import urlsplit

from crawler.errors import ArgumentError, NotAnArticle
from crawler.html.document import Document
from crawler.records import Article, Edition
from crawler.sites.base import Listing
from crawler.sites.declared.articles.reader import ArticleReader
from crawler.sites.declared.entries import Named
from crawler.sites.declared.listings.listing import DeclaredListing
from crawler.sites.declared.listings.pages import addresses_of
from crawler.sites.declared.patterns import Found, decoded
from crawler.sites.declared.sitefile import ArticleRules, Declaration
from crawler.urls import path_on_edition, shown

_REMEMBERED = 4096  # addresses: an article is named by its listing, then by its page; menus by every page


class DeclaredSite:
    """A site as its file declares it. `source` names the file."""

    def __init__(self, declaration: Declaration) -> None:
        self.name, self.agency, self.source = declaration.site, declaration.agency, declaration.source
        self.editions, self.experimental = declaration.editions, declaration.experimental
        self._declaration = declaration
        self._named = lru_cache(_REMEMBERED)(self._name)
        self._reader = ArticleReader(self.name, declaration.article)
        self._listings = {edition.name: self._listings_of(edition) for edition in self.editions}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def listings(self, edition: Edition) -> tuple[Listing, ...]:
        return self._listings[edition.name]

    def hosts(self, edition: Edition) -> frozenset[str]:
        rules = (listing.rules for listing in self._listings[edition.name])
        named = (address.host for rule in rules for address in (rule.url, rule.first, rule.chain) if address)
        return edition.hosts | {host for host in named if host}

    def canonical_url(self, url: str, edition: Edition, base_url: str | None = None) -> str:
        named = self._named(url, edition, base_url)
        if named is None:
            raise ArgumentError(f"{shown(url)} is no article of {edition.name} ({edition.host})")
        return named.url

    def article_key(self, url: str, edition: Edition, base_url: str | None = None) -> str | None:
        named = self._named(url, edition, base_url)
        return None if named is None else named.key

    def read_article(self, document: Document, edition: Edition, key: str, parts: tuple[Document, ...] = ()) -> Article:
        named = self._identified(document, edition, key)
        return self._reader.read(document, edition, key, named, parts)

    def next_part(self, document: Document, edition: Edition) -> str | None:
        """What the file's rule for `pages` finds, on a host of the edition; None where it leads back to the page."""
        for rule in self._declaration.article.pages:
            for printed in addresses_of(rule, document.root):
                url = self._own(printed, document, edition)
                if url is not None and url != self._own(document.url, document, edition):
                    return url
        return None

    def _own(self, printed: str, document: Document, edition: Edition) -> str | None:
        """An address on a page, without its fragment and under the edition's own host; None for that of another."""
        resolved = document.resolve(printed)
        found = None if resolved is None else path_on_edition(resolved, edition, document.base_url)
        if resolved is None or found is None:
            return None
        parts = urlsplit(resolved)
        query = f"?{parts.query}" if parts.query else ""
        return f"{edition.scheme}://{edition.host}{parts.path}{query}"

    def _identified(self, document: Document, edition: Edition, key: str) -> Named:
        """The article that a page is: by its address, or where that tells nothing by what the page calls its own.

        Raises NotAnArticle for a page at the address of another article, or at one that is none and says nothing.
        """
        own = (document.url, document.link("canonical"), document.meta("og:url"))
        for printed in own:
            url = document.resolve(printed) if printed else None
            named = self._named(url, edition, document.base_url) if url else None
            if named is not None and named.key != key:
                raise NotAnArticle(f"{named.key} in the place of {key}", url=document.url, site=self.name)
            if named is not None:
                return named
        path = self._named(urlsplit(document.url).path, edition)  # kept from a mirror that nobody names
        if path is None or path.key != key:
            raise NotAnArticle(f"nothing on the page says that it is {key}", url=document.url, site=self.name)
        return path

    def _listings_of(self, edition: Edition) -> tuple[DeclaredListing, ...]:
        """The listings for an edition, those without a name called by their kind: ``feed``, ``feed-2``."""
        own = [rules for rules in self._declaration.listings if not rules.editions or edition.name in rules.editions]
        taken = {rules.name for rules in own}
        listings = []
        for rules in own:
            names = (rules.kind if number == 1 else f"{rules.kind}-{number}" for number in count(1))
            name = rules.name or next(free for free in names if free not in taken)
            taken.add(name)
            listings.append(DeclaredListing(name, rules, self._named))
        return tuple(listings)

    def _name(self, url: str, edition: Edition, base_url: str | None = None) -> Named | None:
        """The article that an address means: by the first pattern that it matches."""
        found = path_on_edition(url, edition, base_url)
        if found is None:
            return None
        path, query = found
        for pattern in self._declaration.article.patterns:
            match = pattern.match(path, query)
            if match is not None and (key := key_of(match, self._declaration.article)):
                section = match.value("section") if "section" in match.values else None
                return Named(key, f"{edition.scheme}://{edition.host}{match.path}", section)
        return None


def key_of(found: Found, rules: ArticleRules) -> str:
    """The key of an article: what the file says, else its ``{id}``, else its path. Empty where that gives nothing.

    A path is taken without its first and its final slash and percent-decoded; parameters of the pattern belong to it.
    """
    if rules.key is not None:
        key = rules.key
        for name in found.values:
            key = key.replace(f"{{{name}}}", found.value(name))
        return key.strip()
    if "id" in found.values:
        return found.values["id"]
    path, question, query = found.path.partition("?")
    return decoded(path.strip("/")) + question + decoded(query)
