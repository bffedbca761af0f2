"""From when to when an edition is covered: stretches of time without those that are missing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from storage.read.coverage.extent import extent_of, without
from storage.read.coverage.gaps import found_in, holes_of
from storage.read.reader import Row, open_reader
from storage.write.archive import Archive
from tests.sample_archive import Scribe, article

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
hours = st.integers(0, 100)


def at(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


@given(st.tuples(hours, hours).map(sorted), st.lists(st.tuples(st.none() | hours, hours)))
def test_what_is_left_of_a_stretch_is_every_moment_that_is_not_missing(
    span: list[int], missing: list[tuple[int | None, int]]
) -> None:
    gone = [(None if start is None else at(min(start, end)), at(end)) for start, end in missing]
    left = without((at(span[0]), at(span[1])), gone)
    for hour in range(span[0], span[1]):
        moment = at(hour)
        lost = any((start is None or start <= moment) and moment < end for start, end in gone)
        assert lost != any(start <= moment < end for start, end in left)
    assert all(at(span[0]) <= start <= end <= at(span[1]) for start, end in left)


def gap(number: int, start: int | None, end: int, state: str = "open", found: int = 200) -> Row:
    times = {"from_time": None if start is None else _text(start), "to_time": _text(end), "found_at": _text(found)}
    nothing = dict.fromkeys(("crawl_id", "older_key", "newer_key", "lost_at", "reason"))
    return {"gap_id": number, "listing": "pages", "state": state, **times, **nothing}


def _text(hour: int) -> str:
    return f"{at(hour):%Y-%m-%dT%H:%M:%SZ}"


@given(st.lists(st.tuples(st.none() | hours, hours, st.sampled_from(["open", "lost"]), st.sampled_from([200, 201]))))
def test_every_gap_is_in_one_hole_and_no_hole_is_open_and_lost(
    told: list[tuple[int | None, int, str, int]],
) -> None:
    rows = [
        gap(number, None if start is None else min(start, end), end, state, found)
        for number, (start, end, state, found) in enumerate(told)
    ]
    found = found_in(rows, ZoneInfo("Europe/Minsk"))
    assert sorted(row["gap_id"] for hole in found for row in hole.gaps) == list(range(len(rows)))
    for hole in found:
        assert len({(row["state"], row["found_at"]) for row in hole.gaps}) == 1
        words = hole.words(date(2026, 3, 31))
        assert words.count("\n") == 0
        assert "missing" in words


def test_extent_is_what_was_walked_without_its_holes(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "wire.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(article("1-2026", "Old news", "Long ago.", minutes=-4 * 24 * 60))
        scribe.walk(bottom_key="1-2026", goal="0001-01-01", ended="end", end_kind="open")
        scribe.gap("2026-03-07T09:00:00Z", "2026-03-08T09:00:00Z")
        scribe.loss("2026-03-08T12:00:00Z", "2026-03-09T09:00:00Z")
    with open_reader(str(tmp_path / "wire.db")) as reader:
        told = extent_of(reader, "belta-eng", holes_of(reader, "belta-eng")).sentences(date(2026, 3, 31))
        assert extent_of(reader, "belta-rus", []).sentences(date(2026, 3, 31)) == []
    assert told == [
        "whole from 9 March, 12:00 to 10 March, 12:00",
        "whole from 8 March, 12:00 to 15:00",
        "whole from 6 March, 12:00 to 7 March, 12:00",
        "what is older than 6 March, 12:00 is not known: the listing ends there",
    ]
