"""What it is about: keywords, as the page gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from crawler.html.jsonld import Node
from crawler.html.text import clean, line
from crawler.sites.generic.page import Page
from crawler.sites.generic.words import distinct

_MAX_TAG: Final = 100  # characters
_MOST: Final = 100
_SEPARATOR: Final = re.compile(r"[,;،、，|]")
_MACHINE: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{20,}|\d{4,}|_.*|.*[<>{}=].*|https?:.*", re.IGNORECASE)
_LABELLED: Final = re.compile(r"(?P<label>[A-Za-z][\w .-]{0,30}):\s*(?P<tag>\S.*)")
_LABELS: Final = frozenset({"subject", "category", "topic", "tag", "keyword"})
_METAS: Final = (
    "news_keywords",
    "keywords",
    "article:tag",
    "parsely-tags",
    "sailthru.tags",
    "cxenseparse:keywords",
    "dc.subject",
    "og:article:tag",
    "tags",
)


def tags(page: Page, nodes: Iterable[Node]) -> Iterator[tuple[tuple[str, ...] | None, str]]:
    """What may be the tags, the surest first."""
    for node in nodes:
        yield keywords(page.linked.texts(node, "keywords")), "ld:keywords"
    for name in _METAS:
        yield keywords(page.metas.all(name)), f"meta:{name}"
    links = (element for element in page.root.iter("a") if "tag" in (element.get("rel") or "").lower().split())
    yield keywords(line(element) for element in islice(links, _MOST)), "a rel=tag"
    for node in nodes:
        yield keywords(page.linked.texts(node, "about")), "ld:about"


def keywords(texts: Iterable[str]) -> tuple[str, ...] | None:
    """The keywords in texts that may each hold several."""
    found = (tag for text in islice(texts, _MOST) for part in _SEPARATOR.split(text) if (tag := _tag(part)))
    return distinct(islice(found, _MOST)) or None


def _tag(text: str) -> str | None:
    text = clean(text).strip("#\"' ")
    if (label := _LABELLED.fullmatch(text)) is not None:
        text = label["tag"] if label["label"].lower() in _LABELS else ""
    return text if 1 < len(text) <= _MAX_TAG and not _MACHINE.fullmatch(text) else None
