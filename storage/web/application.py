"""The reading room as an ASGI application."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from datasette.app import Datasette
from datasette.plugins import pm
from datasette.views import base

from storage.db.engine import uri_to_read
from storage.terminal.lines import escape_formula
from storage.web import plugin
from storage.web.database import ArchiveDatabase
from storage.web.protection import Protection
from storage.web.request import DATABASE

# CSV that Datasette writes, with cells that no spreadsheet runs, as in the exports (storage/terminal/lines.py).


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


HERE = Path(__file__).parent
PLUGIN = "dateline"

SQL_SECONDS = 2.0

SETTINGS = {
    "allow_download": False,  # default True, for files that nobody writes; `cp` is there for whoever may have the file
    "default_cache_ttl": 0,  # default 5 seconds: a page shows what is in the archive now
    "default_page_size": 50,  # default 100: a page of articles with their bodies is long enough
    "facet_time_limit_ms": 200,
    "suggest_facets": False,  # default True: trying out every column of a large table takes longer than the page
    "truncate_cells_html": 280,  # default 2048: in a table the body of an article is a glance; its page has it all
    "num_sql_threads": 3,
}


@contextmanager
def application(path: Path, *, names: Collection[str] = (), sql_seconds: float = SQL_SECONDS) -> Iterator[Protection]:
    """The reading room of the archive file at `path`, open for as long as the block.

    `names`: host names besides localhost by which it may be asked. `sql_seconds`: time limit of visitors' own SQL.
    Raises ArchiveError: missing, empty, foreign, newer, older.
    """
    uri_to_read(path)
    _register()
    datasette = Datasette(
        template_dir=str(HERE / "templates"),
        static_mounts=[("static", str(HERE / "static"))],
        settings={**SETTINGS, "sql_time_limit_ms": round(sql_seconds * 1000)},
    )
    shelf = ArchiveDatabase(datasette, path)
    datasette.add_database(shelf, name=DATABASE)
    datasette.remove_database("_memory")  # without files of its own Datasette offers an empty one
    try:
        yield Protection(datasette.app(), names)
    finally:
        datasette.executor.shutdown()
        shelf.close()


def _register() -> None:
    """Hooks and what writes CSV are Datasette's for the whole process. Its own handler of errors prints every one of
    them at length.
    """
    if not pm.has_plugin(PLUGIN):
        pm.register(plugin, PLUGIN)
        guard()
        pm.unregister(name="datasette.handle_exception")
