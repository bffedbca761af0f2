"""The walks of listings by days, cursors, windows and sitemaps, an answer at a time, with coverage held in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import local_day
from crawler.errors import ArgumentError
from crawler.listing.feed import in_order
from crawler.listing.kinds import begin
from crawler.listing.sitemap import period_of
from crawler.listing.steps import Seen, Step
from crawler.sites.base import ListingKind
from tests.memory_archive import Entry, MemoryArchive, Shown

ZONE = ZoneInfo("Asia/Bishkek")  # UTC+6
NOON = datetime(2026, 3, 10, 6, tzinfo=UTC)  # 12:00 there
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MISSING = Shown(missing=True)
NOTHING = Shown()


def key(at: datetime) -> str:
    """Keys of these tests are times."""
    return at.isoformat()


def lines(times: Iterable[datetime]) -> tuple[Entry, ...]:
    return tuple(Entry(key(at), at, local_day(at, ZONE)) for at in times)


def every(span: timedelta, newest: datetime, oldest: datetime) -> list[datetime]:
    return [newest - number * span for number in range(int((newest - oldest) / span) + 1)]


@dataclass
class Crawl:
    """What one crawl asked for, and its last step."""

    asked: list[str]
    step: Step

    @property
    def said(self) -> tuple[str | None, bool]:
        return self.step.ended, self.step.complete


@dataclass
class Site:
    """One listing and its coverage. `answer` gives what a place shows."""

    kind: ListingKind
    answer: Callable[[str], Shown]
    begins: date | None = None
    name: str = "news"
    archive: MemoryArchive = field(default_factory=lambda: MemoryArchive(datetime.fromisoformat))

    def crawl(
        self, now: datetime = NOON, *, goal: date = date(2026, 3, 1), until: date | None = None, most: int = 500
    ) -> Crawl:
        """Walk; killed after `most` answers."""
        walk = begin(cast("Any", self), goal, today=local_day(now, ZONE), zone=ZONE, until=until)
        asked, step = [], Step()
        for number in range(1, most + 1):
            if walk.next is None:
                break
            asked.append(walk.next)
            page = int(walk.next) if self.kind == "wordpress" else number
            step = self.archive.take(walk, walk.next, page, self.answer(walk.next), now)
        assert len(asked) < 500, "the walk does not end"
        return Crawl(asked, step)

    @property
    def keys(self) -> set[str]:
        return {one for piece in self.archive.pieces for one in piece.keys if piece.kind != "apart"}

    @property
    def gaps(self) -> list[bool]:
        """Of each gap, whether it is lost."""
        return [newer.lost for newer, _ in self.archive.gaps()]


# --- days


@dataclass
class Diary:
    """A listing by days, `size` entries a page. On some days there is no news."""

    stories: list[datetime]
    size: int = 100
    quiet: Shown = NOTHING
    asked: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)

    def __call__(self, place: str) -> Shown:
        self.asked.append(place)
        if place in self.broken:
            return Shown(problem="HTTP status 500")
        day, number = place[:10], int(place[11:] or 1)
        listed = sorted((at for at in self.stories if str(local_day(at, ZONE)) == day), reverse=True)
        part = listed[(number - 1) * self.size : number * self.size]
        return Shown(lines(part), "more" if number * self.size < len(listed) else None) if part else self.quiet


def daily(*quiet: int, newest: datetime = NOON - HOUR) -> list[datetime]:
    """Four stories a day since 1 March, none on the quiet days of March."""
    times = every(6 * HOUR, newest, datetime(2026, 3, 1, tzinfo=UTC))
    return [at for at in times if local_day(at, ZONE).day not in quiet]


@pytest.mark.parametrize("quiet", [Shown(), MISSING])
def test_quiet_days_end_no_walk(quiet: Shown) -> None:
    diary = Diary(daily(3, 4, 5, 6, 8), quiet=quiet)
    site = Site("days", diary, begins=date(2026, 3, 1))
    crawl = site.crawl(goal=date.min)
    assert crawl.said == ("end", True)
    assert site.keys == set(map(key, diary.stories))
    assert crawl.asked == [f"2026-03-{day:02}" for day in range(10, 0, -1)]
    end = site.archive.pieces[0].end
    assert end is not None
    assert end.kind == "said"


def test_a_day_that_is_over_is_read_once_and_the_day_that_goes_on_by_every_crawl() -> None:
    diary = Diary(daily(7))
    site = Site("days", diary)
    site.crawl()
    for hours in (1, 2, 3):
        diary.stories.append(NOON + hours * HOUR)
        assert site.crawl(NOON + hours * HOUR).asked == ["2026-03-10"]
    assert site.crawl(NOON + DAY).asked == ["2026-03-11", "2026-03-10"]
    assert site.crawl(NOON + DAY + HOUR).asked == ["2026-03-11"]
    assert site.crawl(NOON + 4 * DAY).asked == ["2026-03-14", "2026-03-13", "2026-03-12", "2026-03-11"]
    assert site.keys == set(map(key, diary.stories))


@pytest.mark.parametrize(
    ("now", "asked"),
    [
        (datetime(2026, 3, 10, 17, 59, tzinfo=UTC), ["2026-03-10"]),
        (datetime(2026, 3, 10, 18, 1, tzinfo=UTC), ["2026-03-11", "2026-03-10"]),
    ],
)
def test_days_end_by_the_clock_of_the_edition(now: datetime, asked: list[str]) -> None:
    site = Site("days", Diary(daily()))
    site.crawl()
    assert site.crawl(now).asked == asked


def test_a_day_is_over_when_its_last_stories_had_time_to_be_listed() -> None:
    diary = Diary(daily())
    site = Site("days", diary)
    midnight = datetime(2026, 3, 10, 18, tzinfo=UTC)
    site.crawl(midnight + timedelta(minutes=2))
    diary.stories.append(midnight - timedelta(seconds=20))
    assert site.crawl(midnight + 2 * HOUR).asked == ["2026-03-11", "2026-03-10"]
    assert key(diary.stories[-1]) in site.keys
    assert site.crawl(midnight + 3 * HOUR).asked == ["2026-03-11"]


@given(
    kills=st.lists(st.integers(1, 6), max_size=12), size=st.sampled_from([2, 3, 100]), quiet=st.sets(st.integers(1, 9))
)
def test_a_walk_that_is_killed_anywhere_goes_on_where_it_stopped(kills: list[int], size: int, quiet: set[int]) -> None:
    diary = Diary(daily(*quiet), size)
    site = Site("days", diary, begins=date(2026, 3, 1))
    for most in kills:
        site.crawl(goal=date.min, most=most)
    assert site.crawl(goal=date.min).step.complete
    assert site.keys == set(map(key, diary.stories))
    assert site.gaps == []
    if size == 100 and not quiet:
        again = [place for place in diary.asked if place != "2026-03-10"]
        assert len(again) == len(set(again))


def test_pages_of_a_day_shift_and_no_story_slips_over_their_seam() -> None:
    diary = Diary(daily(), size=2)
    yesterday = [at for at in diary.stories if local_day(at, ZONE) == date(2026, 3, 9)]

    def answer(place: str) -> Shown:
        if place == "2026-03-09 2" and yesterday[0] in diary.stories:
            diary.stories.remove(yesterday[0])  # taken down after page 1 was read: all move up by one
        return diary(place)

    site = Site("days", answer)
    assert site.crawl().step.complete
    assert set(map(key, yesterday[1:])) <= site.keys


def test_a_day_whose_next_page_is_not_there_is_believed_by_the_second_crawl() -> None:
    diary = Diary(daily())

    def answer(place: str) -> Shown:
        shown = diary(place)
        return shown if " " in place else Shown(shown.entries, "more" if shown.entries else None)

    site = Site("days", answer)
    first = site.crawl()
    assert first.step.cut == "2026-03-09: page 1 of the day offers one more that is not there"
    assert site.crawl().said == ("goal", True)
    assert site.keys == set(map(key, (at for at in diary.stories if local_day(at, ZONE) >= date(2026, 3, 1))))


def test_days_that_the_site_denies_are_no_quiet_days_where_it_denies_all() -> None:
    diary = Diary(daily())
    site = Site("days", diary)
    site.crawl()
    diary.stories, diary.quiet = [], MISSING
    crawl = site.crawl(NOON + DAY)
    assert (crawl.step.complete, crawl.step.unrecognised) == (False, True)
    assert crawl.step.cut is not None
    assert crawl.step.cut.startswith("none of 11 answers from 2026-03-11 to 2026-03-01 shows an entry")


def test_a_quiet_morning_is_believed_without_asking_for_more() -> None:
    diary = Diary(daily())
    site = Site("days", diary)
    site.crawl(NOON + 14 * HOUR)
    assert site.crawl(NOON + 15 * HOUR).asked == ["2026-03-11"]


def test_a_day_that_cannot_be_read_leaves_a_hole_which_a_later_crawl_closes() -> None:
    diary = Diary(daily(), broken={"2026-03-05"})
    site = Site("days", diary)
    crawl = site.crawl()
    assert (crawl.said, crawl.step.cut) == (("goal", True), "2026-03-05: HTTP status 500")
    assert site.gaps == [False]
    assert site.crawl(NOON + HOUR).asked == ["2026-03-10", "2026-03-05"]
    diary.broken.clear()
    assert site.crawl(NOON + 2 * HOUR).asked == ["2026-03-10", "2026-03-05"]
    assert site.gaps == []
    assert site.keys == set(map(key, (at for at in diary.stories if local_day(at, ZONE) >= date(2026, 3, 1))))


def test_a_site_that_answers_nothing_any_more_cuts_the_walk() -> None:
    diary = Diary(daily(), broken={f"2026-03-{day:02}" for day in range(1, 9)})
    crawl = Site("days", diary).crawl()
    assert crawl.asked == ["2026-03-10", "2026-03-09", "2026-03-08", "2026-03-07", "2026-03-06"]
    assert crawl.step.cut == "2026-03-08: HTTP status 500 (and 2 more)"


def test_all_of_a_listing_by_days_needs_its_first_day() -> None:
    with pytest.raises(ArgumentError, match=r"listing 'news' has no first day.*begins = 2020-01-01.*since=2020-01-01"):
        Site("days", Diary([])).crawl(goal=date.min)


def test_a_date_is_asked_for_at_once() -> None:
    site = Site("days", Diary(daily()))
    crawl = site.crawl(goal=date(2026, 3, 3), until=date(2026, 3, 5))
    assert crawl.asked == ["2026-03-05", "2026-03-04", "2026-03-03"]
    assert site.archive.pieces[0].kind == "window"


def test_a_clock_that_was_ahead_makes_no_day_whole() -> None:
    diary = Diary(daily())
    site = Site("days", diary)
    site.crawl(NOON + 30 * DAY, goal=date(2026, 3, 1))
    diary.stories.append(NOON + HOUR)
    crawl = site.crawl(NOON + 2 * HOUR)
    assert crawl.asked[:3] == ["2026-03-10", "2026-03-09", "2026-03-08"]
    assert key(NOON + HOUR) in site.keys
    assert site.crawl(NOON + 3 * HOUR).asked == ["2026-03-10"]


def test_a_listing_that_was_of_another_kind_before_is_read_again() -> None:
    site = Site("cursor", Chain(daily()))
    site.crawl(goal=date.min, most=3)
    site.kind, site.answer = "days", Diary(daily())
    assert site.crawl().said == ("goal", True)
    assert len(site.archive.pieces) == 1


# --- cursors


@dataclass
class Chain:
    """An API. A cursor is the key of the last entry and the number of the answer that gave it."""

    stories: list[datetime]
    size: int = 5
    ends: str | None = None
    refused: Shown | None = None  # what a cursor of an earlier crawl leads to; None: to where it should
    answers: int = 0
    given: set[str] = field(default_factory=set)

    def __call__(self, place: str) -> Shown:
        self.answers += 1
        if place and place not in self.given and self.refused is not None:
            return self.refused
        after = datetime.fromisoformat(place.partition(" ")[0]) if place else None
        older = [at for at in sorted(self.stories, reverse=True) if after is None or at < after]
        part = older[: self.size]
        cursor = f"{key(part[-1])} {self.answers}" if len(older) > self.size else self.ends
        self.given.add(cursor or "")
        return Shown(lines(part), cursor)


def test_a_chain_is_walked_to_its_end_and_no_answer_is_asked_for_twice() -> None:
    chain = Chain(daily())
    site = Site("cursor", chain)
    crawl = site.crawl(goal=date.min)
    assert crawl.said == ("end", True)
    assert len(crawl.asked) == len(set(crawl.asked)) == -(-len(chain.stories) // 5)
    assert site.crawl(NOON + HOUR, goal=date.min).asked == [""]


@given(kills=st.lists(st.integers(1, 4), max_size=8), new=st.lists(st.integers(0, 12), min_size=9, max_size=9))
def test_a_killed_walk_goes_on_at_the_kept_cursor(kills: list[int], new: list[int]) -> None:
    chain = Chain(daily())
    site = Site("cursor", chain)
    for number, most in enumerate(kills):
        site.crawl(goal=date.min, most=most)
        newest = max(chain.stories)
        chain.stories += [newest + timedelta(minutes=minute + 1) for minute in range(new[number])]
    last = site.crawl(goal=date.min)
    assert last.step.complete
    assert site.keys == set(map(key, chain.stories))
    assert len(site.archive.pieces) == 1


def test_a_walk_leaps_to_the_kept_cursor() -> None:
    chain = Chain(daily(), size=3)
    site = Site("cursor", chain)
    first = site.crawl(goal=date.min, most=6)
    second = site.crawl(goal=date.min)
    assert second.asked[:2] == ["", first.step.resume]
    assert len(first.asked) + len(second.asked) <= len(chain.stories) // 3 + 2


@pytest.mark.parametrize("refused", [MISSING, Shown(), "the top"])
def test_a_cursor_that_has_expired_is_no_end_and_no_way_round(refused: Shown | str) -> None:
    chain = Chain(daily())
    site = Site("cursor", chain)
    site.crawl(goal=date.min, most=3)
    chain.given.clear()
    chain.refused = refused if isinstance(refused, Shown) else chain("")
    assert site.crawl(goal=date.min).said == ("end", True)
    assert site.keys == set(map(key, chain.stories))


@pytest.mark.parametrize("size", [1, 4])
def test_a_cursor_that_loops_is_caught_with_one_line_and_nothing_is_lost(size: int) -> None:
    chain = Chain(daily(), size, ends="again")

    def answer(place: str) -> Shown:
        return Shown(lines(sorted(chain.stories)[:size][::-1]), "again") if place == "again" else chain(place)

    site = Site("cursor", answer)
    first = site.crawl(goal=date.min)
    assert first.step.cut == "the cursor of the listing leads in a circle: 'again' was asked for before"
    assert site.keys == set(map(key, chain.stories))
    assert site.crawl(goal=date.min).said == ("end", True)
    end = site.archive.pieces[0].end
    assert end is not None
    assert end.kind == "open"


def test_a_circle_of_new_cursors_is_caught_as_well() -> None:
    chain = Chain(daily(), size=4)

    def answer(place: str) -> Shown:
        shown = chain("")
        return Shown(shown.entries, f"{place}x")

    crawl = Site("cursor", answer).crawl(goal=date.min)
    assert len(crawl.asked) <= 4
    assert crawl.step.cut == "the cursor of the listing leads back to what stands above it"


def test_answers_without_entries_are_passed_as_long_as_they_are_few() -> None:
    chain = Chain(daily())

    def answer(place: str) -> Shown:
        return chain(place[4:]) if place.startswith("from") else Shown((), f"from{place}")

    def endless(place: str) -> Shown:
        return Shown((), f"{place}x") if place else chain("")

    assert Site("cursor", answer).crawl(most=2).step.attach
    assert Site("cursor", endless).crawl().step.cut == "20 answers in a row show no entries"


def test_an_api_that_drops_its_oldest_loses_what_was_not_read_when_two_crawls_met_that() -> None:
    chain = Chain(every(HOUR, NOON - HOUR, NOON - 60 * HOUR))
    site = Site("cursor", chain)
    site.crawl(goal=date.min, most=2)
    chain.stories = every(HOUR, NOON + 100 * HOUR, NOON + 50 * HOUR)
    chain.refused = MISSING
    chain.given.clear()
    first = site.crawl(NOON + 100 * HOUR, goal=date.min)
    assert (first.step.cut, site.gaps) == ("the listing ends above what was seen before", [False])
    second = site.crawl(NOON + 101 * HOUR, goal=date.min)
    assert (second.said, site.gaps) == (("end", True), [True])


# --- windows


def feed(stories: Sequence[datetime], size: int = 10, *, timed: bool = True) -> Shown:
    entries = lines(stories[:size])
    return Shown(entries if timed else tuple(Entry(entry.key, None, entry.day) for entry in entries))


def test_below_the_first_window_nothing_is_known_and_nothing_is_lost() -> None:
    site = Site("feed", lambda _: feed(daily()))
    first = site.crawl(goal=date.min)
    assert (first.said, first.step.lost, first.step.cut) == (("end", True), False, None)
    end = site.archive.pieces[0].end
    assert end is not None
    assert end.kind == "open"


def test_a_window_that_shows_what_it_showed_changes_nothing() -> None:
    site = Site("feed", lambda _: feed(daily()))
    site.crawl(goal=date.min)
    step = site.crawl(NOON + HOUR, goal=date.min).step
    assert (step.attach, step.ended, step.complete, step.merge) == ((), "joined", True, 1)


@pytest.mark.parametrize("timed", [True, False])
def test_windows_that_overlap_are_one_piece_and_others_lose_what_lies_between_once(timed: bool) -> None:  # noqa: FBT001
    stories = every(HOUR, NOON, NOON - 60 * HOUR)
    shown = [stories[40:]]
    site = Site("feed", lambda _: feed(shown[0], timed=timed))
    site.crawl(goal=date.min)
    shown[0] = stories[32:]
    assert site.crawl(NOON + HOUR, goal=date.min).said == ("joined", True)
    assert site.gaps == []
    shown[0] = stories[10:]
    lost = site.crawl(NOON + 2 * HOUR, goal=date.min).step
    assert (lost.ended, lost.complete, lost.lost, site.gaps, site.archive.losses) == ("end", True, True, [True], 1)
    shown[0] = stories[5:]
    assert site.crawl(NOON + 3 * HOUR, goal=date.min).said == ("joined", True)
    assert (site.gaps, site.archive.losses) == ([True], 1)


def test_a_story_that_was_bumped_is_no_overlap() -> None:
    stories = every(HOUR, NOON, NOON - 60 * HOUR)
    shown = [stories[40:]]
    site = Site("feed", lambda _: feed(shown[0], timed=False))
    site.crawl(goal=date.min)
    shown[0] = [*stories[:4], stories[41], *stories[4:10]]
    assert site.crawl(NOON + HOUR, goal=date.min).step.lost


def test_two_old_stories_that_were_bumped_together_are_no_overlap() -> None:
    stories = every(HOUR, NOON, NOON - 60 * HOUR)
    shown = [stories[40:]]
    site = Site("feed", lambda _: feed(shown[0], timed=False))
    site.crawl(goal=date.min)
    shown[0] = [*stories[:8], stories[43], stories[44]]
    assert site.crawl(NOON + HOUR, goal=date.min).step.lost


def test_stories_taken_down_at_the_top_hide_no_overlap() -> None:
    stories = every(HOUR, NOON, NOON - 60 * HOUR)
    shown = [stories[40:]]
    site = Site("feed", lambda _: feed(shown[0], timed=False))
    site.crawl(goal=date.min)
    shown[0] = [stories[38], stories[39], *stories[42:50]]
    assert site.crawl(NOON + HOUR, goal=date.min).said == ("joined", True)


def test_a_story_with_a_new_time_does_not_stand_where_it_stood() -> None:
    at = [NOON - number * HOUR for number in range(4)]
    moved = Seen("b", 1, None, at[0], moved=True)
    entries = [moved, Seen("c", None, None, at[1]), Seen("d", None, None, at[2]), Seen("e", None, None, at[1])]
    assert [entry.key for entry in in_order(entries)] == ["c", "e"]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_the_order_of_a_window_is_its_longest_row_of_falling_times(numbers: list[int]) -> None:
    entries = [Seen(f"{place}", None, None, NOON - number * HOUR) for place, number in enumerate(numbers)]
    kept = [entry.at for entry in in_order(entries) if entry.at is not None]
    assert all(one >= two for one, two in pairwise(kept))
    longest = [1] * len(numbers)
    for here, number in enumerate(numbers):
        longest[here] = 1 + max((longest[place] for place in range(here) if numbers[place] <= number), default=0)
    assert len(kept) == max(longest)


def test_an_empty_window_is_not_recognised() -> None:
    step = Site("feed", lambda _: Shown()).crawl().step
    assert (step.cut, step.unrecognised) == ("the listing shows no entries", True)


def test_a_window_reaches_a_date_that_it_shows() -> None:
    site = Site("feed", lambda _: feed(daily(), size=30))
    assert site.crawl(goal=date(2026, 3, 8)).said == ("goal", True)
    assert site.crawl(NOON + HOUR, goal=date.min).said == ("end", True)


# --- sitemaps


@dataclass
class Sitemaps:
    """An index of sitemaps by month."""

    stories: list[datetime]
    broken: set[str] = field(default_factory=set)
    from_month: str = ""

    @staticmethod
    def child(at: datetime) -> str:
        return f"https://news.example/sitemap-{local_day(at, ZONE):%Y-%m}.xml"

    def __call__(self, place: str) -> Shown:
        listed = sorted(self.stories, reverse=True)
        if not place:
            children = dict.fromkeys(self.child(at) for at in listed)
            return Shown(places=tuple(child for child in children if child >= self.from_month))
        if place in self.broken:
            return Shown(problem="HTTP status 503")
        return Shown(lines(at for at in listed if self.child(at) == place))


def months() -> Sitemaps:
    return Sitemaps(every(3 * DAY, NOON - HOUR, datetime(2025, 11, 20, tzinfo=UTC)))


def child(month: str) -> str:
    return f"https://news.example/sitemap-{month}.xml"


def test_a_sitemap_whose_month_is_over_is_read_once() -> None:
    site = Site("sitemap", months())
    crawl = site.crawl(goal=date.min)
    assert crawl.asked == ["", *map(child, ("2026-03", "2026-02", "2026-01", "2025-12", "2025-11"))]
    assert crawl.said == ("end", True)
    assert site.crawl(NOON + HOUR, goal=date.min).asked == ["", child("2026-03")]
    april = NOON + 22 * DAY
    answers = cast("Sitemaps", site.answer)
    answers.stories += [april - HOUR, april - 2 * DAY]
    assert site.crawl(april, goal=date.min).asked == ["", child("2026-04"), child("2026-03")]
    assert site.crawl(april + HOUR, goal=date.min).asked == ["", child("2026-04")]
    assert site.keys == set(map(key, answers.stories))


def test_sitemaps_are_read_down_to_the_goal_and_from_a_date() -> None:
    site = Site("sitemap", months())
    crawl = site.crawl(goal=date(2026, 1, 15))
    assert (crawl.asked[1:], crawl.said) == ([child("2026-03"), child("2026-02"), child("2026-01")], ("goal", True))
    window = site.crawl(goal=date(2025, 12, 1), until=date(2025, 12, 20))
    assert window.asked == ["", child("2025-12")]


def test_a_sitemap_that_cannot_be_read_leaves_a_hole() -> None:
    site = Site("sitemap", months())
    answers = cast("Sitemaps", site.answer)
    answers.broken.add(child("2026-01"))
    crawl = site.crawl(goal=date.min)
    assert crawl.step.cut == f"{child('2026-01')}: HTTP status 503"
    assert site.gaps == [False]
    answers.broken.clear()
    site.crawl(NOON + HOUR, goal=date.min)
    assert (site.gaps, site.keys) == ([], set(map(key, answers.stories)))


def test_an_index_in_an_index_is_one_line() -> None:
    site = Site("sitemap", lambda place: Shown(places=(f"{place}/sitemap1.xml", f"{place}/sitemap2.xml")))
    crawl = site.crawl(goal=date.min)
    assert crawl.step.cut is not None
    assert crawl.step.cut.startswith("/sitemap1.xml: it names further sitemaps, as only an index may")
    assert len(crawl.asked) == 3


def test_an_index_that_dropped_its_old_sitemaps_loses_what_was_not_read() -> None:
    site = Site("sitemap", months())
    answers = cast("Sitemaps", site.answer)
    site.crawl(goal=date.min, most=2)
    answers.stories += every(3 * DAY, NOON + 90 * DAY, NOON)
    answers.from_month = child("2026-05")
    later = NOON + 90 * DAY
    assert site.crawl(later, goal=date.min).step.cut == "the listing ends above what was seen before"
    assert site.gaps == [False]
    assert site.crawl(later + HOUR, goal=date.min).step.complete
    assert site.gaps == [True]


def test_a_news_sitemap_is_a_window() -> None:
    stories = every(HOUR, NOON, NOON - 60 * HOUR)
    shown = [stories[40:]]
    site = Site("sitemap", lambda _: feed(shown[0]))
    assert site.crawl(goal=date.min).said == ("end", True)
    shown[0] = stories[:20]
    assert site.crawl(NOON + HOUR, goal=date.min).step.lost


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/sitemap-2026-02.xml", ("2026-02-01", "2026-02-28")),
        ("https://a.example/sitemaps/2024/02/29.xml", ("2024-02-29", "2024-02-29")),
        ("https://a.example/sitemap.xml?yyyy=2026&mm=03&dd=05", ("2026-03-05", "2026-03-05")),
        ("https://a.example/sitemap_20260305.xml.gz", ("2026-03-05", "2026-03-05")),
        ("https://a.example/news-2025.xml", ("2025-01-01", "2025-12-31")),
        ("https://news2020.example/post-sitemap7.xml", None),
        ("https://a.example/sitemap-2026-02-31.xml", ("2026-02-01", "2026-02-28")),
        ("https://a.example/sitemap-123456.xml", None),
        ("https://a.example/2024/sitemap-2026-03.xml", ("2026-03-01", "2026-03-31")),
    ],
)
def test_the_days_of_a_sitemap_are_read_from_its_address(address: str, expected: tuple[str, str] | None) -> None:
    found = period_of(address)
    assert (None if found is None else tuple(map(str, found))) == expected


# --- WordPress


def posts(stories: Sequence[datetime], size: int) -> Callable[[str], Shown]:
    def answer(place: str) -> Shown:
        number = int(place)
        part = stories[(number - 1) * size : number * size]
        return Shown(lines(part), end=number * size >= len(stories)) if part else MISSING

    return answer


def test_the_end_of_posts_is_said_and_nothing_below_it_is_asked_for() -> None:
    site = Site("wordpress", posts(daily(), 10))
    crawl = site.crawl(goal=date.min)
    assert (crawl.said, max(map(int, crawl.asked))) == (("end", True), 4)
    end = site.archive.pieces[0].end
    assert end is not None
    assert end.kind == "said"


def test_posts_that_roll_have_no_end_whatever_is_said() -> None:
    stories = every(HOUR, NOON, NOON - 99 * HOUR)
    site = Site("wordpress", posts(stories[60:], 10))
    site.crawl(goal=date.min, most=1)
    site.answer = posts(stories[:30], 10)
    first = site.crawl(NOON + HOUR, goal=date.min)
    assert first.step.cut == "the listing ends above what was seen before"
    second = site.crawl(NOON + 2 * HOUR, goal=date.min)
    assert (second.step.complete, second.step.lost) == (True, True)
    assert second.step.end is not None
    assert second.step.end.kind == "open"
