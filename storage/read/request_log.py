"""What was asked of a site, by day of its calendar: the facts behind `dateline politeness`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.rules.decide import REFUSALS, robots_verdict
from crawler.urls import is_private_host
from storage.read.reader import Reader, Row
from storage.read.zones import edition_row, zones_of

NO_ANSWER: Final = "none"
"""Stands for the status class of a request without an answer."""


@dataclass(slots=True)
class RequestDay:
    """One edition on one day, by the calendar of its site.

    `kinds` counts requests by what was asked for, `statuses` by class (``2xx``, ..., ``none``). `refusals` are 401,
    403, 429 and 503. `bytes` came over the wire. `smallest_gap` is in seconds, between two requests of the edition;
    between two runs it is only known to the second. `longest_retry_after` is the longest wait that an answer asked
    for, `longest_wait` the longest one that was kept, `waited` all of them together, all in seconds.
    `budget`: requests a day that the last crawl kept to, None for no limit.
    """

    edition: str
    day: str
    requests: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    redirects: int = 0
    refusals: int = 0
    bytes: int = 0
    smallest_gap: float | None = None
    longest_retry_after: int | None = None
    longest_wait: int | None = None
    waited: int = 0
    robots_changes: int = 0
    budget: int | None = None

    def add(self, row: Row, since_last: float | None) -> None:
        """One more request, so many seconds after the one before it."""
        self.requests += 1
        self.kinds[row["kind"]] += 1
        self.statuses[NO_ANSWER if row["status"] is None else f"{row['status'] // 100}xx"] += 1
        self.retries += row["repeats"] == "retry"
        self.redirects += row["repeats"] == "redirect"
        self.refusals += row["status"] in REFUSALS
        self.bytes += row["wire_size"] or 0
        self.waited += row["waited"] or 0
        self.budget = row["daily_budget"]
        self.smallest_gap = min((gap for gap in (self.smallest_gap, since_last) if gap is not None), default=None)
        self.longest_wait = _longest(self.longest_wait, row["waited"])
        self.longest_retry_after = _longest(self.longest_retry_after, row["retry_after"])

    def as_json(self) -> dict[str, Any]:
        """The fields by name; counts as objects in a fixed order."""
        document = {name: getattr(self, name) for name in self.__slots__}
        return document | {"kinds": dict(sorted(self.kinds.items())), "statuses": dict(sorted(self.statuses.items()))}


def days(
    reader: Reader, edition: str | None = None, since: str | None = None, until: str | None = None
) -> list[RequestDay]:
    """The days on which anything was asked, by edition and day. `since` (inclusive) and `until` are UTC text."""
    rows, zones = reader.rows(_REQUESTS, edition=edition, since=since, until=until), zones_of(reader)
    asked = groupby(rows, key=lambda row: row["edition"])
    found = [day for name, requests in asked for day in _days(name, requests, zones.of(name))]
    by_name = {(day.edition, day.day): day for day in found}
    for name, moment in _changes(reader, edition):
        day = by_name.get((name, _day(moment, zones.of(name))))
        if day is not None:
            day.robots_changes += 1
    return found


def _days(edition: str, rows: Iterator[Row], zone: ZoneInfo) -> Iterator[RequestDay]:
    day, last = None, None
    for row in rows:
        today = _day(row["asked_at"], zone)
        if day is None or day.day != today:
            if day is not None:
                yield day
            day = RequestDay(edition, today)
        gap = None if row["gap_ms"] is None else row["gap_ms"] / 1000
        if gap is None and last is not None:
            gap = (datetime.fromisoformat(row["asked_at"]) - datetime.fromisoformat(last)).total_seconds()
        day.add(row, gap)
        last = row["asked_at"]
    if day is not None:
        yield day


def _changes(reader: Reader, edition: str | None) -> Iterator[tuple[str, str]]:
    """Edition and UTC time of every robots.txt with other rules than the one before it of the same host."""
    for name, rows in groupby(reader.rows(_ROBOTS, edition=edition), key=lambda row: row["edition"]):
        before: dict[str, str] = {}
        known = edition_row(reader, name)
        own = known["host"] if known else ""
        for row in rows:
            host, rules = _site_host(own, row["requested_url"]), _rules(row)
            if before and before.get(host) != rules:
                yield name, row["fetched_at"]
            before[host] = rules


def _site_host(own: str, url: str) -> str:
    """The host of the site whose rules these are. A mirror on this machine or network stands for the edition's own."""
    host = urlsplit(url).hostname or ""
    return own if is_private_host(host) else host


def _rules(row: Row) -> str:
    """The digest of the rules. That there are none is no text, whatever the page about it says."""
    verdict = robots_verdict(row["status"])
    return row["body_sha256"] or "" if verdict == "given" else verdict


def _day(moment: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(moment).astimezone(zone).date().isoformat()


def _longest(one: int | None, two: int | None) -> int | None:
    return max((value for value in (one, two) if value is not None), default=None)


_REQUESTS: Final = """
SELECT c.edition, c.daily_budget, r.kind, r.repeats, r.asked_at, r.gap_ms, r.status, r.wire_size, r.retry_after,
       r.waited
FROM requests r JOIN crawls c ON c.crawl_id = r.crawl_id
WHERE (CAST(:edition AS TEXT) IS NULL OR c.edition = :edition)
  AND (CAST(:since AS TEXT) IS NULL OR r.asked_at >= :since)
  AND (CAST(:until AS TEXT) IS NULL OR r.asked_at < :until)
ORDER BY c.edition, r.request_id"""

_ROBOTS: Final = """
SELECT edition, requested_url, status, body_sha256, fetched_at FROM snapshots
WHERE kind = 'robots' AND reading = 'robots' AND (CAST(:edition AS TEXT) IS NULL OR edition = :edition)
ORDER BY edition, snapshot_id"""
