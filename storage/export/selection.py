"""What is handed out: the articles of a choice, one after the other, and what a file of them says of itself.

However many articles there are, one at a time is in memory here; a format may gather some.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from crawler.dates import utc_text
from crawler.errors import DatelineError
from crawler.settings import VERSION
from storage.export.columns import NEWS_TABLE, PHOTOS_TABLE, REVISIONS_TABLE
from storage.read.coverage.statement import account_of
from storage.read.query.search import Filters, Selection, select
from storage.read.reader import Reader, Row
from storage.read.zones import days_between, zones_of
from storage.terminal.progress import Tell, quiet

_TOLD_EVERY = 500  # articles
_HEAD = "SELECT manifest_id AS manifest, digest, sealed_at FROM manifests ORDER BY manifest_id DESC LIMIT 1"
_SCHEMA = "SELECT version_num FROM alembic_version"
_BY_THEN = (
    " AND EXISTS (SELECT 1 FROM revisions o WHERE o.article_id = r.article_id AND o.number = r.number"
    " AND o.correction = 0 AND o.observed_at < :as_of)"
)
_OF_VISIT = {"fetched_at": "s.fetched_at", "fetched_url": "s.url AS fetched_url", "body_sha256": "s.body_sha256"}


@dataclass(slots=True)
class ArticleExport:
    """The articles that a query and filters find, in the order of article_id.

    `bom`: a CSV file is to begin with the mark by which Excel knows UTF-8. `editions` counts what `rows` gave so far,
    `published` is the first and last time of publication among it.
    """

    reader: Reader
    query: str
    filters: Filters
    selection: Selection
    made_at: str
    bom: bool = False
    tell: Tell = quiet
    editions: Counter[str] = field(default_factory=Counter)
    published: tuple[str, str] | None = None

    @classmethod
    def of(cls, reader: Reader, query: str, filters: Filters, now: datetime, **more: Any) -> Self:  # noqa: ANN401 - any field
        """The handout made at `now` (aware UTC). Raises ArgumentError for a query without a word."""
        return cls(reader, query, filters, select(reader, query, filters), utc_text(now), **more)

    @property
    def count(self) -> int:
        """How many articles `rows` gave so far."""
        return self.editions.total()

    def rows(self) -> Iterator[Row]:
        """The articles, by the columns of `news`."""
        columns = ", ".join(f"n.{name}" for name in NEWS_TABLE.columns)
        sql = f"SELECT {columns} {self.selection.source} ORDER BY n.article_id"
        for row in self.reader.rows(sql, **self.selection.values):
            self._count(row)
            yield row

    def revisions(self, articles: Sequence[Row]) -> Iterator[Row]:
        """All revisions of some articles by the columns of REVISIONS_TABLE, in order; as of a time, those of then."""
        columns = ", ".join(_OF_VISIT.get(name, f"r.{name}") for name in REVISIONS_TABLE.columns if name != "shown")
        sql = (
            f"SELECT {columns} FROM revisions r JOIN snapshots s ON s.snapshot_id = r.snapshot_id"  # noqa: S608 - numbers
            f" WHERE r.article_id IN ({_numbers(articles, 'article_id')}){_BY_THEN if self.filters.as_of else ''}"
            " ORDER BY r.article_id, r.number, r.correction"
        )
        rows = list(self.reader.rows(sql, **({"as_of": self.filters.as_of} if self.filters.as_of else {})))
        evidence = {article["snapshot_id"] for article in articles}
        # A page that was read again has several readings; the last is shown.
        shown = {row["article_id"]: row["revision_id"] for row in rows if row["snapshot_id"] in evidence}
        return ({**row, "shown": int(shown.get(row["article_id"]) == row["revision_id"])} for row in rows)

    def photos(self, revisions: Sequence[Row]) -> Iterator[Row]:
        """The photos of some revisions, in order."""
        columns = ", ".join(PHOTOS_TABLE.columns)
        numbers = _numbers(revisions, "revision_id")
        return self.reader.rows(
            f"SELECT {columns} FROM photos WHERE revision_id IN ({numbers}) ORDER BY revision_id, position"  # noqa: S608 - numbers
        )

    def statement(self) -> Mapping[str, Any]:
        """What was asked, of which state of which archive, and when, and what the archive covers of that; JSON."""
        schema, head = self.reader.row(_SCHEMA), self.reader.row(_HEAD)
        return {
            "software": f"dateline/{VERSION}",
            "made_at": self.made_at,
            "asked": {"query": self.query or None, "hint": self.selection.hint, **self.filters.given},
            "archive": {
                "name": self.reader.name.replace("\\", "/").rpartition("/")[2],
                "schema": schema["version_num"] if schema else None,
                "head": dict(head) if head else None,
            },
            "articles": self.selection.total,
            "coverage": account_of(self.reader, self.filters.edition, *self._days()),
        }

    def _days(self) -> tuple[date | None, date | None]:
        """The first and the last day that were asked for, by the editions' own clocks."""
        return days_between(zones_of(self.reader, self.filters.edition), self.filters.bounds)

    def outcome(self) -> Mapping[str, Any]:
        """What `rows` gave; JSON."""
        first, last = self.published or (None, None)
        return {
            "articles": self.count,
            "editions": dict(sorted(self.editions.items())),
            "published_first": first,
            "published_last": last,
        }

    def _count(self, row: Row) -> None:
        self.editions[row["edition"]] += 1
        at = row["published_at"]
        if at is not None:
            first, last = self.published or (at, at)
            self.published = min(first, at), max(last, at)
        if self.count % _TOLD_EVERY == 0:
            self.tell("writing", self.count, self.selection.total)


def tags(row: Row) -> list[str]:
    """The tags of an article as text. Raises DatelineError where a damaged archive holds something else."""
    try:
        found = json.loads(row["tags"])
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(isinstance(tag, str) for tag in found):
        raise DatelineError(f"{row['edition']}/{row['key']}: its tags cannot be read (`dateline verify` says more)")
    return found


def _numbers(rows: Sequence[Row], name: str) -> str:
    return ", ".join(str(int(row[name])) for row in rows)
