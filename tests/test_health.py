"""The rules of the monitors where the ledger of test_monitors.py would be too long, and how incidents begin and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.monitors.catalogue import MONITORS, examine, room, standstill, unrecognised
from crawler.monitors.completeness import fields
from crawler.monitors.health import CrawlRecord, Disk, EditionFacts, FieldsRead, Finding, State, changes, lasting
from crawler.monitors.rhythm import silence
from spiders.demo.stories import VIDEO, write
from tests.sample_archive import MINSK

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def patient(**facts: object) -> EditionFacts:
    return EditionFacts("belta-eng", NOW, MINSK, **facts)  # type: ignore[arg-type]


def times(*gaps: float, end: datetime = NOW) -> tuple[datetime, ...]:
    """Moments with so many hours between them, the newest first."""
    moments = [end]
    for gap in gaps:
        moments.append(moments[-1] - gap * HOUR)
    return tuple(moments)


def test_as_many_riddles_as_every_day_are_no_incident() -> None:
    every_day = [NOW - day * DAY - HOUR for day in range(1, 29) for _ in range(2)]
    for today, state in ((4, "well"), (6, "doubtful"), (7, "trouble")):
        (found,) = unrecognised(patient(riddles=(*[NOW] * today, *every_day)))
        assert (found.state, found.limit) == (state, 6)


@pytest.mark.parametrize(("silent", "state"), [(11.0, "doubtful"), (12.5, "trouble"), (8.0, "well")])
def test_a_steady_edition_is_silent_when_a_dozen_articles_are_late(silent: float, state: State) -> None:
    (found,) = silence(patient(appeared=times(*[1] * 24 * 56, end=NOW - silent * HOUR)))
    assert (found.state, found.limit) == (state, 12)
    assert found.value == pytest.approx(silent, abs=0.2)


def test_an_edition_that_publishes_in_bursts_may_be_silent_for_as_long_as_it_was() -> None:
    bursts = times(*([0.01] * 40 + [60]) * 20, end=NOW - 60 * HOUR)
    (found,) = silence(patient(appeared=bursts))
    assert found.state == "well"
    (found,) = silence(patient(appeared=tuple(moment - 90 * HOUR for moment in bursts)))
    assert found.state == "trouble"


def test_articles_dated_in_the_future_end_no_silence() -> None:
    (found,) = silence(patient(appeared=(NOW + 900 * DAY, *times(*[1] * 24 * 56, end=NOW - 2 * DAY))))
    assert found.state == "trouble"


@given(st.lists(st.floats(0, 400), max_size=90))
def test_silence_is_measured_whatever_the_history(gaps: list[float]) -> None:
    (found,) = silence(patient(appeared=times(*gaps)))
    assert found.state == "well"  # the newest has just come out
    assert found.value in (None, 0)


def told(era: str, number: int, *empty: str) -> tuple[FieldsRead, ...]:
    names = frozenset({"headline", "tags", "lead"})
    return (FieldsRead(era, names - set(empty), frozenset(empty)),) * number


def test_fields_that_were_always_rare_are_not_missed() -> None:
    rare = (told("a/1", 9, "lead") + told("a/1", 1)) * 46
    assert [found.state for found in fields(patient(told=told("a/1", 40, "lead") + rare))] == ["well"]


def test_fields_are_well_with_so_many_and_no_past() -> None:
    (found,) = fields(patient(told=told("a/1", 30, "tags")))
    assert (found.state, found.normal) == ("well", "judged from 60 articles and some new ones on")


def test_an_era_that_was_always_bare_is_no_news_beside_another() -> None:
    mixed = (told("a/1", 1) + told("a/video", 1, "tags")) * 250
    assert [found.subject for found in fields(patient(told=mixed))] == [""]


@pytest.mark.parametrize("seed", range(1, 6))
def test_video_records_among_the_articles_of_an_agency_are_never_an_incident(seed: int) -> None:
    full, bare = told("a/1", 1)[0], told("a/video", 1, "tags", "lead")[0]
    videos = {index for index in range(1000) if write(seed, index, NOW).rubric == VIDEO}
    history = [bare if index in videos else full for index in range(1000)]
    assert len(videos) > 8
    for newest in range(0, 1000, 25):
        shown = fields(patient(told=tuple(history[newest : newest + 500])))
        assert {found.state for found in shown} == {"well"}, f"{seed}, from {newest} on"


@pytest.mark.parametrize(("before", "state"), [(0, "trouble"), (3, "trouble"), (40, "well")])
def test_a_new_era_is_judged_where_it_takes_the_place_of_the_others(before: int, state: State) -> None:
    new = told("a/2", 8, "tags")
    mixed = new[:4] + told("a/1", before) + new[4:] + told("a/1", 200)
    (found,) = fields(patient(told=mixed))
    assert found.state == state


def test_between_its_limits_a_field_is_doubtful_and_nothing_changes() -> None:
    mixed = told("a/1", 20, "tags") + told("a/1", 20) + (told("a/1", 4) + told("a/1", 6, "tags")) * 20
    found = fields(patient(told=mixed))
    assert [(one.subject, one.state) for one in found] == [("a/1 tags", "doubtful"), ("", "well")]
    assert changes([("fields", "a/1 tags")], found) == ([], [])


def test_an_edition_without_any_facts_is_well() -> None:
    assert {found.state for found in examine(patient())} == {"well"}
    assert len({found.monitor for found in examine(patient())}) == len(MONITORS)


def test_every_finding_says_what_is_normal_and_trouble_says_what_to_do() -> None:
    killed = tuple(CrawlRecord(number, NOW - number * DAY, None, None, None, 0) for number in range(9))
    away = tuple(CrawlRecord(number, NOW - number * DAY, NOW - number * DAY, "refused", 0, 0) for number in range(9))
    for ran in (killed, away):
        for found in [*examine(patient(crawls=ran, waiting=99, holes=("a hole",), riddles=(NOW,) * 9))]:
            assert found.measured
            assert found.normal
            assert found.advice or found.state == "well"


KEYS = st.sampled_from([("silence", ""), ("fields", "a tags"), ("fields", "a lead"), ("queue", "")])
STATES = st.sampled_from(get_args(State))


@given(st.sets(KEYS), st.dictionaries(KEYS, STATES))
def test_an_incident_begins_in_trouble_and_ends_when_its_monitor_finds_all_well(
    before: set[tuple[str, str]], states: dict[tuple[str, str], State]
) -> None:
    findings = [Finding(*key[:1], state, "m", "n", subject=key[1]) for key, state in states.items()]
    begun, over = changes(before, findings)
    new = {(one.monitor, one.subject) for one in begun}
    assert new == {key for key, state in states.items() if state == "trouble"} - before
    after = (before | new) - set(over)
    asked = {monitor for monitor, _ in states}
    for key in after:
        assert states.get(key) in ({"trouble", "doubtful"} if key[0] in asked else {None})
    assert changes(after, findings) == ([], [])  # a second look changes nothing


@pytest.mark.parametrize(
    ("free", "daily", "state"),
    [(2**40, 1e6, "well"), (15e9, 1e9, "doubtful"), (13e9, 1e9, "trouble"), (2**25, 0.0, "trouble")],
)
def test_room_is_measured_in_days(free: int, daily: float, state: State) -> None:
    assert room(Disk(free, 10**9, daily)).state == state


def test_a_standstill_is_as_long_as_the_user_says() -> None:
    states = [standstill(ended, NOW, HOUR).state for ended in (NOW - HOUR, NOW - 2 * HOUR, None)]
    assert states == ["well", "trouble", "trouble"]


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(), "0 min"),
        (-DAY, "0 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (2 * HOUR, "2 h"),
        (DAY + timedelta(minutes=5), "1 d"),
        (400 * DAY + HOUR, "400 d 1 h"),
    ],
)
def test_spans_are_told_in_their_largest_units(span: timedelta, words: str) -> None:
    assert lasting(span) == words
