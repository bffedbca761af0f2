"""Article pages of newspapers that do not exist, put together from the pieces that a test is about."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from typing import Any

from crawler.html.document import Document
from crawler.records import Snapshot, Wire
from crawler.sites.generic import GenericPage, read_page

ADDRESS = "https://news.harbour.example/city/lighthouse-keeper-retires-4711.html"
FETCHED = datetime(2026, 3, 5, 12, tzinfo=UTC)
HEADLINE = "Lighthouse keeper retires after forty winters"
STORY = (
    "The keeper of the northern lighthouse handed over his keys on Monday, after forty winters on the rock.",
    "He had counted every ship that passed, he said, and most of them had waved back at him in the dark.",
    "The lamp has been automatic since 2019, but somebody had to paint the railing and feed the gulls there.",
    "His successor, a former ferry captain, moves in with two dogs and a library of some nine hundred books.",
)
CAPTION = "The keeper with his last logbook on the gallery of the tower."


def ld(**values: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A script with one JSON-LD object."""
    return script(json.dumps({"@context": "https://schema.org", **values}))


def script(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


def meta(**contents: str) -> str:
    return "".join(
        f'<meta property="{name.replace("_", ":", 1)}" content="{escape(text)}">' for name, text in contents.items()
    )


def article(inner: str = "", *, headline: str = HEADLINE, story: tuple[str, ...] = STORY, above: str = "") -> str:
    """An ``article`` with its heading and story; `above` stands between them, `inner` among the paragraphs."""
    first, *rest = (f"<p>{escape(text)}</p>" for text in story)
    return f"<article><h1>{escape(headline)}</h1>{above}<div>{first}{inner}{''.join(rest)}</div></article>"


def page(body: str | None = None, head: str = "", *, language: str | None = "en") -> str:
    """A whole page with furniture around its article."""
    lang = f' lang="{language}"' if language else ""
    menu = "".join(f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("city", "sea", "sport", "weather"))
    return (
        f"<!doctype html><html{lang}><head><meta charset=utf-8><title>{HEADLINE} | The Harbour Times</title>"
        f"{head}</head>"
        f"<body><nav><ul>{menu}</ul></nav><main>{article() if body is None else body}</main>"
        "<footer><p>The Harbour Times is published on weekdays by people who like boats.</p></footer></body></html>"
    )


def document(html: str | bytes, address: str = ADDRESS, edition: str = "harbour-en") -> Document:
    content = html.encode() if isinstance(html, str) else html
    wire = Wire(len(content), "", None, ())
    return Document.of(Snapshot(edition, "article", address, address, FETCHED, 200, wire, content))


def read(html: str | bytes, address: str = ADDRESS) -> GenericPage:
    return read_page(document(html, address))
