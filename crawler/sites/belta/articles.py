"""From a recognised page to an `Article`: every field by its rules, and for every field the rule that gave it."""

from __future__ import annotations

from typing import Final, Protocol
from urllib.parse import urlsplit

from crawler.document import Document, Element
from crawler.errors import FieldError, NotAnArticle
from crawler.records import NEVER_GIVEN, NOT_ON_PAGE, Article, Photo
from crawler.sites.base import Edition
from crawler.sites.belta import fields
from crawler.sites.belta.bodies import story_of
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.page import Mismatch, Page, Rule, first, scope_of
from crawler.sites.belta.photos import read_photos
from crawler.sites.belta.stamps import read_stamp
from crawler.urls import article_key, canonical_url, split_article_path

_GIVEN: Final = {"edition": "asked for", "key": "asked for", "era": "recogniser", "language": "edition"}


class ArticleEra(Protocol):
    """What an era of BelTA adds to the common reading.

    `stamps` and `labels` are its rules for time and rubric label, `never_given` the fields that it has no place for.
    `may_be_empty`: a page without a word of body is still an article (a video with its title alone).
    """

    site: str
    name: str
    stamps: tuple[Rule[str], ...]
    labels: tuple[Rule[str], ...]
    never_given: frozenset[str]
    may_be_empty: bool

    def body(self, document: Document) -> Element | None: ...

    def texts(self, page: Page) -> tuple[str, ...]: ...


def read_article(era: ArticleEra, document: Document, edition: Edition, key: str) -> Article:
    """The article on a page that the era recognises. Raises FieldError for a headline or body that cannot be read.

    A page without a date is no failure: `published_at` is None and `sources` says why. A photo report (pictures, no
    words) has no paragraphs, and `sources` says that they are not on the page.
    """
    page = _page(era, document, edition)
    sources = dict(_GIVEN)
    headline, sources["headline"] = _headline(page)
    photos = read_photos(page, headline)
    paragraphs = _paragraphs(era, page, headline, photos)
    opening = read_dateline(paragraphs[0], edition.language) if paragraphs else None
    stamp, modified = read_stamp(era.stamps, page), read_stamp(fields.MODIFIED, page)
    label, sources["rubric_label"] = first(era.labels, page)
    lead, sources["lead"] = first(fields.LEAD, page)
    tags, sources["tags"] = first(fields.TAGS, page)
    author, sources["author"] = first(fields.AUTHOR, page)
    url, sources["url"] = _address(document, edition, key)
    rubric = _rubric(url)
    sources |= {
        "published_at": stamp.source,
        "published_printed": stamp.source,
        "modified_at": modified.source,
        "paragraphs": _body_source(page) if paragraphs else NOT_ON_PAGE,
        "photos": "pictures" if photos else NOT_ON_PAGE,
        "dateline": "first paragraph" if opening else NOT_ON_PAGE,
        "credit": "first paragraph" if opening else NOT_ON_PAGE,
        "rubric": "address" if rubric else NOT_ON_PAGE,
    }
    never = {name: NEVER_GIVEN for name in era.never_given if sources[name] == NOT_ON_PAGE}
    return Article(
        edition=edition.name,
        key=key,
        url=url,
        headline=headline,
        published_at=stamp.at,
        published_printed=stamp.printed,
        paragraphs=paragraphs,
        era=f"{era.site}/{era.name}",
        language=edition.language,
        rubric=rubric,
        rubric_label=label,
        lead=lead,
        photos=photos,
        tags=tags or (),
        dateline=opening[0] if opening else None,
        credit=opening[1] if opening else None,
        author=author,
        modified_at=modified.at,
        sources=sources | never,
    )


def _page(era: ArticleEra, document: Document, edition: Edition) -> Page:
    try:
        body = era.body(document)
    except Mismatch as mismatch:
        raise FieldError("paragraphs", str(mismatch), url=document.url, site=era.site, era=era.name) from mismatch
    return Page(document, edition, era.site, era.name, scope_of(document, body), body)


def _headline(page: Page) -> tuple[str, str]:
    headline, source = first(fields.HEADLINE, page)
    if headline is None:
        message = "expected one h1 or meta og:title" if source == NOT_ON_PAGE else source
        raise FieldError("headline", message, url=page.document.url, site=page.site, era=page.era)
    return headline, source


def _paragraphs(era: ArticleEra, page: Page, headline: str, photos: tuple[Photo, ...]) -> tuple[str, ...]:
    captions = {photo.caption: None for photo in photos if photo.caption}
    story = story_of(era.texts(page), headline, captions, page.edition.language)
    if story or photos or era.may_be_empty:
        return story
    message = "no words in the body" if page.body is not None else "expected one body, found none"
    raise FieldError("paragraphs", message, url=page.document.url, site=page.site, era=page.era)


def _body_source(page: Page) -> str:
    if page.body is None:
        return "container of the h1"
    name = page.body.get("class") or page.body.get("itemprop") or ""
    return f"{page.body.tag}.{'.'.join(name.split())}"


def _address(document: Document, edition: Edition, key: str) -> tuple[str, str]:
    """The canonical address: of where the page was fetched, or else the one that it calls its own."""
    named = {
        "address": document.url,
        "link canonical": document.link("canonical"),
        "meta og:url": document.meta("og:url"),
    }
    for source, address in named.items():
        if address and article_key(address, edition, document.base_url) == key:
            return canonical_url(address, edition, document.base_url), source
    raise NotAnArticle(f"nothing on the page says that it is {key}", url=document.url, site=document.edition)


def _rubric(url: str) -> str | None:
    article = split_article_path(urlsplit(url).path)
    return article.rubric if article else None
