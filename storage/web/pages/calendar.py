"""The calendar: of each day of a year how much is archived, and whether the agency's listing was walked in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from storage.books.daybook import Day, State, daybook, years
from storage.books.holes import holes_of
from storage.reader import Reader
from storage.web.visit import NotHere, Response, Visit

STEPS = 5  # shades of a day, by how many articles it has

STATES: dict[State, str] = {
    "covered": "covered",
    "partly": "covered in part",
    "hole": "hole: listed, but not walked",
    "outside": "outside of what was asked for",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the grid. `shade` is 0 for none to `STEPS` for most articles."""

    day: Day
    shade: int


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
    year: int
    years: tuple[int, ...]
    months: tuple[Month, ...]
    holes: tuple[str, ...]


async def calendar_page(visit: Visit) -> Response:
    """A year of an edition; the newest of the first edition unless told otherwise."""
    wanted = visit.argument("year")
    edition = visit.argument("edition")
    shown, editions = await visit.ask(lambda reader: _look(reader, edition, wanted))
    return await visit.show("calendar.html", shown=shown, editions=editions, states=STATES)


def _look(reader: Reader, edition: str, wanted: str) -> tuple[Year | None, tuple[str, ...]]:
    editions = tuple(row["edition"] for row in reader.rows(_EDITIONS))
    if not editions:
        return None, ()
    if edition and edition not in editions:
        raise NotHere(f"There is no edition {edition!r} here: there are {', '.join(editions)}.")
    chosen = edition or editions[0]
    there = tuple(years(reader, chosen))
    if not there:
        return None, editions
    if wanted and not (wanted.isdecimal() and int(wanted) in there):
        raise NotHere(f"Of {chosen} there is nothing from the year {wanted!r}: there are {there[-1]} to {there[0]}.")
    year = int(wanted or there[0])
    days = daybook(reader, chosen, date(year, 1, 1), date(year, 12, 31))
    return Year(chosen, year, there, _months(days), holes_of(reader, chosen)), editions


def _months(days: Sequence[Day]) -> tuple[Month, ...]:
    most = max(1, *(day.articles for day in days))
    return tuple(_month(list(month), most) for _, month in groupby(days, key=lambda day: day.date.month))


def _month(days: Sequence[Day], most: int) -> Month:
    cells: list[Cell | None] = [None] * days[0].date.weekday()
    cells += [Cell(day, -(-day.articles * STEPS // most)) for day in days]
    cells += [None] * (-len(cells) % 7)
    return Month(
        first=days[0].date,
        weeks=tuple(tuple(cells[start : start + 7]) for start in range(0, len(cells), 7)),
        articles=sum(day.articles for day in days),
        missing=sum(day.missing for day in days),
        states=Counter(day.state for day in days),
    )


_EDITIONS = "SELECT edition FROM crawls UNION SELECT edition FROM walks ORDER BY 1"

ROUTES = ((r"/calendar$", calendar_page),)
