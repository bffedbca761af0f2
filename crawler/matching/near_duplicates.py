"""Which of many signatures can be near-identical to one (crawler/matching/similarity.py), without a look at each of
them.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import Final

from crawler.matching.similarity import EQUAL, SIZE

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
