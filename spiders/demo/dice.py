"""Seeded chance: the same names give the same throws in every process and Python version."""

from __future__ import annotations

from hashlib import blake2b
from random import Random


def dice(*names: object) -> Random:
    """A generator of its own for one purpose, e.g. ``dice(seed, "story", 17)``. Not for secrets.

    >>> dice(1, "x").random() == dice(1, "x").random()
    True
    """
    return Random(":".join(map(str, names)))  # noqa: S311 - makes news, not keys


def chance(*names: object) -> float:
    """One throw in [0, 1) that depends on nothing but its names; cheaper than `dice` where one is enough."""
    digest = blake2b(":".join(map(str, names)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def drawn(die: Random, average: float) -> int:
    """A count with the given average: a whole number of times for sure, once more by chance.

    >>> drawn(dice("any"), 2.0)
    2
    """
    return int(average) + (die.random() < average % 1)
