"""`dateline verify`: is the archive what it was? And what can be made anew where it is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storage.db.lock import CrawlLock
from storage.maintenance.checks import (
    Check,
    calendar,
    chain,
    history,
    pages,
    references,
    standing,
    structure,
    texts,
    values,
)
from storage.maintenance.checks import near_duplicates as kinship
from storage.terminal.progress import Tell, quiet
from storage.write.archive import Archive
from storage.write.articles import near_duplicates
from storage.write.evidence import manifest

CHECKS: dict[str, Callable[[Connection, Check], None]] = {
    "file": structure.check_file,
    "schema": structure.check_schema,
    "pages": pages.check,
    "references": references.check,
    "revisions": texts.check,
    "articles": standing.check,
    "values": values.check,
    "kin": kinship.check,
    "edits": history.check,
    "days": calendar.check,
    "chain": chain.check,
}
"""Every check but that of the full-text index, in their order."""

_SPOILT = (SQLAlchemyError, sqlite3.Error, TypeError, ValueError)  # the last two: a value that cannot stand there


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was looked at and found. `head` is the digest of the newest manifest, None without one."""

    archive: str
    checks: tuple[Check, ...]
    head: str | None
    repaired: bool = False

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not any(check.findings for check in self.checks)

    @property
    def repairable(self) -> bool:
        """Whether something of what is wrong can be made anew from the rest."""
        return any(finding.derived for check in self.checks for finding in check.findings)

    def as_json(self) -> dict[str, Any]:
        """The shape that `dateline verify --json` prints."""
        return {
            "archive": self.archive,
            "sound": self.sound,
            "head": self.head,
            "repaired": self.repaired,
            "checks": [
                {
                    "name": check.name,
                    "says": check.says,
                    "findings": [
                        {"subject": finding.subject, "message": finding.message, "derived": finding.derived}
                        for finding in check.findings
                    ],
                }
                for check in self.checks
            ],
        }


def verify(target: str, tell: Tell = quiet) -> VerifyReport:
    """Looks at everything in the archive at a path or URL, in one state of it, and changes nothing.

    A crawl may be writing meanwhile, and the disk may be read-only. Raises ArchiveError where the file is so damaged
    that SQLite cannot open it, or is no archive of this version.
    """
    with Archive.open(target, readonly=True) as archive, archive.connection() as connection:
        _take_any_text(connection)
        checks = [_checked(name, check, connection, tell) for name, check in CHECKS.items()]
        search = Check("search", tell)
        structure.check_search(archive.place.path, search)
        newest = _head(connection)
        return VerifyReport(str(archive.place), (*checks, search), newest)


def repair(target: str, tell: Tell = quiet) -> VerifyReport:
    """Makes again what can be derived: views, indexes, links between articles, edits, days. Then looks again.

    Evidence is never touched. Raises ArchiveBusy while a crawl is running, ArchiveError where it cannot be written.
    """
    with ExitStack() as resources:
        archive = resources.enter_context(Archive.open(target))
        for edition in archive.editions():
            resources.enter_context(CrawlLock(target, edition))
        with archive.writing(alone=True) as connection:
            structure.mend(connection)
            standing.mend(connection)
            near_duplicates.rebuild(connection)
            history.mend(connection)
            calendar.mend(connection)
    return replace(verify(target, tell), repaired=True)


def _checked(name: str, check: Callable[[Connection, Check], None], connection: Connection, tell: Tell) -> Check:
    """A check, which a damaged file may stop half-way."""
    found = Check(name, tell)
    try:
        check(connection, found)
    except _SPOILT as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        found.find("archive", f"cannot be read on here: {cause}")
    return found


def _head(connection: Connection) -> str | None:
    try:
        newest = manifest.head(connection)
    except _SPOILT:  # the check of the chain has said so
        return None
    return None if newest is None else newest.digest


def _take_any_text(connection: Connection) -> None:
    """Lets text that is no UTF-8 be read, as another text: it is to be found, not to stop the search."""
    driver: Any = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        driver.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
