"""The editions of an archive as it knows them itself, also where their site is not installed: above all their zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from crawler.dates import from_utc_text, local_day
from crawler.errors import ArgumentError
from crawler.records import UTC
from storage.read.reader import Reader, Row
from storage.terminal.moments import Moment, Stretch, last_second, local, time_of

_EVER: Final = Stretch("", "9999-12-31T23:59:59Z")


class OwnBounds(NamedTuple):
    """From when (inclusive) to when (exclusive) an edition is asked for, as UTC text."""

    edition: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """From when (inclusive) to when (exclusive) articles are asked for, as UTC text; None: however early or late.

    A day is another time in each zone. Where the editions of an archive have several, `since` and `until` are the
    widest of all, and `own` holds those of each edition.
    """

    since: str | None = None
    until: str | None = None
    own: tuple[OwnBounds, ...] = ()


@dataclass(frozen=True, slots=True)
class Zones:
    """The zone of each edition, by its name. One that is not known has UTC.

    >>> zones = Zones({"harbour-en": ZoneInfo("Europe/Tallinn")})
    >>> zones.local("harbour-en", "2022-08-24T11:41:00Z"), zones.note
    ('2022-08-24 14:41', 'Times are Europe/Tallinn time.')
    """

    by_edition: Mapping[str, ZoneInfo]

    def of(self, edition: str) -> ZoneInfo:
        return self.by_edition.get(edition, UTC)

    @property
    def several(self) -> bool:
        """Whether there is more than one, so that each time has to say which is meant."""
        return len(set(self.by_edition.values())) > 1

    @property
    def note(self) -> str:
        """A sentence about the times that `local` gives."""
        if self.several:
            return "Times are those of each edition's own zone, which is named."
        return f"Times are {time_of(next(iter(self.by_edition.values()), UTC))}."

    def local(self, edition: str, text: str | None, *, missing: str = "no date") -> str:
        """A time of the archive by the clock of an edition, to the minute, with the name of the zone where there are
        several; `missing` when there is none.
        """
        zone = self.of(edition)
        named = f" {zone.key}" if self.several and text is not None else ""
        return local(text, zone, missing=missing) + named

    def only(self, editions: Iterable[str]) -> Zones:
        """The same of these editions alone."""
        return Zones({name: self.of(name) for name in editions})

    def bounds(
        self, since: Moment | None = None, until: Moment | None = None, names: tuple[str, str] = ("since", "until")
    ) -> Bounds:
        """What two typed times mean in each of the editions; `names` is what they are called where they were typed.

        Raises ArgumentError where nothing lies between them.
        """
        known = self.by_edition or {"": UTC}
        found = [OwnBounds(name, *_bounds(zone, since, until)) for name, zone in known.items()]
        if all(one.since >= one.until for one in found):
            raise ArgumentError(f"{names[0]} is later than {names[1]}: nothing can lie between them")
        alike = len({one[1:] for one in found}) == 1
        return Bounds(
            min(one.since for one in found) if since else None,
            max(one.until for one in found) if until else None,
            () if alike else tuple(found),
        )

    def end(self, moment: Moment) -> str:
        """The end of a typed time, as UTC text. Raises ArgumentError where it is not the same in all zones."""
        ends = {moment.within(zone).after for zone in self.by_edition.values()} or {moment.within(UTC).after}
        if len(ends) > 1:
            names = " and ".join(sorted({zone.key for zone in self.by_edition.values()}))
            raise ArgumentError(
                f"{moment.typed} is not the same time in {names}: name an edition, or write a time that ends in Z"
            )
        return ends.pop()


def _bounds(zone: tzinfo, since: Moment | None, until: Moment | None) -> tuple[str, str]:
    return since.within(zone).first if since else _EVER.first, until.within(zone).after if until else _EVER.after


def zones_of(reader: Reader, edition: str | None = None) -> Zones:
    """The zones of all editions of an archive, or of one."""
    rows = (row for row in reader.rows(_EDITIONS) if edition in {None, row["edition"]})
    return Zones({row["edition"]: _named(row["timezone"]) for row in rows})


def _named(key: str) -> ZoneInfo:
    """The zone of that name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        return UTC


def edition_row(reader: Reader, edition: str) -> Row | None:
    """What the archive knows of an edition: its row of `editions`. None where it was never crawled or imported."""
    return reader.row("SELECT * FROM editions WHERE edition = :edition", edition=edition)


def days_of(
    zones: Zones, since: Moment | None, until: Moment | None, names: tuple[str, str] = ("since", "until")
) -> tuple[date | None, date | None]:
    """The first and the last day that two typed times reach into, by the editions' own clocks. Raises ArgumentError
    where nothing lies between them.
    """
    return days_between(zones, zones.bounds(since, until, names))


def days_between(zones: Zones, bounds: Bounds) -> tuple[date | None, date | None]:
    """The same for what two typed times mean in each edition."""
    names = zones.by_edition or {"": UTC}
    own = bounds.own or [OwnBounds(name, bounds.since or "", bounds.until or "") for name in names]
    first = [local_day(from_utc_text(one.since), zones.of(one.edition)) for one in own if bounds.since]
    last = [local_day(from_utc_text(last_second(one.until)), zones.of(one.edition)) for one in own if bounds.until]
    return min(first, default=None), max(last, default=None)


def own_condition(own: Iterable[OwnBounds], edition: str, time: str) -> tuple[str, dict[str, str]]:
    """SQL for `Bounds.own` over a column of editions and one of times, with its values; always true without any."""
    values: dict[str, str] = {}
    cases = []
    for number, one in enumerate(own):
        names = [f"own{number}_{field}" for field in one._fields]
        values |= dict(zip(names, one, strict=True))
        cases.append(f"WHEN :{names[0]} THEN {time} >= :{names[1]} AND {time} < :{names[2]}")
    return (f"CASE {edition} {' '.join(cases)} ELSE FALSE END" if cases else "TRUE"), values


_EDITIONS: Final = "SELECT edition, timezone FROM editions ORDER BY edition"
