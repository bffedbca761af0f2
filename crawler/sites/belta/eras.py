"""How BelTA printed an article, era by era. A later era overrides only what changed.

Chosen by what the page shows, first match wins: old articles are served again in new dress. A year in a name
says when the layout was seen first.
"""

from __future__ import annotations

from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import Passage
from crawler.records import Article, Edition
from crawler.sites.belta import fields
from crawler.sites.belta.articles import read_article
from crawler.sites.belta.bodies import body_blocks, body_texts, in_paragraphs, marked_bodies, nearest_heading
from crawler.sites.extraction.page import Page, Rule, one


class Paragraphs2018:
    """From 2018-19 to 2023: "27 June 2024, 14:00" in ``div.date_full``, the body in ``p``."""

    name: str = "2018-paragraphs"
    body_classes: tuple[str, ...] = ("js-mediator-article",)
    stamps: tuple[Rule[str], ...] = (*fields.DATE_FULL, *fields.META_TIMES)
    labels: tuple[Rule[str], ...] = fields.LABELS
    never_given: frozenset[str] = frozenset()
    may_be_empty: bool = False
    pictures_around: bool = False

    def __init__(self, site: str) -> None:
        self.site = site

    def recognises(self, document: Document) -> bool:
        return any(map(in_paragraphs, document.with_class(*self.body_classes)))

    def read(self, document: Document, edition: Edition, key: str) -> Article:
        return read_article(self, document, edition, key)

    def body(self, document: Document) -> Element | None:
        """The block that holds the words; None where there is none of its own. Raises Mismatch for two."""
        return one(self.blocks(document), f"div.{self.body_classes[0]}")

    def blocks(self, document: Document) -> list[Element]:
        """What may be the body. One is right, several are none."""
        return body_blocks(document, self.body_classes)

    def texts(self, page: Page) -> list[Passage]:
        """The paragraphs, together with a headline and captions that may stand among them."""
        return body_texts(page)


class Blocks2024(Paragraphs2018):
    """From 2024: the same furniture, but the body is bare text and nested ``div``, with few ``p`` or none."""

    name = "2024-blocks"

    def recognises(self, document: Document) -> bool:
        blocks = document.with_class(*self.body_classes)
        return bool(blocks) and not any(map(in_paragraphs, blocks))


class InnerContent(Paragraphs2018):
    """The Chinese and the Belarusian edition: another name for the block, whatever is in it."""

    name = "inner-content"
    body_classes = ("inner_content",)

    def recognises(self, document: Document) -> bool:
        return bool(document.with_class(*self.body_classes)) and not document.with_class("js-mediator-article")


class TextBlock(Paragraphs2018):
    """Older Russian pages and a variant of 2026: ``div.text``, ``div.text_block``, ``itemprop=articleBody``.

    Such names are common: they count only on a page that is dated like an article.
    """

    name = "text-block"
    body_classes: tuple[str, ...] = ("text_block", "text")

    def recognises(self, document: Document) -> bool:
        if document.with_class("js-mediator-article", "inner_content"):
            return False
        dated = document.with_class("date_full") or document.meta("article:published_time")
        return bool(dated and self.blocks(document))

    def blocks(self, document: Document) -> list[Element]:
        return marked_bodies(document) or nearest_heading(document, super().blocks(document))
