"""Finding a place in an endless numbered list with few looks: gallop away from a guess, then halve."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ExponentialSearch:
    """The search for the last page `above` some point and the first page `beyond` it.

    `above` is known to lie above the point (0: nothing known), `beyond` below it (None: nothing known).

    >>> search = ExponentialSearch(above=1)
    >>> search.first(250)
    250
    >>> search.beyond = 250  # the guess was too deep
    >>> search.next()
    249
    >>> search.above = 249
    >>> search.next() is None
    True
    """

    above: int = 0
    beyond: int | None = None
    _stride: int = 1

    def first(self, guess: int) -> int:
        """The first page to look at: the guess, kept below what is known to lie above."""
        return max(guess, self.above + 1)

    def next(self) -> int | None:
        """The next page to look at; None when `above` and `beyond` are neighbours."""
        stride, self._stride = self._stride, self._stride * 2
        if self.beyond is None:
            return self.above + stride
        if self.beyond - self.above <= 1:
            return None
        return max((self.above + self.beyond) // 2, self.beyond - stride)
