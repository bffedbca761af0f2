"""The words of a story: which of a page's passages they are.

Witnesses say which words belong to the story: what trafilatura extracts, and the ``articleBody`` of the page's own
data. The block that holds those words is read like any other text, and a passage of it is kept where a witness has it.
So every word of a body is one that the page shows, whatever its data say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from crawler.html.boilerplate import SENTENCE_END, Boilerplate
from crawler.html.jsonld import Node
from crawler.html.markup import Element
from crawler.html.text import Passage, paragraphs_of, passages
from crawler.sites.generic.extractor import extracted
from crawler.sites.generic.furniture import is_elsewhere
from crawler.sites.generic.page import Page
from crawler.sites.generic.words import Runs, key_of, runs_of, share, words_of

_NO_BODY: Final = frozenset({"figure", "figcaption", "nav", "aside", "footer", "form"})

_KNOWN: Final = 0.7  # of the runs of a passage
_HELD: Final = 0.9  # of the words that the witnesses have: what the block of the story holds at least
_SHORTEST: Final = 15  # letters of a text that says where the story stands
_AGREES: Final = 0.6  # of the words that trafilatura has
_SENTENCE: Final = 40  # letters of a paragraph that says by itself that it is one
_TEXTLESS: Final = frozenset({"script", "style", "noscript", "template", "head", "title", "textarea", "svg"})


@dataclass(frozen=True, slots=True)
class _Witness:
    """A text that is said to be the story: its lines, their runs of words, its words without spaces."""

    lines: frozenset[str]
    runs: Runs
    key: str

    @classmethod
    def of(cls, lines: Sequence[str]) -> _Witness:
        keys = [key_of(one) for one in lines]
        return cls(frozenset(keys), runs_of([word for one in lines for word in words_of(one)]), "\n".join(keys))

    def knows(self, words: list[str]) -> bool:
        """Whether a passage of these words is part of it."""
        runs = runs_of(words)
        if len(words) < _FEW:
            return "".join(words) in self.lines
        return share(runs, self.runs) >= _KNOWN


_FEW: Final = 4  # words: shorter passages are known only as whole lines


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """Where the story stands: the block of the page, the element with its first words, and the witnesses that say which
    words are the story's.
    """

    block: Element | None = field(default=None, repr=False)
    first: Element | None = field(default=None, repr=False)
    rule: str = ""
    witnesses: tuple[_Witness, ...] = field(default=(), repr=False)


def find_story(page: Page, nodes: Sequence[Node], headline: str) -> Story:
    """The block that holds the story; without one where the page has none."""
    told, said = extracted(page.root), _structured(page, nodes)
    lines, rule = (told, "trafilatura") if told is not None else (_sentences(page.root), "paragraphs")
    witnesses = [_Witness.of(lines)] if lines else []
    if said is not None:
        witness = _Witness.of(said)
        if not lines or share(witnesses[0].runs, witness.runs) >= _AGREES:
            witnesses.append(witness)
            rule = f"{rule}, ld:articleBody" if lines else "ld:articleBody"
    weights = _weights(page.root, witnesses, key_of(headline))
    if not weights:
        return Story()
    block = _block(page.root, weights)
    first = next(owner for owner in weights if block is owner or block in owner.iterancestors())
    return Story(block, first, rule, tuple(witnesses))


def _sentences(root: Element) -> list[str]:
    """The paragraphs of a page that are of sentences and not of links, outside of its furniture."""
    found = passages(root, _BodyBoilerplate(tags=_NO_BODY | {"header", "h1"}, boxes=frozenset(_furniture(root))))
    return [passage.text for passage in found if len(passage.text) >= _SENTENCE and SENTENCE_END.search(passage.text)]


def _furniture(root: Element) -> Iterator[Element]:
    return (element for element in root.iter("div", "section", "ul", "ol", "p") if is_elsewhere(element))


def paragraphs_of_story(story: Story, headline: str, boxes: frozenset[Element]) -> tuple[str, ...]:
    """The paragraphs of a story, without the boxes of its pictures."""
    if story.block is None:
        return ()
    return tuple(_story(passages(story.block, _BodyBoilerplate(tags=_NO_BODY, boxes=boxes)), story.witnesses, headline))


@dataclass(frozen=True, slots=True)
class _BodyBoilerplate(Boilerplate):
    """What is none of a body: furniture, and the boxes of pictures with their captions."""

    boxes: frozenset[Element] = frozenset()

    def __post_init__(self) -> None:
        Boilerplate.__post_init__(self)
        object.__setattr__(self, "names", self.names | {str(box.tag) for box in self.boxes})

    def covers(self, element: Element) -> bool:
        return element in self.boxes or Boilerplate.covers(self, element)


def _structured(page: Page, nodes: Sequence[Node]) -> list[str] | None:
    """The lines of the ``articleBody`` in the page's JSON-LD, which may be text or markup."""
    texts = [text for node in nodes for text in page.linked.texts(node, "articleBody")[:1]]
    if not texts:
        return None
    text = max(texts, key=len)
    if "</" in text or "<br" in text:
        return list(paragraphs_of(text))
    return [one for one in text.splitlines() if one.strip()] or None


def _weights(root: Element, witnesses: Sequence[_Witness], headline: str) -> dict[Element, int]:
    """How many letters of the story stand in each element itself, in the order of the page."""
    weights: dict[Element, int] = {}
    keys = [witness.key for witness in witnesses]
    for owner, text in _texts(root):
        key = key_of(text)
        if len(key) >= _SHORTEST and key != headline and any(key in known for known in keys):
            weights[owner] = weights.get(owner, 0) + len(key)
    return weights


def _block(root: Element, weights: Mapping[Element, int]) -> Element:
    """The innermost block that holds nearly all words that the witnesses have."""
    held: dict[Element, int] = {}
    for owner, weight in weights.items():
        for element in (owner, *owner.iterancestors()):
            held[element] = held.get(element, 0) + weight
    least = _HELD * held[root]
    block = root
    while (inner := next((child for child in block if held.get(child, 0) >= least), None)) is not None:
        block = inner
    return block


def _texts(root: Element) -> Iterator[tuple[Element, str]]:
    """The pieces of text that may say something, each with the element that it stands in."""
    for element in root.iter("*"):
        if element.text and len(element.text) >= _SHORTEST and element.tag not in _TEXTLESS:
            yield element, element.text
        parent = element.getparent()
        if element.tail and len(element.tail) >= _SHORTEST and parent is not None:
            yield parent, element.tail


def _story(found: Sequence[Passage], witnesses: Sequence[_Witness], headline: str) -> Iterator[str]:
    title = key_of(headline)
    for passage in found:
        words = words_of(passage.text)
        if "".join(words) == title:
            continue
        if any(witness.knows(words) for witness in witnesses):
            yield passage.text
