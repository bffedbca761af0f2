"""Charts as inline SVG: what is to be drawn, in the chart's own units. How it looks is a matter of the style sheet.

The picture is stretched to the width there is, so it holds no text; a table with the same numbers stands beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.listing.coverage import State
from storage.read.coverage.calendar import DOUBTFUL, doubts

SERIES = 7  # groups with a colour of their own; what is left is the eighth
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar: `series` 1 to 8, `top` and `height` in articles, counted from above as SVG does."""

    series: int
    top: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: `label` names it, `counts` are its parts in the order of the chart's series, `href` leads to more.
    `doubt` is the state of its time where more may have been published than is archived, else empty.
    """

    label: str
    total: int
    counts: tuple[int, ...]
    parts: tuple[Part, ...]
    href: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Stacked bars from left to right. `highest` is the largest total, at least 1; `names` and `totals` the series.
    `doubts` says in words of which times more may have been published than is archived.
    """

    bars: tuple[Bar, ...]
    names: tuple[str, ...]
    totals: tuple[int, ...]
    highest: int
    doubts: tuple[str, ...] = ()


Column = tuple[str, str, Mapping[str, int]]
"""Label, address, and how many of each group."""


def doubted(chart: Chart, periods: Sequence[str], told: Mapping[str, State]) -> Chart:
    """The chart with its doubts: `periods` names the time of each bar, as the states that are `told` do.

    >>> chart = doubted(stacked([("March", "/a", {"": 1})]), ["2026-03"], {"2026-03": "lost"})
    >>> chart.bars[0].doubt, chart.doubts
    ('lost', ('lost in 2026-03',))
    """
    here = {period: told.get(period, "outside") for period in periods}
    bars = (
        replace(bar, doubt=here[period] if here[period] in DOUBTFUL else "")
        for bar, period in zip(chart.bars, periods, strict=True)
    )
    return replace(chart, bars=tuple(bars), doubts=tuple(doubts(here)))


def stacked(columns: Sequence[Column]) -> Chart:
    """Bars of `columns`, the largest group at the bottom; groups beyond the seven largest are drawn together.

    >>> chart = stacked([("Mon", "/a", {"politics": 2, "sport": 1}), ("Tue", "/b", {"politics": 1})])
    >>> chart.names, chart.totals, chart.highest, chart.bars[0].parts
    (('politics', 'sport'), (3, 1), 3, (Part(series=1, top=1, height=2), Part(series=2, top=0, height=1)))
    """
    totals: Counter[str] = Counter()
    for _, _, counts in columns:
        totals.update(counts)
    names = [name for name, _ in sorted(totals.items(), key=lambda item: (-item[1], item[0]))]
    own, rest = names[:SERIES], names[SERIES:]
    highest = max([1, *(sum(counts.values()) for _, _, counts in columns)])
    shown = (*own, OTHERS) if rest else tuple(own)
    bars = tuple(_bar(column, own, rest, highest) for column in columns)
    sums = tuple(sum(bar.counts[place] for bar in bars) for place in range(len(shown)))
    return Chart(bars, tuple(name or "no rubric" for name in shown), sums, highest)


def _bar(column: Column, own: Sequence[str], rest: Sequence[str], highest: int) -> Bar:
    label, href, counts = column
    numbers = [counts.get(name, 0) for name in own]
    if rest:
        numbers.append(sum(counts.get(name, 0) for name in rest))
    parts, top = [], highest
    for series, number in enumerate(numbers, 1):
        top -= number
        if number:
            parts.append(Part(series, top, number))
    return Bar(label, sum(numbers), tuple(numbers), tuple(parts), href)
