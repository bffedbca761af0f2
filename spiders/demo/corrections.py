"""How an agency changes what it published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from random import Random

from spiders.demo.dice import dice
from spiders.demo.stories import Story
from spiders.demo.words import CORRECTIONS


@lru_cache(maxsize=4096)
def corrected(story: Story, *names: object) -> Story:
    """Another text under the same address and date, different from `story`; the same one for the same `names`.

    The headline or a paragraph is reworded, a paragraph is added or dropped, or a photo goes.
    """
    die = dice("correction", story.key, *names)
    change = die.choice(_CHANGES)(story, die)
    return change if change != story else _headline(story, die)


def _headline(story: Story, die: Random) -> Story:
    """The headline only: the commonest correction, and the one that a comparison of bodies misses."""
    first, more = story.headline.partition(" – ")[0], die.choice(CORRECTIONS["headline"])
    return replace(story, headline=f"{first} – {more} ({die.randint(2, 99)})")


def _paragraph(story: Story, die: Random) -> Story:
    place = die.randrange(len(story.paragraphs))
    texts = list(story.paragraphs)
    texts[place] = f"{texts[place]} {die.choice(CORRECTIONS['sentence']).format(count=die.randint(2, 999))}"
    return replace(story, paragraphs=tuple(texts))


def _added(story: Story, die: Random) -> Story:
    text = die.choice(CORRECTIONS["sentence"]).format(count=die.randint(2, 999))
    place = die.randint(1, len(story.paragraphs))
    return replace(story, paragraphs=(*story.paragraphs[:place], text, *story.paragraphs[place:]))


def _dropped(story: Story, die: Random) -> Story:
    if len(story.paragraphs) < 3:  # noqa: PLR2004 - the opening and one more stay
        return story
    place = die.randrange(1, len(story.paragraphs))
    return replace(story, paragraphs=(*story.paragraphs[:place], *story.paragraphs[place + 1 :]))


def _photo(story: Story, _: Random) -> Story:
    return replace(story, photos=story.photos[:-1])


_Change = Callable[[Story, Random], Story]
_CHANGES: tuple[_Change, ...] = (_headline, _headline, _paragraph, _paragraph, _added, _dropped, _photo)
