"""What today's parsers make of the kept pages of one article, beside what was made of them: a pure decision.

Nothing that was written is taken back. A page that is read otherwise gives a correction of its revision; a page that
could not be read and can be now, or that says more than was seen in it, gives the revision that it would have given.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from crawler.matching.content import Content, Fields, differences

READ: Final = frozenset({"article", "unchanged"})
UNREAD: Final = frozenset({"soft-404", "unrecognised", "unreadable"})


@dataclass(frozen=True, slots=True)
class ReparsedPage:
    """A kept page of the article, which was read at some time. `fetched_at` is UTC text.

    `mark` is what came of it then, `told` what today's parsers read from it; without that `mark_now` says what came of
    it, and `problem` why. `url` is the article's address by this page.
    """

    snapshot_id: int
    fetched_at: str
    mark: str
    told: Content | None = None
    mark_now: str | None = None
    problem: str | None = None
    url: str | None = None

    @property
    def judged(self) -> bool:
        """Whether there is something to read in it. What is gone, not modified or failed, is so for ever."""
        return self.mark in READ | UNREAD


@dataclass(frozen=True, slots=True)
class KnownRevision:
    """The latest reading of a revision, and the page that it was read from."""

    number: int
    correction: int
    snapshot_id: int
    told: Content


@dataclass(frozen=True, slots=True)
class ReparseChange:
    """Something to write.

    ``corrected``: revision `number` reads otherwise. ``added``: the page gives a revision, `before` being what the
    article said until then (None: nothing). ``marked``: only what came of the page is another thing now.
    """

    kind: Literal["corrected", "added", "marked"]
    page: ReparsedPage
    mark: str
    number: int = 0
    correction: int = 0
    before: Content | None = None
    after: Content | None = None

    @property
    def fields(self) -> Fields:
        """What differs, field by field."""
        return differences(self.before, self.after) if self.after is not None else {}


@dataclass(frozen=True, slots=True)
class ReparseDecision:
    """What is to be written of one article. `current` is the revision that it shows then, None without one.

    `lost` are pages that were read once and cannot be read any more by today's parsers: they keep what they gave.
    """

    changes: tuple[ReparseChange, ...]
    current: int | None
    lost: tuple[ReparsedPage, ...]

    @property
    def marks(self) -> Mapping[int, str]:
        """snapshot_id -> what came of reading it, where that is another thing now."""
        return {change.page.snapshot_id: change.mark for change in self.changes if change.mark != change.page.mark}


def retell(
    pages: Sequence[ReparsedPage], known: Sequence[KnownRevision], evidence: Mapping[int, int]
) -> ReparseDecision:
    """The decision. `pages` in order of time, all of them; `known` the latest reading of every revision; `evidence`
    says of the pages that gave a revision (or a correction of one), of which number.
    """
    fold = _Fold(pages, {one.number: one for one in known}, evidence)
    changes = tuple(fold.changes())
    current = None if fold.in_force is None else fold.in_force.number
    return ReparseDecision(changes, current, tuple(fold.lost))


class _Fold:
    """Goes through the pages as a crawl would have met them. `in_force` is what the article said last."""

    def __init__(
        self, pages: Sequence[ReparsedPage], known: dict[int, KnownRevision], evidence: Mapping[int, int]
    ) -> None:
        self.pages, self.known, self.evidence = pages, known, evidence
        self.in_force: KnownRevision | None = None
        self.lost: list[ReparsedPage] = []

    def changes(self) -> Iterator[ReparseChange]:
        """What has to be written, in order of time."""
        for at, page in enumerate(self.pages):
            number = self.evidence.get(page.snapshot_id)
            if number is not None:
                yield from self._revision(page, self.known[number])
            elif page.judged and page.told is not None:
                yield from self._visit(at, page, page.told)
            elif page.judged:
                yield from self._unread(page)

    def _revision(self, page: ReparsedPage, known: KnownRevision) -> Iterator[ReparseChange]:
        """A page that gave a revision. It is judged by the page from which it was read last."""
        if page.told is None:
            self.lost.append(page)
        elif page.snapshot_id == known.snapshot_id and reads_otherwise(known.told, page.told):
            yield ReparseChange(
                "corrected", page, page.mark, known.number, known.correction + 1, before=known.told, after=page.told
            )
            self.known[known.number] = known = replace(known, correction=known.correction + 1, told=page.told)
        self.in_force = known

    def _visit(self, at: int, page: ReparsedPage, told: Content) -> Iterator[ReparseChange]:
        """A page that gave none: it says what was said, or what is said next, or something of its own."""
        if self.in_force is None or self.in_force.told.content_hash != told.content_hash:
            ahead = self._ahead(at, told.content_hash)
            if ahead is None:
                yield self._addition(page, told)
                return
            self.in_force = replace(self.known[ahead], told=told)
        if page.mark != "unchanged":
            yield ReparseChange("marked", page, "unchanged")

    def _addition(self, page: ReparsedPage, told: Content) -> ReparseChange:
        number = max(self.known, default=0) + 1
        before = self.in_force.told if self.in_force else None
        self.in_force = self.known[number] = KnownRevision(number, 0, page.snapshot_id, told)
        return ReparseChange("added", page, "article", number, before=before, after=told)

    def _ahead(self, at: int, content_hash: str) -> int | None:
        """The revision that later pages gave for the same content, nothing else having been said in between."""
        for later in self.pages[at + 1 :]:
            number = self.evidence.get(later.snapshot_id)
            told = later.told or (self.known[number].told if number is not None else None)
            if told is None:
                continue
            if told.content_hash != content_hash:
                return None
            if number is not None:
                return number
        return None

    def _unread(self, page: ReparsedPage) -> Iterator[ReparseChange]:
        if page.mark in READ:
            self.lost.append(page)
        elif page.mark_now in UNREAD and page.mark_now != page.mark:
            yield ReparseChange("marked", page, page.mark_now)


def reads_otherwise(before: Content, after: Content) -> bool:
    """Whether two readings of one page differ in anything that is kept, be it in characters that nobody sees."""
    return before.content_hash != after.content_hash or bool(differences(before, after))
