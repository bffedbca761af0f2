"""Eras whose markup is known by its text alone: they are recognised by the form of their stamp or by their address,
and their words are the known body blocks or whatever stands behind headline and stamp.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import Passage
from crawler.sites.belta import fields
from crawler.sites.belta.bodies import (
    KNOWN_BODIES,
    blocks_around,
    blocks_to_search,
    body_blocks,
    body_texts,
    marked_bodies,
    nearest_heading,
    texts_behind,
)
from crawler.sites.belta.eras import Blocks2024, InnerContent, Paragraphs2018, TextBlock
from crawler.sites.belta.furniture import FURNITURE
from crawler.sites.belta.stamps import says_updated
from crawler.sites.extraction.page import Page, first, is_whole_page, scope_of


class Uncontained(TextBlock):
    """A dated article without a body block of its own (2019-20), or a photo report, which has no words at all."""

    name = "uncontained"
    body_classes = KNOWN_BODIES
    pictures_around = True
    form: re.Pattern[str] | None = None
    """A stamp that is known by its form alone: what a block of text must be, with the group ``stamp``."""

    def recognises(self, document: Document) -> bool:
        if not document.with_class("date_full") or self.blocks(document):
            return False
        return not is_whole_page(scope_of(document, None, FURNITURE.containers))

    def blocks(self, document: Document) -> list[Element]:
        return nearest_heading(document, body_blocks(document, self.body_classes)) or marked_bodies(document)

    def texts(self, page: Page) -> list[Passage]:
        if page.body is not None:
            return body_texts(page)
        blocks = blocks_around(page.scope)
        headline, _ = first(fields.HEADLINE, page)
        marks = [place for place, block in enumerate(blocks) if block.text == headline or self._match(block.text)]
        return texts_behind(blocks, marks[-1] + 1 if marks else 0)

    def _match(self, block: str) -> re.Match[str] | None:
        return None if self.form is None else self.form.fullmatch(block)


class _Stamped(Uncontained):
    def __init__(self, site: str) -> None:
        super().__init__(site)
        self.stamps = (*fields.DATE_FULL, ("stamp by its form", self._stamp), *fields.META_TIMES)

    def recognises(self, document: Document) -> bool:
        if document.with_class("date_full") or self._is_dated_by_head(document):
            return False
        scope = scope_of(document, next(iter(self.blocks(document)), None), FURNITURE.containers)
        return self._found(document, scope) is not None

    def _is_dated_by_head(self, document: Document) -> bool:
        """A page of later years that prints no date, known by its body block (Chinese edition)."""
        return bool(document.meta("article:published_time") and document.with_class(*KNOWN_BODIES[:2]))

    def _found(self, document: Document, scope: Element) -> re.Match[str] | None:
        """The first stamp that is not called an update, or else the first."""
        found = [match for block in blocks_to_search(document, scope) if (match := self._match(block))]
        return next((match for match in found if not says_updated(match[0])), next(iter(found), None))

    def _stamp(self, page: Page) -> str | None:
        found = self._found(page.document, page.scope)
        if found is None:
            return None
        return found[0] if says_updated(found[0]) else found["stamp"]


class Stamp2015(_Stamped):
    """2015 to mid 2018, desktop and mobile: the title first, then "Politik 22.05.2018 | 14:39"."""

    name = "2015-stamp"
    form = re.compile(r"(?P<label>[^\d|]{0,60}?)[ |,]{0,3}(?P<stamp>\d{1,2}\.\d{1,2}\.\d{4} ?\| ?\d{1,2}:\d{2})")

    def __init__(self, site: str) -> None:
        super().__init__(site)
        self.labels = (("stamp by its form", self._label), *fields.LABELS)

    def _label(self, page: Page) -> str | None:
        found = self._found(page.document, page.scope)
        return (found["label"].strip() or None) if found else None


class Amp(_Stamped):
    """The AMP twin under ``/amp/``, seen 2022: title, "2022-05-28 07:00", body."""

    name = "amp"
    form = re.compile(r"(?P<stamp>\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}(?::\d{2})?)")
    never_given = frozenset({"rubric_label"})

    def recognises(self, document: Document) -> bool:
        marked = document.root.get("amp") is not None or document.root.get("⚡") is not None
        return marked or ("/amp/" in document.url and urlsplit(document.url).path.startswith("/amp/"))


class Video(_Stamped):
    """A video record: "15:43 26 April 2018" under the word Video, one or two sentences, or the title alone.

    Some records of the German and the Spanish edition show no date: those are known by their address.
    """

    name = "video"
    form = re.compile(r"(?:[^\W\d_]{2,20} )?(?P<stamp>\d{1,2}:\d{2},? \d{1,2} [^\W\d_]{2,15} \d{4})")
    may_be_empty = True

    def recognises(self, document: Document) -> bool:
        if super().recognises(document):
            return True
        undated = not document.with_class("date_full", "js-mediator-article", "inner_content")
        return undated and "/video/getrecord/" in urlsplit(document.url).path.lower()


ERAS: Final[tuple[type[Paragraphs2018], ...]] = (
    Amp,
    Stamp2015,
    Video,
    Paragraphs2018,
    Blocks2024,
    InnerContent,
    TextBlock,
    Uncontained,
)
"""In the order in which they are tried: what a page says of itself, the form of its stamp, its body block."""
