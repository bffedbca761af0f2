"""`dateline read`: what a saved page says, field by field, and which rule found it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from crawler.errors import ArgumentError, DatelineError, FieldError, UnrecognisedPage
from storage.cli.commands import print_json
from storage.terminal.lines import LineWriter, Span

if TYPE_CHECKING:
    from crawler.html.document import Document
    from crawler.records import Article, Edition, Photo
    from crawler.sites.generic import GenericPage

_LABEL: Final = 14  # columns


@click.command("read")
@click.argument("file", metavar="FILE|-")
@click.option("--url", required=True, metavar="ADDRESS", help="Where the page comes from.")
@click.option("--edition", "edition_name", metavar="NAME", help="Read it as a page of this edition.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, as described above.")
def command(file: str, url: str, edition_name: str | None, *, as_json: bool) -> None:
    """What a saved page says: every field of its article, with the rule that found it.

    FILE is an HTML page, "-" is standard input. The site that owns the host of ADDRESS reads it, or else the reader of
    any site. Nothing is fetched and no archive is opened.

    --json: headline, published_at, modified_at, lead, paragraphs, photos (url, caption, credit, alt), authors, tags,
    section, language, free_access, era (what read it) and sources (a rule per field). Times end in Z where the zone is
    known; else they are local, or a bare date where the page has no time.

    \b
      dateline read page.html --url https://news.example.org/2026/03/rain-expected
      curl -s ADDRESS | dateline read - --url ADDRESS --json
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    edition = _edition(url, edition_name)
    document = _document(_content(file), file, url, edition)
    fields = _fields(document, edition)
    print_json(fields) if as_json else _show(LineWriter(), fields)


def _edition(url: str, name: str | None) -> Edition | None:
    """The edition that was named, or that owns the address; None where nobody does. Raises ArgumentError."""
    from crawler import sites

    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise ArgumentError(f"--url {url!r} is no address of a web page: it begins with https:// or http://")
    return sites.edition(name) if name else sites.owner_of(url)


def _content(file: str) -> bytes:
    """The bytes of a file or of standard input. Raises DatelineError for more than a page has, OSError."""
    from crawler.html.document import MAX_BODY

    if file == "-":
        content = sys.stdin.buffer.read(MAX_BODY + 1)
    else:
        with Path(file).open("rb") as opened:
            content = opened.read(MAX_BODY + 1)
    if len(content) > MAX_BODY:
        raise DatelineError(f"{_named(file)} has more than the {MAX_BODY:,} bytes that are read of a page")
    return content


def _named(file: str) -> str:
    return "standard input" if file == "-" else file


def _document(content: bytes, file: str, url: str, edition: Edition | None) -> Document:
    from crawler.errors import UndecodableBody
    from crawler.html.document import Document
    from crawler.records import Snapshot, Wire

    wire = Wire(len(content), "", None, ())
    name = edition.name if edition else urlsplit(url).netloc
    snapshot = Snapshot(name, "article", url, url, datetime.now(UTC), 200, wire, content)
    try:
        return Document.of(snapshot)
    except (UnrecognisedPage, UndecodableBody) as error:
        raise DatelineError(f"{_named(file)}: {error}") from error


def _fields(document: Document, edition: Edition | None) -> dict[str, Any]:
    """What is shown, in its order. Raises NotAnArticle, ArgumentError."""
    from crawler.sites.generic import ERA, read_page

    if edition is None:
        return _of_page(read_page(document), ERA)
    from crawler.sites import site_of

    site = site_of(edition.name)
    key = site.article_key(document.url, edition)
    if key is None:
        raise ArgumentError(f"{document.url} is no article's address of {edition.name}")
    try:
        return _of_article(site.read_article(document, edition, key), edition)
    except (UnrecognisedPage, FieldError):
        return _of_page(read_page(document), f"{site.name}/{ERA}", edition)


def _of_page(page: GenericPage, era: str, edition: Edition | None = None) -> dict[str, Any]:
    times = {
        name: None if when is None else when.text(edition.timezone if edition else None)
        for name, when in (("published_at", page.published), ("modified_at", page.modified))
    }
    return {
        "headline": page.headline,
        **times,
        "lead": page.lead,
        "paragraphs": list(page.paragraphs),
        "photos": _photos(page.photos),
        "authors": list(page.authors),
        "tags": list(page.tags),
        "section": page.section,
        "language": page.language or (edition.language if edition else None),
        "free_access": page.free_access,
        "era": era,
        "sources": dict(page.sources),
    }


def _of_article(article: Article, edition: Edition) -> dict[str, Any]:
    named = {"section": "rubric_label" if article.rubric_label else "rubric", "authors": "author"}
    shown = ("headline", "published_at", "modified_at", "lead", "paragraphs", "photos", "authors", "tags", "section")
    sources = {name: article.sources.get(name) or article.sources.get(named.get(name, ""), "") for name in shown}
    return {
        "headline": article.headline,
        "published_at": _time(article, "published_at", edition),
        "modified_at": _time(article, "modified_at", edition),
        "lead": article.lead,
        "paragraphs": list(article.paragraphs),
        "photos": _photos(article.photos),
        "authors": list(article.authors),
        "tags": list(article.tags),
        "section": article.rubric_label or article.rubric,
        "language": article.language,
        "free_access": None,
        "era": article.era,
        "sources": sources | {"language": article.sources.get("language", "")},
    }


def _time(article: Article, name: str, edition: Edition) -> str | None:
    """A time of an article in UTC; the edition's day where the page gave no more."""
    from crawler.dates import local_day, utc_text
    from crawler.sites.generic import DAY_ONLY

    moment = article.published_at if name == "published_at" else article.modified_at
    if moment is None:
        return None
    if DAY_ONLY in article.sources.get(name, ""):
        return local_day(moment, edition.timezone).isoformat()
    return utc_text(moment)


def _photos(photos: Sequence[Photo]) -> list[dict[str, str | None]]:
    return [{"url": one.url, "caption": one.caption, "credit": one.credit, "alt": one.alt} for one in photos]


def _show(writer: LineWriter, fields: Mapping[str, Any]) -> None:
    """Every field in its order with its rule behind it."""
    for name, value in fields.items():
        if name in {"era", "sources"}:
            continue
        lines = list(_lines(value)) or ["-"]
        writer.line(*lines[:1], "  ", Span(f"[{fields['sources'].get(name, '')}]", "dim"), label=name, indent=_LABEL)
        for line in lines[1:]:
            writer.line(line, indent=_LABEL)
    writer.line(fields["era"], label="read by", indent=_LABEL)


def _lines(value: object) -> Iterator[str]:
    """A value as lines: one for a text, one for each of several."""
    if isinstance(value, bool):
        yield "yes" if value else "no"
    elif isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield _photo(one) if isinstance(one, dict) else str(one)


def _photo(photo: Mapping[str, str | None]) -> str:
    said = " ".join(text for text in (photo["caption"], photo["credit"] and f"({photo['credit']})") if text)
    return f"{photo['url']} {said}".strip()
