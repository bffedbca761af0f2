"""What was asked of the site, request by request: noted before each is sent, so that no kill hides one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, func, select, update

from crawler.dates import utc_text
from crawler.records import Kind
from storage.db.rows import storable
from storage.db.schema import crawls, requests
from storage.db.statements import Prepared, insert_row

_ASKED: Final = ("crawl_id", "kind", "repeats", "asked_at", "gap_ms")
_TOLD: Final = ("status", "wire_size", "problem", "retry_after", "waited")

_NOTE = Prepared(insert_row(requests, *_ASKED).returning(requests.c.request_id))
_COUNT = Prepared(
    update(crawls).where(crawls.c.crawl_id == bindparam("of_crawl")).values(requests=crawls.c.requests + 1)
)
_TELL = Prepared(
    update(requests)
    .where(requests.c.request_id == bindparam("of_request"))
    .values({name: bindparam(name) for name in _TOLD})
)
_WAIT = Prepared(
    update(crawls)
    .where(crawls.c.crawl_id == bindparam("of_crawl"))
    .values(waited=crawls.c.waited + bindparam("seconds", type_=crawls.c.waited.type))
)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A request that is about to be sent. `repeats`: ``retry``, ``redirect`` or None for a first one.

    `gap_ms`: milliseconds since the one before it of the same crawl, None for the first.
    """

    crawl_id: int
    kind: Kind
    repeats: str | None
    asked_at: datetime
    gap_ms: int | None


@dataclass(slots=True)
class RequestOutcome:
    """What came of a request: a status with the bytes of its body, or a problem. `waited` is in whole seconds."""

    crawl_id: int
    request_id: int
    status: int | None = None
    wire_size: int | None = None
    problem: str | None = None
    retry_after: int | None = None
    waited: int | None = None


def note(connection: Connection, asked: LoggedRequest) -> int:
    """Notes a request and counts it for its crawl; returns its request_id."""
    ids = _NOTE.all(
        connection,
        crawl_id=asked.crawl_id,
        kind=asked.kind,
        repeats=asked.repeats,
        asked_at=utc_text(asked.asked_at),
        gap_ms=asked.gap_ms,
    )
    _COUNT.run(connection, of_crawl=asked.crawl_id)
    return int(ids[0][0])


def tell(connection: Connection, outcomes: Sequence[RequestOutcome]) -> None:
    """Notes what came of requests."""
    for told in outcomes:
        _TELL.run(
            connection,
            of_request=told.request_id,
            status=told.status,
            wire_size=told.wire_size,
            problem=None if told.problem is None else storable(told.problem),
            retry_after=told.retry_after,
            waited=told.waited,
        )
        if told.waited:
            _WAIT.run(connection, of_crawl=told.crawl_id, seconds=told.waited)


def asked_between(connection: Connection, edition: str, since: datetime, until: datetime) -> int:
    """How many requests all crawls of an edition have sent from one time to before another, killed ones included."""
    query = (
        select(func.count())
        .select_from(requests.join(crawls, crawls.c.crawl_id == requests.c.crawl_id))
        .where(
            requests.c.asked_at >= utc_text(since), requests.c.asked_at < utc_text(until), crawls.c.edition == edition
        )
    )
    return int(connection.execute(query).scalar_one())
