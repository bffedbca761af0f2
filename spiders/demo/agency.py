"""An in-memory newsroom: which stories are listed, in which order, and what stands at every address.

Pure state. It reads no clock: `history` says what happens to it, and sets `Agency.now` to when.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, Protocol

from spiders.demo.stories import Story

Gone = Literal[404, 410]
Moved = Literal[301, 404]


@dataclass(frozen=True, slots=True)
class Held:
    """What stands under a key. `status` is 200, or 404 or 410 once deleted (`story` is then what stood there).

    `changed` is the aware time at which it became what it is: what a server says in ``Last-Modified``. `moved` tells
    for every former slug whether it redirects to the present one (301) or is not found (404).
    """

    story: Story
    changed: datetime
    status: Literal[200, 404, 410] = 200
    moved: Mapping[str, Moved] = field(default_factory=dict)


class Front(Protocol):
    """What an agency shows at one moment. All that a newspaper needs to print its pages."""

    def __len__(self) -> int:
        """Number of stories that are listed."""
        ...

    def listed(self, start: int, stop: int) -> Sequence[Story]:
        """A slice of the listing, newest first. Beyond its end there is nothing."""
        ...

    @property
    def pinned(self) -> Sequence[Story]:
        """Stories of the block above the listing. They stand in the listing as well."""
        ...

    def find(self, key: str) -> Held | None:
        """What stands under a key, listed or not; None where nothing ever stood."""
        ...


class Agency:
    """A `Front` that changes when told to. `now` is the aware time of the change that is being made.

    >>> from datetime import UTC
    >>> len(Agency(datetime(2026, 1, 1, tzinfo=UTC)))
    0
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._held: dict[str, Held] = {}
        self._order: list[str] = []
        self._pinned: list[str] = []

    def __len__(self) -> int:
        return len(self._order)

    @property
    def keys(self) -> Sequence[str]:
        """Keys of the listing, newest first."""
        return tuple(self._order)

    @property
    def pinned(self) -> Sequence[Story]:
        return [self._held[key].story for key in self._pinned]

    def listed(self, start: int, stop: int) -> Sequence[Story]:
        return [self._held[key].story for key in self._order[start:stop]]

    def find(self, key: str) -> Held | None:
        return self._held.get(key)

    def story(self, key: str) -> Story:
        """The story under a key, deleted or not. Raises KeyError."""
        return self._held[key].story

    def publish(self, story: Story, below: int = 0) -> None:
        """List a story `below` so many others of its day: 0 is the top. Raises ValueError for a key used before."""
        self._hold(story)
        day = story.local.date()
        neighbours = self.listed(0, below)
        place = next((place for place, other in enumerate(neighbours) if other.local.date() != day), len(neighbours))
        self._order.insert(place, story.key)

    def insert_late(self, story: Story) -> None:
        """List a story where its date puts it, below all that is newer. Raises ValueError for a key used before."""
        self._hold(story)
        self._order.insert(self._place(story), story.key)

    def _hold(self, story: Story) -> None:
        if story.key in self._held:
            raise ValueError(f"{story.key} was published before")
        self._held[story.key] = Held(story, self.now)

    def _place(self, story: Story) -> int:
        return bisect_left(self._order, _age(story), key=lambda other: _age(self._held[other].story))

    def edit(self, story: Story) -> None:
        """Put a new text under the story's key. Its place in the listing stays. Raises KeyError.

        The slug is the address, not the text: see `rename`.
        """
        held = self._held[story.key]
        self._held[story.key] = replace(held, story=replace(story, slug=held.story.slug), changed=self.now)

    def rename(self, key: str, slug: str, moved: Moved) -> None:
        """Give a story another address; the old one redirects (301) or is not found (404). Raises KeyError."""
        held = self._held[key]
        former = {**held.moved, held.story.slug: moved}
        former.pop(slug, None)
        self._held[key] = replace(held, story=replace(held.story, slug=slug), changed=self.now, moved=former)

    def delete(self, key: str, status: Gone = 404) -> None:
        """Take a story off its address and off the listing. Raises KeyError for one that is not listed."""
        if key not in self._order:
            raise KeyError(key)
        self._held[key] = replace(self._held[key], status=status, changed=self.now)
        self._order.remove(key)
        self.unpin(key)

    def restore(self, key: str) -> None:
        """Undo a deletion: the story is listed again where its date puts it. Raises KeyError if it is not deleted."""
        held = self._held[key]
        if held.status == 200:  # noqa: PLR2004 - as in its type
            raise KeyError(key)
        self._held[key] = replace(held, status=200, changed=self.now)
        self._order.insert(self._place(held.story), key)

    def pin(self, key: str) -> None:
        """Show a listed story in the block above the listing. Raises KeyError for one that is not listed."""
        if key not in self._order:
            raise KeyError(key)
        self.unpin(key)
        self._pinned.insert(0, key)

    def unpin(self, key: str) -> None:
        """Take a story out of the block above the listing; nothing happens to one that is not there."""
        if key in self._pinned:
            self._pinned.remove(key)


def _age(story: Story) -> float:
    """Sorts newest first, as the listing does."""
    return -story.published.timestamp()
