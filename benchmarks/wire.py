"""The rows of a large invented archive: what a crawl every evening would have left over some years.

Days are UTC. At half past eleven every edition is crawled: one listing page, then what it brought. Ids are given out in
the order of publication; the snapshots of listings come first.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.newsroom import Draft, Newsroom
from crawler.dates import utc_text
from crawler.matching.digests import content_hash
from crawler.records import Article, Photo
from crawler.rules.decide import recheck_at
from crawler.sites import edition as edition_named
from storage.db.folding import folded_words
from storage.db.rows import photo_row, said_row
from storage.terminal.moments import local

MINSK = ZoneInfo("Europe/Minsk")
END = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
_A_DAY, _FEWEST_DAYS, _MOST_DAYS = 90, 20, 2_150  # articles; days crawled
_SHARES = (5, 3, 2)  # of the editions
_WEEK = (10, 10, 10, 10, 9, 5, 4)
_HOURS = (1, 1, 1, 1, 2, 5, 8, 9, 9, 9, 9, 9, 9, 8, 8, 7, 5, 4, 3, 2, 1, 1, 1, 1)  # UTC: Minsk is three hours ahead
_UNSAID = (
    "revision_id", "duplicate_of", "changed_at", "gone_at", "gone_reason", "absent_since", "due_at", "last_error",
)  # fmt: skip
_GONE, _SEEN_AGAIN, _NEVER_READ = 90, 10, 2_000  # one article in so many
_HOLE = 0.9  # where in the time covered the walk of the first edition was cut
_HEADERS = json.dumps(
    [
        ["Server", "nginx"],
        ["Content-Type", "text/html; charset=utf-8"],
        ["Connection", "keep-alive"],
        ["Cache-Control", "no-store, no-cache, must-revalidate"],
        ["Vary", "Accept-Encoding"],
        ["ETag", '"invented"'],
    ]
)
_SOURCES = {"headline": "h1", "published_at": "div.date_full", "author": "absent: the site never gives it"}

Row = dict[str, Any]
Pages = Mapping[tuple[str, str], Sequence[tuple[str, int]]]
"""(edition, kind) -> digest and size of each page there is."""

_folded = lru_cache(maxsize=100_000)(folded_words)  # of sentences, which come again


@dataclass(frozen=True, slots=True)
class _Item:
    """An article as it is listed."""

    article_id: int
    edition: str
    language: str
    rubric: str
    published: datetime

    @property
    def key(self) -> str:
        return f"{100_000 + self.article_id}-{self.published.year}"

    @property
    def url(self) -> str:
        return f"https://{edition_named(self.edition).host}/{self.rubric}/view/invented-{self.key}/"

    @property
    def printed_time(self) -> str:
        return local(utc_text(self.published), MINSK)[-5:]


@dataclass(frozen=True, slots=True)
class _Visit:
    """One answer to a request for an article."""

    snapshot_id: int
    crawl_id: int
    at: datetime


def days(count: int) -> int:
    """Over how many days so many articles are spread."""
    return min(max(count // _A_DAY, _FEWEST_DAYS), _MOST_DAYS)


class Wire:
    """Rows of `count` articles, written by a newsroom an edition; the first edition has the hole in its coverage."""

    def __init__(self, newsrooms: Mapping[str, Newsroom], pages: Pages, count: int, seed: int) -> None:
        self.newsrooms, self.pages, self.count = newsrooms, pages, count
        self.editions = tuple(newsrooms)
        self.days = days(count)
        self.first = (END - timedelta(days=self.days - 1)).replace(hour=0, minute=0)
        hole = int(self.days * _HOLE)
        self.hole = range(hole, hole + 1 + self.days // 300)
        self._random = Random(seed)
        self._counts: Counter[tuple[int, str]] = Counter()  # of the ledger: crawl and column
        self._ids: Counter[str] = Counter()
        self._ends: dict[int, tuple[_Item, _Item]] = {}  # of each walk: its oldest and its newest article
        self._around_loss: list[_Item] = []  # the articles of the third edition before and after its lost stretch
        self._added: list[tuple[str, Row]] = []

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Table and row. All rows of a table have the same columns."""
        self._listings()
        for published in self._moments():
            self._article(published)
            yield from self._added
            self._added.clear()
        self._never_read()
        self._walks()
        self._gaps()
        self._ledger()
        yield from self._added

    def _add(self, table: str, **row: object) -> None:
        self._added.append((table, row))

    def _next(self, table: str) -> int:
        self._ids[table] += 1
        return self._ids[table]

    def _one_in(self, many: int) -> bool:
        return self._random.randrange(many) == 0

    # --- when and where

    def _moments(self) -> list[datetime]:
        """When the articles were published, in order."""
        weights = [_WEEK[(self.first + timedelta(days=day)).weekday()] for day in range(self.days)]
        days = self._random.choices(range(self.days), weights, k=self.count)
        hours = self._random.choices(range(24), _HOURS, k=self.count)
        minutes = self._random.choices(range(60), k=self.count)
        moments = zip(days, hours, minutes, strict=True)
        return sorted(self.first + timedelta(days=day, hours=hour, minutes=minute) for day, hour, minute in moments)

    def _found_on(self, published: datetime) -> int:
        """The day whose crawl finds it: after half past eleven the next one, but for the very last."""
        return min((published + timedelta(minutes=30) - self.first).days, self.days - 1)

    def _later(self, day: int, most: int) -> int:
        return min(day + self._random.randint(1, most), self.days - 1)

    def _begins(self, day: int) -> datetime:
        return self.first + timedelta(days=day, hours=23, minutes=30)

    def _crawl(self, day: int, edition: str) -> int:
        """The crawl_id, which is also the snapshot_id of its listing page."""
        return day * len(self.editions) + self.editions.index(edition) + 1

    def _edition(self, day: int) -> str:
        edition = self._random.choices(self.editions, _SHARES)[0]
        return self.editions[1] if edition == self.editions[0] and day in self.hole else edition

    def _walk(self, day: int, item: _Item) -> int:
        above_the_hole = item.edition == self.editions[0] and day >= self.hole.stop
        walk_id = len(self.editions) + 1 if above_the_hole else self.editions.index(item.edition) + 1
        self._ends[walk_id] = self._ends.get(walk_id, (item, item))[0], item
        return walk_id

    # --- an article

    def _article(self, published: datetime) -> None:
        found_on = day = self._found_on(published)
        edition = self._edition(day)
        article_id = self._next("articles")
        original, versions = self.newsrooms[edition].story(article_id)
        language = self.newsrooms[edition].language.code
        item = _Item(article_id, edition, language, versions[0].rubric, published)
        self._sighting(item, day, versions[0].headline, versions[0].sentences[0])
        self._note_loss(item, day)
        visits = []
        for number, version in enumerate(versions, 1):
            day = self._later(day, 4) if number > 1 else day
            visits.append(self._visit(item, day, "article"))
            self._revision(item, version, number, visits[-1])
        changed = visits[-1]
        if self._one_in(_SEEN_AGAIN):
            visits.append(self._visit(item, self._later(day, 1), "unchanged"))
        gone = self._visit(item, self._later(day, 30), "gone") if self._one_in(_GONE) else None
        due = recheck_at(published, visits[0].at, visits[-1].at)
        self._standing(
            item,
            found_on,
            status="gone" if gone else "live",
            revision_id=self._ids["revisions"],
            duplicate_of=original,
            last_seen_at=utc_text(visits[-1].at),
            changed_at=utc_text(changed.at),
            **self._gone(gone),
            due_at=utc_text(due) if due else None,
        )

    @staticmethod
    def _gone(visit: _Visit | None) -> dict[str, object]:
        if visit is None:
            return {}
        since = utc_text(visit.at)
        return {"gone_at": since, "absent_since": since, "gone_reason": "HTTP status 404", "absences": 3}

    def _standing(self, item: _Item, day: int, **columns: object) -> None:
        nothing: dict[str, object] = dict.fromkeys(_UNSAID)
        seen = utc_text(self._begins(day))
        self._add(
            "articles",
            article_id=item.article_id,
            edition=item.edition,
            key=item.key,
            url=item.url,
            walk_id=self._walk(day, item),
            day=local(utc_text(item.published), MINSK)[:10],
            first_seen_at=seen,
            **{"last_seen_at": seen, "attempts": 0, "absences": 0, **nothing, **columns},
        )

    def _sighting(self, item: _Item, day: int, headline: str, lead: str) -> None:
        listing = self._crawl(day, item.edition)
        self._counts[listing, "entries"] += 1
        self._add(
            "sightings",
            article_id=item.article_id,
            snapshot_id=listing,
            last_snapshot_id=listing,
            page=1,
            position=self._counts[listing, "entries"] - 1,
            in_order=1,
            url=item.url,
            headline=headline,
            printed_time=item.printed_time,
            day=local(utc_text(item.published), MINSK)[:10],
            lead=lead,
            rubric=item.rubric,
            first_seen_at=utc_text(self._begins(day)),
            last_seen_at=utc_text(self._begins(day)),
        )

    def _visit(self, item: _Item, day: int, reading: str) -> _Visit:
        crawl_id = self._crawl(day, item.edition)
        self._counts[crawl_id, "article_pages"] += 1
        self._counts[crawl_id, reading] += 1
        at = self._begins(day) + timedelta(seconds=2 * self._counts[crawl_id, "article_pages"])
        visit = _Visit(self._next("snapshots"), crawl_id, at)
        status = 404 if reading == "gone" else 200
        self._snapshot(visit, item.edition, item.url, "article", status, article_id=item.article_id, reading=reading)
        return visit

    def _snapshot(self, visit: _Visit, edition: str, url: str, kind: str, status: int, **columns: object) -> None:
        self._ids[f"pages {edition} {kind}"] += 1
        sha256, size = self.pages[edition, kind][self._ids[f"pages {edition} {kind}"] % len(self.pages[edition, kind])]
        self._add(
            "snapshots",
            snapshot_id=visit.snapshot_id,
            crawl_id=visit.crawl_id,
            edition=edition,
            kind=kind,
            requested_url=url,
            url=url,
            fetched_at=utc_text(visit.at),
            status=status,
            headers=_HEADERS,
            body_sha256=sha256,
            body_size=size,
            wire_sha256=sha256,
            wire_size=size,
            ip_address="192.0.2.1",
            protocol="HTTP/1.1",
            **{"article_id": None, "page": None, **columns},
        )

    def _revision(self, item: _Item, draft: Draft, number: int, visit: _Visit) -> None:
        article, lead = _told(item, draft), draft.sentences[0]
        said = [draft.headline, lead, *draft.sentences, *draft.captions]
        revision_id = self._next("revisions")
        self._counts[visit.crawl_id, "new_articles" if number == 1 else "new_revisions"] += 1
        self._add(
            "revisions",
            **said_row(article, lead),
            folded=" ".join(filter(None, map(_folded, said))) or None,
            content_hash=content_hash(article),
            revision_id=revision_id,
            article_id=item.article_id,
            number=number,
            correction=0,
            observed_at=utc_text(visit.at),
            snapshot_id=visit.snapshot_id,
        )
        for place, photo in enumerate(article.photos):
            self._add("photos", **photo_row(photo, place), revision_id=revision_id)

    # --- what is not of one article

    def _never_read(self) -> None:
        """Articles of the last days that were listed and could not be fetched: half of them are given up."""
        for number in range(self.count // _NEVER_READ + 3):
            day = self.days - 1 - number % 7
            published = self._begins(day) - timedelta(hours=3)
            item = _Item(self._next("articles"), self.editions[1], "ru", "society", published)
            self._sighting(item, day, f"Invented headline {number}", "Invented lead.")
            late = {"last_error": "HTTP status 500", "attempts": 12}
            if number % 2:
                self._standing(item, day, status="given-up", **late)
            else:
                self._standing(item, day, status="pending", due_at=utc_text(END), **late | {"attempts": 4})

    def _listings(self) -> None:
        for day in range(self.days):
            for edition in self.editions:
                url = f"https://{edition_named(edition).host}/all_news/"
                crawl_id = self._crawl(day, edition)
                visit = _Visit(self._next("snapshots"), crawl_id, self._begins(day))
                self._counts[crawl_id, "listing_pages"] = 1
                self._snapshot(visit, edition, url, "listing", 200, page=1, reading="listing")

    def _walks(self) -> None:
        """One interval an edition down to its first day; that of the first edition ends below the hole."""
        last = self.days - 1
        for number, edition in enumerate(self.editions, 1):
            top = self.hole.start - 1 if number == 1 else last
            self._interval(number, edition, range(top + 1), complete=1, ended="goal")
        cut = range(self.hole.stop, last + 1)
        self._interval(len(self.editions) + 1, self.editions[0], cut, complete=0, ended=None)

    def _note_loss(self, item: _Item, day: int) -> None:
        if item.edition == self.editions[2] and len(self._around_loss) < 2:
            self._around_loss[:] = [item] if day < self.days // 2 else [*self._around_loss, item]

    def _gaps(self) -> None:
        """The hole of the first edition, and what the listing of the third one had dropped before anybody looked."""
        above = len(self.editions) + 1
        if {1, above} <= self._ends.keys():
            self._gap(1, self._ends[1][1], self._ends[above][0], walk_id=above, reason="the walk was cut short")
        if len(self._around_loss) == 2:
            at = utc_text(self._begins(self.days // 2))
            why = "the listing ended before it"
            older, newer = self._around_loss
            self._gap(2, older, newer, walk_id=3, state="lost", lost_at=at, loss_id=1, reason=why)

    def _gap(self, gap_id: int, older: _Item, newer: _Item, **columns: object) -> None:
        self._add(
            "gaps",
            gap_id=gap_id,
            edition=older.edition,
            from_time=utc_text(older.published),
            to_time=utc_text(newer.published),
            older_key=older.key,
            newer_key=newer.key,
            found_at=utc_text(self._begins(self.days // 2)),
            **{"state": "open", "lost_at": None, "loss_id": None, **columns},
        )

    def _interval(self, walk_id: int, edition: str, days: range, **columns: object) -> None:
        bottom, top = self._ends.get(walk_id, (None, None))
        self._add(
            "walks",
            walk_id=walk_id,
            crawl_id=self._crawl(days[0], edition),
            edition=edition,
            kind="head",
            goal=f"{self.first:%Y-%m-%d}",
            started_at=utc_text(self._begins(days[0])),
            updated_at=utc_text(self._begins(days[-1])),
            top_key=top.key if top else None,
            bottom_key=bottom.key if bottom else None,
            bottom_page=1,
            bottom_day=f"{self.first + timedelta(days=days[0]):%Y-%m-%d}",
            pages=len(days),
            entries=sum(self._counts[self._crawl(day, edition), "entries"] for day in days),
            **columns,
        )

    def _ledger(self) -> None:
        counted = ("listing_pages", "article_pages", "new_articles", "new_revisions", "unchanged", "gone")
        for day in range(self.days):
            for edition in self.editions:
                crawl_id = self._crawl(day, edition)
                pages = self._counts[crawl_id, "article_pages"]
                self._add(
                    "crawls",
                    crawl_id=crawl_id,
                    edition=edition,
                    arguments="{}",
                    software="dateline/0.1.0 scrapy/2.19.0 python/3.11.7",
                    user_agent="dateline",
                    started_at=utc_text(self._begins(day) - timedelta(seconds=2)),
                    finished_at=utc_text(self._begins(day) + timedelta(seconds=2 * pages + 1)),
                    outcome="complete",
                    exit_code=0,
                    **{name: self._counts[crawl_id, name] for name in counted},
                )


def _told(item: _Item, draft: Draft) -> Article:
    """The article as a parser reads it: two sentences a paragraph."""
    sentences = draft.sentences
    name = f"https://{edition_named(item.edition).host}/images/{item.key}"
    return Article(
        edition=item.edition,
        key=item.key,
        url=item.url,
        headline=draft.headline,
        published_at=item.published,
        published_printed=local(utc_text(item.published), MINSK),
        paragraphs=tuple(" ".join(sentences[at : at + 2]) for at in range(0, len(sentences), 2)),
        era="belta/2018-paragraphs",
        language=item.language,
        rubric=item.rubric,
        rubric_label=item.rubric.capitalize(),
        photos=tuple(Photo(f"{name}-{place}.jpg", caption) for place, caption in enumerate(draft.captions)),
        tags=draft.tags,
        sources=_SOURCES,
    )
