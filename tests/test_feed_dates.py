"""Times that carry their offset: those of feeds, and those of the archive."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dates import from_utc_text, local_day, parse_rfc822, utc_text

MINSK = ZoneInfo("Europe/Minsk")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 24 Aug 2022 14:41:00 +0300", "2022-08-24T11:41:00Z"),
        (" Wed,  24 Aug 2022\n14:41:00 +03:00 ", "2022-08-24T11:41:00Z"),
        ("24 Aug 2022 14:41 GMT", "2022-08-24T14:41:00Z"),
        ("Wed, 24-Aug-22 14:41:00 UT", "2022-08-24T14:41:00Z"),
        ("Wed, 24 Aug 2022 23:41:00 -0500", "2022-08-25T04:41:00Z"),
        ("Wed, 24 Aug 2022 14:41:00 -0000", "2022-08-24T14:41:00Z"),
        ("Thu, 01 Jul 2010 12:00:00 +0200", "2010-07-01T10:00:00Z"),
        ("Ср, 24 авг 2022 14:41:00 +0300", "2022-08-24T11:41:00Z"),
        ("Wed, 24 Aug 2022 14:41:00", None),
        ("Wed, 24 Aug 2022 14:41:00 CST", None),
        ("Wed, 24 Aug 2022 14:41:00 GMT+0300", None),
        ("Wed, 24 Aug 2022 14:41:00 +9900", None),
        ("Wed, 24 Aug 2022 14:41:00 +0360", None),
        ("Wed, 31 Feb 2022 14:41:00 +0300", None),
        ("Wed, 24 Aug 2022 25:41:00 +0300", None),
        ("2022-08-24T14:41:00+03:00", None),
        ("", None),
    ],
)
def test_the_offset_of_a_feed_is_believed(text: str, expected: str | None) -> None:
    moment = parse_rfc822(text)
    assert (None if moment is None else utc_text(moment)) == expected


def test_utc_text_is_to_the_second_in_utc() -> None:
    assert utc_text(datetime(2022, 8, 24, 14, 41, 59, 999_999, tzinfo=MINSK)) == "2022-08-24T11:41:59Z"
    assert utc_text(datetime(1, 1, 1, tzinfo=UTC)) == "0001-01-01T00:00:00Z"


def test_a_naive_moment_is_refused() -> None:
    naive = datetime(2022, 8, 24)  # noqa: DTZ001 - the point of the test
    for use in (utc_text, lambda moment: local_day(moment, MINSK)):
        with pytest.raises(ValueError, match="needs a zone"):
            use(naive)


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(
        datetime(1, 1, 2),  # noqa: DTZ001 - hypothesis wants naive bounds
        datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.sampled_from([UTC, MINSK, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia")]),
    )
)
def test_utc_text_is_read_back_and_sorts_as_time_does(moment: datetime) -> None:
    text = utc_text(moment)
    back = from_utc_text(text)
    assert back.tzinfo is UTC
    assert timedelta(0) <= moment.astimezone(UTC) - back < timedelta(seconds=1)
    assert utc_text(back) == text < utc_text(back + timedelta(seconds=1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2022-08-24",
        "2022-08-24T11:41:00",
        "2022-08-24 11:41:00Z",
        "2022-08-24T11:41:00z",
        "2022-08-24T11:41:00+00:00",
        "2022-08-24T14:41+03:00Z",
        "2022-08-24T24:00:00Z",
        "2022-02-30T11:41:00Z",
        "20220824T114100.000Z",
        "9999-12-31T23:59-0100Z",
    ],
)
def test_any_other_form_is_no_utc_text(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_utc_text(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=24) | st.text(alphabet="0123456789-T:Z+", min_size=20, max_size=20))
def test_from_utc_text_raises_nothing_but_value_error(text: str) -> None:
    try:
        moment = from_utc_text(text)
    except ValueError:
        return
    assert utc_text(moment) == text


def test_the_local_day_begins_at_local_midnight() -> None:
    assert local_day(from_utc_text("2022-08-23T20:59:59Z"), MINSK) == date(2022, 8, 23)
    assert local_day(from_utc_text("2022-08-23T21:00:00Z"), MINSK) == date(2022, 8, 24)
    assert local_day(from_utc_text("2010-01-01T21:59:59Z"), MINSK) == date(2010, 1, 1)
