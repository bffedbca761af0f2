"""What stands around a story: its heading, what is printed above the first words of the story, in it and below it.

Other stories that the page shows are left out: teasers, sidebars, comments, what lies in an ``article`` of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile
from typing import Final

from lxml import etree

from crawler.html.markup import Element
from crawler.sites.generic.bodies import Story
from crawler.sites.generic.class_names import is_other_content
from crawler.sites.generic.page import Page

_WHOLE: Final = frozenset({"article", "main"})
_PAGES: Final = frozenset({"body", "html"})
_TEXTLESS: Final = frozenset({"script", "style", "noscript", "template"})
_MORE: Final = 1.2  # times the letters
_LEVELS: Final = 4
_MOST: Final = 20_000  # elements


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The elements of the innermost part of a page that holds both heading and story, by where they stand.

    `headings` are those that show the headline.
    """

    headline: str = ""

    scope: Element | None = field(default=None, repr=False)
    block: Element | None = field(default=None, repr=False)
    headings: frozenset[Element] = frozenset()
    above: Sequence[Element] = field(default=(), repr=False)
    within: Sequence[Element] = field(default=(), repr=False)
    below: Sequence[Element] = field(default=(), repr=False)


def surroundings(page: Page, story: Story, headline: str) -> Surroundings:
    """What stands around the story. Without a story all is above it: the part of the page that the heading begins."""
    headings = page.headed_by(headline)
    if story.block is None:
        return _without_story(headline, headings)
    scope = _scope(story.block, headings)
    own = {scope, story.block, story.first, *(() if story.first is None else story.first.iterancestors())}
    above = _head_of(scope, own)
    within: list[Element] = []
    below: list[Element] = []
    part = above
    for element in _own_elements(scope, own):
        if element is story.first:
            part = within
        elif part is within and story.block not in element.iterancestors():
            part = below
        part.append(element)
    return Surroundings(headline, scope, story.block, frozenset(headings), above, within, below)


def _head_of(scope: Element, own: Iterable[Element | None]) -> list[Element]:
    """What stands before a part of the page in the boxes around it that add few words to it: the head of the same."""
    head: list[Element] = []
    most = _letters(scope) * _MORE
    for outer in islice(scope.iterancestors(), _LEVELS):
        if outer.tag in _PAGES or _letters(outer) > most:
            break
        inside = takewhile(lambda one: one is not scope, _own_elements(outer, own))
        head = [one for one in inside if one is not outer]
    return head


def _own_elements(scope: Element, own: Iterable[Element | None]) -> Iterator[Element]:
    """The elements of a part of a page but for those of other stories; `own` are this one's, whatever their names."""
    own = {scope, *own}
    walker = etree.iterwalk(scope, events=("start",))
    for _, element in islice(walker, _MOST):
        if element not in own and (is_other_content(element) or element.tag == "article"):
            walker.skip_subtree()
        else:
            yield element


def _without_story(headline: str, headings: Sequence[Element]) -> Surroundings:
    if not headings:
        return Surroundings(headline)
    around = list(islice(headings[0].iterancestors(), _LEVELS))
    scope = next((one for one in around if one.tag in _WHOLE), around[-1])
    return Surroundings(headline, scope, None, frozenset(headings), list(_own_elements(scope, around)))


def _scope(block: Element, headings: Sequence[Element]) -> Element:
    """The innermost element with both the heading and the story, or the ``article`` that these are in."""
    around = [block, *block.iterancestors()]
    ancestors = {ancestor for heading in headings for ancestor in heading.iterancestors()}
    common = next((element for element in around if element in ancestors), block)
    whole = next((one for one in around[around.index(common) :] if one.tag in _WHOLE), None)
    return whole if whole is not None else block if common.tag in _PAGES else common


def _letters(element: Element) -> int:
    """How many letters an element shows, those of scripts aside."""
    own = 0 if element.tag in _TEXTLESS else len((element.text or "").strip())
    texts = ((one.text if one.tag not in _TEXTLESS else "", one.tail) for one in element.iterdescendants("*"))
    return own + sum(len(text.strip()) for pair in texts for text in pair if text)
