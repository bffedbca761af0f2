"""Printed times, as the dossier of the site lists them, and everything that is none."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.dates import (
    from_utc_text,
    parse_day,
    parse_rfc822,
    parse_stamp,
    utc_text,
)
from tests.printed_months import PRINTED

MINSK = ZoneInfo("Europe/Minsk")


def stamp(text: str, language: str = "en", near: date | None = None) -> str | None:
    """What is read, as the archive keeps it."""
    moment = parse_stamp(text, language=language, timezone=MINSK, near=near)
    return None if moment is None else utc_text(moment)


def month_word(moment: datetime, language: str) -> str:
    return PRINTED[language].split()[moment.month - 1]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("02 October 2026, 11:54", "en", "2026-10-02T08:54:00Z"),
        ("2 October 2026, 11:54", "en-GB", "2026-10-02T08:54:00Z"),
        ("  \n\t 02 October 2026,\n   11:54 ", "en", "2026-10-02T08:54:00Z"),
        ("02 OCTOBER 2026 11:54:07", "en", "2026-10-02T08:54:07Z"),
        ("08 января 2026, 19:51", "ru", "2026-01-08T16:51:00Z"),
        ("8 янв. 2026 г., в 19:51", "ru", "2026-01-08T16:51:00Z"),
        ("08\u00a0января\u00a02026,\u202f19:51", "ru", "2026-01-08T16:51:00Z"),
        ("\ufeff08\u2009янва\u00adря 20\u200b26, 19\u2060:51", "ru", "2026-01-08T16:51:00Z"),
        ("08\ufffeянваря\ufffd2026, 19:51", "ru", "2026-01-08T16:51:00Z"),
        ("25 Februar 2024, 16:28", "de", "2024-02-25T13:28:00Z"),
        ("25. Februar 2024 um 16:28 Uhr", "de", "2024-02-25T13:28:00Z"),
        ("03 Marz 2024, 16:28", "de", "2024-03-03T13:28:00Z"),
        ("22.05.2018 | 14:39", "de", "2018-05-22T11:39:00Z"),
        ("Politik 22.05.2018 | 14:39", "de", "2018-05-22T11:39:00Z"),
        ("Politik22.05.18|14:39 Druckversion", "de", "2018-05-22T11:39:00Z"),
        ("02 Septriembre 2024, 17:56", "es", "2024-09-02T14:56:00Z"),
        ("2 de septiembre de 2024, a las 17:56", "es", "2024-09-02T14:56:00Z"),
        ("03 Listopada 2024, 20:21", "pl", "2024-11-03T17:21:00Z"),
        ("3 listopada 2024 r., godz. 20:21", "pl", "2024-11-03T17:21:00Z"),
        ("03 pazdziernika 2024, 20:21", "pl", "2024-10-03T17:21:00Z"),
        ("05 жніўня 2023, 09:05", "be", "2023-08-05T06:05:00Z"),
        ("2022-05-28 07:00", "ru", "2022-05-28T04:00:00Z"),
        ("2026-07-28 17:18:00", "zh", "2026-07-28T14:18:00Z"),
        ("2026年7月28日 17:18", "zh", "2026-07-28T14:18:00Z"),
        ("2026年07月28日17:18", "zh", "2026-07-28T14:18:00Z"),
        ("2026年十一月28日 星期六 17:18", "zh-Hans", "2026-11-28T14:18:00Z"),
        ("２０２６年７月２８日　１７：１８", "zh", "2026-07-28T14:18:00Z"),
        ("2026/07/28 17:18", "zh", "2026-07-28T14:18:00Z"),
        ("15:43 26 April 2018", "en", "2018-04-26T12:43:00Z"),
        ("15:43, 26 апреля 2018", "ru", "2018-04-26T12:43:00Z"),
        ("15:43 26.04.2018", "pl", "2018-04-26T12:43:00Z"),
        ("15:43 2018-04-26", "zh", "2018-04-26T12:43:00Z"),
    ],
)
def test_every_printed_form_is_read_as_minsk_time(text: str, language: str, expected: str) -> None:
    assert stamp(text, language) == expected


@pytest.mark.parametrize("offset", ["", "Z", "+00:00", "+0000", "-05:00", ".000+00:00", ".5Z"])
def test_an_offset_beside_a_printed_time_is_not_believed(offset: str) -> None:
    assert stamp("2026-10-02T11:54:00" + offset) == "2026-10-02T08:54:00Z"


@pytest.mark.parametrize("language", ["en", "zh", "be", "fr", "", "x-none"])
def test_an_edition_may_leave_a_stamp_in_the_words_of_another_language(language: str) -> None:
    assert stamp("08 января 2026, 19:51", language) == "2026-01-08T16:51:00Z"
    assert stamp("03 Listopada 2024, 20:21", language) == "2024-11-03T17:21:00Z"


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (date(2018, 8, 8), "2018-08-07T12:01:00Z"),
        (date(2018, 8, 7), "2018-08-07T12:01:00Z"),
        (date(2018, 8, 5), "2018-08-07T12:01:00Z"),
        (date(2018, 8, 4), "2017-08-07T12:01:00Z"),
        (date(2018, 1, 1), "2017-08-07T12:01:00Z"),
        (datetime(2018, 8, 8, 1, 1, tzinfo=MINSK), "2018-08-07T12:01:00Z"),
        (None, None),
    ],
)
def test_a_stamp_without_year_is_the_latest_not_after_the_reference(near: date | None, expected: str | None) -> None:
    assert stamp("7 August, 15:01", near=near) == expected


def test_a_stamp_without_year_passes_over_new_year_in_both_directions() -> None:
    assert stamp("31 декабря, 23:50", "ru", date(2026, 1, 1)) == "2025-12-31T20:50:00Z"
    assert stamp("1 января, 00:10", "ru", date(2025, 12, 31)) == "2025-12-31T21:10:00Z"


def test_a_chinese_stamp_without_year_is_read() -> None:
    assert stamp("8月7日 15:01", "zh", date(2018, 8, 8)) == "2018-08-07T12:01:00Z"
    assert stamp("99年8月7日 15:01", "zh", date(2018, 8, 8)) is None


def test_a_leap_day_without_year_goes_back_to_a_leap_year() -> None:
    assert stamp("29 February, 10:00", near=date(2027, 6, 1)) == "2024-02-29T07:00:00Z"
    assert stamp("29 February, 10:00", near=date(2024, 2, 26)) == "2020-02-29T07:00:00Z"


@pytest.mark.parametrize("near", [date.min, date.max, date(1900, 1, 1), date(2099, 12, 31)])
def test_a_reference_at_the_end_of_the_calendar_is_no_error(near: date) -> None:
    parse_stamp("29 February, 10:00", language="en", timezone=MINSK, near=near)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Politics",
        "11:54",
        "02 October 2026",
        "Tuesday, 2 June 2020",
        "7 August, 15:01",
        "31 February 2024, 10:00",
        "31.02.2024 | 10:00",
        "2023-02-29 10:00",
        "2024-13-01 10:00",
        "00 May 2024, 10:00",
        "02 October 2026, 25:61",
        "02 October 2026, 24:00",
        "02 October 2026, 11:60",
        "02 October 2026, 11:5",
        "02 October 2026, 11:547",
        "02 October 2026, 11:54:60",
        "02 October 2026, 05:54 PM",
        "02 October 2026, 05:54 p.m.",
        "02 October 0226, 11:54",
        "02 October 20260, 11:54",
        "02 October 2611, 11:54",
        "02 people 2026, 11:54",
        "102.05.2018 | 14:39",
        "192.168.10.20 14:39",
        "2026年7月28日 下午5:18",
        "02 October 2026, \ud800",
        "٠٢ October ٢٠٢٦, ١١:٥٤",
    ],
)
def test_what_is_no_whole_possible_stamp_is_none(text: str) -> None:
    assert stamp(text) is None


def test_an_impossible_stamp_is_not_replaced_by_another_one_on_the_page() -> None:
    assert stamp("31.02.2024 | 14:39 and 01.02.2024 | 14:40") is None


def test_minsk_summer_time_before_2011_is_known() -> None:
    assert stamp("01 July 2010, 12:00") == "2010-07-01T09:00:00Z"
    assert stamp("01 January 2010, 12:00") == "2010-01-01T10:00:00Z"
    assert stamp("01 January 2012, 12:00") == "2012-01-01T09:00:00Z"


def test_a_wall_time_that_came_twice_is_the_first_of_the_two() -> None:
    assert stamp("31 October 2010, 02:30") == "2010-10-30T23:30:00Z"


def test_a_wall_time_that_never_was_is_counted_on_from_before_the_change() -> None:
    assert stamp("28 March 2010, 02:30") == stamp("28 March 2010, 03:30") == "2010-03-28T00:30:00Z"


Printer = Callable[[datetime, str], str]
FORMS: dict[str, Printer] = {
    "stamp": lambda moment, language: f"{moment:%d} {month_word(moment, language)} {moment:%Y, %H:%M}",
    "stamp without zero": lambda moment, language: f"{moment.day} {month_word(moment, language)} {moment:%Y, %H:%M}",
    "no-break": lambda moment, language: (
        f"{moment:%d}\u00a0{month_word(moment, language)}\u00a0{moment:%Y,\u2009%H:%M}"
    ),
    "video": lambda moment, language: f"{moment:%H:%M %d} {month_word(moment, language)} {moment:%Y}",
    "before 2018": lambda moment, _: f"Politik {moment:%d.%m.%Y | %H:%M}",
    "amp": lambda moment, _: f"{moment:%Y-%m-%d %H:%M}",
    "meta": lambda moment, _: f"{moment:%Y-%m-%d %H:%M:00}",
    "false offset": lambda moment, _: f"{moment:%Y-%m-%dT%H:%M:00}+00:00",
    "chinese": lambda moment, _: f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}",
}
MINUTES = st.integers(0, 26 * 366 * 24 * 60).map(lambda n: datetime(2005, 1, 1, tzinfo=UTC) + timedelta(minutes=n))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", PRINTED)
@settings(max_examples=25, deadline=None)
@given(moment=MINUTES)
@example(moment=datetime(2010, 10, 31, 0, 30, tzinfo=UTC))  # the second 02:30 of that night
def test_every_minute_printed_in_any_form_and_language_is_read_back(language: str, form: str, moment: datetime) -> None:
    wall = moment.astimezone(MINSK)
    text = FORMS[form](wall, language)
    assert parse_stamp(text, language=language, timezone=MINSK) == wall.replace(fold=0).astimezone(UTC)


@settings(max_examples=50, deadline=None)
@given(moment=MINUTES, language=st.sampled_from(sorted(PRINTED)), late=st.timedeltas(timedelta(0), timedelta(days=300)))
def test_a_stamp_without_year_is_read_back_for_most_of_a_year(moment: datetime, language: str, late: timedelta) -> None:
    wall = moment.astimezone(MINSK)
    text = f"{wall.day} {month_word(wall, language)}, {wall:%H:%M}"
    read = parse_stamp(text, language=language, timezone=MINSK, near=(wall + late).date())
    assert read == wall.replace(fold=0).astimezone(UTC)


PIECES = st.sampled_from(
    [
        *"0123456789:.,|-/ T+Z年月日\u00a0\u200b\ud800\0",
        "2026",
        "11:54",
        "02.10.2026",
        " October ",
        " мая ",
        "de ",
        "PM",
        "İ",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    text=st.text() | st.lists(PIECES, max_size=40).map("".join),
    language=st.sampled_from([*PRINTED, "fr", ""]),
    near=st.none() | st.dates(),
)
def test_no_text_makes_the_readers_raise(text: str, language: str, near: date | None) -> None:
    for read in (parse_stamp(text, language=language, timezone=MINSK, near=near), parse_rfc822(text)):
        assert read is None or read.utcoffset() == timedelta(0)
    day = parse_day(text, language=language)
    assert day is None or 1900 <= day.year <= 2099


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "a", "1 a", " ", "\u00a0", "1.", "1:", "11:11 ", "11 мая ", "2026-", "\ufdfa", "年"]
)
def test_endless_text_is_read_in_no_time(piece: str) -> None:
    begin = time.process_time()
    for read in (parse_stamp(piece * 1_000_000, language="ru", timezone=MINSK), parse_rfc822(piece * 1_000_000)):
        assert read is None
    assert parse_day(piece * 1_000_000) is None
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("09.01.26", "en", date(2026, 1, 9)),
        ("09\n  .01.26\n", "en", date(2026, 1, 9)),
        ("21 .02.26", "de", date(2026, 2, 21)),
        ("21 . 02 . 26", "de", date(2026, 2, 21)),
        ("Nachrichten 21.02.2026", "de", date(2026, 2, 21)),
        ("2026-02-21", "zh", date(2026, 2, 21)),
        ("2026年2月21日", "zh", date(2026, 2, 21)),
        ("21 февраля 2026", "ru", date(2026, 2, 21)),
        ("Tuesday, 2 June 2020", "en", date(2020, 6, 2)),
        ("29.02.24", "en", date(2024, 2, 29)),
        ("29.02.26", "en", None),
        ("14:41", "en", None),
        ("7 August", "en", None),
        ("1.2.3.4", "en", None),
        ("10.11.12.13", "en", None),
        ("", "en", None),
    ],
)
def test_a_day_separator_is_read(text: str, language: str, expected: date | None) -> None:
    assert parse_day(text, language=language) == expected


@settings(max_examples=100, deadline=None)
@given(day=st.dates(date(2000, 1, 1), date(2099, 12, 31)), language=st.sampled_from(sorted(set(PRINTED) - {"zh"})))
def test_every_day_of_the_century_is_read_back(day: date, language: str) -> None:
    named = f"{day.day} {PRINTED[language].split()[day.month - 1]} {day.year}"
    for text in (f"{day:%d}\n.{day:%m.%y}", f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}", named):
        assert parse_day(text, language=language) == day


@pytest.mark.parametrize(
    "text",
    [
        "2022-08-24 11:41:00Z", "2022-W34-3T11:41:00Z", "2022-08-24T24:00:00Z", "2022-08-24T11:41:60Z",
        "2022-02-30T11:41:00Z", "0000-01-01T00:00:00Z", "2022-08-24T11:41:00+", "2022-08-24T11:41:00Z\n", "",
        "٢٠٢٢-08-24T11:41:00Z",
    ],
)  # fmt: skip
def test_a_time_in_the_archive_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_utc_text(text)


@given(st.integers(-30_000_000_000, 200_000_000_000))
def test_a_time_in_the_archive_is_read_as_it_was_written(seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert from_utc_text(utc_text(moment)) == moment
