"""The calendar: of each day of a year how much is archived, and whether that is all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from crawler.listing.coverage import State
from storage.read.coverage.calendar import CoverageDay, daybook, editions, years
from storage.read.coverage.extent import Extent, extent_of
from storage.read.coverage.gaps import holes_of, local_today
from storage.read.reader import Reader
from storage.read.zones import zones_of
from storage.terminal.amounts import counted
from storage.web.request import NotHere, PageRequest, Response

STEPS = 5  # shades of a day, by how many articles it has

STATES: dict[State, str] = {
    "whole": "covered in full",
    "hole": "hole: not all was walked, the next crawl tries again",
    "lost": "lost: the listing no longer shows all of it",
    "unknown": "unknown: nobody can say whether this is all",
    "outside": "outside of what was asked for",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the grid. `shade` is 0 for none to `STEPS` for most articles, `words` say all that is known of it."""

    day: CoverageDay
    shade: int
    words: str


@dataclass(frozen=True, slots=True)
class Month:
    """A month: weeks of seven places from Monday, None where the month has no day, and its sums."""

    first: date
    weeks: tuple[tuple[Cell | None, ...], ...]
    articles: int
    missing: int
    states: Counter[State]


@dataclass(frozen=True, slots=True)
class Year:
    """What the calendar shows of an edition."""

    edition: str
    zone: ZoneInfo
    year: int
    years: tuple[int, ...]
    months: tuple[Month, ...]
    holes: tuple[str, ...]
    lost: tuple[str, ...]
    below: str


async def calendar_page(visit: PageRequest) -> Response:
    """A year of an edition; the newest of the first edition unless told otherwise."""
    wanted = visit.argument("year")
    edition = visit.argument("edition")
    shown, names = await visit.ask(lambda reader: _look(reader, edition, wanted))
    return await visit.show("calendar.html", shown=shown, editions=names, states=STATES)


def _look(reader: Reader, edition: str, wanted: str) -> tuple[Year | None, tuple[str, ...]]:
    names = tuple(editions(reader))
    if not names:
        return None, ()
    if edition and edition not in names:
        raise NotHere(f"There is no edition {edition!r} here: there are {', '.join(names)}.")
    chosen = edition or names[0]
    there = tuple(years(reader, chosen))
    if not there:
        return None, names
    if wanted and not (wanted.isdecimal() and int(wanted) in there):
        raise NotHere(f"Of {chosen} there is nothing from the year {wanted!r}: there are {there[-1]} to {there[0]}.")
    return _year(reader, chosen, int(wanted or there[0]), there), names


def _year(reader: Reader, edition: str, year: int, there: tuple[int, ...]) -> Year:
    first, last = date(year, 1, 1), date(year, 12, 31)
    zone, holes = zones_of(reader, edition).of(edition), holes_of(reader, edition)
    today = local_today(zone)
    extent = extent_of(reader, edition, holes)
    here = [hole for hole in holes if hole.reaches_into(first, last)]
    return Year(
        edition,
        zone,
        year,
        there,
        _months(daybook(reader, edition, first, last), _local(extent)),
        holes=tuple(hole.words(today) for hole in here if not hole.lost),
        lost=tuple(f"{hole.words(today)}; {hole.history(today)}" for hole in here if hole.lost),
        below=extent.below(today) if (end := _local(extent)) and end.year >= year else "",
    )


def _local(extent: Extent) -> datetime | None:
    """Where the listing ended without saying so, by the site's own clock."""
    return None if extent.open_end is None else extent.open_end.astimezone(extent.zone)


def _months(days: Sequence[CoverageDay], open_end: datetime | None) -> tuple[Month, ...]:
    most = max(1, *(day.articles for day in days))
    cells = [Cell(day, -(-day.articles * STEPS // most), _words(day, open_end)) for day in days]
    return tuple(_month(list(month)) for _, month in groupby(cells, key=lambda cell: cell.day.date.month))


def _month(cells: Sequence[Cell]) -> Month:
    first = cells[0].day.date
    places: list[Cell | None] = [*[None] * first.weekday(), *cells]
    places += [None] * (-len(places) % 7)
    return Month(
        first=first,
        weeks=tuple(tuple(places[start : start + 7]) for start in range(0, len(places), 7)),
        articles=sum(cell.day.articles for cell in cells),
        missing=sum(cell.day.missing for cell in cells),
        states=Counter(cell.day.state for cell in cells),
    )


def _words(day: CoverageDay, open_end: datetime | None) -> str:
    """How many articles there are of a day, how many there should be, and what can be said of it."""
    numbers = [counted(day.articles, "article") if day.articles else "no article"]
    numbers += [f"{day.missing:,} missing"] if day.missing else []
    if day.expected is not None and day.expected != day.articles:
        numbers.append(f"{day.expected:,} expected" if day.state == "whole" else f"about {day.expected:,} expected")
    return ", ".join([*numbers, _state(day, open_end)])


def _state(day: CoverageDay, open_end: datetime | None) -> str:
    """Of the day in which the listing ends it can be said from when on it is covered."""
    if day.state == "unknown" and open_end is not None and open_end.date() == day.date:
        return f"covered from {open_end:%H:%M} on; before that unknown: the listing ends there"
    return STATES[day.state]


ROUTES = ((r"/calendar$", calendar_page),)
