"""Pages in WARC files that other programs wrote (wget, browsertrix): which are ours to keep, and as what snapshot."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from crawler.records import Edition, Headers, Kind, Snapshot, Wire
from crawler.sites import sites
from crawler.sites.base import Site
from storage.warc.http_message import HttpMessage, final_message, message, values_of
from storage.warc.payload import Payload, payload_of
from storage.warc.warc_reader import Record, bare, digest_matches, digest_named

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_UNMODIFIED: Final = "/revisit/server-not-modified"
_NOTHING: Final = HttpMessage("", (), b"")
_PAGES: Final = frozenset({"text/html", "application/xhtml+xml"})

Find = Callable[[Record], Snapshot]
"""The visit whose page a revisit repeats. Raises NoOriginal."""


class Skipped(Exception):
    """A record that is not imported. `args[0]` says why, in the same words for all of its kind."""


class NoOriginal(Skipped):
    """A revisit whose page is not here, at least not yet."""

    def __init__(self) -> None:
        super().__init__("revisits of pages that are not here (import the file that holds them first)")


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of an answer. `protocol` is None where nobody noted it."""

    status: int
    headers: Headers
    protocol: str | None = None


@dataclass(frozen=True, slots=True)
class ForeignPage:
    """A page in a record: its snapshot, and the distinct bytes of which programs write the digest of its payload."""

    snapshot: Snapshot
    forms: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressRole:
    """What an address is to us: an article or a listing page of an edition."""

    edition: Edition
    kind: Kind
    key: str | None = None
    page: int | None = None


def place_of(url: str) -> AddressRole | None:
    """What an address is to us; None for anything else, such as pictures and other sites.

    >>> place = place_of("https://demo.example/all_news/")
    >>> place.edition.name, place.kind, place.page
    ('demo', 'listing', 1)
    """
    for site in sites():
        for edition in site.editions:
            if key := site.article_key(url, edition):
                return AddressRole(edition, "article", key=key)
            if (page := _listing_page(url, site, edition)) is not None:
                return AddressRole(edition, "listing", page=page)
    return None


def page_from(record: Record, request: Record | None, find: Find) -> ForeignPage:
    """The page of a response, resource or revisit. Raises Skipped for one that is not ours or cannot be read."""
    place = place_of(record.target) if record.target.startswith(("http://", "https://")) else None
    if place is None:
        raise Skipped("other addresses than articles and listings of a known edition")
    answer = _answer(record)
    fetched_at = record.moment
    if fetched_at is None:
        raise Skipped("records without a date")
    original = find(record) if _repeats(record, answer) else None
    payload = _payload(record, answer) if original is None else _same(original)
    head = _head(record, answer, original)
    asked = None if request is None or request.block is None else message(request.block)
    snapshot = Snapshot(
        edition=place.edition.name,
        kind=place.kind,
        requested_url=record.target,
        url=record.target,
        fetched_at=fetched_at.replace(microsecond=0),
        status=head.status,
        wire=Wire(
            size=len(payload.wire),
            sha256=hashlib.sha256(payload.wire).hexdigest(),
            content_encoding=", ".join(values_of(head.headers, "Content-Encoding")) or None,
            headers=head.headers,
            ip_address=record.header("WARC-IP-Address"),
            protocol=head.protocol,
        ),
        body=payload.body,
        request_headers=() if asked is None else asked.headers,
        damage=payload.damage,
        key=place.key,
        page=place.page,
    )
    return ForeignPage(snapshot, payload.forms if original is None else ())


def _answer(record: Record) -> HttpMessage:
    """What a record says that was answered; of a revisit it may be nothing. Raises Skipped."""
    if record.type == "conversion":
        raise Skipped("conversions of pages into something else")
    if record.type == "continuation" or record.header("WARC-Segment-Number"):
        raise Skipped("records in segments")
    if record.block is None:
        raise Skipped("records too large to be a page")
    if record.type == "resource":
        return _resource(record, record.block)
    answer = final_message(record.block)
    if record.type == "revisit" and not record.block.strip():
        return _NOTHING
    if answer is None or answer.status is None:
        raise Skipped("responses without an HTTP head")
    if answer.status[1] in _REDIRECTS:
        raise Skipped("redirects")
    return answer


def _resource(record: Record, block: bytes) -> HttpMessage:
    """A page that was kept without the head of its answer."""
    kind = record.header("Content-Type") or ""
    if kind.partition(";")[0].strip().lower() not in _PAGES:
        raise Skipped("resources that are not HTML")
    return HttpMessage("", (("Content-Type", kind),), block)


def _repeats(record: Record, answer: HttpMessage) -> bool:
    """Whether a record's page is that of another: a revisit, unless it says "not modified" or has the page itself."""
    if record.type != "revisit" or _unmodified(record, answer):
        return False
    named = record.header("WARC-Refers-To") or record.header("WARC-Refers-To-Date")
    if answer.status is None or (named and not answer.payload):  # some programs digest the empty block itself
        return True
    claimed = record.header("WARC-Payload-Digest") or ""
    return digest_named(claimed) is None or not digest_matches(claimed, answer.payload)


def _unmodified(record: Record, answer: HttpMessage) -> bool:
    if answer.status is not None:
        return answer.status[1] == HTTPStatus.NOT_MODIFIED
    return bare(record.header("WARC-Profile")).lower().endswith(_UNMODIFIED)


def _head(record: Record, answer: HttpMessage, original: Snapshot | None) -> _Head:
    """The head of an answer; of one that was left out, what is known of it."""
    if answer.status is not None:
        return _Head(answer.status[1], answer.headers, answer.status[0])
    if original is not None:  # WARC: what a revisit does not tell is as it was
        return _Head(original.status, original.wire.headers, original.wire.protocol)
    if record.type == "revisit":
        return _Head(HTTPStatus.NOT_MODIFIED.value, ())
    return _Head(HTTPStatus.OK.value, answer.headers)


def _payload(record: Record, answer: HttpMessage) -> Payload:
    if record.type == "revisit" and _unmodified(record, answer):
        return Payload(b"", b"", b"")
    payload = payload_of(answer, truncated=record.type != "revisit" and bool(record.header("WARC-Truncated")))
    claimed = record.header("WARC-Payload-Digest")
    # Programs differ about what has this digest. Of a page that was decoded before it was written, nothing here has.
    unsure = claimed and not record.header("WARC-Block-Digest") and not payload.plain
    if unsure and not any(digest_matches(claimed or "", form) for form in payload.forms):
        raise Skipped("records that do not have the digest they claim")
    return payload


def _same(original: Snapshot) -> Payload:
    return Payload(original.body, original.body, original.body, original.damage)


def _listing_page(url: str, site: Site, edition: Edition) -> int | None:
    """The number of a page of a listing that counts its pages; None for any other address."""
    places = (listing.place_of(url, edition) for listing in site.listings(edition))
    return next((int(place) for place in places if place and place.isdecimal()), None)


def agent_of(request: Record | None, info: Mapping[str, Any]) -> str:
    """The User-Agent that fetched a page, as far as the file tells."""
    asked = None if request is None or request.block is None else message(request.block)
    sent = [] if asked is None else [value for name, value in asked.headers if name.lower() == "user-agent"]
    return sent[0] if sent else str(info.get("http-header-user-agent", "not known"))
