"""The invented agencies of tests/sites, and answers of them made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.html.answer import Answer
from crawler.records import Edition, Snapshot, Wire
from crawler.sites.declared.site import DeclaredSite
from crawler.sites.declared.sitefile import read_site_file

SITES = Path(__file__).parent / "sites"
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
SMALLEST = """
site = "harbour"
timezone = "Europe/Tallinn"
[editions.harbour-en]
host = "news.harbour.example"
language = "en"
[[listings]]
{listing}
[article]
url = {article!r}
{more}
"""


def declared(name: str) -> DeclaredSite:
    """An agency of tests/sites."""
    path = SITES / f"{name}.toml"
    return DeclaredSite(read_site_file(path.read_bytes(), path.name))


def harbour(listing: str, article: str = "/{section}/{slug}-{id}.html", more: str = "") -> tuple[DeclaredSite, Edition]:
    """The smallest site file, with this listing, this form of addresses, and more keys of its articles."""
    text = SMALLEST.format(listing=listing, article=article, more=more)
    site = DeclaredSite(read_site_file(text.encode(), "harbour.toml"))
    return site, site.editions[0]


def answer(
    edition: Edition,
    url: str,
    body: str | bytes | list[Any] | dict[str, Any],
    *,
    headers: Mapping[str, str] | None = None,
    at: datetime = NOON,
    base_urls: Mapping[str, str] | None = None,
) -> Answer:
    """What came from an address. Lists and tables are JSON."""
    if isinstance(body, list | dict):
        body = json.dumps(body, ensure_ascii=False)
    raw = body.encode() if isinstance(body, str) else body
    sent = {"Content-Type": "text/html; charset=utf-8"} | dict(headers or {})
    snapshot = Snapshot(edition.name, "listing", url, url, at, 200, Wire(len(raw), "", None, tuple(sent.items())), raw)
    return Answer(snapshot, edition, base_urls or {})
