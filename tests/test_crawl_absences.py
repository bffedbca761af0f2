"""Articles that a site does not show, through the front door: one by one, all at once, and when they come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import pytest

from spiders.demo.newspaper import Reply
from spiders.demo.steady import SteadyFront, steady
from spiders.demo.stories import Story
from storage.monitoring.status import Status, status
from storage.read.reader import open_reader
from tests.front_door import NOON, Crawl, Door, front_door, html, redirect

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Instead = Callable[[Door, Story], Reply]


@dataclass(frozen=True)
class Still:
    """An agency at which nothing happens any more."""

    size: int

    def at(self, _: datetime) -> SteadyFront:
        return steady(size=self.size).at(NOON)


@contextmanager
def still(folder: Path, size: int) -> Iterator[Door]:
    with front_door(folder, newsroom=Still(size)) as door:
        yield door


def home(door: Door, _: Story) -> Reply:
    return door.answer("/")


def another(door: Door, story: Story) -> Reply:
    other = next(one for one in door.listed() if one.key != story.key and one.rubric != "video")
    return redirect(f"{door.service.base_url}{other.path}")


INSTEAD: dict[str, tuple[Instead, str]] = {
    "404": (lambda *_: html("Not Found", status=404), "HTTP status 404"),
    "410": (lambda *_: html("Gone", status=410), "HTTP status 410"),
    "redirected home": (lambda *_: redirect("/"), "redirected to http://127.0.0.1:PORT/"),
    "moved to the home page": (lambda *_: redirect("/", 301), "redirected to http://127.0.0.1:PORT/"),
    "redirected to all news": (lambda *_: redirect("/all_news/"), "redirected to http://127.0.0.1:PORT/all_news/"),
    "redirected to another article": (another, "redirected to http://127.0.0.1:PORT/"),
    "the home page at its address": (home, "soft 404: the home page or a listing in the place of "),
    "redirected to another site": (
        lambda *_: redirect("https://elsewhere.example/"),
        "leads to another site, not fetched: https://elsewhere.example/",
    ),
    "redirected into our network": (
        lambda *_: redirect("http://10.0.0.7/"),
        "leads to a private address, not fetched: http://10.0.0.7/",
    ),
}
KINDS = pytest.mark.parametrize("kind", ["404", "redirected home", "the home page at its address"])


def instead(door: Door, kind: str, stories: list[Story]) -> str:
    """Have the newspaper answer so for these stories. Returns how the reason begins."""
    answer, reason = INSTEAD[kind]
    for story in stories:
        door.put(story.path, answer(door, story))
    return reason.replace("http://127.0.0.1:PORT", door.service.base_url)


def stories(door: Door) -> list[Story]:
    return [story for story in door.listed() if story.rubric != "video"]


def later(door: Door, *spans: timedelta) -> Iterator[timedelta]:
    """The time goes on to so long after now."""
    begin = door.now
    for span in spans:
        door.now = begin + span
        yield span


def again(door: Door, *some: Story) -> Crawl:
    """Look at these stories, whatever their schedule says; at all without any."""
    return door.crawl(url=",".join(story.url for story in some)) if some else door.crawl(recheck="all")


def state(door: Door, story: Story) -> tuple[str, str | None, int]:
    row = door.row("SELECT status, gone_at, absences FROM articles WHERE key = ?", story.key)
    return row["status"], row["gone_at"], row["absences"]


def judged(door: Door) -> Status:
    with open_reader(str(door.archive)) as reader:
        return status(reader)


def wall(door: Door) -> str:
    """What the monitor of walls says, and whether it is trouble."""
    (edition,) = judged(door).editions
    (found,) = [one for one in edition.health if one["monitor"] == "wall"]
    return f"{found['state']}: {found['measured']}"


def each_kind(door: Door) -> dict[str, tuple[Story, str]]:
    """A story taken down in every way: kind of answer -> story, how its reason begins."""
    some = zip(INSTEAD, stories(door)[5::10], strict=False)
    return {kind: (story, instead(door, kind, [story])) for kind, story in some}


def test_archived_stories_that_are_taken_down_are_gone_after_days_as_of_the_first_visit(tmp_path: Path) -> None:
    with still(tmp_path, 110) as door:
        assert door.crawl().code == 0
        door.now += HOUR
        since = door.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        down = each_kind(door)
        assert len(down) == len(INSTEAD)
        again(door)
        some = [story for story, _ in down.values()]
        for span in later(door, 20 * HOUR, 40 * HOUR, 48 * HOUR):
            assert {state(door, story)[:2] for story in some} == {("live", None)}, span
            assert door.rows("SELECT DISTINCT absent_since FROM news WHERE absent_since > ''")[0][0] == since
            again(door, *some)
        for story, reason in down.values():
            assert state(door, story) == ("gone", since, 4)
            assert door.value("SELECT gone_reason FROM news WHERE key = ?", story.key).startswith(reason)
        assert {tuple(row) for row in door.rows("SELECT kind, at FROM edits")} == {("vanished", since)}
        assert door.value("SELECT count(*) FROM articles WHERE status <> 'live'") == len(down)
        door.heal()
        door.now += HOUR
        again(door, *some)
        assert {state(door, story) for story in some} == {("live", None, 0)}
        assert door.value("SELECT count(*) FROM edits WHERE kind = 'returned'") == len(down)
        door.whole()


def test_stories_that_were_never_there_are_given_up_after_days_and_tried_when_they_are_listed_again(
    tmp_path: Path,
) -> None:
    with still(tmp_path, 110) as door:
        down = each_kind(door)
        for span in later(door, timedelta(), HOUR, DAY, 2 * DAY):
            assert span == timedelta() or {state(door, story)[0] for story, _ in down.values()} == {"pending"}
            door.crawl()
        for story, reason in down.values():
            assert state(door, story)[0] == "given-up"
            assert door.value("SELECT last_error FROM articles WHERE key = ?", story.key).startswith(reason)
        (edition,) = judged(door).editions
        assert {row["key"] for row in edition.given_up if row["vanished"]} == {
            down[kind][0].key for kind in ("404", "410")
        }
        assert len(edition.abandoned) == len(down) - 2
        door.heal()
        door.now += DAY
        door.crawl()
        door.whole()


@KINDS
def test_behind_a_wall_nothing_is_given_up_the_run_says_so_and_all_is_there_soon_after_it(
    kind: str, tmp_path: Path
) -> None:
    with still(tmp_path, 12) as door:
        instead(door, kind, stories(door))
        number = len(stories(door))
        crawl = door.crawl()
        assert crawl.code == 3
        assert f"{number} of {number} new articles asked for are not there, " in crawl.said
        assert wall(door).startswith(f"trouble: {number} of ")
        for _ in later(door, HOUR, DAY, 2 * DAY, 3 * DAY):
            assert door.crawl().code == 3
        assert door.value("SELECT count(*) FROM articles WHERE status = 'given-up'") == 0
        assert wall(door).startswith(f"trouble: {number} of ")
        door.heal()
        door.now += HOUR
        assert door.crawl().code == 0
        door.whole()
        assert wall(door) == "well: the site shows the articles that are asked for"


@KINDS
def test_a_recheck_of_all_during_a_wall_calls_nothing_gone(kind: str, tmp_path: Path) -> None:
    with still(tmp_path, 12) as door:
        door.crawl()
        door.now += 3 * DAY
        instead(door, kind, stories(door))
        crawl = again(door)
        assert crawl.code == 3
        assert "archived articles asked for are not there" in crawl.said
        for _ in later(door, DAY, 2 * DAY, 3 * DAY):
            assert again(door).code == 3
        assert door.value("SELECT count(*) FROM news WHERE status <> 'live'") == 0
        assert door.value("SELECT count(*) FROM edits") == 0
        door.heal()
        door.now += HOUR
        assert door.crawl().code == 0
        assert door.value("SELECT count(*) FROM articles WHERE absent_since IS NOT NULL") == 0


def test_three_visits_in_a_run_are_a_wall_and_so_are_ten_runs_of_one_visit_each(tmp_path: Path) -> None:
    with still(tmp_path, 14) as door:
        door.crawl()
        door.now += DAY
        ten = stories(door)[:10]
        instead(door, "404", ten)
        assert again(door, *ten[:3]).code == 3
        door.heal()
        door.now += HOUR
        again(door)
        instead(door, "404", ten)
        codes = [again(door, story).code for story, _ in zip(ten, later(door, *hours(10)), strict=True)]
        assert codes == [0, 0, *[3] * 8]
        for _ in later(door, DAY, 2 * DAY, 3 * DAY):
            again(door, *ten)
        assert door.value("SELECT count(*) FROM news WHERE status <> 'live'") == 0


def hours(number: int) -> Iterator[timedelta]:
    return accumulate([HOUR] * number)


def test_a_mass_deletion_is_believed_after_days_each_article_as_of_its_own_first_absence(tmp_path: Path) -> None:
    with still(tmp_path, 14) as door:
        door.crawl()
        early, late = stories(door)[:5], stories(door)[5:9]
        door.now += DAY
        instead(door, "404", early)
        again(door)
        first = door.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        door.now += DAY
        instead(door, "410", late)
        second = door.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        for span in later(door, timedelta(), DAY, 2 * DAY, 3 * DAY, 4 * DAY):
            gone = {row["key"]: row["gone_at"] for row in door.rows("SELECT key, gone_at FROM news") if row["gone_at"]}
            assert gone == ({} if span < 4 * DAY else {story.key: first for story in early})
            again(door)
        gone = {row["key"]: row["gone_at"] for row in door.rows("SELECT key, gone_at FROM news") if row["gone_at"]}
        assert gone == {story.key: first for story in early} | {story.key: second for story in late}
        assert again(door).code == 0
        assert wall(door).startswith("well: ")


def test_an_incident_of_a_wall_lasts_while_one_of_its_articles_is_neither_there_nor_decided(tmp_path: Path) -> None:
    with still(tmp_path, 14) as door:
        door.crawl()
        door.now += DAY
        some = stories(door)[:6]
        instead(door, "redirected home", some)
        again(door)
        assert wall(door).startswith("trouble: 6 of ")
        door.heal()
        instead(door, "redirected home", some[:1])
        door.now += HOUR
        again(door)
        assert wall(door) == "trouble: 1 of the articles that went at once are still not there"
        door.now += 2 * DAY
        again(door)
        assert state(door, some[0])[0] == "gone"
        assert wall(door) == "well: the site shows the articles that are asked for"
        (incident,) = door.rows("SELECT over_at FROM incidents WHERE monitor = 'wall'")
        assert incident["over_at"] is not None


def test_behind_a_wall_a_few_are_looked_at_soon_and_when_one_is_there_all_are(tmp_path: Path) -> None:
    with still(tmp_path, 30) as door:
        door.crawl()
        door.now += DAY
        instead(door, "404", stories(door))
        again(door)
        for _ in range(8):  # by now the others are not due for hours
            door.now += HOUR
            again(door)
        door.now += timedelta(minutes=15)
        assert 0 < len(door.crawl().articles) <= 3
        door.heal()
        door.now += timedelta(minutes=15)
        assert len(door.crawl().articles) >= len(stories(door))
        assert door.value("SELECT count(*) FROM articles WHERE absent_since IS NOT NULL") == 0


def test_what_was_wrongly_given_up_or_called_gone_comes_back_with_the_first_that_does(tmp_path: Path) -> None:
    with still(tmp_path, 14) as door:
        archived, fresh = stories(door)[7:], stories(door)[:7]
        instead(door, "404", fresh)
        door.crawl()
        instead(door, "404", archived)
        for _ in later(door, *(number * DAY for number in range(1, 7))):
            again(door)
        assert door.value("SELECT count(*) FROM articles WHERE status IN ('gone', 'given-up')") == 14
        door.heal()
        door.now += HOUR
        again(door, archived[0])
        door.now += HOUR
        door.crawl(since=None)
        door.whole()


def test_errors_are_no_absence_and_neither_begin_nor_end_a_series(tmp_path: Path) -> None:
    with still(tmp_path, 12) as door:
        door.crawl()
        story = stories(door)[4]
        door.now += DAY
        door.put(story.path, html("Oh", status=500))
        assert again(door, story).code == 3
        assert state(door, story) == ("live", None, 0)
        instead(door, "404", [story])
        since = door.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        again(door, story)
        door.now += DAY
        door.put(story.path, html("Oh", status=500))
        again(door, story)
        assert state(door, story) == ("live", None, 1)
        instead(door, "404", [story])
        for _ in later(door, timedelta(), DAY):
            again(door, story)
        assert state(door, story) == ("gone", since, 3)


def test_a_story_that_answers_otherwise_at_every_visit_is_not_there_all_the_same(tmp_path: Path) -> None:
    with still(tmp_path, 12) as door:
        door.crawl()
        story = stories(door)[4]
        for kind, _ in zip(("404", "redirected home", "the home page at its address", "410"),
                           later(door, DAY, 2 * DAY, 3 * DAY, 4 * DAY), strict=True):  # fmt: skip
            instead(door, kind, [story])
            again(door)
        assert state(door, story)[0] == "gone"
        assert door.value("SELECT gone_reason FROM news WHERE key = ?", story.key).startswith("soft 404: ")


def test_a_redirect_to_another_site_is_kept_with_its_words_and_nobody_follows_it(tmp_path: Path) -> None:
    with still(tmp_path, 6) as door:
        story = stories(door)[0]
        answer = replace(redirect("https://elsewhere.example/"), body=b"moved", headers=(
            ("Location", "https://elsewhere.example/"), ("Content-Length", "5"), ("Content-Type", "text/html"),
        ))  # fmt: skip
        door.put(story.path, answer)
        door.crawl()
        row = door.row("SELECT * FROM snapshots WHERE reading = 'soft-404'")
        assert (row["status"], row["body_size"], row["redirects"]) == (302, 5, "[]")
