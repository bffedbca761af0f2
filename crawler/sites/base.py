"""What a site, an edition, a listing layout and an article era must declare.

A new agency is one module beside this one plus a saved page per era; a new edition is one line in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from crawler.document import Document
    from crawler.records import Article, ListingPage


@dataclass(frozen=True, slots=True)
class Edition:
    """One language of an agency.

    `name` is what users type (``belta-eng``). `host` is the canonical host; `aliases` are other hosts
    that serve the same articles (www, mobile). `language` is a BCP 47 tag and chooses month names.
    """

    name: str
    host: str
    language: str
    aliases: tuple[str, ...] = ()

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that serves its articles."""
        return frozenset({self.host, *self.aliases})


class Layout(Protocol):
    """One way in which the site prints a listing. Chosen by what the page shows, never by date."""

    name: str

    def recognises(self, document: Document) -> bool: ...

    def read(self, document: Document, edition: Edition, page: int) -> ListingPage: ...


class Era(Protocol):
    """One way in which the site prints an article. Chosen by what the page shows, never by date."""

    name: str

    def recognises(self, document: Document) -> bool: ...

    def read(self, document: Document, edition: Edition, key: str) -> Article: ...


class Site(Protocol):
    """An agency. `editions` are in the order of `-a edition=NAME-OF-SITE`."""

    name: str
    timezone: ZoneInfo
    editions: tuple[Edition, ...]

    def canonical_url(self, url: str, edition: Edition, base_url: str | None = None) -> str:
        """The one address of an article: https, the edition's host, no www/m./amp, no tracking, final slash.

        `base_url` is the origin of a mirror at which the edition is crawled (``http://127.0.0.1:8100``).
        Raises ArgumentError for an address that is no article of this edition.
        """
        ...

    def article_key(self, url: str, edition: Edition, base_url: str | None = None) -> str | None:
        """``ID-YEAR`` of an article's address; None for anything else (other hosts, images, sections)."""
        ...

    def listing_path(self, page: int) -> str:
        """Site-relative address of listing page N, N from 1."""
        ...

    def read_listing(self, document: Document, edition: Edition, page: int) -> ListingPage:
        """The entries of a listing page. Raises UnrecognisedPage when no layout knows it.

        A recognised page without entries is an empty `ListingPage` (past the end), not an error.
        """
        ...

    def read_article(self, document: Document, edition: Edition, key: str) -> Article:
        """The article on a page. Raises NotAnArticle, UnrecognisedPage or FieldError."""
        ...
