"""What stands around a story: its heading, what is printed above the first words of the story, in it and below it.

Other stories that the page shows are left out: teasers, sidebars, comments, what lies in an ``article`` of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from lxml import etree

from crawler.html.markup import Element
from crawler.sites.generic.bodies import Story
from crawler.sites.generic.furniture import is_elsewhere
from crawler.sites.generic.page import Page

_WHOLE: Final = frozenset({"article", "main"})
_MOST: Final = 20_000  # elements


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The elements of the innermost part of a page that holds both heading and story, by where they stand.

    `headings` are those that show the headline.
    """

    scope: Element | None = field(default=None, repr=False)
    block: Element | None = field(default=None, repr=False)
    headings: frozenset[Element] = frozenset()
    above: Sequence[Element] = field(default=(), repr=False)
    within: Sequence[Element] = field(default=(), repr=False)
    below: Sequence[Element] = field(default=(), repr=False)


def surroundings(page: Page, story: Story, headline: str) -> Surroundings:
    """What stands around the story; nothing where there is no story."""
    if story.block is None or story.first is None:
        return Surroundings()
    scope = _scope(page, story.block, headline)
    above: list[Element] = []
    within: list[Element] = []
    below: list[Element] = []
    part = above
    own = {story.block, story.first, *story.first.iterancestors()}
    walker = etree.iterwalk(scope, events=("start", "end"))
    for event, element in islice(walker, 2 * _MOST):
        if event == "end":
            part = below if element is story.block else part
            continue
        if element is story.first:
            part = within
        if element not in own and (is_elsewhere(element) or element.tag == "article"):
            walker.skip_subtree()
        else:
            part.append(element)
    return Surroundings(scope, story.block, frozenset(page.headed_by(headline)), above, within, below)


def _scope(page: Page, block: Element, headline: str) -> Element:
    """The innermost element with both the heading and the story, or the ``article`` that these are in."""
    around = [block, *block.iterancestors()]
    ancestors = {ancestor for heading in page.headed_by(headline) for ancestor in heading.iterancestors()}
    common = next((element for element in around if element in ancestors), block)
    whole = next((one for one in around[around.index(common) :] if one.tag in _WHOLE), None)
    return whole if whole is not None else block if common.tag in {"body", "html"} else common
