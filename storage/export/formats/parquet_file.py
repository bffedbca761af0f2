"""Parquet: columns with types, compressed, for pandas, DuckDB, R and the like. Needs pyarrow."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from crawler.dates import from_utc_text
from crawler.errors import DatelineError
from storage.export.columns import NEWS_TABLE, Field
from storage.export.formats import Format
from storage.export.selection import ArticleExport, tags
from storage.read.reader import Row

if TYPE_CHECKING:
    import pyarrow as pa

_ABOUT = """\
Parquet with zstd. Times are timestamps in UTC, `tags` is a list of text; everything else is as the archive holds it.
The descriptions below stand in the file too, as metadata of its columns.
"""
_ROWS = 10_000  # of a row group at most
_CHARACTERS = 8 * 2**20  # of their bodies at most: what is in memory does not depend on how long articles are
_REPEATED = ["edition", "rubric", "language", "status"]  # worth a dictionary each
_LONG = {"lead", "body", "tags"}  # not worth a minimum and a maximum a row group


def ready() -> None:
    """Raises DatelineError where pyarrow is missing."""
    if importlib.util.find_spec("pyarrow") is None:
        raise DatelineError("Parquet needs pyarrow, which is not installed: pip install 'dateline[parquet]'")


def write(file: BinaryIO, handout: ArticleExport) -> None:
    """Writes one table, a row group after the other."""
    import pyarrow as pa  # noqa: PLC0415 - an extra, and a third of a second
    from pyarrow import parquet  # noqa: PLC0415 - the same

    schema = _schema(handout.statement())
    statistics = [name for name in NEWS_TABLE.columns if name not in _LONG]
    with parquet.ParquetWriter(
        file, schema, compression="zstd", use_dictionary=_REPEATED, write_statistics=statistics
    ) as writer:
        for rows in _groups(handout.rows()):
            columns = [pa.array(_values(field, rows), schema.field(field.name).type) for field in NEWS_TABLE.fields]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _schema(statement: Mapping[str, Any]) -> pa.Schema:
    import pyarrow as pa  # noqa: PLC0415 - as above

    types = {
        "integer": pa.int64(),
        "string": pa.string(),
        "datetime": pa.timestamp("ms", "UTC"),
        "array": pa.list_(pa.string()),
    }
    fields = (
        pa.field(
            field.name, types[field.type], nullable=not field.required, metadata={"description": field.description}
        )
        for field in NEWS_TABLE.fields
    )
    return pa.schema(fields, metadata={"dateline": json.dumps(statement, ensure_ascii=False)})


def _groups(rows: Iterator[Row]) -> Iterator[list[Row]]:
    group: list[Row] = []
    characters = 0
    for row in rows:
        group.append(row)
        characters += len(row["body"])
        if len(group) == _ROWS or characters >= _CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group


def _values(field: Field, rows: list[Row]) -> list[Any]:
    if field.type == "datetime":
        return [_moment(row[field.name], row, field.name) for row in rows]
    if field.type == "array":
        return [tags(row) for row in rows]
    return [row[field.name] for row in rows]


def _moment(text: str | None, row: Row, name: str) -> datetime | None:
    try:
        return None if text is None else from_utc_text(text)
    except ValueError as error:
        raise DatelineError(
            f"{row['edition']}/{row['key']}: {name} is no time: {text!r} (`dateline verify` says what else is damaged)"
        ) from error


FORMAT = Format(
    name="parquet",
    endings=(".parquet",),
    mediatype="application/vnd.apache.parquet",
    about=_ABOUT,
    tables=(NEWS_TABLE,),
    write=write,
    ready=ready,
)
