"""What is archived of an article, brought up to today's parsers before a page that says otherwise is saved.

A visit is compared with the last kept page as today's parser reads it. What differs only because the parser got better
is a correction of the revision, as `dateline reparse` would write it; what is left is an edit.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from crawler.records import Article
from storage.db.schema import articles
from storage.db.statements import Prepared
from storage.write.articles.known import ever_said, knows
from storage.write.reparsing.reread import Rereader
from storage.write.reparsing.rewrite import rewrite

_ARCHIVED = Prepared(
    select(articles.c.article_id).where(
        articles.c.edition == bindparam("of_edition"),
        articles.c.key == bindparam("of_key"),
        articles.c.revision_id.is_not(None),
    )
)


def refresh(connection: Connection, rereader: Rereader, article: Article, *, late: bool = False) -> None:
    """Reads the kept pages of an article again where its current revision says otherwise than `article`.

    `late`: where no revision says the same, for a page that is older than others that were read. A page is read twice
    only then: for one that says nothing new this costs a look at a digest.
    """
    found = _ARCHIVED.one(connection, of_edition=article.edition, of_key=article.key)
    if found is None:
        return
    (article_id,) = found
    known = ever_said(connection, article_id, article) if late else knows(connection, article)
    if known or rereader.reads_as_before(connection, article_id):
        return
    reread = rereader.article(connection, article_id)
    if reread.changed or reread.stamps:
        rewrite(connection, reread)
