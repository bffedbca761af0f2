"""The rows of `edits`: what the agency changed, took down and put back, written where it is decided.

Edits follow from the revisions and visits of an article and are told again whenever these change. That an article
vanished or returned is told once, when it is decided, and stays told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from crawler.matching.diff import FieldDiff
from crawler.matching.hunks import Hunk, change_between, change_hash
from storage.db.schema import alterations, articles, edits, revisions
from storage.db.statements import Prepared
from storage.read.articles.edit_kinds import depth, is_silent, stamp_of, word_counts
from storage.read.articles.versions import TEMPLATE, Version, compare, versions
from storage.read.reader import Row, reader_within

_MOST: Final = 40  # pieces of one change that are looked for in other articles: a story written anew has hundreds

_THIS: BindParameter[int] = bindparam("this")
_COLUMNS: Final = (
    "article_id", "at", "kind", "depth", "silent", "fields", "before", "after", "words_removed", "words_added",
    "snapshot_id", "reason",
)  # fmt: skip
_PIECES: Final = ("revision_id", "place", "digest", "article_id", "edition", "observed_at", "template")
_EDITION = Prepared(select(articles.c.edition).where(articles.c.article_id == _THIS))
_EDITED = (
    select(*(edits.c[name] for name in _COLUMNS))
    .where(edits.c.article_id == _THIS, edits.c.kind == "edited")
    .order_by(edits.c.at, edits.c.edit_id)
)
_ALTERED = (
    select(*(alterations.c[name] for name in _PIECES))
    .where(alterations.c.article_id == _THIS)
    .order_by(alterations.c.revision_id, alterations.c.place, alterations.c.digest)
)
_MARKED = (
    select(revisions.c.number, revisions.c.cause, revisions.c.change_hash)
    .where(revisions.c.article_id == _THIS)
    .distinct()
)
_KNOWN = Prepared(
    select(alterations.c.digest)
    .where(
        alterations.c.edition == bindparam("of_edition"),
        alterations.c.digest == bindparam("of_digest"),
        alterations.c.template == 1,
    )
    .limit(1)
)
_VISITS: Final = """
SELECT fetched_at, stamp FROM snapshots
WHERE article_id = :id AND kind = 'article' AND reading IN ('article', 'unchanged') ORDER BY fetched_at, snapshot_id"""


@dataclass(frozen=True, slots=True)
class EditRows:
    """What follows from the revisions of an article: rows of `edits` and of `alterations`, and what its revisions are
    marked with (number -> cause and change_hash).
    """

    edits: tuple[Mapping[str, Any], ...] = ()
    alterations: tuple[Mapping[str, Any], ...] = ()
    marks: Mapping[int, tuple[str | None, str | None]] | None = None


def retell(connection: Connection, article_id: int) -> None:
    """Brings what is told of the edits of an article up to date, in the transaction that changes its revisions."""
    right, there = retold(connection, article_id), standing(connection, article_id)
    if right.alterations != there.alterations:
        connection.execute(delete(alterations).where(alterations.c.article_id == article_id))
        if right.alterations:
            connection.execute(insert(alterations), list(right.alterations))
    for number, (cause, digest) in (right.marks or {}).items():
        if (there.marks or {}).get(number) != (cause, digest):
            which = (revisions.c.article_id == article_id, revisions.c.number == number)
            connection.execute(update(revisions).where(*which).values(cause=cause, change_hash=digest))
    if right.edits != there.edits:
        connection.execute(delete(edits).where(edits.c.article_id == article_id, edits.c.kind == "edited"))
        if right.edits:
            connection.execute(insert(edits), list(right.edits))


def standing(connection: Connection, article_id: int) -> EditRows:
    """What is told of an article's edits now. Of a revision whose readings are marked differently nothing is said."""
    this = {"this": article_id}
    marks: dict[int, tuple[str | None, str | None]] = {}
    twice: set[int] = set()
    for number, cause, digest in connection.execute(_MARKED, this):
        if number in marks:
            twice.add(number)
        marks[number] = (cause, digest)
    return EditRows(
        edits=tuple(dict(row) for row in connection.execute(_EDITED, this).mappings()),
        alterations=tuple(dict(row) for row in connection.execute(_ALTERED, this).mappings()),
        marks={number: mark for number, mark in marks.items() if number not in twice},
    )


def retold(connection: Connection, article_id: int) -> EditRows:
    """What should be told of them."""
    (edition,) = _EDITION.one(connection, this=article_id) or ("",)
    reader = reader_within(connection)
    shown = versions(reader, article_id)
    visits = list(reader.rows(_VISITS, id=article_id)) if len(shown) > 1 else []
    marks: dict[int, tuple[str | None, str | None]] = {one.row["number"]: (None, None) for one in shown[:1]}
    pieces: list[Mapping[str, Any]] = []
    told: list[Mapping[str, Any]] = []
    for before, after in pairwise(shown):
        change = change_between(before.told, after.told)
        hunks = change.hunks
        altered = list(_alterations(connection, edition, after, hunks[:_MOST]))
        pieces += altered
        ours = {row["place"] for row in altered} | ({_MOST} if len(hunks) > _MOST else set())
        theirs = {row["place"] for row in altered if row["template"]}
        unaltered = _without_digests(hunks[:_MOST])
        cause = TEMPLATE if theirs and ours == theirs and not unaltered else None
        marks[after.row["number"]] = cause, change_hash(hunks)
        if cause is None:
            known = {row["digest"] for row in altered if row["place"] in theirs}
            fields = change.without(known) if known else compare(before, after).fields
            told += _edit(before, after, fields, visits)
    order = ("revision_id", "place", "digest")
    pieces.sort(key=lambda row: tuple(row[name] for name in order))
    return EditRows(tuple(told), tuple(pieces), marks)


def _without_digests(hunks: Sequence[Hunk]) -> bool:
    """Whether some piece (a note of correction) is never looked for elsewhere: it is the agency's."""
    return any(not hunk.digests for hunk in hunks)


def _alterations(
    connection: Connection, edition: str, after: Version, hunks: Sequence[Hunk]
) -> Iterator[Mapping[str, Any]]:
    for place, hunk in enumerate(hunks):
        for digest, back in zip(hunk.digests, hunk.opposite.digests, strict=False):
            yield {
                "revision_id": after.row["revision_id"],
                "place": place,
                "digest": digest,
                "article_id": after.row["article_id"],
                "edition": edition,
                "observed_at": after.observed_at,
                "template": 1 if _is_known(connection, edition, digest) else 2 * _is_known(connection, edition, back),
            }


def _is_known(connection: Connection, edition: str, digest: str) -> bool:
    """Whether the site did this to all of its pages at some time."""
    return _KNOWN.one(connection, of_edition=edition, of_digest=digest) is not None


def _edit(
    before: Version, after: Version, fields: Sequence[FieldDiff], visits: Sequence[Row]
) -> Iterator[Mapping[str, Any]]:
    if not fields:
        return
    earlier = next((visit for visit in reversed(visits) if visit["fetched_at"] < after.observed_at), None)
    then = next((visit for visit in visits if visit["fetched_at"] >= after.observed_at), None)
    removed, added = word_counts(fields)
    yield {
        "article_id": after.row["article_id"],
        "at": after.observed_at,
        "kind": "edited",
        "depth": depth(fields),
        "silent": int(is_silent(fields, stamp_of(earlier, before.row), stamp_of(then, after.row))),
        "fields": json.dumps([one.field for one in fields]),
        "before": before.name,
        "after": after.name,
        "words_removed": removed,
        "words_added": added,
        "snapshot_id": after.row["snapshot_id"],
        "reason": None,
    }
