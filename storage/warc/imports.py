"""Imports: pages from WARC files into an archive, kept and read in order of capture as a crawl keeps and reads them.

What is there already is not kept again, so an import can be repeated, and one that was interrupted is gone on with
by starting it again. Everything is read by today's parsers; what a file says was read is only compared with that.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from crawler.dates import utc_text
from crawler.errors import ArchiveError, ArgumentError
from crawler.records import Snapshot
from crawler.sites import edition as edition_named
from storage.db.lock import CrawlLock
from storage.db.rows import storable
from storage.warc.comparison import ReadingDifference, differences
from storage.warc.facts import BadFacts, Facts, snapshot_of
from storage.warc.foreign_pages import ForeignPage, NoOriginal, Skipped, agent_of, page_from
from storage.warc.found import FoundCapture, found_in, told
from storage.warc.http_message import message
from storage.warc.import_state import ImportState
from storage.warc.imported_crawls import CrawlImporter, ImportedCrawl
from storage.warc.imported_pages import PageImporter, StoredPage
from storage.warc.revisits import RevisitResolver, wanted_by
from storage.warc.warc_reader import Record, warc_streams
from storage.write.archive import Archive
from storage.write.coverage.renewal import last_crawls, tell_again
from storage.write.evidence.bodies import DamagedBody

LISTED: Final = 1000
"""Problems, differences and revisits that a report lists; more are only counted."""

REASONS: Final = 100
"""Reasons and fields that a report tells apart: files name editions and sources as they like."""

LONGEST: Final = 1000
"""Characters of a line of a report: record IDs and addresses may be of any length."""


@dataclass(slots=True)
class ImportReport:
    """What an import did.

    `kept`: pages that were not there before; `known`: those that were. `readings`: what came of reading the new ones
    (and those that an interrupted import left unread).
    `skipped`: records left out and why; `revisits` names those of them that repeat a page which is not here.
    `problems` are what is wrong with the files, `differences` what today's parsers read otherwise. Of these three the
    first `LISTED`, with `problem_count` and `revisit_count` in all and `otherwise` by field.
    """

    kept: int = 0
    known: int = 0
    readings: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    otherwise: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    differences: list[ReadingDifference] = field(default_factory=list)
    revisits: list[str] = field(default_factory=list)
    problem_count: int = 0
    revisit_count: int = 0

    def skip(self, reason: str) -> None:
        """Notes a record left out."""
        known = reason in self.skipped or len(self.skipped) < REASONS
        self.skipped[reason if known else "records for other reasons"] += 1

    def revisit(self, line: str) -> None:
        """Names a revisit that was left out."""
        self.revisit_count += 1
        if len(self.revisits) < LISTED:
            self.revisits.append(line[:LONGEST])

    def problem(self, line: str) -> None:
        """Notes something wrong with a file."""
        self.problem_count += 1
        if len(self.problems) < LISTED:
            self.problems.append(line[:LONGEST])

    def difference(self, difference: ReadingDifference) -> None:
        """Notes something read otherwise."""
        known = difference.field in self.otherwise or len(self.otherwise) < REASONS
        self.otherwise[difference.field if known else "other fields"] += 1
        if len(self.differences) < LISTED:
            self.differences.append(difference)


Progress = Callable[[ImportReport], None]
"""Told after each capture how far it is."""


def import_files(archive: Archive, paths: Sequence[Path], progress: Progress = lambda _: None) -> ImportReport:
    """Imports WARC files and WACZ packages. What was imported stays, whatever happens later.

    Files are read side by side, so that pages come in order of capture when each file has its own in order. A file
    that is damaged is read up to there; the report names it. Raises ArchiveBusy when a crawl of an edition is running,
    ArchiveError when the archive cannot be written, OSError when a file cannot be read.
    """
    with ExitStack() as resources:
        run = _Import(archive, resources)
        streams = [run.captures(path) for path in paths]
        for found in heapq.merge(*streams, key=lambda found: found.order):
            run.take(found)
            progress(run.report)
        run.leave_out()
        if not run.report.problem_count:  # a file that is mended may bring the rest of a crawl
            run.ledger.close()
        run.tell_coverage()
    return run.report


class _Import:
    """One run. Locks are taken when the first page of an edition comes."""

    def __init__(self, archive: Archive, resources: ExitStack) -> None:
        self.archive = archive
        self.resources = resources
        self.report = ImportReport()
        self.ledger = CrawlImporter(archive)
        self._takeover = PageImporter(archive)
        self._scratch = resources.enter_context(ImportState())
        self._originals = RevisitResolver(archive, self._scratch)
        self._locked: set[str] = set()
        self._crawls: dict[tuple[str, str], ImportedCrawl] = {}

    def captures(self, path: Path) -> Iterator[FoundCapture]:
        """The captures of a file, as far as it can be read."""
        try:
            with warc_streams(path) as streams:
                for name, stream in streams:
                    yield from found_in(name, stream)
        except ArchiveError as error:
            self.report.problem(str(error))

    def take(self, found: FoundCapture) -> None:
        """Imports one capture, or notes why not; then the revisits that waited for it."""
        self._take(found)
        while (waited := self._scratch.ready()) is not None:
            self._take(waited)

    def leave_out(self) -> None:
        """Notes the revisits whose page did not come."""
        for found in self._scratch.rest():
            self._without_page(found)

    def tell_coverage(self) -> None:
        """What is known of each day of the editions that pages came of."""
        with self.archive.writing() as connection:
            for edition, latest in last_crawls(connection):
                if edition in self._locked:
                    tell_again(connection, edition, latest)

    def _take(self, found: FoundCapture) -> None:
        if found.wrong:
            for record in found.wrong:
                self.report.problem(f"{_place(found, record)}: {record.wrong}: not imported")
            return
        try:
            page, crawl, facts = self._read(found)
        except (ValueError, DamagedBody) as error:  # bad facts, bad JSON, or a page that the archive has lost
            self.report.problem(f"{_place(found, found.metadata or found.record)}: {error}: not imported")
        except NoOriginal:
            if not self._scratch.wait(found, wanted_by(found.record).names):
                self._without_page(found)
        except Skipped as reason:
            self.report.skip(str(reason))
        else:
            self._keep(found, page, crawl, facts)

    def _without_page(self, found: FoundCapture) -> None:
        record = found.record
        self.report.skip(str(NoOriginal()))
        self.report.revisit(f"{_place(found, record)}: {record.target} of {found.when}")

    def _read(self, found: FoundCapture) -> tuple[ForeignPage, ImportedCrawl, Facts | None]:
        if found.metadata is None:
            if found.ours:
                raise Skipped("pages of our own whose metadata record is missing")
            page = page_from(found.record, found.request, self._originals.of)
            return page, self._foreign_crawl(found, page.snapshot), None
        facts = told(found.metadata)
        if not isinstance(facts.get("snapshot"), dict):
            raise BadFacts("snapshot is no object")
        snapshot = snapshot_of(facts["snapshot"], self._body(found.record, facts["snapshot"].get("body_sha256")))
        return ForeignPage(snapshot), ImportedCrawl.of(facts.get("crawl")), facts

    def _body(self, record: Record, sha256: object) -> bytes:
        if sha256 is None:
            return b""
        if record.type == "revisit":
            body = self._takeover.body(str(sha256))
            if body is None:
                raise NoOriginal
            return body
        answer = None if record.block is None else message(record.block)
        if answer is None:
            raise Skipped("records too large to be a page")
        return answer.payload

    def _keep(self, found: FoundCapture, page: ForeignPage, crawl: ImportedCrawl, facts: Facts | None) -> None:
        ordinal = facts.get("ordinal", 0) if facts else 0
        try:
            self._lock(page.snapshot.edition)
            standing = self._kept(page.snapshot, crawl, ordinal if isinstance(ordinal, int) else 0)
        except Skipped as reason:
            self.report.skip(str(reason))
            return
        self._originals.met(found.record, page, standing.snapshot_id)
        if facts is not None:
            self._compare(found, page.snapshot, standing.snapshot_id, facts)

    def _kept(self, snapshot: Snapshot, crawl: ImportedCrawl, ordinal: int) -> StoredPage:
        """Where a page stands, kept and read now where it was not before. Raises Skipped."""
        standing = self._takeover.find(snapshot, ordinal)
        when = utc_text(snapshot.fetched_at)
        if standing is None:
            standing = self._takeover.keep(snapshot, self.ledger.crawl_id(crawl, when))
            self.report.kept += 1
        else:
            self.ledger.met(crawl, when)
            self.report.known += 1
        if standing.mark is None:
            self.report.readings[self._takeover.read(snapshot, standing)] += 1
        return standing

    def _compare(self, found: FoundCapture, snapshot: Snapshot, snapshot_id: int, facts: Facts) -> None:
        page = f"{snapshot.edition}/{snapshot.key or f'page {snapshot.page}'} of {found.when}"
        with self.archive.connection() as connection:
            for difference in differences(connection, page, snapshot_id, facts):
                self.report.difference(difference)

    def _lock(self, edition: str) -> None:
        if edition in self._locked:
            return
        try:
            edition_named(edition)
        except ArgumentError as error:
            raise Skipped(f"editions that this version does not know ({edition[:40]})") from error
        place = self.archive.place
        target = str(place.path) if place.path else place.url.render_as_string(hide_password=False)
        self.resources.enter_context(CrawlLock(target, edition))
        self._locked.add(edition)

    def _foreign_crawl(self, found: FoundCapture, snapshot: Snapshot) -> ImportedCrawl:
        """The crawl of another program: one for each of its files and editions."""
        key = (found.name, snapshot.edition)
        if key not in self._crawls:
            name = found.name.rpartition("/")[2]
            self._crawls[key] = ImportedCrawl(
                edition=snapshot.edition,
                arguments=json.dumps({"import": name}),
                software=storable(found.info.get("software") or f"not known, from {name}"),
                user_agent=storable(agent_of(found.request, found.info)),
                started_at=utc_text(snapshot.fetched_at),
                outcome="complete",
                exit_code=0,
                message=f"imported from {name}",
                open_ended=True,
            )
        return self._crawls[key]


def _place(found: FoundCapture, record: Record) -> str:
    return f"{found.name}: at byte {record.offset:,}: {record.type} {record.name}"
