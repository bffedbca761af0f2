"""A kept answer as it can be laid before a reader: as a page that only shows, as its source, as its bytes."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final

from crawler.errors import PageError, UndecodableBody
from crawler.html.document import Document, text_of
from crawler.records import Snapshot
from storage.web.formatting import language
from storage.web.sanitize import SanitizedPage, sanitize

SHEET: Final = Path(__file__).with_name("kept.css").read_text(encoding="utf-8")
"""The plain dress of a page that came without its own. It stands in the page, since nothing in there is loaded."""

LONGEST_SOURCE: Final = 2_000_000  # characters

_SHEET_HASH: Final = base64.b64encode(hashlib.sha256(SHEET.encode()).digest()).decode()
_ALONE: Final = "default-src 'none'; sandbox; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"

ALONE: Final[Mapping[str, str]] = {
    # No script, no picture, no connection, no form, no frame; an origin that is nobody's. Of styles ours alone, and
    # the attributes that storage/web/allowlist.py lets through.
    "Content-Security-Policy": f"{_ALONE}; style-src-elem 'sha256-{_SHEET_HASH}'; style-src-attr 'unsafe-inline'",
    "Cache-Control": "no-store",
    "X-Frame-Options": "SAMEORIGIN",
    "X-DNS-Prefetch-Control": "off",
    # Default of the gate: same-origin, by which a browser refuses to open a sandboxed page in a tab of its own.
    "Cross-Origin-Opener-Policy": "unsafe-none",
}
"""Headers of whatever comes out of a kept answer. Each of them would do alone, if everything else failed."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A kept answer that is shown. `page` is None for what is no page, and `reason` says why; `text` is the source,
    None for what is no text.
    """

    snapshot: Snapshot = field(repr=False)
    page: SanitizedPage | None
    reason: str
    text: str | None = field(repr=False)


def exhibit(snapshot: Snapshot, *, addresses: bool = False) -> KeptAnswer:
    """What there is to be shown of an answer. `addresses` as in `sanitize`."""
    page, reason = None, ""
    try:
        page = sanitize(Document.of(snapshot), addresses=addresses)
    except (PageError, UndecodableBody) as error:
        reason = str(error)
    return KeptAnswer(snapshot, page, reason, source(snapshot))


def source(snapshot: Snapshot) -> str | None:
    """The text of the body as the server sent it, cut at `LONGEST_SOURCE`; None for what is no text, or nothing."""
    if not snapshot.body:
        return None
    try:
        text = text_of(snapshot)
    except UndecodableBody:
        return None
    return text[:LONGEST_SOURCE]


def written(page: SanitizedPage) -> str:
    """A harmless page as a document of its own."""
    title = escape(page.title or "Kept page")
    return (
        f'<!DOCTYPE html>\n<html lang="{language(page.language)}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{SHEET}</style></head>\n<body>{page.markup}</body></html>\n"
    )


def file_name(snapshot_id: int, snapshot: Snapshot) -> str:
    """A name for the bytes that no system opens in a browser. Nothing of it comes from the page.

    >>> file_name(17, Snapshot(...))  # doctest: +SKIP
    'kept-page-17-3c2d9959.html.txt'
    """
    return f"kept-page-{snapshot_id}-{snapshot.sha256[:8]}.html.txt"
