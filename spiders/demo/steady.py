"""The default demo: a busy agency that never began and never ends.

A story about every two minutes. What it shows is computed from the seed and the time alone, nothing is played, so
a process that starts today and one that started a month ago show the same, and a thousand pages down costs no more
than the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from spiders.demo.agency import Held
from spiders.demo.corrections import corrected
from spiders.demo.dice import chance
from spiders.demo.stories import FIRST_ID, Story, write

FOUNDED = datetime(2020, 1, 1, tzinfo=UTC)
BEAT = timedelta(minutes=2)

_CORRECTED = 1 / 16
_SOONEST, _LATEST = timedelta(minutes=15), timedelta(hours=5)


@dataclass(frozen=True, slots=True)
class Steady:
    """A `Newsroom` without end. `size` is the length of its listing; older stories keep their addresses.

    Some stories are corrected within five hours of their publication, so that later looks at them find something.
    Before 2020 it shows nothing.
    """

    seed: int = 1
    size: int = 300

    def at(self, now: datetime) -> SteadyFront:
        return SteadyFront(self, now, self._newest(now))

    def held(self, index: int, now: datetime) -> Held:
        """Story number `index` (0 is the first of 2020) as it reads at an aware time."""
        appears, changed = _times(self.seed, index)
        first = write(self.seed, index, appears)
        if changed is None:
            return Held(first, appears)
        return Held(corrected(first, self.seed), changed) if changed <= now else Held(first, appears)

    def _newest(self, now: datetime) -> int:
        index = (now - FOUNDED) // BEAT
        return index if _times(self.seed, index)[0] <= now else index - 1


@lru_cache(maxsize=16_384)
def _times(seed: int, index: int) -> tuple[datetime, datetime | None]:
    """When story number `index` goes out, at some second of its beat; and when it is corrected, None for most."""
    appears = FOUNDED + BEAT * index + BEAT * chance(seed, "beat", index)
    if chance(seed, "corrected", index) >= _CORRECTED:
        return appears, None
    return appears, appears + _SOONEST + (_LATEST - _SOONEST) * chance(seed, "correction", index)


@dataclass(frozen=True, slots=True)
class SteadyFront:
    """What a `Steady` agency shows at `now`; `newest` is the number of its latest story."""

    newsroom: Steady
    now: datetime
    newest: int

    def __len__(self) -> int:
        return max(0, min(self.newsroom.size, self.newest + 1))

    @property
    def pinned(self) -> Sequence[Story]:
        return ()

    def listed(self, start: int, stop: int) -> Sequence[Story]:
        places = range(max(start, 0), min(stop, len(self)))
        return [self.newsroom.held(self.newest - place, self.now).story for place in places]

    def find(self, key: str) -> Held | None:
        number, _, _ = key.removeprefix("video-").partition("-")
        index = int(number) - FIRST_ID
        if not 0 <= index <= self.newest:
            return None
        held = self.newsroom.held(index, self.now)
        return held if held.story.key == key else None


def steady(seed: int = 1, size: int = 300) -> Steady:
    """The default demo agency: `size` stories listed, a new one about every two minutes."""
    return Steady(seed, size)
