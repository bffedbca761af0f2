"""A visit is compared with the last kept page as today's parser reads it: better reading is no edit."""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from crawler.reading import base_of, read
from crawler.records import Article, Photo, Reading, Snapshot
from storage.cli import dateline
from storage.maintenance.reparse import ReparseScope, reparse
from storage.maintenance.verify import verify
from storage.write.archive import Archive
from storage.write.outcomes import settle
from tests.invented import NOON, desk, page

HOUR = timedelta(hours=1)
PAGES = Path(__file__).parent / "archives" / "0006-pages.db.gz"
Change = Callable[[Article], Article]

BETTER: dict[str, Change] = {
    "paragraphs": lambda one: replace(one, paragraphs=(*one.paragraphs, "A line that was overlooked.")),
    "headline": lambda one: replace(one, headline=f"{one.headline}, as a browser shows it"),
    "photos": lambda one: replace(one, photos=(*one.photos, Photo("https://img.belta.by/late.jpg", None, None, "alt"))),
    "lead": lambda one: replace(one, lead="A summary that was overlooked."),
    "tags": lambda one: replace(one, tags=(*one.tags, "Overlooked")),
    "time": lambda one: replace(one, modified_at=NOON),
    "author": lambda one: replace(one, author="A. Pier"),
    "details": lambda one: replace(one, rubric_label="Overlooked", dateline="MINSK", credit="BelTA"),
}


@contextmanager
def parsers(change: Change) -> Iterator[Callable[[Reading, str | None], Reading]]:
    """Parsers that read something more than ours."""

    def better(reading: Reading, base_url: str | None = None) -> Reading:
        found = read(reading, base_url)
        return found if found.article is None else replace(found, article=change(found.article))

    with patch("storage.write.reparsing.reread.read", better):
        yield better


def told(path: Path) -> list[dict[str, Any]]:
    words = ["--database", str(path), "changes", "--since", "2000", "--json"]
    result = CliRunner().invoke(dateline, words, prog_name="dateline")
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)["changes"]
    return found


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


# --- an archive of the version before


@pytest.fixture
def older(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    path.write_bytes(gzip.decompress(PAGES.read_bytes()))
    return path


def visit_again(path: Path, parser: Callable[[Reading, str | None], Reading], after: timedelta = HOUR) -> int:
    """Every page once more, with one comment changed in its HTML; returns how many."""
    kept = """SELECT MAX(snapshot_id) FROM snapshots
        WHERE kind = 'article' AND reading IN ('article', 'unchanged') GROUP BY article_id"""
    with Archive.open(str(path), migrate=True) as archive:
        ids = [number for (number,) in rows(path, kept)]
        pages = [archive.snapshot(number) for number in ids]
        latest = max(one.fetched_at for one in pages)
        crawl_id = archive.begin_crawl("belta-eng", {}, "dateline/0", "dateline (test)", latest)
        for one in pages:
            again = changed(one, after)
            standing = archive.find(one.edition, one.key or "")
            assert standing is not None
            reading = Reading(again, archive.keep(again, crawl_id, standing.article_id))
            settle(archive, parser(reading, base_of(again)))
        archive.finish_crawl(crawl_id, "complete", 0, None, latest + 2 * after)
    return len(ids)


def changed(snapshot: Snapshot, after: timedelta) -> Snapshot:
    body = snapshot.body.replace(b"</body>", b"<!-- one comment more --></body>") + b"<!-- and one at the end -->"
    return replace(snapshot, body=body, fetched_at=snapshot.fetched_at + after)


def test_pages_of_an_older_archive_that_are_visited_again_have_no_edit(older: Path) -> None:
    count = visit_again(older, read)
    assert count >= 10
    assert told(older) == []
    assert rows(older, "SELECT COUNT(*) FROM revisions WHERE number > 1") == [(0,)]
    assert rows(older, "SELECT COUNT(*) FROM snapshots WHERE reading IS NULL") == [(0,)]
    assert verify(str(older)).sound


@pytest.mark.parametrize("name", BETTER)
def test_nor_have_they_when_parsers_read_them_better_by_now(name: str, older: Path) -> None:
    with parsers(BETTER[name]) as better:
        visit_again(older, better)
        visit_again(older, better, 2 * HOUR)
    assert told(older) == []
    assert rows(older, "SELECT COUNT(*) FROM revisions WHERE number > 1") == [(0,)]
    assert verify(str(older)).sound


def test_what_is_read_better_at_a_visit_is_what_a_reparse_reads(older: Path) -> None:
    with parsers(BETTER["paragraphs"]) as better:
        visit_again(older, better)
        corrected = rows(older, "SELECT COUNT(*) FROM revisions WHERE correction = 1")
        assert corrected == rows(older, "SELECT COUNT(*) FROM articles WHERE status = 'live'")
        assert reparse(str(older), ReparseScope(), NOON, jobs=1).changed == 0


# --- one article


@dataclass
class Story:
    """A page of BelTA's that is visited an hour apart."""

    path: Path
    number: int = 0

    def visit(self, body: str, parser: Callable[[Reading, str | None], Reading] = read, head: str = "") -> str:
        """A visit; returns what came of it."""
        self.number += 1
        html = (
            f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Ferry</title>{head}</head><body>'
            '<div class="content_margin"><a class="rubric" href="/society/">Society</a>'
            '<div class="date_full">10 March 2026, 13:00</div><h1>Ferry resumes</h1>'
            f'<div class="js-mediator-article">{body}</div></div><!-- {self.number} --></body></html>'
        )
        with desk(self.path) as crawl:
            snapshot = page("1-2026", html.encode(), at=NOON + self.number * HOUR)
            reading = parser(Reading(snapshot, crawl.keep(snapshot)), None)
            assert reading.outcome == "article", reading.problem
            return crawl.archive.save(reading).outcome

    def revisions(self) -> list[tuple[Any, ...]]:
        return rows(self.path, "SELECT number, correction FROM revisions ORDER BY revision_id")


@pytest.fixture
def ferry(tmp_path: Path) -> Iterator[Story]:
    ferry = Story(tmp_path / "archive.db")
    yield ferry
    assert [check.findings for check in verify(str(ferry.path)).checks if check.findings] == []


WORDS = "<p>The ferry sails again.</p><p>It leaves at ten.</p>"


@pytest.mark.parametrize("name", BETTER)
def test_an_edit_that_comes_with_a_better_parser_is_one_edit_with_the_agency_s_words_alone(
    name: str, ferry: Story
) -> None:
    ferry.visit(WORDS)
    ferry.visit(WORDS)
    with parsers(BETTER[name]) as better:
        assert ferry.visit(WORDS.replace("ten", "eleven"), better) == "revised"
    assert ferry.revisions() == [(1, 0), (1, 1), (2, 0)]
    (row,) = told(ferry.path)
    assert (row["before"], row["after"], row["fields"]) == ("1.1", "2", ["body"])
    assert (row["words_removed"], row["words_added"]) == (1, 1)


def test_an_edit_that_only_a_better_parser_sees_is_told_of_the_visit_that_showed_it_first(ferry: Story) -> None:
    def short_sighted(reading: Reading, base_url: str | None = None) -> Reading:
        found = read(reading, base_url)
        assert found.article is not None
        return replace(found, article=replace(found.article, paragraphs=found.article.paragraphs[:1]))

    ferry.visit(WORDS, short_sighted)
    ferry.visit(WORDS.replace("ten", "eleven"), short_sighted)
    ferry.visit(WORDS.replace("ten", "eleven"), short_sighted)
    assert ferry.revisions() == [(1, 0)]
    ferry.visit(WORDS.replace("ten", "eleven"))
    (row,) = told(ferry.path)
    assert (row["at"], row["words_removed"], row["words_added"]) == ("2026-03-10T14:00:00Z", 1, 1)
    assert rows(ferry.path, "SELECT body FROM news") == [("The ferry sails again.\n\nIt leaves at eleven.",)]


def test_a_page_is_read_twice_only_where_it_says_something_else(ferry: Story) -> None:
    seen: list[int] = []

    def counting(reading: Reading, base_url: str | None = None) -> Reading:
        seen.append(reading.snapshot_id)
        return read(reading, base_url)

    with patch("storage.write.reparsing.reread.read", counting):
        for _ in range(3):
            ferry.visit(WORDS)
        assert seen == []
        ferry.visit(WORDS.replace("ten", "eleven"))
        assert seen == [3]


def test_a_last_page_that_cannot_be_read_back_is_no_reason_to_lose_the_edit(ferry: Story) -> None:
    ferry.visit(WORDS)
    with closing(sqlite3.connect(ferry.path)) as file, file:
        whole = file.execute("SELECT sha256, data FROM bodies").fetchall()
        file.execute("UPDATE bodies SET data = x'00'")
    assert ferry.visit(WORDS.replace("ten", "eleven")) == "revised"
    with closing(sqlite3.connect(ferry.path)) as file, file:
        file.executemany("UPDATE bodies SET data = ? WHERE sha256 = ?", [(data, sha256) for sha256, data in whole])
    assert len(told(ferry.path)) == 1


# --- stamps

STAMP = '<meta property="article:modified_time" content="2026-03-10 {}:00">'


def silent(ferry: Story) -> list[bool]:
    return [row["silent"] for row in told(ferry.path)]


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (("13:10", "13:10"), True),
        (("13:10", "14:10"), False),
        (("13:10", "14:10", "14:10"), True),  # it had moved a visit earlier
        (("13:10", "14:10", "14:10", "14:10"), True),
        (("13:10", "14:10", "15:10"), False),
        ((None, None), True),
        ((None, "14:10"), False),
        (("14:10", None), True),
        (("13:10", None, "13:10"), False),  # it was not there at the visit before
    ],
)
def test_an_edit_is_silent_by_the_times_of_the_visit_before(
    stamps: tuple[str | None, ...], *, expected: bool, ferry: Story
) -> None:
    for place, stamp in enumerate(stamps, 1):
        words = WORDS.replace("ten", "eleven") if place == len(stamps) else WORDS
        ferry.visit(words, head="" if stamp is None else STAMP.format(stamp))
    assert silent(ferry) == [expected]
    kept = [json.loads(stamp)[1] for (stamp,) in rows(ferry.path, "SELECT stamp FROM snapshots ORDER BY snapshot_id")]
    assert [stamp and re.sub(r".*T(\d\d):(\d\d).*", r"\1:\2", stamp) for stamp in kept] == [
        stamp and f"{int(stamp[:2]) - 3}:10" for stamp in stamps
    ]


def test_times_that_an_older_version_did_not_keep_are_read_from_the_pages(ferry: Story) -> None:
    ferry.visit(WORDS, head=STAMP.format("13:10"))
    ferry.visit(WORDS, head=STAMP.format("14:10"))
    with closing(sqlite3.connect(ferry.path)) as file, file:
        file.execute("UPDATE snapshots SET stamp = NULL")
    ferry.visit(WORDS.replace("ten", "eleven"), head=STAMP.format("14:10"))
    assert silent(ferry) == [True]


def test_where_nothing_tells_the_times_of_the_visit_before_the_revision_s_count(ferry: Story) -> None:
    ferry.visit(WORDS, head=STAMP.format("13:10"))
    ferry.visit(WORDS, head=STAMP.format("14:10"))
    with closing(sqlite3.connect(ferry.path)) as file, file:
        file.execute("UPDATE snapshots SET stamp = NULL")
        whole = file.execute("SELECT sha256, data FROM bodies").fetchall()
        file.execute("UPDATE bodies SET data = x'00'")
    ferry.visit(WORDS.replace("ten", "eleven"), head=STAMP.format("14:10"))
    assert silent(ferry) == [False]
    with closing(sqlite3.connect(ferry.path)) as file, file:
        file.executemany("UPDATE bodies SET data = ? WHERE sha256 = ?", [(data, sha256) for sha256, data in whole])
    assert reparse(str(ferry.path), ReparseScope(), NOON, jobs=1).changed == 0  # but it reads the times of every visit
    assert silent(ferry) == [True]
