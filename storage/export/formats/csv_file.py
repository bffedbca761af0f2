"""CSV, for spreadsheets and everything else: RFC 4180 but for the line ends."""

from __future__ import annotations

import csv
import io
from typing import BinaryIO

from storage.export.columns import NEWS_TABLE
from storage.export.formats import Format
from storage.export.selection import ArticleExport
from storage.terminal.lines import escape_formula

_ABOUT = """\
UTF-8, one header line, comma-separated, quoted where needed; line ends are LF, also within a body. An empty cell is
null. A cell that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line break) has an
apostrophe in front, which is not the agency's: JSON Lines, Parquet and SQLite hold the text as it is. Spreadsheets cut
cells at 32,767 characters. Excel takes the file for UTF-8 only with the mark that `--bom` writes.
"""
BOM = "\ufeff"


def write(file: BinaryIO, handout: ArticleExport) -> None:
    """Writes one table."""
    text = io.TextIOWrapper(file, "utf-8", newline="")
    try:
        if handout.bom:
            text.write(BOM)
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(NEWS_TABLE.columns)
        writer.writerows([escape_formula(row[name]) for name in NEWS_TABLE.columns] for row in handout.rows())
        text.flush()
    finally:
        text.detach()  # or closing it would close the file


FORMAT = Format(
    name="csv",
    endings=(".csv",),
    mediatype="text/csv",
    about=_ABOUT,
    tables=(NEWS_TABLE,),
    write=write,
    text=True,
    dialect={"delimiter": ",", "lineTerminator": "\n", "doubleQuote": True, "header": True},
)
