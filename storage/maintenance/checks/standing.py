"""Whether `articles` says what follows from the revisions and visits."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select, text

from crawler.errors import ArgumentError
from crawler.sites import edition as edition_named
from crawler.sites import site_of
from storage.db.schema import articles, revisions
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted
from storage.write.articles.current import relink


def check(connection: Connection, check: Check) -> None:
    """Compares state, current revision, address and links. The schedule is left out: nothing follows from it."""
    count = connection.execute(select(func.count()).select_from(articles)).scalar_one()
    check.expect(3 * count)
    for number, message in connection.execute(text(_STATE)):
        check.find(f"articles {number}", message)
    check.step(count)
    for row in connection.execute(select(articles.c.article_id, articles.c.edition, articles.c.key, articles.c.url)):
        if not _is_address(row.url, row.edition, row.key):
            check.find(f"articles {row.article_id}", f"{row.url} is not the address of {row.edition}/{row.key}")
        check.step()
    for article_id, said, right in _mislinked(connection):
        check.find(
            f"articles {article_id}",
            f"is linked to {said or 'none'} as its original, not {right or 'none'}",
            derived=True,
        )
    check.step(count)
    check.says = f"{counted(count, 'article')}: state, current revision, address, links"


def mend(connection: Connection) -> None:
    """Makes the links between articles anew."""
    wrong = {article_id for article_id, _, _ in _mislinked(connection)}
    for article_id in wrong:
        connection.execute(articles.update().where(articles.c.article_id == article_id).values(duplicate_of=None))
    for edition, story in {(row.edition, row.story_hash) for row in connection.execute(_TOLD) if row.story_hash}:
        relink(connection, edition, story)


def _is_address(url: str, edition: str, key: str) -> bool:
    """True as well for editions and keys that this version does not know."""
    try:
        return site_of(edition).article_key(url, edition_named(edition)) == key
    except ArgumentError:
        return True
    except (TypeError, AttributeError):  # no text
        return False


_TOLD = (
    select(
        articles.c.article_id,
        articles.c.edition,
        articles.c.duplicate_of,
        revisions.c.story_hash,
    )
    .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
    .order_by(
        articles.c.edition,
        revisions.c.story_hash,
        revisions.c.published_at.is_(None),
        revisions.c.published_at,
        func.length(articles.c.key),
        articles.c.key,
    )
)


def _mislinked(connection: Connection) -> list[tuple[int, int | None, int | None]]:
    """Article, the original that it is linked to, the one that it should be (as articles/duplicates.py links)."""
    wrong: list[tuple[int, int | None, int | None]] = []
    rows: Any = connection.execute(_TOLD)
    for (_, story), told in groupby(rows, key=lambda row: (row.edition, row.story_hash)):
        original: int | None = None
        for row in told:
            right = original if story is not None else None
            if row.duplicate_of != right:
                wrong.append((row.article_id, row.duplicate_of, right))
            original = original or row.article_id
    return wrong


_STATE = """
SELECT a.article_id, CASE
  WHEN a.status IS NULL OR a.status NOT IN ('pending', 'live', 'gone', 'given-up') THEN
    'has no known status: ' || COALESCE(a.status, 'none')
  WHEN a.status IN ('live', 'gone') AND a.revision_id IS NULL THEN 'is ' || a.status || ' without a revision'
  WHEN a.status IN ('pending', 'given-up') AND a.revision_id IS NOT NULL THEN 'is ' || a.status || ', but archived'
  WHEN a.status = 'gone' AND a.gone_at IS NULL THEN 'is gone, but not said since when'
  WHEN a.status = 'live' AND a.gone_at IS NOT NULL THEN 'is live, but said to be gone'
  WHEN r.number IS NOT NULL AND c.highest <> r.correction THEN 'shows a revision that was corrected since'
  WHEN r.number IS NOT NULL AND (a.changed_at IS NULL OR a.changed_at <> c.observed) THEN
    'changed at another time than its current revision was first observed'
  ELSE 'has a state that cannot be' END AS problem
FROM articles a
LEFT JOIN revisions r ON r.revision_id = a.revision_id
LEFT JOIN (
  SELECT article_id, number, MAX(correction) AS highest,
         MIN(CASE WHEN correction = 0 THEN observed_at END) AS observed
  FROM revisions GROUP BY article_id, number
) c ON c.article_id = r.article_id AND c.number = r.number
WHERE a.status IS NULL OR a.status NOT IN ('pending', 'live', 'gone', 'given-up')
  OR (a.status IN ('live', 'gone')) = (a.revision_id IS NULL)
  OR (a.status = 'gone' AND a.gone_at IS NULL) OR (a.status = 'live' AND a.gone_at IS NOT NULL)
  OR (r.number IS NOT NULL AND (c.highest <> r.correction OR a.changed_at IS NULL OR a.changed_at <> c.observed))
ORDER BY a.article_id
"""
