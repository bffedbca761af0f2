"""What happens to an agency, and when: its state is a function of the history and a time, whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from spiders.demo.agency import Agency, Front, Held

NEVER = datetime.min.replace(tzinfo=UTC)

Deed = Callable[[Agency], None]


class Newsroom(Protocol):
    """An agency through time."""

    def at(self, now: datetime) -> Front:
        """What it shows at an aware time. The same time always shows the same."""
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """At the aware time `at` the `deed` is done to the agency. `name` and `key` say which, for people and checks."""

    at: datetime
    name: str
    key: str
    deed: Deed = field(repr=False, compare=False)


class History:
    """A list of events, in the order of their times (equal times: in the order given).

    It plays forward from where it stands; an earlier time than the last one asked for begins anew.
    The `Agency` returned by `at` is the one it plays on: what was read from it stays true, it itself moves on.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.events: Sequence[Event] = sorted(events, key=lambda event: event.at)
        self._agency = Agency(NEVER)
        self._done = 0

    def at(self, now: datetime) -> Agency:
        if self._done and self.events[self._done - 1].at > now:
            self._agency, self._done = Agency(NEVER), 0
        while self._done < len(self.events) and self.events[self._done].at <= now:
            event = self.events[self._done]
            self._agency.now = event.at
            event.deed(self._agency)
            self._done += 1
        return self._agency

    def truth(self, until: datetime) -> dict[str, list[Held]]:
        """For every key that ever stood for something up to an aware time: all that stood there, oldest first.

        What an archive may hold of a story is some of its `Held`s; what a crawler saw last is among them.
        """
        truth: dict[str, list[Held]] = {}
        again = History(self.events)
        for event in self.events:
            held = again.at(event.at).find(event.key) if event.at <= until else None
            if held is not None and held not in truth.setdefault(event.key, [])[-1:]:
                truth[event.key].append(held)
        return truth
