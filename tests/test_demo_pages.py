"""What the miniature agency published is what the parsers read, whatever its pages look like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import NotAnArticle
from crawler.html.document import Document
from crawler.records import Article, Kind, Snapshot, Wire
from crawler.sites import edition
from crawler.sites.demo import DEMO
from spiders.demo.agency import Agency, Held
from spiders.demo.dress import ERAS, LAYOUTS, Dress, Era, Layout
from spiders.demo.history import Event, History
from spiders.demo.newspaper import Newspaper
from spiders.demo.respond import respond
from spiders.demo.steady import steady
from spiders.demo.stories import Story, write
from spiders.demo.turmoil import Turmoil, random_history

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
START = datetime(2015, 1, 1, tzinfo=UTC)  # since then addresses have their form
BASE = "http://127.0.0.1:8100"
EDITION = edition("demo")
WITH_LEAD = {"paragraphs", "nested", "inner"}  # the others have no place for it


def document(paper: Newspaper, path: str, kind: Kind = "article", now: datetime = NOON) -> Document:
    answer = respond(paper, path, {}, now)
    assert answer.status == 200
    wire = Wire(len(answer.body), "", None, answer.headers)
    snapshot = Snapshot("demo", kind, BASE + path, BASE + path, now, answer.status, wire, answer.body)
    return Document.of(snapshot, base_url=BASE)


def read(paper: Newspaper, story: Story, path: str | None = None) -> Article:
    return DEMO.read_article(document(paper, path or story.path), EDITION, story.key)


def is_read_back(article: Article, story: Story) -> None:
    assert article.key == story.key
    assert article.url == story.url
    assert article.headline == story.headline
    assert article.paragraphs == story.paragraphs
    assert article.text == story.text
    assert article.published_at == story.published
    assert [photo.url for photo in article.photos] == [photo.url for photo in story.photos]
    assert tuple(photo.caption for photo in article.photos if photo.caption) == story.captions
    assert article.rubric == story.rubric
    assert article.language == story.language
    assert (article.credit is not None) == ("(mini-BelTA)" in story.text)


def test_pictures_lie_where_the_agency_that_is_imitated_keeps_its_own() -> None:
    stories = Newspaper(steady(size=40)).newsroom.at(NOON).listed(0, 40)
    paths = [photo.path for story in stories for photo in story.photos]
    form = re.compile(r"/images/storage/news/with_archive/2026/\d{6}_\d{10}_\d+_big\.jpg")
    assert len(paths) > 20
    assert [path for path in paths if not form.fullmatch(path)] == []


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("furniture", [0, 10_000])
def test_every_story_is_read_back_in_every_era(era: Era, furniture: int) -> None:
    paper = Newspaper(steady(size=80), dress=Dress(eras=(era,)), furniture=furniture)
    for story in paper.newsroom.at(NOON).listed(0, 80):
        article = read(paper, story)
        is_read_back(article, story)
        if era in WITH_LEAD:
            assert article.lead == story.lead
        if era != "amp":
            assert article.tags == story.tags


def published(story: Story) -> Event:
    return Event(story.published, "publish", story.key, partial(Agency.publish, story=story))


def one_story(story: Story) -> History:
    return History([published(story)])


@given(
    seed=st.integers(0, 10**9),
    index=st.integers(0, 10**6),
    at=st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    era=st.sampled_from(ERAS),
)
@settings(max_examples=60)
def test_any_story_of_any_seed_and_date_is_read_back(seed: int, index: int, at: datetime, era: Era) -> None:
    story = write(seed, index, at)
    paper = Newspaper(one_story(story), dress=Dress(eras=(era,)))
    is_read_back(DEMO.read_article(document(paper, story.path, now=at), EDITION, story.key), story)


def test_the_amp_twin_of_a_story_is_that_story() -> None:
    paper = Newspaper(steady(size=40))
    for story in paper.newsroom.at(NOON).listed(0, 40):
        if story.rubric != "video":
            is_read_back(read(paper, story, f"/amp{story.path}"), story)


def held_of(history: History) -> Sequence[Held]:
    return [held for helds in history.truth(NOON).values() for held in helds if held.status == 200]


def test_corrected_and_renamed_stories_are_read_back_like_first_ones() -> None:
    shape = Turmoil(start=NOON - timedelta(days=3), days=1, backlog=10, per_day=30, changes=3)
    helds = held_of(random_history(5, shape))
    assert len(helds) > 100
    for held in helds:
        paper = Newspaper(one_story(held.story))
        is_read_back(read(paper, held.story), held.story)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("odd", [False, True])
def test_every_entry_is_read_back_in_every_layout(layout: Layout, *, odd: bool) -> None:
    now = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # soon after midnight in Minsk
    paper = Newspaper(steady(size=100), dress=Dress(layout, absolute=odd, fragments=odd), page_size=20)
    stories = paper.newsroom.at(now).listed(0, 100)
    assert {story.local.day for story in stories} == {23, 24}
    day = None
    for page in range(1, 6):
        path = DEMO.listing_path(page)
        listing = DEMO.read_listing(document(paper, path, "listing", now), EDITION, page)
        assert listing.layout == layout
        assert (listing.older or "").startswith(f"/all_news/page/{page + 1}/" if page < 5 else "")
        printed = stories[20 * (page - 1) : 20 * page]
        assert [entry.key for entry in listing.entries] == [story.key for story in printed]
        for story, entry in zip(printed, listing.entries, strict=True):
            assert (entry.url, entry.headline, entry.rubric) == (story.url, story.headline, story.rubric)
            assert (entry.printed_time or "").endswith(f"{story.local:%H:%M}")
            assert entry.in_order
            assert entry.day in {None, story.local.date()}
            if layout != "tl_item":  # has no place for leads
                assert entry.lead == story.lead
        # A page begins without a separator when the day of the page before goes on.
        assert (listing.entries[0].day is None) == (printed[0].local.date() == day)
        day = printed[-1].local.date()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_pinned_story_is_no_part_of_the_order(layout: Layout) -> None:
    stories = [write(1, index, NOON + timedelta(minutes=index)) for index in range(5)]
    events = [published(story) for story in stories]
    pinned = stories[1]
    events.append(Event(NOON + timedelta(minutes=8), "pin", pinned.key, partial(Agency.pin, key=pinned.key)))
    paper = Newspaper(History(events), dress=Dress(layout), page_size=2)
    later = NOON + timedelta(minutes=9)
    first = DEMO.read_listing(document(paper, "/all_news/", "listing", later), EDITION, 1)
    assert [(entry.key, entry.in_order) for entry in first.entries] == [
        (pinned.key, False),
        (stories[4].key, True),
        (stories[3].key, True),
    ]
    second = DEMO.read_listing(document(paper, "/all_news/page/2/", "listing", later), EDITION, 2)
    assert [entry.key for entry in second.entries if entry.in_order] == [stories[2].key, pinned.key]


def test_an_unknown_address_of_one_part_is_answered_with_the_home_page() -> None:
    paper = Newspaper(steady())
    story = paper.newsroom.at(NOON).listed(0, 1)[0]
    with pytest.raises(NotAnArticle):
        DEMO.read_article(document(paper, "/in-head-before-date"), EDITION, story.key)


def test_the_header_shows_todays_date_which_is_not_the_articles() -> None:
    paper = Newspaper(steady())
    story = paper.newsroom.at(NOON).listed(0, 1)[0]
    later = NOON + timedelta(days=400)
    text = respond(paper, story.path, {}, later).body.decode()
    assert f"{later:%A}, {later.day} {later:%B} {later.year}" in text
    article = DEMO.read_article(document(paper, story.path, now=later), EDITION, story.key)
    assert article.published_at == story.published
