"""From a recognised page to an `Article`: every field by its rules, and for every field the rule that gave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol
from urllib.parse import urlsplit

from crawler.errors import FieldError, NotAnArticle
from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import Passage
from crawler.records import NEVER_GIVEN, NOT_ON_PAGE, Article, Edition, Photo
from crawler.sites.belta import fields
from crawler.sites.belta.addresses import Named, article_named
from crawler.sites.belta.bodies import ends_of
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.furniture import COPYRIGHT, FURNITURE
from crawler.sites.belta.missing import is_missing_story
from crawler.sites.belta.stamps import Stamp, read_change, read_stamp
from crawler.sites.extraction.page import Mismatch, Page, Rule, first, scope_of
from crawler.sites.extraction.pictures import Picture, photos_of, pictures_of, rules_of
from crawler.sites.extraction.stories import Story, story_of

_GIVEN: Final = {"edition": "asked for", "key": "asked for", "era": "recogniser", "language": "edition"}


class ArticleEra(Protocol):
    """What an era of BelTA adds to the common reading.

    `stamps` and `labels` are its rules for time and rubric label, `never_given` those of label, lead, tags and
    author that it has no place for.
    `may_be_empty`: a page without a word of body is still an article (a video with its title alone).
    `pictures_around`: pictures of the story stand anywhere around its headline, not only in the known blocks.
    """

    site: str
    name: str
    stamps: tuple[Rule[str], ...]
    labels: tuple[Rule[str], ...]
    never_given: frozenset[str]
    may_be_empty: bool
    pictures_around: bool

    def body(self, document: Document) -> Element | None: ...

    def texts(self, page: Page) -> list[Passage]: ...


def read_article(era: ArticleEra, document: Document, edition: Edition, key: str) -> Article:
    """The article on a page that the era recognises. Raises FieldError for a headline or body that cannot be read.

    A page without a date is no failure: `published_at` is None and `sources` says why. A photo report (pictures, no
    words) has no paragraphs, and `sources` says that they are not on the page.
    """
    named, address = identify(document, edition, key, era.site)
    page = _page(era, document, edition)
    headline, source = _headline(page)
    paragraphs, photos, told_by = _told(era, page, headline)
    stamp = read_stamp(era.stamps, page)
    modified = read_change(fields.MODIFIED, era.stamps, stamp, page)
    _refuse_missing(page, key, headline, paragraphs, stamp)
    opening = read_dateline(paragraphs[0], edition.language) if paragraphs else None
    rest = _rest(era, page)
    return Article(
        edition=edition.name,
        key=key,
        url=named.url,
        headline=headline,
        published_at=stamp.at,
        published_printed=stamp.printed,
        paragraphs=paragraphs,
        era=f"{era.site}/{era.name}",
        language=edition.language,
        rubric=named.rubric,
        rubric_label=rest.label,
        lead=rest.lead,
        photos=photos,
        tags=rest.tags,
        dateline=opening[0] if opening else None,
        credit=opening[1] if opening else None,
        author=rest.author,
        modified_at=modified.at,
        sources={
            **rest.sources,
            **told_by,
            **dict.fromkeys(("url", "rubric"), address),
            **dict.fromkeys(("published_at", "published_printed"), stamp.source),
            **dict.fromkeys(("dateline", "credit"), "first paragraph" if opening else NOT_ON_PAGE),
            "headline": source,
            "modified_at": modified.source,
        },
    )


class _Rest(NamedTuple):
    """The fields that a page may lack, and the sources of all that need no rule of their own."""

    label: str | None
    lead: str | None
    tags: tuple[str, ...]
    author: str | None
    sources: dict[str, str]


def _rest(era: ArticleEra, page: Page) -> _Rest:
    label, label_source = first(era.labels, page)
    lead, lead_source = first(fields.LEAD, page)
    tags, tags_source = first(fields.TAGS, page)
    author, author_source = first(fields.AUTHOR, page)
    sources = {"rubric_label": label_source, "lead": lead_source, "tags": tags_source, "author": author_source}
    never = {name: NEVER_GIVEN for name in era.never_given if sources[name] == NOT_ON_PAGE}
    return _Rest(label, lead, tags or (), author, _GIVEN | sources | never)


def _page(era: ArticleEra, document: Document, edition: Edition) -> Page:
    try:
        body = era.body(document)
    except Mismatch as mismatch:
        raise FieldError("paragraphs", str(mismatch), url=document.url, site=era.site, era=era.name) from mismatch
    scope = scope_of(document, body, FURNITURE.containers)
    return Page(document, edition, era.site, era.name, scope, body, ends_of(document, body), FURNITURE)


def _headline(page: Page) -> tuple[str, str]:
    headline, source = first(fields.HEADLINE, page)
    if headline is None:
        message = "expected one h1 or meta og:title" if source == NOT_ON_PAGE else source
        raise FieldError("headline", message, url=page.document.url, site=page.site, era=page.era)
    return headline, source


def _told(era: ArticleEra, page: Page, headline: str) -> tuple[tuple[str, ...], tuple[Photo, ...], dict[str, str]]:
    """Paragraphs and photos, and the rules that gave them."""
    pictures = pictures_of(page, around=era.pictures_around)
    story = _story(era, page, headline, pictures)
    sources = {
        "paragraphs": _body_source(page) if story.paragraphs else NOT_ON_PAGE,
        "photos": rules_of(pictures),
    }
    return story.paragraphs, photos_of(pictures, story.printed, headline), sources


def _story(era: ArticleEra, page: Page, headline: str, pictures: Sequence[Picture]) -> Story:
    language = page.edition.language
    story = story_of(era.texts(page), headline, pictures, lambda text: read_dateline(text, language) is not None)
    if story.paragraphs and language == "zh" and COPYRIGHT.match(story.paragraphs[-1]):
        story = story._replace(paragraphs=story.paragraphs[:-1])
    if story.paragraphs or pictures or era.may_be_empty:
        return story
    message = "no words in the body" if page.body is not None else "expected one body, found none"
    raise FieldError("paragraphs", message, url=page.document.url, site=page.site, era=page.era)


def _refuse_missing(page: Page, key: str, headline: str, paragraphs: Sequence[str], stamp: Stamp) -> None:
    if is_missing_story(headline, paragraphs, page.edition.language, dated=stamp.printed is not None):
        raise NotAnArticle(f"the page says that {key} does not exist", url=page.document.url, site=page.site)


def _body_source(page: Page) -> str:
    if page.body is None:
        return "container of the h1"
    name = page.body.get("class") or page.body.get("itemprop") or ""
    return f"{page.body.tag}.{'.'.join(name.split())}"


def identify(document: Document, edition: Edition, key: str, site: str) -> tuple[Named, str]:
    """The article that the page is, and the rule that says so: where it was fetched, or else what it calls its own.

    Raises NotAnArticle for a page that says it is another article, or nothing about which it is. Mobile and AMP copies
    name their own.
    """
    addresses = {
        "address": document.url,
        "link canonical": document.link("canonical"),
        "meta og:url": document.meta("og:url"),
    }
    named: list[tuple[Named, str]] = []
    for source, address in addresses.items():
        found = article_named(address, edition, document.base_url) if address else None
        if found is not None and found.key != key:
            raise NotAnArticle(f"{found.key} in the place of {key}", url=document.url, site=site)
        if found is not None:
            named.append((found, source))
    if not named:  # a copy kept from a mirror whose base_url is not told: the path says it all the same
        found = article_named(urlsplit(document.url).path, edition, None)
        if found is None or found.key != key:
            raise NotAnArticle(f"nothing on the page says that it is {key}", url=document.url, site=site)
        named.append((found, "address"))
    return named[0]


def calls_itself(document: Document, edition: Edition, key: str) -> bool:
    """Whether the page itself says that it is the article, whatever its address is."""
    own = (document.link("canonical"), document.meta("og:url"))
    named = (article_named(address, edition, document.base_url) for address in own if address)
    return any(found is not None and found.key == key for found in named)
