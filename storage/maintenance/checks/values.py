"""Values that cannot stand where they do, in the columns that no manifest seals: times, days, states, counts.

Nothing is computed anew here: whether a state follows from the visits is asked in standing.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, get_args

from sqlalchemy import Column, Connection, Integer, LargeBinary, Table, inspect, select

from crawler.dates import from_utc_text
from crawler.records import Kind
from storage.db.schema import members, metadata
from storage.maintenance.checks import Check
from storage.terminal.amounts import counted
from storage.write.evidence.manifest import SEALED
from storage.write.evidence.snapshots import Mark

_BATCH: Final = 2000  # rows fetched at a time
_NAMED: Final = 100  # values of a column that are named; more are counted

_TIMES: Final = frozenset({"at", "from_time", "to_time"})
_DAYS: Final = frozenset({"day", "goal", "bottom_day", "published_day"})
_LISTS: Final = frozenset({"begun_told", "over_told", "fields"})
_STATES: Final[Mapping[tuple[str, str], frozenset[object]]] = {
    ("walks", "kind"): frozenset({"head", "window", "apart"}),
    ("walks", "complete"): frozenset({0, 1}),
    ("walks", "ended"): frozenset({"goal", "end", "joined"}),
    ("walks", "end_kind"): frozenset({"said", "seen", "open", "contradicted"}),
    ("gaps", "state"): frozenset({"open", "lost", "filled"}),
    ("days", "state"): frozenset({"whole", "hole", "lost", "outside", "unknown"}),
    ("requests", "kind"): frozenset(get_args(Kind)),
    ("requests", "repeats"): frozenset({"retry", "redirect"}),
    ("snapshots", "reading"): frozenset(get_args(Mark)),
    ("edits", "silent"): frozenset({0, 1}),
}


def check(connection: Connection, check: Check) -> None:
    """Reads the unsealed columns of every table once. Of `articles.status` standing.py speaks."""
    checked, there = 0, inspect(connection)
    tables = set(there.get_table_names())  # what is missing is found in form.py
    for table in metadata.sorted_tables:
        names = {column["name"] for column in there.get_columns(table.name)} if table.name in tables else set()
        columns = [column for column in table.columns if column.name in names and _is_open(table, column)]
        if not columns:
            continue
        checked += len(columns)
        _look(connection, check, table, {column.name: _rule(table, column) for column in columns})
    check.says = f"{counted(checked, 'column')} outside the seal hold what they can"


def _is_open(table: Table, column: Column[Any]) -> bool:
    """Whether a column is outside the seal, and none of bytes or digests, which other checks look at."""
    sealed = column.name in SEALED.get(table, ()) or table.name in {"manifests", "bodies"}
    told = {("articles", "status"), ("articles", "url")}  # standing.py looks at these
    return not (sealed or isinstance(column.type, LargeBinary) or (table.name, column.name) in told)


def _look(
    connection: Connection, check: Check, table: Table, rules: Mapping[str, Callable[[object], str | None]]
) -> None:
    """Finds the values of a table that break the rules of their columns."""
    keys = [column.name for column in table.primary_key.columns]
    wrong = dict.fromkeys(rules, 0)
    query = select(*(table.c[name] for name in dict.fromkeys([*keys, *rules])))
    for row in connection.execute(query.execution_options(yield_per=_BATCH)).mappings():
        for name, rule in rules.items():
            if (flaw := rule(row[name])) is not None:
                wrong[name] += 1
                if wrong[name] <= _NAMED:
                    check.find(f"{table.name} {' '.join(str(row[key]) for key in keys)}", f"{name} {flaw}")
    for name, count in wrong.items():
        if count > _NAMED:
            check.find(table.name, f"{name}: {count - _NAMED:,} more values that cannot be")


def _rule(table: Table, column: Column[Any]) -> Callable[[object], str | None]:
    """What is wrong with a value of a column, as a function; None for one that can stand there."""
    known = _STATES.get((table.name, column.name))
    judge = _judge(column)

    def flaw(value: object) -> str | None:
        if value is None:
            return None if column.nullable else "is missing"
        if known is not None and value not in known:
            return f"is none of {', '.join(sorted(map(str, known)))}: {value!r}"
        return judge(value)

    return flaw


def _judge(column: Column[Any]) -> Callable[[object], str | None]:
    if isinstance(column.type, Integer):
        return _whole_number if column is members.c.place else _number
    if column.name in _DAYS:
        return _day
    if column.name in _LISTS:
        return _list
    return _time if column.name in _TIMES or column.name.endswith(("_at", "_since")) else _text


def _whole_number(value: object) -> str | None:
    return None if type(value) is int else f"is no whole number: {value!r}"


def _number(value: object) -> str | None:
    return None if type(value) is int and value >= 0 else f"is no count: {value!r}"


def _text(value: object) -> str | None:
    return None if isinstance(value, str) else f"is no text: {value!r}"


def _time(value: object) -> str | None:
    try:
        from_utc_text(str(value))
    except ValueError:
        return f"is no UTC time: {value!r}"
    return _text(value)


def _day(value: object) -> str | None:
    text = str(value)
    try:
        written = date.fromisoformat(text).isoformat()
    except ValueError:
        written = ""
    return _text(value) if written == text else f"is no day: {value!r}"


def _list(value: object) -> str | None:
    try:
        return None if isinstance(json.loads(str(value)), list) else f"is no JSON array: {value!r}"
    except ValueError:
        return f"is no JSON array: {value!r}"
