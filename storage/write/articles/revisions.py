"""Articles as they were read: a revision whenever they say something new, and the index beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, bindparam, func, select, update

from crawler.dates import past, utc_text
from crawler.matching.digests import content_hash
from crawler.records import Article, Reading
from crawler.rules.decide import recheck_at
from storage.db.rows import photo_row, revision_row, stamp, storable
from storage.db.schema import articles, revisions, sightings, snapshots
from storage.db.statements import Prepared
from storage.write.articles import current, near_duplicates, template_changes
from storage.write.articles.known import says
from storage.write.articles.site_notices import PROBLEM, copies_of, is_notice, look_again
from storage.write.evidence.snapshots import Mark, mark
from storage.write.frontier.absences import called_back
from storage.write.frontier.disappearances import settle_absence
from storage.write.frontier.queue import remember
from storage.write.frontier.visits import THERE, Outcome, Saved, soft_404

_kept, _shown, _all = snapshots.alias("kept"), snapshots.alias("shown"), revisions.alias("all_revisions")


def _listing_lead() -> ScalarSelect[str]:
    return (
        select(sightings.c.lead)
        .where(sightings.c.article_id == articles.c.article_id, sightings.c.lead.is_not(None))
        .order_by(sightings.c.sighting_id.desc())
        .limit(1)
        .scalar_subquery()
    )


# Everything that a decision needs, at once.
_STANDING = Prepared(
    select(
        articles.c.article_id,
        articles.c.first_seen_at,
        func.coalesce(articles.c.absent_since, articles.c.gone_at),
        revisions.c.revision_id,
        revisions.c.number,
        revisions.c.correction,
        revisions.c.content_hash,
        revisions.c.story_hash,
        revisions.c.rubric,
        _shown.c.body_sha256,
        _kept.c.body_sha256,
        _kept.c.reading,
        _listing_lead(),
        select(func.max(_all.c.number)).where(_all.c.article_id == articles.c.article_id).scalar_subquery(),
    )
    .select_from(_kept)
    .join(articles, (articles.c.edition == bindparam("of_edition")) & (articles.c.key == bindparam("of_key")))
    .outerjoin(revisions, revisions.c.revision_id == articles.c.revision_id)
    .outerjoin(_shown, _shown.c.snapshot_id == revisions.c.snapshot_id)
    .where(_kept.c.snapshot_id == bindparam("of_snapshot"))
)
_VISIT: dict[str, Any] = {
    **THERE,
    "status": "live",
    "attempts": 0,
    "last_error": None,
    "url": bindparam("its_url"),
    "last_seen_at": bindparam("seen"),
    "due_at": bindparam("due"),
}
_THIS = articles.c.article_id == bindparam("this")
_SEEN_AGAIN = Prepared(update(articles).where(_THIS).values(_VISIT))
_CHANGED = Prepared(
    update(articles)
    .where(_THIS)
    .values(
        {
            **_VISIT,
            "revision_id": bindparam("current"),
            "changed_at": func.coalesce(bindparam("changed"), articles.c.changed_at),
            "duplicate_of": None,
            "day": func.coalesce(bindparam("published_day"), articles.c.day),
        }
    )
)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How an article stands when a page of it was read. `shown_sha256` is the page of its current revision,
    `kept_sha256` the page just read, `highest` the highest number among its revisions.
    """

    article_id: int
    first_seen_at: str
    absent_since: str | None
    revision_id: int | None
    number: int | None
    correction: int | None
    content_hash: str | None
    story_hash: str | None
    rubric: str | None
    shown_sha256: str | None
    kept_sha256: str | None
    reading: str | None
    listing_lead: str | None
    highest: int | None

    def says(self, connection: Connection, article: Article) -> bool:
        """Whether the current revision has an article's content."""
        if self.revision_id is None or self.content_hash is None:
            return False
        return says(connection, self.revision_id, self.content_hash, article)

    @property
    def verdict(self) -> Outcome:
        """What a page that says something else than the current revision means."""
        if self.revision_id is None:
            return "new"
        return "corrected" if self.shown_sha256 == self.kept_sha256 else "revised"


def save(connection: Connection, reading: Reading, article: Article) -> Saved:
    """Stores what a kept page says of an article, and plans the next visit.

    The same content makes no new revision; an earlier content does. Saving a reading again changes nothing. A page that
    other addresses show as well is not the article's (storage/write/articles/site_notices.py).
    """
    now = reading.snapshot.fetched_at
    known = _standing(connection, reading, article, now)
    due = recheck_at(article.published_at, past(known.first_seen_at, now) or now, now)
    if known.reading is not None:
        return Saved("unchanged", known.article_id, known.revision_id, due)
    digest = content_hash(article)
    unchanged = known.says(connection, article)
    copies = () if unchanged else copies_of(connection, article, known.article_id, digest)
    if is_notice(connection, article, known.article_id, copies):
        problem = f"{article.edition}: {PROBLEM}"
        return soft_404(connection, reading.snapshot_id, known.article_id, problem, now)
    if copies:
        due = min(filter(None, (due, look_again(connection, copies, now))), default=None)
    visit = {
        "this": known.article_id,
        "its_url": storable(article.url),
        "seen": utc_text(now),
        "due": None if due is None else utc_text(due),
    }
    what: Mark = "unchanged" if unchanged else "article"
    mark(connection, reading.snapshot_id, what, article_id=known.article_id, stamp=stamp(article))
    if unchanged and known.rubric == article.rubric:
        _SEEN_AGAIN.run(connection, **visit)
        _returned(connection, known, now)
        return Saved("unchanged", known.article_id, known.revision_id, due)
    row = {
        **revision_row(article, known.listing_lead),
        "content_hash": digest,
        "article_id": known.article_id,
        "snapshot_id": reading.snapshot_id,
        "observed_at": visit["seen"],
    }
    # The same words under another rubric are no edit, but rubric and address of an article agree.
    corrected = unchanged or known.verdict == "corrected"
    revision_id = _revise(connection, article, known, visit, row, corrected=corrected)
    if known.revision_id is not None:
        template_changes.tell(connection, known.article_id)
    _returned(connection, known, now)
    return Saved("unchanged" if unchanged else known.verdict, known.article_id, revision_id, due)


def _standing(connection: Connection, reading: Reading, article: Article, now: datetime) -> _Standing:
    where = {"of_edition": article.edition, "of_key": article.key, "of_snapshot": reading.snapshot_id}
    row = _STANDING.one(connection, **where)
    if row is None:
        remember(connection, article.edition, article.key, article.url, now)
        row = _STANDING.one(connection, **where)
    if row is None:
        raise KeyError(reading.snapshot_id)
    return _Standing(*row)


def _returned(connection: Connection, known: _Standing, now: datetime) -> None:
    if known.absent_since is not None:
        settle_absence(connection, known.article_id)
        called_back(connection, known.article_id, known.absent_since, now)


def _revise(
    connection: Connection,
    article: Article,
    known: _Standing,
    visit: dict[str, Any],
    row: dict[str, Any],
    *,
    corrected: bool,
) -> int:
    # The current one need not have the highest number: pages of an import, or read by a later parser, come late.
    row["number"] = known.number if corrected else (known.highest or 0) + 1
    row["correction"] = (known.correction or 0) + 1 if corrected else 0
    revision_id = current.add(connection, row, (photo_row(photo, at) for at, photo in enumerate(article.photos)))
    if known.revision_id is not None:
        current.unindex(connection, known.article_id)
    _CHANGED.run(
        connection,
        **visit,
        current=revision_id,
        changed=None if corrected else row["observed_at"],
        published_day=row["published_day"],
    )
    current.index(connection, known.article_id)
    current.link(connection, article.edition, known.story_hash, row["story_hash"])
    near_duplicates.relate(
        connection,
        near_duplicates.signed_of(known.article_id, article.edition, *(row[name] for name in near_duplicates.TOLD)),
    )
    return revision_id
