"""One answer of a server, as sites read it: HTML, JSON, XML or plain text, each parsed when somebody asks for it.

Answers are hostile input. What is no JSON, or a feed with entities that multiply, is refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from crawler.errors import UnrecognisedPage
from crawler.html.document import Document, text_of
from crawler.html.markup import Element
from crawler.records import Headers, Snapshot

if TYPE_CHECKING:  # the sites read answers
    from crawler.records import Edition

MAX_DATA: Final = 16 * 1024 * 1024
"""Bytes of JSON or XML that are read whole. Listings have some 100 KB; sitemaps are streamed and may be larger."""

_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_XML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<|\xff\xfe<\x00|\xfe\xff\x00<")
_ENTITY: Final = re.compile(
    rb"<!ENTITY\b|<\x00!\x00E\x00N\x00T\x00I\x00T\x00Y|\x00<\x00!\x00E\x00N\x00T\x00I\x00T\x00Y"
)


@dataclass(frozen=True)
class Answer:
    """A kept snapshot, for the edition that it was fetched for.

    `base_urls`: origin of the mirror or test server (``http://127.0.0.1:8100``) that stands for a host, by host; empty
    where the hosts themselves were asked. `first_seen_at`: when the address was first seen; None for a listing, and for
    what was never seen before. The properties `document`, `json`, `xml` and `text` parse the body once. Not a slotted
    class, because it remembers what it parsed.
    """

    snapshot: Snapshot
    edition: Edition
    base_urls: Mapping[str, str] = field(default_factory=dict)
    first_seen_at: datetime | None = None

    @property
    def requested_url(self) -> str:
        return self.snapshot.requested_url

    @property
    def url(self) -> str:
        """What answered, after redirects. Relative addresses hang on it."""
        return self.snapshot.url

    @property
    def status(self) -> int:
        return self.snapshot.status

    @property
    def headers(self) -> Headers:
        return self.snapshot.wire.headers

    @property
    def body(self) -> bytes:
        return self.snapshot.body

    @property
    def fetched_at(self) -> datetime:
        return self.snapshot.fetched_at

    @property
    def sighted_at(self) -> datetime:
        """The moment near which a date without year lies, and from which "2 hours ago" counts: the first sighting of
        the address, or else this answer. Never today's clock: a reparse years later must read the same.
        """
        return self.first_seen_at or self.fetched_at

    def header(self, name: str) -> str | None:
        """First value of a response header, by case-insensitive name; None when it was not sent."""
        return self.snapshot.header(name)

    @cached_property
    def document(self) -> Document:
        """The body as HTML. Raises UnrecognisedPage and UndecodableBody."""
        base_url = self.base_urls.get(self.edition.host)
        return Document.of(self.snapshot, base_url=base_url, first_seen_at=self.first_seen_at)

    @cached_property
    def json(self) -> Any:  # noqa: ANN401 - whatever a stranger's JSON holds
        """The body as JSON. Raises UnrecognisedPage."""
        self._refuse_size()
        if _MARKUP.match(self.body):
            raise self.unrecognised("HTML, not JSON")
        try:
            return json.loads(self.body)
        except RecursionError:
            raise self.unrecognised("JSON nested too deep") from None
        except ValueError as error:  # no JSON, no text, a number of too many digits
            raise self.unrecognised(f"no JSON: {error}") from None

    @cached_property
    def xml(self) -> Element:
        """The root element of the body as XML (RSS, Atom, a sitemap). Raises UnrecognisedPage.

        Slips of the feed's author (a bare ``&``) are forgiven. Entities are not expanded; a body that declares its own
        is refused, since no feed needs any and an attack does.
        """
        self._refuse_size()
        self.refuse_other_than_xml(self.body)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, recover=True, remove_comments=True, remove_pis=True
        )
        try:
            root: Element | None = etree.fromstring(self.body, parser)
        except etree.XMLSyntaxError as error:
            raise self.unrecognised(f"no XML: {error.msg}") from None
        if root is None:
            raise self.unrecognised("XML without any element")
        return root

    @cached_property
    def text(self) -> str:
        """The body as text, in the encoding that its own headers, BOM or meta tag name. Raises UndecodableBody."""
        return text_of(self.snapshot)

    def refuse_other_than_xml(self, body: bytes) -> None:
        """Raises UnrecognisedPage for a body that is HTML, nothing with tags, or XML that declares entities."""
        if _MARKUP.match(body):
            raise self.unrecognised("HTML, not XML")
        if not _XML.match(body):
            raise self.unrecognised("no XML")
        if _ENTITY.search(body):
            raise self.unrecognised("XML that declares entities")

    def unrecognised(self, message: str) -> UnrecognisedPage:
        """The error that a reader raises of this answer, with its address and edition."""
        return UnrecognisedPage(message, url=self.url, site=self.edition.name)

    def _refuse_size(self) -> None:
        if len(self.body) > MAX_DATA:
            raise self.unrecognised(f"a body of {len(self.body):,} bytes, more than the {MAX_DATA:,} that are read")
        if not self.body or self.body.isspace():
            raise self.unrecognised("an empty body")
