"""One page under many addresses: a notice of the site ("We are updating our servers") in an article's dress.

An agency sends a story again now and then, and the listing shows each under the headline that it has. A third address
with the very same content, publication time included, which the listing shows under another headline, shows a page of
the site in its article's place. The first two cannot be told from articles when they come: they are looked at again
soon.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select, update

from crawler.dates import utc_text
from crawler.matching.appearance import as_seen
from crawler.matching.digests import story_hash
from crawler.records import Article
from crawler.rules.decide import recheck_at
from storage.db.schema import articles, revisions, sightings
from storage.db.statements import Prepared

MOST: Final = 2
"""Articles that may have the very same content, whatever the listing says of them."""

PROBLEM: Final = "the very page that other addresses show"
"""Why a page was not taken for its article, as `snapshots.problem` ends."""

_COPIES: Final = Prepared(
    select(articles.c.article_id)
    .join(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(
        revisions.c.story_hash == bindparam("of_story"),
        revisions.c.content_hash == bindparam("of_content"),
        articles.c.edition == bindparam("of_edition"),
        articles.c.article_id != bindparam("this"),
    )
    .order_by(articles.c.article_id)
    .limit(MOST)
)


_LISTED: Final = Prepared(
    select(sightings.c.headline)
    .where(sightings.c.article_id == bindparam("this"))
    .order_by(sightings.c.sighting_id.desc())
    .limit(1)
)


def is_notice(connection: Connection, article: Article, article_id: int, copies: Collection[int]) -> bool:
    """Whether a page that so many others show is none of the article's: the listing has another headline for it."""
    listed = _LISTED.one(connection, this=article_id) if len(copies) >= MOST else None
    return listed is not None and as_seen(listed[0]) != as_seen(article.headline)


def copies_of(connection: Connection, article: Article, article_id: int, content: str) -> Collection[int]:
    """Other articles of the edition that show the same content now, at most `MOST`. None for one without a body."""
    story = story_hash(article)
    if story is None:
        return ()
    rows = _COPIES.all(connection, of_story=story, of_content=content, of_edition=article.edition, this=article_id)
    return [int(other) for (other,) in rows]


def look_again(connection: Connection, copies: Collection[int], now: datetime) -> datetime | None:
    """Has the copies of an article that was just read looked at soon, and says when to look at the article itself: at
    the ages of a new one, whatever time the page prints.
    """
    due = recheck_at(None, now, now)
    if due is not None:
        later = or_(articles.c.due_at.is_(None), articles.c.due_at > utc_text(due))
        these = articles.c.article_id.in_(copies) & later
        connection.execute(update(articles).where(these).values(due_at=utc_text(due)))
    return due
