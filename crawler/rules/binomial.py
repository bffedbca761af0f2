"""How likely a number of successes is: what monitors and walls ask before they call something unusual."""

from __future__ import annotations

from math import comb


def at_most(successes: int, trials: int, chance: float) -> float:
    """How likely so few successes are. For at most some 1,000 trials: beyond, a float does not hold the terms.

    >>> at_most(0, 2, 0.5)
    0.25
    """
    return sum(comb(trials, hit) * chance**hit * (1 - chance) ** (trials - hit) for hit in range(successes + 1))


def at_least(successes: int, trials: int, chance: float) -> float:
    """How likely so many are.

    >>> at_least(2, 2, 0.5)
    0.25
    """
    return at_most(trials - successes, trials, 1 - chance)
