"""An article's paragraphs as markup: the ways in which BelTA has nested, glued and interrupted them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from random import Random

from spiders.demo.dice import dice
from spiders.demo.stories import Story

_PROMO = (
    '<div class="invite_in_messagers">Follow us on: <a href="#">Telegram</a> <a href="#">X</a>'
    '<img src="/desimages/1.png" alt="Subscribe"></div>'
)
_INTERRUPTIONS = (
    '<div class="fp_block"><h3>Read also</h3><a href="/society/view/an-older-story-9-2019/">An older story</a></div>',
    '<div class="news_accent_block">The main thing in one line: everything goes on as before.</div>',
    '<div class="advertising_block"><a rel="nofollow" href="/go/1">Advertisement</a></div>',
    '<div class="video_add"><iframe src="/video/embed/1"></iframe></div>',
    "<script>demo.seen = 1;</script>",
)
_WORD = re.compile(r"\b[A-Z][a-z]{4,}\b")
_ENTITIES = (("’", "&rsquo;"), ("“", "&ldquo;"), ("”", "&rdquo;"), (" –", "&nbsp;–"))


def paragraphs(story: Story) -> str:
    """One ``p`` each (2018-23), some with bold or linked words, with promotion between them."""
    die = dice("body", story.key)
    blocks = [f"<p>{inline(text, die)}</p>" for text in story.paragraphs]
    if die.random() < 0.3:  # noqa: PLR2004 - a share, not a setting
        blocks.insert(die.randint(1, len(blocks)), die.choice(_INTERRUPTIONS))
    return "\n".join(blocks) + _PROMO


def nested(story: Story) -> str:
    """Bare text and divs in divs with hardly a ``p`` (2024-26)."""
    die = dice("body", story.key)
    return die.choice(_NESTINGS)([inline(text, die) for text in story.paragraphs]) + _PROMO


def inline(text: str, die: Random) -> str:
    """A line of text as markup that reads the same: entities, and sometimes a bold, slanted or linked word."""
    markup = escape(text, quote=False)
    for character, entity in _ENTITIES:
        if character in markup and die.random() < 0.5:  # noqa: PLR2004 - a share, not a setting
            markup = markup.replace(character, entity)
    tag = die.choice(("", "", "b", "i", 'a href="/search/findTags/1/"'))
    if not tag:
        return markup
    return _WORD.sub(lambda word: f"<{tag}>{word[0]}</{tag.split()[0]}>", markup, count=1)


def _bare(texts: Sequence[str]) -> str:
    return "<br><br>\n".join(texts)


def _divs(texts: Sequence[str]) -> str:
    return "\n".join(f"<div>{text}</div>" for text in texts)


def _glued(texts: Sequence[str]) -> str:
    """No white space between blocks: read naively, sentences of two paragraphs stick together."""
    return f"{texts[0]}" + "".join(f"<div>{text}</div>" for text in texts[1:])


def _boxed(texts: Sequence[str]) -> str:
    return "\n".join(f"<div><div>{text}</div></div>" for text in texts)


def _matryoshka(texts: Sequence[str]) -> str:
    """Every paragraph inside the one before: read naively, the last is told as often as it is deep."""
    return "".join(f"<div>{text}" for text in texts) + "</div>" * len(texts)


def _mixed(texts: Sequence[str]) -> str:
    return "\n".join(text if place % 2 else f"<div>{text}</div>" for place, text in enumerate(texts))


_NESTINGS: tuple[Callable[[Sequence[str]], str], ...] = (_bare, _divs, _glued, _boxed, _matryoshka, _mixed)
