"""From a page to its fields, and from these to an `Article`: every field with the rule that gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from crawler.errors import FieldError, NotAnArticle, UnrecognisedPage
from crawler.html.document import Document
from crawler.html.jsonld import types_of
from crawler.html.markup import Element
from crawler.records import NEVER_GIVEN, NOT_ON_PAGE, Article, Edition, Photo
from crawler.sites.generic import fields
from crawler.sites.generic.bodies import Story, find_story, paragraphs_of_story
from crawler.sites.generic.facts import place_of
from crawler.sites.generic.page import Page, first
from crawler.sites.generic.people import authors
from crawler.sites.generic.photos import pictures
from crawler.sites.generic.publication import best, modified, published
from crawler.sites.generic.structured import is_article
from crawler.sites.generic.surroundings import surroundings
from crawler.sites.generic.times import When
from crawler.sites.generic.topics import tags

ERA: Final = "generic"
"""What stands behind the site in `Article.era`: ``harbour/generic``."""

DAY_ONLY: Final = "day only"
"""What stands behind the rule in `Article.sources` where a page gives a day without a time."""

_MISSING: Final = re.compile(
    r"\b404\b|\bnot found\b|nicht gefunden|introuvable|no encontrad[ao]|non trovata|não encontrada|не найден|"
    r"не знайден|nie znalezion|bulunamadı|找不到|見つかりません",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GenericPage:
    """What a page of any site says of its article.

    `free_access`: whether the page says that everybody may read it whole, None where it does not say. `is_article`:
    whether it says itself that it is an article. `sources` has for every field the rule that gave it, such as
    ``ld:datePublished``, or that it is absent.
    """

    headline: str | None
    published: When | None
    modified: When | None
    lead: str | None = field(repr=False)
    paragraphs: tuple[str, ...] = field(repr=False)
    photos: tuple[Photo, ...] = field(repr=False)
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    section: str | None
    language: str | None
    free_access: bool | None
    is_article: bool
    sources: Mapping[str, str] = field(repr=False)


def read_page(document: Document, *, latest: datetime | None = None, body: Element | None = None) -> GenericPage:
    """The fields of a page. Whatever is not on it is empty, and `sources` says so.

    Dates after `latest`, by default the moment at which the page was fetched, are not believed. `body`: the block of
    the story, where somebody knows it and reads its words himself; they are not looked for then.
    """
    page = Page(document)
    headline, language = first(fields.headlines(page)), first(fields.languages(page))
    story = find_story(page, headline.value or "") if body is None else Story(body, body)
    around = surroundings(page, story, headline.value or "")
    people = first(authors(page, around))
    shown = pictures(page, around, people.value or ())
    paragraphs = paragraphs_of_story(story, around.headline, shown.boxes)
    captions = [photo.caption for photo in shown.photos if photo.caption]
    bound = latest or document.fetched_at
    when, changed = best(published(page, around, language.value), bound), best(modified(page), bound)
    lead, section = first(fields.leads(page, around.headline, paragraphs, captions)), first(fields.sections(page))
    topics, free = first(tags(page, around, people.value or ())), fields.free_access(page)
    return GenericPage(
        headline.value,
        when.value,
        changed.value,
        lead.value,
        paragraphs,
        shown.photos,
        people.value or (),
        topics.value or (),
        section.value,
        language.value,
        free.value,
        _says_article(page),
        {
            "headline": headline.rule,
            "published_at": when.rule,
            "modified_at": changed.rule,
            "lead": lead.rule,
            "paragraphs": story.references.rule if paragraphs else NOT_ON_PAGE,
            "photos": "figures" if shown.photos else NOT_ON_PAGE,
            "authors": people.rule,
            "tags": topics.rule,
            "section": section.rule,
            "language": language.rule,
            "free_access": free.rule,
        },
    )


def _says_article(page: Page) -> bool:
    kind = page.metas.first("og:type")
    if page.item is not None or any(is_article(types_of(node)) for node in page.nodes):
        return True
    return kind is not None and kind[1].lower() in {"article", "news", "blog"}


def read_article(document: Document, edition: Edition, key: str, *, site: str, url: str | None = None) -> Article:
    """The article on a page that no era of a known site recognises.

    `url` is the article's canonical address, by default that of the document. Raises NotAnArticle for a page that says
    of itself that it is another or that there is none, UnrecognisedPage for one that does not say that it is an
    article, FieldError for one without headline or story.
    """
    page = read_page(document)
    refuse_other(document, page, site)
    if page.headline is None:
        raise FieldError("headline", "nothing on the page is one", url=document.url, site=site, era=ERA)
    if not page.paragraphs and not page.photos:
        raise FieldError("paragraphs", "no story on the page", url=document.url, site=site, era=ERA)
    zone, when, changed = edition.timezone, page.published, page.modified
    language, source = language_of(page, edition)
    return Article(
        edition=edition.name,
        key=key,
        url=url or document.url,
        headline=page.headline,
        published_at=None if when is None else when.moment(zone),
        published_printed=None if when is None else when.printed,
        paragraphs=page.paragraphs,
        era=f"{site}/{ERA}",
        language=language,
        rubric_label=page.section,
        lead=page.lead,
        photos=page.photos,
        tags=page.tags,
        author="; ".join(page.authors) or None,
        modified_at=None if changed is None else changed.moment(zone),
        sources=_sources(page) | {"language": source},
    )


def refuse_other(document: Document, page: GenericPage, site: str) -> None:
    """Raises NotAnArticle for a page that says that it is another, or that there is none; UnrecognisedPage for one that
    does not say that it is an article.
    """
    canonical = document.link("canonical")
    resolved = document.resolve(canonical) if canonical else None
    if resolved is not None and place_of(document.url) is not None and place_of(resolved) is None:
        raise NotAnArticle(f"the page calls itself the front page {resolved}", url=document.url, site=site)
    if page.published is None and not page.is_article:
        if page.headline is not None and _MISSING.search(page.headline):
            raise NotAnArticle(f"the page says {page.headline!r}", url=document.url, site=site)
        message = "no era knows this page, and nothing on it says that it is an article"
        raise UnrecognisedPage(message, url=document.url, site=site)


def language_of(page: GenericPage, edition: Edition) -> tuple[str, str]:
    """The language of the page, or of the edition where the page does not say another one."""
    if page.language is None:
        return edition.language, "edition"
    if page.language.partition("-")[0] == edition.language.partition("-")[0].lower():
        return edition.language, page.sources["language"]
    return page.language, f"{page.sources['language']}, not the edition's {edition.language}"


def _sources(page: GenericPage) -> dict[str, str]:
    """The rules of a page's fields by the names of an article's."""
    rules = dict(page.sources)
    rules.pop("free_access")
    rules["rubric_label"] = rules.pop("section")
    for name, when in (("published_at", page.published), ("modified_at", page.modified)):
        if when is not None and when.at is None:
            rules[name] = f"{rules[name]}, {DAY_ONLY}"
    given = {"edition": "asked for", "key": "asked for", "era": "generic reader", "url": "address"}
    absent = dict.fromkeys(("rubric", "dateline", "credit"), NEVER_GIVEN)
    named = {"published_printed": rules["published_at"], "author": rules.pop("authors")}
    return given | absent | rules | named
