"""The words of a story: which block holds them, and what in it is a caption or furniture."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from crawler.document import Document
from crawler.markup import Element
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.furniture import COPYRIGHT, NOISE, SIDE_BLOCKS, not_beside
from crawler.sites.belta.page import Page, is_whole_page, outermost, scope_of, words
from crawler.text import paragraphs

KNOWN_BODIES: Final = ("js-mediator-article", "inner_content", "text_block", "text")
"""Classes of body blocks, the surest first."""

_ARTICLE_BODY: Final = etree.XPath("descendant::div[@itemprop='articleBody']")
_AROUND: Final = replace(NOISE, classes=NOISE.classes | SIDE_BLOCKS)
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
        blocks = list(not_beside(document, outermost(document.with_class(name))))
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
    scopes = [(block, scope_of(document, block)) for block in blocks]
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


def body_texts(page: Page) -> tuple[str, ...]:
    """The paragraphs of the body block."""
    return () if page.body is None else paragraphs(page.body, NOISE)


def blocks_around(scope: Element) -> tuple[str, ...]:
    """The texts of the story's container in reading order, headline and stamp among them, known furniture not."""
    return paragraphs(scope, _AROUND)


def blocks_to_search(document: Document, scope: Element) -> Iterator[str]:
    """Where a stamp may stand: around the known body blocks, then, in blocks with common names, within them."""
    yield from paragraphs(scope, _ABOVE)
    if not document.with_class(*KNOWN_BODIES[:2]):
        yield from paragraphs(scope, _AROUND)


def texts_behind(blocks: Sequence[str], start: int) -> tuple[str, ...]:
    """The story among a container's texts: from `start` on, labels left out, the page's tail cut off."""
    story: list[str] = []
    for block in blocks[start:]:
        if _TAIL.match(block):
            break
        if not _LABEL.match(block):
            story.append(block)
    return tuple(story)


def story_of(texts: Sequence[str], headline: str, captions: Collection[str], language: str) -> tuple[str, ...]:
    """Paragraphs without the headline, the captions and the copyright line that may stand among them.

    A caption is dropped where it is a paragraph, and cut off where it opens the first one right before the dateline:
    "... An archive photoMINSK, 27 June (BelTA) –".
    """
    story = [text for text in texts if text not in captions]
    if story and story[0] == headline:
        del story[0]
    if story:
        story[0] = _without_caption(story[0], captions, language)
    if story and language == "zh" and COPYRIGHT.match(story[-1]):
        del story[-1]
    return tuple(story)


def _without_caption(opening: str, captions: Collection[str], language: str) -> str:
    for caption in captions:
        rest = opening.removeprefix(caption)
        if rest != opening and (rest.startswith("\n") or read_dateline(rest.strip(), language)):
            return rest.strip()
    return opening
