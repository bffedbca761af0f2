"""One article of a site file: by its own rules, then by the generic reader; for every field the rule that gave it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Final, NoReturn

from crawler.errors import FieldError, UnrecognisedPage
from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.records import NEVER_GIVEN, NOT_ON_PAGE, Article, Edition
from crawler.sites.declared.articles.bodies import Told, body_block, read_body
from crawler.sites.declared.articles.values import Moment, Subject, Value, first_moment, first_value, names_of, tags_of
from crawler.sites.declared.entries import Named
from crawler.sites.declared.sitefile import ArticleRules
from crawler.sites.generic import DAY_ONLY, GenericPage, When, language_of, read_page, refuse_other

ERA: Final = "declared"
"""What stands behind the site in `Article.era`: ``harbour/declared``."""

_GIVEN: Final = {"edition": "asked for", "key": "asked for", "era": "site file", "url": "address"}


@dataclass(frozen=True, slots=True)
class ArticleReader:
    """Reads the pages of one site by its rules."""

    site: str
    rules: ArticleRules

    def read(
        self, document: Document, edition: Edition, key: str, named: Named, parts: Sequence[Document] = ()
    ) -> Article:
        """The article on a page and on its further parts.

        Raises UnrecognisedPage where the file's rules for headline or body find nothing: then the site has changed, and
        the generic reader stands in. NotAnArticle for a page that says that there is none. FieldError for a page, or a
        part, without words: a story that lost its middle is never kept as the whole.
        """
        subject = Subject(document, edition)
        generic = read_page(self._pruned(document), body=body_block(self.rules, subject))
        if not self._recognises_itself:
            refuse_other(document, generic, self.site)
        headline = self._headline(subject, generic)
        fields = self._fields(subject, generic, headline)  # first: what they use is no part of the body
        told = self._told(subject, generic, fields.headline)
        article = replace(
            fields,
            key=key,
            url=named.url,
            rubric=fields.rubric or named.section,
            paragraphs=told.paragraphs,
            photos=told.photos,
            sources={
                **fields.sources,
                "paragraphs": told.body_rule if told.paragraphs else NOT_ON_PAGE,
                "photos": told.photos_rule or NOT_ON_PAGE,
            },
        )
        return self._joined(article, parts, edition)

    @property
    def _recognises_itself(self) -> bool:
        """Whether the file has rules by which an article's page is known."""
        return "headline" in self.rules.fields or "body" in self.rules.fields

    def _pruned(self, document: Document) -> Document:
        """The page without what the file drops, for the generic reader to find the body."""
        if not self.rules.drop or "body" in self.rules.fields:
            return document
        root = deepcopy(document.root)
        kept = {node for heading in root.iter("h1", "title") for node in (heading, *heading.iterancestors())}
        for element in [element for rule in self.rules.drop for element in rule.elements(root)]:
            if element not in kept:
                _remove(element)
        pruned = Document.from_root(
            root, url=document.url, edition=document.edition, base_url=document.base_url, fetched_at=document.fetched_at
        )
        return replace(pruned, first_seen_at=document.first_seen_at)

    def _headline(self, subject: Subject, generic: GenericPage) -> Value:
        rules = self.rules.fields.get("headline")
        found = first_value(rules, subject) if rules else Value(generic.headline, generic.sources["headline"])
        if found.text is None:
            self._refuse("headline", rules, subject)
        return found

    def _told(self, subject: Subject, generic: GenericPage, headline: str) -> Told:
        found = self._story(subject, generic, headline)
        if found is None:
            self._refuse("body", self.rules.fields.get("body"), subject)
        return found

    def _story(self, subject: Subject, generic: GenericPage, headline: str) -> Told | None:
        if "body" in self.rules.fields:
            return read_body(self.rules, subject, headline, self.site)
        if not generic.paragraphs and not generic.photos:
            return None
        return Told(generic.paragraphs, generic.photos, generic.sources["paragraphs"], generic.sources["photos"])

    def _refuse(self, name: str, rules: Sequence[object] | None, subject: Subject) -> NoReturn:
        url = subject.document.url
        if rules:
            raise UnrecognisedPage(f"no rule for {name} finds anything", url=url, site=self.site, era=ERA)
        raise FieldError(name, "nothing on the page is one", url=url, site=self.site, era=ERA)

    def _fields(self, subject: Subject, generic: GenericPage, headline: Value) -> Article:
        """The article without its key, its words and its pictures."""
        edition = subject.edition
        published = self._moment("published", generic.published, generic.sources["published_at"], subject)
        modified = self._moment("modified", generic.modified, generic.sources["modified_at"], subject)
        lead = self._text("lead", generic.lead, generic.sources["lead"], subject)
        section = self._text("section", generic.section, generic.sources["section"], subject)
        authors, authors_rule = self._authors(subject, generic)
        tags, tags_rule = self._tags(subject, generic)
        language, language_rule = language_of(generic, edition)
        return Article(
            edition=edition.name,
            key="",
            url="",
            headline=headline.text or "",
            published_at=published.at,
            published_printed=published.printed,
            paragraphs=(),
            era=f"{self.site}/{ERA}",
            language=language,
            rubric=section.text if "section" in self.rules.fields else None,
            rubric_label=section.text,
            lead=lead.text,
            tags=tags,
            author="; ".join(authors) or None,
            modified_at=modified.at,
            sources=_GIVEN
            | dict.fromkeys(("dateline", "credit"), NEVER_GIVEN)
            | dict.fromkeys(("published_at", "published_printed"), published.source)
            | {
                "author": authors_rule,
                "headline": headline.source,
                "modified_at": modified.source,
                "lead": lead.source,
                "tags": tags_rule,
                "rubric": section.source if "section" in self.rules.fields and section.text else "address",
                "rubric_label": section.source,
                "language": language_rule,
            },
        )

    def _moment(self, name: str, generic: When | None, source: str, subject: Subject) -> Moment:
        """A time by the file's rules; by the generic reader where there are none, or where they give none."""
        found = first_moment(self.rules.fields.get(name, ()), subject)
        if found.at is not None or generic is None:
            return found if name in self.rules.fields else found._replace(source=source)
        rule = source if generic.at is not None else f"{source}, {DAY_ONLY}"
        return Moment(generic.moment(subject.edition.timezone), generic.printed, rule)

    def _text(self, name: str, generic: str | None, source: str, subject: Subject) -> Value:
        rules = self.rules.fields.get(name)
        return first_value(rules, subject) if rules else Value(generic, source)

    def _authors(self, subject: Subject, generic: GenericPage) -> tuple[tuple[str, ...], str]:
        rules = self.rules.fields.get("author")
        return names_of(rules, subject) if rules else (generic.authors, generic.sources["authors"])

    def _tags(self, subject: Subject, generic: GenericPage) -> tuple[tuple[str, ...], str]:
        rules = self.rules.fields.get("tags")
        return tags_of(rules, subject) if rules else (generic.tags, generic.sources["tags"])

    def _joined(self, article: Article, parts: Sequence[Document], edition: Edition) -> Article:
        """The article with the words and pictures of its further parts."""
        paragraphs, photos = list(article.paragraphs), list(article.photos)
        for number, part in enumerate(parts, start=2):
            subject = Subject(part, edition)
            generic = read_page(self._pruned(part), body=body_block(self.rules, subject))
            told = self._story(subject, generic, article.headline)
            if told is None or not (told.paragraphs or told.photos):
                raise FieldError("body", f"part {number} has no words", url=part.url, site=self.site, era=ERA)
            paragraphs += told.paragraphs
            photos += (photo for photo in told.photos if photo.url not in {known.url for known in photos})
        return replace(article, paragraphs=tuple(paragraphs), photos=tuple(photos))


def _remove(element: Element) -> None:
    """Take an element out of its tree; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    element.tail = None
    parent.remove(element)
