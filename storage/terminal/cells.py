"""Cells of a CSV file that people open in a spreadsheet."""

from __future__ import annotations

# A spreadsheet runs a cell that begins so as a formula; a tab or a line break may hide the sign behind it, and some
# take the full-width signs of Chinese and Japanese keyboards for the others.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def escape_formula(value: object) -> object:
    """A value as a cell that no spreadsheet runs: text that would be a formula gets an apostrophe in front.

    >>> escape_formula("=HYPERLINK(...)"), escape_formula("5 percent"), escape_formula(-5)
    ("'=HYPERLINK(...)", '5 percent', -5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUNS) else value
