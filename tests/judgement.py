"""What must be true of an archive after a simulated life. Every broken promise is one line that names it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from crawler.dates import from_utc_text, local_day, utc_text
from crawler.sites.demo import DEMO
from spiders.demo.agency import Agency, Held
from spiders.demo.history import History
from spiders.demo.newspaper import Newspaper
from spiders.demo.stories import Story
from storage.maintenance.verify import verify


class Judge:
    """Looks at an archive with plain SQL, and at the agency's history, and compares.

    `slack`: how long a page may be on its way.
    """

    def __init__(self, path: Path, paper: Newspaper, slack: timedelta = timedelta(0)) -> None:
        self.path, self.paper, self.slack = path, paper, slack
        self._seen: dict[str, dict[Any, Any]] = {"revisions": {}, "snapshots": {}}

    def _rows(self, query: str, *values: object) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query, values).fetchall()

    def _agency(self, now: datetime) -> Agency:
        front = self.paper.newsroom.at(now)
        assert isinstance(front, Agency)
        return front

    def after_run(self) -> Iterator[str]:
        """Promises that hold at every moment, also right after a kill."""
        if not self.path.exists() or not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
            return
        for problem in self._rows("PRAGMA integrity_check"):
            if problem[0] != "ok":
                yield f"the file is damaged: {problem[0]}"
        yield from self._kept("revisions", "SELECT revision_id, content_hash FROM revisions")
        yield from self._kept("snapshots", "SELECT snapshot_id, body_sha256 FROM snapshots")
        orphans = (
            "SELECT key FROM articles WHERE revision_id IS NOT NULL AND revision_id NOT IN"
            " (SELECT revision_id FROM revisions)"
        )
        yield from (f"{row[0]} names a revision that is not there" for row in self._rows(orphans))

    def _kept(self, table: str, query: str) -> Iterator[str]:
        now = {row[0]: row[1] for row in self._rows(query)}
        for key, value in self._seen[table].items():
            if now.get(key) != value:
                yield f"{table}: row {key} was changed or lost"
        self._seen[table] = now

    def undecided(self) -> int:
        """How many stories were not found at their last visit, while it is not decided whether they are gone."""
        if not self.path.exists() or not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"):
            return 0
        waits = "SELECT count(*) FROM articles WHERE absent_since IS NOT NULL AND status IN ('pending', 'live')"
        return int(self._rows(waits)[0][0])

    def doubts_the_end(self) -> bool:
        """Whether the last run ended where the last page of the listing contradicts the end."""
        last = self._rows("SELECT message FROM crawls ORDER BY crawl_id DESC LIMIT 1")
        return bool(last) and "offers an older one that is not there" in (last[0]["message"] or "")

    def after_quiet(self, now: datetime) -> Iterator[str]:
        """Promises that hold after one run in which nothing happened and nothing failed."""
        if not self.path.exists():
            yield "there is no archive"
            return
        last = self._rows("SELECT outcome, exit_code, message FROM crawls ORDER BY crawl_id DESC LIMIT 1")[0]
        if last["exit_code"] != 0:
            yield f"the quiet run ended {last['outcome']}: {last['message']}"
        yield from self._coverage()
        yield from self._missed(now)
        yield from self._twice()
        yield from self._history()
        yield from self._verified()

    def _coverage(self) -> Iterator[str]:
        live = self._rows("SELECT walk_id, complete FROM walks WHERE merged_into IS NULL")
        if [row["complete"] for row in live] != [1]:
            yield f"coverage is in pieces: {[tuple(row) for row in live]}"

    def _missed(self, now: datetime) -> Iterator[str]:
        """Everything that is listed down to the goal is archived as it reads now; what is deleted is marked."""
        agency = self._agency(now)
        goal = date.fromisoformat(self._rows("SELECT min(goal) FROM walks")[0][0])
        news = {row["key"]: row for row in self._rows("SELECT * FROM news")}
        for story in agency.listed(0, len(agency)):
            if local_day(story.published, DEMO.timezone) < goal:
                continue
            if story.key not in news:
                known = self._rows("SELECT status, last_error FROM articles WHERE key = ?", story.key)
                yield f"missed {story.key}: {[tuple(row) for row in known]}"
            else:
                yield from _differences(story, news[story.key])
        for key, row in news.items():
            held = agency.find(key)
            if held is None:
                yield f"{key} never existed"
            elif (row["status"] == "live") != (held.status == 200):
                yield f"{key} is {row['status']}, the agency answers {held.status}"

    def _twice(self) -> Iterator[str]:
        for row in self._rows("SELECT url, count(*) FROM news GROUP BY url HAVING count(*) > 1"):
            yield f"{row[0]} is there {row[1]} times"
        unread = self._rows("SELECT count(*) FROM snapshots WHERE reading IS NULL")[0][0]
        if unread:
            yield f"{unread} kept pages were never read"

    def _history(self) -> Iterator[str]:
        """Every kept page that showed a text new to its article is a revision, in that order, and nothing else is."""
        pages = self._rows(
            "SELECT s.snapshot_id, s.fetched_at, s.reading, a.key FROM snapshots s JOIN articles a USING (article_id)"
            " WHERE s.reading IN ('article', 'unchanged') ORDER BY s.fetched_at, s.snapshot_id"
        )
        shown: dict[str, list[str]] = {}
        for page in pages:
            shown.setdefault(page["key"], []).append(page["reading"])
        found: dict[str, list[sqlite3.Row]] = {}
        for row in self._rows(
            "SELECT a.key, r.* FROM revisions r JOIN articles a USING (article_id) ORDER BY r.observed_at, r.number"
        ):
            found.setdefault(row["key"], []).append(row)
        for key, revisions in found.items():
            if [row["number"] for row in revisions] != list(range(1, len(revisions) + 1)):
                yield f"{key}: revisions are numbered {[row['number'] for row in revisions]}"
            if any(one["content_hash"] == two["content_hash"] for one, two in pairwise(revisions)):
                yield f"{key}: a revision repeats the one before it"
            if shown.get(key, []).count("article") != len(revisions):
                yield f"{key}: {shown.get(key)} but {len(revisions)} revisions"
        yield from self._texts(found)

    def _texts(self, found: dict[str, list[sqlite3.Row]]) -> Iterator[str]:
        """Each revision reads as the agency did while the page was on its way (requests overtake each other)."""
        history = self.paper.newsroom
        assert isinstance(history, History)
        truth = history.truth(datetime.max.replace(tzinfo=UTC))
        for key, revisions in found.items():
            for row in revisions:
                seen = from_utc_text(row["observed_at"])
                window = (seen - self.slack, seen + timedelta(seconds=1))
                if (row["headline"], row["body"]) not in _texts_within(truth.get(key, []), *window):
                    yield f"{key}: the revision of {row['observed_at']} is not what the agency showed"

    def _verified(self) -> Iterator[str]:
        """`dateline verify` is clean: every digest, reference, sealed row, and the full-text index."""
        for check in verify(str(self.path)).checks:
            yield from (f"verify: {finding.subject}: {finding.message}" for finding in check.findings)

    def figures(self) -> tuple[int, int, int]:
        """Articles, revisions and kept pages."""
        tables = ("news", "revisions", "snapshots")
        articles, revisions, pages = (self._rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables)  # noqa: S608
        return articles, revisions, pages


def _texts_within(states: list[Held], since: datetime, until: datetime) -> set[tuple[str, str]]:
    """Headline and text of all states that a story had between two times."""
    ends = [*(state.changed for state in states[1:]), until]
    return {
        (state.story.headline, state.story.text)
        for state, end in zip(states, ends, strict=False)
        if state.changed <= until and end >= since
    }


def _differences(story: Story, row: sqlite3.Row) -> Iterator[str]:
    expected = {
        "headline": story.headline,
        "body": story.text,
        "published_at": utc_text(story.published),
        "url": story.url,
        "rubric": story.rubric,
        "photo_caption": story.photos[0].caption if story.photos else None,
        "status": "live",
    }
    for name, value in expected.items():
        if row[name] != value:
            yield f"{story.key}: {name} is {json.dumps(row[name])[:80]}, the agency shows {json.dumps(value)[:80]}"
