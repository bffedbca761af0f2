"""Walking a listing by days: each day has an address of its own, and may have several pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from crawler.dates import local_day
from crawler.listing.periods import SETTLING, PeriodsWalk
from crawler.listing.steps import JOIN, TAIL, Apart, End, Step, View

REPEATS = 2  # a page of a day shown again under the next number: once may be a burst that pushed all down by one page
RESTARTS = 8  # a day whose pages shift that often while it is read cuts the walk; the next run reads it again


@dataclass(slots=True, kw_only=True)
class DaysWalk(PeriodsWalk):
    """A walk from day to day, as of the local date `today`. `begins`: the first day of the listing.

    The pages of one day shift as those of any listing: two belong together when they share an entry, or when the upper
    one, read again, still ends with the same entry.
    """

    today: date
    begins: date | None = None
    _page: int = 1
    _pages: dict[int, tuple[str, ...]] = field(default_factory=dict)  # keys of the day's pages that are in one piece
    _held: View | None = None
    _ties: bool = True  # whether the pages are proven to be in one piece with what was read before
    _loose: list[str] = field(default_factory=list)  # keys that wait for that
    _doubted_end: bool = False
    _blanks: int = 0
    _repeats: int = 0
    _restarts: int = 0
    _trusted: bool = False  # whether the end of a day was believed although its last page offers one more

    def __post_init__(self) -> None:
        self.next = self._place(0)

    @property
    def _first(self) -> date:
        return min(self.until or self.today, self.today)

    def _day(self, rank: int) -> date:
        return self._first - timedelta(days=rank)

    def _count(self) -> int:
        return (self._first - (self.begins or date.min)).days + 1

    def _place(self, rank: int) -> str | None:
        return self._day(rank).isoformat() if rank < self._count() else None

    def _rank_of(self, place: str | None) -> int | None:
        try:
            return (self._first - date.fromisoformat((place or "")[:10])).days
        except ValueError:  # the listing was one of another kind before
            return None

    def _over(self, rank: int, at: datetime) -> bool:
        return local_day(at - SETTLING, self.zone) > self._day(rank)

    def _below_goal(self, rank: int) -> bool:
        return self._day(rank) < self.goal

    def _end(self, step: Step, key: str) -> Step:
        return replace(step, ended="end", complete=True, swept=True, end=End("said", key, self._top or key))

    # --- the pages of a day

    def _answer(self, view: View) -> Step:
        if self._held is not None or self._doubted_end:
            return self._seam(view)
        if self._page == 1:
            return self._first_page(view)
        if not view.entries:
            return self._blank()
        tail = self._pages[self._page - 1][-TAIL:]
        known = set(view.keys) <= self._keys()
        self._repeats = self._repeats + 1 if known and view.keys[-TAIL:] == tail else 0
        if self._repeats >= REPEATS:
            return self._contradicted()
        if known or set(view.keys) & set(tail):
            return self._follows(view)
        self._held = view
        return replace(self._ask(self._page - 1), apart=Apart(view.entries))

    def _keys(self) -> set[str]:
        return {key for keys in self._pages.values() for key in keys}

    def _first_page(self, view: View) -> Step:
        """A day follows on the one above it. On what was read of it before only where an entry of that is shown."""
        restarted, ours = self._restarts > 0, self._intervals.get(self.current or 0)
        self._begin_period(view)
        self._pages, self._repeats, self._loose = {}, 0, []
        self._ties = not (restarted or (ours is not None and ours.bottom_day == self._day(self._rank)))
        return self._follows(view)

    def _follows(self, view: View) -> Step:
        """A page that belongs to what was read of the day."""
        self._pages[self._page] = view.keys
        self._ties = self._ties or any(entry.interval == self.current for entry in view.entries)
        more = bool(view.entries) and view.offers_older
        if not self._ties and more:
            self._loose += (entry.key for entry in view.entries if entry.interval is None)
            return replace(self._ask(self._page + 1), apart=Apart(view.entries))
        step = self._tied(self._entries(view))
        if not more:
            return self._close_day(step)
        if any(self._holds_the_rest(one) for one in (step.merge, *step.then)):
            return self._close_day(step, to_its_end=False)
        asked = self._ask(self._page + 1)
        return replace(self._written(self._joined(step, ()), self._rank), next=asked.next)

    def _seam(self, view: View) -> Step:
        """The page above, read again: what stands on the held one follows on it, or the pages moved."""
        held, self._held, self._doubted_end = self._held, None, False
        if not view.entries or view.keys[-1] != self._pages[self._page][-1]:
            return self._moved(view)
        self._loose += (entry.key for entry in view.entries if entry.interval is None)
        self._page += 1
        if held is not None:
            return self._follows(held)
        return self._contradicted() if view.offers_older else self._close_day(self._tied(Step()))

    def _tied(self, step: Step) -> Step:
        """The step with all of the day that was not attached yet."""
        loose, self._loose = tuple(self._loose), []
        return replace(step, attach=(*loose, *step.attach))

    def _moved(self, view: View) -> Step:
        """The pages moved: the walk goes down again from this one where it shows what was read, else from the first."""
        self._restarts += 1
        if self._restarts > RESTARTS:
            return Step(cut=f"{self._place(self._rank)}: the pages of the day do not hold still")
        shared = set(view.keys) & self._keys()
        if len(shared) >= JOIN or shared & set(self._pages[self._page][-TAIL:]):
            return self._follows(view)
        return replace(self._ask(1), apart=Apart(view.entries) if view.entries else None)

    def _blank(self) -> Step:
        """The page above offered one more of the day, and there is none: it is asked again, and then the one above."""
        self._blanks += 1
        if self._blanks == 1:
            return self._ask(self._page)
        self._doubted_end = True
        return self._ask(self._page - 1)

    def _contradicted(self) -> Step:
        """The day ends where its last page offers one more: believed when a second run meets that. A day that goes on
        is read again anyway.
        """
        keys = self._pages[self._page - 1]
        if any(one.end_kind is not None and one.end_key in keys for one in self._intervals.values()):
            self._trusted = True
        if self._trusted or self._at is None or not self._over(self._rank, self._at):
            return self._close_day(self._tied(Step()))
        why = f"{self._place(self._rank)}: page {self._page - 1} of the day offers one more that is not there"
        step = self._written(self._joined(self._tied(Step()), self._inside(self._rank)), self._rank)
        return replace(step, cut=why, end=End("contradicted", keys[-1], self._top))

    def _ask(self, page: int) -> Step:
        """Another page of the day."""
        self._page = page
        place = self._place(self._rank)
        return Step(next=place if page == 1 else f"{place} {page}")

    def _close_day(self, step: Step, *, to_its_end: bool = True) -> Step:
        self._page, self._blanks, self._restarts, self._repeats = 1, 0, 0, 0
        return self._finish(step, to_its_end=to_its_end)

    def _holds_the_rest(self, walk_id: int | None) -> bool:
        """Whether an interval holds the rest of a day that goes on. One that is over is read to its end anyway."""
        known = None if walk_id is None else self._intervals.get(walk_id)
        over = self._at is not None and self._over(self._rank, self._at)
        return known is not None and self._reach(known) > self._rank and not over
