"""What happens to the miniature agency, and that it is a function of seed and time."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spiders.demo.agency import Agency
from spiders.demo.dress import Dress
from spiders.demo.history import History
from spiders.demo.newspaper import Newspaper, Reply
from spiders.demo.respond import respond
from spiders.demo.stories import Story, write
from spiders.demo.turmoil import Turmoil, random_history

NOON = datetime(2026, 11, 23, 9, tzinfo=UTC)  # 12:00 in Minsk
SMALL = Turmoil(days=1, backlog=15, per_day=25, changes=2)


def stories(count: int, gap: timedelta = timedelta(minutes=10)) -> list[Story]:
    """Oldest first."""
    return [write(3, index, NOON + gap * index) for index in range(count)]


def agency_of(published: list[Story]) -> Agency:
    agency = Agency(NOON)
    for story in published:
        agency.publish(story)
    return agency


class Fixed:
    """A newsroom in which nothing happens any more."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency

    def at(self, now: datetime) -> Agency:  # noqa: ARG002
        return self.agency


def ask(agency: Agency, path: str) -> Reply:
    return respond(Newspaper(Fixed(agency)), path, {}, NOON)


def test_the_listing_is_newest_first_and_a_late_story_goes_where_its_date_puts_it() -> None:
    first, second, late, third = stories(4)
    agency = agency_of([first, second, third])
    agency.insert_late(late)
    assert [story.key for story in agency.listed(0, 9)] == [third.key, late.key, second.key, first.key]


def test_a_story_put_below_the_top_stays_within_its_day() -> None:
    old, *new = stories(4, gap=timedelta(hours=13))
    agency = agency_of([old, *new[:2]])
    agency.publish(new[2], below=3)
    assert new[2].local.date() != new[1].local.date()
    assert agency.keys[0] == new[2].key


def test_a_key_is_used_once() -> None:
    story = stories(1)[0]
    agency = agency_of([story])
    with pytest.raises(ValueError, match=story.key):
        agency.publish(story)


@pytest.mark.parametrize("status", [404, 410])
def test_a_deleted_story_is_gone_and_a_restored_one_is_back_in_its_place(status: int) -> None:
    published = stories(5)
    agency, story = agency_of(published), published[2]
    agency.pin(story.key)
    agency.delete(story.key, 404 if status == 404 else 410)
    assert ask(agency, story.path).status == status
    assert story.key not in agency.keys
    assert not agency.pinned
    agency.restore(story.key)
    assert ask(agency, story.path).status == 200
    assert agency.keys[2] == story.key
    with pytest.raises(KeyError):
        agency.restore(story.key)


def test_a_renamed_story_redirects_or_is_not_found_under_its_old_address() -> None:
    one, other = stories(2)
    agency = agency_of([one, other])
    agency.rename(one.key, "a-better-name", 301)
    agency.rename(other.key, "another-name", 404)
    moved = ask(agency, one.path)
    assert (moved.status, moved.header("location")) == (301, agency.story(one.key).path)
    assert ask(agency, agency.story(one.key).path).status == 200
    assert ask(agency, other.path).status == 404
    agency.rename(one.key, one.slug, 404)
    assert ask(agency, one.path).status == 200


def test_an_edit_changes_the_text_and_neither_address_nor_place() -> None:
    published = stories(3)
    agency, story = agency_of(published), published[1]
    agency.rename(story.key, "renamed", 301)
    changed = write(9, 9, story.published, story.id)
    agency.edit(
        Story(story.id, story.year, "ignored", story.rubric, changed.headline, None, ("New.",), story.published)
    )
    assert agency.keys[1] == story.key
    assert agency.story(story.key).slug == "renamed"
    assert "New." in ask(agency, agency.story(story.key).path).body.decode()


def snapshot(history: History, now: datetime) -> list[bytes]:
    agency = history.at(now)
    paper = Newspaper(history, calm=True)
    paths = ["/all_news/", "/all_news/page/2/", *(story.path for story in agency.listed(0, 30))]
    return [respond(paper, path, {}, now).body for path in paths]


@given(seed=st.integers(0, 10**6), hours=st.lists(st.floats(0, 60), min_size=2, max_size=5))
@settings(max_examples=15)
def test_the_state_at_a_time_does_not_depend_on_who_asked_before(seed: int, hours: list[float]) -> None:
    asked, fresh = random_history(seed, SMALL), random_history(seed, SMALL)
    times = [SMALL.start + timedelta(hours=passed) for passed in hours]  # forward and back again
    for now in times:
        snapshot(asked, now)
    assert snapshot(asked, times[-1]) == snapshot(fresh, times[-1])


@given(seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_every_random_history_can_be_played_to_its_end(seed: int) -> None:
    history = random_history(seed, SMALL)
    agency = history.at(SMALL.end + timedelta(days=30))
    keys = {event.key for event in history.events}
    truth = history.truth(SMALL.end + timedelta(days=30))
    assert set(agency.keys) <= keys
    assert len(set(agency.keys)) == len(agency.keys)
    for key in keys:
        held = agency.find(key)
        assert held is not None
        assert (held.status == 200) == (key in agency.keys)
        assert truth[key][-1] == held


def test_random_histories_hold_everything_that_an_agency_was_feared_to_do() -> None:
    names: Counter[str] = Counter()
    for seed in range(8):
        names.update(event.name for event in random_history(seed).events)
    expected = {"publish", "insert", "edit", "return", "rename", "delete", "restore", "pin", "unpin"}
    assert set(names) == expected
    assert all(names[name] >= 5 for name in expected)
    assert names["publish"] > names["edit"] > names["delete"] > names["restore"]


def test_nothing_appears_below_the_newest_two_days() -> None:
    shape = Turmoil(days=6, late=0.5, changes=1, deletions=20)
    history = random_history(11, shape)
    back = [
        event.at - history.at(event.at).story(event.key).published
        for event in history.events
        if event.name in {"insert", "restore"}
    ]
    assert len(back) > 50
    assert max(back) < timedelta(hours=25)


def test_stories_change_at_all_ages_but_an_old_address_is_lost_only_while_they_are_young() -> None:
    shape = Turmoil(days=4, changes=2, slugs=10)
    history = random_history(12, shape)
    slugs: dict[str, str] = {}
    ages: dict[object, list[timedelta]] = {"edit": [], 301: [], 404: []}
    for event in history.events:
        held = history.at(event.at).find(event.key)
        assert held is not None
        age = event.at - held.story.published
        if event.name == "edit":
            ages["edit"].append(age)
        if event.name == "rename" and slugs[event.key] != held.story.slug:
            ages[held.moved[slugs[event.key]]].append(age)
        slugs[event.key] = held.story.slug
    day = timedelta(hours=24)
    assert sum(age > day for age in ages["edit"]) > 20
    assert sum(age < day / 4 for age in ages["edit"]) > 20
    assert len(ages[404]) > 20
    assert max(ages[404]) < day < max(ages[301])


def test_nights_are_quiet() -> None:
    shape = Turmoil(days=10, backlog=0, per_day=100, bursts=0, late=0)
    hours = Counter(
        held[0].story.local.hour for held in random_history(2, shape).truth(shape.end + timedelta(days=1)).values()
    )
    assert sum(hours[hour] for hour in range(6)) < 0.06 * hours.total()


def test_ids_count_up_within_a_year_and_come_again_in_the_next() -> None:
    shape = Turmoil(start=datetime(2026, 12, 31, 6, tzinfo=UTC), days=2, backlog=30, changes=0, late=0)
    published = [helds[0].story for helds in random_history(4, shape).truth(shape.end).values()]
    years = {
        year: [story.id for story in published if story.year == year and story.rubric != "video"]
        for year in (2026, 2027)
    }
    assert set(years[2026]) & set(years[2027])
    assert len({story.key for story in published}) == len(published)
    assert all(earlier < later for ids in years.values() for earlier, later in pairwise(ids))


def test_an_agency_changes_its_dress_at_a_time() -> None:
    agency = agency_of(stories(5))
    paper = Newspaper(
        Fixed(agency), redesigns=((NOON, Dress("tl_item")), (NOON + timedelta(hours=1), Dress("lenta_info")))
    )
    shown = [
        respond(paper, "/all_news/", {}, NOON + timedelta(hours=passed)).body.decode() for passed in (-0.5, 0, 0.9, 1.5)
    ]
    marks = ["lenta_item", "tl_item", "tl_item", "lenta_info"]
    assert all(f'class="{mark}"' in text or f" {mark}" in text for mark, text in zip(marks, shown, strict=True))
    assert "tl_item" not in shown[0] + shown[3]


@pytest.mark.parametrize(
    ("past_end", "status", "shown"), [("404", 404, 0), ("empty", 200, 0), ("first", 200, 2), ("last", 200, 1)]
)
def test_past_the_end_there_is_what_the_paper_is_told(past_end: str, status: int, shown: int) -> None:
    published = stories(5)
    agency = agency_of(published)
    paper = Newspaper(Fixed(agency), page_size=2, past_end=past_end, calm=True)  # type: ignore[arg-type]
    answer = respond(paper, "/all_news/page/9/", {}, NOON)
    assert answer.status == status
    text = answer.body.decode()
    assert text.count("news_item lenta_item") == shown
    expected = {"first": published[:2:-1], "last": published[:1]}.get(past_end, [])
    assert all(story.path in text for story in expected)
