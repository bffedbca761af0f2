"""Whether an article already says what was just read."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from crawler.matching.digests import RECIPE, content_hash, has_content
from crawler.records import Article, Photo
from storage.db.rows import article_from
from storage.db.schema import articles, photos, revisions
from storage.db.statements import Prepared

_CURRENT = Prepared(
    select(revisions.c.content_hash, revisions.c.revision_id)
    .join(articles, articles.c.revision_id == revisions.c.revision_id)
    .where(articles.c.edition == bindparam("of_edition"), articles.c.key == bindparam("of_key"))
)
_DIGESTS = Prepared(
    select(revisions.c.content_hash, revisions.c.revision_id).where(revisions.c.article_id == bindparam("this"))
)
_FACTS = ("headline", "published_at", "lead", "body", "author", "tags", "sources")
_SAID = Prepared(select(*(revisions.c[name] for name in _FACTS)).where(revisions.c.revision_id == bindparam("this")))
_SHOWN = Prepared(
    select(photos.c.url, photos.c.caption).where(photos.c.revision_id == bindparam("this")).order_by(photos.c.position)
)


def knows(connection: Connection, article: Article) -> bool:
    """True when the article's current revision has the same content. False for one that was never archived."""
    row = _CURRENT.one(connection, of_edition=article.edition, of_key=article.key)
    return row is not None and says(connection, row[1], row[0], article)


def says(connection: Connection, revision_id: int, digest: str, article: Article) -> bool:
    """Whether a revision has an article's content. `digest` is its content_hash, by whatever recipe.

    A digest by an older recipe says so where the very characters are equal; else the stored fields are compared.
    """
    if has_content(article, digest):
        return True
    return not digest.startswith(f"{RECIPE}:") and digest_of(connection, revision_id) == content_hash(article)


def digest_of(connection: Connection, revision_id: int) -> str:
    """The content_hash that a revision would have by today's recipe. Raises KeyError."""
    row = _SAID.one(connection, this=revision_id)
    if row is None:
        raise KeyError(revision_id)
    shown = [Photo(*photo) for photo in _SHOWN.all(connection, this=revision_id)]
    return content_hash(article_from(dict(zip(_FACTS, row, strict=True)), shown))


def ever_said(connection: Connection, article_id: int, article: Article) -> bool:
    """Whether any revision of an article has this content."""
    found = _DIGESTS.all(connection, this=article_id)
    return any(says(connection, revision_id, digest, article) for digest, revision_id in found)
