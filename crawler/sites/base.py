"""What a site, an edition, a listing and an article era must declare.

A site is Python (`crawler/sites/belta`) or a site file (`crawler/sites/declared`). Both satisfy `Site`. Nothing here
fetches: a listing says which address to ask for and reads what came. Keys of articles are opaque text; what stands in
them only their site knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from crawler.html.answer import Answer
    from crawler.html.document import Document
    from crawler.records import Article, Edition, ListingPage

ListingKind = Literal["pages", "days", "cursor", "feed", "sitemap", "wordpress"]
"""How a listing leads to its older entries; see the table in docs/sites.md.

``pages``: page N+1, which shifts while it is read. ``days``: the day before. ``cursor``: what the answer names.
``feed``: nowhere, it is a window of the newest. ``sitemap``: likewise; an index names sitemaps by month.
``wordpress``: page N+1 of the posts endpoint, whose number of pages is told.
"""


@dataclass(frozen=True, slots=True)
class Ask:
    """An address to request.

    `place` says where in its listing it stands: ``3`` (a page), ``2026-03-05`` or ``2026-03-05 2`` (the second page of
    a day), the cursor, the address of a sitemap that an index names. None for the newest entries, and for what is no
    listing.
    """

    url: str
    kind: Literal["listing", "article", "part"] = "listing"
    listing: str | None = None
    place: str | None = None


class Listing(Protocol):
    """One listing of an edition. `begins`: the first day that it reaches; None where nobody said.

    `name` is unique in its edition; by default the kind, then ``kind-2`` and so on. It stands in the archive.
    """

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> ListingKind: ...

    @property
    def begins(self) -> date | None: ...

    def ask(
        self, edition: Edition, place: str | None, base_urls: Mapping[str, str], *, older: str | None = None
    ) -> Ask:
        """What to request for a place; None is where the newest entries are. A listing by days has no such place.

        `base_urls`: origins that stand for hosts, by host (``-a base_url``); empty for the hosts themselves.
        `older`: what the answer above said of this place (`ListingPage.older`), where it said anything: then that is
        asked for. Raises ArgumentError for a place that is none of this listing, and for a host that `base_urls`, not
        being empty, does not name: it must not be fetched.
        """
        ...

    def place_of(self, url: str, edition: Edition) -> str | None:
        """The place that an address on the real hosts asks for, empty for the newest entries where these have none of
        their own; None for an address that is none of this listing. For pages that others have fetched.
        """
        ...

    def read(self, answer: Answer, edition: Edition, place: str | None, *, frame: str | None = None) -> ListingPage:
        """The entries of an answer, newest first. Raises UnrecognisedPage and UndecodableBody.

        `frame`: the `ListingPage.frame` of any answer of this listing that had entries. An answer without entries is
        empty, and no error, only where it shows that frame; where none is known, it is unrecognised. `page` is the
        number in `place`, or else 1: whoever walks counts.
        """
        ...


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
    """An agency. `editions` are in the order of `-a edition=NAME-OF-SITE`.

    `experimental`: nobody has run it on the live site yet; a crawl says so with one line.
    """

    @property
    def name(self) -> str: ...

    @property
    def agency(self) -> str: ...

    @property
    def editions(self) -> tuple[Edition, ...]: ...

    @property
    def experimental(self) -> bool: ...

    def listings(self, edition: Edition) -> tuple[Listing, ...]:
        """The listings of an edition, in order of preference."""
        ...

    def hosts(self, edition: Edition) -> frozenset[str]:
        """Every host that a crawl of the edition may ask: those of its articles and those of its listings."""
        ...

    def canonical_url(self, url: str, edition: Edition, base_url: str | None = None) -> str:
        """The one address of an article: the edition's scheme and host, no www. or m., no tracking parameters.

        `base_url` is the origin of a mirror at which the edition is crawled (``http://127.0.0.1:8100``).
        Raises ArgumentError for an address that is no article of this edition.
        """
        ...

    def article_key(self, url: str, edition: Edition, base_url: str | None = None) -> str | None:
        """The key of an article's address; None for anything else (other hosts, images, sections)."""
        ...

    def read_article(self, document: Document, edition: Edition, key: str, parts: tuple[Document, ...] = ()) -> Article:
        """The article on a page and on the `parts` that continue it, in order.

        Raises NotAnArticle, UnrecognisedPage or FieldError.
        """
        ...

    def next_part(self, document: Document, edition: Edition) -> str | None:
        """The absolute address of the page on which a story goes on; None where it ends here."""
        ...
