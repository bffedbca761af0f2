"""How a walk through a shifting listing goes on: the rules, without any IO.

A listing is an endless list, newest first, cut into pages by a server that tells nothing but the page number.
While we read it, new entries push old ones down and deleted ones let them move up. A walk therefore believes
only this:

* two pages belong together when they share an entry (*overlap*), or when the upper one, read again after the
  lower one, still ends with the same entry (*the seam held*);
* what was read in one piece is an *interval* of the listing, without a hole inside;
* a walk is in older coverage where a page ends with entries of an older interval: any of its members, since its
  old top may have been deleted. Two of them, since the agency may have moved a single one up;
* the listing ends where a page, asked twice, and the one after it show nothing, or where it only repeats itself.
  Where the last page offers an older one all the same, the end is *contradicted*: two runs have to meet it;
* an end above what was seen before is met by a listing that drops its oldest entries. When a second run meets such an
  end, what lies between is lost.

`Walk.take` gets one page at a time and answers with a `Step`: what to write, and which page to ask for next.
The caller writes the step in the transaction that keeps the page (storage/write/walks.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import ClassVar

from crawler.listing.ending import Bottom, end
from crawler.listing.exponential_search import ExponentialSearch
from crawler.listing.steps import JOIN, TAIL, Apart, Interval, Seen, Step, View

SWEEP_PAGES = 30  # pages without any date that a sweep reads; its two days are about 20 pages of a large agency
REREADS = 8  # a seam that still does not hold cuts the walk; the next run closes it
UNDATED = 5  # pages in a row without any date that a search for a date bears
REPEATS = 2  # a page shown again under the next number: once may be a burst that pushed all down by one page
WRAP = timedelta(days=2)  # a page this much newer than the one above it is the top of the listing again


@dataclass(slots=True)
class Walk:
    """One walk. `goal`: local date to reach. `sweep`: local date down to which known coverage is read again
    (None: the walk leaps over it). `until`: begin at this local date, not at page 1.

    `current` is the interval being extended, set by whoever writes the steps; None before the first.
    `window`: whether the walk began at a date, and so says nothing of what stands above. `began`: when its first answer
    came. `skips`: whether it goes on below a place that could not be read; a page number tells no place.
    """

    goal: date
    sweep: date | None = None
    until: date | None = None
    current: int | None = None
    next_page: int | None = 1
    window: bool = field(init=False)
    began: datetime | None = field(default=None, init=False)
    left: ClassVar[None] = None
    skips: ClassVar[bool] = False
    _intervals: Mapping[int, Interval] = field(default_factory=dict)
    _cursor: int = 0
    _tail: tuple[str, ...] = ()
    _day: date | None = None
    _held: View | None = None
    _back: bool = False
    _inside: bool = False
    _search: ExponentialSearch | None = None
    _met: set[str] = field(default_factory=set)
    _passed: Counter[int | None] = field(default_factory=Counter)
    _probed: set[tuple[str, ...]] = field(default_factory=set)
    _blanks: dict[int, int] = field(default_factory=dict)
    _rereads: int = 0
    _repeats: int = 0
    _nothing_new: bool = False
    _undated: int = 0
    _undated_from: int = 0
    _top: str = ""
    _offered: bool = False
    _said: bool = False
    _suspect: bool = False
    _leapt: bool = False
    _sought: int | None = None
    _carried: date | None = None
    _last: tuple[str, ...] = ()
    _pieces: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.window = self.until is not None

    @property
    def next(self) -> str | None:
        """The place to ask for: the number of a page. None when the walk is over."""
        return None if self.next_page is None else str(self.next_page)

    @property
    def met(self) -> Collection[str]:
        """What the walk met on its way, in one piece."""
        return self._met

    def day_above(self, page: int) -> date | None:
        """The local day in which a page begins, where the page above it was the last one read and tells."""
        return self._carried if page == self._cursor + 1 else None

    def take(self, view: View, intervals: Mapping[int, Interval]) -> Step:
        """The step for one page. `intervals`: the live intervals by walk_id, as they stand now."""
        self._intervals, self.began = intervals, self.began or view.at
        step = self._dispatch(view)
        self.next_page = step.next_page
        return replace(step, next=self.next)

    def _dispatch(self, view: View) -> Step:
        if self.until is not None:
            return self._seek_date(view, self.until)
        if self._search is not None:
            return self._seek_bottom(view, self._search)
        if not view.entries:
            return self._blank(view)
        if self._back:
            return self._step_back(view)
        if self._held is not None:
            return self._seam(view, self._held)
        return self._walk(view)

    # --- walking down, page by page

    def _walk(self, view: View) -> Step:
        if self.current is None:
            return self._attach(view)
        if view.page > self._cursor + 1:
            why = f"listing page {view.page - 1} is empty but page {view.page} is not"
            return Step(cut=why, apart=self._apart(view))
        if self._repeated(view) or self._wrapped(view):
            return self._end()
        if self._overlaps(view):
            return self._attach(view)
        # After a leap nobody has seen whether the last page read is the one above it, shown again.
        back = max(self._repeats, int(self._leapt and self._cursor > 1), int(self._nothing_new))
        self._held, self._suspect = view, back > 0
        return replace(self._reread(max(self._cursor - back, 1)), apart=self._apart(view))

    def _overlaps(self, view: View) -> bool:
        """Whether a page continues what was read: it shows the end of the page above, or entries of our own
        interval that this walk has not met yet. Others prove nothing: a pinned story stands on every page.
        """
        keys = set(view.keys)
        if any(key in keys for key in self._tail):
            return True
        ours = [entry.interval == self.current and entry.key not in self._met for entry in view.entries]
        return any(one and two for one, two in pairwise(ours))

    def _seam(self, view: View, held: View) -> Step:
        """The page above the held one, read again: nothing moved (the held page follows), or something did.

        Where that page ended with an entry that was met further up, the page above it is read again first: a burst may
        have pushed all down, but if both end with the same entry, what belongs in between was never shown.
        """
        if self._suspect:
            self._suspect = False
            if view.keys[-1] == self._tail[-1]:
                return Step(cut=f"listing page {self._cursor} shows the page above it again")
            if not self._overlaps(view):  # it was a burst
                return replace(self._reread(self._cursor), attach=self._above_ours(view))
            self._held = None
            return self._step_back(view)
        self._held = None
        if view.keys[-1] == self._tail[-1]:
            self._rereads = 0
            step = self._attach(held)
            late = tuple(entry.key for entry in view.entries if entry.interval is None)
            return replace(step, attach=late + step.attach, run=tuple(dict.fromkeys(view.keys + held.keys)))
        return self._step_back(view)

    def _above_ours(self, view: View) -> tuple[str, ...]:
        """The new entries of a page that is read again, above one that the interval holds."""
        ours = [place for place, entry in enumerate(view.entries) if entry.interval == self.current]
        above = view.entries[: max(ours, default=0)]
        return tuple(entry.key for entry in above if entry.interval is None)

    def _step_back(self, view: View) -> Step:
        """Things moved up by deletions: climb until a page overlaps what was read, then walk down from there."""
        if self._overlaps(view):
            self._back = False
            return self._attach(view)
        if view.page == 1:
            return Step(cut="the listing moves faster than it can be read", apart=self._apart(view))
        self._back = True
        return replace(self._reread(view.page - 1), apart=self._apart(view))

    def _apart(self, view: View) -> Apart | None:
        """What a page shows below the interval without following on it: a piece by itself, until it is joined."""
        if not view.entries:
            return None
        further = min((page for page in self._pieces if page > view.page), default=None)
        below = None if further is None else self._pieces[further]
        self._pieces[view.page] = view.keys[0]
        return Apart(view.entries, below)

    def _reread(self, page: int) -> Step:
        self._rereads += 1
        if self._rereads > REREADS:
            return Step(cut=f"listing page {page} does not hold still")
        return Step(next_page=page)

    # --- a page that belongs to the interval

    def _attach(self, view: View) -> Step:
        home = self._home(view)
        known = self._standing(view) if self.current is None and not self.window else self.current
        new = [entry for entry in view.entries if entry.interval is None]
        beneath, at_bottom = self._beneath(view, known)
        self._nothing_new = view.keys[-1] in self._met
        again = view.keys[-TAIL:] == self._tail and set(view.keys) <= self._met.union(self._last)
        self._repeats = self._repeats + 1 if again else 0
        above = self._tail if view.page > self._cursor else ()
        run = (*(key for key in above if key not in view.keys), *view.keys)
        self._stand_at(view)
        self._leapt = False
        self._passed.update(entry.interval for entry in view.entries if entry.key not in self._met)
        self._met.update(view.keys)
        own = known is not None and any(entry.interval == known for entry in view.entries)
        self._inside = not at_bottom and (home is not None or (self._inside and own))
        step = Step(
            attach=tuple(entry.key for entry in new),
            run=run,
            bottom=(beneath[-1], view.page) if beneath and not self._inside else None,
            merge=next((one for one in (home, known) if one not in {None, self.current}), None),
        )
        return self._onward(view, step, home)

    @staticmethod
    def _standing(view: View) -> int | None:
        """The interval of which a first page shows two entries in a row, wherever on it."""
        pairs = pairwise(entry.interval for entry in view.entries)
        return next((one for one, two in pairs if one is not None and one == two), None)

    def _beneath(self, view: View, known: int | None) -> tuple[tuple[Seen, ...], bool]:
        """The new entries of a page that follow on the interval's own, and whether these are its bottom."""
        own = [entry.interval == known is not None or entry.key in self._met for entry in view.entries]
        after = max((place for place, one in enumerate(own) if one), default=-1) + 1
        beneath = tuple(entry for entry in view.entries[after:] if entry.interval is None)
        ours = self._intervals.get(known) if known is not None else None
        return beneath, bool(beneath) and ours is not None and ours.bottom_key in view.keys

    def _stand_at(self, view: View) -> None:
        """The page down to which the interval is read for sure. One that shows again what was met is no end."""
        self._top = self._top or view.keys[0]
        self._cursor, self._tail = view.page, view.keys[-TAIL:]
        if not self._nothing_new:  # nor does it say whether the listing goes on
            self._last, self._offered = view.keys, view.offers_older
        self._day = max(view.last_days, default=self._day)
        self._carried = next(reversed(view.last_days), self._carried)

    def _home(self, view: View) -> int | None:
        """The interval that already holds the end of the page: coverage from an earlier run."""
        ends = view.entries[-JOIN:]
        homes = {entry.interval for entry in ends}
        if len(homes) != 1 or any(entry.key in self._met for entry in ends):
            return None
        return homes.pop()

    def _onward(self, view: View, step: Step, home: int | None) -> Step:
        if self.sweep is not None:
            self._undated += not view.last_days
            if not view.older_than(self.sweep) and self._undated < SWEEP_PAGES:
                return self._goal_or_next(view, step)
            self.sweep, step = None, replace(step, swept=True)
        if home is None or home == self._sought:
            return self._goal_or_next(view, step)
        interval = self._intervals[home]
        if interval.complete and interval.goal <= self.goal and not (step.swept and interval.ended == "end"):
            return replace(step, ended="joined", complete=True)
        return self._seek(view, step, interval)

    def _goal_or_next(self, view: View, step: Step) -> Step:
        if view.older_than(self.goal):
            swept = self.sweep is not None and view.older_than(self.sweep)
            return replace(step, ended="goal", complete=True, swept=swept or step.swept)
        if view.end:
            return self._last_page(view, step)
        return replace(step, next_page=view.page + 1)

    # --- the end of the listing

    def _last_page(self, view: View, step: Step) -> Step:
        """The site says that this page is the last one."""
        self._said, self._offered, self._last = True, False, view.keys
        here = self._end(deeper=step.bottom is not None)
        return replace(
            step,
            ended=here.ended,
            complete=here.complete,
            cut=here.cut,
            swept=step.swept or here.swept,
            end=here.end,
            lost=here.lost,
        )

    def _blank(self, view: View) -> Step:
        """An empty answer: believed when the page, asked twice, and the next one are empty."""
        if view.page == 1:
            return Step(cut="the first listing page shows no entries")
        if self.current is None:
            return Step(ended="end", complete=True)
        tries = self._blanks[view.page] = self._blanks.get(view.page, 0) + 1
        if view.page > self._cursor + 1:
            return self._end()
        if tries == 1:
            return Step(next_page=view.page)
        if view.page == self._cursor + 1:
            return Step(next_page=view.page + 1)
        return Step(cut=f"listing page {view.page} became empty")

    def _repeated(self, view: View) -> bool:
        return self._repeats >= REPEATS and set(view.keys) <= self._met

    def _wrapped(self, view: View) -> bool:
        """Whether the server went back to the top of the listing, as some do past its end."""
        return bool(view.last_days) and self._day is not None and min(view.last_days) > self._day + WRAP

    def _end(self, *, deeper: bool = False) -> Step:
        """Nothing further down. `deeper`: the last page went below the bottom of the interval."""
        why = f"listing page {self._cursor} offers an older one that is not there" if self._offered else None
        bottom = Bottom(
            last=self._last,
            reached=self._last,
            top=self._top,
            offered=why,
            said=self._said,
            passed=self._passed,
            sweeping=self.sweep is not None,
            deeper=deeper,
        )
        return end(bottom, self.current, self._intervals)

    # --- leaping over known coverage, and to a date

    def _seek(self, view: View, step: Step, interval: Interval) -> Step:
        """Leap to the bottom of an interval that does not reach far enough: as many pages down as it has entries."""
        self._search, self._sought = ExponentialSearch(above=view.page), interval.walk_id
        return replace(step, next_page=self._search.first(view.page + interval.entries // len(view.entries)))

    def _seek_bottom(self, view: View, search: ExponentialSearch) -> Step:
        ours = [entry.interval == self.current for entry in view.entries]
        if any(one and two for one, two in pairwise(ours)) and not ours[-1]:
            self._search, self._inside = None, False
            return self._attach(view)
        apart = None
        if ours and all(ours[-JOIN:]) and not self._shown_again(view):
            search.above = max(search.above, view.page)
            self._nothing_new = False
            self._stand_at(view)
            self._leapt = True
        else:
            search.beyond = view.page
            apart = None if any(ours) else self._apart(view)
        page = search.next()
        if page is None:
            self._search, self._inside = None, False
            page = search.above + 1
        return Step(next_page=page, apart=apart)

    def _shown_again(self, view: View) -> bool:
        """Whether a probe shows what stood elsewhere already: past the end some servers repeat a page for ever."""
        again = view.keys in self._probed or set(view.keys) <= self._met
        self._probed.add(view.keys)
        return again

    def _seek_date(self, view: View, until: date) -> Step:
        search = self._search = self._search or ExponentialSearch()
        if view.entries and not view.last_days:
            self._undated += 1
            self._undated_from = self._undated_from or view.page
            if self._undated > UNDATED:
                return Step(cut=f"no dates on {UNDATED} listing pages in a row: {until} cannot be found")
            return Step(next_page=view.page + 1)
        probed, self._undated, self._undated_from = self._undated_from or view.page, 0, 0
        if view.entries and min(view.last_days) > until and not self._shown_again(view):
            search.above = max(search.above, view.page)
        else:
            search.beyond = probed
        page = search.next()
        if page is None:
            self.until = self._search = None
            page = search.above + 1
        return Step(next_page=page)
