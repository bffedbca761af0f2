"""What was edited or vanished: every change that an archive observed since a time, and whether readers were told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

from crawler.corrections import is_noted
from storage.fold import fold
from storage.reader import Reader, Row
from storage.stories.diff import FieldDiff
from storage.stories.versions import Version, compare, versions

Kind: TypeAlias = Literal["edited", "vanished", "returned"]
Depth: TypeAlias = Literal["headline", "text", "headline and text", "typography", "photos", "date", "details"]

COLUMNS: Final = (
    "at", "kind", "depth", "silent", "article_id", "edition", "key", "url", "rubric", "headline", "published_at",
    "fields", "before", "after", "words_removed", "words_added", "snapshot_id",
)  # fmt: skip
"""What a change is made of for programs, in order."""

_TEXTS: Final = ("headline", "lead", "body")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which changes: seen at `since` (UTC text) or later and before `until`, of an edition, of a rubric; None: any."""

    since: str
    until: str | None = None
    edition: str | None = None
    rubric: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One change, observed `at` (UTC text) on the page `snapshot_id`.

    ``edited``: revision `after` says otherwise than `before` (names as in `show --diff`) in `fields`; `depth` is what
    kind of edit it is; `silent`: words were changed, and neither a note nor a time of change tells readers.
    ``vanished``, ``returned``: the site answered 404 or 410, or showed it again; nothing else is said of these.
    """

    kind: Kind
    at: str
    article: Row = field(repr=False)
    snapshot_id: int
    depth: Depth | None = None
    silent: bool = False
    before: str | None = None
    after: str | None = None
    fields: tuple[FieldDiff, ...] = field(default=(), repr=False)

    @property
    def words(self) -> tuple[int, int]:
        """How many words of the text went and came."""
        texts = [one for one in self.fields if one.field in _TEXTS]
        return sum(len(fold(one.removed).split()) for one in texts), sum(len(fold(one.added).split()) for one in texts)

    def as_json(self) -> dict[str, Any]:
        """By `COLUMNS`."""
        removed, added = self.words
        told: Mapping[str, Any] = {
            **self.article,
            "at": self.at,
            "kind": self.kind,
            "depth": self.depth,
            "silent": self.silent,
            "fields": [one.field for one in self.fields],
            "before": self.before,
            "after": self.after,
            "words_removed": removed,
            "words_added": added,
            "snapshot_id": self.snapshot_id,
        }
        return {name: told[name] for name in COLUMNS}


def changes(reader: Reader, scope: Scope) -> Iterator[Change]:
    """The changes in scope, article by article, each in order of time; one article is in memory at a time."""
    for article in reader.rows(_ARTICLES, since=scope.since, edition=scope.edition, rubric=scope.rubric):
        found = [*_edits(reader, article), *_absences(reader, article)]
        for change in sorted(found, key=lambda one: one.at):
            if change.at >= scope.since and (scope.until is None or change.at < scope.until):
                yield change


def depth(fields: tuple[FieldDiff, ...]) -> Depth:
    """What kind of edit it is, by the fields that differ; by the weightiest, where it is many."""
    names = {one.field for one in fields}
    texts = [one for one in fields if one.field in _TEXTS]
    if texts and all(fold(one.before or "") == fold(one.after or "") for one in texts):
        return "typography"
    if texts:
        worded = {one.field for one in texts if fold(one.before or "") != fold(one.after or "")}
        if worded == {"headline"}:
            return "headline"
        return "headline and text" if "headline" in worded else "text"
    if "photos" in names:
        return "photos"
    return "date" if "published_at" in names else "details"


def is_silent(before: Version, after: Version, fields: tuple[FieldDiff, ...]) -> bool:
    """Whether words were changed without telling: no note among what came, no new time of change.

    A change of signs alone (`typography`) is nothing to be told.
    """
    if depth(fields) not in {"headline", "text", "headline and text"}:
        return False
    told = after.row["modified_at"]
    if told is not None and told != before.row["modified_at"]:
        return False
    return not any(is_noted(one.before or "", one.after or "") for one in fields if one.field in _TEXTS)


def _edits(reader: Reader, article: Row) -> Iterator[Change]:
    for before, after in pairwise(versions(reader, article["article_id"])):
        fields = compare(before, after).fields
        if fields:
            yield Change(
                kind="edited",
                at=after.observed_at,
                article=article,
                snapshot_id=after.row["snapshot_id"],
                depth=depth(fields),
                silent=is_silent(before, after, fields),
                before=before.name,
                after=after.name,
                fields=fields,
            )


def _absences(reader: Reader, article: Row) -> Iterator[Change]:
    """When it went and came back, by its visits in order of time. Before it was archived nothing can vanish."""
    there: bool | None = None
    for visit in reader.rows(_VISITS, id=article["article_id"]):
        if visit["reading"] == "gone":
            if there:
                yield Change("vanished", visit["fetched_at"], article, visit["snapshot_id"])
            there = False if there is not None else None
        elif visit["reading"] != "not-modified" or there is not None:
            if there is False:
                yield Change("returned", visit["fetched_at"], article, visit["snapshot_id"])
            there = True


# Whatever changed since has a revision of since, or was gone at some time.
_ARTICLES = """
SELECT n.article_id, n.edition, n.key, n.url, n.rubric, n.headline, n.published_at FROM news n
WHERE n.article_id IN (
    SELECT r.article_id FROM revisions r WHERE r.observed_at >= :since AND r.correction = 0
    UNION
    SELECT s.article_id FROM snapshots s WHERE s.kind = 'article' AND s.reading = 'gone'
  )
  AND (CAST(:edition AS TEXT) IS NULL OR n.edition = :edition) AND (CAST(:rubric AS TEXT) IS NULL OR n.rubric = :rubric)
ORDER BY n.article_id"""
_VISITS = """
SELECT snapshot_id, reading, fetched_at FROM snapshots
WHERE article_id = :id AND kind = 'article' AND reading IN ('article', 'unchanged', 'not-modified', 'gone')
ORDER BY fetched_at, snapshot_id"""
