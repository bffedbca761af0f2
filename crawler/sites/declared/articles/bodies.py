"""The words and pictures of a story by the rules of a site file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from crawler.html.boilerplate import Boilerplate
from crawler.html.markup import Element
from crawler.html.text import PICTURES, Passage, line, paragraphs_of, passages
from crawler.records import Photo
from crawler.sites.declared.articles.values import Subject
from crawler.sites.declared.selectors import Css
from crawler.sites.declared.sitefile import ArticleRules
from crawler.sites.extraction.page import Furniture, Page, outermost, scope_of
from crawler.sites.extraction.pictures import Picture, is_decoration, photos_of, pictures_in, rules_of
from crawler.sites.extraction.stories import story_of

_FIGURES: Final = frozenset({"figure", "figcaption"})
_MOST_BLOCKS: Final = 500
_CLIMB: Final = 8  # levels from a caption to the block that it shares with its picture
_MOST_IMAGES: Final = 500


@dataclass(frozen=True, slots=True)
class Without(Boilerplate):
    """Boilerplate, and `dropped`: elements of this page that are none of the story."""

    dropped: frozenset[Element] = frozenset()

    def __post_init__(self) -> None:
        Boilerplate.__post_init__(self)
        object.__setattr__(self, "names", self.names | {str(element.tag) for element in self.dropped})

    def covers(self, element: Element) -> bool:
        return element in self.dropped or Boilerplate.covers(self, element)


@dataclass(frozen=True, slots=True)
class Told:
    """What stands in the body: paragraphs and photos, each with the rule that gave them."""

    paragraphs: tuple[str, ...] = field(repr=False)
    photos: tuple[Photo, ...] = field(repr=False)
    body_rule: str
    photos_rule: str


def read_body(rules: ArticleRules, subject: Subject, headline: str, site: str) -> Told | None:
    """The body by the first rule that finds words or pictures; None where no rule finds any."""
    for rule in rules.fields["body"]:
        if not isinstance(rule, Css) or rule.gives_text:
            texts = [text for value, _ in subject.found(rule) for text in _paragraphs(value)]
            if texts:
                return Told(tuple(texts), (), rule.text, "")
            continue
        blocks = outermost(rule.elements(subject.document.root)[:_MOST_BLOCKS])
        if blocks and (told := _told(rules, rule.text, blocks, subject, headline, site)) is not None:
            return told
    return None


def body_block(rules: ArticleRules, subject: Subject) -> Element | None:
    """The first element that a rule finds as the body; None where the file has no such rule, or none finds any."""
    css = (rule for rule in rules.fields.get("body", ()) if isinstance(rule, Css) and not rule.gives_text)
    return next((element for rule in css for element in rule.elements(subject.document.root)[:1]), None)


def _paragraphs(text: str) -> Sequence[str]:
    return paragraphs_of(text) if "<" in text else (text,)


def _told(
    rules: ArticleRules, name: str, blocks: list[Element], subject: Subject, headline: str, site: str
) -> Told | None:
    dropped = {element for rule in rules.drop for block in blocks for element in rule.elements(block)} - set(blocks)
    boilerplate = Without(
        tags=frozenset({"nav", "form"}), boxes=frozenset({"aside"}), signatures=frozenset({"footer"}),
        dropped=frozenset(dropped),
    )  # fmt: skip
    document, edition = subject.document, subject.edition
    scope = scope_of(document, blocks[0], frozenset())
    page = Page(
        document, edition, site, "declared", scope, None, furniture=Furniture(boilerplate, is_own=is_decoration)
    )
    found = list(_pictures(page, blocks, rules))
    captions = {element for rule in (*rules.captions, *rules.credits) for element in rule.elements(scope)}
    apart = (subject.used | captions | dropped) - _around(blocks)
    text_noise = replace(boilerplate, tags=boilerplate.tags | _FIGURES, dropped=frozenset(apart))
    texts: list[Passage] = [passage for block in blocks for passage in passages(block, text_noise)]
    story = story_of(texts, headline, found)
    if not story.paragraphs and not found:
        return None
    return Told(story.paragraphs, photos_of(found, story.printed, headline), name, rules_of(found))


def _around(blocks: Sequence[Element]) -> set[Element]:
    """The blocks and what is around them: a field may be read from there, the words remain those of the body."""
    return {node for block in blocks for node in (block, *block.iterancestors())}


def _pictures(page: Page, blocks: Sequence[Element], rules: ArticleRules) -> Iterator[Picture]:
    """The pictures above the body, then those in it, with their captions and sources."""
    found = [*_above(page, blocks), *(one for block in blocks for one in pictures_in(page, block, "body img"))]
    labels = _labels(page.scope, rules.captions)
    sources = _labels(page.scope, rules.credits)
    marked = frozenset(element for elements in sources.values() for element in elements)
    for picture in found:
        caption = _label(picture, labels, rules.captions, Without(dropped=marked))
        if not rules.captions and picture.label is not None and marked:
            caption = line(picture.label, Without(dropped=marked), parted=True)
        credit = _label(picture, sources, rules.credits, Without())
        yield replace(picture, caption=picture.caption if caption is None else caption, credit=credit or None)


def _above(page: Page, blocks: Sequence[Element]) -> Iterator[Picture]:
    """The pictures of the story's part of the page that stand before the body: below the headline where that part is
    the whole page.
    """
    first = blocks[0]
    before = _before(page, first)
    for picture in pictures_in(page, page.scope, "above the body img", set(blocks)):
        if picture.image in before:
            yield replace(picture, above=True)


def _before(page: Page, body: Element) -> AbstractSet[Element]:
    """The images before the body; of a whole page only those behind its headline."""
    images: list[Element] = []
    whole = page.scope.tag in {"html", "body"}
    for node in page.scope.iter("h1", body.tag, *PICTURES):
        if node is body:
            break
        if node.tag == "h1" and whole:
            images.clear()
        elif node.tag in PICTURES:
            images.append(node)
    return set(images[-_MOST_IMAGES:])


def _labels(scope: Element, rules: Sequence[Css]) -> dict[Element, list[Element]]:
    """The elements that rules find in a part of the page, by the image that each belongs to."""
    labels: dict[Element, list[Element]] = {}
    for element in (one for rule in rules for one in rule.elements(scope)):
        if (image := _image_of(element, scope)) is not None:
            labels.setdefault(image, []).append(element)
    return labels


def _image_of(element: Element, scope: Element) -> Element | None:
    """The image of a caption: in the nearest block around it that has any, the last before it, or else the first."""
    for block in islice((element, *element.iterancestors()), _CLIMB):
        before: Element | None = None
        behind: Element | None = None
        passed = False
        for node in islice(block.iter(element.tag, *PICTURES), 4 * _MOST_IMAGES):
            if node is element:
                passed = True
            elif node.tag in PICTURES:
                before = before if passed else node
                behind = behind if not passed or behind is not None else node
        if before is not None or behind is not None:
            return before if before is not None else behind
        if block is scope:
            return None
    return None


def _label(
    picture: Picture, labels: dict[Element, list[Element]], rules: Sequence[Css], noise: Boilerplate
) -> str | None:
    """What rules say of a picture, empty where they say nothing; None where there is no rule."""
    if not rules:
        return None
    for element in labels.get(picture.image, ()):
        if text := line(element, noise, parted=True):
            return text
    around = next(picture.image.iterancestors("figure"), picture.image.getparent())
    texts = (text for rule in rules if rule.gives_text and around is not None for text in rule.texts(around))
    return next(texts, "")
