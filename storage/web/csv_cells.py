"""CSV that Datasette writes, with cells that no spreadsheet runs, as in the exports (storage/terminal/cells.py)."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from datasette.views import base

from storage.terminal.cells import escape_formula


class GuardedCSV:
    """Stands in for the module `csv` where Datasette writes tables and the answers to queries, of whatever address."""

    @staticmethod
    def writer(file: Any) -> _Writer:  # noqa: ANN401 - Datasette's
        """As `csv.writer`; what `writerow` returns is what `file.write` does, which Datasette awaits."""
        return _Writer(file)


class _Writer:
    def __init__(self, file: Any) -> None:  # noqa: ANN401 - Datasette's
        self._writer = csv.writer(file)

    def writerow(self, row: Iterable[Any]) -> Any:  # noqa: ANN401 - Datasette's
        return self._writer.writerow([escape_formula(cell) for cell in row])


def guard() -> None:
    """Makes Datasette write all CSV through `GuardedCSV`."""
    base.csv = GuardedCSV
