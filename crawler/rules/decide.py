"""The rules, as pure functions: no clock, no database, no network. Callers bring the facts and act.

How a walk goes on is a rule of its own, see crawler/listing/walk.py.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Literal

Verdict = Literal["read", "not-modified", "gone", "refused", "failed"]
Rules = Literal["given", "none", "unreachable"]

GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
REDIRECTS = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
# What a site answers when it has had enough of us (429 and 503 by address, 403 by agent).
REFUSALS = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
)

# A page that failed is tried again in the next run, then less and less often for two weeks: an outage or a
# broken deploy of the site passes, a page that is broken for good is listed by `dateline status` in the end.
RETRY_AFTER = tuple(
    timedelta(minutes=minutes)
    for minutes in (0, 4, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 48 * 60, 96 * 60, 7 * 24 * 60)
)

# No single answer says that a story is gone: so many visits in a row must not find it, over so long. While the site as
# a whole answers so (crawler/rules/walls.py), it takes longer: a bad deployment stays over a weekend, a deletion for
# good.
PATIENCE = (3, timedelta(days=2))
LONG_PATIENCE = (5, timedelta(days=4))

# Agencies correct a story in its first hours, rarely after days, hardly ever after a month.
RECHECK_AGES = tuple(timedelta(hours=hours) for hours in (1, 6, 24, 3 * 24, 10 * 24, 30 * 24))

# What is gone may come back: counted from its first absence, long after its own rechecks are over.
GONE_AGES = tuple(timedelta(days=days) for days in (7, 30, 90, 365))
# Nothing is planned further ahead than this, so what is was planned by a clock that was ahead.
FURTHEST = max(RETRY_AFTER[-1], RECHECK_AGES[-1]) + timedelta(days=1)
AHEAD = timedelta(minutes=2)  # a clock that is set right by as much is in order

# An entry that was gone or given up and is listed again is asked for again, but not at every sighting.
ASK_AGAIN = timedelta(hours=6)

# Stories are slipped in below the top within a day or two of their date; three sweeps a day find them.
SWEEP_EVERY = timedelta(hours=8)
SWEEP_DAYS = 2

# Crawls in a row that were killed while the same kept page was the next to be read: then the page is under suspicion.
DEADLY = 5

DEFAULT_BACK = timedelta(days=7)
THE_BEGINNING = date.min


def verdict(status: int) -> Verdict:
    """What an HTTP status means for an article that we asked for.

    >>> verdict(200), verdict(410), verdict(429), verdict(500)
    ('read', 'gone', 'refused', 'failed')
    """
    if status in GONE:
        return "gone"
    if status in REFUSALS:
        return "refused"
    if status == HTTPStatus.NOT_MODIFIED:
        return "not-modified"
    # 203 is a proxy's rewriting, 204-206 are no whole page: only 200 is the page that we asked for.
    return "read" if status == HTTPStatus.OK else "failed"


def robots_verdict(status: int) -> Rules:
    """What an HTTP status means for a robots.txt (RFC 9309, 2.3.1): its rules; that there are none, so that all is
    allowed; or that they could not be had, so that nothing is.

    429 is among the last, although the standard has all of 4xx among those without rules: it says "later". So is 206:
    a part that nobody asked for may lack the rule that counts.

    >>> robots_verdict(200), robots_verdict(404), robots_verdict(503)
    ('given', 'none', 'unreachable')
    """
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return "unreachable" if status == HTTPStatus.PARTIAL_CONTENT else "given"
    refused = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return "none" if refused and status != HTTPStatus.TOO_MANY_REQUESTS else "unreachable"


def retry_at(attempts: int, now: datetime) -> datetime | None:
    """When to try a failed visit again after `attempts` (1, 2, ...) failures in a row; None: give up.

    >>> from datetime import UTC
    >>> retry_at(2, datetime(2026, 1, 1, tzinfo=UTC)).isoformat()
    '2026-01-01T00:04:00+00:00'
    """
    if attempts > len(RETRY_AFTER):
        return None
    return now + RETRY_AFTER[max(attempts, 1) - 1]


def patient(absences: int, span: timedelta, *, walled: bool) -> bool:
    """Whether `absences` visits in a row that did not find an article, over a `span` of time, are enough to say so.

    >>> patient(3, timedelta(days=2), walled=False), patient(9, timedelta(days=1), walled=False)
    (True, False)
    """
    visits, least = LONG_PATIENCE if walled else PATIENCE
    return absences >= visits and span >= least


def look_again_at(absences: int, since: datetime, now: datetime) -> datetime:
    """When to look again for an article that `absences` visits in a row did not find, the first of them at `since`:
    by the retry rule, but no later than when patience is at its end, so that a decision does not wait for it.
    """
    again = retry_at(absences, now) or now + RETRY_AFTER[-1]
    ends = (since + least for _, least in (PATIENCE, LONG_PATIENCE))
    return min([again, *(end for end in ends if end > now)])


def planned_at(attempts: int, published_at: datetime | None, first_seen: datetime, now: datetime) -> datetime | None:
    """The latest time at which an article can have been planned by now: later ones a clock wrote that was ahead.

    After failures the retry rule tells it, else the growing ages; None where neither plans anything any more.

    >>> from datetime import UTC
    >>> planned_at(2, None, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)).isoformat()
    '2026-01-09T00:04:00+00:00'
    """
    if attempts and (again := retry_at(attempts, now)) is not None:
        return again
    return recheck_at(published_at, first_seen, now)


def recheck_at(published_at: datetime | None, first_seen: datetime, now: datetime) -> datetime | None:
    """When to look at an archived article again: at growing ages counted from its publication (from our first
    sight of it where the page shows no date, or one in the future). None once it is older than the last age.
    """
    born = first_seen if published_at is None or published_at > first_seen else published_at
    return next((born + age for age in RECHECK_AGES if born + age > now), None)


def recheck_gone_at(since: datetime, now: datetime) -> datetime | None:
    """When to look again for an article that is gone `since` then. None once that is longer ago than the last age."""
    return next((since + age for age in GONE_AGES if since + age > now), None)


def ask_again(last_visit: datetime | None, now: datetime) -> bool:
    """Whether a gone or given-up article that is listed (again) is worth another request. A visit in the future, by a
    clock that was ahead, is none.
    """
    return last_visit is None or not timedelta() <= now - last_visit < ASK_AGAIN


def sweep_due(swept_at: datetime | None, now: datetime) -> bool:
    """Whether the newest days must be walked again in full, to find what was slipped in below the top. A sweep in the
    future, by a clock that was ahead, is none.
    """
    return swept_at is None or not timedelta() <= now - swept_at < SWEEP_EVERY


def sweep_floor(today: date, last: date | None) -> date:
    """The local date down to which a sweep walks, inclusive: two days before the `last` one, so that nothing that
    was slipped in during an outage lies deeper.
    """
    return min(today, last or today) - timedelta(days=SWEEP_DAYS)


def walk_goal(since: date | None, open_goals: list[date], today: date) -> date:
    """The local date down to which a walk must reach.

    `since` is the user's wish (None: none). `open_goals` are the goals of the live intervals that begin at the
    top: a walk without a wish of its own finishes what they began. On an empty archive it goes back 7 days.
    """
    if since is not None:
        return since
    return min(open_goals, default=today - DEFAULT_BACK)
