"""The rules of walking, page by page, against a listing held in a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest

from crawler.listing.steps import Interval, Seen, Step, View
from crawler.listing.walk import Walk

TODAY = date(2026, 3, 10)
ALL = date.min


def story(number: int) -> str:
    return f"{number}-2026"


def day_of(number: int) -> date:
    """Five stories a day; story 1000 is the newest of today."""
    return TODAY - timedelta(days=(1000 - number) // 5)


def stories(newest: int, oldest: int) -> list[int]:
    return list(range(newest, oldest - 1, -1))


@dataclass
class Listing:
    """An agency's listing, and the coverage of it that earlier walks left."""

    shown: list[int]
    page_size: int = 5
    dated: bool = True
    members: dict[int, int] = field(default_factory=dict)
    intervals: dict[int, Interval] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    serve: Callable[[int], Sequence[int]] | None = None

    def cover(self, walk_id: int, numbers: Sequence[int], *, complete: bool, goal: date, ended: str = "goal") -> None:
        self.members.update(dict.fromkeys(numbers, walk_id))
        self.intervals[walk_id] = Interval(walk_id, "head", goal, complete, ended if complete else None, len(numbers))

    def page(self, number: int) -> Sequence[int]:
        if self.serve is not None:
            return self.serve(number)
        return self.shown[(number - 1) * self.page_size : number * self.page_size]

    def view(self, number: int) -> View:
        self.asked.append(number)
        return View(
            number,
            tuple(
                Seen(story(one), self.members.get(one), day_of(one) if self.dated else None)
                for one in self.page(number)
            ),
        )


def drive(walk: Walk, listing: Listing, between: Mapping[int, Callable[[], None]] | None = None) -> Step:
    """Let the walk ask for pages until it is over. `between` does something before the n-th request (from 0)."""
    own = max(listing.intervals, default=0) + 1
    for request in range(2000):
        (between or {}).get(request, lambda: None)()
        assert walk.next_page is not None
        step = walk.take(listing.view(walk.next_page), listing.intervals)
        if walk.current is None and (step.attach or step.merge):
            walk.current = own if step.attach else step.merge
            listing.intervals.setdefault(own, Interval(own, "head", walk.goal, complete=False, ended=None, entries=0))
        for key in step.attach:
            listing.members[int(key.partition("-")[0])] = walk.current or 0
        if step.merge is not None and walk.current is not None:
            join(listing, walk.current, step.merge)
            walk.current = min(walk.current, step.merge)
        if step.ended or step.cut:
            return step
    raise AssertionError(f"the walk does not end: {listing.asked}")


def join(listing: Listing, one: int, other: int) -> None:
    root = min(one, other)
    listing.members = {number: root if walk in (one, other) else walk for number, walk in listing.members.items()}


def test_fresh_walk_reads_to_its_goal() -> None:
    listing = Listing(stories(1000, 900))
    step = drive(Walk(goal=TODAY - timedelta(days=3)), listing)
    assert (step.ended, step.complete) == ("goal", True)
    assert set(stories(1000, 985)) <= set(listing.members)


def test_every_seam_is_read_again_where_pages_do_not_overlap() -> None:
    listing = Listing(stories(1000, 900))
    drive(Walk(goal=TODAY - timedelta(days=2)), listing)
    assert listing.asked == [1, 2, 1, 3, 2, 4, 3]


def test_pages_that_overlap_need_no_second_reading() -> None:
    listing = Listing(stories(1000, 900))
    publish = {n: lambda n=n: listing.shown.insert(0, 1000 + n) for n in range(1, 30)}
    drive(Walk(goal=TODAY - timedelta(days=2)), listing, publish)
    assert listing.asked == sorted(listing.asked)


def test_entry_that_slips_over_a_seam_by_a_deletion_is_not_missed() -> None:
    listing = Listing(stories(1000, 900))
    drive(Walk(goal=TODAY - timedelta(days=4)), listing, {1: lambda: listing.shown.remove(998)})
    assert {995, 994} <= set(listing.members)


def test_walk_stops_where_it_meets_complete_coverage() -> None:
    listing = Listing(stories(1000, 900))
    listing.cover(1, stories(997, 900), complete=True, goal=ALL, ended="end")
    step = drive(Walk(goal=ALL), listing)
    assert (step.ended, step.merge, listing.asked) == ("joined", 1, [1])


def test_any_member_of_older_coverage_will_do_when_its_top_was_deleted() -> None:
    listing = Listing([1000, *stories(990, 900)])
    listing.cover(1, stories(999, 900), complete=True, goal=ALL)
    assert drive(Walk(goal=ALL), listing).ended == "joined"


def test_one_old_entry_moved_to_the_top_does_not_stop_the_walk() -> None:
    listing = Listing([1000, 999, 998, 997, 950, *stories(996, 951), *stories(949, 900)])
    listing.cover(1, stories(990, 900), complete=True, goal=ALL)
    drive(Walk(goal=ALL), listing)
    assert set(stories(1000, 900)) <= set(listing.members)


def test_hole_below_a_walk_cut_short_is_closed() -> None:
    listing = Listing(stories(1000, 900))
    listing.cover(1, stories(960, 900), complete=True, goal=ALL)
    listing.cover(2, stories(998, 984), complete=False, goal=ALL)
    step = drive(Walk(goal=ALL), listing)
    assert step.ended == "joined"
    assert set(listing.members) == set(stories(1000, 900))


def test_backfill_is_resumed_near_where_it_stopped() -> None:
    listing = Listing(stories(3000, 1), page_size=10, dated=False)
    listing.cover(1, stories(2990, 491), complete=False, goal=ALL)
    walk = Walk(goal=ALL)
    drive(walk, listing)
    resumed = next(i for i, page in enumerate(listing.asked) if page > 240)
    assert set(listing.members) == set(stories(3000, 1))
    assert len(listing.asked[:resumed]) <= 4
    assert not set(range(5, 240)) & set(listing.asked)


def test_backfill_is_found_although_the_listing_moved_far() -> None:
    listing = Listing(stories(3400, 1), page_size=10, dated=False)
    listing.cover(1, [*stories(3390, 3300), *stories(2600, 2001)], complete=False, goal=ALL)
    listing.shown = [*stories(3400, 3300), *stories(2600, 1)]
    drive(Walk(goal=ALL), listing)
    assert set(listing.shown) <= set(listing.members)


def test_end_of_the_listing_is_asked_for_twice() -> None:
    listing = Listing(stories(1000, 996))
    step = drive(Walk(goal=ALL), listing)
    assert (step.ended, step.complete, listing.asked) == ("end", True, [1, 2, 2, 3])


def test_single_broken_page_is_not_the_end() -> None:
    listing = Listing(stories(1000, 960))
    listing.serve = lambda number: [] if number == 3 else listing.shown[(number - 1) * 5 : number * 5]
    step = drive(Walk(goal=ALL), listing)
    assert step.cut is not None
    assert "listing page 3 is empty but page 4 is not" in step.cut


def test_end_above_older_coverage_is_believed_only_from_the_second_run() -> None:
    listing = Listing(stories(1000, 991))
    listing.cover(1, stories(900, 800), complete=True, goal=ALL)
    first = drive(Walk(goal=ALL), listing)
    assert (first.ended, first.complete, first.cut is not None) == ("end", False, True)
    listing.intervals[2] = Interval(2, "head", ALL, complete=False, ended="end", entries=10)
    second = drive(Walk(goal=ALL), listing)
    assert (second.ended, second.complete) == ("end", True)


@pytest.mark.parametrize("shown_again", ["first", "last"])
def test_listing_that_repeats_itself_for_ever_ends(shown_again: str) -> None:
    listing = Listing(stories(1000, 981))
    last = 4 if shown_again == "last" else 1
    listing.serve = lambda number: listing.shown[((number if number <= 4 else last) - 1) * 5 :][:5]
    step = drive(Walk(goal=ALL), listing)
    assert (step.ended, step.complete) == ("end", True)
    assert len(listing.asked) < 20


def test_burst_of_a_whole_page_is_not_taken_for_the_end() -> None:
    listing = Listing(stories(1000, 900))
    burst = lambda: listing.shown.__setitem__(slice(0, 0), stories(1005, 1001))  # noqa: E731
    drive(Walk(goal=ALL), listing, {1: burst})
    assert set(stories(1000, 900)) <= set(listing.members)


def test_empty_first_page_is_no_end() -> None:
    step = drive(Walk(goal=ALL), Listing([]))
    assert (step.ended, step.cut) == (None, "the first listing page shows no entries")


def test_date_is_reached_in_a_few_probes() -> None:
    listing = Listing(stories(1000, 1), page_size=10)
    until = TODAY - timedelta(days=150)
    step = drive(Walk(goal=until - timedelta(days=2), until=until), listing)
    wanted = [number for number in stories(1000, 1) if until - timedelta(days=2) <= day_of(number) <= until]
    assert step.ended == "goal"
    assert set(wanted) <= set(listing.members)
    assert len(listing.asked) <= 22


def test_date_below_the_end_of_the_listing_finds_nothing() -> None:
    listing = Listing(stories(1000, 990))
    step = drive(Walk(goal=date(2000, 1, 1), until=date(2001, 1, 1)), listing)
    assert (step.ended, step.complete, listing.members) == ("end", True, {})


def test_sweep_finds_what_was_slipped_in_below_the_top() -> None:
    listing = Listing(stories(1000, 900))
    listing.cover(1, stories(1000, 900), complete=True, goal=ALL)
    listing.shown.insert(7, 5000)
    step = drive(Walk(goal=ALL, sweep=TODAY - timedelta(days=2)), listing)
    assert (step.ended, step.swept) == ("joined", True)
    assert listing.members[5000] == 1
    assert max(listing.asked) <= 5


def test_pinned_story_on_every_page_proves_no_overlap() -> None:
    listing = Listing(stories(1000, 900))
    listing.serve = lambda number: [950, *listing.shown[(number - 1) * 4 : number * 4]]
    drive(Walk(goal=ALL), listing, {1: lambda: listing.shown.remove(999)})
    assert set(stories(998, 900)) <= set(listing.members)


@pytest.mark.parametrize("shown_again", ["first", "last"])
def test_bottom_is_found_in_a_listing_that_repeats_itself_for_ever(shown_again: str) -> None:
    listing = Listing(stories(1000, 901), page_size=10)
    listing.cover(1, stories(990, 921), complete=False, goal=ALL)
    last = 10 if shown_again == "last" else 1
    listing.serve = lambda number: listing.shown[((number if number <= 10 else last) - 1) * 10 :][:10]
    listing.intervals[1] = replace(listing.intervals[1], entries=500)  # most of which were deleted since
    step = drive(Walk(goal=ALL), listing)
    assert (step.ended, step.complete) == ("end", True)
    assert set(listing.members) == set(stories(1000, 901))
    assert max(listing.asked) < 100


@pytest.mark.parametrize("entries", [0, 10, 20, 30, 40, 50, 60, 200])
@pytest.mark.parametrize("repeated", range(2, 9))
def test_what_a_page_hides_that_shows_the_one_above_it_is_a_hole_for_every_later_walk(
    repeated: int, entries: int
) -> None:
    listing = Listing(stories(1000, 901), page_size=10)
    listing.serve = lambda number: listing.shown[(number - (number == repeated) - 1) * 10 :][:10]
    for _ in range(4):
        step = drive(Walk(goal=TODAY - timedelta(days=19)), listing)
        assert (step.complete, step.cut) == (False, f"listing page {repeated} shows the page above it again")
        listing.intervals[1] = replace(listing.intervals[1], entries=entries)  # where a later walk leaps to
    assert set(listing.members) == set(listing.shown[: (repeated - 1) * 10])
    listing.serve = None
    assert drive(Walk(goal=TODAY - timedelta(days=19)), listing).complete
    assert set(stories(1000, 906)) <= set(listing.members)


def test_date_is_given_up_in_a_listing_that_repeats_itself_for_ever() -> None:
    listing = Listing(stories(1000, 901), page_size=10)
    listing.serve = lambda number: listing.shown[((number if number <= 10 else 1) - 1) * 10 :][:10]
    drive(Walk(goal=date(2001, 1, 1), until=date(2001, 1, 2)), listing)
    assert len(listing.asked) < 30
