"""An archive of articles made of few words in many spellings, and what a query over them means."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from hypothesis import strategies as st

from crawler.records import Photo
from storage.read.query.expression import Either, Every, Near, Node, Phrase, Without
from storage.read.query.tokens import COLUMNS
from storage.write.archive import Archive
from tests.sample_archive import Scribe, article

# Spellings that are one word to a reader stand in one line.
SPELLINGS: Final = (
    ("fog", "FOG", "Fog"),
    ("bay",),
    ("елка", "ёлка", "Ёлка"),
    ("минскии", "минский"),
    ("lodz", "Łódź", "łódź"),
    ("cafe", "café", "cafe\u0301"),
    ("сям’я", "сям'я", "сям‘я", "сям`я", "сям′я"),
    ("covid-19", "Covid 19"),
)
ARTICLES: Final = 80
BEGINNINGS: Final = {
    "fo": "fo",
    "ба": "ба",
    "ёл": "ел",
    "минск": "минск",
    "łó": "lo",
    "Łod": "lod",
    "caf": "caf",
    "сям": "сям",
}
_ASKED_FOR: Final = "сямʼя"  # not in texts: to NEAR it is one word there, and the others are two
_PLAIN: Final = {spelling: line[0] for line in SPELLINGS for spelling in line} | BEGINNINGS | {_ASKED_FOR: "сям’я"}
_IN_PARTS: Final = {"сям’я": ("сям", "я"), "covid-19": ("covid", "19")}

Texts = Mapping[str, tuple[str, ...]]
"""The plain words of an article, by column."""


def worded(target: str) -> dict[str, Texts]:
    """Fills a new archive; returns the words of its articles by their keys."""
    chance = random.Random(13)
    texts: dict[str, Texts] = {}
    with Archive.open(target, create=True) as archive:
        scribe = Scribe(archive)
        for number in range(1, ARTICLES + 1):
            said = {column: _said(chance, 9 if column == "body" else 3) for column in COLUMNS}
            story = article(f"{number}-2026", " ".join(said["headline"]), " ".join(said["body"]), minutes=number)
            photo = Photo("https://img.belta.by/photo.jpg", " ".join(said["captions"]), None)
            scribe.story(replace(story, lead=" ".join(said["lead"]), photos=(photo,)))
            texts[story.key] = {column: plain(" ".join(words)) for column, words in said.items()}
            scribe.now += timedelta(seconds=1)
        scribe.finish()
    return texts


def _said(chance: random.Random, most: int) -> list[str]:
    return [chance.choice(chance.choice(SPELLINGS)) for _ in range(chance.randint(1, most))]


def plain(text: str) -> tuple[str, ...]:
    """A text of these words as a reader reads it, whatever its spelling."""
    words = (_PLAIN[word] for word in text.replace("Covid 19", "covid-19").split())
    return tuple(part for word in words for part in _IN_PARTS.get(word, (word,)))


def found_by(tree: Node, texts: Texts) -> bool:
    """Whether an expression means the article with these texts: word by word, without an index."""
    if isinstance(tree, Every):
        return all(found_by(part, texts) for part in tree.parts)
    if isinstance(tree, Either):
        return any(found_by(part, texts) for part in tree.parts)
    if isinstance(tree, Without):
        return found_by(tree.wanted, texts) and not found_by(tree.unwanted, texts)
    columns = [texts[column] for column in tree.columns or COLUMNS]
    if isinstance(tree, Phrase):
        return any(list(_places(tree, words)) for words in columns)
    return any(_is_near(tree, words) for words in columns)


def _places(phrase: Phrase, words: tuple[str, ...]) -> list[int]:
    wanted = plain(phrase.text)
    starts = [0] if phrase.first else range(len(words))
    return [at for at in starts if _reads(words[at : at + len(wanted)], wanted, prefix=phrase.prefix)]


def _reads(words: tuple[str, ...], wanted: tuple[str, ...], *, prefix: bool) -> bool:
    if words[:-1] != wanted[:-1] or len(words) != len(wanted):
        return False
    return words[-1].startswith(wanted[-1]) if prefix else words[-1] == wanted[-1]


def _is_near(near: Near, words: tuple[str, ...]) -> bool:
    """For two phrases."""
    one, other = near.phrases
    lengths = [len(plain(phrase.text)) for phrase in near.phrases]
    return any(
        max(first - (second + lengths[1]), second - (first + lengths[0])) <= near.distance
        for first in _places(one, words)
        for second in _places(other, words)
    )


_words = st.sampled_from([spelling for line in SPELLINGS for spelling in line if " " not in spelling] + [_ASKED_FOR])
_begun = st.sampled_from([f"{beginning}*" for beginning in BEGINNINGS])
_phrases = st.lists(_words, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
_nearby = st.tuples(_words, _words, st.integers(0, 4)).filter(lambda told: plain(told[0]) != plain(told[1]))
_columns = st.sampled_from(["", "", "headline:", "lead: ", "body:", "captions:", "{headline lead}:"])
_leaves = st.one_of(
    st.tuples(_columns, st.one_of(_words, _begun, _phrases, _phrases.map(lambda words: f"^{words}"))).map("".join),
    st.tuples(_columns, _nearby).map(lambda told: f"{told[0]}NEAR({told[1][0]} {told[1][1]}, {told[1][2]})"),
)
QUERIES: Final = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) OR ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) NOT ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}) AND NOT ({two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"-({two[0]}) ({two[1]})"),
    ),
    max_leaves=4,
)
"""Queries of these words that can be honoured."""
