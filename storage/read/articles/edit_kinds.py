"""What kind of edit it is: how deep it goes, how many words it takes, and whether readers were told. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from crawler.matching.corrections import is_noted
from crawler.matching.diff import FieldDiff
from storage.db.folding import fold
from storage.read.reader import Row

Depth: TypeAlias = Literal["headline", "text", "headline and text", "typography", "photos", "date", "details"]
Stamp: TypeAlias = tuple[str | None, str | None]
"""When a page says that its story was published, and modified: UTC text, None where it does not say."""

_TEXTS: Final = ("headline", "lead", "body")


def depth(fields: Sequence[FieldDiff]) -> Depth:
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


def is_silent(fields: Sequence[FieldDiff], before: Stamp, after: Stamp) -> bool:
    """Whether words were changed without telling: no note among what came, and no new time.

    `before` is what the page said of its times at the visit before, `after` what it says at the visit that first showed
    the edit: a time that moved earlier, without any words, tells nobody of these. A change of signs alone
    (`typography`) is nothing to be told.
    """
    if depth(fields) not in {"headline", "text", "headline and text"}:
        return False
    if any(now is not None and now != was for was, now in zip(before, after, strict=True)):
        return False
    return not any(is_noted(one.before or "", one.after or "") for one in fields if one.field in _TEXTS)


def word_counts(fields: Sequence[FieldDiff]) -> tuple[int, int]:
    """How many words of headline, lead and body went and came."""
    texts = [one for one in fields if one.field in _TEXTS]
    return sum(len(fold(one.removed).split()) for one in texts), sum(len(fold(one.added).split()) for one in texts)


def stamp_of(visit: Row | None, revision: Row) -> Stamp:
    """The times of a visit; those of a revision where the visit's own are not known (older archives)."""
    if visit is None or visit["stamp"] is None:
        return revision["published_at"], revision["modified_at"]
    published, modified = json.loads(visit["stamp"])
    return published, modified
