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
from storage.agenda.renewal import last_crawls, tell_again
from storage.archive import Archive
from storage.evidence.bodies import DamagedBody
from storage.lock import CrawlLock
from storage.webarchive.comparison import Difference, differences
from storage.webarchive.facts import BadFacts, Facts, snapshot_of
from storage.webarchive.foreign import Skipped, agent_of, snapshot_from
from storage.webarchive.found import Found, found_in, told
from storage.webarchive.ledger import Crawl, Ledger
from storage.webarchive.message import message
from storage.webarchive.takeover import Takeover
from storage.webarchive.warcfile import Record, warc_streams

LISTED: Final = 1000
"""Problems and differences that a report lists; more are only counted."""


@dataclass(slots=True)
class Report:
    """What an import did.

    `kept`: pages that were not there before; `known`: those that were. `readings`: what came of reading the new ones
    (and those that an interrupted import left unread).
    `skipped`: records left out and why. `problems` are what is wrong with the files, `differences` what today's
    parsers read otherwise; of both the first `LISTED`, with `problem_count` in all and `otherwise` by field.
    """

    kept: int = 0
    known: int = 0
    readings: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    otherwise: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    problem_count: int = 0

    def problem(self, line: str) -> None:
        """Notes something wrong with a file."""
        self.problem_count += 1
        if len(self.problems) < LISTED:
            self.problems.append(line)

    def difference(self, difference: Difference) -> None:
        """Notes something read otherwise."""
        self.otherwise[difference.field] += 1
        if len(self.differences) < LISTED:
            self.differences.append(difference)


Progress = Callable[[Report], None]
"""Told after each capture how far it is."""


def import_files(archive: Archive, paths: Sequence[Path], progress: Progress = lambda _: None) -> Report:
    """Imports WARC files and WACZ packages. What was imported stays, whatever happens later.

    Files are read side by side, so that pages come in order of capture when each file has its own in order. A file
    that is damaged is read up to there; the report names it. Raises ArchiveBusy when a crawl of an edition is running,
    ArchiveError when the archive cannot be written, OSError when a file cannot be read.
    """
    with ExitStack() as resources:
        run = _Import(archive, resources)
        streams = [run.captures(path) for path in paths]
        for found in heapq.merge(*streams, key=lambda found: found.when):
            run.take(found)
            progress(run.report)
        if not run.report.problem_count:  # a file that is mended may bring the rest of a crawl
            run.ledger.close()
        run.tell_coverage()
    return run.report


class _Import:
    """One run. Locks are taken when the first page of an edition comes."""

    def __init__(self, archive: Archive, resources: ExitStack) -> None:
        self.archive = archive
        self.resources = resources
        self.report = Report()
        self.ledger = Ledger(archive)
        self._takeover = Takeover(archive)
        self._locked: set[str] = set()
        self._crawls: dict[tuple[str, str], Crawl] = {}

    def captures(self, path: Path) -> Iterator[Found]:
        """The captures of a file, as far as it can be read."""
        try:
            with warc_streams(path) as streams:
                for name, stream in streams:
                    yield from found_in(name, stream)
        except ArchiveError as error:
            self.report.problem(str(error))

    def take(self, found: Found) -> None:
        """Imports one capture, or notes why not."""
        if found.wrong:
            for record in found.wrong:
                self.report.problem(f"{_place(found, record)}: {record.wrong}: not imported")
            return
        try:
            snapshot, crawl, facts = self._read(found)
        except (ValueError, DamagedBody) as error:  # bad facts, bad JSON, or a page that the archive has lost
            self.report.problem(f"{_place(found, found.metadata or found.record)}: {error}: not imported")
            return
        except Skipped as reason:
            self.report.skipped[str(reason)] += 1
            return
        try:
            self._keep(found, snapshot, crawl, facts)
        except Skipped as reason:
            self.report.skipped[str(reason)] += 1

    def tell_coverage(self) -> None:
        """What is known of each day of the editions that pages came of."""
        with self.archive.writing() as connection:
            for edition, latest in last_crawls(connection):
                if edition in self._locked:
                    tell_again(connection, edition, latest)

    def _read(self, found: Found) -> tuple[Snapshot, Crawl, Facts | None]:
        if found.metadata is None:
            if found.ours:
                raise Skipped("pages of our own whose metadata record is missing")
            snapshot = snapshot_from(found.record, found.request, self._takeover.body_of)
            return snapshot, self._foreign_crawl(found, snapshot), None
        facts = told(found.metadata)
        if not isinstance(facts.get("snapshot"), dict):
            raise BadFacts("snapshot is no object")
        snapshot = snapshot_of(facts["snapshot"], self._body(found.record, facts["snapshot"].get("body_sha256")))
        return snapshot, Crawl.of(facts.get("crawl")), facts

    def _body(self, record: Record, sha256: object) -> bytes:
        if sha256 is None:
            return b""
        if record.type == "revisit":
            body = self._takeover.body(str(sha256))
            if body is None:
                raise Skipped("revisits of pages that are not here (import the file that holds them first)")
            return body
        answer = None if record.block is None else message(record.block)
        if answer is None:
            raise Skipped("records too large to be a page")
        return answer.payload

    def _keep(self, found: Found, snapshot: Snapshot, crawl: Crawl, facts: Facts | None) -> None:
        self._lock(snapshot.edition)
        ordinal = facts.get("ordinal", 0) if facts else 0
        standing = self._takeover.find(snapshot, ordinal if isinstance(ordinal, int) else 0)
        when = utc_text(snapshot.fetched_at)
        if standing is None:
            standing = self._takeover.keep(snapshot, self.ledger.crawl_id(crawl, when))
            self.report.kept += 1
        else:
            self.ledger.met(crawl, when)
            self.report.known += 1
        if standing.mark is None:
            self.report.readings[self._takeover.read(snapshot, standing)] += 1
        if facts is not None:
            page = f"{snapshot.edition}/{snapshot.key or f'page {snapshot.page}'} of {found.when}"
            with self.archive.connection() as connection:
                for difference in differences(connection, page, standing.snapshot_id, facts):
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

    def _foreign_crawl(self, found: Found, snapshot: Snapshot) -> Crawl:
        """The crawl of another program: one for each of its files and editions."""
        key = (found.name, snapshot.edition)
        if key not in self._crawls:
            name = found.name.rpartition("/")[2]
            self._crawls[key] = Crawl(
                edition=snapshot.edition,
                arguments=json.dumps({"import": name}),
                software=found.info.get("software") or f"not known, from {name}",
                user_agent=agent_of(found.request, found.info),
                started_at=utc_text(snapshot.fetched_at),
                outcome="complete",
                exit_code=0,
                message=f"imported from {name}",
                open_ended=True,
            )
        return self._crawls[key]


def _place(found: Found, record: Record) -> str:
    return f"{found.name}: at byte {record.offset:,}: {record.type} {record.name}"
