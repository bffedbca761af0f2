"""Leafing through an archive: pages of results and counts, whichever way they are looked up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from crawler.errors import ArgumentError
from storage.read.query import browse as module
from storage.read.query.browse import BrowseRequest, ResultPage, browse
from storage.read.query.search import Filters, search
from storage.read.reader import open_reader
from storage.write.archive import Archive
from tests.sample_archive import NOON, Scribe, article

STORIES = 60


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty articles, one a day at midnight in Minsk: every second of sport, every third of rye, one changed, one gone,
    one without a date.
    """
    path = tmp_path_factory.mktemp("browse") / "wire.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        for number in range(STORIES):
            words = "The rye stands high." if number % 3 == 0 else "The wheat stands high."
            story = article(f"{1000 + number}-2026", f"Story {number}", words, f"Field {number} was seen.")
            published = NOON.replace(hour=21) - timedelta(days=number)
            rubric = "sport" if number % 2 else "economics"
            scribe.story(replace(story, published_at=None if number == 59 else published, rubric=rubric))
        scribe.now += timedelta(hours=1)
        scribe.story(replace(article("1000-2026", "Story 0", "The rye stands as high."), published_at=NOON))
        scribe.answer("1001-2026", 404)
        scribe.finish()
    return path


def asked(archive: Path, wish: BrowseRequest) -> ResultPage:
    with open_reader(str(archive)) as reader:
        return browse(reader, wish)


@contextmanager
def small_limits(counted: int, ranked: int, probed: int) -> Iterator[None]:
    """What makes the ways of large archives be taken in a small one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"COUNTED": counted, "RANKED": ranked, "PROBED": probed}.items():
            patch.setattr(module, name, value)
        yield


FILTERS = (
    Filters(),
    Filters(rubric="sport"),
    Filters(edition="belta-eng", since="2026-02-01T00:00:00Z"),
    Filters(since="2026-03-01T00:00:00Z", until="2026-03-04T00:00:00Z"),
    Filters(status="gone"),
    Filters(changed=True),
    Filters(edition="belta-rus"),
)


@pytest.mark.parametrize(("query", "filters"), [*product(("", "rye", "high", "field AND wheat", "covid-19"), FILTERS)])
def test_every_way_to_the_newest_finds_what_search_finds(archive: Path, query: str, filters: Filters) -> None:
    with open_reader(str(archive)) as reader:
        found = search(reader, query, filters, sort="time", limit=module.PAGE)
        wanted = [hit.article["article_id"] for hit in found.hits]
        for probed in (0, 10_000):
            with small_limits(counted=10_000, ranked=0, probed=probed):
                seen = browse(reader, BrowseRequest(query, filters, "time"))
            assert [hit.article["article_id"] for hit in seen.hits] == wanted
            assert (seen.total, seen.exact, seen.order) == (found.total, True, "time")


def test_best_come_first_and_pages_go_on_where_the_one_before_ended(archive: Path) -> None:
    with open_reader(str(archive)) as reader:
        best = search(reader, "story AND high", Filters(), limit=STORIES).hits
        pages = [browse(reader, BrowseRequest("story AND high", page=page)) for page in (1, 2, 3, 4)]
        filtered = browse(reader, BrowseRequest("story AND high", Filters(rubric="sport"), "relevance"))
    ids = [hit.article["article_id"] for page in pages for hit in page.hits]
    assert ids == [hit.article["article_id"] for hit in best]
    assert [len(page.hits) for page in pages] == [20, 20, 20, 0]
    assert {page.order for page in (*pages, filtered)} == {"relevance"}
    assert {hit.article["rubric"] for hit in filtered.hits} == {"sport"}


def test_counts_are_by_edition_rubric_status_and_day_of_minsk(archive: Path) -> None:
    facets = asked(archive, BrowseRequest("rye OR wheat")).facets
    assert facets is not None
    assert facets.editions == {"belta-eng": STORIES}
    assert facets.rubrics == {"economics": 30, "sport": 30}
    assert facets.statuses == {"live": STORIES - 1, "gone": 1}
    assert sum(facets.days.values()) == STORIES - 1  # one has no date
    assert facets.days[date(2026, 3, 10)] == 2  # 21:00 UTC on the ninth is midnight in Minsk
    assert date(2026, 3, 11) not in facets.days


def test_what_is_too_much_to_count_is_counted_when_asked_for(archive: Path) -> None:
    with small_limits(counted=7, ranked=7, probed=7):
        narrowed, common = (
            asked(archive, BrowseRequest("high", filters)) for filters in (Filters(rubric="sport"), Filters())
        )
        counted = asked(archive, BrowseRequest("high", Filters(rubric="sport"), count=True))
    assert (narrowed.total, narrowed.exact, narrowed.facets) == (7, False, None)
    assert (common.total, common.exact, common.facets, common.order) == (STORIES, True, None, "time")
    assert (counted.total, counted.exact) == (30, True)
    assert counted.facets is not None
    assert counted.facets.rubrics == {"sport": 30}


def test_words_are_marked_and_what_cannot_be_honoured_is_refused(archive: Path) -> None:
    found = asked(archive, BrowseRequest("rye stands-high"))
    assert found.hint is not None
    assert found.total == 19
    assert [piece for piece, hit in found.hits[0].snippet.pieces() if hit] == ["rye", "stands high"]
    with pytest.raises(ArgumentError, match="no word"):
        asked(archive, BrowseRequest('"'))
    with pytest.raises(ArgumentError, match="a bracket is not closed"):
        asked(archive, BrowseRequest("rye (stands"))
