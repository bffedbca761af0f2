"""One page under many addresses is a notice of the site, and no article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crawler.dates import utc_text
from crawler.reading import read
from crawler.records import Reading
from storage.db.schema import articles, sightings, snapshots
from storage.maintenance.reparse import ReparseScope, reparse
from storage.write.frontier.visits import Saved
from storage.write.outcomes import settle
from tests.invented import NOON, Desk, desk, page, story

HOUR = timedelta(hours=1)
NOTICE: dict[str, Any] = {
    "headline": "We are back soon",
    "text": "Our servers are being updated.",
    "published_at": NOON - 900 * HOUR,
}

PAGE = (
    '<html><body><div class="content_margin"><a class="rubric" href="/society/">Society</a>'
    '<div class="date_full">03 February 2026, 12:00</div><h1>We are back soon</h1>'
    '<div class="js-mediator-article"><p>Our servers are being updated.</p></div></div></body></html>'
)


def outcomes(saved: list[Saved]) -> list[str]:
    return [one.outcome for one in saved]


def listed(crawl: Desk, key: str, headline: str) -> None:
    """A listing shows an article under a headline."""
    seen = crawl.keep(page("99-2026", key.encode()))
    entry = {"headline": headline, "url": "/", "page": 1, "position": 0, "in_order": 1}
    times = {"first_seen_at": utc_text(NOON), "last_seen_at": utc_text(NOON)}
    shown = {"article_id": crawl.meet(key), "snapshot_id": seen, "last_snapshot_id": seen}
    with crawl.archive.writing() as connection:
        connection.execute(sightings.insert().values(entry | times | shown))


def notices(crawl: Desk, *keys: str) -> list[Saved]:
    for key in keys:
        listed(crawl, key, f"Story {key}")
    return [crawl.visit(story(key, **NOTICE)) for key in keys]


def test_the_third_address_of_one_page_shows_no_article(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        saved = notices(crawl, "1-2026", "2-2026", "3-2026", "4-2026")
        assert outcomes(saved) == ["new", "new", "soft-404", "soft-404"]
        absent = select(snapshots.c.problem).where(snapshots.c.reading == "soft-404")
        with crawl.archive.connection() as connection:
            assert set(connection.execute(absent).scalars()) == {"belta-eng: the very page that other addresses show"}


def test_the_first_two_are_looked_at_again_soon_whatever_time_they_print(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        notices(crawl, "1-2026", "2-2026")
        with crawl.archive.connection() as connection:
            due = connection.execute(select(articles.c.due_at)).scalars().all()
    assert None not in due
    assert max(due) <= "2026-03-10T15:00:00Z"


def test_an_archived_article_is_not_revised_by_a_page_that_others_show(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        own = story("3-2026")
        crawl.visit(own)
        notices(crawl, "1-2026", "2-2026")
        listed(crawl, "3-2026", own.headline)
        saved = crawl.visit(story("3-2026", **NOTICE), at=NOON + HOUR)
        assert (saved.outcome, crawl.visit(own, at=NOON + 2 * HOUR).outcome) == ("soft-404", "unchanged")


def test_a_story_that_is_sent_again_at_another_time_or_in_other_words_is_one(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        sent = [story(f"{number}-2026", published_at=NOON - number * HOUR) for number in range(1, 5)]
        flashes = [story(f"{number}-2026", text="") for number in range(5, 9)]
        assert set(outcomes([crawl.visit(one) for one in [*sent, *flashes]])) == {"new"}


def test_a_story_that_is_listed_under_its_own_headline_is_one_however_often_it_is_sent(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        for number in range(1, 6):
            listed(crawl, f"{number}-2026", story().headline)
        assert set(outcomes([crawl.visit(story(f"{number}-2026")) for number in range(1, 6)])) == {"new"}


def test_articles_that_say_the_same_already_stay_as_they_are(tmp_path: Path) -> None:
    with desk(tmp_path / "archive.db") as crawl:
        first = [story(f"{number}-2026", headline=f"Ferry {number}") for number in (1, 2)]
        for one in first:
            crawl.visit(one)
        alike = [replace(one, headline="Ferry") for one in first]
        for _ in range(2):
            saved = [crawl.visit(one, at=NOON + HOUR) for one in alike]
        assert outcomes(saved) == ["unchanged", "unchanged"]


def test_reparse_does_not_take_the_notice_for_the_article(tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    with desk(path) as crawl:
        for number in (1, 2, 3):
            listed(crawl, f"{number}-2026", f"Story {number}")
            snapshot = page(f"{number}-2026", f"{PAGE}<!-- {number} -->".encode())
            saved = settle(crawl.archive, read(Reading(snapshot, crawl.keep(snapshot))))
        crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    assert saved.outcome == "soft-404"
    report = reparse(str(path), ReparseScope(), NOON, jobs=1)
    assert (report.pages, report.changed, report.lost) == (3, 0, 0)
