"""The live intervals of a listing as they count now: what a clock that was ahead wrote into them counts no further."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, RowMapping, select

from crawler.dates import NoTime, from_utc_text, local_day, utc_text
from crawler.rules.decide import THE_BEGINNING, walk_goal
from storage.db.schema import walks

Row: TypeAlias = Mapping[str, Any]

_TIMES = ("started_at", "updated_at", "swept_at", "read_at")


def live(connection: Connection, edition: str, now: datetime, zone: ZoneInfo) -> list[Row]:
    """The live intervals of an edition, the lowest first, by the columns of `walks`.

    A time in the future counts as now, a sweep in the future as none, and a goal in the future as that of a first
    walk, which was not reached. Raises NoTime for a value that is no time at all.
    """
    ours = (walks.c.edition == edition) & walks.c.merged_into.is_(None) & (walks.c.kind != "apart")
    query = select(walks).where(ours).order_by(walks.c.position, walks.c.walk_id)
    return [as_of(row, now, zone) for row in connection.execute(query).mappings()]


def as_of(row: RowMapping, now: datetime, zone: ZoneInfo) -> Row:
    """The same of one row."""
    found = {str(name): value for name, value in row.items()}
    for name in _TIMES:
        if found[name] is not None and _read(row, name) > now:
            found[name] = None if name == "swept_at" else utc_text(now)
    today = local_day(now, zone)
    if _goal(row) > today:
        found |= {"goal": walk_goal(None, [], today).isoformat(), "complete": 0, "ended": None}
    return found


def goal_of(row: Row | RowMapping) -> date | None:
    """The goal of an interval; None for the beginning of the listing."""
    goal = date.fromisoformat(row["goal"])
    return None if goal == THE_BEGINNING else goal


def _read(row: RowMapping, name: str) -> datetime:
    try:
        return from_utc_text(row[name])
    except NoTime as error:
        raise NoTime(f"walks {row['walk_id']}: {name} is {row[name]!r}") from error


def _goal(row: RowMapping) -> date:
    try:
        return date.fromisoformat(str(row["goal"]))
    except ValueError as error:
        raise NoTime(f"walks {row['walk_id']}: goal is {row['goal']!r}") from error
