"""Absences: visits that did not find an article, and when they add up to its being gone.

An answer is an absence where it shows that the article is not at its address: 404, 410, a redirect to something else, a
page of the site in its place (a soft 404). An error is no absence, and neither begins nor ends a series of them.

No single answer is final. A series is decided by patience (`crawler.rules.decide.patient`) and by what the site as a
whole does (crawler/rules/walls.py). What was decided is a fact that is kept; `periods` tells the past from the visits
and from these facts, and never guesses what a wall looked like years ago.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from crawler.rules.decide import REDIRECTS, patient

FOUND: Final = frozenset({"article", "unchanged", "not-modified"})
"""What came of visits that found the article: values of `snapshots.reading`."""

ABSENT: Final = frozenset({"gone", "soft-404"})
"""What came of visits that show that it is not there."""

_LONGEST: Final = 300  # characters of a reason: addresses of hostile redirects have no end
_PLACE: Final = re.compile(r"^[\w./-]{1,80}: | \(\S{1,2100}\)$")  # the site before a problem, the address after it


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that found an article, or showed that it is not there; `reason` says what came instead (see `reason_of`).

    `snapshot_id` is the kept answer, for those who need the evidence.
    """

    at: datetime
    found: bool
    reason: str | None = None
    snapshot_id: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A time for which an archived article is gone: `first` is the first absence of the series, `decided` the visit
    with which it was decided, `returned` the visit that found it again, None while it is gone.
    """

    first: Visit
    decided: Visit
    returned: Visit | None = None

    @property
    def since(self) -> datetime:
        """When it went, as far as was seen: `articles.gone_at`."""
        return self.first.at

    @property
    def decided_at(self) -> datetime:
        """When that was known."""
        return self.decided.at

    @property
    def returned_at(self) -> datetime | None:
        """When it was there again."""
        return None if self.returned is None else self.returned.at

    @property
    def reason(self) -> str | None:
        """What the site answered when it was decided: `articles.gone_reason`."""
        return self.decided.reason


def periods(visits: Iterable[Visit], decided: Collection[datetime] = ()) -> list[Period]:
    """The times for which an article was gone, by its visits in order of time.

    `decided` are facts: times of absences of series that were decided (`articles.gone_at`, and `edits.at` of kind
    ``vanished``). A series without such a fact counts only where it is long enough for any wall. What was never there
    cannot vanish: absences before the first visit that found it make no period.

    >>> from datetime import UTC, timedelta
    >>> begin = datetime(2026, 3, 2, tzinfo=UTC)
    >>> visits = [Visit(begin, True)] + [Visit(begin + timedelta(days=day), False, "HTTP status 404") for day in (1, 2)]
    >>> periods(visits), [one.since.day for one in periods(visits, {visits[1].at})]
    ([], [3])
    """
    return list(_periods(visits, frozenset(decided)))


def _periods(visits: Iterable[Visit], decided: frozenset[datetime]) -> Iterator[Period]:
    there, absences = False, list[Visit]()
    for visit in visits:
        if not visit.found:
            absences += [visit] * there
            continue
        if absences and (decision := _decision(absences, decided)) is not None:
            yield Period(absences[0], decision, visit)
        there, absences = True, []
    if absences and (decision := _decision(absences, decided)) is not None:
        yield Period(absences[0], decision)


def _decision(absences: Sequence[Visit], decided: frozenset[datetime]) -> Visit | None:
    """The visit of a series with which it was decided; None where it was not."""
    known = any(visit.at in decided for visit in absences)
    since = absences[0].at
    for number, visit in enumerate(absences, 1):
        if patient(number, visit.at - since, walled=not known):
            return visit
    return absences[0] if known else None  # decided by a version that took one answer for the truth


def latest_series(visits: Sequence[Visit]) -> tuple[Visit, ...]:
    """The absences since the article was found last, oldest first; empty where the last visit found it."""
    at = len(visits)
    while at and not visits[at - 1].found:
        at -= 1
    return tuple(visits[at:])


def reason_of(reading: str, status: int, requested_url: str, url: str, problem: str | None) -> str:
    """What an absence showed instead of the article, in one line for people.

    >>> reason_of("gone", 410, "https://a.example/1/", "https://a.example/1/", None)
    'HTTP status 410'
    >>> reason_of("soft-404", 200, "https://a.example/1/", "https://a.example/", "a: the home page (https://a.example/)")
    'redirected to https://a.example/'
    >>> reason_of("soft-404", 200, "https://a.example/1/", "https://a.example/1/", "a: Page not found (https://a.example/1/)")
    'soft 404: Page not found'
    """
    if reading == "gone":
        return f"HTTP status {status}"
    if status in REDIRECTS and problem is not None:  # it led away from the site, and nobody followed
        return problem[:_LONGEST]
    if _path(requested_url) != _path(url):
        return f"redirected to {url}"[:_LONGEST]
    return f"soft 404: {_PLACE.sub('', problem or 'another page')}"[:_LONGEST]


def _path(url: str) -> tuple[str, str]:
    """What of an address tells pages apart; http or https, www or not, a final slash say nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:  # as an import may bring it
        return url, ""
    return parts.path.rstrip("/"), parts.query
