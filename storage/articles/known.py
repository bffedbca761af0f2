"""Whether an article already says what was just read."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from crawler.content import content_hash
from crawler.records import Article
from storage.schema import articles, revisions
from storage.statements import Prepared

_CURRENT = Prepared(
    select(revisions.c.content_hash)
    .join(articles, articles.c.revision_id == revisions.c.revision_id)
    .where(articles.c.edition == bindparam("of_edition"), articles.c.key == bindparam("of_key"))
)


def knows(connection: Connection, article: Article) -> bool:
    """True when the article's current revision has the same content. False for one that was never archived."""
    row = _CURRENT.one(connection, of_edition=article.edition, of_key=article.key)
    return row is not None and bool(row[0] == content_hash(article))
