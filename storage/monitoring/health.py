"""What the monitors find now, for readers: beside each finding the time since when its incident lasts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta

from crawler.dates import from_utc_text
from crawler.monitors.catalogue import examine, room, standstill
from crawler.monitors.health import Finding
from storage.monitoring.facts import disk, edition_facts
from storage.read.reader import Reader, Row
from storage.terminal.moments import stamp

_AHEAD = timedelta(days=1)  # an end that lies further ahead was told by a clock that was wrong: it counts for none

ARCHIVE = ""
"""Stands in an edition's place for the archive as a whole."""


def of_edition(reader: Reader, edition: str) -> tuple[Row, ...]:
    """The findings of an edition, by the fields of a `Finding`, with `since` (UTC text; None without an incident)."""
    facts = edition_facts(reader, edition)
    return () if facts is None else _rows(reader, edition, examine(facts))


def of_archive(reader: Reader) -> tuple[Row, ...]:
    """The same of the archive as a whole."""
    return _rows(reader, ARCHIVE, look_at_archive(reader))


def look_at_archive(reader: Reader) -> list[Finding]:
    """What the monitors of the archive as a whole find."""
    facts = disk(reader)
    return [] if facts is None else [room(facts)]


def stands_still(reader: Reader, edition: str, now: datetime, longest: timedelta) -> Row:
    """Whether the last crawl of an edition is too long ago."""
    row = reader.row(_LAST, edition=edition, latest=stamp(now + _AHEAD))
    ended = None if row is None else min(from_utc_text(row["finished_at"]), now)
    return asdict(standstill(ended, now, longest)) | {"since": None}


def _rows(reader: Reader, edition: str, findings: Iterable[Finding]) -> tuple[Row, ...]:
    """What is doubtful is trouble for as long as its incident lasts."""
    began = {(row["monitor"], row["subject"]): row["began_at"] for row in reader.rows(_OPEN, edition=edition)}
    rows = []
    for finding in findings:
        since = None if finding.state == "well" else began.get((finding.monitor, finding.subject))
        state = "trouble" if since is not None else finding.state
        rows.append(asdict(finding) | {"state": state, "since": since})
    return tuple(rows)


_OPEN = "SELECT monitor, subject, began_at FROM incidents WHERE edition = :edition AND over_at IS NULL"

_LAST = """
SELECT finished_at FROM crawls
WHERE edition = :edition AND finished_at <= :latest ORDER BY crawl_id DESC LIMIT 1"""
