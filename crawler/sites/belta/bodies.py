"""The words of a story: which block holds them, and what in it is a caption or furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from lxml import etree

from crawler.html.document import Document
from crawler.html.markup import Element
from crawler.html.text import Passage, paragraphs, passages
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.furniture import COPYRIGHT, NOISE, SIDE_BLOCKS, not_beside
from crawler.sites.belta.page import Page, is_whole_page, outermost, scope_of, words
from crawler.sites.belta.photos import Picture

KNOWN_BODIES: Final = ("js-mediator-article", "inner_content", "text_block", "text")
"""Classes of body blocks, the surest first."""

_MAX_ENDS: Final = 20  # a body has one or none
_ARTICLE_BODY: Final = etree.XPath("descendant::div[@itemprop='articleBody']")
# A caption is left out where it is one of a photo, which only photos.py knows.
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


class Story(NamedTuple):
    """The paragraphs of a story, and the captions that stood among them, by the picture next to them."""

    paragraphs: tuple[str, ...]
    printed: Mapping[Element, str]


def story_of(texts: Sequence[Passage], headline: str, pictures: Sequence[Picture], language: str) -> Story:
    """Paragraphs without the headline, the copyright line and the captions that may stand among them.

    A caption is one only next to its picture: its ``figcaption``, a paragraph behind the picture that repeats the
    caption or the alternative text, or the beginning of the first paragraph, right before the dateline:
    "... An archive photoMINSK, 27 June (BelTA) –". The same words elsewhere belong to the story.
    """
    near = _Captions(headline, pictures)
    story: list[str] = []
    for passage in texts:
        near.come_to(passage.pictures)
        if (
            passage.caption in near.labels
            or near.take(passage.text, passage.item)
            or (not story and passage.text == headline)
        ):
            continue
        story.append(passage.text if story else _without_caption(passage.text, near, language))
        near.leave()
    if story and language == "zh" and COPYRIGHT.match(story[-1]):
        del story[-1]
    return Story(tuple(story), near.printed)


class _Captions:
    """The captions of the pictures that a text stands next to. Pictures above the body are next to its beginning."""

    def __init__(self, headline: str, pictures: Sequence[Picture]) -> None:
        self.labels = {picture.label for picture in pictures if picture.label is not None}
        self.printed: dict[Element, str] = {}
        self.texts: dict[str, Element] = {}
        self._pictures = {picture.image: picture for picture in pictures}
        self._headline = headline
        self.come_to([picture.image for picture in pictures if picture.above])

    def come_to(self, images: Sequence[Element]) -> None:
        for image in images:
            picture = self._pictures.get(image)
            for text in () if picture is None else (picture.caption, picture.alt):
                if text and text != self._headline:
                    self.texts.setdefault(text, image)

    def take(self, text: str, item: Element | None = None) -> bool:
        """Whether a text is the caption of a picture next to it: then that picture has it printed. A heading or the
        `item` of a list is none, unless the picture stands in it.
        """
        image = self.texts.get(text)
        if image is None or (item is not None and item not in image.iterancestors()):
            return False
        self.printed.setdefault(image, text)
        return True

    def leave(self) -> None:
        self.texts.clear()


def _without_caption(opening: str, near: _Captions, language: str) -> str:
    for caption in near.texts:
        rest = opening.removeprefix(caption)
        if rest != opening and (rest.startswith("\n") or read_dateline(rest.strip(), language)):
            near.take(caption)
            return rest.strip()
    return opening
