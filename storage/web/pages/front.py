"""The front page: what is here, what came in last, what changed, what is gone, and whether all is well."""

from __future__ import annotations

from datetime import date, timedelta

from storage.read.counts import Tally, articles_a_day
from storage.read.coverage.calendar import states_by
from storage.read.overview import Overview, overview
from storage.read.reader import Reader
from storage.web.charts import Chart, doubted, stacked
from storage.web.links import search_link
from storage.web.request import PageRequest, Response

MOST_DAYS, FEWEST_DAYS = 60, 14  # of the timeline
_DAY = len("2026-03-02")


async def front_page(visit: PageRequest) -> Response:
    """What is here."""
    found, chart = await visit.ask(_look)
    return await visit.show("front.html", overview=found, chart=chart)


def _look(reader: Reader) -> tuple[Overview, Chart | None]:
    found = overview(reader)
    if found.first is None or found.last is None:
        return found, None
    oldest, last = found.first, found.last
    days = min(max((last - oldest).days + 1, FEWEST_DAYS), MOST_DAYS)
    first = last - timedelta(days=days - 1)
    chart = _timeline(articles_a_day(reader, first, last), first, last)
    names = [(first + timedelta(days=number)).isoformat() for number in range(days)]
    return found, doubted(chart, names, states_by(reader, _DAY, None, names[0], names[-1]))


def _timeline(tally: Tally, first: date, last: date) -> Chart:
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    by_day: dict[date, dict[str, int]] = {day: {} for day in days}
    for (day, rubric), articles in tally.items():
        by_day[day][rubric] = articles
    return stacked([(_label(day), search_link(since=day, until=day), counts) for day, counts in by_day.items()])


def _label(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


ROUTES = ((r"/$", front_page),)
