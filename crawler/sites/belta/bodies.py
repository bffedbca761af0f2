"""The words of a story: which block holds them, and what in it is a caption or furniture."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from lxml import etree

from crawler.document import Document, Element
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.furniture import COPYRIGHT, NOISE, SIDE_BLOCKS, is_beside
from crawler.sites.belta.page import Page, one, outermost, words
from crawler.text import paragraphs

_ARTICLE_BODY: Final = etree.XPath("descendant::*[@itemprop='articleBody']")
_AROUND: Final = replace(NOISE, classes=NOISE.classes | SIDE_BLOCKS | {"rubric", "date_full"})
# Labels around a body that has no block of its own: skipped, or the end of the story (texts of 2017-25).
_LABEL: Final = re.compile(r"(?:Print version|Druckversion|Версия для печати)$", re.IGNORECASE)
_TAIL: Final = re.compile(
    r"(?:Follow us on|Síguenos en|Read also|Nachrichten der Rubrik|Letzte Nachrichten|Alle Nachrichten|"
    r"Top (?:Noticias|stories|news)|(?:Latest|Recent) news from|Últimas Noticias|All news$|订阅我们)",
    re.IGNORECASE,
)


def body_block(document: Document, names: Sequence[str]) -> Element | None:
    """The block of a story's words: the outermost with the first of the classes that any has. An empty one counts only
    where none has words. Raises Mismatch where two have.
    """
    for name in names:
        blocks = [block for block in outermost(document.with_class(name)) if not is_beside(block)]
        if blocks:
            return one([block for block in blocks if words(block)] or blocks[:1], f"div.{name}")
    return None


def marked_body(document: Document) -> Element | None:
    """The block that calls itself the article's body (``itemprop``), seen on the Russian edition in 2026."""
    return one(outermost(_ARTICLE_BODY(document.root)), "itemprop=articleBody")


def in_paragraphs(block: Element) -> bool:
    """Whether a body's words stand in ``p`` (to 2023) and not in bare text and nested ``div`` (from 2024)."""
    inner = sum(1 for p in block.iter("p") if len(p) or (p.text and not p.text.isspace()))
    texts = [block.text, *(child.tail for child in block)]
    bare = sum(1 for text in texts if text and not text.isspace())
    divs = sum(1 for child in block if child.tag == "div" and not NOISE.covers(child))
    return inner > bare + divs


def body_texts(page: Page) -> tuple[str, ...]:
    """The paragraphs of the body block."""
    return () if page.body is None else paragraphs(page.body, NOISE)


def blocks_around(page: Page) -> tuple[str, ...]:
    """The texts of the story's container in reading order, headline and stamp among them, known furniture not."""
    return paragraphs(page.scope, _AROUND)


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
