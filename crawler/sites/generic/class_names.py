"""What the classes and ids of elements say about them: teaser, advert, comments, byline, caption."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from crawler.html.markup import Element

_TAGS: Final = frozenset({"aside", "footer", "nav", "dialog"})
_ROLES: Final = frozenset({"complementary", "contentinfo", "dialog", "navigation", "search"})
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_OTHER_CONTENT: Final = frozenset(
    {
        "ad", "ads", "advert", "advertisement", "adverts", "breadcrumb", "breadcrumbs", "comment", "comments",
        "consent", "cookie", "cookies", "disqus", "donate", "donation", "login", "mostread", "newsletter",
        "newsletters", "outbrain", "paywall", "poll", "popular", "popup", "promo", "promotion", "recirc",
        "recirculation", "recommend", "recommendation", "recommendations", "recommended", "related", "relacionadas",
        "relacionados", "sidebar", "signup", "sponsor", "sponsored", "subscribe", "subscription", "taboola", "teaser",
        "teasers", "trending", "verwandt",
    }
)  # fmt: skip
_PICTURES: Final = frozenset({"bild", "figure", "image", "img", "media", "photo", "picture"})  # teaser-image
_ABOUT_ARTICLE: Final = frozenset(
    {"author", "authors", "avatar", "bio", "byline", "bylines", "follow", "most", "share", "sharing", "social"}
)  # fmt: skip


def words_of_names(element: Element) -> Iterator[str]:
    """The words of an element's classes and its id, in small letters: ``articleTeaser`` is article and teaser."""
    for name in ("class", "id"):
        if printed := element.get(name):
            yield from (word.lower() for word in _WORD.findall(printed[:500]))


def is_other_content(element: Element) -> bool:
    """Whether an element calls itself a part of the page that is not the article's: a teaser, an advert, comments."""
    if element.tag in _TAGS or (element.get("role") or "").lower() in _ROLES:
        return True
    names = set(words_of_names(element))
    return not names.isdisjoint(_OTHER_CONTENT) and names.isdisjoint(_PICTURES)


def is_about_article(element: Element) -> bool:
    """Whether an element calls itself something about the article: who wrote it, how to share it."""
    return not _ABOUT_ARTICLE.isdisjoint(words_of_names(element))
