"""`dateline reparse`: stored pages of articles read again by today's parsers, on all cores, and what follows written.

Processes read the archive, decompress and parse (storage/maintenance/reparse_workers.py); one writes. An article is one
transaction, so that an interrupted run leaves whole articles, and the next one finds what there is still to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Select, case, func, select

from crawler.sites import registry
from storage.db.lock import CrawlLock
from storage.db.schema import snapshots
from storage.maintenance.reparse_workers import Portion, reread_all
from storage.read.reader import Reader
from storage.read.scope import editions
from storage.read.zones import OwnBounds, edition_row
from storage.write.archive import Archive
from storage.write.evidence.manifest import seal
from storage.write.reparsing.differences import READ, UNREAD
from storage.write.reparsing.reread import Reread
from storage.write.reparsing.rewrite import rewrite

PORTION = 64
"""Pages that a process is given at a time: some 100 ms of work."""


@dataclass(frozen=True, slots=True)
class ReparseScope:
    """Which articles: of an edition, with this article_id, with a page fetched since (UTC text). None: any. `own`:
    where that is another time in each edition, those (storage/read/zones.py). `without`: editions that are left out.
    """

    edition: str | None = None
    article_id: int | None = None
    since: str | None = None
    own: tuple[OwnBounds, ...] = ()
    without: frozenset[str] = frozenset()


@dataclass(slots=True)
class ReparseReport:
    """What a run did so far, or would do. `total`: pages that there are to read.

    `corrected`, `added` and `marked` count changes by their kind (storage/write/reparsing/differences.py). `lost`
    counts pages that were read once and are not any more, `damaged` bodies that could not be read back, `deadly`
    articles whose reading killed the process that read them.
    """

    total: int = 0
    pages: int = 0
    articles: int = 0
    changed: int = 0
    corrected: int = 0
    added: int = 0
    marked: int = 0
    lost: int = 0
    damaged: int = 0
    deadly: int = 0
    interrupted: bool = False

    def count(self, reread: Reread) -> None:
        """Counts an article in."""
        kinds = [change.kind for change in reread.retelling.changes]
        self.articles += 1
        self.pages += reread.pages
        self.changed += reread.changed
        self.corrected += kinds.count("corrected")
        self.added += kinds.count("added")
        self.marked += kinds.count("marked")
        self.lost += len(reread.retelling.lost)
        self.damaged += len(reread.damaged)
        self.deadly += reread.deadly


Heard: TypeAlias = Callable[[Reread, ReparseReport], None]
"""Told of every article that was read (and written), in order, with the report as it is by then."""


def reparse(
    target: str,
    scope: ReparseScope,
    now: datetime,
    *,
    dry_run: bool = False,
    jobs: int | None = None,
    heard: Heard = lambda *_: None,
) -> ReparseReport:
    """Reads articles again and writes what is read otherwise, sealed as of `now`; nothing is written by a `dry_run`.

    `jobs`: processes, as many as there are cores without it. Ctrl-C ends it between two articles: the report says so.
    Raises ArchiveBusy while a crawl of one of the editions is running (a dry run does not mind), ArchiveError when the
    archive cannot be written, and ProcessDied.
    """
    with ExitStack() as resources:
        archive = resources.enter_context(Archive.open(target, readonly=dry_run))
        portions, report = _portions(archive, scope)
        if not dry_run:
            for edition in archive.editions() if scope.edition is None else [scope.edition]:
                resources.enter_context(CrawlLock(target, edition))
                archive.note_edition(edition, now)
        try:
            for reread in resources.enter_context(reread_all(archive, target, portions, jobs)):
                if (reread.changed or reread.stamps) and not dry_run:
                    with archive.writing() as connection:
                        rewrite(connection, reread)
                report.count(reread)
                heard(reread, report)
        except KeyboardInterrupt:
            report.interrupted = True
        if report.changed and not dry_run:
            with archive.writing(alone=True) as connection:
                seal(connection, None, now)
    return report


def not_installed(reader: Reader) -> dict[str, str]:
    """The editions of an archive whose site is not installed, each with the name of that site."""
    missing = [name for name in editions(reader) if registry().find(name) is None]
    rows = {name: edition_row(reader, name) for name in missing}
    return {name: row["site"] if row else name for name, row in rows.items()}


def _portions(archive: Archive, scope: ReparseScope) -> tuple[Sequence[Portion], ReparseReport]:
    """The articles in portions of some pages, and a report that knows how many these are."""
    with archive.connection() as connection:
        rows = connection.execute(_articles(scope)).all()
    return list(_cut(rows)), ReparseReport(total=sum(pages for _, pages in rows))


def _articles(scope: ReparseScope) -> Select[Any]:
    pages = func.count(snapshots.c.snapshot_id)
    query = select(snapshots.c.article_id, pages).where(
        snapshots.c.kind == "article", snapshots.c.reading.in_(READ | UNREAD), snapshots.c.article_id.is_not(None)
    )
    if scope.edition is not None:
        query = query.where(snapshots.c.edition == scope.edition)
    if scope.without:
        query = query.where(snapshots.c.edition.not_in(scope.without))
    if scope.article_id is not None:
        query = query.where(snapshots.c.article_id == scope.article_id)
    if scope.since is not None:
        since = case({one.edition: one.since for one in scope.own}, value=snapshots.c.edition, else_=scope.since)
        query = query.having(func.max(snapshots.c.fetched_at) >= func.max(since if scope.own else scope.since))
    return query.group_by(snapshots.c.article_id).order_by(snapshots.c.article_id)


def _cut(rows: Sequence[Any]) -> Iterator[Portion]:
    ids: list[int] = []
    pages = 0
    for article_id, count in rows:
        ids.append(article_id)
        pages += count
        if pages >= PORTION:
            yield Portion(tuple(ids), pages)
            ids, pages = [], 0
    if ids:
        yield Portion(tuple(ids), pages)
