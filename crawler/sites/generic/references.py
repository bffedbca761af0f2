"""The texts that tell which words of a page are its story: what trafilatura extracts, and the page's ``articleBody``.

Without either they are the page's sentences. A reference is not kept: it only tells which of the page's own passages
belong to the story.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from crawler.html.boilerplate import SENTENCE_END, Boilerplate
from crawler.html.markup import Element
from crawler.html.text import paragraphs_of, passages
from crawler.sites.generic.class_names import is_other_content
from crawler.sites.generic.extractor import extracted
from crawler.sites.generic.page import Page
from crawler.sites.generic.words import Runs, runs_of, share, words_of

NO_BODY: Final = frozenset({"figure", "figcaption", "nav", "aside", "footer"})
"""Elements whose words are never part of a body."""

_KNOWN: Final = 0.7  # of the runs of a passage
_FEW: Final = 4  # words: shorter passages are known only as whole lines
_AGREES: Final = 0.6  # of the words that trafilatura has
_SENTENCE: Final = 40  # letters of a paragraph that says by itself that it is one


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A text that is said to be the story: its lines without spaces, and the runs of its words."""

    lines: frozenset[str]
    runs: Runs

    @classmethod
    def of(cls, lines: Sequence[str]) -> Reference:
        words = [words_of(one) for one in lines]
        return cls(frozenset(map("".join, words)), runs_of([word for one in words for word in one]))

    def contains(self, words: list[str]) -> bool:
        """Whether a passage of these words is part of it."""
        if len(words) < _FEW:
            return "".join(words) in self.lines
        return share(runs_of(words), self.runs) >= _KNOWN


class References(NamedTuple):
    """The references of a page, and the rule that names them."""

    all: tuple[Reference, ...]
    rule: str

    def contain(self, words: list[str]) -> bool:
        """Whether one of them has a passage of these words."""
        return any(reference.contains(words) for reference in self.all)


def references_of(page: Page) -> References:
    """The references for the story of a page. ``articleBody`` counts only where it agrees with what the page shows."""
    told, said = extracted(page.root), _structured(page)
    lines, rule = (told, "trafilatura") if told is not None else (_sentences(page.root), "paragraphs")
    first = Reference.of(lines) if lines else None
    if said is None:
        return References(() if first is None else (first,), rule)
    other = Reference.of(said)
    if first is None:
        return References((other,), "ld:articleBody")
    if share(first.runs, other.runs) < _AGREES:
        return References((first,), rule)
    return References((first, other), f"{rule}, ld:articleBody")


def _structured(page: Page) -> list[str] | None:
    """The lines of the ``articleBody`` in the page's JSON-LD, which may be text or markup."""
    texts = [text for node in page.nodes for text in page.linked.texts(node, "articleBody")[:1]]
    if not texts:
        return None
    text = max(texts, key=len)
    if "</" in text or "<br" in text:
        return list(paragraphs_of(text))
    return [one for one in text.splitlines() if one.strip()] or None


def _sentences(root: Element) -> list[str]:
    """The paragraphs of a page that are of sentences and not of links, outside of its furniture."""
    found = passages(root, BodyBoilerplate(tags=NO_BODY | {"header", "h1"}, boxes=frozenset(_furniture(root))))
    return [passage.text for passage in found if is_sentence(passage.text)]


def is_sentence(text: str) -> bool:
    """Whether a passage says by itself that it is a paragraph of some story."""
    return len(text) >= _SENTENCE and SENTENCE_END.search(text) is not None


def _furniture(root: Element) -> Iterator[Element]:
    return (element for element in root.iter("div", "section", "ul", "ol", "p") if is_other_content(element))


@dataclass(frozen=True, slots=True)
class BodyBoilerplate(Boilerplate):
    """What is none of a body: furniture, and boxes such as those of pictures with their captions."""

    boxes: frozenset[Element] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        Boilerplate.__post_init__(self)
        object.__setattr__(self, "names", self.names | {str(box.tag) for box in self.boxes})

    def covers(self, element: Element) -> bool:
        return element in self.boxes or Boilerplate.covers(self, element)
