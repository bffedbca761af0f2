"""The fields of a page that are one text each: headline, lead, section, language, and whether it is free to read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from typing import Final

from crawler.html.jsonld import as_list, text_of, types_of
from crawler.html.microdata import value_of
from crawler.html.text import clean
from crawler.records import NOT_ON_PAGE
from crawler.sites.generic.page import Found, Page
from crawler.sites.generic.words import key_of, likeness, overlap

_MAX_LEAD: Final = 5000  # characters
_OPENING: Final = 3  # paragraphs
_CUT: Final = ("...", "…", "[…]")
_MAX_SECTION: Final = 100
_ALIKE: Final = 0.5  # of the words of the shorter text
_SAME: Final = 1.0
_SITE_NAME: Final = re.compile(r"\s+(?:[|•·*»]|[-–—:])\s+|\s*(?:[|ㅣ])\s*")
_LOOSE: Final = re.compile(r" [:,.;]")  # a kicker and a headline in elements of their own
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_.].*)?", re.IGNORECASE)
_LOCKED: Final = frozenset({"false", "no", "0", "locked", "metered", "paid", "premium", "subscription"})
_OPEN: Final = frozenset({"true", "yes", "1", "free"})


def headlines(page: Page) -> Iterator[tuple[str | None, str]]:
    """What may be the headline: the heading that the page's data and title know, else what these say."""
    told = [clean(text) for node in page.nodes for text in page.linked.texts(node, "headline", "name")][:1]
    marked = page.item.first("headline", "name") if page.item is not None else None
    said = clean(value_of(marked)) if marked is not None else None
    known = [text for text in (*told, said, *page.titles) if text]
    yield _known_heading([text for _, text in page.headings], known, _ALIKE), "h1"
    yield from ((text, "ld:headline") for text in told)
    yield said, "microdata:headline"
    yield _known_heading([text for _, text in page.lesser_headings], known, _SAME), "h2"
    for name in ("og:title", "twitter:title"):
        if (found := page.metas.first(name)) is not None:
            yield _without_site_name(page, clean(unescape(found[1]))), f"meta:{name}"
    yield from ((text, "h1") for _, text in page.headings)
    yield from ((_without_site_name(page, text), "title") for text in page.titles[-1:])


def _known_heading(shown: Sequence[str], known: Sequence[str], least: float) -> str | None:
    """The heading that is most like all that the page calls itself, if it is like any of it."""
    if not known:
        return shown[0] if shown and least < _SAME else None
    best = max(shown, key=lambda text: sum(overlap(text, title) for title in known), default=None)
    if best is None or max(likeness(best, title) for title in known) < least:
        return None
    if least == _SAME and max(overlap(best, title) for title in known) < _ALIKE:
        return None
    if _LOOSE.search(best):
        same = (title for title in known if key_of(title) == key_of(best) and not _LOOSE.search(title))
        return next(same, best)
    return best


def _without_site_name(page: Page, title: str) -> str:
    """A title without the name of the site behind or before it."""
    names = {key_of(found[1]) for name in ("og:site_name", "application-name") if (found := page.metas.first(name))}
    parts = _SITE_NAME.split(title)
    if len(parts) > 1 and (key_of(parts[-1]) in names or len(parts[-1]) <= len(parts[0]) // 2):
        cut = title.rfind(parts[-1])
        return _SITE_NAME.sub("", title[:cut] + "\0").rstrip("\0") if cut < 0 else title[:cut].rstrip(" |•·*»-–—:ㅣ")
    return title


def leads(page: Page, headline: str, paragraphs: Sequence[str], captions: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What may be the lead: a description that is not the headline, a caption or the cut beginning of the body."""
    known = {key_of(text) for text in (headline, *captions)}
    opening = key_of(" ".join(paragraphs[:_OPENING]))
    for text, rule in _descriptions(page):
        lead = clean(text)
        key = key_of(lead)
        is_cut = lead.endswith(_CUT) and opening.startswith(key)
        if len(lead) <= _MAX_LEAD and not is_cut and not any(one.startswith(key) for one in known):
            yield lead, rule


def _descriptions(page: Page) -> Iterator[tuple[str, str]]:
    marked = None if page.item is None else page.item.first("description", "alternativeHeadline")
    if marked is not None:
        yield value_of(marked), "microdata:description"
    for node in page.nodes:
        yield from ((text, "ld:description") for text in page.linked.texts(node, "description")[:1])
    for name in ("og:description", "description", "twitter:description"):
        yield from ((unescape(text), f"meta:{name}") for text in page.metas.all(name)[:1])


def sections(page: Page) -> Iterator[tuple[str | None, str]]:
    """What may be the section of the site."""
    for node in page.nodes:
        yield from ((_section(text), "ld:articleSection") for text in page.linked.texts(node, "articleSection")[:1])
    if page.item is not None and (marked := page.item.first("articleSection")) is not None:
        yield _section(value_of(marked)), "microdata:articleSection"
    for name in ("article:section", "section", "parsely-section", "dc.subject.section", "cxenseparse:section"):
        yield from ((_section(text), f"meta:{name}") for text in page.metas.all(name)[:1])
    yield _breadcrumb(page), "ld:BreadcrumbList"


def _section(text: str) -> str | None:
    text = clean(text)
    return text if 0 < len(text) <= _MAX_SECTION else None


def _breadcrumb(page: Page) -> str | None:
    """The last step of a trail to this page that is neither the front page nor the page itself."""
    for node in page.linked.top:
        if "BreadcrumbList" not in types_of(node):
            continue
        steps = [step for step in as_list(node.get("itemListElement")) if isinstance(step, dict)]
        names = [text_of(step.get("name")) or text_of(step.get("item")) for step in steps]
        headings = [text for _, text in page.headings] + page.titles
        inner = [name for name in names[1:] if name and not any(likeness(name, title) >= 0.8 for title in headings)]  # noqa: PLR2004
        if inner:
            return _section(inner[-1])
    return None


def languages(page: Page) -> Iterator[tuple[str | None, str]]:
    """What the page says its language is, as a BCP 47 tag: ``pt-BR``."""
    for node in page.nodes:
        for value in as_list(node.get("inLanguage")):
            text = value.get("alternateName") if isinstance(value, dict) else value
            yield _language(text), "ld:inLanguage"
    if page.item is not None and (marked := page.item.first("inLanguage")) is not None:
        yield _language(value_of(marked)), "microdata:inLanguage"
    yield _language(page.root.get("lang") or page.root.get("xml:lang")), "html lang"
    for name in ("og:locale", "content-language", "dc.language", "language", "dcterms.language"):
        yield from ((_language(text), f"meta:{name}") for text in page.metas.all(name)[:1])


def _language(text: object) -> str | None:
    match = _LANGUAGE.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        return None
    script, region = match[2], match[3]
    return "-".join(part for part in (match[1].lower(), script and script.title(), region and region.upper()) if part)


def free_access(page: Page) -> Found[bool]:
    """Whether the page says that everybody may read it."""
    for node in page.nodes:
        said = [node.get("isAccessibleForFree")]
        said += [part.get("isAccessibleForFree") for part in as_list(node.get("hasPart")) if isinstance(part, dict)]
        values = {str(value).rpartition("/")[2].strip().lower() for value in said if value is not None}
        if not values.isdisjoint(_LOCKED):
            return Found(value=False, rule="ld:isAccessibleForFree")
        if not values.isdisjoint(_OPEN):
            return Found(value=True, rule="ld:isAccessibleForFree")
    if (found := page.metas.first("article:content_tier", "og:article:content_tier")) is not None:
        return Found(found[1].lower() not in _LOCKED, f"meta:{found[0]}")
    return Found(None, NOT_ON_PAGE)
