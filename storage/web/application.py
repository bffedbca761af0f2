"""The reading room as an ASGI application."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from datasette.app import Datasette
from datasette.plugins import pm

from storage.db.engine import uri_to_read
from storage.web import csv_cells, plugin
from storage.web.database import ArchiveDatabase
from storage.web.protection import Protection
from storage.web.request import DATABASE

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
        csv_cells.guard()
        pm.unregister(name="datasette.handle_exception")
