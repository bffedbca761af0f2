"""How fast, how far, how long: told from counts, and not told from too few of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import ListingEntry
from spiders.pace import Descent, Pace, Work

TODAY = date(2026, 11, 23)


def entries(*days: date | None) -> list[ListingEntry]:
    return [ListingEntry(f"{place}-2026", "", "", 1, place, day=day) for place, day in enumerate(days)]


def test_a_rate_is_of_the_last_two_minutes_and_not_told_before_it_means_anything() -> None:
    pace = Pace()
    assert pace.rate is None
    for second in range(4):
        pace.mark(second, second)
    assert pace.rate is None, "three steps say nothing"
    for second in range(4, 600):
        pace.mark(second, second)
    assert pace.rate == pytest.approx(1)
    for second in range(600, 700):
        pace.mark(second, 600)
    assert pace.rate == pytest.approx(20 / 120, abs=0.02)
    assert pace.still == pytest.approx(99)


def test_an_estimate_of_pages_needs_a_day_walked_and_a_bottom() -> None:
    walk = Descent(bottom=TODAY - timedelta(days=6))
    assert walk.pages_to_go is None
    walk = walk.past(1, entries(TODAY, None)).past(2, entries(TODAY)).past(3, entries(TODAY))
    assert walk.pages_to_go is None, "no whole day was walked"
    walk = walk.past(4, entries(None)).past(8, entries(TODAY, TODAY - timedelta(days=2)))
    assert walk.pages_to_go == 4 * 4
    assert walk.past(30, entries(TODAY - timedelta(days=9))).pages_to_go == 0
    endless = Descent().past(1, entries(TODAY)).past(9, entries(TODAY - timedelta(days=3)))
    assert endless.pages_to_go is None


def test_pinned_stories_say_nothing_of_the_day() -> None:
    pinned = ListingEntry("1-2020", "", "", 1, 0, day=date(2020, 1, 1), in_order=False)
    assert Descent().past(1, [pinned, *entries(TODAY)]).reached == TODAY


def test_work_to_come_counts_the_articles_that_pages_to_come_will_name() -> None:
    assert Work(pages=5, fetched=10, waiting=7).to_go == 7, "the walk is over"
    walk = Descent(page=10, top=TODAY, reached=TODAY - timedelta(days=2), bottom=TODAY - timedelta(days=4))
    assert Work(pages=10, fetched=150, waiting=50, descent=walk).to_go == 50 + 10 * (1 + 20)
    assert Work(pages=10, fetched=150, waiting=50, descent=walk, most=1).to_go == 50 + 21
    assert Work(pages=0, fetched=0, waiting=50, descent=Descent()).to_go is None


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(0, 50)), max_size=40),
    st.integers(0, 400),
    st.integers(0, 400),
    st.integers(0, 10**6),
)
def test_no_estimate_is_ever_negative(steps: list[tuple[float, int]], back: int, bottom: int, page: int) -> None:
    pace, done = Pace(), 0
    for at, more in sorted(steps):
        done += more
        pace.mark(at, done)
    assert pace.rate is None or pace.rate > 0
    assert pace.still >= 0
    walk = Descent(page, TODAY, TODAY - timedelta(days=back), TODAY - timedelta(days=bottom))
    to_go = Work(page, done, 3, walk).to_go
    assert to_go is None or to_go >= 3
