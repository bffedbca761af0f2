"""Incidents: what monitors found, from its beginning to its end, and who was told of both.

A notice is told at least once: it is noted as told after it was delivered, so a process that is killed in between
leaves it to the next run. Of several crawls that end at the same time one takes it (`taken_at`); what could not be
delivered is tried again by every run for a week.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import Connection, RowMapping, bindparam, insert, or_, select, update

from crawler.dates import utc_text
from crawler.monitors.health import Finding, changes
from crawler.secrets import without_secrets
from storage.db.rows import storable
from storage.db.schema import incidents
from storage.write.archive import Archive

TELL_FOR: Final = timedelta(days=7)
_TAKEN_FOR: Final = timedelta(minutes=10)  # longer than any delivery; then its process was killed

Occasion = Literal["begun", "over"]


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. Times are UTC text, `over_at` is None while it lasts; `edition` is empty for the whole archive."""

    incident_id: int
    edition: str
    monitor: str
    subject: str
    measured: str
    normal: str
    advice: str
    began_at: str
    over_at: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told on a channel: that an incident has begun, or is over."""

    incident: Incident
    occasion: Occasion
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IncidentChanges:
    """What a look at the monitors changed: incidents that begun and that are over with it, and those that last."""

    begun: tuple[Incident, ...] = ()
    over: tuple[Incident, ...] = ()
    lasting: tuple[Incident, ...] = ()

    def __add__(self, other: IncidentChanges) -> IncidentChanges:
        """The same look at another edition."""
        return IncidentChanges(self.begun + other.begun, self.over + other.over, self.lasting + other.lasting)

    def then(self, later: IncidentChanges) -> IncidentChanges:
        """The changes of both looks, and what lasts after the later one."""
        lasting = tuple(one for one in later.lasting if one not in self.begun)
        return IncidentChanges(self.begun + later.begun, self.over + later.over, lasting)


def note(connection: Connection, edition: str, findings: Sequence[Finding], now: datetime) -> IncidentChanges:
    """Begins and ends the incidents of an edition (empty: of the archive) as the findings ask."""
    before = _open(connection, edition)
    begun, over = changes(((one.monitor, one.subject) for one in before), findings)
    if not begun and not over:
        return IncidentChanges(lasting=tuple(before))
    ended = [one for one in before if (one.monitor, one.subject) in over]
    for one in ended:
        this = incidents.c.incident_id == one.incident_id
        connection.execute(update(incidents).where(this).values(over_at=utc_text(now)))
    new = {_begin(connection, edition, finding, now) for finding in begun}
    after = _open(connection, edition)
    return IncidentChanges(
        begun=tuple(one for one in after if one.incident_id in new),
        over=tuple(_of(row) for row in _rows(connection, [one.incident_id for one in ended])),
        lasting=tuple(one for one in after if one.incident_id not in new),
    )


def take(archive: Archive, editions: Iterable[str], channels: Sequence[str], now: datetime) -> list[Notice]:
    """The notices of these editions and of the archive that channels have not been told yet, taken to be told.

    That something is over is told where its beginning was told, or was tried to be.
    """
    oldest, stale = utc_text(now - TELL_FOR), utc_text(now - _TAKEN_FOR)
    recent = (incidents.c.over_at.is_(None)) | (incidents.c.over_at >= oldest)
    free = or_(incidents.c.taken_at.is_(None), incidents.c.taken_at < stale, incidents.c.taken_at > utc_text(now))
    ours = incidents.c.edition.in_(["", *editions])
    with archive.writing() as connection:
        query = select(incidents).where(ours, recent, free).order_by(incidents.c.incident_id).with_for_update()
        found = [_notice(row, channels, oldest) for row in connection.execute(query).mappings()]
        notices = [notice for notice in found if notice is not None]
        taken = incidents.c.incident_id.in_([notice.incident.incident_id for notice in notices])
        connection.execute(update(incidents).where(taken).values(taken_at=utc_text(now)))
    return notices


def told(archive: Archive, notice: Notice, delivered: Sequence[str]) -> None:
    """Notes on which of its channels a notice was delivered, and lets go of it."""
    this = incidents.c.incident_id == notice.incident.incident_id
    with archive.writing() as connection:
        row = connection.execute(select(incidents).where(this)).mappings().one()
        values: dict[str, Any] = {"taken_at": None}
        for occasion in ("begun", "over") if notice.occasion == "over" else ("begun",):
            column = f"{occasion}_told"
            values[column] = json.dumps(sorted({*_channels(row[column]), *delivered}))
        if set(notice.channels) - set(delivered):
            values["tries"] = row["tries"] + 1
        connection.execute(update(incidents).where(this).values(values))


def _notice(row: RowMapping, channels: Sequence[str], oldest: str) -> Notice | None:
    begun, over = _channels(row["begun_told"]), _channels(row["over_told"])
    if row["over_at"] is None:
        missing = [name for name in channels if name not in begun]
        if row["tries"] and row["began_at"] < oldest:
            return None  # a week of trying is enough
        return Notice(_of(row), "begun", tuple(missing)) if missing else None
    missing = [name for name in channels if name not in over and (name in begun or row["tries"])]
    return Notice(_of(row), "over", tuple(missing)) if missing else None


def _channels(told: str) -> list[str]:
    """The channels of a stored list; none of what is no list: better told twice than never."""
    try:
        found = json.loads(told)
    except (TypeError, ValueError):
        return []
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _begin(connection: Connection, edition: str, finding: Finding, now: datetime) -> int:
    row = {
        "edition": edition,
        "monitor": finding.monitor,
        "subject": storable(finding.subject),
        "measured": storable(without_secrets(finding.measured)),
        "normal": storable(without_secrets(finding.normal)),
        "advice": storable(without_secrets(finding.advice)),
        "began_at": utc_text(now),
    }
    return int(connection.execute(insert(incidents).values(row).returning(incidents.c.incident_id)).scalar_one())


_OPEN: Final = (
    select(incidents)
    .where(incidents.c.edition == bindparam("of_edition"), incidents.c.over_at.is_(None))
    .order_by(incidents.c.incident_id)
)


def _open(connection: Connection, edition: str) -> list[Incident]:
    return [_of(row) for row in connection.execute(_OPEN, {"of_edition": edition}).mappings()]


def _rows(connection: Connection, ids: Sequence[int]) -> list[RowMapping]:
    query = select(incidents).where(incidents.c.incident_id.in_(ids)).order_by(incidents.c.incident_id)
    return list(connection.execute(query).mappings())


def _of(row: RowMapping) -> Incident:
    return Incident(**{name: row[name] for name in Incident.__slots__})
