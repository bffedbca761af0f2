"""Texts compared by their words, so that quotes, dashes, spaces and case do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

# Where a script writes no spaces (Thai, Japanese, Chinese) every character is a word.
_UNSPACED: Final = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")

Runs = frozenset[tuple[str, ...]]

RUN: Final = 3
"""Words of a run: a passage is known again by the runs of words that it shares."""


def words_of(text: str) -> list[str]:
    """The words of a text in small letters."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def runs_of(words: list[str]) -> Runs:
    """Every run of `RUN` neighbouring words; a text that is shorter is one run."""
    if not words:
        return frozenset()
    return frozenset(tuple(words[at : at + RUN]) for at in range(max(1, len(words) - RUN + 1)))


def share(part: Runs, whole: Runs) -> float:
    """How much of one text stands in another, from 0 to 1."""
    return len(part & whole) / len(part) if part else 0.0


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts without repetitions; of those that differ in case alone the first."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.casefold(), text)
    return tuple(found.values())


def key_of(text: str) -> str:
    """A text as its words without anything between them."""
    return "".join(words_of(text))


def likeness(one: str, other: str) -> float:
    """How many of the different words of the shorter text stand in the other, from 0 to 1."""
    first, second = set(words_of(one)), set(words_of(other))
    return len(first & second) / min(len(first), len(second)) if first and second else 0.0


def overlap(one: str, other: str) -> float:
    """How many of the different words of two texts stand in both, from 0 to 1."""
    first, second = set(words_of(one)), set(words_of(other))
    return len(first & second) / len(first | second) if first and second else 0.0
