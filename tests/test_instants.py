"""Instants in the wording of any site: machine forms, wall clocks, dates without a year, "2 hours ago"."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import months_in, utc_text
from crawler.instants import Place, parse_instant

DHAKA = ZoneInfo("Asia/Dhaka")  # UTC+6
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def read(text: str, language: str = "en", zone: str = "Asia/Dhaka", day: date | None = None) -> str | None:
    found = parse_instant(text, Place(language, ZoneInfo(zone), NOON, day))
    return None if found is None else f"{utc_text(found.at)} {found.precision}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05T14:05:00+06:00", "2026-03-05T08:05:00Z offset"),
        ("2026-03-05 14:05:09.123456+06", "2026-03-05T08:05:09Z offset"),
        ("2026-03-05T14:05Z", "2026-03-05T14:05:00Z offset"),
        ("20260305T140500Z", "2026-03-05T14:05:00Z offset"),
        ("2026-03-05 14:05 UTC", "2026-03-05T14:05:00Z offset"),
        ("2026-03-05T14:05:00", "2026-03-05T08:05:00Z zone"),
        ("2026-03-05", "2026-03-04T18:00:00Z day"),
        ("1772700000", "2026-03-05T08:40:00Z offset"),
        ("1772700000123", "2026-03-05T08:40:00Z offset"),
        ("0000000000", None),
        ("Thu, 05 Mar 2026 14:05:00 +0600", "2026-03-05T08:05:00Z offset"),
        ("Thu, 05 Mar 2026 14:05:00 GMT", "2026-03-05T14:05:00Z offset"),
        ("2026-13-01", None),
        ("2026-02-30T10:00", None),
        ("2026-03-05T25:00", None),
    ],
)
def test_forms_for_machines(text: str, expected: str | None) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 March 2026, 2:05 PM", "2026-03-05T08:05:00Z zone"),
        ("March 5, 2026 at 2:05 p.m.", "2026-03-05T08:05:00Z zone"),
        ("Mar 5th 2026 | 12:00 a.m.", "2026-03-04T18:00:00Z zone"),
        ("5 March 2026 12:30 pm", "2026-03-05T06:30:00Z zone"),
        ("5 March 2026, 2 pm", "2026-03-05T08:00:00Z zone"),
        ("5 March 2026, 13:05 PM", None),
        ("5 March 2026, 24:05", None),
        ("Sunday, March 1, 2026 - 14:05", "2026-03-01T08:05:00Z zone"),
        ("Published: 5 March 2026 14:05 (GMT+6)", "2026-03-05T08:05:00Z offset"),
        ("5 March 2026 14:05 UTC", "2026-03-05T14:05:00Z offset"),
        ("5 March 2026 14:05 UTC-3:30", "2026-03-05T17:35:00Z offset"),
        ("5 March 2026, 14:05 +0100", "2026-03-05T13:05:00Z offset"),
        ("5 March 2026, 10:00-11:30", "2026-03-05T04:00:00Z zone"),  # from ten to half past eleven
        ("14:05, 5 March 2026", "2026-03-05T08:05:00Z zone"),
        ("05.03.2026 14:05", "2026-03-05T08:05:00Z zone"),
        ("05.03.26", "2026-03-04T18:00:00Z day"),
        ("2026/03/05 14:05", "2026-03-05T08:05:00Z zone"),
        ("30 February 2026 10:00", None),
        ("Views 120", None),
        ("March 2026", None),
        ("", None),
    ],
)
def test_wall_clock_is_read_in_the_zone_of_the_edition(text: str, expected: str | None) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("ru", "5 марта 2026 г., 14:05", "2026-03-05T08:05:00Z zone"),
        ("uk", "5 березня 2026, 14:05", "2026-03-05T08:05:00Z zone"),
        ("kk", "2024 жылғы 5 наурыз, 14:05", "2024-03-05T08:05:00Z zone"),
        ("ky", "5-март, 2026", "2026-03-04T18:00:00Z day"),
        ("ro", "5 martie 2026 14:05", "2026-03-05T08:05:00Z zone"),
        ("de", "05.03.2026, 14:05 Uhr", "2026-03-05T08:05:00Z zone"),
        ("fr", "5 mars 2026 à 14h05", "2026-03-05T08:05:00Z zone"),
        ("hu", "2024. március 5. 14:05", "2024-03-05T08:05:00Z zone"),
        ("hi", "5 मार्च 2026, 14:05", "2026-03-05T08:05:00Z zone"),
        ("zh", "2026年3月5日 14:05", "2026-03-05T08:05:00Z zone"),
        ("und", "5 March 2026 14:05", "2026-03-05T08:05:00Z zone"),
        ("no tag", "5 March 2026 14:05", "2026-03-05T08:05:00Z zone"),
    ],
)
def test_months_are_known_in_any_language(language: str, text: str, expected: str) -> None:
    assert read(text, language) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "05/03/2026", None),
        ("en", "25/03/2026", "2026-03-24T18:00:00Z day"),
        ("en", "03/25/2026", "2026-03-24T18:00:00Z day"),
        ("en", "03/03/2026", "2026-03-02T18:00:00Z day"),
        ("en-GB", "05/03/2026 14:05", "2026-03-05T08:05:00Z zone"),
        ("en-US", "03/05/2026 14:05", "2026-03-05T08:05:00Z zone"),
        ("fr", "05/03/2026", "2026-03-04T18:00:00Z day"),
    ],
)
def test_day_and_month_that_may_be_either_give_no_instant(language: str, text: str, expected: str | None) -> None:
    assert read(text, language) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4 March, 2:05 PM", "2026-03-04T08:05:00Z zone"),
        ("31 December 23:50", "2025-12-31T17:50:00Z zone"),
        ("6 March, 01:00", "2026-03-05T19:00:00Z zone"),  # the night shift is ahead of the sighting
        ("8 March, 01:00", "2025-03-07T19:00:00Z zone"),
        ("05.03 14:05", "2026-03-05T08:05:00Z zone"),
        ("29 February 10:00", "2024-02-29T04:00:00Z zone"),
    ],
)
def test_missing_year_is_the_nearest_to_the_sighting(text: str, expected: str) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "2 hours ago", "2026-03-05T10:00:00Z relative"),
        ("en", "1 minute ago", "2026-03-05T11:59:00Z relative"),
        ("ru", "2 часа назад", "2026-03-05T10:00:00Z relative"),
        ("uk", "3 дні тому", "2026-03-02T12:00:00Z relative"),
        ("en", "Today, 14:05", "2026-03-05T08:05:00Z zone"),
        ("en", "yesterday at 9:30 PM", "2026-03-04T15:30:00Z zone"),
        ("ru", "вчера, 14:05", "2026-03-04T08:05:00Z zone"),
        ("en", "Today", "2026-03-04T18:00:00Z day"),
    ],
)
def test_relative_times_count_from_the_sighting(language: str, text: str, expected: str) -> None:
    assert read(text, language) == expected


def test_bare_clock_needs_the_day_of_the_listing() -> None:
    assert read("11:59 PM") is None
    assert read("11:59 PM", day=date(2026, 2, 1)) == "2026-02-01T17:59:00Z zone"
    assert read("31 January, 11:59 PM", day=date(2024, 2, 1)) == "2024-01-31T17:59:00Z zone"


def test_doubled_hour_is_the_first() -> None:
    assert read("25 October 2026 02:30", zone="Europe/Berlin") is not None
    assert read("25 October 2026 02:30", zone="Europe/Berlin") == "2026-10-25T00:30:00Z zone"


@given(st.text(max_size=300), st.sampled_from(["en", "ru", "kk", "zh", "und", "x"]))
def test_any_text_is_answered(text: str, language: str) -> None:
    found = parse_instant(text, Place(language, DHAKA, NOON))
    assert found is None or found.at.utcoffset() == timedelta(0)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis wants them naive
def test_printed_moment_comes_back(moment: datetime) -> None:
    clock = moment.replace(second=0, microsecond=0, tzinfo=DHAKA)
    expected = f"{utc_text(clock)} zone"
    assert read(clock.strftime("%d %B %Y, %I:%M %p")) == expected
    assert read(clock.strftime("%B %d, %Y %H:%M")) == expected
    assert read(clock.isoformat()) == f"{utc_text(clock)} offset"


def test_months_of_the_cldr_are_twelve() -> None:
    for language in ("uk", "kk", "ky", "ro", "tr", "fr"):
        assert set(months_in(language).values()) == set(range(1, 13))
