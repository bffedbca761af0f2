"""Writes what was read again of one article: corrections, revisions that had been missed, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from crawler.dates import from_utc_text, utc_text
from crawler.records import Article
from crawler.rules.absences import FOUND
from crawler.rules.decide import look_again_at, recheck_at
from storage.db.rows import PHOTO_COLUMNS, folded, storable
from storage.db.schema import articles, revisions, snapshots
from storage.db.statements import Prepared
from storage.write.articles import current, near_duplicates, template_changes
from storage.write.articles.known import ever_said, knows
from storage.write.evidence.snapshots import Mark, mark
from storage.write.frontier.absences import recounted
from storage.write.frontier.disappearances import settle_absence
from storage.write.reparsing.differences import READ, ReparseChange
from storage.write.reparsing.reread import Reread, Rereader


def rewrite(connection: Connection, reread: Reread) -> None:
    """Writes it in the transaction that is under way. No crawl of the edition may run meanwhile."""
    retelling = reread.retelling
    for change in retelling.changes:
        if change.after is not None:
            _add(connection, reread.article_id, change)
        if change.mark != change.page.mark:
            problem = None if change.mark in READ else storable(change.page.problem or change.mark)
            mark(connection, change.page.snapshot_id, cast("Mark", change.mark), problem=problem)
    for snapshot_id, times in reread.stamps.items():
        connection.execute(update(snapshots).where(snapshots.c.snapshot_id == snapshot_id).values(stamp=times))
    if retelling.current is not None and reread.changed:
        _show(connection, reread, retelling.current)
        settle_absence(connection, reread.article_id)
    if retelling.current is not None:
        template_changes.tell(connection, reread.article_id)


def _add(connection: Connection, article_id: int, change: ReparseChange) -> None:
    """A revision, or a correction of one: the same in all but its number."""
    after = change.after
    if after is None:
        return
    observed = select(revisions.c.observed_at).where(
        revisions.c.article_id == article_id, revisions.c.number == change.number, revisions.c.correction == 0
    )
    place = {
        "folded": folded(after.columns, (cast("str | None", photo[1]) for photo in after.photos)),
        "article_id": article_id,
        "number": change.number,
        "correction": change.correction,
        "observed_at": connection.execute(observed).scalar() or change.page.fetched_at,
        "snapshot_id": change.page.snapshot_id,
    }
    shown = (dict(zip(PHOTO_COLUMNS, (position, *photo), strict=True)) for position, photo in enumerate(after.photos))
    current.add(connection, {**after.columns, **place}, shown)


def _show(connection: Connection, reread: Reread, number: int) -> None:
    """Makes the article show the latest reading of a revision, and be what its visits say."""
    this = articles.c.article_id == reread.article_id
    standing = dict(connection.execute(select(articles).where(this)).mappings().one())
    own = revisions.c.article_id == reread.article_id
    before = _revision(connection, revisions.c.revision_id == standing["revision_id"])
    first = _revision(connection, own, revisions.c.number == number)
    after = _revision(connection, own, revisions.c.number == number, latest=True)
    changes: dict[str, Any] = {"revision_id": after["revision_id"], "changed_at": first["observed_at"]}
    changes["day"] = after["published_day"] or standing["day"]
    changes["duplicate_of"] = None  # linked again below, where it still tells what another article told first
    if reread.retelling.marks:
        changes |= _state(connection, reread, standing, after["published_at"])
    if before:
        current.unindex(connection, reread.article_id)
    connection.execute(update(articles).where(this).values(changes))
    current.index(connection, reread.article_id)
    current.link(connection, reread.edition, before.get("story_hash"), after["story_hash"])
    near_duplicates.relate(
        connection,
        near_duplicates.signed_of(reread.article_id, reread.edition, *(after[name] for name in near_duplicates.TOLD)),
    )


def _revision(connection: Connection, *which: ColumnElement[bool], latest: bool = False) -> Mapping[str, Any]:
    """The first (or latest) reading; empty where there is none."""
    order = revisions.c.correction.desc() if latest else revisions.c.correction
    return dict(connection.execute(select(revisions).where(*which).order_by(order).limit(1)).mappings().first() or {})


def _state(
    connection: Connection, reread: Reread, standing: Mapping[str, Any], published_at: str | None
) -> dict[str, Any]:
    """Live or gone, and since when, by its visits in order of time; when to look again, if the last was at fault."""
    visits = connection.execute(_VISITS, {"this": reread.article_id}).all()
    found = (visit.fetched_at for visit in visits if visit.reading in FOUND)
    changes = recounted(connection, reread.article_id)
    changes["last_seen_at"] = max([standing["last_seen_at"], *found])
    marks, last = reread.retelling.marks, visits[-1]
    if standing["revision_id"] is None or last.snapshot_id in marks:
        due = _due(standing, changes, published_at, from_utc_text(last.fetched_at))
        changes |= {"attempts": 0, "last_error": None, "due_at": utc_text(due) if due else None}
    url = next(
        (change.page.url for change in reread.retelling.changes if change.page.snapshot_id == last.snapshot_id), None
    )
    return changes | ({"url": storable(url)} if url else {})


def _due(
    standing: Mapping[str, Any], state: Mapping[str, Any], published_at: str | None, now: datetime
) -> datetime | None:
    """When to look again after the last visit: soon, while it is not decided whether the article is there."""
    if state["absences"] and state["status"] == "live":
        return look_again_at(state["absences"], from_utc_text(state["absent_since"]), now)
    published = from_utc_text(published_at) if published_at else None
    return recheck_at(published, from_utc_text(standing["first_seen_at"]), now)


_VISITS = (
    select(snapshots.c.snapshot_id, snapshots.c.reading, snapshots.c.fetched_at)
    .where(snapshots.c.article_id == bindparam("this"), snapshots.c.kind == "article", snapshots.c.reading.is_not(None))
    .order_by(snapshots.c.fetched_at, snapshots.c.snapshot_id)
)


# What is archived of an article, brought up to today's parsers before a page that says otherwise is saved.
#
# A visit is compared with the last kept page as today's parser reads it. What differs only because the parser got
# better is a correction of the revision, as `dateline reparse` would write it; what is left is an edit.

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
