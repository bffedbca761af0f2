"""What stands in the database besides rows: exactly what this version makes, and made in this way.

A file that comes from elsewhere may hold a trigger that changes or drops what a crawl writes, an index that refuses it,
or a table whose constraints replace rows. What there should be is read from an archive made on the spot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from storage.db import sqlite_file
from storage.db.schema import metadata
from storage.write.migrate import upgrade

_OF_SQLITE: Final = ("sqlite_stat", "sqlite_sequence", "sqlite_autoindex_")  # its own: statistics, keys of tables
_BARE: Final = re.compile(r"[\s\"`]+")


class Object(NamedTuple):
    """A table, index, view or trigger by name; `table` is what it belongs to, `sql` how it was made."""

    kind: str
    name: str
    table: str
    sql: str | None


class SchemaDifference(NamedTuple):
    """Something that is not as it should be. `derived`: it can be made anew from the rows."""

    subject: str
    message: str
    derived: bool = False


def differences(connection: Connection) -> Iterator[SchemaDifference]:
    """What is there and should not be, and what is defined otherwise. What is missing is found elsewhere (form.py)."""
    if connection.dialect.name != "sqlite":
        yield from _on_server(connection)
        return
    expected = _expected()
    for one in _objects(connection):
        right = expected.get((one.kind, one.name))
        if right is None:
            if not (one.kind in {"table", "index"} and one.name.startswith(_OF_SQLITE)):
                yield SchemaDifference(f"{one.kind} {one.name}", _foreign(one))
        elif one.kind in {"table", "index"} and _bare(one.sql) != _bare(right.sql):
            yield SchemaDifference(f"{one.kind} {one.name}", "is defined otherwise", derived=one.kind == "index")


def redefined_indexes(connection: Connection) -> list[str]:
    """The indexes of ours that were made otherwise than they should be (SQLite only)."""
    found = differences(connection) if connection.dialect.name == "sqlite" else ()
    return [one.subject.removeprefix("index ") for one in found if one.derived]


def _foreign(one: Object) -> str:
    does = "it changes what is written; " if one.kind == "trigger" else ""
    on = f" of {one.table}" if one.kind in {"trigger", "index"} else ""
    return f"is no part of an archive{on}: {does}find out who added it; DROP {one.kind.upper()} {one.name} removes it"


def _objects(connection: Connection) -> list[Object]:
    query = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name"
    return [Object(*row) for row in connection.exec_driver_sql(query).all()]


def _bare(sql: str | None) -> str:
    """A definition without white space and quotes around names, which SQLite's own changes of tables may add."""
    return _BARE.sub("", sql or "").lower()


@cache
def _expected() -> dict[tuple[str, str], Object]:
    """Every object of an archive that this version makes, by kind and name."""
    # The keeper holds the database in memory while the engine opens and closes its own connections to it.
    with closing(sqlite_file.in_memory()) as keeper:
        engine = sqlite_file.engine_in_memory()
        upgrade(engine)
        engine.dispose()
        rows = keeper.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    return {(row[0], row[1]): Object(*row) for row in rows}


_TRIGGERS: Final = """
SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = CAST(current_schema() AS regnamespace) ORDER BY 1, 2"""
_RULES: Final = """
SELECT rulename, tablename FROM pg_rules WHERE schemaname = current_schema() ORDER BY 1, 2"""
_SHIELDED: Final = """
SELECT relname FROM pg_class
WHERE relrowsecurity AND relnamespace = CAST(current_schema() AS regnamespace) ORDER BY 1"""


def _on_server(connection: Connection) -> Iterator[SchemaDifference]:
    """A database may be shared with other programs: only what hangs on our tables is looked at."""
    for kind, query in (("trigger", _TRIGGERS), ("rule", _RULES)):
        for name, table in connection.execute(text(query)):
            if table in metadata.tables:
                foreign = (
                    f"is no part of an archive, and changes what is written: DROP {kind.upper()} {name} ON {table}"
                )
                yield SchemaDifference(f"{kind} {name}", foreign)
    for (table,) in connection.execute(text(_SHIELDED)):
        if table in metadata.tables:
            yield SchemaDifference(f"table {table}", "has row security, which hides rows from whoever looks")
