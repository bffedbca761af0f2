"""Random histories for simulations: everything that an agency was ever seen or feared to do, from a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random

from spiders.demo.agency import Agency, Gone, Moved
from spiders.demo.corrections import corrected
from spiders.demo.dice import dice, drawn
from spiders.demo.history import Deed, Event, History
from spiders.demo.stories import FIRST_ID, MINSK, VIDEO, Story, slug_of, write

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Turmoil:
    """How much happens. Times are aware, rates are per day of the agency, shares lie in 0 to 1.

    `backlog` stories lie in the `backlog_days` before `start`; after it come `per_day` for `days`, in the small hours
    of Minsk hardly any. A share of `bursts` of them brings 3 to 10 others within minutes. Shares of `late` stories
    are listed where an earlier date puts them, at most `late_hours` back, and of `below` some places below the top.
    `changes` is how many things happen to a story afterwards, on average: an edit, a return to an earlier text, a
    new slug, a deletion, a time in the pinned block, with the weights given; each up to `spread_hours` after the one
    before, half of them within an eighth of that. `restored` is the share of deletions that are undone. What changes
    the listing far down would be found by nobody: neither a restoration nor a new slug whose old address is not found
    happens to a story older than `late_hours`. IDs count up within a year, so around New Year the same ones come
    again.
    """

    start: datetime = datetime(2026, 3, 2, 6, tzinfo=UTC)
    days: float = 3
    backlog: int = 60
    backlog_days: float = 3
    per_day: float = 40
    bursts: float = 0.04
    late: float = 0.06
    below: float = 0.04
    late_hours: float = 24
    changes: float = 0.5
    spread_hours: float = 48
    edits: float = 10
    returns: float = 5
    slugs: float = 1
    deletions: float = 3
    pins: float = 1
    restored: float = 0.5

    @property
    def end(self) -> datetime:
        """Nothing new is published from here on."""
        return self.start + timedelta(days=self.days)


def random_history(seed: int, turmoil: Turmoil | None = None) -> History:
    """The history of a seed: the same events in every process."""
    shape = turmoil or Turmoil()
    return History(event for life in _lives(seed, shape) for event in life.events())


def _lives(seed: int, shape: Turmoil) -> Iterator[_Life]:
    die = dice(seed, "turmoil")
    counts: Counter[int] = Counter()
    for index, born in enumerate(_births(die, shape)):
        lateness = die.uniform(0.1, shape.late_hours) * HOUR if die.random() < shape.late else timedelta()
        published = born - lateness
        year = published.astimezone(MINSK).year
        counts[year] += 1
        story = write(seed, index, published, FIRST_ID + counts[year])
        if story.rubric == VIDEO:  # its key has no year, so its ID must not come again
            story = replace(story, id=FIRST_ID + index)
        yield _Life(story, born, shape, dice(seed, "life", index))


def _births(die: Random, shape: Turmoil) -> list[datetime]:
    """When stories appear, in order."""
    back = timedelta(days=shape.backlog_days)
    times = [shape.start - back * die.random() for _ in range(shape.backlog)]
    for _ in range(drawn(die, shape.per_day * shape.days)):
        first = _awake(die, shape.start + die.random() * timedelta(days=shape.days))
        times.append(first)
        if die.random() < shape.bursts:
            times += [first + timedelta(seconds=die.randint(1, 300)) for _ in range(die.randint(3, 10))]
    return sorted(times)


def _awake(die: Random, at: datetime) -> datetime:
    """Most of what would appear in the night waits for the morning: quiet nights, busy mornings."""
    local = at.astimezone(MINSK)
    morning = 6
    if local.hour >= morning or die.random() < 0.1:  # noqa: PLR2004 - one in ten goes out in the night
        return at
    return at + (morning - local.hour + die.random()) * HOUR


class _Life:
    """What happens to one story, in order: it only depends on the story, so any two lives fit together."""

    def __init__(self, story: Story, born: datetime, shape: Turmoil, die: Random) -> None:
        self.texts, self.born, self.shape, self.die = [story], born, shape, die
        self.now = born

    @property
    def story(self) -> Story:
        """The text at this point of its life."""
        return self.texts[-1]

    def events(self) -> Iterator[Event]:
        yield self._birth()
        for _ in range(drawn(self.die, self.die.expovariate(1 / self.shape.changes)) if self.shape.changes else 0):
            self.now += self.shape.spread_hours * self.die.random() ** 3 * HOUR
            yield from (change := self._change())
            if change[-1].name == "delete":
                return

    def _birth(self) -> Event:
        late = self.born - self.story.published > timedelta(minutes=2)
        if late:
            return self._event("insert", partial(Agency.insert_late, story=self.story))
        below = self.die.randint(1, 6) if self.die.random() < self.shape.below else 0
        return self._event("publish", partial(Agency.publish, story=self.story, below=below))

    def _event(self, name: str, deed: Deed, at: datetime | None = None) -> Event:
        return Event(at or self.now, name, self.story.key, deed)

    def _change(self) -> list[Event]:
        shape = self.shape
        weights = (shape.edits, shape.returns, shape.slugs, shape.deletions, shape.pins)
        return self.die.choices((self._edit, self._return, self._rename, self._delete, self._pin), weights)[0]()

    def _edit(self) -> list[Event]:
        self.texts.append(corrected(self.story, len(self.texts)))
        return [self._event("edit", partial(Agency.edit, story=self.story))]

    def _return(self) -> list[Event]:
        if len(self.texts) == 1:
            return self._edit()
        self.texts.append(self.die.choice(self.texts[:-1]))
        return [self._event("return", partial(Agency.edit, story=self.story))]

    def _rename(self) -> list[Event]:
        if self.story.rubric == VIDEO:
            return self._edit()
        slug = f"{slug_of(self.story.headline)}-{self.die.randint(2, 9)}"
        moved: Moved = self.die.choice((301, 404)) if self._is_young(self.now) else 301
        return [self._event("rename", partial(Agency.rename, key=self.story.key, slug=slug, moved=moved))]

    def _delete(self) -> list[Event]:
        """Gone for good, or for some hours."""
        status: Gone = self.die.choice((404, 410))
        gone = self._event("delete", partial(Agency.delete, key=self.story.key, status=status))
        back = self.now + self.die.choice((0.2, 2, 10)) * self.die.random() * HOUR
        if not self._is_young(back) or self.die.random() >= self.shape.restored:
            return [gone]
        self.now = back
        return [gone, self._event("restore", partial(Agency.restore, key=self.story.key))]

    def _is_young(self, now: datetime) -> bool:
        return now - self.story.published < self.shape.late_hours * HOUR

    def _pin(self) -> list[Event]:
        until = self.now + self.die.uniform(1, 20) * HOUR
        key = self.story.key
        return [
            self._event("pin", partial(Agency.pin, key=key)),
            self._event("unpin", partial(Agency.unpin, key=key), until),
        ]
