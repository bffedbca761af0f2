"""Which imported listing pages follow on each other: a page read again after the next one, and ending as it did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Page = tuple[str, int]
"""Edition and number of a listing page."""


@dataclass(slots=True)
class ListingSeams:
    """The listing pages that came last, in order of capture. A crawl reads the upper of two pages once more after the
    lower one: if it still ends with the same entry, nothing moved, and the lower one follows on it.

    >>> seams = ListingSeams()
    >>> [seams.piece("demo", page, keys) for page, keys in ((1, ["d", "c"]), (2, ["b", "a"]), (1, ["d", "c"]))]
    [['d', 'c'], ['b', 'a'], ['d', 'c', 'b', 'a']]
    """

    _latest: dict[Page, tuple[int, list[str]]] = field(default_factory=dict)
    _taken: int = 0

    def piece(self, edition: str, page: int, keys: Sequence[str]) -> list[str]:
        """Takes a page with the keys of its entries, newest first; returns the piece of the listing that it proves."""
        self._taken += 1
        before, below = self._latest.get((edition, page)), self._latest.get((edition, page + 1))
        self._latest[edition, page] = self._taken, list(keys)
        held = before is not None and keys and before[1] and before[1][-1] == keys[-1]
        if not held or before is None or below is None or below[0] < before[0]:
            return list(keys)
        return [*keys, *(key for key in below[1] if key not in keys)]
