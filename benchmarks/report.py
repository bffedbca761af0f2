"""What a benchmark found: a small table of one run, and the claims that it bears out or does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Bench:
    """What a run is given. `size`: how many pages, articles or whatever the module counts; `rounds`: how often what is
    timed is timed; `folder`: an empty one, which is removed afterwards.
    """

    size: int
    rounds: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Claim:
    """What the project promises of a figure: at most or at least a bound.

    >>> str(Claim("parse / bare lxml", 1.8, "<=", 2.0))
    'parse / bare lxml: 1.80 (promised <= 2): met'
    """

    what: str
    figure: float
    sign: Literal["<=", ">="]
    bound: float

    @property
    def met(self) -> bool:
        return self.figure <= self.bound if self.sign == "<=" else self.figure >= self.bound

    def __str__(self) -> str:
        verdict = "met" if self.met else "NOT MET"
        return f"{self.what}: {shown(self.figure)} (promised {self.sign} {self.bound:g}): {verdict}"


@dataclass(frozen=True, slots=True)
class Report:
    """`columns` are the heads of the table's columns, the first of which names a row; `notes` stand below it."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    claims: Sequence[Claim] = ()
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        texts = [list(self.columns), *([shown(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
        lines = [self.title, ""]
        for name, *cells in texts:
            right = [cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True)]
            lines.append("  ".join(["", name.ljust(widths[0]), *right]).rstrip())
        lines += ["", *(f"  {claim}" for claim in self.claims), *(f"  {note}" for note in self.notes)]
        return "\n".join(lines).rstrip()


def shown(cell: Cell) -> str:
    """A figure with three digits that say something; whole numbers whole.

    >>> [shown(1234.5), shown(1.2345), shown(0.01234), shown(17), shown(None)]
    ['1,234', '1.23', '0.0123', '17', '-']
    """
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:#.3g}"
    return cell if isinstance(cell, str) else f"{cell:,}"
