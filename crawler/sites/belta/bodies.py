"""The words of a story: which block holds them, and what in it is a caption or furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import Passage, paragraphs, passages
from crawler.sites.belta.furniture import FURNITURE, NOISE, SIDE_BLOCKS
from crawler.sites.extraction.page import Page, is_whole_page, not_beside, outermost, scope_of, words

KNOWN_BODIES: Final = ("js-mediator-article", "inner_content", "text_block", "text")
"""Classes of body blocks, the surest first."""

_MAX_ENDS: Final = 20  # a body has one or none
_ARTICLE_BODY: Final = etree.XPath("descendant::div[@itemprop='articleBody']")
# A caption is left out where it is one of a photo, which only extraction/pictures.py knows.
_BODY: Final = replace(NOISE, tags=NOISE.tags - {"figcaption"})
_AROUND: Final = replace(_BODY, classes=NOISE.classes | SIDE_BLOCKS)
_ABOVE: Final = replace(_AROUND, classes=_AROUND.classes | frozenset(KNOWN_BODIES))
# Labels around a body that has no block of its own: skipped, or the end of the story (texts of 2017-25).
_LABEL: Final = re.compile(r"(?:Print version|Druckversion|Версия для печати)$", re.IGNORECASE)
_TAIL: Final = re.compile(
    r"(?:Follow us on|Síguenos en|Read also|Nachrichten der Rubrik|Letzte Nachrichten|Alle Nachrichten|"
    r"Top (?:Noticias|stories|news)|(?:Latest|Recent) news from|Últimas Noticias|All news$|订阅我们)",
    re.IGNORECASE,
)


def body_blocks(document: Document, names: Sequence[str]) -> list[Element]:
    """The blocks that may hold a story's words: the outermost with the first of the classes that any block has.

    Empty blocks count only where none has words. A page should have one.
    """
    for name in names:
        blocks = list(not_beside(document, outermost(document.with_class(name)), SIDE_BLOCKS))
        if len(blocks) == 1:
            return blocks
        if blocks:
            return [block for block in blocks if words(block)] or blocks[:1]
    return []


def marked_bodies(document: Document) -> list[Element]:
    """Blocks that call themselves the article's body (``itemprop``), seen on the Russian edition in 2026."""
    return outermost(_ARTICLE_BODY(document.root))


def nearest_heading(document: Document, blocks: Sequence[Element]) -> list[Element]:
    """Those blocks that share the innermost container with a headline: for class names that occur all over a page."""
    scopes = [(block, scope_of(document, block, FURNITURE.containers)) for block in blocks]
    depths = [(block, sum(1 for _ in scope.iterancestors())) for block, scope in scopes if not is_whole_page(scope)]
    deepest = max((depth for _, depth in depths), default=0)
    return [block for block, depth in depths if depth == deepest]


def in_paragraphs(block: Element) -> bool:
    """Whether a body's words stand in ``p`` (to 2023) and not in bare text and nested ``div`` (from 2024)."""
    inner = sum(1 for p in block.iter("p") if len(p) or (p.text and not p.text.isspace()))
    other = 1 if block.text and not block.text.isspace() else 0
    for child in block:
        other += 1 if child.tail and not child.tail.isspace() else 0
        other += 1 if child.tag == "div" and not NOISE.covers(child) else 0
    return inner > other


def body_texts(page: Page) -> list[Passage]:
    """The paragraphs of the body block."""
    if page.body is None:
        return []
    return passages(page.body, replace(_BODY, ends=page.ends) if page.ends else _BODY)


def ends_of(document: Document, body: Element | None) -> frozenset[Element]:
    """The elements of a body with which its story has ended: an empty ``div.clear`` with words before it, and all that
    follows it in its block. Share links and leftovers stand there (seen 2026).
    """
    ends: frozenset[Element] = frozenset()
    if body is None:
        return ends
    for clear in document.with_class("clear")[:_MAX_ENDS]:
        behind = set() if clear.tag != "div" or clear in ends else {clear, *clear.itersiblings()}
        if len(behind) + len((clear.tail or "").strip()) <= 1 or body not in clear.iterancestors() or words(clear):
            continue
        if any(not text.caption for text in passages(body, replace(_BODY, ends=ends | behind))):
            ends |= behind
    return ends


def blocks_around(scope: Element) -> list[Passage]:
    """The texts of the story's container in reading order, headline and stamp among them, known furniture not."""
    return passages(scope, _AROUND)


def blocks_to_search(document: Document, scope: Element) -> Iterator[str]:
    """Where a stamp may stand: around the known body blocks, then, in blocks with common names, within them."""
    yield from paragraphs(scope, _ABOVE)
    if not document.with_class(*KNOWN_BODIES[:2]):
        yield from paragraphs(scope, _AROUND)


def texts_behind(blocks: Sequence[Passage], start: int) -> list[Passage]:
    """The story among a container's texts: from `start` on, labels left out, the page's tail cut off."""
    story: list[Passage] = []
    for block in blocks[start:]:
        if _TAIL.match(block.text):
            break
        if not _LABEL.match(block.text):
            story.append(block)
    before = tuple(image for block in blocks[:start] for image in block.pictures)
    if before and story:
        story[0] = story[0]._replace(pictures=before + story[0].pictures)
    return story
