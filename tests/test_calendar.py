"""The daybook: what can be said of each day, of days in a row, and of months and years."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from crawler.listing.coverage import State
from storage.read.coverage.calendar import (
    STATES,
    CoverageDay,
    by_year,
    daybook,
    doubts,
    editions,
    months,
    runs,
    worst,
    years,
)
from storage.read.reader import Reader, open_reader
from storage.write.archive import Archive
from tests.sample_archive import Scribe, article, entry

DAY = date(2026, 3, 1)
states = st.sampled_from(STATES)
days = st.dictionaries(st.integers(0, 40), states, min_size=1).map(
    lambda told: [CoverageDay(DAY + timedelta(days=number), told[number], number) for number in sorted(told)]
)


def filled(path: Path) -> Path:
    """Two editions: one with a hole, an article that is missing and one from before anybody asked; one all unknown."""
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(article("1001-2026", "Old news", "Long ago.", minutes=-6 * 24 * 60))
        scribe.listing(entry("1002-2026", "Never to be had", "12:00", day=date(2026, 3, 9)))
        scribe.story(article("1003-2026", "News", "Today."))
        scribe.walk(top_key="1003-2026", bottom_key="1001-2026", goal="2026-03-02")
        scribe.gap("2026-03-04T09:00:00Z", "2026-03-08T09:00:00Z")
        scribe.story(article("0900-2025", "Older news", "Asked for by its address.", minutes=-90 * 24 * 60))
        scribe.finish()
        other = Scribe(archive, "belta-chn")
        other.walk(ended="end", end_kind="open", top_key="x", bottom_key="x", goal="2026-03-02")
        other.finish()
    return path


def test_daybook_tells_every_day_by_the_view_and_what_is_older_as_outside(tmp_path: Path) -> None:
    with open_reader(str(filled(tmp_path / "wire.db"))) as reader:
        found = daybook(reader, "belta-eng", date(2025, 12, 1), date(2026, 3, 11))
        assert years(reader, "belta-eng") == [2026, 2025]
        assert years(reader, "belta-rus") == []
        assert editions(reader) == ["belta-chn", "belta-eng"]
    told = {day.date.isoformat(): day.state for day in found if day.state != "outside"}
    assert told == {
        **dict.fromkeys(("2026-03-02", "2026-03-03", "2026-03-09", "2026-03-10"), "whole"),
        **{f"2026-03-0{day}": "hole" for day in range(4, 9)},
    }
    counts = {day.date.isoformat(): (day.articles, day.missing) for day in found if day.articles or day.missing}
    assert counts == {"2025-12-10": (1, 0), "2026-03-04": (1, 0), "2026-03-09": (0, 1), "2026-03-10": (1, 0)}
    assert [day.expected for day in found if day.date == date(2026, 3, 9)] == [1]


def test_months_of_a_count_are_those_counted_or_asked_for_and_all_editions_together(tmp_path: Path) -> None:
    def told(reader: Reader, *counted: str, edition: str | None = None, **asked: date) -> dict[str, State]:
        return months(reader, counted, edition, **asked)

    with open_reader(str(filled(tmp_path / "wire.db"))) as reader:
        assert told(reader, "2026-03", edition="belta-eng") == {"2026-03": "hole"}
        assert told(reader, "2025-12", "2026-03", edition="belta-eng") == {"2025-12": "outside", "2026-03": "hole"}
        assert told(reader, "2026-03", edition="belta-chn") == {"2026-03": "unknown"}
        assert told(reader, "2026-03") == {"2026-03": "hole"}
        assert told(reader) == {"2026-03": "hole"}
        assert told(reader, since=date(2026, 4, 1), until=date(2026, 4, 30)) == {}
        assert told(reader, "2025-12", until=date(2025, 12, 31)) == {"2025-12": "outside"}


@given(days)
def test_runs_hold_every_day_once_in_order_and_each_is_as_long_as_it_can_be(found: list[CoverageDay]) -> None:
    told = runs(found)
    assert [day for run in told for day in run.days] == found
    for run in told:
        assert {day.state for day in run.days} == {run.state}
        assert [day.date for day in run.days] == [
            run.days[0].date + timedelta(days=number) for number in range(len(run.days))
        ]
    for one, other in pairwise(told):
        apart = other.days[0].date - one.days[-1].date
        assert one.state != other.state or apart > timedelta(days=1)
    assert sum(run.articles for run in told) == sum(day.articles for day in found)


@given(st.lists(states))
def test_the_worst_of_several_states_does_not_depend_on_their_order(found: list[State]) -> None:
    assert worst(found) == worst(list(reversed(found))) == (min(found, key=STATES.index) if found else "outside")


def test_years_are_as_bad_as_their_worst_month_and_doubts_name_the_stretches() -> None:
    told: dict[str, State] = {"2025-11": "whole", "2025-12": "lost", "2026-01": "unknown", "2026-02": "hole"}
    assert by_year(told) == {"2025": "lost", "2026": "hole"}
    assert doubts(told) == ["lost in 2025-12", "a hole in 2026-02", "unknown in 2026-01"]
    assert doubts({"2026-01": "whole", "2026-02": "outside"}) == []


def test_what_is_expected_of_a_run_is_known_only_where_it_is_of_each_day() -> None:
    known, unknown = CoverageDay(DAY, "hole", 1, 0, 7), CoverageDay(DAY + timedelta(days=1), "hole", 2, 3)
    assert [run.expected for run in runs([known])] == [7]
    (run,) = runs([known, unknown])
    assert (run.expected, run.articles, run.missing) == (None, 3, 3)
