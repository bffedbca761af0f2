"""Revisions: every change is one, nothing else is, and the index says what the rows say."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import insert

from crawler.matching.digests import content_hash
from crawler.records import Photo, Reading
from storage.db.schema import sightings
from storage.write.articles import late
from tests.invented import EDITION, NOON, Desk, desk, page, run_out_of_patience, story

HOUR = timedelta(hours=1)


@pytest.fixture
def crawl(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path / "archive.db") as crawling:
        yield crawling


def found(crawl: Desk, words: str) -> list[str]:
    rows = crawl.rows(
        "SELECT key FROM news_search JOIN articles ON article_id = news_search.rowid WHERE news_search MATCH ? "
        "ORDER BY key",
        words,
    )
    return [key for (key,) in rows]


def sight(crawl: Desk, lead: str | None, key: str = "1-2026") -> None:
    with crawl.archive.writing() as connection:
        listing = crawl.archive.keep_in(connection, page(None, kind="listing"), crawl.crawl_id, None, "listing")
        connection.execute(
            insert(sightings).values(
                article_id=crawl.archive.find(EDITION, key).article_id,  # type: ignore[union-attr]
                snapshot_id=listing,
                last_snapshot_id=listing,
                page=1,
                position=0,
                in_order=1,
                url="",
                headline="Ferry",
                lead=lead,
                first_seen_at="",
                last_seen_at="",
            )
        )


def test_a_new_article_stands_in_the_view_with_all_that_people_ask_for(crawl: Desk) -> None:
    crawl.meet(at=NOON - HOUR)
    saved = crawl.visit(story(lead="After a winter"))
    assert saved.outcome == "new"
    assert crawl.news() == {
        "article_id": 1,
        "edition": EDITION,
        "key": "1-2026",
        "url": "https://eng.belta.by/society/view/ferry-1-2026/",
        "headline": "Ferry resumes",
        "published_at": "2026-03-10T10:00:00Z",
        "rubric": "society",
        "lead": "After a winter",
        "body": "It sails again.",
        "language": "en",
        "tags": '["Transport"]',
        "photo_url": "https://img.belta.by/a_big.jpg",
        "photo_caption": "The ferry at its pier",
        "photo_count": 1,
        "status": "live",
        "revision_count": 1,
        "first_seen_at": "2026-03-10T11:00:00Z",
        "last_seen_at": "2026-03-10T12:00:00Z",
        "changed_at": "2026-03-10T12:00:00Z",
        "gone_at": None,
        "duplicate_of": None,
        "snapshot_id": 1,
        "published_day": "2026-03-10",
        "absent_since": None,
        "gone_reason": None,
    }


def test_a_revision_says_where_each_field_came_from(crawl: Desk) -> None:
    crawl.visit(story(dateline="MINSK, 10 March", credit="BelTA", author="A. Pier", rubric_label="Society"))
    ((row,),) = crawl.rows(
        "SELECT json_array(number, correction, snapshot_id, published_printed, dateline, credit, author, rubric_label, "
        "parser, content_hash) FROM revisions"
    )
    assert json.loads(row) == [
        1, 0, 1, "10 March 2026, 13:00", "MINSK, 10 March", "BelTA", "A. Pier", "Society", "belta/2018-paragraphs",
        content_hash(story(author="A. Pier")),
    ]  # fmt: skip
    assert json.loads(str(crawl.value("SELECT sources FROM revisions"))) == dict(story().sources)


def test_the_same_content_makes_no_revision_but_the_visit_is_noted(crawl: Desk) -> None:
    crawl.visit(story())
    saved = crawl.visit(story(), at=NOON + HOUR)
    assert (saved.outcome, saved.revision_id) == ("unchanged", 1)
    assert crawl.value("SELECT count(*) FROM revisions") == 1
    assert crawl.rows("SELECT reading FROM snapshots ORDER BY snapshot_id") == [("article",), ("unchanged",)]
    assert (crawl.news()["last_seen_at"], crawl.news()["changed_at"]) == (
        "2026-03-10T13:00:00Z",
        "2026-03-10T12:00:00Z",
    )


def test_a_change_is_a_revision_and_so_is_going_back(crawl: Desk) -> None:
    texts = ["It sails.", "It sinks.", "It sails."]
    outcomes = [crawl.visit(story(text=text), at=NOON + number * HOUR).outcome for number, text in enumerate(texts)]
    assert outcomes == ["new", "revised", "revised"]
    assert crawl.rows("SELECT number, body, snapshot_id FROM revisions ORDER BY number") == [
        (1, "It sails.", 1),
        (2, "It sinks.", 2),
        (3, "It sails.", 3),
    ]
    news = crawl.news()
    assert (news["body"], news["revision_count"], news["changed_at"]) == ("It sails.", 3, "2026-03-10T14:00:00Z")


def test_the_same_page_read_otherwise_is_a_correction_of_ours_not_a_revision_of_theirs(crawl: Desk) -> None:
    snapshot = page()
    crawl.visit(story(author="By our own"), snapshot=snapshot)
    saved = crawl.visit(story(), at=NOON + HOUR, snapshot=snapshot)
    assert saved.outcome == "corrected"
    assert crawl.rows("SELECT number, correction, author FROM revisions ORDER BY revision_id") == [
        (1, 0, "By our own"),
        (1, 1, None),
    ]
    assert (crawl.news()["revision_count"], crawl.news()["changed_at"]) == (1, "2026-03-10T12:00:00Z")
    assert crawl.visit(story(text="It sinks."), at=NOON + 2 * HOUR).outcome == "revised"
    assert crawl.news()["revision_count"] == 2


def test_a_renamed_address_is_taken_over_without_a_revision(crawl: Desk) -> None:
    crawl.visit(story())
    renamed = "https://eng.belta.by/society/view/boat-1-2026/"
    assert crawl.visit(story(url=renamed)).outcome == "unchanged"
    assert crawl.news()["url"] == renamed


def test_a_photo_keeps_its_place_caption_and_credit(crawl: Desk) -> None:
    shown = (Photo("a.jpg", "Anna. Photo by B.", "Photo by B."), Photo("b.jpg"), Photo("c.jpg", "Cat"))
    crawl.visit(story(photos=shown))
    assert crawl.rows("SELECT position, url, caption, credit FROM photos ORDER BY position") == [
        (0, "a.jpg", "Anna. Photo by B.", "Photo by B."),
        (1, "b.jpg", None, None),
        (2, "c.jpg", "Cat", None),
    ]
    assert (crawl.news()["photo_url"], crawl.news()["photo_count"]) == ("a.jpg", 3)
    crawl.visit(story(photos=()))
    assert (crawl.news()["photo_url"], crawl.news()["photo_caption"], crawl.news()["photo_count"]) == (None, None, 0)


def test_the_lead_of_the_listing_stands_in_where_the_page_has_none(crawl: Desk) -> None:
    crawl.meet()
    for lead in ("Old lead", "New lead", None):
        sight(crawl, lead)
    crawl.visit(story())
    assert crawl.news()["lead"] == "New lead"
    assert json.loads(str(crawl.value("SELECT sources FROM revisions")))["lead"] == "listing"
    assert found(crawl, "lead : new") == ["1-2026"]


def test_a_lead_of_the_listing_is_no_content_and_its_change_no_revision(crawl: Desk) -> None:
    crawl.visit(story())
    sight(crawl, "Suddenly a lead")
    assert crawl.visit(story()).outcome == "unchanged"


def test_a_gone_article_keeps_all_it_had(crawl: Desk) -> None:
    crawl.visit(story())
    saved = crawl.archive.gone(crawl.keep(page(status=404, at=NOON + HOUR)), crawl.meet(), 404, NOON + HOUR)
    assert (saved.outcome, saved.revision_id) == ("gone", 1)
    for later in (2, 49):
        assert (crawl.news()["status"], crawl.news()["gone_at"]) == ("live", None)
        at = NOON + later * HOUR
        crawl.archive.gone(crawl.keep(page(status=404, at=at)), crawl.meet(), 404, at)
        assert crawl.archive.settle_absences(EDITION) == ()
    news = crawl.news()
    assert (news["status"], news["gone_at"], news["body"]) == ("gone", "2026-03-10T13:00:00Z", "It sails again.")
    assert (news["gone_reason"], news["absent_since"]) == ("HTTP status 404", "2026-03-10T13:00:00Z")
    assert found(crawl, "sails") == ["1-2026"]


@pytest.mark.parametrize(("text", "outcome"), [("It sails again.", "unchanged"), ("It is back.", "revised")])
def test_an_article_comes_back_from_the_dead(text: str, outcome: str, crawl: Desk) -> None:
    crawl.visit(story())
    crawl.archive.gone(crawl.keep(page(status=404)), crawl.meet(), 404, NOON)
    run_out_of_patience(crawl.archive)
    assert crawl.news()["status"] == "gone"
    assert crawl.visit(story(text=text), at=NOON + HOUR).outcome == outcome
    assert (crawl.news()["status"], crawl.news()["gone_at"]) == ("live", None)


def test_a_304_says_that_an_article_is_there_and_unchanged(crawl: Desk) -> None:
    crawl.visit(story())
    crawl.archive.gone(crawl.keep(page(status=404)), crawl.meet(), 404, NOON)
    run_out_of_patience(crawl.archive)
    answer = crawl.keep(page(status=304, body=b"", at=NOON + HOUR))
    saved = crawl.archive.not_modified(answer, crawl.meet(), NOON + HOUR)
    assert (saved.outcome, saved.due_at) == ("not-modified", NOON + 4 * HOUR)
    assert (crawl.news()["status"], crawl.news()["last_seen_at"]) == ("live", "2026-03-10T13:00:00Z")


def test_one_soft_200_changes_nothing_but_the_schedule_and_since_when_it_is_not_there(crawl: Desk) -> None:
    crawl.visit(story())
    before = crawl.news()
    snapshot_id = crawl.keep(page(body=b"<h1>Home</h1>", at=NOON + HOUR))
    assert crawl.archive.soft_404(snapshot_id, crawl.meet(), "the home page", NOON + HOUR).outcome == "soft-404"
    assert crawl.news() == before | {"absent_since": "2026-03-10T13:00:00Z"}
    assert crawl.rows("SELECT reading, problem FROM snapshots WHERE snapshot_id = ?", snapshot_id) == [
        ("soft-404", "the home page")
    ]


def test_a_story_under_two_keys_is_linked_to_the_one_published_first(crawl: Desk) -> None:
    crawl.visit(story("20-2026", published_at=NOON - HOUR))
    crawl.visit(story("3-2026", published_at=NOON - 2 * HOUR, photos=()))
    crawl.visit(story("4-2026", published_at=NOON - 2 * HOUR))
    crawl.visit(story("5-2026", headline="Another"))
    links = crawl.rows("SELECT n.key, o.key FROM news n LEFT JOIN news o ON o.article_id = n.duplicate_of ORDER BY 1")
    assert links == [("20-2026", "3-2026"), ("3-2026", None), ("4-2026", "3-2026"), ("5-2026", None)]


def test_an_original_that_is_rewritten_lets_go_of_its_duplicates(crawl: Desk) -> None:
    for number in (1, 2, 3):
        crawl.visit(story(f"{number}-2026", published_at=NOON + (number - 9) * HOUR))
    crawl.visit(story("1-2026", text="All new.", published_at=NOON - 8 * HOUR))
    links = crawl.rows("SELECT key, duplicate_of FROM articles ORDER BY key")
    assert links == [("1-2026", None), ("2-2026", None), ("3-2026", 2)]
    crawl.visit(story("1-2026", published_at=NOON - 8 * HOUR))
    links = crawl.rows("SELECT key, duplicate_of FROM articles ORDER BY key")
    assert links == [("1-2026", None), ("2-2026", 1), ("3-2026", 1)]


def test_a_duplicate_that_is_rewritten_is_one_no_more(crawl: Desk) -> None:
    for number in (1, 2):
        crawl.visit(story(f"{number}-2026"))
    crawl.visit(story("2-2026", text="All new."))
    assert crawl.rows("SELECT key, duplicate_of FROM articles ORDER BY key") == [("1-2026", None), ("2-2026", None)]


def test_two_flashes_without_a_body_are_not_taken_for_one_story(crawl: Desk) -> None:
    crawl.visit(story("1-2026", text=""))
    crawl.visit(story("2-2026", text=""))
    assert crawl.rows("SELECT duplicate_of FROM articles") == [(None,), (None,)]


def test_an_article_nobody_asked_for_is_met_when_it_is_saved(crawl: Desk) -> None:
    snapshot = page("1-2026")
    snapshot_id = crawl.archive.keep(snapshot, crawl.crawl_id, None)
    saved = crawl.archive.save(Reading(snapshot, snapshot_id, "article", story()))
    assert saved.outcome == "new"
    assert crawl.rows("SELECT article_id FROM snapshots") == [(saved.article_id,)]


def test_words_are_found_in_headline_lead_body_and_captions_and_only_as_they_are_now(crawl: Desk) -> None:
    crawl.visit(story(lead="Winter is over"))
    assert [found(crawl, word) for word in ("resumes", "winter", "sails", "pier")] == [["1-2026"]] * 4
    crawl.visit(story(headline="Bridge opens", text="It stands.", photos=(), lead=None))
    assert [found(crawl, word) for word in ("resumes", "winter", "sails", "pier")] == [[]] * 4
    assert found(crawl, "bridge AND stands") == ["1-2026"]


@pytest.mark.parametrize(
    ("printed", "typed"), [("Łódź", "lodz"), ("Straße", "strasse"), ("ёлка", "елка"), ("中国人民", '"国人"')]
)
def test_words_are_found_without_their_accents(printed: str, typed: str, crawl: Desk) -> None:
    crawl.visit(story(text=f"Before {printed} after"))
    crawl.visit(story("2-2026", photos=(Photo("a.jpg", printed),)))
    assert found(crawl, typed) == ["1-2026", "2-2026"]


def test_hostile_text_is_stored_and_found(crawl: Desk) -> None:
    crawl.visit(story(headline="A\x00b \ud800 'quoted\" ); DROP TABLE", text="x" * 2_000_000, tags=("\udfff",)))
    assert crawl.news()["headline"] == "A\ufffdb \ufffd 'quoted\" ); DROP TABLE"
    assert found(crawl, "quoted") == ["1-2026"]
    crawl.check_index()


KEYS = st.sampled_from(["1-2026", "2-2026", "3-2026"])
WORDS = st.lists(st.sampled_from(["alpha", "beta", "Łódź", "ёлка", "中国人", "café"]), max_size=2).map(" ".join)


class History(RuleBasedStateMachine):
    """Articles that appear, change, vanish and come back, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        folder = self.resources.enter_context(tempfile.TemporaryDirectory())
        self.crawl = self.resources.enter_context(desk(Path(folder) / "archive.db"))
        self.said: dict[str, list[tuple[str, str, str]]] = {}
        self.now = NOON

    def teardown(self) -> None:
        self.resources.close()

    @rule(key=KEYS, headline=st.sampled_from(["alpha", "Łódź"]), text=WORDS, caption=WORDS)
    def shows(self, key: str, headline: str, text: str, caption: str) -> None:
        self.now += HOUR
        photos = (Photo("a.jpg", caption or None), Photo("b.jpg", "second"))
        self.crawl.visit(story(key, headline, text, photos=photos), at=self.now)
        history = self.said.setdefault(key, [])
        if not history or history[-1] != (headline, text, caption):
            history.append((headline, text, caption))

    @rule(key=KEYS)
    def vanishes(self, key: str) -> None:
        self.now += HOUR
        article_id = self.crawl.meet(key, self.now)
        self.crawl.archive.gone(self.crawl.keep(page(key, status=404, at=self.now)), article_id, 404, self.now)

    @rule(key=KEYS)
    def fails(self, key: str) -> None:
        self.crawl.archive.failed(self.crawl.meet(key, self.now), "reset", self.now)

    @invariant()
    def every_change_is_a_revision_and_nothing_else_is(self) -> None:
        rows = self.crawl.rows(
            "SELECT key, headline, body FROM revisions JOIN articles USING (article_id) ORDER BY key, number"
        )
        assert rows == [(key, said[0], said[1]) for key in sorted(self.said) for said in self.said[key]]

    @invariant()
    def the_index_is_true(self) -> None:
        self.crawl.check_index()

    @invariant()
    def duplicates_are_those_that_say_the_same_now(self) -> None:
        first: dict[tuple[str, str], str] = {}
        expected = {}
        for key in sorted(self.said):
            headline, text, _ = self.said[key][-1]
            expected[key] = first.setdefault((headline, text), key) if text else key
        rows = self.crawl.rows("SELECT n.key, coalesce(o.key, n.key) FROM news n LEFT JOIN news o "
                               "ON o.article_id = n.duplicate_of")  # fmt: skip
        assert dict(rows) == expected


TestHistory = History.TestCase
TestHistory.settings = settings(max_examples=25, stateful_step_count=20)


def test_the_next_revision_is_numbered_above_one_that_came_late_and_never_was_current(crawl: Desk) -> None:
    article_id = crawl.visit(story(), at=NOON).article_id
    earlier = page("1-2026", b"an earlier page", at=NOON - HOUR)
    kept = crawl.keep(earlier)
    with crawl.archive.writing() as connection:
        late.settle_late(connection, article_id, Reading(earlier, kept, "article", story(headline="Ferry may resume")))
    assert crawl.news()["revision_count"] == 2
    crawl.visit(story(headline="Ferry sails"), at=NOON + HOUR)
    assert crawl.rows("SELECT number, headline FROM revisions ORDER BY number") == [
        (1, "Ferry resumes"),
        (2, "Ferry may resume"),
        (3, "Ferry sails"),
    ]
    assert crawl.news()["headline"] == "Ferry sails"
