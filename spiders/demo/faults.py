"""Seeded trouble: which requests fail, and how, by time and path.

A spell is a stretch of time in which a share of the paths is hit by one kind of fault. Whether a path is hit is
thrown anew every `period`, so a retry within it fails as well and a later one may succeed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from spiders.demo.dice import chance, dice, drawn

Kind = Literal[
    "error",  # 500
    "overloaded",  # 503 with Retry-After
    "too-many",  # 429 with Retry-After
    "forbidden",  # 403
    "refused",  # no connection
    "reset",  # the connection breaks before the answer
    "truncated",  # it breaks in the middle of the body
    "slow",  # the answer takes its time
    "soft-200",  # the home page in the place of what was asked for
    "blank",  # 200 without a body
    "empty-listing",  # a listing page without stories
    "repeated-listing",  # the first listing page in the place of another
    "garbage",  # bytes that are no text
    "bad-gzip",  # says that it is compressed, and is not
    "wrong-type",  # the page, called a picture
    "off-site",  # redirects to another site
    "to-home",  # redirects to the home page
    "loop",  # redirects to itself
]
KINDS: tuple[Kind, ...] = get_args(Kind)
OUTAGES: tuple[Kind, ...] = ("error", "overloaded", "too-many", "forbidden", "refused", "reset", "soft-200", "to-home")

ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one answer. `seconds`: how slow it is, or when it asks to be asked again."""

    kind: Kind
    seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class Spell:
    """One fault from `start` until before `end` (aware), for the `share` of paths that match `pattern` in full.

    `names` seed the throws: two spells with the same names hit the same paths.
    """

    fault: Fault
    start: datetime = ALWAYS[0]
    end: datetime = ALWAYS[1]
    pattern: str = ".*"
    share: float = 1.0
    period: timedelta = timedelta(minutes=10)
    names: tuple[object, ...] = ()

    def hits(self, path: str, now: datetime) -> bool:
        """Whether a request for `path` at the aware time `now` meets the fault."""
        if not self.start <= now < self.end or not re.fullmatch(self.pattern, path):
            return False
        return (
            self.share >= 1
            or chance(*self.names, self.fault.kind, now.timestamp() // self.period.total_seconds(), path) < self.share
        )


@dataclass(frozen=True, slots=True)
class Faults:
    """Spells of trouble; where several hit, the first counts.

    >>> Faults((Spell(Fault("error"), pattern="/sport/.*"),)).at("/sport/view/x-1-2026/", ALWAYS[0])
    Fault(kind='error', seconds=30.0)
    """

    spells: Sequence[Spell] = ()

    def at(self, path: str, now: datetime) -> Fault | None:
        """The fault that spoils a request, None when it goes well."""
        return next((spell.fault for spell in self.spells if spell.hits(path, now)), None)


def only(kind: Kind, pattern: str = ".*", seconds: float = 30.0) -> Faults:
    """One kind of fault, always, for the paths that match."""
    return Faults((Spell(Fault(kind, seconds), pattern=pattern),))


def random_faults(
    seed: int, start: datetime, end: datetime, share: float = 0.02, outages_per_day: float = 1.0
) -> Faults:
    """Trouble between two aware times.

    A `share` of requests fails somehow; `outages_per_day` times all or many of one sort do, for up to two hours.
    """
    die = dice(seed, "faults")
    days = (end - start) / timedelta(days=1)
    spells = []
    for place in range(drawn(die, outages_per_day * days)):
        begin = start + die.random() * (end - start)
        length = timedelta(minutes=die.choice((1, 5, 20, 120)) * die.random())
        fault = Fault(die.choice(OUTAGES), die.choice((1.0, 30.0, 600.0)))
        # Some outages spare the one half of the pages, or only begin below the first listing page.
        pattern, part = die.choice(((".*", 1.0), (".*", 0.5), (r"/all_news/page/.*", 1.0), (r"/\w+/view/.*", 1.0)))
        spells.append(Spell(fault, begin, begin + length, pattern, part, names=(seed, "outage", place)))
    for kind in KINDS:
        seconds, period = die.choice((0.5, 20.0, 400.0)), timedelta(seconds=die.choice((1, 60, 900)))
        spells.append(Spell(Fault(kind, seconds), start, end, ".*", share / len(KINDS), period, (seed,)))
    return Faults(tuple(spells))
