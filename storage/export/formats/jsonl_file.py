"""JSON Lines: one article a line, for programs."""

from __future__ import annotations

import json
from typing import BinaryIO

from storage.export.columns import NEWS_TABLE
from storage.export.formats import Format
from storage.export.selection import ArticleExport, tags

_ABOUT = """\
UTF-8, one JSON object a line, its keys in the order below. `tags` is an array. Text is as the archive holds it.
"""


def write(file: BinaryIO, handout: ArticleExport) -> None:
    """Writes one table."""
    for row in handout.rows():
        line = json.dumps({**row, "tags": tags(row)}, ensure_ascii=False, separators=(",", ":"))
        file.write(line.encode() + b"\n")


FORMAT = Format(
    name="jsonl",
    endings=(".jsonl", ".ndjson"),
    mediatype="application/jsonl",
    about=_ABOUT,
    tables=(NEWS_TABLE,),
    write=write,
    text=True,
)
