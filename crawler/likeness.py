"""How alike two stories are, by MinHash: re-sent flashes and rewrites of one story are, two stories hardly ever.

A signature is a function of headline and paragraphs alone, and so is the likeness of two signatures.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from rensa import RMinHash

SIZE: Final = 128
"""Bytes of a signature, each of one permutation: the standard error of a likeness is 0.04."""

NEAR: Final = timedelta(days=3)
"""How far apart near-identical items were published at most. An agency re-sends and rewrites a story within hours; what
is alike at another time is a series (exchange rates, weather).
"""

_ALIKE: Final = 0.55  # of two stories' runs of words both have
_SEED: Final = 1
_RUN: Final = 4  # words: where figures differ, runs of four differ much more than single words
_VALUES: Final = 256  # of a byte: two that differ are equal by chance once in so many
_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD: Final = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")


def signature(headline: str, body: str) -> bytes | None:
    """`SIZE` bytes that stand for the words of a story. None without a body: flashes with the same headline need not
    be one story.

    >>> signature("Ferry resumes", "It sails again.") == signature("FERRY resumes", "It sails again!")
    True
    """
    if not body.strip():
        return None
    sketch = RMinHash(num_perm=SIZE, seed=_SEED)
    sketch.update(list(_runs(f"{headline}\n{body}")))
    return bytes(value % _VALUES for value in sketch.digest())


def likeness(one: bytes, other: bytes) -> int | None:
    """How many percent of their runs of words two stories share, estimated; None where they are not near-identical.

    >>> likeness(bytes(128), bytes(128)), likeness(bytes(128), bytes([1] * 128))
    (100, None)
    """
    differing = int.from_bytes(one) ^ int.from_bytes(other)
    share = differing.to_bytes(SIZE).count(0) / SIZE
    alike = (share * _VALUES - 1) / (_VALUES - 1)
    return round(alike * 100) if alike >= _ALIKE else None


def _runs(text: str) -> Iterator[str]:
    words = _WORD.findall(unicodedata.normalize("NFC", text).casefold())
    return (" ".join(words[at : at + _RUN]) for at in range(max(len(words) - _RUN + 1, 1)))
