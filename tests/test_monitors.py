"""Each monitor is made to fire and to clear by a ledger that is written through the archive's own door."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.records import Article, Photo
from storage.db.schema import gaps
from storage.monitoring import watch
from storage.monitoring.facts import disk, edition_facts
from storage.monitoring.incidents import Incident, IncidentChanges
from storage.read.reader import open_reader
from storage.write.archive import Archive
from tests.ready_made import empty_archive
from tests.sample_archive import NOON, Scribe, article, entry

MONDAY = NOON - timedelta(days=1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PHOTO = Photo("https://img.belta.by/pier.jpg", "The pier")
SOFTWARE = "dateline/0.1.0 scrapy/2.19.0 python/3.11.7"


@dataclass
class Patient:
    """An archive and the time. Every crawl ends with a look at the monitors."""

    archive: Archive
    now: datetime = MONDAY
    number: int = 0
    last: IncidentChanges = field(default_factory=IncidentChanges)

    def crawl(self, outcome: str | None = "complete", **made: Any) -> IncidentChanges:  # noqa: ANN401 - see `Crawling`
        """A crawl of `minutes` that makes something. Without an outcome it is killed."""
        minutes = made.pop("minutes", 1)
        scribe = Scribe(self.archive, now=self.now)
        self.last = watch.before(self.archive, ["belta-eng"], self.now)
        for name, argument in made.items():
            getattr(self, name)(scribe, argument)
        self.now += timedelta(minutes=minutes)
        scribe.now = self.now
        if outcome is not None:
            scribe.finish(outcome)
            self.last = self.last.then(watch.after(self.archive, {"belta-eng": scribe.crawl_id}, self.now))
        return self.last

    def story(self, **changed: Any) -> Article:  # noqa: ANN401 - fields of an Article
        self.number += 1
        story = article(f"{self.number}-2026", f"Story {self.number}", f"Text {self.number}.")
        return replace(story, published_at=self.now, tags=("Ferries",), photos=(PHOTO,), **changed)

    def stories(self, scribe: Scribe, number: int) -> None:
        self.written(scribe, [{}] * number)

    def written(self, scribe: Scribe, all_changed: list[dict[str, Any]]) -> None:
        for changed in all_changed:
            scribe.story(replace(self.story(), **changed))

    def undated(self, scribe: Scribe, day: date) -> None:
        """Pages of another era, without a date and tags. The listing knows the day."""
        for _ in range(20):
            story = replace(self.story(), era="belta/inner-content", published_at=None, published_printed=None, tags=())
            scribe.listing(entry(story.key, story.headline, "12:00", day=day))
            scribe.story(story)

    def riddles(self, scribe: Scribe, number: int) -> None:
        for _ in range(number):
            self.number += 1
            scribe.riddle(f"{self.number}-2026")

    def failing(self, scribe: Scribe, keys: range) -> None:
        for key in keys:
            scribe.failure(f"{key}-2025", "HTTP status 500")

    def recovered(self, scribe: Scribe, keys: range) -> None:
        for key in keys:
            scribe.story(replace(self.story(), key=f"{key}-2025"))

    def listing(self, scribe: Scribe, _: object) -> None:
        scribe.listing(entry("1-2026", "Story 1", "12:00"))


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Patient]:
    path = tmp_path / "archive.db"
    path.write_bytes(empty_archive())
    with closing(Archive.open(str(path))) as archive:
        yield Patient(archive)


def named(incidents: tuple[Incident, ...]) -> list[tuple[str, str]]:
    return [(one.monitor, one.subject) for one in incidents]


def nothing_else(patient: Patient) -> bool:
    return patient.last == IncidentChanges()


def a_fortnight(patient: Patient) -> None:
    """Six stories a working day, one each hour of the morning, and one on Saturdays and Sundays."""
    for day in range(14):
        begin = MONDAY + day * DAY
        hours = range(6 if begin.weekday() < 5 else 1)
        patient.now = begin + hours[-1] * HOUR
        patient.crawl(written=[{"published_at": begin + hour * HOUR} for hour in hours])
        assert nothing_else(patient)


def test_silence_is_measured_by_the_hours_and_weekdays_of_the_edition(patient: Patient) -> None:
    a_fortnight(patient)
    patient.now = MONDAY + 14 * DAY - HOUR  # the night and the weekend were as quiet as ever
    patient.crawl()
    assert nothing_else(patient)
    patient.now = MONDAY + 16 * DAY + 3 * HOUR
    (begun,) = patient.crawl().begun
    assert (begun.monitor, begun.subject, begun.edition) == ("silence", "", "belta-eng")
    assert begun.measured.startswith("nothing new for 3 d 3 h, in which 1")
    assert "articles' time, as in the last 8 weeks" in begun.normal
    patient.now += HOUR
    assert named(patient.crawl().lasting) == [("silence", "")]
    assert named(patient.crawl(stories=1).over) == [("silence", "")]
    patient.crawl()
    assert nothing_else(patient)


def test_a_listing_that_goes_on_while_articles_are_refused_is_no_silence(patient: Patient) -> None:
    a_fortnight(patient)
    patient.now = MONDAY + 17 * DAY
    patient.crawl(listing=True, failing=range(1))
    assert nothing_else(patient)


def test_a_young_archive_learns_before_it_judges(patient: Patient) -> None:
    patient.crawl(stories=60)
    patient.now += 30 * DAY
    patient.crawl()
    assert nothing_else(patient)


def test_pages_that_cannot_be_read_above_a_share(patient: Patient) -> None:
    patient.crawl(stories=18, riddles=2)
    assert nothing_else(patient)  # one in ten, and too few to be a riddle
    patient.now += 2 * DAY
    assert named(patient.crawl(riddles=1).begun) == [("failures", "")]
    assert named(patient.crawl(stories=9).lasting) == [("failures", "")]  # at the limit it is not over yet
    assert named(patient.crawl(stories=20).over) == [("failures", "")]


def test_more_pages_than_before_that_no_parser_knows(patient: Patient) -> None:
    patient.crawl(stories=60)
    patient.now += DAY
    (begun,) = patient.crawl(riddles=4).begun
    assert (begun.monitor, begun.measured) == (
        "unrecognised",
        "4 pages of the last 24 hours are read by no parser, most often: no era knows this page",
    )
    patient.now += DAY
    assert named(patient.crawl().over) == [("unrecognised", "")]


BARE: dict[str, dict[str, Any]] = {
    "tags": {"tags": ()},
    "published_at": {"published_at": None, "published_printed": None},
    "body": {"paragraphs": ()},
    "photos": {"photos": ()},
    "photo_caption": {"photos": (Photo("https://img.belta.by/pier.jpg"),)},
}


@pytest.mark.parametrize("name", BARE)
def test_a_field_that_is_suddenly_empty_is_named_by_era_and_field(patient: Patient, name: str) -> None:
    patient.crawl(stories=100)
    (begun,) = patient.crawl(written=[BARE[name]] * 20).begun
    assert (begun.monitor, begun.subject) == ("fields", f"belta/2018-paragraphs {name}")
    assert begun.measured == f"{name} of belta/2018-paragraphs: 0 of the last 20 articles give it"
    assert begun.normal.endswith("% of the articles before")
    assert named(patient.crawl(stories=40).over) == [("fields", f"belta/2018-paragraphs {name}")]


def test_a_field_that_stops_pages_from_being_read_is_named_too(patient: Patient) -> None:
    patient.crawl(stories=100)

    def riddle(scribe: Scribe) -> None:
        address = "https://eng.belta.by/x-1-2026/"
        problem = f"belta/2018-paragraphs: headline: expected one h1 or meta og:title ({address})"
        for key in range(25):
            article_id = patient.archive.remember("belta-eng", f"{key}-2024", address, patient.now)
            kept = patient.archive.keep(scribe.snapshot(f"{key}-2024", b"?"), scribe.crawl_id, article_id)
            patient.archive.unreadable(kept, article_id, problem, patient.now, "unrecognised")

    scribe = Scribe(patient.archive, now=patient.now)
    riddle(scribe)
    scribe.finish()
    begun = {
        one.monitor: one for one in watch.after(patient.archive, {"belta-eng": scribe.crawl_id}, patient.now).begun
    }
    assert begun["fields"].subject == "belta/2018-paragraphs headline"
    assert begun["unrecognised"].measured.endswith("belta/2018-paragraphs: headline: expected one h1 or meta og:title")


def test_an_era_that_is_new_is_compared_with_what_the_edition_told_before(patient: Patient) -> None:
    patient.crawl(stories=100)
    patient.crawl(written=[{"era": "belta/2024-blocks"}] * 20)
    assert nothing_else(patient)
    bare = {"era": "belta/inner-content", "tags": ()}
    assert named(patient.crawl(written=[bare] * 8).begun) == [("fields", "belta/inner-content tags")]


def test_old_articles_that_are_met_late_say_nothing_of_the_pages_today(patient: Patient) -> None:
    patient.crawl(stories=100)
    old = {"published_at": NOON - 900 * DAY, "tags": (), "photos": ()}
    patient.crawl(written=[old] * 60)
    assert nothing_else(patient)


def test_a_first_walk_back_over_a_new_layout_meets_the_old_one_last_and_is_not_misled(patient: Patient) -> None:
    new = [{"published_at": MONDAY - hours * HOUR} for hours in range(100)]
    old = [
        {"era": "belta/inner-content", "tags": (), "published_at": MONDAY - (100 + hours / 2) * HOUR}
        for hours in range(60)
    ]
    patient.crawl(written=new + old)
    assert nothing_else(patient)
    patient.crawl(written=[{"tags": (), "published_at": MONDAY}] * 12)
    assert named(patient.last.begun) == [("fields", "belta/2018-paragraphs tags")]


def test_old_articles_without_a_date_are_as_old_as_the_listing_says(patient: Patient) -> None:
    patient.crawl(stories=100)
    patient.crawl(undated=date(2020, 3, 1))
    assert nothing_else(patient)
    begun = {one.subject for one in patient.crawl(undated=MONDAY.date()).begun}
    assert begun == {f"belta/inner-content {name}" for name in ("published_at", "tags")}


def test_growth_of_the_queue_of_what_failed(patient: Patient) -> None:
    patient.crawl(failing=range(20))
    assert nothing_else(patient)
    patient.now += DAY
    assert named(patient.crawl(failing=range(20, 61)).begun) == [("queue", "")]  # thrice what it was
    assert named(patient.crawl(recovered=range(18)).lasting) == [("queue", "")]
    assert named(patient.crawl(recovered=range(18, 30)).over) == [("queue", "")]


def test_crawls_that_do_not_reach_the_site(patient: Patient) -> None:
    for _ in range(4):
        patient.crawl("unreachable", minutes=14)
        assert nothing_else(patient)
    (begun,) = patient.crawl("refused", minutes=14).begun
    assert begun.measured == "the last 5 crawls were refused or did not reach the site, for 1 h 10 min"
    assert named(patient.crawl("incomplete").over) == [("reach", "")]


def test_crawls_that_are_killed_are_noticed_when_the_next_begins(patient: Patient) -> None:
    patient.crawl()
    for _ in range(3):
        patient.crawl(None)
        assert nothing_else(patient)
    (begun,) = patient.crawl(None).begun
    assert begun.measured == "3 of the last 4 crawls were killed before their end"
    for _ in range(8):
        assert named(patient.crawl().lasting) == [("killed", "")]
    assert named(patient.crawl().over) == [("killed", "")]  # nine of ten came to their end


def test_a_clock_that_goes_back(patient: Patient) -> None:
    patient.crawl()
    patient.now -= timedelta(minutes=2)
    patient.crawl(minutes=10)  # within what a clock may be set right by
    assert nothing_else(patient)
    patient.now -= 3 * HOUR
    (begun,) = patient.crawl().begun
    assert (begun.monitor, begun.measured) == ("clock", "the clock went back by 3 h")
    assert named(patient.crawl().over) == [("clock", "")]


def test_an_import_of_old_crawls_is_no_clock_that_goes_back(patient: Patient) -> None:
    patient.crawl()
    old = patient.now - 900 * DAY
    imported = patient.archive.begin_crawl("belta-eng", {}, SOFTWARE, "dateline", old)
    patient.archive.finish_crawl(imported, "complete", 0, None, old)
    patient.crawl()
    assert nothing_else(patient)


def test_a_hole_that_crawl_after_crawl_does_not_close(patient: Patient) -> None:
    patient.crawl(listing=True)
    Scribe(patient.archive).gap("2026-03-02T21:00:00Z", "2026-03-08T09:00:00Z")
    for _ in range(4):
        patient.now += 12 * HOUR
        patient.crawl("incomplete", listing=True)
        assert nothing_else(patient)
    patient.now += 12 * HOUR
    (begun,) = patient.crawl("incomplete", listing=True).begun
    assert begun.measured == (
        "3 to 7 March missing, part of 8 March: open for 2 d 12 h and 5 crawls, which read 5 listing pages"
    )
    with patient.archive.writing() as connection:
        connection.execute(gaps.update().values(state="filled"))
    assert named(patient.crawl(listing=True).over) == [("holes", "")]


def test_room_on_the_disk(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    left = shutil._ntuple_diskusage(2**40, 0, 2**25)
    patient.crawl(stories=1)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: left)
        (begun,) = patient.crawl().begun
    assert (begun.edition, begun.monitor) == ("", "disk")
    assert begun.measured.startswith("33.6 MB are left, enough for ")
    assert begun.normal == "at least 67.1 MB: 14 days' growth"
    assert named(patient.crawl().over) == [("disk", "")]


def test_growth_is_that_of_the_last_week(patient: Patient) -> None:
    patient.crawl(stories=30)
    patient.now += 30 * DAY
    patient.crawl(stories=10)
    with open_reader(str(patient.archive.place)) as reader:
        facts = disk(reader)
    assert facts is not None
    assert facts.daily == pytest.approx(facts.size * 10 / 40 / 7, rel=0.01)


def test_what_waits_is_noted_in_the_ledger(patient: Patient) -> None:
    patient.crawl(failing=range(3))
    patient.crawl(recovered=range(1))
    with open_reader(str(patient.archive.place)) as reader:
        facts = edition_facts(reader, "belta-eng")
    assert facts is not None
    assert [ran.waiting for ran in facts.crawls] == [2, 3]
