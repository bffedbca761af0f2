"""The records that a program gets from an archive. Times are aware UTC; `pandas.DataFrame` takes a list of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, Literal, Self, cast

from crawler.dates import from_utc_text
from crawler.listing.coverage import State
from crawler.records import Photo
from storage.read.query.snippets import Marked

Status = Literal["live", "gone"]


@dataclass(frozen=True, slots=True)
class News:
    """A row of the view `news`: an article with its current revision. The columns are those of the data dictionary."""

    article_id: int
    edition: str
    key: str
    url: str
    headline: str
    published_at: datetime | None
    rubric: str | None
    lead: str | None = field(repr=False)
    body: str = field(repr=False)
    language: str
    tags: tuple[str, ...]
    photo_url: str | None = field(repr=False)
    photo_caption: str | None = field(repr=False)
    photo_count: int
    status: Status
    revision_count: int
    first_seen_at: datetime
    last_seen_at: datetime
    changed_at: datetime | None
    gone_at: datetime | None
    duplicate_of: int | None
    snapshot_id: int
    published_day: str | None
    absent_since: datetime | None
    gone_reason: str | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The record of a row. Raises ValueError where a damaged archive holds no time or no JSON."""
        return cls(**_typed(row, (one.name for one in fields(cls))))

    @property
    def name(self) -> str:
        """Its name in every archive, ``harbour-en/152706``: what `Archive.article` and `dateline show` take."""
        return f"{self.edition}/{self.key}"


@dataclass(frozen=True, slots=True)
class Revision:
    """What an article said at a time, and the visit that is its evidence.

    `number` counts what the agency changed, `correction` better readings of the same page. `body_sha256` is the digest
    of the page's bytes, which `Archive.body` gives back.
    """

    revision_id: int
    article_id: int
    number: int
    correction: int
    observed_at: datetime
    headline: str
    published_at: datetime | None
    rubric: str | None
    lead: str | None = field(repr=False)
    body: str = field(repr=False)
    author: str | None
    language: str
    tags: tuple[str, ...]
    parser: str
    snapshot_id: int
    fetched_at: datetime
    fetched_url: str
    body_sha256: str | None
    photos: tuple[Photo, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, row: Mapping[str, Any], photos: Iterable[Photo]) -> Self:
        """The record of a row. Raises ValueError like `News.of`."""
        names = (one.name for one in fields(cls) if one.name != "photos")
        return cls(**_typed(row, names), photos=tuple(photos))


@dataclass(frozen=True, slots=True)
class Day:
    """A row of the view `coverage`: what can be said of a day of an edition. `expected` is how many articles there
    should be, None where nobody knows; the states are those of `dateline coverage`.
    """

    edition: str
    day: date
    state: State
    articles: int
    missing: int
    expected: int | None


@dataclass(frozen=True, slots=True)
class Match:
    """An article that was found, and the passage that shows why; `Marked` says where in it the words stand."""

    article: News
    snippet: Marked


def _typed(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    values = {name: row[name] for name in names}
    for name, value in values.items():
        if name.endswith(("_at", "_since")) and value is not None:
            values[name] = from_utc_text(value)
    return values | {"tags": tuple(cast("list[str]", json.loads(row["tags"])))}
