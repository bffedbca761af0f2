"""`dateline reparse` gives what a crawl with today's parsers would have given, and takes nothing back."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ArchiveBusy
from crawler.records import ListingEntry, Reading
from crawler.rules.decide import verdict
from storage.db.lock import CrawlLock
from storage.maintenance.reparse import ReparseReport, ReparseScope, reparse
from storage.maintenance.verify import verify
from storage.write.archive import Archive
from storage.write.frontier.sightings import ListingVisit, remember
from storage.write.outcomes import settle
from storage.write.reparsing.reread import Reread
from tests.effort import effort
from tests.invented import EDITION, NOON, desk, page, run_out_of_patience, story

HOUR = timedelta(hours=1)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Parser:
    """Reads pages of the form ``KIND|HEADLINE|AUTHOR|COUNTER``: those of some kinds, some fields of them."""

    kinds: str = "old"
    author: bool = False
    counter: bool = False
    rubric: str = "society"

    def read(self, reading: Reading, base_url: str | None = None) -> Reading:
        assert base_url is None
        snapshot = reading.snapshot
        answer = verdict(snapshot.status)
        if answer in {"gone", "not-modified"}:
            return replace(reading, outcome=answer)
        if answer != "read":
            return replace(reading, outcome="failed", problem="HTTP")
        kind, headline, author, counter = snapshot.body.decode().split("|")
        if kind == "home":
            return replace(reading, outcome="soft-404", problem="the home page")
        if kind not in self.kinds.split("+"):
            return replace(reading, outcome="unrecognised", problem=f"no era knows {kind}")
        article = story(
            snapshot.key or "",
            headline,
            f"Seen {counter} times" if self.counter else "It sails again.",
            author=author if self.author else None,
            rubric=self.rubric,
        )
        return replace(reading, outcome="article", article=article)


OLD, NEW = Parser(), Parser("old+new", author=True)


@dataclass(frozen=True)
class Answer:
    body: str
    status: int = 200
    key: str = "1-2026"


def crawl(path: Path, parser: Parser, answers: Sequence[Answer], start: datetime = NOON) -> None:
    """A crawl that ends: the answers come an hour apart, and are read by `parser`."""
    with desk(path) as crawling:
        for number, answer in enumerate(answers):
            at = start + number * HOUR
            snapshot = page(answer.key, answer.body.encode(), at=at, status=answer.status)
            settle(crawling.archive, parser.read(Reading(snapshot, crawling.keep(snapshot))))
        crawling.archive.finish_crawl(crawling.crawl_id, "complete", 0, None, start)


def again(
    path: Path, parser: Parser, *, dry_run: bool = False, scope: ReparseScope | None = None
) -> tuple[ReparseReport, list[Reread]]:
    """A reparse with this parser."""
    heard: list[Reread] = []
    with patch("storage.write.reparsing.reread.read", parser.read):
        report = reparse(
            str(path), scope or ReparseScope(), LATER, dry_run=dry_run, jobs=1, heard=lambda one, _: heard.append(one)
        )
    return report, heard


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


REVISIONS = "SELECT number, correction, headline, author, snapshot_id, observed_at FROM revisions ORDER BY revision_id"
MARKS = "SELECT reading FROM snapshots ORDER BY snapshot_id"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


def test_nothing_changes_where_parsers_read_what_they_read_before(path: Path) -> None:
    crawl(
        path, OLD, [Answer("old|A|x|1"), Answer("old|A|x|2"), Answer("old|B|x|3"), Answer("new|C|x|4"), Answer("", 404)]
    )
    before = rows(path, REVISIONS), rows(path, MARKS), rows(path, "SELECT * FROM articles")
    report, _ = again(path, OLD)
    assert (report.changed, report.pages, report.articles) == (0, 4, 1)
    assert (rows(path, REVISIONS), rows(path, MARKS), rows(path, "SELECT * FROM articles")) == before
    assert rows(path, "SELECT COUNT(*) FROM manifests") == [(1,)]  # nothing was written, nothing is sealed


def test_what_a_page_says_otherwise_is_a_correction_and_no_news(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A|Anna|1"), Answer("old|A|Anna|2"), Answer("old|B|Anna|3")])
    report, _ = again(path, NEW)
    assert (report.corrected, report.added, report.marked) == (2, 0, 0)
    assert rows(path, REVISIONS) == [
        (1, 0, "A", None, 1, "2026-03-10T12:00:00Z"),
        (2, 0, "B", None, 3, "2026-03-10T14:00:00Z"),
        (1, 1, "A", "Anna", 1, "2026-03-10T12:00:00Z"),
        (2, 1, "B", "Anna", 3, "2026-03-10T14:00:00Z"),
    ]
    assert rows(path, "SELECT headline, revision_count, changed_at FROM news") == [("B", 2, "2026-03-10T14:00:00Z")]
    assert rows(path, "SELECT revision_id FROM articles") == [(4,)]
    assert again(path, NEW)[0].changed == 0


def test_corrections_are_sealed_at_the_end(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A|Anna|1")])
    again(path, NEW)
    query = "SELECT manifest_id, crawl_id, sealed_at FROM manifests ORDER BY manifest_id"
    assert rows(path, query) == [(1, 1, "2026-03-10T12:00:00Z"), (2, None, "2027-01-01T00:00:00Z")]
    assert verify(str(path)).sound


def test_an_article_that_no_parser_knew_becomes_one_at_the_time_of_its_page(path: Path) -> None:
    crawl(path, OLD, [Answer("new|A|Anna|1"), Answer("new|A|Anna|2"), Answer("", 304)])
    assert rows(path, "SELECT status, attempts FROM articles") == [("pending", 0)]
    report, _ = again(path, NEW)
    assert (report.added, report.marked) == (1, 1)
    assert rows(path, MARKS) == [("article",), ("unchanged",), ("not-modified",)]
    query = "SELECT status, headline, first_seen_at, last_seen_at, changed_at, snapshot_id FROM news"
    times = "2026-03-10T12:00:00Z", "2026-03-10T14:00:00Z", "2026-03-10T12:00:00Z"
    assert rows(path, query) == [("live", "A", *times, 1)]
    assert rows(path, "SELECT due_at, last_error FROM articles") == [("2026-03-10T16:00:00Z", None)]
    assert verify(str(path)).sound


def test_an_article_that_was_given_up_is_archived_after_all(path: Path) -> None:
    crawl(path, OLD, [Answer("new|A|Anna|1")] * 12)
    assert rows(path, "SELECT status FROM articles") == [("given-up",)]
    again(path, NEW)
    query = "SELECT status, gone_at, absent_since, absences, due_at FROM articles"
    assert rows(path, query) == [("live", None, None, 0, "2026-03-11T10:00:00Z")]
    assert rows(path, "SELECT problem FROM snapshots WHERE problem IS NOT NULL") == []


def test_an_article_that_was_not_there_at_its_last_visit_is_not_gone_by_that_alone(path: Path) -> None:
    crawl(path, OLD, [Answer("new|A|Anna|1"), Answer("", 404)])
    again(path, NEW)
    query = "SELECT status, gone_at, absent_since, absences, due_at FROM articles"
    assert rows(path, query) == [("live", None, "2026-03-10T13:00:00Z", 1, "2026-03-10T13:00:00Z")]


def test_what_was_called_gone_stays_so_and_what_a_page_turns_out_to_show_was_never_gone(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A||1"), Answer("", 404), Answer("new|B|Anna|2")])
    state = "SELECT status, gone_at, gone_reason, absent_since, absences FROM articles"
    edits = "SELECT kind, at, reason FROM edits WHERE kind IN ('vanished', 'returned') ORDER BY edit_id"
    with Archive.open(str(path)) as archive:
        run_out_of_patience(archive)
    since = "2026-03-10T13:00:00Z"
    assert rows(path, state) == [("gone", since, "HTTP status 404", since, 1)]
    again(path, replace(OLD, author=True))
    assert rows(path, state) == [("gone", since, "HTTP status 404", since, 1)]
    assert rows(path, edits) == [("vanished", since, "HTTP status 404")]
    again(path, NEW)
    assert rows(path, state) == [("live", None, None, None, 0)]
    assert rows(path, edits) == [("vanished", since, "HTTP status 404"), ("returned", "2026-03-10T14:00:00Z", None)]


def test_a_page_between_two_revisions_that_says_something_of_its_own_is_a_revision(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A||1"), Answer("new|B||2"), Answer("old|C||3")])
    again(path, NEW)
    assert rows(
        path, "SELECT number, headline, observed_at FROM revisions WHERE correction = 0 ORDER BY observed_at"
    ) == [
        (1, "A", "2026-03-10T12:00:00Z"),
        (3, "B", "2026-03-10T13:00:00Z"),
        (2, "C", "2026-03-10T14:00:00Z"),
    ]
    assert rows(path, "SELECT headline, revision_count, changed_at FROM news") == [("C", 3, "2026-03-10T14:00:00Z")]
    assert rows(path, MARKS) == [("article",), ("article",), ("article",)]


def test_what_was_said_again_after_something_else_is_a_revision_too(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A|Anna|1"), Answer("new|B|Anna|2"), Answer("old|A|Anna|3")])
    assert rows(path, MARKS) == [("article",), ("unrecognised",), ("unchanged",)]
    again(path, NEW)
    assert rows(path, "SELECT number, correction, headline FROM revisions ORDER BY observed_at, correction") == [
        (1, 0, "A"), (1, 1, "A"), (2, 0, "B"), (3, 0, "A"),
    ]  # fmt: skip
    assert rows(path, "SELECT headline, changed_at FROM news") == [("A", "2026-03-10T14:00:00Z")]


def test_a_page_that_says_what_the_next_revision_says_is_an_earlier_sight_of_it(path: Path) -> None:
    crawl(path, OLD, [Answer("new|A||1"), Answer("old|A||2"), Answer("old|B||3")])
    report, _ = again(path, replace(OLD, kinds="old+new"))
    assert (report.added, report.marked) == (0, 1)
    assert rows(path, MARKS) == [("unchanged",), ("article",), ("article",)]
    assert rows(path, "SELECT number, observed_at FROM revisions") == [
        (1, "2026-03-10T13:00:00Z"), (2, "2026-03-10T14:00:00Z"),
    ]  # fmt: skip


def test_the_newest_page_is_what_the_article_shows(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A||1"), Answer("new|B||2")])
    assert rows(path, "SELECT headline FROM news") == [("A",)]
    again(path, NEW)
    assert rows(path, "SELECT headline, changed_at FROM news") == [("B", "2026-03-10T13:00:00Z")]
    assert rows(path, "SELECT rowid FROM news_search WHERE news_search MATCH 'b'") == [(1,)]
    assert rows(path, "SELECT rowid FROM news_search WHERE news_search MATCH 'headline: a'") == []
    assert verify(str(path)).sound


def test_revisions_that_only_an_older_parser_told_apart_stay_and_say_the_same(path: Path) -> None:
    crawl(path, replace(OLD, counter=True), [Answer("old|A||1"), Answer("old|A||2")])
    report, _ = again(path, OLD)
    assert report.corrected == 2
    assert rows(path, "SELECT number, correction, body FROM revisions ORDER BY number, correction") == [
        (1, 0, "Seen 1 times"), (1, 1, "It sails again."), (2, 0, "Seen 2 times"), (2, 1, "It sails again."),
    ]  # fmt: skip
    assert again(path, OLD)[0].changed == 0


def test_what_today_s_parsers_cannot_read_keeps_what_it_gave_and_is_named(path: Path) -> None:
    crawl(path, NEW, [Answer("new|A|Anna|1"), Answer("new|A|Anna|2"), Answer("old|B|Anna|3")])
    before = rows(path, "SELECT * FROM revisions"), rows(path, MARKS)
    report, told = again(path, replace(NEW, kinds="old"))
    assert (report.lost, report.changed) == (2, 0)
    assert [lost.snapshot_id for lost in told[0].retelling.lost] == [1, 2]
    assert told[0].retelling.lost[0].problem == "no era knows new"
    assert (rows(path, "SELECT * FROM revisions"), rows(path, MARKS)) == before


def test_a_page_that_turns_out_to_be_no_article_is_marked_so(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A||1"), Answer("home|||")])
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE snapshots SET reading = 'unrecognised', problem = 'what is this' WHERE snapshot_id = 2")
    report, _ = again(path, OLD)
    assert (report.marked, report.added) == (1, 0)
    assert rows(path, "SELECT reading, problem FROM snapshots WHERE snapshot_id = 2") == [("soft-404", "the home page")]
    assert rows(path, "SELECT status, headline FROM news") == [("live", "A")]


def test_another_parser_or_rubric_alone(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A||1")])
    report, told = again(path, replace(OLD, rubric="economics"), dry_run=True)
    assert report.corrected == 1
    assert told[0].retelling.changes[0].fields == {"rubric": ("society", "economics")}
    with patch("tests.test_reparse.story", lambda *given, **more: story(*given, **more, era="belta/next")):
        assert again(path, OLD)[0].changed == 0


def test_a_lead_that_the_listing_gave_is_no_difference(path: Path) -> None:
    entry = ListingEntry("1-2026", "https://eng.belta.by/society/view/ferry-1-2026/", "A", 1, 0, lead="In short")
    with desk(path) as crawling, crawling.archive.writing() as connection:
        listing = crawling.archive.keep_in(connection, page(None, kind="listing"), crawling.crawl_id, None, "listing")
        remember(connection, ListingVisit(listing, EDITION, NOON, ZoneInfo("Europe/Minsk")), [entry])
    crawl(path, OLD, [Answer("old|A||1"), Answer("new|B||2")])
    assert rows(path, "SELECT lead FROM news") == [("In short",)]
    assert again(path, OLD)[0].changed == 0
    again(path, replace(OLD, kinds="old+new"))
    assert rows(path, "SELECT number, lead FROM revisions") == [(1, "In short"), (2, "In short")]


def test_articles_that_tell_one_story_by_now_are_linked(path: Path) -> None:
    crawl(path, replace(OLD, counter=True), [Answer("old|A||1"), Answer("old|A||2", key="2-2026")])
    assert rows(path, "SELECT duplicate_of FROM articles") == [(None,), (None,)]
    again(path, OLD)
    assert rows(path, "SELECT duplicate_of FROM articles") == [(None,), (1,)]
    assert verify(str(path)).sound


def test_a_damaged_body_is_counted_and_stops_nothing(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A|Anna|1"), Answer("old|B|Anna|2", key="2-2026")])
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE bodies SET data = x'00' WHERE sha256 = (SELECT body_sha256 FROM snapshots LIMIT 1)")
    report, _ = again(path, NEW)
    assert (report.damaged, report.corrected) == (1, 1)
    assert rows(path, "SELECT status FROM articles") == [("live",), ("live",)]


@pytest.mark.parametrize(
    ("scope", "articles"),
    [
        (ReparseScope(), 2),
        (ReparseScope(article_id=2), 1),
        (ReparseScope(since="2026-03-10T14:00:00Z"), 1),
        (ReparseScope(since="2026-03-11T14:00:00Z"), 0),
        (ReparseScope(edition=EDITION), 2),
        (ReparseScope(edition="belta-rus"), 0),
    ],
)
def test_a_scope_leaves_the_rest_alone(scope: ReparseScope, articles: int, path: Path) -> None:
    crawl(
        path, OLD, [Answer("old|A|Anna|1"), Answer("old|B|Anna|2", key="2-2026"), Answer("old|A|Anna|3", key="2-2026")]
    )
    report, _ = again(path, NEW, scope=scope)
    assert report.articles == articles
    assert rows(path, "SELECT COUNT(DISTINCT article_id) FROM revisions WHERE correction > 0") == [(articles,)]


def test_a_dry_run_writes_nothing_and_does_not_mind_a_crawl(path: Path) -> None:
    crawl(path, OLD, [Answer("old|A|Anna|1"), Answer("new|B|Anna|2")])
    before = path.read_bytes()
    with CrawlLock(str(path), EDITION):
        report, _ = again(path, NEW, dry_run=True)
        with pytest.raises(ArchiveBusy):
            again(path, NEW)
    assert (report.corrected, report.added) == (1, 1)
    assert path.read_bytes() == before


def test_an_interruption_leaves_whole_articles_and_the_next_run_does_the_rest(path: Path) -> None:
    crawl(path, OLD, [Answer(f"old|A{number}|Anna|1", key=f"{number}-2026") for number in range(5)])
    seen = 0

    def stop(_: Reread, __: ReparseReport) -> None:
        nonlocal seen
        seen += 1
        if seen == 2:
            raise KeyboardInterrupt

    with patch("storage.write.reparsing.reread.read", NEW.read):
        report = reparse(str(path), ReparseScope(), LATER, jobs=1, heard=stop)
    assert report.interrupted
    assert rows(path, "SELECT COUNT(*) FROM revisions WHERE correction = 1") == [(2,)]
    assert verify(str(path)).sound
    report, _ = again(path, NEW)
    assert (report.interrupted, report.corrected) == (False, 3)
    assert verify(str(path)).sound


BODIES = st.builds(
    "{}|{}|{}|{}".format,
    st.sampled_from(["old", "new", "home"]),
    st.sampled_from("AB"),
    st.sampled_from(["", "x"]),
    st.sampled_from("12"),
)
STATUSES = st.sampled_from([200, 200, 200, 200, 404, 304, 500])
ANSWERS = st.lists(st.builds(Answer, BODIES, STATUSES, st.sampled_from(["1-2026", "1-2026", "2-2026"])), max_size=9)
PARSERS = st.builds(Parser, st.sampled_from(["old", "new", "old+new"]), st.booleans(), st.booleans())


@pytest.mark.search
@settings(max_examples=effort(60, sample=8))
@given(ANSWERS, PARSERS)
def test_a_reparse_tells_the_story_that_a_crawl_with_these_parsers_would_tell(
    answers: list[Answer], before: Parser
) -> None:
    after = Parser("old+new", author=True)
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder) / "one.db", Path(folder) / "other.db"
        crawl(one, before, answers)
        again(one, after)
        crawl(other, after, answers)
        assert told(one) == told(other)
        assert again(one, after)[0].changed == 0
        assert [check.findings for check in verify(str(one)).checks if check.findings] == []


def told(path: Path) -> object:
    """What each article showed in the course of time, how it stands, and what came of its pages."""
    story_of: dict[object, list[object]] = {}
    latest = """SELECT a.key, r.headline, r.author, r.body FROM revisions r JOIN articles a USING (article_id)
        WHERE correction = (SELECT MAX(correction) FROM revisions c
                            WHERE c.article_id = r.article_id AND c.number = r.number)
        ORDER BY r.observed_at"""
    for key, *says in rows(path, latest):
        if story_of.setdefault(key, [])[-1:] != [says]:
            story_of[key].append(says)
    news = rows(path, "SELECT key, headline, status, gone_at, last_seen_at, duplicate_of FROM news ORDER BY key")
    marks = rows(path, "SELECT replace(reading, 'article', 'unchanged'), problem FROM snapshots ORDER BY snapshot_id")
    return story_of, news, marks
