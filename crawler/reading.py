"""What a snapshot of an article is worth: the one function that the crawl and `dateline reparse` both call."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from crawler.errors import FieldError, NotAnArticle, UndecodableBody, UnrecognisedPage
from crawler.html.charsets import is_misread
from crawler.html.document import Document
from crawler.rules.decide import REDIRECTS, verdict
from crawler.secrets import without_secrets
from crawler.sites import edition as edition_named
from crawler.sites import site_of
from crawler.urls import is_private_host

if TYPE_CHECKING:
    from crawler.records import Article, Reading, Snapshot

CONDITIONS: Final = frozenset({"if-none-match", "if-modified-since"})


def read(reading: Reading, base_url: str | None = None) -> Reading:
    """The reading with its outcome. `base_url` is where the site was crawled instead of at its own host.

    Never raises for what a page holds: a page that cannot be read is an outcome, with its problem named.
    """
    snapshot = reading.snapshot
    answer = verdict(snapshot.status)
    if answer == "not-modified" and (problem := _unasked(snapshot, base_url)) is not None:
        return replace(reading, outcome="failed", problem=problem)
    if answer in {"gone", "not-modified"}:
        return replace(reading, outcome=answer, problem=f"HTTP {snapshot.status}")
    if (away := _led_away(snapshot, base_url)) is not None:
        return replace(reading, outcome="soft-404", problem=away)
    if answer != "read":
        return replace(reading, outcome="failed", problem=f"HTTP {snapshot.status}")
    if snapshot.damage is not None:
        return replace(reading, outcome="unreadable", problem=f"the body is {snapshot.damage} ({snapshot.url})")
    return _read_page(reading, base_url)


def _led_away(snapshot: Snapshot, base_url: str | None) -> str | None:
    """Where a redirect that was not followed leads, if that is no address of the article; None for any other answer."""
    location = snapshot.header("Location")
    if snapshot.status not in REDIRECTS or location is None:
        return None
    site, edition = site_of(snapshot.edition), edition_named(snapshot.edition)
    try:
        target = urljoin(snapshot.url, location.strip())
        parts = urlsplit(target)
        host = parts.hostname
        if parts.scheme not in {"http", "https"} or not host:
            return None
        if site.article_key(target, edition, base_url) == snapshot.key:
            return None
    except ValueError:
        return None
    if parts.netloc == urlsplit(snapshot.url).netloc:
        where = "another page"
    else:
        where = "a private address" if is_private_host(host) else "another site"
    return f"leads to {where}, not fetched: {without_secrets(target)}"


def _unasked(snapshot: Snapshot, base_url: str | None) -> str | None:
    """Why a 304 does not say that the page which we know is unchanged; None where it does.

    Some caches answer 304 to everybody. And a story that was redirected away is not unchanged because the page in its
    place is older than our copy.
    """
    asked = {name.lower() for name, _ in snapshot.request_headers}
    if asked and CONDITIONS.isdisjoint(asked):  # an import may not know what was asked
        return f"HTTP {snapshot.status}, though the request had no condition"
    if snapshot.redirects:
        site, edition = site_of(snapshot.edition), edition_named(snapshot.edition)
        if site.article_key(snapshot.url, edition, base_url) != snapshot.key:
            return f"HTTP {snapshot.status} of another address ({snapshot.url})"
    return None


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
