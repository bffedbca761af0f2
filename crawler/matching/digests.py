"""What makes a story the same story: digests over what readers see.

Page furniture, counters, rubric labels and slugs are no content: a page that changes on each load must not look
like a correction by the agency.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Final

from crawler.dates import utc_text
from crawler.matching.appearance import as_seen, picture_seen
from crawler.records import Article

RECIPE: Final = "2"
"""Of `content_hash`, and the prefix of its digests: digests of two recipes never meet."""

_STORY_RECIPE: Final = "1"


def content_hash(article: Article, recipe: str = RECIPE) -> str:
    """``2:`` and the hex SHA-256 over all that readers see of an article: equal content, equal hash.

    It covers headline, publication time, the page's own lead, paragraphs, photos with captions, author and tags
    (in any order), each as `crawler.matching.appearance` sees it. Empty fields are left out, so that a field that
    parsers learn to read later does not turn every old article into a changed one. It does not cover key, address,
    rubric and dress (era, sources).

    `recipe` is ``1`` for digests as earlier versions made them, of the very characters. Raises KeyError for others.
    """
    seen = RECIPES[recipe](article)
    return _digest(recipe, {name: value for name, value in seen.items() if value})


def has_content(article: Article, digest: str) -> bool:
    """Whether a digest, by whatever recipe it was made, is of this article's content."""
    recipe = digest.partition(":")[0]
    return recipe in RECIPES and digest == content_hash(article, recipe)


def story_hash(article: Article) -> str | None:
    """``1:`` and the hex SHA-256 over headline and paragraphs alone: equal for one story under two keys.

    None for an article without a body: two flashes with the same headline need not be one story.
    """
    if not article.paragraphs:
        return None
    return _digest(_STORY_RECIPE, {"headline": article.headline, "paragraphs": article.paragraphs})


def _as_printed(article: Article) -> dict[str, object]:
    return {
        "headline": article.headline,
        "published_at": utc_text(article.published_at) if article.published_at else None,
        "lead": article.lead,
        "paragraphs": article.paragraphs,
        "photos": [[photo.url, photo.caption] for photo in article.photos],
        "author": article.author,
        "tags": sorted(set(article.tags)),
    }


def _as_seen(article: Article) -> dict[str, object]:
    return {
        "headline": as_seen(article.headline),
        "published_at": utc_text(article.published_at) if article.published_at else None,
        "lead": as_seen(article.lead or ""),
        "paragraphs": [seen for paragraph in article.paragraphs if (seen := as_seen(paragraph))],
        "photos": [[picture_seen(photo.url), as_seen(photo.caption or "")] for photo in article.photos],
        "author": as_seen(article.author or ""),
        "tags": sorted({as_seen(tag) for tag in article.tags} - {""}),
    }


# For ever: what an older version sealed is checked by the recipe that it was made by.
RECIPES: Final[Mapping[str, Callable[[Article], dict[str, object]]]] = {"1": _as_printed, "2": _as_seen}
"""Every recipe of `content_hash`."""


def _digest(recipe: str, seen: dict[str, object]) -> str:
    # ASCII with escapes: hostile pages can hold lone surrogates, which no encoding takes.
    return f"{recipe}:{hashlib.sha256(_ENCODER.encode(seen).encode('ascii')).hexdigest()}"


_ENCODER = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))
