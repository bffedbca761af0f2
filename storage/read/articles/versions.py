"""The revisions of one article as versions of a story: in the order in which the agency showed them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Final

from crawler.errors import ArgumentError
from crawler.matching.content import Content, PhotoFacts, differences, visible
from crawler.matching.diff import FieldDiff, field_diffs
from storage.read.locate import NotInArchive
from storage.read.reader import Reader, Row

TEMPLATE: Final = "template"
"""The cause of a revision in which nothing is the agency's: the site changed all of its pages at once."""

_NAME: Final = r"\d{1,9}(?:\.\d{1,9})?"
_RANGE: Final = re.compile(rf"(?P<before>{_NAME})?(?:\.\.(?P<after>{_NAME})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Version:
    """One revision with its photos. `row` is its row in `revisions`; `observed_at` the UTC text of the visit that first
    showed it, also where it was read again later.
    """

    row: Row = field(repr=False)
    photos: tuple[PhotoFacts, ...] = field(repr=False)
    observed_at: str

    @property
    def name(self) -> str:
        """``2``, or ``2.1`` when it was read again by a better parser."""
        return name_of(self.row["number"], self.row["correction"])

    @property
    def told(self) -> Content:
        return Content(self.row, self.photos)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions laid side by side: the fields that differ, in the order of `told.FIELDS`, photos last."""

    before: Version
    after: Version
    fields: tuple[FieldDiff, ...]


def name_of(number: int, correction: int) -> str:
    """What people call a revision.

    >>> name_of(2, 0), name_of(2, 1)
    ('2', '2.1')
    """
    return f"{number}.{correction}" if correction else f"{number}"


def readings(reader: Reader, article_id: int) -> tuple[Version, ...]:
    """All revisions with all their readings, in the order of the story: of observation, not of number.

    Numbers are given as pages come in, and an import may bring an older page late.
    """
    photos = {
        number: tuple((row["url"], row["caption"], row["credit"]) for row in rows)
        for number, rows in groupby(reader.rows(_PHOTOS, id=article_id), key=itemgetter("revision_id"))
    }
    rows = list(reader.rows(_REVISIONS, id=article_id))
    first = {row["number"]: row["observed_at"] for row in rows if not row["correction"]}
    found = (
        Version(row, photos.get(row["revision_id"], ()), str(first.get(row["number"], row["observed_at"])))
        for row in rows
    )
    return tuple(sorted(found, key=lambda one: (one.observed_at, one.row["number"], one.row["correction"])))


def versions(reader: Reader, article_id: int, as_of: str | None = None) -> tuple[Version, ...]:
    """The revisions in the order of the story, each as it was read best. `as_of` (UTC text): those observed before."""
    found = {one.row["number"]: one for one in readings(reader, article_id)}  # a later reading takes the place
    return tuple(one for one in found.values() if as_of is None or one.observed_at < as_of)


def compare(before: Version, after: Version) -> Comparison:
    """What the second says otherwise than the first, word by word; nothing that only bytes tell apart."""
    return Comparison(before, after, field_diffs(visible(differences(before.told, after.told))))


def compared(reader: Reader, article_id: int, wanted: str, as_of: str | None = None) -> Comparison:
    """The two revisions that `wanted` names: ``1..3``, ``1`` (and the current one), ``..3`` (and the one before it), or
    nothing for the current one and the one before. ``2.1`` is what a better parser read from revision 2.

    Raises ArgumentError for anything else, NotInArchive where there is no such revision.
    """
    match = _RANGE.fullmatch(wanted.strip())
    if match is None:
        raise ArgumentError(f"{wanted!r} names no revisions: write 1..3, or 1 to compare with the current one")
    known = [one for one in readings(reader, article_id) if as_of is None or one.observed_at < as_of]
    best = list({one.row["number"]: one for one in known}.values())
    if not best:
        raise NotInArchive(f"article {article_id}: nothing is archived of it{' by then' if as_of else ' yet'}")
    after = _named(match["after"], known) if match["after"] else best[-1]
    if match["before"]:
        return compare(_named(match["before"], known), after)
    earlier = [one for one in best if _place(one) < _place(after) and one.row["number"] != after.row["number"]]
    if not earlier:
        raise NotInArchive(f"article {article_id}: there is no revision before {after.name} to compare it with")
    return compare(earlier[-1], after)


def _place(version: Version) -> tuple[str, int]:
    return version.observed_at, version.row["number"]


def _named(name: str, known: Sequence[Version]) -> Version:
    number, _, correction = name.partition(".")
    found = [
        one
        for one in known
        if one.row["number"] == int(number) and (not correction or one.row["correction"] == int(correction))
    ]
    if not found:
        raise NotInArchive(f"there is no revision {name}: there are {', '.join(_names(known))}")
    return found[-1]


def _names(known: Sequence[Version]) -> Iterator[str]:
    return (one.name for one in known)


_REVISIONS = "SELECT * FROM revisions WHERE article_id = :id ORDER BY number, correction"
_PHOTOS = """
SELECT p.revision_id, p.url, p.caption, p.credit FROM photos p JOIN revisions r ON r.revision_id = p.revision_id
WHERE r.article_id = :id ORDER BY p.revision_id, p.position"""
