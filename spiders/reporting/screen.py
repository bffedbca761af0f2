"""What a terminal shows of a run at one moment: lines made from plain facts, as wide and high as there is room.

Headlines come from the network: they pass through `printable`, so that they can only be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from spiders.pace import Work
from storage.terminal.amounts import counted, lasting
from storage.terminal.lines import STYLES, WIDEST, printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

Stage = Literal["to come", "walking", "searching", "fetching", "stopping", "over"]

QUIET = 15.0  # seconds without anything new after which that is said
MINUTE = 60


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition as it stands. `trouble` says what ended it before its work was done."""

    edition: str
    stage: Stage
    work: Work
    back_to: date | None = None
    new: int = 0
    changed: int = 0
    same: int = 0
    failed: int = 0
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """The run as it stands. `rate` is pages a second, `still` the seconds since the last one, None and 0 at first.
    `latest` is the headline that was archived last.
    """

    legs: Sequence[EditionLine]
    elapsed: float
    rate: float | None = None
    still: float = 0.0
    latest: str | None = None

    @property
    def current(self) -> EditionLine | None:
        """The edition that is being crawled; None before the first and after the last."""
        return next((leg for leg in self.legs if leg.stage not in {"to come", "over"}), None)


# What a column shows, at how many columns of the terminal it has room, and how it is aligned.
COLUMNS = (
    ("", 0),
    ("pages", 0),
    ("back to", 50),
    ("new", 0),
    ("changed", 40),
    ("same", 75),
    ("failed", 40),
    ("waiting", 40),
)


def frame(scene: RunView, console: Console) -> list[str]:
    """The lines, with the escape sequences that colour them, none wider than the console and never more than it has
    rows: what is over and what is to come is left out first.
    """
    width, height = min(console.width - 1, WIDEST), console.height - 1
    below = list(_below(scene, width, console.encoding))
    room = height - len(below) - 1
    legs = scene.legs if len(scene.legs) <= room else [leg for leg in scene.legs if leg is scene.current]
    with console.capture() as shown:
        console.print(_table(legs, width), *below, sep="\n", width=width, no_wrap=True, overflow="ellipsis", crop=True)
    return shown.get().splitlines()[-height:]


def _table(legs: Sequence[EditionLine], width: int) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - only a terminal pays for it (0.1 s)

    shown = [place for place, (_, least) in enumerate(COLUMNS) if width >= least]
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
    for place in shown:
        table.add_column(COLUMNS[place][0], justify="left" if place in {0, 2} else "right", no_wrap=True)
    for leg in legs:
        row = _row(leg)
        table.add_row(*(row[place] for place in shown), style=_style(leg))
    return table


def _row(leg: EditionLine) -> tuple[str, ...]:
    numbers = (leg.new, leg.changed, leg.same, leg.failed, leg.work.waiting)
    new, changed, same, failed, waiting = ("" if leg.stage == "to come" else f"{number:,}" for number in numbers)
    pages = "" if leg.stage == "to come" else f"{leg.work.pages:,}"
    back_to = f"{leg.back_to:%-d %b %Y}" if leg.back_to else ""
    return (leg.edition, pages, back_to, new, changed, same, failed, waiting)


def _style(leg: EditionLine) -> str:
    if leg.stage == "over":
        return STYLES["alarm" if leg.trouble else "good"]
    return STYLES["dim"] if leg.stage == "to come" else "bold"


def _below(scene: RunView, width: int, encoding: str) -> Iterator[RenderableType]:
    from rich.text import Text  # noqa: PLC0415 - only a terminal pays for it (0.1 s)

    leg = scene.current
    if leg is not None:
        yield Text.assemble(*_bar(leg, width // 3, encoding), _doing(leg))
    yield Text(_pace(scene), STYLES["date"])
    if scene.latest is not None:
        yield Text(f"latest: {printable(scene.latest)}", STYLES["dim"])


def _bar(leg: EditionLine, width: int, encoding: str) -> list[tuple[str, str]]:
    """How much of the work is done, where that can be told."""
    to_go = leg.work.to_go
    if leg.stage == "stopping" or not to_go or not leg.work.done:
        return []
    full, rest = ("━", "─") if "utf" in encoding.lower() else ("#", "-")
    share = leg.work.done / (leg.work.done + to_go)
    done = int(share * width)
    return [(full * done, "green"), (rest * (width - done), STYLES["dim"]), (f" {int(100 * share)} %  ", "")]


def _doing(leg: EditionLine) -> str:
    bottom = leg.work.descent.bottom if leg.work.descent else None
    if leg.stage == "stopping":
        return "stopping: what was asked for is still kept; Ctrl-C once more ends it at once, and loses nothing"
    if leg.stage == "searching":
        return "looking for the date to begin at"
    if leg.stage == "fetching":
        return f"{leg.edition}: fetching articles"
    return f"{leg.edition}: walking down to " + (f"{bottom:%-d %b %Y}" if bottom else "the end of the listing")


def _pace(scene: RunView) -> str:
    parts = []
    if scene.rate is not None:
        a_minute = scene.rate * MINUTE
        parts.append(f"{a_minute:,.0f} pages a minute" if a_minute >= 10 else f"{a_minute:.1f} pages a minute")  # noqa: PLR2004 - more digits say nothing
    parts.append(f"{lasting(scene.elapsed)} so far")
    if scene.still >= QUIET:
        parts.append(f"no answer for {lasting(scene.still)}")
    parts.append(time_to_go(scene))
    return ", ".join(part for part in parts if part)


def time_to_go(scene: RunView) -> str:
    """When it will be done, as exact as one can know; where one cannot, that is said."""
    leg = scene.current
    if leg is None or leg.stage == "stopping":
        return ""
    later = sum(other.stage == "to come" for other in scene.legs)
    then = f" for {leg.edition}, then {counted(later, 'edition')} more" if later else ""
    to_go = leg.work.to_go
    if to_go is None:
        return "time to go unknown" + then
    if scene.rate is None:
        return "time to go not known yet" + then
    seconds = to_go / scene.rate
    if seconds < MINUTE:
        return "less than a minute to go" + then
    return f"about {lasting(_rounded(seconds))} to go" + then


def _rounded(seconds: float) -> float:
    """Whole minutes within the hour, five of them above: an estimate has no seconds."""
    step = MINUTE if seconds < MINUTE * MINUTE else 5 * MINUTE
    return round(seconds / step) * step
