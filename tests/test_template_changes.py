"""What comes to all articles at once is the site's doing: it is noticed as such, and no edit of any."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner

from crawler.records import Article, Photo
from spiders.demo.agency import Agency
from spiders.demo.dress import Dress
from spiders.demo.history import Event, History
from spiders.demo.stories import write
from storage.cli import dateline
from storage.maintenance.verify import repair, verify
from storage.monitoring import watch
from tests.front_door import Door, front_door, html
from tests.invented import NOON, Desk, desk, story

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PROMO = "Download our new app in the shop of your telephone!"
WORDS = (
    "ferry", "harbour", "winter", "ticket", "engine", "museum", "bicycle", "island", "captain", "timetable", "anchor",
    "deck", "rope", "gull", "cargo", "passage", "weather", "council", "budget", "bridge", "market", "station", "school",
    "garden", "river", "doctor", "teacher", "letter", "window",
)  # fmt: skip

How: TypeAlias = Callable[[Article], Article]


def told(path: Path, *options: str) -> list[dict[str, Any]]:
    """What `dateline changes` lists."""
    words = ["--database", str(path), "changes", "--since", "2020", "--json", *options]
    result = CliRunner().invoke(dateline, words, prog_name="dateline")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["changes"]
    return found


def edited(path: Path) -> list[str]:
    return [row["key"] for row in told(path) if row["kind"] == "edited"]


# --- an edition of which all is known


@dataclass
class Edition:
    """Stories that are visited, an hour apart, in runs that end."""

    path: Path
    now: datetime = NOON
    stories: dict[str, Article] = field(default_factory=dict)
    noted: list[str] = field(default_factory=list)

    def write(self, count: int, *more: str, how: How = lambda one: one, **fields: Any) -> list[str]:  # noqa: ANN401 - fields of an Article
        """So many stories that have nothing to do with each other, archived; their keys."""
        keys = []
        for _ in range(count):
            number = len(self.stories)
            words = [WORDS[(number * 7 + place * (number + 3)) % len(WORDS)] for place in range(12)]
            text = f"{' '.join(words[:6])} {number}.\n{' '.join(words[6:])} {number}."
            key = f"{number}-2026"
            plain = story(key, f"{words[0]} {words[7]} {number}", "\n".join((text, *more)), **fields)
            self.stories[key] = how(plain)
            keys.append(key)
        self.visit(keys)
        return keys

    def change(self, keys: Sequence[str], how: How) -> None:
        for key in keys:
            self.stories[key] = how(self.stories[key])

    def visit(self, keys: Sequence[str]) -> None:
        """A run that looks at some stories."""
        with self.run() as crawl:
            for key in keys:
                self.now += timedelta(minutes=1)
                crawl.visit(self.stories[key], self.now)

    @contextmanager
    def run(self) -> Iterator[Desk]:
        self.now += HOUR
        with desk(self.path) as crawl:
            yield crawl
            crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, self.now)
            noted = watch.after(crawl.archive, {"belta-eng": crawl.crawl_id}, self.now)
            self.noted += [one.measured for one in noted.begun if one.monitor == "template"]

    def causes(self) -> list[tuple[str, str | None]]:
        query = """SELECT a.key, r.cause FROM revisions r JOIN articles a USING (article_id)
            WHERE r.number > 1 ORDER BY r.revision_id"""
        with desk(self.path) as crawl:
            return [(key, cause) for key, cause in crawl.rows(query)]

    def check(self) -> None:
        assert [check.findings for check in verify(str(self.path)).checks if check.findings] == []


@pytest.fixture
def edition(tmp_path: Path) -> Iterator[Edition]:
    edition = Edition(tmp_path / "archive.db")
    yield edition
    edition.check()


def with_promo(article: Article) -> Article:
    return replace(article, paragraphs=(PROMO, *article.paragraphs))


def bylined(form: str) -> How:
    def change(article: Article) -> Article:
        return replace(article, author=form.format(f"Name{article.key[0]} Surname{article.key}"))

    return change


def line(old: str, new: str) -> How:
    def change(article: Article) -> Article:
        return replace(article, paragraphs=tuple(part.replace(old, new) for part in article.paragraphs if part != new))

    return change


def moved(article: Article) -> Article:
    return replace(article, photos=(Photo(f"https://pictures.example/new/2026/{article.key}.jpg", "A pier"),))


def read(times: int) -> How:
    """A line below each story with a number of its own."""

    def change(article: Article) -> Article:
        number = 1000 * times + int(article.key.partition("-")[0]) * 37 + 5
        kept = [part for part in article.paragraphs if not part.startswith("Read ")]
        return replace(article, paragraphs=(*kept, f"Read {number:,} times"))

    return change


def in_another_zone(article: Article) -> Article:
    assert article.published_at is not None
    return replace(article, published_at=article.published_at + timedelta(hours=3))


CHANGES: dict[str, tuple[How, How]] = {
    "a new paragraph": (lambda one: one, with_promo),
    "a new last paragraph": (lambda one: one, lambda one: replace(one, paragraphs=(*one.paragraphs, PROMO))),
    "two new paragraphs": (
        lambda one: one,
        lambda one: with_promo(replace(one, paragraphs=(*one.paragraphs, "More."))),
    ),
    "a paragraph that all had goes": (with_promo, lambda one: replace(one, paragraphs=one.paragraphs[1:])),
    "another line of furniture": (with_promo, line("new app", "newer app")),
    "a line becomes another": (with_promo, lambda one: replace(one, paragraphs=("Be our friend", *one.paragraphs[1:]))),
    "another form of the byline": (bylined("{}"), bylined("By {}, for the agency")),
    "a byline comes": (lambda one: one, lambda one: replace(one, author="The Agency")),
    "a suffix of headlines": (lambda one: one, lambda one: replace(one, headline=f"{one.headline} | The Agency")),
    "another folder of pictures": (
        lambda one: replace(one, photos=(Photo(f"https://img.example/old/2026/{one.key}.jpg", "A pier"),)),
        moved,
    ),
    "the same picture in all": (
        lambda one: one,
        lambda one: replace(one, photos=(*one.photos, Photo("/app.png", None))),
    ),
    "a tag for all": (lambda one: one, lambda one: replace(one, tags=(*one.tags, "News"))),
    "a count below each": (lambda one: one, read(0)),
    "a count that counts on": (read(0), read(7)),
    "a count that goes": (read(0), lambda one: replace(one, paragraphs=one.paragraphs[:-1])),
    "a count within a line": (lambda one: one, lambda one: replace(one, author=f"Agency ({len(one.headline)} views)")),
    "times in another zone": (lambda one: one, in_another_zone),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_comes_to_all_is_no_edit_of_any(name: str, edition: Edition) -> None:
    before, after = CHANGES[name]
    keys = edition.write(8, how=before)
    edition.change(keys, after)
    edition.visit(keys)
    assert edited(edition.path) == []
    assert [cause for _, cause in edition.causes()][-8:] == ["template"] * 8
    assert any("in 8 articles" in measured for measured in edition.noted)
    with desk(edition.path) as crawl:
        assert crawl.rows("SELECT max(revision_count) FROM news") == [(1,)]
        assert crawl.rows("SELECT new_revisions FROM crawls ORDER BY crawl_id DESC LIMIT 1 OFFSET 1") == [(0,)]


@pytest.mark.parametrize("count", [3, 10])
def test_as_many_as_there_are_are_enough_and_runs_of_one_visit_too(count: int, edition: Edition) -> None:
    keys = edition.write(count)
    edition.change(keys, with_promo)
    for key in keys:
        edition.visit([key])
        edition.now += DAY
    assert edited(edition.path) == []
    assert len(edition.noted) == 1
    assert edition.noted[0] == f"a new paragraph: {PROMO!r}: the same in 3 articles"  # when it was found


def test_what_was_found_once_is_known_for_ever_and_so_is_its_removal(edition: Edition) -> None:
    keys = edition.write(5)
    edition.change(keys, with_promo)
    edition.visit(keys[:4])
    edition.now += 200 * DAY
    edition.visit(keys[4:])
    edition.change(keys, lambda one: replace(one, paragraphs=one.paragraphs[1:]))
    edition.visit(keys[:1])
    assert edited(edition.path) == []
    assert [cause for _, cause in edition.causes()] == ["template"] * 6
    assert len(edition.noted) == 1


def test_a_story_that_has_it_from_its_beginning_loses_it_without_an_edit(edition: Edition) -> None:
    keys = edition.write(4)
    edition.change(keys, with_promo)
    edition.visit(keys)
    (young,) = edition.write(1, PROMO)
    edition.change([young], lambda one: replace(one, paragraphs=one.paragraphs[:-1]))
    edition.visit([young])
    assert edited(edition.path) == []


def test_an_edit_at_the_same_time_counts_and_shows_its_own_words_alone(edition: Edition) -> None:
    keys = edition.write(6)
    edition.change(keys, with_promo)
    edition.change(keys[:1], lambda one: replace(one, paragraphs=(*one.paragraphs, "The captain was fined.")))
    edition.change(keys[5:], lambda one: replace(one, headline=f"{one.headline}, late"))
    edition.visit(keys)
    first, last = told(edition.path)
    assert (first["key"], first["fields"], first["words_removed"], first["words_added"]) == (keys[0], ["body"], 0, 4)
    assert (last["key"], last["fields"], last["depth"], last["words_added"]) == (keys[5], ["headline"], "headline", 1)
    assert (first["silent"], last["silent"]) == (True, True)
    words = ["--database", str(edition.path), "changes", "--since", "2020", "--diff"]
    shown = CliRunner().invoke(dateline, words, prog_name="dateline").stdout
    assert "The captain was fined." in shown
    assert PROMO not in shown


def test_an_edit_after_it_counts_and_shows_its_own_words_alone(edition: Edition) -> None:
    keys = edition.write(4)
    edition.change(keys, with_promo)
    edition.visit(keys)
    edition.change(keys[:1], lambda one: replace(one, paragraphs=(*one.paragraphs, "The captain was fined.")))
    edition.visit(keys)
    (row,) = told(edition.path)
    assert (row["key"], row["before"], row["after"], row["words_added"]) == (keys[0], "2", "3", 4)
    with desk(edition.path) as crawl:
        assert crawl.rows("SELECT revision_count FROM news ORDER BY article_id") == [(2,), (1,), (1,), (1,)]


def test_the_same_correction_in_copies_of_one_story_is_an_edit_of_each(edition: Edition) -> None:
    text = "The minister Petrov opened the bridge."
    copies = [f"{number}-2025" for number in range(4)]
    edition.stories |= {key: story(key, "A bridge", text) for key in copies}
    edition.visit(copies)
    edition.change(copies, lambda one: replace(one, paragraphs=(*one.paragraphs, "He came by train.")))
    edition.visit(copies)
    assert edited(edition.path) == copies


@pytest.mark.parametrize("note", ["UPDATE 1: the harbour office answered.", "Исправлено: время отправления."])
def test_the_same_note_of_correction_under_many_stories_is_an_edit_of_each(note: str, edition: Edition) -> None:
    keys = edition.write(6)
    edition.change(keys, lambda one: replace(one, paragraphs=(note, *one.paragraphs)))
    edition.visit(keys)
    assert edited(edition.path) == keys
    assert not any(row["silent"] for row in told(edition.path))


def test_the_same_line_in_a_few_of_many_stories_is_an_edit_of_each(edition: Edition) -> None:
    keys = edition.write(12)
    edition.change(keys[4:7], lambda one: replace(one, paragraphs=(*one.paragraphs, "The ministry denies it.")))
    edition.visit(keys)
    assert edited(edition.path) == keys[4:7]
    assert edition.noted == []


def test_the_same_word_in_three_stories_is_an_edit_of_each(edition: Edition) -> None:
    keys = edition.write(3, how=lambda one: replace(one, paragraphs=(f"{one.headline}: Petrov left by train.",)))
    edition.change(keys, line("Petrov", "Petrow"))
    edition.visit(keys)
    assert edited(edition.path) == keys


@pytest.mark.parametrize("count", [3, 20])
def test_an_edit_next_to_a_count_of_each_article_is_told_alone(count: int, edition: Edition) -> None:
    keys = edition.write(count)
    edition.change(keys, read(1))
    edition.change(keys[1:2], lambda one: replace(one, paragraphs=("The captain was fined.", *one.paragraphs)))
    edition.visit(keys)
    assert [(row["key"], row["words_removed"], row["words_added"]) for row in told(edition.path)] == [(keys[1], 0, 4)]
    edition.change(keys, read(2))
    edition.visit(keys)
    assert edited(edition.path) == keys[1:2]


def test_other_figures_alone_are_an_edit_of_each(edition: Edition) -> None:
    keys = edition.write(6, how=lambda one: replace(one, paragraphs=(f"{one.headline}: 12 were rescued.",)))
    edition.change(keys, line("12 were", "15 were"))
    edition.change(keys[:3], line("15 were", "17 were"))
    edition.visit(keys)
    assert edited(edition.path) == keys


def test_what_the_next_visits_do_not_show_was_no_change_of_template(edition: Edition) -> None:
    keys = edition.write(12)
    edition.change(keys[:3], lambda one: replace(one, paragraphs=(*one.paragraphs, "The ministry denies it.")))
    edition.visit(keys[:3])
    assert (edited(edition.path), len(edition.noted)) == ([], 1)
    edition.visit(keys[3:])
    assert edited(edition.path) == keys[:3]
    assert [cause for _, cause in edition.causes()] == [None] * 3


def test_a_new_dress_of_the_newest_articles_is_the_site_s(edition: Edition) -> None:
    keys = edition.write(40)
    edition.change(keys[:12], with_promo)
    edition.visit(keys)
    assert edited(edition.path) == []


def test_pictures_on_another_host_and_by_another_scheme_make_no_revisions(edition: Edition) -> None:
    keys = edition.write(4, photos=(Photo("http://img.example/2026/a.jpg", "A pier"),))
    edition.change(keys, lambda one: replace(one, photos=(Photo("https://cdn.example/2026/a.jpg?r=5", "A pier"),)))
    edition.visit(keys)
    assert edition.causes() == []


def test_what_is_told_of_edits_can_be_made_again(edition: Edition) -> None:
    keys = edition.write(5)
    edition.change(keys, with_promo)
    edition.change(keys[:1], lambda one: replace(one, headline="Another headline"))
    edition.visit(keys)
    before = told(edition.path)
    with desk(edition.path) as crawl, crawl.archive.writing() as connection:
        connection.exec_driver_sql("DELETE FROM edits")
        connection.exec_driver_sql("UPDATE revisions SET cause = NULL WHERE number = 2 AND article_id = 3")
    findings = [one.subject for check in verify(str(edition.path)).checks for one in check.findings]
    assert findings == ["articles 1", "articles 3"]
    repair(str(edition.path))
    assert told(edition.path) == before


# --- at the front door


LONG_AGO = datetime(2026, 11, 20, 8, tzinfo=UTC)
BODY = '<div class="js-mediator-article">'


def in_body(html_text: str) -> Callable[[str], str]:
    return lambda page: page.replace(BODY, f"{BODY}<p>{html_text}</p>", 1)


def dress(door: Door, change: Callable[[str], str], count: int | None = None) -> list[str]:
    """Have the newspaper print (so many of) its stories otherwise from now on; their addresses."""
    pages = {one.path: door.answer(one.path).body.decode() for one in door.listed()}
    paths = [path for path, page in pages.items() if BODY in page][:count]
    for path in paths:
        page = pages[path]
        assert change(page) != page
        door.put(path, html(change(page)))
    return [door.service.base_url + path for path in paths]


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    published = [write(1, place, LONG_AGO + place * HOUR) for place in range(24)]
    events = [Event(one.published, "publish", one.key, partial(Agency.publish, story=one)) for one in published]
    with front_door(
        tmp_path, newsroom=History(events), dress=Dress(eras=("paragraphs",)), gzip=False, calm=True
    ) as door:
        assert door.crawl().code == 0
        yield door


def status(door: Door) -> str:
    words = ["--database", str(door.archive), "status"]
    return CliRunner().invoke(dateline, words, prog_name="dateline").output


@pytest.mark.parametrize("count", [3, 10, 20])
def test_a_crawl_that_meets_a_new_template_says_so(count: int, door: Door) -> None:
    addresses = dress(door, in_body(PROMO), count)
    door.now += HOUR
    ran = door.crawl(since=None, url=",".join(addresses))
    assert ran.code == 0, ran.said
    assert f"a new paragraph: {PROMO!r}: the same in {count} articles" in ran.said
    assert edited(door.archive) == []
    assert door.value("SELECT count(*) FROM revisions WHERE cause = 'template'") == count
    assert door.value("SELECT max(revision_count) FROM news") == 1
    assert PROMO in status(door)
    assert "All well" not in status(door)


def test_a_template_met_in_ten_crawls_of_one_visit_each_is_one_incident(door: Door) -> None:
    incidents = "SELECT count(*) FROM incidents WHERE monitor = 'template'"
    for place, address in enumerate(dress(door, in_body(PROMO), 10)):
        door.now += 5 * HOUR
        assert door.crawl(since=None, url=address).code == 0
        assert door.value(incidents) == (place >= 2)
    assert edited(door.archive) == []
    door.now += 4 * DAY
    door.crawl()
    assert door.value("SELECT over_at IS NOT NULL FROM incidents WHERE monitor = 'template'") == 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("nothing", lambda page: page),
        ("https for http", lambda page: page.replace('src="/images/', 'src="http://img.demo.example/images/')),
        ("another host", lambda page: page.replace('src="/images/', 'src="https://cdn.example/images/')),
        ("a cache-buster", lambda page: page.replace("_big.jpg?r=", "_big.jpg?v=7&amp;r=9")),
        ("soft hyphens", lambda page: page.replace("the", "t&shy;h&#8203;e&#8206;")),
        ("no-break spaces", lambda page: page.replace("</b> ", "</b>&nbsp;&thinsp;")),
    ],
)
def test_what_no_reader_sees_makes_no_revision_of_any(name: str, change: Callable[[str], str], door: Door) -> None:
    dress(door, lambda page: change(page).replace("</body>", f"<!-- {name} --></body>"))
    door.now += HOUR
    assert door.crawl(recheck="all").code == 0
    assert door.value("SELECT count(*) FROM revisions WHERE number > 1") == 0
    assert edited(door.archive) == []


def test_an_article_that_is_edited_as_the_template_changes_is_told_with_its_own_words(door: Door) -> None:
    dress(door, in_body(PROMO))
    path = door.story().path
    page = door.answer(path).body.decode().replace("</h1>", " at last</h1>", 1)
    door.put(path, html(in_body(PROMO)(page)))
    door.now += HOUR
    assert door.crawl(recheck="all").code == 0
    (row,) = told(door.archive)
    assert (row["key"], row["fields"], row["words_added"], row["silent"]) == (door.story().key, ["headline"], 2, True)
    with closing(sqlite3.connect(door.archive)) as file:  # as anybody may ask
        assert file.execute("SELECT key, depth, fields FROM changes").fetchall() == [
            (door.story().key, "headline", '["headline"]')
        ]
