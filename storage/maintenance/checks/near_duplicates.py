"""Whether the links between near-identical articles follow from what the articles say."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from storage.db.schema import articles, kin, signatures
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted
from storage.write.articles.near_duplicates import Link, SignedArticle, both, pairs, shown


def check(connection: Connection, check: Check) -> None:
    """Computes signatures and links anew. All of it is derived: `kin.rebuild` mends it."""
    count = connection.execute(select(func.count()).select_from(articles)).scalar_one()
    check.expect(count)
    right: list[SignedArticle] = []
    stored = dict(_stored(connection))
    for one in shown(connection):
        if one.minhash is not None:
            right.append(one)
        if stored.pop(one.article_id, None) != (one if one.minhash is not None else None):
            check.find(f"signatures {one.article_id}", "is not of what the article shows", derived=True)
        check.step()
    for number in stored:
        check.find(f"signatures {number}", "is of an article that shows nothing", derived=True)
    links = {link for pair in pairs(sorted(right, key=_place)) for link in both(*pair)}
    for link in sorted(links ^ set(_links(connection)), key=str):
        message = "is missing" if link in links else "does not follow from what they show"
        check.find(f"kin {link[0]} and {link[1]}", message, derived=True)
    check.says = f"{counted(len(links) // 2, 'pair')} of near-identical articles"


def _place(one: SignedArticle) -> tuple[str, str, int]:
    return one.edition, one.published_at or "", one.article_id


def _stored(connection: Connection) -> Iterator[tuple[int, SignedArticle]]:
    for row in connection.execute(select(signatures)):
        yield row.article_id, SignedArticle(row.article_id, row.edition, row.published_at, row.minhash)


def _links(connection: Connection) -> Iterator[Link]:
    return (
        (row.article_id, row.other_id, row.likeness)
        for row in connection.execute(select(kin.c.article_id, kin.c.other_id, kin.c.likeness))
    )
