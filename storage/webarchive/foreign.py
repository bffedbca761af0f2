"""Pages in WARC files that other programs wrote (wget, browsertrix): which are ours to keep, and as what snapshot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from crawler.decoding import Damaged, decode
from crawler.records import Kind, Snapshot, Wire
from crawler.settings import DOWNLOAD_MAXSIZE
from crawler.sites import SITES
from crawler.sites.base import Edition, Site
from storage.webarchive.message import Message, message, unchunked
from storage.webarchive.warcfile import Record, digest_matches

PAGE_NUMBER: Final = re.compile(r"/page/([0-9]{1,9})\b", re.IGNORECASE)

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})

Find = Callable[[str, datetime], bytes | None]
"""The body that an earlier record brought: by its address and time."""


class Skipped(Exception):
    """A record that is not imported. `args[0]` says why, in the same words for all of its kind."""


@dataclass(frozen=True, slots=True)
class Place:
    """What an address is to us: an article or a listing page of an edition."""

    edition: Edition
    kind: Kind
    key: str | None = None
    page: int | None = None


def place_of(url: str) -> Place | None:
    """What an address is to us; None for anything else, such as pictures and other sites.

    >>> place = place_of("https://eng.belta.by/all_news/page/2/?day=08")
    >>> place.edition.name, place.kind, place.page
    ('belta-eng', 'listing', 2)
    """
    for site in SITES:
        for edition in site.editions:
            if key := site.article_key(url, edition):
                return Place(edition, "article", key=key)
            if (page := _listing_page(url, site, edition)) is not None:
                return Place(edition, "listing", page=page)
    return None


def snapshot_from(record: Record, request: Record | None, find: Find) -> Snapshot:
    """The snapshot of a response or revisit. Raises Skipped for whatever is none of ours, or cannot be read."""
    place = place_of(record.target) if record.target.startswith(("http://", "https://")) else None
    if place is None:
        raise Skipped("other addresses than articles and listings of a known edition")
    answer, (protocol, status) = _answer(record)
    fetched_at = _moment(record.header("WARC-Date"))
    payload, body, damage = _content(record, answer, find)
    asked = None if request is None or request.block is None else message(request.block)
    return Snapshot(
        edition=place.edition.name,
        kind=place.kind,
        requested_url=record.target,
        url=record.target,
        fetched_at=fetched_at,
        status=status,
        wire=Wire(
            size=len(payload),
            sha256=hashlib.sha256(payload).hexdigest(),
            content_encoding=", ".join(answer.values("Content-Encoding")) or None,
            headers=answer.headers,
            ip_address=record.header("WARC-IP-Address"),
            protocol=protocol,
        ),
        body=body,
        request_headers=() if asked is None else asked.headers,
        damage=damage,
        key=place.key,
        page=place.page,
    )


def _answer(record: Record) -> tuple[Message, tuple[str, int]]:
    if record.block is None:
        raise Skipped("records too large to be a page")
    if record.header("WARC-Segment-Number"):
        raise Skipped("records in segments")
    answer = message(record.block)
    if answer is None or answer.status is None:
        raise Skipped("responses without an HTTP head")
    if answer.status[1] in _REDIRECTS:
        raise Skipped("redirects")
    return answer, answer.status


def _listing_page(url: str, site: Site, edition: Edition) -> int | None:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if host not in edition.hosts:
        return None
    found = PAGE_NUMBER.search(parts.path)
    number = int(found[1]) if found else 1
    return number if _bare(parts.path) == _bare(site.listing_path(number)) else None


def _bare(path: str) -> str:
    return path.rstrip("/").lower()


def _content(record: Record, answer: Message, find: Find) -> tuple[bytes, bytes, str | None]:
    """The payload as it came, the body, and what is wrong with it."""
    if record.type == "revisit":
        body = _revisited(record, answer, find)
        return body, body, None
    payload, whole = answer.payload, not record.header("WARC-Truncated")
    if "chunked" in answer.values("Transfer-Encoding") and (bare := unchunked(payload)) is not None:
        payload, whole = bare[0], bare[1] and whole
    claimed = record.header("WARC-Payload-Digest")
    if claimed and not record.header("WARC-Block-Digest") and not _any_matches(claimed, payload, answer.payload):
        raise Skipped("records that do not have the digest they claim")
    try:
        body = decode(payload, answer.values("Content-Encoding"), DOWNLOAD_MAXSIZE)
    except Damaged as damage:
        return payload, payload, str(damage)
    return payload, body, None if whole else "truncated"


def _any_matches(claimed: str, *payloads: bytes) -> bool:
    # Some tools digest the payload with, some without its chunks.
    return any(digest_matches(claimed, payload) for payload in payloads)


def _revisited(record: Record, answer: Message, find: Find) -> bytes:
    if answer.status is not None and answer.status[1] == HTTPStatus.NOT_MODIFIED:
        return b""
    target = (record.header("WARC-Refers-To-Target-URI") or record.target).strip("<> ")
    date = record.header("WARC-Refers-To-Date")
    body = None if date is None else find(target, _moment(date))
    if body is None:
        raise Skipped("revisits of pages that are not here (import the file that holds them first)")
    return body


def _moment(text: str | None) -> datetime:
    """A WARC-Date, to the second. Raises Skipped."""
    try:
        moment = datetime.fromisoformat(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise Skipped("records without a date") from error


def agent_of(request: Record | None, info: Mapping[str, Any]) -> str:
    """The User-Agent that fetched a page, as far as the file tells."""
    asked = None if request is None or request.block is None else message(request.block)
    sent = [] if asked is None else [value for name, value in asked.headers if name.lower() == "user-agent"]
    return sent[0] if sent else str(info.get("http-header-user-agent", "not known"))
