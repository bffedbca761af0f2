"""Which changes the site made to all of its pages at once: found when an article shows one, looked at again when a
crawl ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from crawler.dates import from_utc_text, utc_text
from crawler.matching.hunks import FEWEST, WINDOW, is_template
from storage.db.schema import alterations, articles, revisions, snapshots
from storage.write.articles.edits import retell
from storage.write.articles.signature_cache import shifted

_COPIES = func.coalesce(articles.c.duplicate_of, articles.c.article_id)
"""Copies of a story are one: what the agency corrects in it, it corrects in all of them."""

_VISITED: Final = ("article", "unchanged", "not-modified")


_BEFORE: Final = timedelta(days=1)
"""How long before a change was met first visits of the same crawl count: an import goes through years."""

_CERTAIN: Final = 100
"""Articles that show a change of template, and nobody doubts it any more."""


@dataclass(frozen=True, slots=True)
class _Spread:
    """How a change spread: articles that show it, since when (UTC text), and the visit that first showed it."""

    digest: str
    shown: int
    since: str
    snapshot_id: int


def tell(connection: Connection, article_id: int) -> None:
    """Tells the edits of an article whose revisions changed, and of all articles that changed in the same way, where
    that turns out to be the site's doing.
    """
    retell(connection, article_id)
    edition = select(articles.c.edition).where(articles.c.article_id == article_id)
    name = connection.execute(edition).scalar_one()
    _mark(connection, name, list(_spreads(connection, name, _suspicions(connection, article_id))))


def reconsider(connection: Connection, edition: str, now: datetime) -> None:
    """Looks again at what was taken for the site's doing within the last days: visits since may have found that other
    articles do not show it. Then these were edits.
    """
    found = dict.fromkeys(
        connection.execute(_RECENT, {"of_edition": edition, "since": _text(now, -WINDOW)}).scalars(), now
    )
    spreads = _spreads(connection, edition, found)
    confirmed = {spread.digest for spread in spreads if _is_site(connection, edition, spread, known=True)}
    refuted = sorted(found.keys() - confirmed)
    if refuted:
        shared = alterations.c.digest.in_(refuted) | (alterations.c.template == 2)  # noqa: PLR2004 - see the column
        concerned = select(alterations.c.article_id).where(alterations.c.edition == edition, shared).distinct()
        ids = connection.execute(concerned).scalars().all()
        _flag(connection, edition, refuted, 0)
        _retell(connection, ids)


def judge_all(connection: Connection) -> None:
    """Looks for changes of template in the whole past of an archive, after `retell` has told of every article."""
    query = (
        select(alterations.c.edition, alterations.c.digest, func.min(alterations.c.observed_at))
        .where(alterations.c.template == 0)
        .group_by(alterations.c.edition, alterations.c.digest)
        .having(func.count(alterations.c.article_id.distinct()) >= min(FEWEST.values()))
    )
    for edition, digest, since in connection.execute(query).all():
        begun = {digest: from_utc_text(since) + WINDOW}
        _mark(connection, edition, list(_spreads(connection, edition, begun)))


def _suspicions(connection: Connection, article_id: int) -> dict[str, datetime]:
    """The pieces of an article's changes that may be the site's, and when they were observed last."""
    query = (
        select(alterations.c.digest, func.max(alterations.c.observed_at))
        .where(alterations.c.article_id == article_id, alterations.c.template == 0)
        .group_by(alterations.c.digest)
    )
    return {digest: from_utc_text(at) for digest, at in connection.execute(query)}


def _spreads(connection: Connection, edition: str, digests: dict[str, datetime]) -> Iterator[_Spread]:
    """Of those changes that enough articles show within the window around a time."""
    for digest, at in digests.items():
        row = connection.execute(
            _SPREAD,
            {"of_edition": edition, "of_digest": digest, "since": _text(at, -WINDOW), "until": _text(at, WINDOW)},
        ).one()
        if row.shown >= FEWEST[digest[:1]]:
            yield _Spread(digest, row.shown, row.since, row.snapshot_id)


def _text(moment: datetime, by: timedelta) -> str:
    return utc_text(shifted(moment, by))


def _is_site(connection: Connection, edition: str, spread: _Spread, *, known: bool = False) -> bool:
    """Visits since the beginning of the crawl that met it first are counted, of articles that were archived before and
    are read by the same parsers: what was published since had it from its beginning.
    """
    since = from_utc_text(spread.since)
    visits = {
        "of_edition": edition,
        "of_digest": spread.digest,
        "since": _text(since, -_BEFORE),
        "until": _text(since, WINDOW),
        "first": spread.snapshot_id,
    }
    visited = connection.execute(_VISITS, visits).scalar_one()
    return is_template(spread.digest[:1], spread.shown, max(visited, spread.shown), known=known)


def _mark(connection: Connection, edition: str, spreads: Iterable[_Spread]) -> None:
    found = [spread.digest for spread in spreads if _is_site(connection, edition, spread)]
    if found:
        concerned = select(alterations.c.article_id).where(
            alterations.c.edition == edition, alterations.c.digest.in_(found)
        )
        ids = connection.execute(concerned.distinct()).scalars().all()
        _flag(connection, edition, found, 1)
        _retell(connection, ids)


def _flag(connection: Connection, edition: str, digests: list[str], template: int) -> None:
    which = (alterations.c.edition == edition, alterations.c.digest.in_(digests))
    connection.execute(update(alterations).where(*which).values(template=template))


def _retell(connection: Connection, article_ids: Iterable[int]) -> None:
    for article_id in article_ids:
        retell(connection, article_id)


_SPREAD = (
    select(
        func.count(_COPIES.distinct()).label("shown"),
        func.min(alterations.c.observed_at).label("since"),
        func.min(revisions.c.snapshot_id).label("snapshot_id"),
    )
    .select_from(alterations)
    .join(articles, articles.c.article_id == alterations.c.article_id)
    .join(revisions, revisions.c.revision_id == alterations.c.revision_id)
    .where(
        alterations.c.edition == bindparam("of_edition"),
        alterations.c.digest == bindparam("of_digest"),
        alterations.c.observed_at.between(bindparam("since"), bindparam("until")),
    )
)
_before, _first, _same = revisions.alias("before"), snapshots.alias("first"), snapshots.alias("same")
_shown = revisions.alias("shown")
_FIRST_CRAWL = select(_first.c.crawl_id).where(_first.c.snapshot_id == bindparam("first")).scalar_subquery()
_FIRST_VISIT = select(func.min(_same.c.snapshot_id)).where(_same.c.crawl_id == _FIRST_CRAWL).scalar_subquery()
_PARSERS = (
    select(_shown.c.parser)
    .join(alterations, alterations.c.revision_id == _shown.c.revision_id)
    .where(alterations.c.edition == bindparam("of_edition"), alterations.c.digest == bindparam("of_digest"))
)
_VISITS = (
    select(func.count(_COPIES.distinct()))
    .select_from(snapshots)
    .join(articles, articles.c.article_id == snapshots.c.article_id)
    .join(revisions, revisions.c.revision_id == articles.c.revision_id)
    .where(
        snapshots.c.edition == bindparam("of_edition"),
        snapshots.c.kind == "article",
        snapshots.c.reading.in_(_VISITED),
        snapshots.c.snapshot_id >= _FIRST_VISIT,
        snapshots.c.fetched_at.between(bindparam("since"), bindparam("until")),
        revisions.c.parser.in_(_PARSERS),
        select(_before.c.revision_id)
        .where(_before.c.article_id == snapshots.c.article_id, _before.c.observed_at < snapshots.c.fetched_at)
        .exists(),
    )
)
_earlier = alterations.alias("earlier")
# What no article showed before: what was known longer than that is known for ever.
_RECENT = (
    select(alterations.c.digest)
    .where(
        alterations.c.edition == bindparam("of_edition"),
        alterations.c.template == 1,
        alterations.c.observed_at >= bindparam("since"),
        ~select(_earlier.c.digest)
        .where(
            _earlier.c.edition == alterations.c.edition,
            _earlier.c.digest == alterations.c.digest,
            _earlier.c.template == 1,
            _earlier.c.observed_at < bindparam("since"),
        )
        .exists(),
    )
    .group_by(alterations.c.digest)
    .having(func.count(alterations.c.article_id.distinct()) < _CERTAIN)
)
