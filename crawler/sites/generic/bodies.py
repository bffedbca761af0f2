"""The words of a story: which of a page's passages they are.

The block that holds the words of the references is read like any other text. A passage of it is kept if a reference has
it, or if it stands between such passages and is made like them. So every word of a body is one that the page shows,
whatever its data say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, TypeAlias

from crawler.html.markup import Element
from crawler.html.text import line, passages
from crawler.sites.generic.page import Page
from crawler.sites.generic.references import (
    NO_BODY,
    BodyBoilerplate,
    References,
    references_of,
)
from crawler.sites.generic.words import key_of, words_of

_HELD: Final = 0.85  # of the words that the references have: what the block of the story holds at least
_SHORTEST: Final = 15  # letters of a text that says where the story stands
_MOST_PARAGRAPHS: Final = 2000
_USUAL: Final = 3  # paragraphs that are made in the same way
_MOST_LINKS: Final = 2000
_LINK: Final = 4  # words of a link that leads to another story
_INTRODUCTION: Final = 4  # words before it: Read also:
_TEXTLESS: Final = frozenset({"script", "style", "noscript", "template", "head", "title", "textarea", "svg"})
_OF_PARAGRAPHS: Final = frozenset({"b", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "i", "p", "span", "strong"})


_Making: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Where the story stands: the block of the page, the element with its first words, and the references that tell
    which words are the story's.
    """

    block: Element | None = field(default=None, repr=False)
    first: Element | None = field(default=None, repr=False)
    references: References = field(default=References((), ""), repr=False)


def find_story(page: Page, headline: str) -> Story:
    """The block that holds the story; without one where the page has none."""
    references = references_of(page)
    weights = _weights(page.root, references, key_of(headline))
    if not weights:
        return Story()
    block = _block(page.root, weights)
    first = next(owner for owner in weights if block is owner or block in owner.iterancestors())
    return Story(block, first, references)


def paragraphs_of_story(story: Story, headline: str, boxes: frozenset[Element]) -> tuple[str, ...]:
    """The paragraphs of a story, without the boxes of its pictures."""
    if story.block is None:
        return ()
    found = [one.text for one in passages(story.block, BodyBoilerplate(tags=NO_BODY, boxes=boxes))]
    links, alike, title = _links(story.block), _alike(story), key_of(headline)
    kept: list[str] = []
    between: list[str] = []
    for text in found:
        words = words_of(text)
        if "".join(words) == title or _is_promotion(words, links):
            continue
        if story.references.contain(words):
            kept += [*between, text] if kept else [text]
            between.clear()
        elif text in alike:
            between.append(text)
    return tuple(kept)


def _alike(story: Story) -> frozenset[str]:
    """Texts that no reference has, in paragraphs of the same making as those that one has."""
    known: Counter[_Making] = Counter()
    others: dict[str, _Making] = {}
    for paragraph in () if story.block is None else islice(story.block.iterdescendants("p"), _MOST_PARAGRAPHS):
        text = line(paragraph)
        if story.references.contain(words_of(text)):
            known[_making(paragraph)] += 1
        elif len(text) >= _SHORTEST:
            others[text] = _making(paragraph)
    return frozenset(text for text, making in others.items() if known[making] >= _USUAL)


def _making(paragraph: Element) -> _Making:
    """How a paragraph is made: its class, and the box that it stands in."""
    box = paragraph.getparent()
    return (paragraph.get("class"), *((None, None) if box is None else (str(box.tag), box.get("class"))))


def _links(block: Element) -> frozenset[str]:
    """The words of links that are long enough to be a headline."""
    texts = (words_of(line(link)) for link in islice(block.iterdescendants("a"), _MOST_LINKS))
    return frozenset("".join(words) for words in texts if len(words) >= _LINK)


def _is_promotion(words: list[str], links: frozenset[str]) -> bool:
    """Whether a passage is a link to another story, with a word or two that introduce it."""
    return any("".join(words[start:]) in links for start in range(min(_INTRODUCTION, len(words))))


def _weights(root: Element, references: References, headline: str) -> dict[Element, int]:
    """How many letters of the story stand in each element itself, in the order of the page."""
    weights: dict[Element, int] = {}
    for owner, text in _texts(root):
        words = words_of(text)
        letters = sum(map(len, words))
        if letters >= _SHORTEST and "".join(words) != headline and references.contain(words):
            weights[owner] = weights.get(owner, 0) + letters
    return weights


def _block(root: Element, weights: Mapping[Element, int]) -> Element:
    """The innermost block that holds nearly all words that the references have."""
    held: dict[Element, int] = {}
    for owner, weight in weights.items():
        for element in (owner, *owner.iterancestors()):
            held[element] = held.get(element, 0) + weight
    least = _HELD * held[root]
    block = root
    while (inner := next((child for child in block if held.get(child, 0) >= least), None)) is not None:
        block = inner
    while block.tag in _OF_PARAGRAPHS and (outer := block.getparent()) is not None:
        block = outer
    return block


def _texts(root: Element) -> Iterator[tuple[Element, str]]:
    """The pieces of text that may say something, each with the element that it stands in."""
    for element in root.iter("*"):
        if element.text and len(element.text) >= _SHORTEST and element.tag not in _TEXTLESS:
            yield element, element.text
        parent = element.getparent()
        if element.tail and len(element.tail) >= _SHORTEST and parent is not None:
            yield parent, element.tail
