"""What a snapshot of an article is worth: the one function that the crawl and `dateline reparse` both call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.charsets import is_misread
from crawler.decide import verdict
from crawler.document import Document
from crawler.errors import FieldError, NotAnArticle, UndecodableBody, UnrecognisedPage
from crawler.sites import edition as edition_named
from crawler.sites import site_of

if TYPE_CHECKING:
    from crawler.records import Article, Reading, Snapshot


def read(reading: Reading, base_url: str | None = None) -> Reading:
    """The reading with its outcome. `base_url` is where the site was crawled instead of at its own host.

    Never raises for what a page holds: a page that cannot be read is an outcome, with its problem named.
    """
    snapshot = reading.snapshot
    answer = verdict(snapshot.status)
    if answer in {"gone", "not-modified"}:
        return replace(reading, outcome=answer, problem=f"HTTP {snapshot.status}")
    if answer != "read":
        return replace(reading, outcome="failed", problem=f"HTTP {snapshot.status}")
    if snapshot.damage is not None:
        return replace(reading, outcome="unreadable", problem=f"the body is {snapshot.damage} ({snapshot.url})")
    return _read_page(reading, base_url)


def base_of(snapshot: Snapshot) -> str | None:
    """The address at which the site was crawled instead of at its own host (a mirror, a test); None for its own."""
    edition = edition_named(snapshot.edition)
    try:
        parts = urlsplit(snapshot.requested_url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if not host or host in edition.hosts:
        return None
    return f"{parts.scheme}://{parts.netloc}"


def _read_page(reading: Reading, base_url: str | None) -> Reading:
    snapshot = reading.snapshot
    site, edition = site_of(snapshot.edition), edition_named(snapshot.edition)
    try:
        document = Document.of(snapshot, base_url=base_url)
        article = site.read_article(document, edition, snapshot.key or "")
        _refuse_misread(article, snapshot)
    except NotAnArticle as error:
        return replace(reading, outcome="soft-404", problem=str(error))
    except (UnrecognisedPage, FieldError) as error:
        return replace(reading, outcome="unrecognised", problem=str(error))
    except UndecodableBody as error:
        return replace(reading, outcome="unreadable", problem=str(error))
    return replace(reading, outcome="article", article=article)


def _refuse_misread(article: Article, snapshot: Snapshot) -> None:
    if any(is_misread(text, article.language) for text in (article.headline, article.text)):
        raise UndecodableBody(f"{snapshot.edition}: what was read is no text ({snapshot.url})")
