"""Near-duplicates: how alike two stories are, by MinHash, and which of many can be nearly the same as one."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from rensa import RMinHash

# How alike two stories are, by MinHash: re-sent flashes and rewrites of one story are, two stories hardly ever.
#
# A signature is a function of headline and paragraphs alone, and so is the likeness of two signatures.

SIZE: Final = 128
"""Bytes of a signature, each of one permutation: the standard error of a likeness is 0.04."""

NEAR: Final = timedelta(days=3)
"""How far apart near-identical items were published at most. An agency re-sends and rewrites a story within hours; what
is alike at another time is a series (exchange rates, weather).
"""

EQUAL: Final = 71
"""Bytes of `SIZE` in which two signatures are equal at least where 0.55 of two stories' runs of words are in both."""

_SEED: Final = 1
_VALUES: Final = 256  # of a byte: two that differ are equal by chance once in so many
_HAN: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD: Final = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+")
_FROM_HAN_ON: Final = re.compile(f"[{_HAN[0]}-\U0010ffff]")
_NO_WORDS: Final = (
    ".,:;!?\"'()[]%-/+&$\u00a7\u00ab\u00b0\u00bb\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026\u20ac\u2116"
)
"""The marks of ordinary prose."""

_DIGEST: Final = struct.Struct(f"<{SIZE}I")


def signature(headline: str, body: str) -> bytes | None:
    """`SIZE` bytes that stand for the words of a story. None without a body: flashes with the same headline need not
    be one story.

    >>> signature("Ferry resumes", "It sails again.") == signature("FERRY resumes", "It sails again!")
    True
    """
    if not body.strip():
        return None
    sketch = RMinHash(num_perm=SIZE, seed=_SEED)
    sketch.update(_runs(f"{headline}\n{body}"))
    return _DIGEST.pack(*sketch.digest())[:: _DIGEST.size // SIZE]  # the lowest byte of each


def similarity(one: bytes, other: bytes) -> int | None:
    """How many percent of their runs of words two stories share, estimated; None where they are not near-identical.

    >>> similarity(bytes(128), bytes(128)), similarity(bytes(128), bytes([1] * 128))
    (100, None)
    """
    differing = int.from_bytes(one) ^ int.from_bytes(other)
    equal = differing.to_bytes(SIZE).count(0)
    return round((equal / SIZE * _VALUES - 1) / (_VALUES - 1) * 100) if equal >= EQUAL else None


def alike(one: bytes, others: bytes) -> Iterator[tuple[int, int]]:
    """Which of many signatures, given one after another, are near-identical to one: their numbers, and the percents.

    >>> list(alike(bytes(128), bytes([1] * 128) + bytes(128)))
    [(1, 100)]
    """
    size = len(others)
    differing = (int.from_bytes(others) ^ int.from_bytes(one * (size // SIZE))).to_bytes(size)
    for at in range(0, size, SIZE):
        if differing.count(0, at, at + SIZE) >= EQUAL and (percent := similarity(one, others[at : at + SIZE])):
            yield at // SIZE, percent


def _runs(text: str) -> list[str]:
    """Each four words that follow each other: where figures differ, runs of four differ much more than single words."""
    words = _words(unicodedata.normalize("NFC", text).casefold())
    return list(map(" ".join, zip(words, words[1:], words[2:], words[3:], strict=False))) or [" ".join(words)]


def _words(text: str) -> list[str]:
    """What the pattern of a word finds. It looks at each character by itself, and most words stand between spaces."""
    if not text.isascii() and _FROM_HAN_ON.search(text):
        return _WORD.findall(text)
    spaced = text
    for mark in _NO_WORDS:
        spaced = spaced.replace(mark, " ")
    words = spaced.split()
    return words if "".join(words).isalnum() else _WORD.findall(text)


_BANDS: Final = SIZE // 2
_SHARED: Final = _BANDS - (SIZE - EQUAL)
"""Bands in which near-identical signatures are equal at least: a byte that differs spoils one band. By chance, two
others are equal in a band once in 65,536 times.
"""

_CUT: Final = struct.Struct(f"={_BANDS}H")


class SignatureIndex:
    """Numbered signatures, filed under each of their bands: pairs of neighbouring bytes."""

    def __init__(self) -> None:
        # Most bands hold one number: a million lists of one would take more time than all the rest.
        self._filed: tuple[dict[int, int | list[int]], ...] = tuple({} for _ in range(_BANDS))

    def meet(self, number: int, signature: bytes) -> list[int]:
        """Files one. The numbers of those filed before that may be near-identical to it: all that are, few others.

        >>> some = SignatureIndex()
        >>> some.meet(1, bytes(128)), some.meet(2, bytes([2] * 128)), some.meet(3, bytes(71) + bytes([3] * 57))
        ([], [], [1])
        """
        met: list[int] = []
        for filed, band in zip(self._filed, _CUT.unpack(signature), strict=True):
            there = filed.setdefault(band, number)
            if isinstance(there, list):
                met += there
                there.append(number)
            elif there != number:
                met.append(there)
                filed[band] = [there, number]
        return [other for other, bands in Counter(met).items() if bands >= _SHARED] if len(met) >= _SHARED else []
