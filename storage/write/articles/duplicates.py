"""One story under two keys: linked to the one published first, never dropped.

The links are a function of the current revisions alone, so they do not depend on the order in which a crawl met them.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from storage.db.schema import articles, revisions


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
