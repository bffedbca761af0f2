"""Which pages are best compressed against which: a few hundred neighbours, looked at side by side.

A crawl takes pages as they come, and the first of a make leads its group. Looked at afterwards there are better heads:
of 1,650 pages of one agency they took a sixth off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from storage.db.frames import compressor
from storage.write.evidence.bodies import GROUP, MAX_HEAD, MIN_HEAD

CANDIDATES: Final = 24
"""Pages that are tried as heads, spread over those at hand. Of 16 the best took 5 % more; more of them take time."""

_GOLDEN: Final = (5**0.5 - 1) / 2
_ESTIMATE: Final = 1  # zstd level at which heads are compared: what is like what shows at any level

Costs: TypeAlias = Mapping[int, Sequence[int]]
Spread: TypeAlias = Callable[[Callable[[int], list[int]], Iterable[int]], Iterable[list[int]]]
"""`map`, or that of a thread pool: compressing lets go of the interpreter."""


@dataclass(frozen=True, slots=True)
class Group:
    """Positions of the bodies: one that stands alone, and those that are compressed against it."""

    head: int
    members: tuple[int, ...] = ()


def regroup(bodies: Sequence[bytes], proven: Iterable[int] = (), spread: Spread = map) -> list[Group]:
    """The bodies in groups of `GROUP` at most, each against a head that is like it.

    `proven` are positions of bodies that were heads until now: they are tried too. A body that takes more than half of
    what it takes alone, or is too large to be compared, is a group of its own.

    >>> furniture = bytes(range(256)) * 8
    >>> regroup([furniture + b"1", furniture + b"2", b"?"])
    [Group(head=0, members=(1,)), Group(head=2, members=())]
    """
    candidates = _candidates([at for at, body in enumerate(bodies) if MIN_HEAD <= len(body) <= MAX_HEAD], proven)
    alone = _alone(bodies)
    costs = dict(zip(candidates, spread(lambda head: _against(bodies, head, alone), candidates), strict=True))
    return _assigned(_heads(costs, alone), costs, alone)


def _candidates(likely: Sequence[int], proven: Iterable[int]) -> list[int]:
    """Some of the likely heads, spread evenly but in no rhythm: makes may take turns."""
    spread = {likely[int(number * _GOLDEN % 1 * len(likely))] for number in range(min(CANDIDATES, len(likely)))}
    return sorted(spread | set(likely).intersection(proven))


def _alone(bodies: Sequence[bytes]) -> list[int]:
    by_itself = compressor(_ESTIMATE)
    return [len(by_itself.compress(body)) for body in bodies]


def _against(bodies: Sequence[bytes], head: int, alone: Sequence[int]) -> list[int]:
    """What every body takes against a head; where it is not to be compressed against it, what it takes alone."""
    by_head = compressor(_ESTIMATE, bodies[head])
    sizes = [len(by_head.compress(body)) if len(body) <= MAX_HEAD else len(body) for body in bodies]
    return [size if size * 2 <= by_itself else by_itself for size, by_itself in zip(sizes, alone, strict=True)]


def _heads(costs: Costs, alone: Sequence[int]) -> list[int]:
    """The candidates that together save most: one after the other, as long as the next pays for standing alone."""
    heads: list[int] = []
    now = list(alone)
    while left := [head for head in costs if head not in heads]:
        then = {head: _joined(now, [*heads, head], costs[head], alone) for head in left}
        best = min(left, key=lambda head: sum(then[head]))
        members = sum(size < by_itself for size, by_itself in zip(now, alone, strict=True))
        if sum(then[best]) >= sum(now) and members <= len(heads) * (GROUP - 1):
            break
        heads.append(best)
        now = then[best]
    return heads


def _joined(now: Sequence[int], heads: Iterable[int], against: Sequence[int], alone: Sequence[int]) -> list[int]:
    """What every body takes when there is one more head."""
    then = [min(pair) for pair in zip(now, against, strict=True)]
    for head in heads:
        then[head] = alone[head]
    return then


def _assigned(heads: Sequence[int], costs: Costs, alone: Sequence[int]) -> list[Group]:
    """Every body with the head that suits it best and has room; those come first that suit one head alone."""
    members: dict[int, list[int]] = {head: [] for head in heads}

    def by_cost(at: int) -> list[int]:
        return sorted(heads, key=lambda head: costs[head][at])

    def regret(at: int) -> int:
        first, second = (costs[head][at] for head in by_cost(at)[:2])
        return first - second

    rest = [at for at in range(len(alone)) if at not in members]
    for at in sorted(rest, key=regret) if len(heads) > 1 else rest:
        fit = (head for head in by_cost(at) if costs[head][at] < alone[at] and len(members[head]) < GROUP - 1)
        head = next(fit, None)
        if head is None:
            members[at] = []
        else:
            members[head].append(at)
    return [Group(head, tuple(sorted(found))) for head, found in sorted(members.items())]
