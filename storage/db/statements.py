"""Statements of the hot path: written in SQLAlchemy Core, compiled once, run by the driver itself.

`Connection.execute` costs about 40 microseconds a statement, an article takes a dozen of them, and SQLite itself
needs two for each. Whatever runs once an article goes through here; everything else uses `Connection.execute`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, Insert, Table, bindparam, insert
from sqlalchemy.sql.expression import ClauseElement

Row: TypeAlias = tuple[Any, ...]


class Prepared:
    """A Core statement with named parameters, for any dialect.

    Values reach the driver as they are: text, integers, bytes and None only. Lists (`IN`) are not expanded.

    >>> from sqlalchemy import create_engine, select
    >>> double = Prepared(select(bindparam("n") * 2))
    >>> with create_engine("sqlite://").connect() as connection:
    ...     double.one(connection, n=21)
    (42,)
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}

    def run(self, connection: Connection, **values: object) -> None:
        """Runs it and drops what it returns."""
        self.all(connection, **values)

    def one(self, connection: Connection, **values: object) -> Row | None:
        """The first row, None when there is none."""
        return next(iter(self.all(connection, **values)), None)

    def all(self, connection: Connection, **values: object) -> list[Row]:
        """All rows. The driver's cursor is read to its end: an open one would hold up the commit."""
        sql, order, constants = self._for(connection)
        named = {**constants, **values}
        parameters = named if order is None else [named[name] for name in order]
        cursor = connection.connection.driver_connection.execute(sql, parameters)  # type: ignore[union-attr]
        return cursor.fetchall() if cursor.description else []

    def each(self, connection: Connection, rows: Iterable[Mapping[str, object]]) -> None:
        """Runs it once a row of parameters."""
        for row in rows:
            self.run(connection, **row)

    def _for(self, connection: Connection) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        dialect = connection.dialect
        try:
            return self._compiled[dialect.name]
        except KeyError:
            compiled = self._statement.compile(dialect=dialect)
        positions = getattr(compiled, "positiontup", None)  # None where the driver takes parameters by name
        ready = (str(compiled), tuple(positions) if positions is not None else None, dict(compiled.params or {}))
        self._compiled[dialect.name] = ready
        return ready


def insert_row(table: Table, *columns: str) -> Insert:
    """An INSERT of these columns, each from the parameter of the same name."""
    return insert(table).values({name: bindparam(name) for name in columns})
