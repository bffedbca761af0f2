"""Every revision against its own digests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, bindparam, func, literal_column, select

from crawler.matching.digests import RECIPES, content_hash, story_hash
from crawler.records import Photo
from storage.db.rows import article_from
from storage.db.schema import photos, revisions
from storage.db.statements import Prepared
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted

_Row: TypeAlias = Mapping[str, Any]
_STAND_IN: Final = "\ufffd"
_BATCH = 500  # revisions fetched at a time
_COLUMNS = (
    "revision_id", "headline", "published_at", "lead", "body", "author", "tags", "sources",
    "content_hash", "story_hash",
)  # fmt: skip
_PAGE = Prepared(
    select(*(revisions.c[name] for name in _COLUMNS))
    .where(revisions.c.revision_id > bindparam("above"))
    .order_by(revisions.c.revision_id)
    .limit(literal_column(str(_BATCH)))
)
_PHOTOS = Prepared(
    select(photos.c.revision_id, photos.c.url, photos.c.caption)
    .where(photos.c.revision_id > bindparam("above"), photos.c.revision_id <= bindparam("upto"))
    .order_by(photos.c.revision_id, photos.c.position)
)


def check(connection: Connection, check: Check) -> None:
    """Computes both digests anew from what is stored. What they do not cover, manifests do."""
    count = connection.execute(select(func.count()).select_from(revisions)).scalar_one()
    check.expect(count)
    wrong = 0
    for row, shown in _told(connection):
        flaw = _flaw(row, shown)
        if flaw is not None:
            check.find(f"revisions {row['revision_id']}", flaw)
            wrong += 1
        check.step()
    check.says = f"{count - wrong:,} of {counted(count, 'revision')} say what their digests say"


def _told(connection: Connection) -> Iterator[tuple[_Row, list[Photo]]]:
    above = 0
    while rows := _PAGE.all(connection, above=above):
        shown = _PHOTOS.all(connection, above=above, upto=rows[-1][0])
        photos_of = {number: [Photo(*photo[1:]) for photo in group] for number, group in groupby(shown, itemgetter(0))}
        for row in rows:
            yield dict(zip(_COLUMNS, row, strict=True)), photos_of.get(row[0], [])
        above = rows[-1][0]


def _flaw(row: _Row, shown: list[Photo]) -> str | None:
    recipe = str(row["content_hash"]).partition(":")[0]
    try:
        article = article_from(row, shown)
        digest = content_hash(article, recipe) if recipe in RECIPES else row["content_hash"]
        story = story_hash(article)
    except (TypeError, ValueError, AttributeError) as error:
        return f"cannot be read: {error}"
    if (digest, story) == (row["content_hash"], row["story_hash"]):
        return None
    if _STAND_IN in f"{row}{shown}":
        return None  # digests of characters that no database takes (see rows.storable)
    if digest != row["content_hash"]:
        return "one of its fields or photos was changed: it does not have its content_hash"
    return "it does not have its story_hash"
