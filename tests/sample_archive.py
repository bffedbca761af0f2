"""A small archive with one of everything, made through the archive's own door. All texts are invented."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.dates import utc_text
from crawler.records import Article, Hop, ListingEntry, Photo, Reading, Snapshot, UnknownEntry, Wire
from storage.db.schema import gaps, walks
from storage.write.archive import Archive
from storage.write.coverage.days import tell_days
from storage.write.coverage.renewal import place
from storage.write.frontier.sightings import ListingVisit, remember, remember_unknown
from tests.invented import run_out_of_patience

NOON = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)  # 12:00 in Minsk
MINSK = ZoneInfo("Europe/Minsk")
ALL_NEWS = "https://eng.belta.by/all_news/"
MIRROR = "http://127.0.0.1:8000/economics/view/story-1001-2026/"
ENG = "https://eng.belta.by/economics/view/"


def page(text: str) -> bytes:
    """An invented page: furniture that all pages share, and a text."""
    furniture = "".join(f'<li><a href="/rubric-{number}/">Rubric {number}</a></li>' for number in range(60))
    return f"<!doctype html>\n<ul>{furniture}</ul>\r\n<div>{text}</div>\n".encode()


def entry(key: str, headline: str, at: str, position: int = 0, day: date | None = date(2026, 3, 10)) -> ListingEntry:
    """A listing line."""
    url = f"{ENG}story-{key}/"
    return ListingEntry(key, url, headline, page=1, position=position, printed_time=at, day=day, rubric="economics")


def article(key: str, headline: str, *paragraphs: str, minutes: int = 0, edition: str = "belta-eng") -> Article:
    """An article published `minutes` after noon."""
    published = NOON + timedelta(minutes=minutes)
    return Article(
        edition=edition,
        key=key,
        url=f"{ENG}story-{key}/" if edition == "belta-eng" else f"https://chn.belta.by/society/view/-{key}/",
        headline=headline,
        published_at=published,
        published_printed=f"{published.astimezone(MINSK):%d %B %Y, %H:%M}",
        paragraphs=paragraphs,
        era="belta/2018-paragraphs",
        language="en" if edition == "belta-eng" else "zh",
        rubric="economics" if edition == "belta-eng" else "society",
        sources={"headline": "h1", "published_at": "div.date_full", "author": "absent: the site never gives it"},
    )


@dataclass
class Scribe:
    """Writes into an archive as a crawl does, one invented answer after the other."""

    archive: Archive
    edition: str = "belta-eng"
    now: datetime = NOON
    crawl_id: int = field(init=False)

    def __post_init__(self) -> None:
        software = "dateline/0.1.0 scrapy/2.19.0 python/3.11.7"
        self.crawl_id = self.archive.begin_crawl(self.edition, {"since": "all"}, software, "dateline", self.now)

    def snapshot(self, key: str, body: bytes, status: int = 200, url: str | None = None) -> Snapshot:
        """The answer to a request for an article."""
        wire = Wire(len(body), hashlib.sha256(body).hexdigest(), None, (("Content-Type", "text/html"),), "127.0.0.1")
        address = url or f"{ENG}story-{key}/"
        return Snapshot(self.edition, "article", address, address, self.now, status, wire, body, key=key)

    def listing(self, *entries: ListingEntry, unknown: tuple[UnknownEntry, ...] = ()) -> None:
        body = page(" ".join(entry.headline for entry in entries))
        snapshot = replace(self.snapshot("", body, url=ALL_NEWS), kind="listing", key=None, page=1)
        with self.archive.writing() as connection:
            snapshot_id = self.archive.keep_in(connection, snapshot, self.crawl_id, None, "listing")
            visit = ListingVisit(snapshot_id, self.edition, self.now, MINSK)
            remember(connection, visit, entries)
            remember_unknown(connection, visit, unknown)

    def story(self, story: Article, mirror: str | None = None) -> int:
        """Keep and save an article, redirected from its address at a mirror; returns its article_id."""
        body = page(f"<h1>{story.headline}</h1> {story.text}")
        article_id = self.archive.remember(self.edition, story.key, story.url, self.now)
        snapshot = self.snapshot(story.key, body, url=story.url)
        if mirror is not None:
            snapshot = replace(snapshot, requested_url=mirror, redirects=(Hop(mirror, 301),))
        snapshot_id = self.archive.keep(snapshot, self.crawl_id, article_id)
        return self.archive.save(Reading(snapshot, snapshot_id, article=story)).article_id

    def failure(self, key: str, problem: str, times: int = 1) -> None:
        """Visits that fail, one after the other."""
        article_id = self.archive.remember(self.edition, key, f"{ENG}story-{key}/", self.now)
        for _ in range(times):
            self.archive.failed(article_id, problem, self.now)

    def answer(self, key: str, status: int) -> None:
        """404s or 410s for an article, until that is believed."""
        article_id = self.archive.remember(self.edition, key, f"{ENG}story-{key}/", self.now)
        snapshot = self.snapshot(key, b"not here", status)
        snapshot_id = self.archive.keep(snapshot, self.crawl_id, article_id)
        self.archive.gone(snapshot_id, article_id, status, self.now)
        run_out_of_patience(self.archive, self.edition)

    def riddle(self, key: str) -> int:
        """A page that no parser reads; returns its snapshot_id."""
        article_id = self.archive.remember(self.edition, key, f"{ENG}story-{key}/", self.now)
        snapshot = self.snapshot(key, b"<p>?</p>")
        snapshot_id = self.archive.keep(snapshot, self.crawl_id, article_id)
        self.archive.unreadable(snapshot_id, article_id, "no era knows this page", self.now, "unrecognised")
        return snapshot_id

    def walk(self, **columns: object) -> None:
        """An interval of coverage, complete unless told otherwise."""
        row: dict[str, object] = {
            "crawl_id": self.crawl_id,
            "edition": self.edition,
            "kind": "head",
            "goal": "2026-03-03",
            "complete": 1,
            "ended": "goal",
            "started_at": "2026-03-10T09:00:00Z",
            "updated_at": "2026-03-10T09:00:00Z",
            "top_key": "1001-2026",
            "bottom_key": "1004-2026",
            "bottom_day": "2026-03-03",
            "pages": 2,
            "entries": 24,
        }
        with self.archive.writing() as connection:
            connection.execute(walks.insert().values({**row, **columns}))

    def gap(self, start: str | None, end: str, **columns: object) -> None:
        """A stretch of the listing that is open, unless told otherwise, from an older to a newer time (UTC text)."""
        row: dict[str, object] = {
            "crawl_id": self.crawl_id,
            "edition": self.edition,
            "from_time": start,
            "to_time": end,
            "state": "open",
            "found_at": utc_text(self.now),
        }
        with self.archive.writing() as connection:
            connection.execute(gaps.insert().values({**row, **columns}))
            place(connection)
            tell_days(connection, self.edition, MINSK, self.now)

    def loss(self, start: str, end: str, number: int = 1) -> None:
        """A stretch that is lost for ever."""
        why = "the listing ended before it: what lies between is no longer shown"
        self.gap(start, end, state="lost", lost_at=utc_text(self.now), loss_id=number, reason=why)

    def finish(self, outcome: str = "complete", message: str | None = None) -> None:
        self.archive.finish_crawl(self.crawl_id, outcome, 0 if outcome == "complete" else 3, message, self.now)


HARVEST = article(
    "1001-2026",
    "Wheat harvest begins near Brest",
    "BREST, 10 March (BelTA) - The wheat harvest has begun in three districts.",
    "Combine crews from Łódź came to help, and a choir sang under the ёлка.",
)
HARVEST_PHOTO = Photo(
    "https://img.belta.by/harvest.jpg", "A combine at work. Photo by I. Example", "Photo by I. Example"
)
PARK = article("1002-2026", "Great Stone park grows", "The park of great plans has covid-19 rules.", minutes=5)
HOSTILE = article(
    "1003-2026",
    "Windows\x1b]0;owned\x07 painted [bold red]red[/bold red]",
    "=cmd()|'/C calc'!A0 said the \x9b2J mayor\u202e of Minsk.",
    minutes=10,
)
TWIN = article("1004-2026", PARK.headline, *PARK.paragraphs, minutes=50)
CHINESE = article("1001-2026", "中国人民在明斯克", "明斯克今天天气很好。", edition="belta-chn", minutes=15)


def small(path: Path) -> Path:
    """An archive file in which all is well, see `fill`."""
    fill(str(path))
    return path


def fill(target: str) -> None:
    """Make an archive in which all is well: two editions, an article revised, one repeated, one hostile, one gone."""
    with Archive.open(target, create=True) as archive:
        scribe = Scribe(archive)
        scribe.listing(
            entry("1001-2026", "Harvest begins near Brest", "12:00"),
            entry("1002-2026", PARK.headline, "12:05", 1),
            entry("1003-2026", "Windows painted", "12:11", 2),
        )
        first = replace(HARVEST, headline="Harvest begins near Brest", photos=(HARVEST_PHOTO,))
        scribe.story(first, MIRROR)
        scribe.story(PARK)
        scribe.story(replace(HOSTILE, lead="Paint was spilt"))
        scribe.now += timedelta(hours=1)
        scribe.story(replace(HARVEST, photos=(HARVEST_PHOTO,)))
        scribe.story(TWIN)
        scribe.answer(PARK.key, 404)
        scribe.walk()
        scribe.finish()
        chinese = Scribe(archive, "belta-chn")
        chinese.story(CHINESE)
        chinese.walk(top_key="1001-2026", bottom_key="1001-2026", entries=1)
        chinese.finish()


def troubled(path: Path) -> Path:
    """An archive file in which much is not well, see `spoil`."""
    spoil(str(small(path)))
    return path


def spoil(target: str) -> None:
    """A crawl in which everything goes wrong that a person must see."""
    with Archive.open(target) as archive:
        scribe = Scribe(archive, now=NOON + timedelta(hours=2))
        scribe.failure("1005-2026", "HTTP status 500")
        scribe.failure("1006-2026", "the connection was closed", times=30)
        scribe.answer("1007-2026", 404)
        scribe.riddle("1008-2026")
        scribe.walk(complete=0, ended=None, bottom_key="1009-2026", bottom_day="2026-03-09")
        scribe.gap("2026-03-02T21:00:00Z", "2026-03-09T09:00:00Z", newer_key="1009-2026")
        scribe.finish("incomplete", "the site answered with errors")
