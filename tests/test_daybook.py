"""The daybook: what of each day is archived, and where the listing was not walked."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from storage.archive import Archive
from storage.books.daybook import Interval, State, daybook, intervals, state_of, years
from storage.reader import open_reader
from tests.sample_archive import NOON, Scribe, article, entry

DAY = date(2026, 3, 1)
days = st.integers(0, 40).map(lambda number: DAY + timedelta(days=number))


@st.composite
def coverage(draw: st.DrawFn) -> list[Interval]:
    """Intervals of one listing, newest first and apart from each other, of which only the last may be complete."""
    ends = sorted(draw(st.sets(days, min_size=2, max_size=6)), reverse=True)
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    whole = draw(st.booleans())
    return [
        Interval(number, top, bottom, bottom if whole and number == len(pairs) - 1 else DAY, whole, number == 0)
        if number == len(pairs) - 1
        else Interval(number, top, bottom, DAY, complete=False, newest=number == 0)
        for number, (top, bottom) in enumerate(pairs)
    ]


@given(coverage(), days)
def test_day_is_covered_only_inside_of_an_interval_and_a_hole_only_outside(found: list[Interval], day: date) -> None:
    state = state_of(day, found)
    inside = any(one.bottom <= day <= one.top for one in found)
    assert inside == (state in {"covered", "partly"})
    if any(one.bottom < day < one.top for one in found):
        assert state == "covered"
    if not inside and found[-1].bottom < day < found[0].top:
        assert state == "hole"
    if day > found[0].top:
        assert state == "outside"


def test_nothing_is_claimed_of_an_edition_without_intervals() -> None:
    assert state_of(DAY, []) == "outside"


def test_daybook_shows_the_hole_below_a_walk_that_was_cut_short(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "wire.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(article("1001-2026", "Old news", "Long ago.", minutes=-6 * 24 * 60))
        scribe.walk(top_key="1001-2026", bottom_day="2026-03-02", goal="2026-03-02")
        scribe.listing(entry("1002-2026", "Never to be had", "12:00", day=date(2026, 3, 9)))
        scribe.story(article("1003-2026", "News", "Today."))
        scribe.walk(complete=0, ended=None, bottom_key="1002-2026", bottom_day="2026-03-08", goal="2026-03-02")
        scribe.finish()
    with open_reader(str(tmp_path / "wire.db")) as reader:
        found = daybook(reader, "belta-eng", date(2026, 3, 1), date(2026, 3, 11))
        assert [one.top for one in intervals(reader, "belta-eng")] == [NOON.date(), date(2026, 3, 4)]
        assert years(reader, "belta-eng") == [2026]
        assert years(reader, "belta-rus") == []
    states: dict[int, State] = {day.date.day: day.state for day in found}
    assert states == {
        1: "outside",
        **dict.fromkeys((2, 3), "covered"),
        4: "partly",
        **dict.fromkeys((5, 6, 7), "hole"),
        8: "partly",
        **dict.fromkeys((9, 10), "covered"),
        11: "outside",
    }
    assert {day.date.day: (day.articles, day.missing) for day in found if day.articles or day.missing} == {
        4: (1, 0),
        9: (0, 1),
        10: (1, 0),
    }
