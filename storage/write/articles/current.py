"""The revision that an article shows: added, indexed, and linked to those that tell the same story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, TextClause, bindparam, func, select, text, update

from storage.db.rows import PHOTO_COLUMNS, REVISION_COLUMNS
from storage.db.schema import articles, photos, revisions
from storage.db.statements import Prepared, insert_row

_TWINS = Prepared(select(func.count()).select_from(revisions).where(revisions.c.story_hash == bindparam("of_story")))
_ADD = Prepared(insert_row(revisions, *REVISION_COLUMNS).returning(revisions.c.revision_id))
_ADD_PHOTO = Prepared(insert_row(photos, "revision_id", *PHOTO_COLUMNS))


def _index(statement: str) -> TextClause:
    columns = "headline, lead, body, captions, folded"
    return text(statement.format(columns=columns) + " FROM news_text WHERE article_id = :this")


# An index without text of its own is told what to take out: the view must still show the old revision then.
_UNINDEX = Prepared(
    _index("INSERT INTO news_search(news_search, rowid, {columns}) SELECT 'delete', article_id, {columns}")
)
_INDEX = Prepared(_index("INSERT INTO news_search(rowid, {columns}) SELECT article_id, {columns}"))


def add(connection: Connection, row: Mapping[str, object], shown: Iterable[Mapping[str, object]]) -> int:
    """Adds a revision with its photos and returns its revision_id. It is not shown by that."""
    ((revision_id,),) = _ADD.all(connection, **row)
    _ADD_PHOTO.each(connection, ({**photo, "revision_id": revision_id} for photo in shown))
    return int(revision_id)


def unindex(connection: Connection, article_id: int) -> None:
    """Takes an article out of the full-text index (SQLite only), before it shows another revision."""
    if connection.dialect.name == "sqlite":
        _UNINDEX.run(connection, this=article_id)


def index(connection: Connection, article_id: int) -> None:
    """Puts what it shows now into the full-text index (SQLite only)."""
    if connection.dialect.name == "sqlite":
        _INDEX.run(connection, this=article_id)


def link(connection: Connection, edition: str, before: str | None, after: str | None) -> None:
    """Links articles that tell the same story; the story that this one told before may have lost its original."""
    for story in {before, after} - {None}:
        count = _TWINS.one(connection, of_story=story)
        if count is not None and count[0] > 1:
            relink(connection, edition, str(story))


# One story under two keys: linked to the one published first, never dropped.
#
# The links are a function of the current revisions alone, so they do not depend on the order in which a crawl met them.


def relink(connection: Connection, edition: str, story_hash: str) -> None:
    """Brings the links among the articles of an edition whose current revision tells this story up to date.

    The original is the one published first; where pages show no date, or the same, the one with the lower key.
    """
    query = (
        select(articles.c.article_id, articles.c.duplicate_of)
        .join(revisions, revisions.c.revision_id == articles.c.revision_id)
        .where(articles.c.edition == edition, revisions.c.story_hash == story_hash)
        .order_by(
            revisions.c.published_at.is_(None), revisions.c.published_at, func.length(articles.c.key), articles.c.key
        )
    )
    original: int | None = None
    for article_id, duplicate_of in connection.execute(query).all():
        if duplicate_of != original:
            change = update(articles).where(articles.c.article_id == article_id).values(duplicate_of=original)
            connection.execute(change)
        original = original or article_id
