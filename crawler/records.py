"""The records that flow, each named by the boundary that it crosses.

`ListingEntry` -> request -> `Snapshot` -> `Article` -> revision (a row, see storage/db/schema.py).
All are frozen: a stage that knows more makes a new record. Times are aware UTC; what the page
printed is kept beside them. Bytes are called `body`, text is called `text`. Large fields stay out
of `repr`, because Scrapy logs items when something goes wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

Kind = Literal["listing", "article", "robots"]
Headers = tuple[tuple[str, str], ...]

NEVER_GIVEN = "absent: the site never gives it"
NOT_ON_PAGE = "absent: not on this page"
FAILED = "failed: "  # followed by what went wrong

UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Edition:
    """One language of an agency.

    `name` is what users type (``harbour-en``). `host` is the canonical host, with a port where it is not the usual one;
    `aliases` are other hosts that serve the same articles (www, mobile). `language` is a BCP 47 tag and chooses month
    names. `timezone` is the zone of the times that it prints, and of its days. `scheme` is ``https`` or ``http``.
    `every`: how often its newest entries are worth asking for, None where nobody said. `agency`: the publisher as
    cited.
    """

    name: str
    host: str
    language: str
    aliases: tuple[str, ...] = ()
    timezone: ZoneInfo = UTC
    scheme: str = "https"
    every: timedelta | None = None
    agency: str = ""

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that serves its articles."""
        return frozenset({self.host, *self.aliases})


@dataclass(frozen=True, slots=True)
class ListingEntry:
    """One line of an "All news" page, as printed there.

    `key`: the article's key within its edition, e.g. ``152706-2022``.
    `url`: canonical URL under the edition's own host.
    `printed_time`: the time as printed (``14:41``, ``7 August, 15:01``), None when none is shown.
    `day`: the local date of the day separator that governs the entry; None where the page begins
    without one (its day continues from the page before). Not the publication date: only the
    article's own page is sure of that.
    `page`, `position`: 1-based number of the answer in its walk, 0-based place on it.
    `in_order`: False for pinned, undated and sidebar blocks, which say nothing of the order.
    `at`: the instant that the listing gives, aware UTC: printed with its offset, or as a full date and clock in the
    zone of the edition. None where it prints less. Not the publication date either, though often the same.
    """

    key: str
    url: str
    headline: str
    page: int
    position: int
    printed_time: str | None = None
    day: date | None = None
    lead: str | None = field(default=None, repr=False)
    rubric: str | None = None
    in_order: bool = True
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UnknownEntry:
    """One line of a listing that looks like an article's but leads to an address of unknown form.

    `url` is absolute. `headline`, `printed_time` and `day` are as in `ListingEntry`.
    """

    url: str
    headline: str
    printed_time: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """What one answer of a listing shows, whatever its kind (crawler/sites/base.py).

    `page` is the number of the answer in its walk, from 1. `layout` names the recogniser that matched (``lenta_item``).
    `older` is where the older entries are, as the answer itself says: an address, whole or site-relative (``pages``;
    ``days``: the next page of the same day), or a cursor; None where it says nothing. `end`: the site says that the
    listing ends here: a stated total or last page, a chain without a further cursor. `places`: of an index of sitemaps,
    the sitemaps that it names, newest first; such an answer has no entries. `unknown` are the entries of which no
    article could be made.

    `frame` describes what stands around the entries. It is text that only the same listing understands; keep it with
    the walk and hand it to `Listing.read`, which recognises an answer without entries by it.
    """

    page: int
    layout: str
    entries: tuple[ListingEntry, ...] = field(repr=False)
    older: str | None = None
    unknown: tuple[UnknownEntry, ...] = field(default=(), repr=False)
    end: bool = False
    places: tuple[str, ...] = field(default=(), repr=False)
    frame: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect on the way: the URL asked for and the status that sent us on."""

    url: str
    status: int


@dataclass(frozen=True, slots=True)
class Wire:
    """What came over the wire, before content decoding.

    `size` and `sha256` are of the encoded bytes; `content_encoding` is the header as sent, None for
    identity. `headers` are in Scrapy's order with repeats (name case is Scrapy's, not the server's).
    """

    size: int
    sha256: str
    content_encoding: str | None
    headers: Headers = field(repr=False)
    ip_address: str | None = None
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One answer of a server, kept whole.

    `body` is content-decoded (gzip, br, ... undone), not character-decoded. `requested_url` is what
    we asked for, `url` what answered after `redirects`. `sha256` is the hex digest of `body`.
    `fetched_at` is when the answer was complete. `damage` says why the body is not whole
    (``truncated``, ``undecodable``, ``too large``), None when it is.
    `page` is the listing page number for kind ``listing``, `key` the article asked for for kind ``article``; kind
    ``robots`` is the site's robots.txt.
    """

    edition: str
    kind: Kind
    requested_url: str
    url: str
    fetched_at: datetime
    status: int
    wire: Wire
    body: bytes = field(repr=False)
    redirects: tuple[Hop, ...] = ()
    request_headers: Headers = field(default=(), repr=False)
    damage: str | None = None
    key: str | None = None
    page: int | None = None

    @property
    def sha256(self) -> str:
        """Hex SHA-256 of `body`: the payload digest under which the body is stored."""
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str | None:
        """First value of a response header, by case-insensitive name; None when it was not sent."""
        wanted = name.lower()
        return next((value for key, value in self.wire.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture of the story, never of the site's furniture.

    `url` is absolute, without the cache-buster (``?r=NNNN``). `caption` is printed once however often
    the page repeats it, None when there is none; `credit` is the part of it that names the source
    ("Photo courtesy of ..."), still contained in `caption`. `alt` is the alternative text, which is no caption;
    `width` and `height` are pixels as the page gives them.
    """

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article page, read.

    `published_at` is aware UTC, `published_printed` the text that it was read from; both None when
    the page shows no date. `paragraphs` are clean text, one string each, the dateline untouched in
    the first. `dateline` ("TALLINN, 24 August") and `credit` ("Reuters") are that opening once more, as
    fields. `rubric` is the URL's slug, `rubric_label` what the page calls it. `era` names the layout
    that read the page, e.g. ``harbour/2018-paragraphs``. `sources` says for every field which rule gave
    it (``div.date_full``), or which of the three absences it is (NEVER_GIVEN, NOT_ON_PAGE, FAILED...).
    """

    edition: str
    key: str
    url: str
    headline: str
    published_at: datetime | None
    published_printed: str | None
    paragraphs: tuple[str, ...] = field(repr=False)
    era: str
    language: str
    rubric: str | None = None
    rubric_label: str | None = None
    lead: str | None = field(default=None, repr=False)
    photos: tuple[Photo, ...] = field(default=(), repr=False)
    tags: tuple[str, ...] = ()
    dateline: str | None = None
    credit: str | None = None
    author: str | None = None
    modified_at: datetime | None = None
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """The body as one string: paragraphs joined by a blank line."""
        return "\n\n".join(self.paragraphs)

    @property
    def authors(self) -> tuple[str, ...]:
        """The names in `author`, which joins several by ``"; "``."""
        return tuple(self.author.split("; ")) if self.author else ()


ReadingOutcome = Literal["article", "not-modified", "gone", "soft-404", "unrecognised", "unreadable", "failed"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A kept snapshot and what was read from it: what travels down the pipelines.

    `snapshot_id` is the row under which it was kept. `outcome` is None until it was read; then `article` is set
    exactly when it is ``article``, and `problem` says in one line what the other outcomes mean here:
    ``not-modified`` (304), ``gone`` (404, 410), ``soft-404`` (a 200 that is no article), ``unrecognised`` (no era
    knows the page), ``unreadable`` (truncated, undecodable, no HTML), ``failed`` (any other status).
    """

    snapshot: Snapshot
    snapshot_id: int
    outcome: ReadingOutcome | None = None
    article: Article | None = None
    problem: str | None = None
