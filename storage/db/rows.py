"""Records to rows and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from crawler.dates import from_utc_text, utc_text
from crawler.matching.digests import story_hash
from crawler.records import Article, Headers, Hop, Photo, Snapshot, Wire
from crawler.sites import site_day
from storage.db.folding import folded_words

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_TAGS = json.JSONEncoder(ensure_ascii=False)
_SOURCES = json.JSONEncoder(ensure_ascii=True, sort_keys=True)

PAGES = "pages"
"""The name of a listing in numbered pages."""

SNAPSHOT_COLUMNS = (
    "crawl_id", "edition", "kind", "article_id", "requested_url", "url", "redirects", "fetched_at", "status", "headers",
    "request_headers", "body_sha256", "body_size", "wire_sha256", "wire_size", "content_encoding", "ip_address",
    "protocol", "damage", "page", "listing", "place", "reading",
)  # fmt: skip

REVISION_COLUMNS = (
    "article_id", "number", "correction", "observed_at", "snapshot_id", "headline", "published_at", "published_printed",
    "modified_at", "rubric", "rubric_label", "lead", "body", "dateline", "credit", "author", "language", "tags",
    "content_hash", "story_hash", "parser", "sources", "folded", "published_day",
)  # fmt: skip

PHOTO_COLUMNS = ("position", "url", "caption", "credit", "alt", "width", "height")


def storable(text: str) -> str:
    """Text as any database takes it: lone surrogates and NUL, which hostile pages hold, become U+FFFD."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


def snapshot_row(snapshot: Snapshot, sha256: str | None) -> dict[str, Any]:
    """The columns of a snapshot, without `crawl_id`, `article_id` and `reading`. `sha256`: None without a body."""
    wire = snapshot.wire
    return {
        "edition": snapshot.edition,
        "kind": snapshot.kind,
        "requested_url": storable(snapshot.requested_url),
        "url": storable(snapshot.url),
        "redirects": json.dumps([{"url": hop.url, "status": hop.status} for hop in snapshot.redirects]),
        "fetched_at": utc_text(snapshot.fetched_at),
        "status": snapshot.status,
        "headers": json.dumps(wire.headers),
        "request_headers": json.dumps(snapshot.request_headers),
        "body_sha256": sha256,
        "body_size": len(snapshot.body),
        "wire_sha256": wire.sha256,
        "wire_size": wire.size,
        "content_encoding": _storable(wire.content_encoding),
        "ip_address": _storable(wire.ip_address),
        "protocol": _storable(wire.protocol),
        "damage": _storable(snapshot.damage),
        "page": snapshot.page,
        "listing": PAGES if snapshot.kind == "listing" else None,
        "place": None if snapshot.page is None else str(snapshot.page),
    }


def snapshot_from(row: Mapping[str, Any], body: bytes, key: str | None) -> Snapshot:
    """The snapshot of a row, to the second. `key` is its article's."""
    return Snapshot(
        edition=row["edition"],
        kind=row["kind"],
        requested_url=row["requested_url"],
        url=row["url"],
        fetched_at=from_utc_text(row["fetched_at"]),
        status=row["status"],
        wire=Wire(
            size=row["wire_size"],
            sha256=row["wire_sha256"],
            content_encoding=row["content_encoding"],
            headers=headers_from(row["headers"]),
            ip_address=row["ip_address"],
            protocol=row["protocol"],
        ),
        body=body,
        redirects=tuple(Hop(hop["url"], hop["status"]) for hop in json.loads(row["redirects"])),
        request_headers=headers_from(row["request_headers"]),
        damage=row["damage"],
        key=key,
        page=row["page"],
    )


def headers_from(text: str) -> Headers:
    """Headers of a JSON array of [name, value]."""
    return tuple((name, value) for name, value in json.loads(text))


def header(text: str, name: str) -> str | None:
    """First value of a header in such an array, by case-insensitive name."""
    wanted = name.lower()
    return next((value for key, value in json.loads(text) if key.lower() == wanted), None)


def revision_row(article: Article, listing_lead: str | None) -> dict[str, Any]:
    """What a revision says, without its digest and where it stands (article, number, snapshot).

    `listing_lead` is taken where the page itself shows no lead, and `sources` says so.
    """
    said = said_row(article, listing_lead)
    return said | {"folded": folded(said, [photo.caption for photo in article.photos])}


def folded(said: Mapping[str, Any], captions: Iterable[str | None]) -> str | None:
    """The column `folded` of a revision that says so."""
    texts = [said["headline"], said["lead"], said["body"], *captions]
    return folded_words("\n".join(filter(None, texts))) or None


def said_row(article: Article, listing_lead: str | None) -> dict[str, Any]:
    """The columns of `revision_row` but `folded`, which costs as much as the rest of them."""
    lead, sources = article.lead, dict(article.sources)
    if lead is None and listing_lead is not None:
        lead, sources["lead"] = listing_lead, "listing"
    return {
        "headline": storable(article.headline),
        "lead": _storable(lead),
        "body": storable(article.text),
        "published_at": utc_text(article.published_at) if article.published_at else None,
        "published_day": site_day(article.edition, article.published_at),
        "published_printed": _storable(article.published_printed),
        "modified_at": utc_text(article.modified_at) if article.modified_at else None,
        "rubric": _storable(article.rubric),
        "rubric_label": _storable(article.rubric_label),
        "dateline": _storable(article.dateline),
        "credit": _storable(article.credit),
        "author": _storable(article.author),
        "language": article.language,
        "tags": _TAGS.encode([storable(tag) for tag in article.tags]),
        "story_hash": story_hash(article),
        "parser": article.era,
        "sources": _SOURCES.encode(sources),
    }


def article_from(row: Mapping[str, Any], photos: Iterable[Photo]) -> Article:
    """As much of the article of a revision as its digests cover. A lead of the listing is not the page's own."""
    sources = json.loads(row["sources"])
    return Article(
        edition="",
        key="",
        url="",
        headline=row["headline"],
        published_at=from_utc_text(row["published_at"]) if row["published_at"] else None,
        published_printed=None,
        paragraphs=tuple(row["body"].split("\n\n")) if row["body"] else (),
        era="",
        language="",
        lead=None if sources.get("lead") == "listing" else row["lead"],
        photos=tuple(photos),
        tags=tuple(json.loads(row["tags"])),
        author=row["author"],
    )


def stamp(article: Article) -> str:
    """The column `stamp` of a snapshot: the times that its page gives.

    A JSON array of when it was published and modified, UTC text or null.
    """
    times = (article.published_at, article.modified_at)
    return json.dumps([None if time is None else utc_text(time) for time in times])


def photo_row(photo: Photo, position: int) -> dict[str, Any]:
    """The columns of a photo, without its revision."""
    return {
        "position": position,
        "url": storable(photo.url),
        "caption": _storable(photo.caption),
        "credit": _storable(photo.credit),
        "alt": _storable(photo.alt),
        "width": photo.width,
        "height": photo.height,
    }


def photo_facts(photo: Photo) -> tuple[Any, ...]:
    """What a photo says, in the order of `PHOTO_COLUMNS`, without its position."""
    row = photo_row(photo, 0)
    return tuple(row[name] for name in PHOTO_COLUMNS if name != "position")


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)
