"""The search page: results with the words marked, counts by edition and rubric that narrow them, and when it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from crawler.errors import ArgumentError
from storage.read.coverage.calendar import doubts, months, states_by
from storage.read.query.browse import PAGE, BrowseRequest, Facets, ResultPage, Sort, browse
from storage.read.query.search import Filters
from storage.read.reader import Reader
from storage.read.scope import check_edition
from storage.read.zones import days_between, zones_of
from storage.terminal.moments import moment
from storage.web.charts import Chart, doubted, stacked
from storage.web.links import search_link
from storage.web.request import PageRequest, Response

COUNTING_SECONDS = 30.0  # for a visitor who asked to have everything counted
_DAYS, _MONTHS = 92, 96  # of a histogram; what spans more is counted by months, then by years
_DEEPEST = 50  # pages: whoever leafs that far is better served by a filter, or by SQL
_SORTS = {"": "best", "relevance": "most relevant first", "time": "newest first"}
_STATUSES = {"live": "still there", "gone": "taken down"}


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form, as text; `link` is an address of the same search with something changed."""

    given: Mapping[str, str]

    def link(self, **changed: object) -> str:
        return search_link(**{**self.given, "page": None, "count": None, **changed})

    @property
    def filtered(self) -> bool:
        return any(self.given[name] for name in ("edition", "rubric", "since", "until", "status", "changed"))


async def search_page(visit: PageRequest) -> Response:
    """What was asked for, or everything, newest first."""
    form = Form({name: visit.argument(name) for name in _NAMES})
    page, count = visit.argument("page"), visit.argument("count") == "1"
    seconds = COUNTING_SECONDS if count else 5.0
    try:
        wish, found, chart, doubtful, choices = await visit.ask(
            lambda reader: _answer(reader, form, _wish(reader, form, page, count=count)), seconds=seconds
        )
    except ArgumentError as error:
        return await visit.show("search.html", status=400, form=form, error=str(error), **_EMPTY)
    shown = {
        "found": found,
        "page": wish.page,
        "pages": min(-(-found.total // PAGE), _DEEPEST),
        "chart": chart,
        "doubts": doubtful,
        "facets": _narrowing(form, found),
    }
    return await visit.show("search.html", form=form, **{**_EMPTY, **shown, "choices": choices})


_Answer = tuple[BrowseRequest, ResultPage, Chart | None, list[str], dict[str, tuple[str, ...]]]


def _answer(reader: Reader, form: Form, wish: BrowseRequest) -> _Answer:
    check_edition(reader, wish.filters.edition)
    found = browse(reader, wish)
    chart = _histogram(reader, form, found.facets)
    doubtful = [] if chart or (found.total and not found.facets) else _doubts(reader, wish.filters, found.facets)
    return wish, found, chart, doubtful, _choices(reader)


def _doubts(reader: Reader, filters: Filters, facets: Facets | None) -> list[str]:
    """In which months there may be more than was found, where no chart says so."""
    counted = {f"{day:%Y-%m}" for day in facets.days} if facets else set[str]()
    days = days_between(zones_of(reader, filters.edition), filters.bounds)
    return doubts(months(reader, counted, filters.edition, *days))


_NAMES = ("q", "edition", "rubric", "since", "until", "status", "changed", "sort")
_EMPTY: dict[str, Any] = {
    "found": None,
    "page": 1,
    "pages": 0,
    "chart": None,
    "doubts": (),
    "facets": (),
    "choices": {"edition": (), "rubric": ()},
    "sorts": _SORTS,
    "statuses": _STATUSES,
}


def _wish(reader: Reader, form: Form, page: str, *, count: bool) -> BrowseRequest:
    given = form.given
    if given["sort"] not in _SORTS or given["status"] not in {"", *_STATUSES}:
        raise ArgumentError("there is no such order or status: choose one from the lists")
    if page and not (page.isdecimal() and 1 <= int(page) <= _DEEPEST):
        raise ArgumentError(f"pages go from 1 to {_DEEPEST}: narrow the search, or ask for everything by SQL")
    since = moment(given["since"]) if given["since"] else None
    until = moment(given["until"]) if given["until"] else None
    bounds = zones_of(reader, given["edition"] or None).bounds(since, until, ("“from”", "“to”"))
    filters = Filters(
        edition=given["edition"] or None,
        rubric=given["rubric"] or None,
        since=bounds.since,
        until=bounds.until,
        own=bounds.own,
        status=given["status"] or None,
        changed=bool(given["changed"]),
    )
    return BrowseRequest(given["q"], filters, cast("Sort", given["sort"]), int(page or 1), count)


def _choices(reader: Reader) -> dict[str, tuple[str, ...]]:
    """The editions and rubrics that can be chosen, found by jumping from one to the next in their indexes."""
    return {name: tuple(row["name"] for row in reader.rows(sql)) for name, sql in _CHOICES.items()}


_CHOICES = {
    "edition": """
WITH RECURSIVE e(name) AS (
  SELECT MIN(edition) FROM articles
  UNION ALL SELECT (SELECT MIN(edition) FROM articles WHERE edition > e.name) FROM e WHERE e.name IS NOT NULL
) SELECT name FROM e WHERE name IS NOT NULL""",
    # Those of the last thousand articles are those of today; older ones can be typed into the address.
    "rubric": """
SELECT DISTINCT rubric AS name FROM (
  SELECT rubric FROM revisions WHERE published_at IS NOT NULL ORDER BY published_at DESC LIMIT 1000
) WHERE rubric IS NOT NULL ORDER BY 1""",
}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A facet: its `title`, and choices as (label, articles, address, whether it is chosen)."""

    title: str
    choices: tuple[tuple[str, int, str, bool], ...]


def _narrowing(form: Form, found: ResultPage) -> tuple[Narrowing, ...]:
    facets = found.facets
    if facets is None:
        return ()
    groups = (("edition", facets.editions), ("rubric", facets.rubrics), ("status", facets.statuses))
    return tuple(_facet(form, name, counts) for name, counts in groups if len(counts) > 1 or form.given[name])


def _facet(form: Form, name: str, counts: Mapping[str, int]) -> Narrowing:
    ordered = sorted(
        ((value, number) for value, number in counts.items() if value), key=lambda pair: (-pair[1], pair[0])
    )
    chosen = form.given[name]
    choices = (
        (_STATUSES.get(value, value), number, form.link(**{name: None if value == chosen else value}), value == chosen)
        for value, number in ordered
    )
    return Narrowing(name, tuple(choices))


def _histogram(reader: Reader, form: Form, facets: Facets | None) -> Chart | None:
    """Bars by day, month or year, whichever gives a readable number of them."""
    if facets is None or len(facets.days) < 2:  # noqa: PLR2004 - one day needs no chart
        return None
    first, last = min(facets.days), max(facets.days)
    if (last - first).days < _DAYS:
        form_of, width = "%Y-%m-%d", [date.fromordinal(day) for day in range(first.toordinal(), last.toordinal() + 1)]
    elif (last.year - first.year) * 12 + last.month - first.month < _MONTHS:
        form_of, width = "%Y-%m", _months(first, last)
    else:
        form_of, width = "%Y", [date(year, 1, 1) for year in range(first.year, last.year + 1)]
    numbers: Counter[str] = Counter()
    for day, articles in facets.days.items():
        numbers[day.strftime(form_of)] += articles
    labels = [day.strftime(form_of) for day in width]
    chart = stacked([(label, form.link(since=label, until=label), {"articles": numbers[label]}) for label in labels])
    told = states_by(reader, len(labels[0]), form.given["edition"] or None, labels[0], f"{labels[-1]}-99")
    return doubted(chart, labels, told)


def _months(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


ROUTES = ((r"/search$", search_page),)
