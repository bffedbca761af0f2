"""The texts of articles as the full-text index reads them, and an index of some of them for the time of a question."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Final

from storage.db.folding import all_folded
from storage.read.query.expression import Node
from storage.read.query.fulltext import folded
from storage.read.query.tokens import COLUMNS
from storage.read.reader import Reader, Row, reader_on

INDEXED: Final = (*COLUMNS, "folded")
"""The columns of `news_search`, in order."""

_TOKENS: Final = "tokenize='unicode61 remove_diacritics 2'"
_INDEX: Final = f"CREATE VIRTUAL TABLE news_search USING fts5({', '.join(INDEXED)}, content='', {_TOKENS})"
_ROOM: Final = "INSERT INTO news_search(news_search, rank) VALUES ('hashsize', 67108864)"
"""Lets FTS5 gather 64 MiB in memory instead of one before it writes: large indexes are made in half the time."""
_FOLDED: Final = f"CREATE VIRTUAL TABLE wording USING fts5({', '.join(COLUMNS)}, content='', {_TOKENS})"

_CAPTIONS: Final = {
    "sqlite": "(SELECT group_concat(caption, char(10)) FROM"
    " (SELECT p.caption FROM photos p WHERE p.revision_id = {revision} ORDER BY p.position))",
    "postgresql": "(SELECT string_agg(p.caption, chr(10) ORDER BY p.position) FROM photos p"
    " WHERE p.revision_id = {revision})",
}


def captions(reader: Reader, revision: str) -> str:
    """The captions of a revision as the index has them, as a scalar subquery."""
    return _CAPTIONS[reader.dialect].format(revision=revision)


@contextmanager
def index_of(name: str, rows: Iterable[Row]) -> Iterator[Reader]:
    """A full-text index like the archive's own over some texts: rows of `article_id` and `INDEXED`.

    It lies in a temporary file that SQLite removes, in memory as long as it is small.
    """
    with closing(sqlite3.connect("")) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute(_INDEX)
        connection.execute(_ROOM)
        connection.executemany(
            f"INSERT INTO news_search(rowid, {', '.join(INDEXED)}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own columns
            ((row["article_id"], *(row[column] for column in INDEXED)) for row in rows),
        )
        yield reader_on(connection, name)


def server_texts(reader: Reader) -> Iterator[Row]:
    """The texts that articles show now, from an archive without an index of its own."""
    return reader.rows(
        f"SELECT a.article_id, r.headline, r.lead, r.body, {captions(reader, 'r.revision_id')} AS captions, r.folded"  # noqa: S608
        " FROM articles a JOIN revisions r ON r.revision_id = a.revision_id ORDER BY a.article_id"
    )


def holding(rows: Iterable[Row], tree: Node, columns: Sequence[str] = COLUMNS) -> list[int]:
    """The `article_id` of those rows whose texts are found by an expression, compared word by word and folded.

    Rows hold `article_id` and `columns`; the others are taken for empty.
    """
    with closing(sqlite3.connect("")) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute(_FOLDED)
        connection.executemany(
            f"INSERT INTO wording(rowid, {', '.join(columns)}) VALUES (?{', ?' * len(columns)})",  # noqa: S608 - our own columns
            ((row["article_id"], *(all_folded(row[column] or "") for column in columns)) for row in rows),
        )
        found = connection.execute("SELECT rowid FROM wording WHERE wording MATCH ? ORDER BY rowid", [folded(tree)])
        return [number for (number,) in found]
