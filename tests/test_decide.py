"""The rules: what an answer means, when to try again, when to look again, how far to walk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.rules.decide import (
    ASK_AGAIN,
    RECHECK_AGES,
    RETRY_AFTER,
    SWEEP_EVERY,
    THE_BEGINNING,
    ask_again,
    recheck_at,
    retry_at,
    sweep_due,
    sweep_floor,
    verdict,
    walk_goal,
)

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = date(2026, 3, 10)
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


@pytest.mark.parametrize(
    ("meaning", "statuses"),
    [
        ("read", [200]),
        ("not-modified", [304]),
        ("gone", [404, 410]),
        ("refused", [401, 403, 429, 503]),
        ("failed", [201, 203, 204, 206, 301, 302, 400, 402, 408, 418, 451, 500, 502, 504, 520, 999]),
    ],
)
def test_every_status_has_one_meaning(meaning: str, statuses: list[int]) -> None:
    assert {verdict(status) for status in statuses} == {meaning}


def test_a_failed_page_is_tried_in_the_next_run_then_less_and_less_often_for_two_weeks_and_then_no_more() -> None:
    assert retry_at(1, NOON) == NOON
    waits = [(retry_at(attempt, NOON) or NOON) - NOON for attempt in range(1, len(RETRY_AFTER) + 1)]
    assert all(earlier < later for earlier, later in pairwise(waits))
    assert 13 * DAY < sum(waits, timedelta()) < 16 * DAY
    assert retry_at(len(RETRY_AFTER) + 1, NOON) is None


@pytest.mark.parametrize(
    ("age", "next_age"),
    [
        (timedelta(0), HOUR),
        (HOUR - SECOND, HOUR),
        (HOUR, 6 * HOUR),
        (7 * HOUR, DAY),
        (2 * DAY, 3 * DAY),
        (9 * DAY, 10 * DAY),
        (29 * DAY, 30 * DAY),
        (30 * DAY, None),
        (4000 * DAY, None),
    ],
)
def test_an_article_is_looked_at_again_at_growing_ages(age: timedelta, next_age: timedelta | None) -> None:
    born = NOON - age
    assert recheck_at(born, NOON, NOON) == (None if next_age is None else born + next_age)


def test_age_counts_from_the_first_sight_where_the_page_shows_no_date_or_one_to_come() -> None:
    assert recheck_at(None, NOON - 2 * HOUR, NOON) == NOON + 4 * HOUR
    assert recheck_at(NOON + 400 * DAY, NOON - 2 * HOUR, NOON) == NOON + 4 * HOUR


@given(published=st.none() | times, first_seen=times, now=times)
def test_the_next_look_is_always_still_to_come_and_looks_come_to_an_end(
    published: datetime | None, first_seen: datetime, now: datetime
) -> None:
    looks = []
    at: datetime | None = now
    while at is not None and (at := recheck_at(published, first_seen, at)) is not None:
        looks.append(at)
    assert all(look > now for look in looks)
    assert looks == sorted(set(looks))
    assert len(looks) <= len(RECHECK_AGES)


def test_what_was_gone_and_is_listed_again_is_asked_for_but_not_at_every_sighting() -> None:
    assert ask_again(None, NOON)
    assert ask_again(NOON - ASK_AGAIN, NOON)
    assert not ask_again(NOON - ASK_AGAIN + SECOND, NOON)


def test_the_newest_days_are_swept_three_times_a_day() -> None:
    assert 3 * SWEEP_EVERY == DAY
    assert sweep_due(None, NOON)
    assert sweep_due(NOON - SWEEP_EVERY, NOON)
    assert not sweep_due(NOON - SWEEP_EVERY + SECOND, NOON)


@pytest.mark.parametrize(
    ("last", "floor"),
    [
        (None, TODAY - 2 * DAY),
        (TODAY, TODAY - 2 * DAY),
        (TODAY - 5 * DAY, TODAY - 7 * DAY),
        (TODAY + 3 * DAY, TODAY - 2 * DAY),  # a clock that was wrong
    ],
)
def test_a_sweep_reaches_two_days_below_the_last_one(last: date | None, floor: date) -> None:
    assert sweep_floor(TODAY, last) == floor


@pytest.mark.parametrize(
    ("since", "open_goals", "goal"),
    [
        (None, [], TODAY - 7 * DAY),
        (None, [TODAY - 3 * DAY], TODAY - 3 * DAY),
        (None, [TODAY - 3 * DAY, THE_BEGINNING], THE_BEGINNING),
        (TODAY, [THE_BEGINNING], TODAY),
        (THE_BEGINNING, [], THE_BEGINNING),
    ],
)
def test_a_walk_reaches_as_far_as_wished_or_as_far_as_was_begun(
    since: date | None, open_goals: list[date], goal: date
) -> None:
    assert walk_goal(since, open_goals, TODAY) == goal
