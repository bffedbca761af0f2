"""Whether what is said of days follows from the gaps, and the gaps do not contradict themselves.

A day is lost where a lost gap touches it, and whole only where none does. How far it was walked is not asked again:
that depends on when somebody looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date

from sqlalchemy import Connection, bindparam, select, text

from crawler.dates import from_utc_text, local_day
from crawler.listing.coverage import day_states, days_between
from storage.db.schema import crawls, days
from storage.maintenance.checks import Check, Defect
from storage.terminal.amounts import counted
from storage.write.coverage.days import gap_stretches
from storage.write.coverage.renewal import last_crawls, tell_again
from storage.write.evidence.editions import zone_in


def check(connection: Connection, check: Check) -> None:
    """Compares the states of days with the gaps, for each edition."""
    for number, message in connection.execute(text(_CONTRADICTIONS)):
        check.find(f"gaps {number}", message)
    told = _told(connection)
    check.expect(len(told))
    for edition, states in told.items():
        with suppress(ValueError):  # a time of a gap that is none: values.py names it
            check.findings += _flaws(connection, edition, states)
        check.step()
    check.says = f"{counted(sum(map(len, told.values())), 'day')} against the gaps of the listings"


def mend(connection: Connection) -> None:
    """Tells the days again of editions whose gaps explain what is lost. Else it would say less than is known."""
    for edition, now in last_crawls(connection):
        if all(flaw.derived for flaw in _flaws(connection, edition, _told(connection).get(edition, {}))):
            tell_again(connection, edition, now)


def _told(connection: Connection) -> dict[str, dict[date, str]]:
    """Edition -> day -> state. Without what is no day: values.py names it."""
    query = select(days.c.edition, days.c.day, days.c.state).order_by(days.c.edition, days.c.day)
    told: dict[str, dict[date, str]] = {}
    for edition, day, state in connection.execute(query):
        with suppress(ValueError):
            told.setdefault(edition, {})[date.fromisoformat(day)] = state
    return told


def _flaws(connection: Connection, edition: str, states: Mapping[date, str]) -> Iterator[Defect]:
    if not states:
        return
    every = days_between(min(states), _last(connection, edition, states))
    for day, gap in day_states(every, zone_in(connection, edition), gap_stretches(connection, edition)):
        said, subject = states.get(day), f"days {edition} {day}"
        if said is None:
            yield Defect(subject, "is missing: nothing is said of this day", derived=True)
        elif gap == "lost" != said:
            yield Defect(subject, f"is said to be {said}, but something of it is lost", derived=True)
        elif said == "lost" != gap:
            yield Defect(subject, "is said to be lost, but no gap says so: its row of gaps was changed")
        elif gap == "hole" and said == "whole":
            yield Defect(subject, "is said to be whole, but a gap is open there", derived=True)


def _last(connection: Connection, edition: str, told: Iterable[date]) -> date:
    """The last day of which something must be said: that on which the last crawl ended. An import may know of later
    ones, and of none in between.
    """
    ended = connection.execute(_ENDED, {"of_edition": edition}).scalar()
    return min(told) if ended is None else max(min(told), local_day(from_utc_text(ended), zone_in(connection, edition)))


_ENDED = (
    select(crawls.c.finished_at)
    .where(crawls.c.edition == bindparam("of_edition"), crawls.c.finished_at.is_not(None))
    .order_by(crawls.c.crawl_id.desc())
    .limit(1)
)
_CONTRADICTIONS = """
SELECT gap_id, CASE
  WHEN state = 'lost' THEN 'is lost, but not said since when'
  WHEN state = 'open' THEN 'is open, but was lost once: what is lost stays so until it is filled'
  ELSE 'is filled, but not said since when' END
FROM gaps
WHERE (state = 'lost' AND (lost_at IS NULL OR loss_id IS NULL)) OR (state = 'open' AND loss_id IS NOT NULL)
  OR (state = 'filled' AND filled_at IS NULL) ORDER BY gap_id"""
