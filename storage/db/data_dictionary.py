"""Writes the data dictionary from the schema: `python -m storage.db.data_dictionary docs/data-dictionary.md`.

What stands above the mark in that page is written by hand; everything below it comes from the comments in
storage/db/schema.py and from the words here, for what has no comment there: keys, views and the search index.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Column, Table

from storage.db.schema import metadata

MARK = "<!-- Everything below is written by `python -m storage.db.data_dictionary docs/data-dictionary.md`. -->"

# In the order in which somebody who reads an archive meets them.
TABLES = (
    "articles", "revisions", "photos", "sightings", "snapshots", "bodies", "editions", "crawls", "requests", "walks",
    "members", "gaps", "unknown_entries", "manifests", "incidents", "days", "edits", "alterations", "signatures",
    "kin",
)  # fmt: skip

ALSO: Mapping[str, str] = {
    "alterations.revision_id": "revision that brought it",
    "articles.article_id": "number of the article in this archive; `edition` and `key` name it in every archive",
    "articles.edition": "edition, e.g. harbour-en",
    "crawls.crawl_id": "number of the run",
    "edits.edit_id": "number of the edit",
    "edits.article_id": "article",
    "gaps.gap_id": "number of the gap",
    "members.article_id": "article",
    "incidents.incident_id": "number of the incident",
    "photos.photo_id": "number of the photo",
    "photos.revision_id": "revision whose page shows it",
    "photos.url": "address of the picture, without cache-buster; the picture itself is not archived",
    "photos.caption": "as printed, once; null when there is none",
    "requests.request_id": "number of the request",
    "requests.crawl_id": "crawl that sent it",
    "revisions.revision_id": "number of the revision",
    "revisions.article_id": "article",
    "revisions.headline": "as printed on the article's own page",
    "revisions.lead": "summary; the listing's where the page has none (`sources` says so)",
    "revisions.author": "as printed",
    "sightings.sighting_id": "number of the sighting",
    "sightings.article_id": "article that the line leads to",
    "sightings.url": "canonical address of the link",
    "sightings.lead": "summary as the listing printed it",
    "sightings.first_seen_at": "UTC time of the first page that said so",
    "sightings.last_seen_at": "UTC time of the latest page that said so",
    "snapshots.snapshot_id": "number of the visit",
    "snapshots.crawl_id": "crawl that made the visit",
    "snapshots.edition": "edition visited",
    "signatures.article_id": "article",
    "kin.article_id": "article",
    "kin.other_id": "the other one",
    "unknown_entries.entry_id": "number of the entry",
    "walks.walk_id": "number of the interval; newer ones have higher numbers",
    "walks.edition": "edition whose listing is covered",
    "walks.started_at": "UTC time of the first page attached",
    "walks.updated_at": "UTC time of the latest change",
}
"""Descriptions of columns without a comment in the schema."""

NEWS: Mapping[str, str] = {
    "article_id": "number of the article in this archive",
    "edition": "edition, e.g. `harbour-en`, `demo`",
    "key": "the article's own name within its edition, `ID-YEAR`; an ID alone is not unique",
    "url": "canonical address under the edition's own host, also when a mirror was crawled",
    "headline": "headline of the current revision, as printed on the article's page",
    "published_at": "UTC time of publication, `2022-08-24T11:41:00Z`; null when the page shows no date",
    "rubric": "slug of the rubric in the address, e.g. `politics`",
    "lead": "summary; the listing's where the page has none",
    "body": "paragraphs joined by a blank line",
    "language": "BCP 47, e.g. `en`",
    "tags": "JSON array of text",
    "photo_url": "address of the first photo; null without one",
    "photo_caption": "caption of the first photo; null without one",
    "photo_count": "number of photos",
    "status": "`live`, or `gone`: visits over several days did not find it",
    "revision_count": "how many different states the agency has shown; 1 = never changed",
    "first_seen_at": "UTC time at which the crawl first met it",
    "last_seen_at": "UTC time of the last visit that found it there",
    "changed_at": "UTC time at which the current revision was first observed",
    "gone_at": "UTC time of the first visit of the series that found it gone; null while live",
    "duplicate_of": "article_id of the earliest published article of the edition with the same headline and body",
    "snapshot_id": "the visit that is the evidence of the current revision: `snapshots`, `dateline html --snapshot`",
    "published_day": "the site's own day of publication, `2022-08-24`; null when the page shows no date",
    "absent_since": "UTC time of the first of the latest visits that did not find it; null while it is there",
    "gone_reason": "why it counts as gone, e.g. `HTTP status 404`; null while live",
}
"""Columns of the view `news`."""

COVERAGE: Mapping[str, str] = {
    "edition": "edition",
    "day": "the site's own day, `2026-03-02`",
    "state": "`whole`, `hole`, `lost`, `outside` or `unknown`, see `days`",
    "articles": "articles of that day that are archived",
    "missing": "articles of that day that were listed and are not archived",
    "expected": "articles and missing where the day is whole, else what is usual on that weekday; null without a past",
}
"""Columns of the view `coverage`."""

CHANGES: Mapping[str, str] = {
    "at": "UTC time of the visit that first showed it",
    "kind": "`edited`, `vanished` or `returned`",
    "depth": "`headline`, `text`, `headline and text`, `typography`, `photos`, `date` or `details`; null unless edited",
    "silent": "1 where words changed and readers were not told",
    "article_id": "article",
    "edition": "its edition",
    "key": "its key",
    "url": "its canonical address",
    "rubric": "its rubric",
    "headline": "its headline today",
    "published_at": "UTC time of its publication",
    "fields": "JSON array of the fields that differ",
    "before": "revision before, as in `dateline show --diff`; null unless edited",
    "after": "revision after; null unless edited",
    "words_removed": "words that went",
    "words_added": "words that came",
    "snapshot_id": "the evidence: `dateline html --snapshot`",
    "reason": "why it counts as vanished; null otherwise",
}
"""Columns of the view `changes`."""

ADDRESSES: Mapping[str, str] = {
    "edition": "edition",
    "key": "key of the article",
    "article_id": "article",
    "url": "an address by which the archive met it",
    "first_seen_at": "UTC time at which it was first met by this address",
    "last_seen_at": "UTC time at which it was last met by this address",
}
"""Columns of the view `addresses`."""

SEARCH: Mapping[str, str] = {
    "headline": "headline of the current revision",
    "lead": "its lead",
    "body": "its body",
    "captions": "captions of all its photos, one a line",
    "folded": "words that would not be found without their accents (ł, ø, ß, ё, й, ў), folded; Chinese in pairs",
}
"""Columns of `news_search` and `news_text`."""


_NUMBERS = {"articles", "missing", "expected", "silent", "words_removed", "words_added"}


def dictionary() -> str:
    """The generated part of the page: Markdown, a section for each view and table, a line for each column."""
    return "\n".join(_lines())


def described(column: Column[object]) -> str:
    """The description of a column. Raises KeyError for one that nobody described."""
    return column.comment or ALSO[str(column)]


def _lines() -> Iterator[str]:
    yield from _section("news", "View: a row an article with its current revision. Begin here.", _rows(NEWS))
    yield from _section("coverage", "View: what can be said of each day of an edition.", _rows(COVERAGE))
    yield from _section("changes", "View: what was edited, taken down or put back, a row per change.", _rows(CHANGES))
    yield from _section("addresses", "View: every address by which an article was met.", _rows(ADDRESSES))
    for name in TABLES:
        table = metadata.tables[name]
        yield from _section(name, f"Table. {table.comment}", (_row(table, column) for column in table.columns))
    intro = (
        "Full-text index (FTS5, SQLite only) over the view `news`: `rowid` is `article_id`. "
        "Ask `news_search MATCH 'wheat harvest'`, order by `rank`."
    )
    yield from _section("news_search", intro, _rows(SEARCH))
    intro = "View (SQLite only): the text that the index reads. For the index, not for people."
    rowid = {"article_id": "number of the article"}
    yield from _section("news_text", intro, _rows({**rowid, **SEARCH}))
    version = {"version_num": "schema version, written by Alembic"}
    yield from _section("alembic_version", "Table. One row: which version of the schema this is.", _rows(version))


def _section(name: str, intro: str, rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    yield f"\n## {name}\n\n{intro}\n"
    yield "| Column | Type | What it holds |"
    yield "| --- | --- | --- |"
    for column, kind, text in rows:
        yield f"| `{column}` | {kind} | {text.replace('|', '&#124;')} |"


def _rows(columns: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    numbers = {name for name in columns if name.endswith(("_id", "_count", "_of"))} | (_NUMBERS & set(columns))
    return ((name, "integer" if name in numbers else "text", text) for name, text in columns.items())


def _row(table: Table, column: Column[object]) -> tuple[str, str, str]:
    kind = {"INTEGER": "integer", "BLOB": "bytes"}.get(str(column.type).partition("(")[0], "text")
    notes = [note for note in (_key(column), None if column.nullable else "never null") if note]
    if column.primary_key:
        notes = ["primary key"]
    return column.name, ", ".join([kind, *notes]), described(table.columns[column.name])


def _key(column: Column[object]) -> str | None:
    return next((f"→ `{key.column.table.name}`" for key in column.foreign_keys), None)


def write(path: Path) -> None:
    """Renews the generated part of the page at `path`. Raises ValueError where the mark is missing."""
    written, mark, _ = path.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{path} lacks the line {MARK}")
    path.write_text(f"{written}{MARK}\n{dictionary()}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
