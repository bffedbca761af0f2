"""The archive: what the crawl writes through and every reader opens."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from crawler.dates import stored
from crawler.records import Article, Reading, Snapshot
from crawler.rules.walls import Wall
from storage.db.engine import open_engine
from storage.db.faults import wrapped
from storage.db.place import Place
from storage.read.archive import Readable
from storage.read.reader import reader_of
from storage.write.articles import known, revisions, template_changes
from storage.write.coverage import closing
from storage.write.coverage.renewal import date_again
from storage.write.evidence import crawls, editions, manifest, requests, snapshots
from storage.write.evidence.bodies import Bodies, DamagedBody
from storage.write.evidence.requests import LoggedRequest, RequestOutcome
from storage.write.evidence.snapshots import Mark
from storage.write.frontier import absences, queue, visits
from storage.write.frontier.queue import ArticleState, Due
from storage.write.frontier.visits import Saved, Unread
from storage.write.reparsing.reread import Rereader
from storage.write.reparsing.rewrite import refresh


class Archive(Readable):
    """One archive, opened. A context manager; for one thread. How it is read as records: storage/read/archive.py.

    Every method that writes is one transaction: it is done when it returns, and not at all when it raises.

    >>> with Archive.open("archive.db", create=True) as archive:  # doctest: +SKIP
    ...     crawl_id = archive.begin_crawl("demo", {}, "dateline/0.1.0", "dateline", now)
    """

    def __init__(self, engine: Engine, place: Place) -> None:
        self.engine = engine
        self.place = place
        self._bodies = Bodies()
        self._rereader = Rereader(self._bodies)
        self._writer: Connection | None = None

    @classmethod
    def open(cls, target: str, *, create: bool = False, migrate: bool = False, readonly: bool = False) -> Self:
        """Opens the archive at a path or SQLAlchemy URL. Raises ArchiveError, see `database.open_engine`."""
        engine = open_engine(target, create=create, migrate=migrate, readonly=readonly, upgrade=_upgrade)
        return cls(engine, Place.of(target))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections. The last one of all processes folds the -wal file into the archive."""
        with wrapped(self.place):
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self.engine.dispose()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection for reading, which sees one state of the archive for as long as it lasts."""
        # Begun here: prepared statements do not begin a transaction by themselves.
        with wrapped(self.place), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, *, alone: bool = False) -> Iterator[Connection]:
        """A transaction that holds the write lock: committed at the end, rolled back by any exception.

        `alone`: nobody else writes meanwhile, on a server either (in a file nobody ever does).
        """
        with wrapped(self.place):
            if self._writer is None:
                self._writer = self.engine.connect().execution_options(writes=True)
            with self._writer.begin():
                manifest.wait_for_turn(self._writer, alone=alone)
                yield self._writer

    @contextmanager
    def _at_hand(self) -> Iterator[Connection]:
        """A connection for one prepared statement, asked for once a page: the writer's, where that is open.

        Not on PostgreSQL: there the statement would leave a transaction open.
        """
        if self._writer is None or self.place.path is None:
            with self.connection() as connection:
                yield connection
        else:
            with wrapped(self.place):
                yield self._writer

    # The ledger

    def begin_crawl(
        self,
        edition: str,
        arguments: Mapping[str, str],
        software: str,
        user_agent: str,
        now: datetime,
        *,
        daily_budget: int | None = None,
    ) -> int:
        """A new row of the ledger; returns its crawl_id. What the site says of the edition is noted, and where its zone
        was corrected, its days are told again.
        """
        with self.writing() as connection:
            _note(connection, edition, now)
            return crawls.begin(connection, edition, arguments, software, user_agent, now, daily_budget=daily_budget)

    def note_edition(self, edition: str, now: datetime) -> None:
        """Notes what the site says of an edition, as `begin_crawl` does."""
        with self.writing() as connection:
            _note(connection, edition, now)

    def finish_crawl(self, crawl_id: int, outcome: str, exit_code: int, message: str | None, now: datetime) -> None:
        """Closes a row of the ledger, fills its counts, and seals what was added since the last seal.

        Raises ValueError for a crawl that is finished already: how it ended is sealed.
        """
        with self.writing(alone=True) as connection:
            if (crawled := crawls.edition_of(connection, crawl_id)) is not None:
                template_changes.reconsider(connection, crawled, now)  # before what changed is counted
            edition = crawls.finish(connection, crawl_id, outcome, exit_code, message, now)
            closing.close(connection, edition, crawl_id, now)
            manifest.seal(connection, crawl_id, now)

    def editions(self) -> list[str]:
        """The editions that were ever crawled into it, by name."""
        with self.connection() as connection:
            return crawls.editions(connection)

    def counts(self, crawl_id: int) -> Mapping[str, int]:
        """The counts of a finished crawl, by column of the ledger. Raises KeyError."""
        with self.connection() as connection:
            return crawls.counts(connection, crawl_id)

    def ended_alike(self, crawl_id: int) -> datetime | None:
        """When the crawl of the edition before a finished one ended, if in the same way and with the same message."""
        with self.connection() as connection:
            return stored(crawls.ended_alike(connection, crawl_id))

    # What is asked of the site

    def ask(self, request: LoggedRequest, outcomes: Sequence[RequestOutcome] = ()) -> int:
        """Notes a request that is about to be sent, and what came of earlier ones; returns its request_id."""
        with self.writing() as connection:
            requests.tell(connection, outcomes)
            return requests.note(connection, request)

    def tell(self, outcomes: Sequence[RequestOutcome]) -> None:
        """Notes what came of requests."""
        with self.writing() as connection:
            requests.tell(connection, outcomes)

    def asked_between(self, edition: str, since: datetime, until: datetime) -> int:
        """How many requests all crawls of an edition have sent from one time to before another."""
        with self.connection() as connection:
            return requests.asked_between(connection, edition, since, until)

    # Pages

    def keep(self, snapshot: Snapshot, crawl_id: int, article_id: int | None) -> int:
        """Keeps an answer before anything is read from it; returns its snapshot_id."""
        with self.writing() as connection:
            return self.keep_in(connection, snapshot, crawl_id, article_id)

    def keep_in(
        self,
        connection: Connection,
        snapshot: Snapshot,
        crawl_id: int,
        article_id: int | None,
        reading: Mark | None = None,
    ) -> int:
        """The same within a transaction of `writing`; `reading` is what came of reading it, where that is known."""
        return snapshots.keep(connection, self._bodies, snapshot, crawl_id, article_id, reading)

    def keep_robots(self, snapshot: Snapshot, crawl_id: int, problem: str | None) -> None:
        """Keeps an answer to a request for robots.txt. `problem`: why it tells no rules."""
        with self.writing() as connection:
            snapshot_id = self.keep_in(connection, snapshot, crawl_id, None)
            snapshots.mark(connection, snapshot_id, "error" if problem else "robots", problem=problem)

    def snapshot(self, snapshot_id: int) -> Snapshot:
        """A kept answer, rebuilt with its body. Raises KeyError, or DamagedBody."""
        with self.connection() as connection:
            return snapshots.load(connection, self._bodies, snapshot_id)

    def body(self, sha256: str) -> bytes:
        """A stored body by its digest, verified. Raises KeyError, or DamagedBody."""
        with self.connection() as connection:
            return self._bodies.get(connection, sha256)

    def unread(self, edition: str, limit: int) -> list[tuple[int, Snapshot]]:
        """Article pages that a killed run kept and did not come to read, oldest first: they need no fetching.

        One whose body was damaged meanwhile is marked unreadable, and its article fetched again.
        """
        with self.connection() as connection:
            ids = snapshots.unread(connection, edition, limit)
        return [(snapshot_id, snapshot) for snapshot_id in ids if (snapshot := self._whole(snapshot_id)) is not None]

    def give_up_deadly(self, snapshot_id: int, crawl_id: int, now: datetime) -> tuple[int, str] | None:
        """Gives up the first of `unread` where it killed crawl after crawl: the article_id, and what to say."""
        with self.writing() as connection:
            return visits.give_up_deadly(connection, snapshot_id, crawl_id, now)

    def _whole(self, snapshot_id: int) -> Snapshot | None:
        try:
            return self.snapshot(snapshot_id)
        except DamagedBody as error:
            with self.writing() as connection:
                article_id, fetched_at = snapshots.visited(connection, snapshot_id)
                visits.failed(connection, article_id, str(error), fetched_at, "unreadable", snapshot_id)
            return None

    # What came of a visit

    def save(self, reading: Reading) -> Saved:
        """Stores what was read: a new article, a revision, or an unchanged one. Without an article: `unreadable`."""
        with self.writing() as connection:
            if reading.article is not None:
                refresh(connection, self._rereader, reading.article)
                return revisions.save(connection, reading, reading.article)
            article_id, fetched_at = snapshots.visited(connection, reading.snapshot_id)
            problem = reading.problem or "no article was read"
            return visits.failed(connection, article_id, problem, fetched_at, "unreadable", reading.snapshot_id)

    def knows(self, article: Article) -> bool:
        """Whether the article's current revision has this content. False for one that was never archived."""
        with self._at_hand() as connection:
            return known.knows(connection, article)

    def gone(self, snapshot_id: int, article_id: int, status: int, now: datetime) -> Saved:
        """The site answered 404 or 410."""
        with self.writing() as connection:
            return visits.gone(connection, snapshot_id, article_id, status, now)

    def soft_404(self, snapshot_id: int, article_id: int, problem: str, now: datetime) -> Saved:
        """Another page in the article's place: the home page, a section, "Page not found" with status 200."""
        with self.writing() as connection:
            return visits.soft_404(connection, snapshot_id, article_id, problem, now)

    def settle_absences(self, edition: str) -> tuple[Wall, ...]:
        """Decides of which absent articles of an edition it is certain by now that they are gone, after a run.

        Returns what stands out instead: the site's own doing, for which nothing is decided.
        """
        with self.writing() as connection:
            return absences.settle(connection, reader_of(self, connection), edition)

    def not_modified(self, snapshot_id: int, article_id: int, now: datetime) -> Saved:
        """The site answered 304 to a conditional request."""
        with self.writing() as connection:
            return visits.not_modified(connection, snapshot_id, article_id, now)

    def unreadable(
        self, snapshot_id: int, article_id: int, problem: str, now: datetime, why: Unread = "unreadable"
    ) -> Saved:
        """The page is kept, but no parser could read it: tried again by the retry rule, and by `dateline reparse`."""
        return self.failed(article_id, problem, now, why, snapshot_id)

    def failed(
        self, article_id: int, problem: str, now: datetime, why: Unread = "error", snapshot_id: int | None = None
    ) -> Saved:
        """A visit without an answer, or with an error status: tried again by the retry rule."""
        with self.writing() as connection:
            return visits.failed(connection, article_id, problem, now, why, snapshot_id)

    # The frontier

    def due(
        self,
        edition: str,
        now: datetime,
        limit: int,
        *,
        pending: bool = True,
        recheck: bool = True,
        exclude: Collection[int] = (),
    ) -> list[Due]:
        """At most `limit` articles to visit now: those not archived yet, then those to be looked at again.

        `exclude` holds the ids that are in flight or had their turn in this run. Articles with a kept page that is
        still to be read (`unread`) are left out.
        """
        with self.connection() as connection:
            found = queue.pending(connection, edition, now, limit, exclude) if pending else []
            if recheck and len(found) < limit:
                found += queue.rechecks(connection, edition, now, limit - len(found), exclude)
        return found

    def waiting(self, edition: str, now: datetime, *, recheck: bool = True) -> int:
        """How many articles `due` would give, one after the other, those in flight among them."""
        with self.connection() as connection:
            return queue.waiting(connection, edition, now, recheck=recheck)

    def find(self, edition: str, key: str) -> ArticleState | None:
        """How an article stands; None when it was never met."""
        with self._at_hand() as connection:
            return queue.find(connection, edition, key)

    def remember(self, edition: str, key: str, url: str, now: datetime) -> int:
        """The article_id of a key, which is pending and due from now on where it was never met or was given up."""
        with self.writing() as connection:
            return queue.remember(connection, edition, key, url, now)

    def replan(self, edition: str, now: datetime) -> int:
        """Brings forward what a clock that was ahead planned; returns how many articles these are."""
        with self.writing() as connection:
            return queue.replan(connection, edition, now)

    def plan_rechecks(self, edition: str, since: datetime | None, now: datetime) -> int:
        """Makes the archived articles published since (None: all of them) due now; returns how many these are."""
        with self.writing() as connection:
            return queue.plan_rechecks(connection, edition, since, now)


def _upgrade(engine: Engine) -> None:
    from storage.write.migrate import upgrade  # noqa: PLC0415 - Alembic takes a third of a second to import

    upgrade(engine)


def _note(connection: Connection, edition: str, now: datetime) -> None:
    if editions.note(connection, edition):
        date_again(connection, edition, now)
