"""The fields of an article page and the rules that give them, best rule first."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from lxml import etree

from crawler.html.markup import Element
from crawler.html.text import clean
from crawler.sites.belta.furniture import SIDE_BLOCKS, is_slogan, without_site_name
from crawler.sites.extraction.page import Mismatch, Page, Rule, has_class, inside, not_beside, one, outermost, words

_RUBRIC_LINKS: Final = etree.XPath("descendant::a[contains(concat(' ', normalize-space(@class), ' '), ' rubric ')]")
_TAG_ITEMS: Final = etree.XPath("descendant::*[contains(concat(' ', normalize-space(@class), ' '), ' tag_item ')]")
_RUBRIC: Final = frozenset({"rubric"})
_MAX_HEADLINE: Final = 1000  # characters; the longest seen has under 200
_MAX_LEAD: Final = 5000
_MAX_LINKS: Final = 200
_MAX_LABEL: Final = 60  # characters; a rubric is a word or two, a longer link is a story


def _heading(page: Page) -> str | None:
    heading = one(inside(page.scope, page.document.headings), "h1")
    headline = "" if heading is None else words(heading)
    if len(headline) > _MAX_HEADLINE:
        raise Mismatch(f"expected a headline, found an h1 of {len(headline)} characters")
    return headline or None


def _og_title(page: Page) -> str | None:
    return clean(without_site_name((page.document.meta("og:title") or "")[:_MAX_HEADLINE])) or None


def _date_full(page: Page) -> str | None:
    element = one(inside(page.scope, page.document.with_class("date_full")), "div.date_full")
    return None if element is None else words(element) or None


def _published_time(page: Page) -> str | None:
    return page.document.meta("article:published_time")


def _mediator_time(page: Page) -> str | None:
    """Local time. Its offset +00:00 is false: the page prints the same clock time (2026)."""
    return page.document.meta("mediator_published_time")


def _modified_time(page: Page) -> str | None:
    return page.document.meta("article:modified_time")


def _rubric_link(page: Page) -> str | None:
    """``a.rubric``, usually a child of the container (2021)."""
    near = [link for link in page.scope.iterchildren("a") if has_class(link, _RUBRIC)]
    return _first_label(page, near or _RUBRIC_LINKS(page.scope))


def _container_link(page: Page) -> str | None:
    """A link that stands directly in the container, 2019."""
    return _first_label(page, page.scope.iterchildren("a"))


def _first_label(page: Page, links: Iterable[Element]) -> str | None:
    labels = (words(link) for link in not_beside(page.document, islice(links, _MAX_LINKS), SIDE_BLOCKS))
    return next((label for label in labels if 0 < len(label) <= _MAX_LABEL), None)


def _description(page: Page) -> str | None:
    return _lead(page, page.document.meta("description"))


def _og_description(page: Page) -> str | None:
    return _lead(page, page.document.meta("og:description"))


def _lead(page: Page, printed: str | None) -> str | None:
    """A description that is more than the headline again or the agency's slogan."""
    text = clean(printed or "")
    if not text or len(text) > _MAX_LEAD or is_slogan(text):
        return None
    titles = [_og_title(page), *map(words, inside(page.scope, page.document.headings))]
    return None if without_site_name(text).casefold() in {title.casefold() for title in titles if title} else text


def _tags_block(page: Page) -> tuple[str, ...] | None:
    """Links of the tag block. An empty block gives no tags, which is not the same as no block."""
    blocks = inside(page.scope, outermost(page.document.with_class("news_tags_block", "news_tags")))
    if not blocks:
        return None
    links = islice((link for block in blocks for link in block.iter("a")), _MAX_LINKS)
    return _distinct(link.get("title") or words(link) for link in links)


def _tag_items(page: Page) -> tuple[str, ...] | None:
    return _distinct(map(words, _TAG_ITEMS(page.scope)[:_MAX_LINKS])) or None


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in map(clean, texts) if text))


def _person(page: Page) -> str | None:
    """Author of a column, 2021."""
    element = one(inside(page.scope, page.document.with_class("person_fio")), "div.person_fio")
    return None if element is None else clean(element.get("title") or "") or words(element) or None


HEADLINE: Final[tuple[Rule[str], ...]] = (("h1", _heading), ("meta og:title", _og_title))
DATE_FULL: Final[tuple[Rule[str], ...]] = (("div.date_full", _date_full),)
META_TIMES: Final[tuple[Rule[str], ...]] = (
    ("meta article:published_time", _published_time),
    ("meta mediator_published_time", _mediator_time),
)
MODIFIED: Final[tuple[Rule[str], ...]] = (("meta article:modified_time", _modified_time),)
LABELS: Final[tuple[Rule[str], ...]] = (("a.rubric", _rubric_link), ("container > a", _container_link))
LEAD: Final[tuple[Rule[str], ...]] = (("meta description", _description), ("meta og:description", _og_description))
TAGS: Final[tuple[Rule[tuple[str, ...]], ...]] = (("div.news_tags_block a", _tags_block), (".tag_item", _tag_items))
AUTHOR: Final[tuple[Rule[str], ...]] = (("div.person_fio", _person),)
