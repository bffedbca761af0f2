"""When visits that do not find an article add up to its being gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.rules.absences import Period, Visit, latest_series, periods, reason_of
from crawler.rules.decide import LONG_PATIENCE, PATIENCE, RETRY_AFTER, look_again_at, patient

BEGIN = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADDRESS = "https://eng.belta.by/society/view/tram-150500-2026/"


def there(hours: float) -> Visit:
    return Visit(BEGIN + hours * HOUR, found=True)


def absent(hours: float, reason: str = "HTTP status 404") -> Visit:
    return Visit(BEGIN + hours * HOUR, found=False, reason=reason)


def told(found: list[Period]) -> list[tuple[float, float, float | None]]:
    """Periods as hours after BEGIN: since, decided, returned."""
    return [
        (_hours(one.since), _hours(one.decided_at), None if one.returned_at is None else _hours(one.returned_at))
        for one in found
    ]


def _hours(moment: datetime) -> float:
    return (moment - BEGIN) / HOUR


def test_one_answer_is_never_final() -> None:
    assert periods([there(0), absent(1)]) == []
    assert periods([there(0), absent(1), there(200)]) == []


def test_a_series_that_was_decided_is_a_period_from_its_first_absence_on() -> None:
    visits = [there(0), absent(1), absent(2), absent(60), there(100)]
    assert told(periods(visits, {visits[1].at})) == [(1, 60, 100)]
    assert told(periods(visits[:-1], {visits[1].at})) == [(1, 60, None)]


def test_without_a_decision_only_a_series_that_outlasts_any_wall_is_a_period() -> None:
    absences = [absent(1 + hours) for hours in (0, 30, 60, 90, 96)]
    assert periods([there(0), *absences[:-1]]) == []
    assert told(periods([there(0), *absences])) == [(1, 97, None)]


def test_a_decision_of_an_older_version_stays_one_although_it_took_one_answer() -> None:
    assert told(periods([there(0), absent(1)], {absent(1).at})) == [(1, 1, None)]


def test_a_fact_about_one_series_says_nothing_of_another() -> None:
    visits = [there(0), absent(1), there(2), absent(3), absent(30), absent(60)]
    assert told(periods(visits, {absent(3).at})) == [(3, 60, None)]
    assert told(periods(visits, {absent(30).at})) == [(3, 60, None)]
    assert told(periods(visits, {absent(1).at})) == [(1, 1, 2)]


def test_what_was_never_there_cannot_vanish() -> None:
    visits = [absent(hours) for hours in range(0, 300, 20)]
    assert periods(visits, {visits[0].at}) == []
    assert periods([*visits, there(400)]) == []


def test_the_reason_of_a_period_is_what_the_site_answered_when_it_was_decided() -> None:
    visits = [there(0), absent(1), absent(2), absent(60, "redirected to https://eng.belta.by/"), absent(61, "later")]
    assert [one.reason for one in periods(visits, {visits[1].at})] == ["redirected to https://eng.belta.by/"]


def test_the_latest_series_begins_after_the_last_visit_that_found_it() -> None:
    visits = [absent(0), there(1), absent(2), absent(3)]
    assert latest_series(visits) == tuple(visits[2:])
    assert latest_series(visits[:2]) == ()
    assert latest_series(visits[:1]) == (visits[0],)
    assert latest_series([]) == ()


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=30),
    st.sets(st.integers(0, 29), max_size=4),
)
def test_periods_are_in_order_apart_and_each_between_two_visits_that_found_it(
    drawn: list[tuple[bool, int]], facts: set[int]
) -> None:
    visits, hours = [], 0
    for found, later in drawn:
        hours += 1 + later
        visits.append(there(hours) if found else absent(hours))
    decided = {visits[at].at for at in facts if at < len(visits) and not visits[at].found}
    found_at = [visit.at for visit in visits if visit.found]
    result = periods(visits, decided)
    ends = [BEGIN]
    for one in result:
        assert ends[-1] <= one.since <= one.decided_at
        before = max(moment for moment in found_at if moment < one.since)
        assert not any(before < moment < one.decided_at for moment in found_at)
        assert one.returned_at == min((moment for moment in found_at if moment > one.since), default=None)
        ends.append(one.returned_at or datetime.max.replace(tzinfo=UTC))
    spans = [(one.since, one.returned_at or datetime.max.replace(tzinfo=UTC)) for one in result]
    archived = min(found_at, default=datetime.max.replace(tzinfo=UTC))
    for moment in decided:
        assert (moment < archived) or any(since <= moment < end for since, end in spans)


@pytest.mark.parametrize("walled", [False, True])
def test_patience_takes_both_visits_and_time(walled: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    visits, span = LONG_PATIENCE if walled else PATIENCE
    assert patient(visits, span, walled=walled)
    assert not patient(visits - 1, span * 9, walled=walled)
    assert not patient(visits * 9, span - timedelta(seconds=1), walled=walled)


def test_a_wall_asks_for_more_patience_than_one_story_does() -> None:
    assert LONG_PATIENCE[0] > PATIENCE[0]
    assert LONG_PATIENCE[1] > PATIENCE[1]


def test_an_absent_story_is_looked_at_soon_at_first_and_when_patience_ends() -> None:
    """As a crawl every minute would do it: how many visits there are until each decision, and when it comes."""
    now, visits = BEGIN, [BEGIN]
    while now - BEGIN < LONG_PATIENCE[1]:
        now = max(look_again_at(len(visits), BEGIN, now), now + timedelta(minutes=1))
        visits.append(now)
    assert visits[1] - BEGIN <= timedelta(minutes=1)
    assert BEGIN + PATIENCE[1] in visits
    assert visits[-1] == BEGIN + LONG_PATIENCE[1]
    assert len(visits) < 15


@given(st.integers(1, 100), st.integers(0, 1000), st.integers(0, 1000))
def test_an_absent_story_is_always_looked_at_again_within_a_week(absences: int, hours: int, later: int) -> None:
    now = BEGIN + hours * HOUR + later * timedelta(minutes=1)
    again = look_again_at(absences, BEGIN, now)
    assert now <= again <= now + RETRY_AFTER[-1]


@pytest.mark.parametrize(
    ("reading", "status", "url", "problem", "reason"),
    [
        ("gone", 404, ADDRESS, None, "HTTP status 404"),
        ("gone", 404, "https://eng.belta.by/", None, "HTTP status 404"),
        ("soft-404", 200, "https://eng.belta.by/", "x", "redirected to https://eng.belta.by/"),
        ("soft-404", 200, "https://eng.belta.by/society/", None, "redirected to https://eng.belta.by/society/"),
        ("soft-404", 200, "https://eng.belta.by/?q=tram", None, "redirected to https://eng.belta.by/?q=tram"),
        ("soft-404", 200, ADDRESS.replace("tram", "bus"), "x", f"redirected to {ADDRESS.replace('tram', 'bus')}"),
        ("soft-404", 200, ADDRESS, f"belta: Page not found ({ADDRESS})", "soft 404: Page not found"),
        ("soft-404", 200, ADDRESS.replace("https", "http"), "belta/2018: Nie ma: strony", "soft 404: Nie ma: strony"),
        ("soft-404", 200, ADDRESS.rstrip("/"), None, "soft 404: another page"),
    ],
)
def test_the_reason_says_what_came_instead(
    reading: str, status: int, url: str, problem: str | None, reason: str
) -> None:
    assert reason_of(reading, status, ADDRESS, url, problem) == reason


def test_a_reason_is_one_short_line_however_long_the_address_is() -> None:
    assert len(reason_of("soft-404", 200, ADDRESS, "https://eng.belta.by/" + "x" * 90_000, None)) <= 300
