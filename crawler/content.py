"""What makes a story the same story: digests over what readers see.

Page furniture, counters, rubric labels and slugs are no content: a page that changes on each load must not look
like a correction by the agency.
"""

from __future__ import annotations

import hashlib
import json

from crawler.dates import utc_text
from crawler.records import Article

VERSION = "1"  # of the recipes below; a new recipe gets a new prefix, so that digests of two recipes never meet


def content_hash(article: Article) -> str:
    """``1:`` and the hex SHA-256 over all that readers see of an article: equal content, equal hash.

    It covers headline, publication time, the page's own lead, paragraphs, photos with captions, author and tags
    (in any order). Empty fields are left out, so that a field that parsers learn to read later does not turn every
    old article into a changed one. It does not cover key, address, rubric and dress (era, sources).
    """
    seen = {
        "headline": article.headline,
        "published_at": utc_text(article.published_at) if article.published_at else None,
        "lead": article.lead,
        "paragraphs": article.paragraphs,
        "photos": [[photo.url, photo.caption] for photo in article.photos],
        "author": article.author,
        "tags": sorted(set(article.tags)),
    }
    return _digest({name: value for name, value in seen.items() if value})


def story_hash(article: Article) -> str | None:
    """``1:`` and the hex SHA-256 over headline and paragraphs alone: equal for one story under two keys.

    None for an article without a body: two flashes with the same headline need not be one story.
    """
    if not article.paragraphs:
        return None
    return _digest({"headline": article.headline, "paragraphs": article.paragraphs})


def _digest(seen: dict[str, object]) -> str:
    # ASCII with escapes: hostile pages can hold lone surrogates, which no encoding takes.
    return f"{VERSION}:{hashlib.sha256(_ENCODER.encode(seen).encode('ascii')).hexdigest()}"


_ENCODER = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))
