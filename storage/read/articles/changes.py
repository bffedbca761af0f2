"""What was edited or vanished: every change that an archive observed since a time, and whether readers were told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from crawler.matching.diff import FieldDiff
from crawler.matching.hunks import change_between
from storage.read.articles.edit_kinds import Depth
from storage.read.articles.versions import compare, readings
from storage.read.reader import Reader, Row
from storage.read.zones import OwnBounds, own_condition

Kind: TypeAlias = Literal["edited", "vanished", "returned"]

COLUMNS: Final = (
    "at", "kind", "depth", "silent", "article_id", "edition", "key", "url", "rubric", "headline", "published_at",
    "fields", "before", "after", "words_removed", "words_added", "snapshot_id", "reason",
)  # fmt: skip
"""What a change is made of for programs, in order: the columns of the view `changes`."""

_ARTICLE: Final = ("article_id", "edition", "key", "url", "rubric", "headline", "published_at")


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes: seen at `since` (UTC text) or later and before `until`, of an edition, of a rubric; None: any.

    `own`: where these are other times in each edition, those (storage/read/zones.py).
    """

    since: str
    until: str | None = None
    edition: str | None = None
    rubric: str | None = None
    own: tuple[OwnBounds, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change, observed `at` (UTC text) on the page `snapshot_id`: a row of the view `changes`.

    ``edited``: revision `after` says otherwise than `before` (names as in `show --diff`) in `fields`; `depth` is what
    kind of edit it is; `silent`: words were changed, and neither a note nor a time of change tells readers.
    ``vanished``, ``returned``: visits over several days did not find it, for `reason`, or it was there again.
    """

    kind: Kind
    at: str
    article: Row = field(repr=False)
    snapshot_id: int
    depth: Depth | None = None
    silent: bool = False
    before: str | None = None
    after: str | None = None
    fields: tuple[str, ...] = ()
    words_removed: int = 0
    words_added: int = 0
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """By `COLUMNS`."""
        told: Mapping[str, Any] = {
            **self.article,
            **{name: getattr(self, name) for name in COLUMNS if name not in _ARTICLE},
            "fields": list(self.fields),
        }
        return {name: told[name] for name in COLUMNS}


def changes(reader: Reader, scope: ChangeFilter) -> Iterator[Change]:
    """The changes in scope, article by article, each in order of time."""
    where = {"since": scope.since, "until": scope.until, "edition": scope.edition, "rubric": scope.rubric}
    condition, own = own_condition(scope.own, "edition", "at")
    for row in reader.rows(_CHANGES.format(own=condition), **where, **own):
        yield Change(
            kind=row["kind"],
            at=row["at"],
            article={name: row[name] for name in _ARTICLE},
            snapshot_id=row["snapshot_id"],
            depth=row["depth"],
            silent=bool(row["silent"]),
            before=row["before"],
            after=row["after"],
            fields=tuple(json.loads(row["fields"])),
            words_removed=row["words_removed"],
            words_added=row["words_added"],
            reason=row["reason"],
        )


def field_diffs_of(reader: Reader, change: Change) -> tuple[FieldDiff, ...]:
    """What an edit changed, word by word, without what the site changed in all pages at once."""
    if change.kind != "edited":
        return ()
    named = {one.name: one for one in readings(reader, change.article["article_id"])}
    before, after = named[str(change.before)], named[str(change.after)]
    theirs = {row["digest"] for row in reader.rows(_TEMPLATE, id=after.row["revision_id"])}
    return change_between(before.told, after.told).without(theirs) if theirs else compare(before, after).fields


_CHANGES: Final = """
SELECT at, kind, depth, silent, article_id, edition, key, url, rubric, headline, published_at, fields, before, after,
       words_removed, words_added, snapshot_id, reason
FROM changes
WHERE at >= :since AND (CAST(:until AS TEXT) IS NULL OR at < :until)
  AND {own}
  AND (CAST(:edition AS TEXT) IS NULL OR edition = :edition) AND (CAST(:rubric AS TEXT) IS NULL OR rubric = :rubric)
ORDER BY article_id, at, CASE WHEN kind = 'edited' THEN 0 ELSE 1 END"""
_TEMPLATE: Final = """
SELECT a.digest FROM alterations a
WHERE a.revision_id = :id AND EXISTS (SELECT 1 FROM alterations b
  WHERE b.revision_id = a.revision_id AND b.place = a.place AND b.template > 0)"""
