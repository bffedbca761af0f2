"""A newspaper and a time that passes as it is asked: what a simulated crawl goes out to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from spiders.demo.dice import chance
from spiders.demo.newspaper import Newspaper, Reply, RequestHeaders
from spiders.demo.respond import respond
from spiders.demo.stories import HOST

LOOPBACK = "127.0.0.1"


@dataclass(slots=True)
class World:
    """The value of the setting DEMO_WORLD, see `handler`. It is a clock too (`time`, `now()`), which it moves itself.

    Every request takes a seeded moment of up to twice `pace`. `hosts` are the names that lead to the newspaper: any
    other cannot be resolved. `log` holds the paths asked for.
    """

    paper: Newspaper
    time: datetime
    pace: timedelta = timedelta(seconds=1)
    seed: int = 0
    hosts: frozenset[str] = frozenset({HOST, LOOPBACK})
    log: list[str] = field(default_factory=list)

    def now(self) -> datetime:
        """The present, aware UTC."""
        return self.time

    def tick(self) -> None:
        """Let the moment of one request pass."""
        self.wait(self.pace * (2 * chance(self.seed, "tick", len(self.log))))

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.time += span

    def respond(self, path: str, headers: RequestHeaders) -> Reply:
        """The newspaper's answer at this moment."""
        self.log.append(path)
        return respond(self.paper, path, headers, self.time, len(self.log))

    def turns(self) -> int:
        """Turns of the event loop that the latest answer takes: pages asked for together overtake each other."""
        return int(4 * chance(self.seed, "turns", len(self.log)))

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """Itself: Scrapy copies settings deeply for every crawler, and there is one world."""
        return self
