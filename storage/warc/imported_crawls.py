"""The crawls that imported pages were fetched by, entered into the ledger of the archive that takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from crawler.dates import from_utc_text
from storage.db.rows import storable
from storage.db.schema import crawls
from storage.warc.facts import BadFacts, Facts, maybe_text_of, moment_of, text_of
from storage.write.archive import Archive


@dataclass(frozen=True, slots=True)
class ImportedCrawl:
    """A crawl as its ledger told of it. Times are UTC text; `finished_at` None: it was killed, or goes on.

    `open_ended`: nobody noted its end, which is then that of its last page. `arguments` are a JSON object.
    """

    edition: str
    arguments: str
    software: str
    user_agent: str
    started_at: str
    finished_at: str | None = None
    outcome: str | None = None
    exit_code: int | None = None
    message: str | None = None
    failed: int = 0
    open_ended: bool = False

    @classmethod
    def of(cls, facts: Any) -> ImportedCrawl:  # noqa: ANN401 - whatever stands in the file
        """The crawl of these facts. Raises BadFacts."""
        if not isinstance(facts, dict):
            raise BadFacts("crawl is no object")
        moment_of(facts, "started_at")
        finished_at = maybe_text_of(facts, "finished_at")
        if finished_at is not None:
            moment_of(facts, "finished_at")
        return cls(
            edition=text_of(facts, "edition"),
            arguments=_arguments(facts),
            software=storable(text_of(facts, "software")),
            user_agent=storable(text_of(facts, "user_agent")),
            started_at=text_of(facts, "started_at"),
            finished_at=finished_at,
            outcome=_maybe_storable(facts, "outcome"),
            exit_code=_code(facts.get("exit_code")),
            message=_maybe_storable(facts, "message"),
            failed=_code(facts.get("failed")) or 0,
        )


@dataclass(slots=True)
class CrawlImporter:
    """Finds or makes the row of a crawl. `close` finishes the rows that it made."""

    archive: Archive
    _rows: dict[ImportedCrawl, int | None] = field(default_factory=dict)
    _ends: dict[ImportedCrawl, str] = field(default_factory=dict)

    def crawl_id(self, crawl: ImportedCrawl, when: str) -> int:
        """The row that takes a page which this crawl fetched at `when` (UTC text).

        A finished crawl is closed: pages that come to it later get a row of their own that says the same. One that
        an interrupted import left open is gone on with.
        """
        self.met(crawl, when)
        found = self._rows[crawl]
        if found is None:
            self._rows[crawl] = found = self._begin(crawl)
        return found

    def met(self, crawl: ImportedCrawl, when: str) -> None:
        """Notes a page that is here already: its row may be one that an interrupted import left open."""
        if crawl not in self._rows:
            with self.archive.connection() as connection:
                rows = _unfinished(connection, crawl)
            taken = set(self._rows.values())  # by crawls that began in the same way, and ended otherwise
            self._rows[crawl] = next((row for row in rows if row not in taken), None)
        if crawl.open_ended:
            self._ends[crawl] = max(when, self._ends.get(crawl, ""))
        elif crawl.finished_at is not None:
            self._ends[crawl] = crawl.finished_at

    def close(self) -> None:
        """Finishes the crawls that were finished when they were exported, in the order in which they ended."""
        for crawl, row in self._rows.items():
            if row is not None and not crawl.open_ended:
                self._set_failed(row, crawl.failed)
        ended = ((self._ends[crawl], row, crawl) for crawl, row in self._rows.items() if row and crawl in self._ends)
        for end, row, crawl in sorted(ended, key=lambda found: found[:2]):
            outcome, code = crawl.outcome or "incomplete", crawl.exit_code or 0
            self.archive.finish_crawl(row, outcome, code, crawl.message, from_utc_text(end))
        self._rows.clear()
        self._ends.clear()

    def _set_failed(self, crawl_id: int, failed: int) -> None:
        """Visits that brought no page are counted nowhere else."""
        with self.archive.writing() as connection:
            connection.execute(update(crawls).where(crawls.c.crawl_id == crawl_id).values(failed=failed))

    def _begin(self, crawl: ImportedCrawl) -> int:
        arguments: Mapping[str, str] = json.loads(crawl.arguments)
        began = from_utc_text(crawl.started_at)
        return self.archive.begin_crawl(crawl.edition, arguments, crawl.software, crawl.user_agent, began)


def _unfinished(connection: Connection, crawl: ImportedCrawl) -> list[int]:
    query = select(crawls.c.crawl_id, crawls.c.arguments).where(
        crawls.c.edition == crawl.edition,
        crawls.c.started_at == crawl.started_at,
        crawls.c.software == crawl.software,
        crawls.c.user_agent == crawl.user_agent,
        crawls.c.finished_at.is_(None),
    )
    rows = connection.execute(query.order_by(crawls.c.crawl_id)).all()
    return [row.crawl_id for row in rows if json.loads(row.arguments) == json.loads(crawl.arguments)]


def _maybe_storable(facts: Facts, name: str) -> str | None:
    text = maybe_text_of(facts, name)
    return None if text is None else storable(text)


def _arguments(facts: Facts) -> str:
    arguments = facts.get("arguments")
    if not isinstance(arguments, dict) or not all(isinstance(value, str) for value in arguments.values()):
        raise BadFacts("arguments is no object of texts")
    return json.dumps(arguments, sort_keys=True)


def _code(value: object) -> int | None:
    if value is None or (type(value) is int and 0 <= value < 2**31):
        return value
    raise BadFacts("a number of the crawl is out of range")
