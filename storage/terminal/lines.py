"""Lines for people: coloured and wrapped in a terminal, plain when piped, and never able to drive the terminal.

What an archived page says is hostile: a headline may hold escape sequences that retitle the window, repaint the
screen or turn the reading direction round. Every piece of text passes through `printable` on its way out.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

WIDEST = 100  # columns; longer lines of running text are hard to read
NARROWEST = 20

STYLES = {
    "title": "bold",
    "hit": "bold yellow",
    "date": "cyan",
    "dim": "dim",
    "link": "blue",
    "good": "green",
    "alarm": "bold red",
    "went": "red",
    "came": "green",
}

_UNSAFE = re.compile(
    "["
    "\x00-\x1f\x7f"  # C0 controls and DEL: escape sequences begin here
    "\x80-\x9f"  # C1 controls: one-byte escape sequences in some terminals
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks and overrides that reorder what is shown
    "\u2028\u2029"  # line breaks that do not look like any
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "]"
)
_EIGHTHS = ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")
_SPACES = "\t\n\r\u2028\u2029"


def printable(text: str) -> str:
    r"""One line of text that a terminal only shows: controls become visible signs, line breaks spaces.

    >>> printable("\x1b[2J wiped?\n")
    '␛[2J wiped? '
    """
    return _UNSAFE.sub(_stand_in, text)


def escaped(document: str) -> str:
    r"""A JSON document in which such characters are escapes: the same value, unable to drive a terminal.

    >>> escaped('{"headline": "\x9b2J"}')
    '{"headline": "\\u009b2J"}'
    """
    return _UNSAFE.sub(
        lambda match: match.group() if match.group() == "\n" else f"\\u{ord(match.group()):04x}", document
    )


def _stand_in(match: re.Match[str]) -> str:
    sign = match.group()
    if sign in _SPACES:
        return " "
    if sign < " ":
        return chr(0x2400 + ord(sign))  # the "control pictures" block: ␛ for ESC
    return "␡" if sign == "\x7f" else "\ufffd"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line in one of the `STYLES`. `text` is raw: it is made harmless when it is printed."""

    text: str
    style: str = ""


Part = str | Span


class LineWriter:
    """Takes lines for people and prints them on `stream`.

    In a terminal lines are wrapped at words (wide Chinese characters counted as two columns) and coloured;
    elsewhere a line stays one line, so that `grep` and `cut` see whole ones. Not for JSON, CSV or bytes.
    """

    def __init__(self, stream: TextIO | None = None, *, terminal: bool | None = None, width: int | None = None) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.terminal = self.stream.isatty() if terminal is None else terminal
        self._width = width

    def line(self, *parts: Part, label: str = "", indent: int = 0) -> None:
        """One line of `parts`, `indent` columns in. A `label` stands in the indentation of the first row."""
        if self.terminal:
            self._wrapped(parts, label, indent)
        else:
            text = "".join(printable(part if isinstance(part, str) else part.text) for part in parts)
            self.stream.write(f"{label:<{indent}}{text}".rstrip() + "\n")

    def blank(self) -> None:
        self.stream.write("\n")

    def bar(self, count: int, most: int, width: int) -> str:
        """A bar of a chart, `width` columns long for `most`; to an eighth of a column where the encoding has such."""
        eighths = round(8 * width * count / most) if most else 0
        if count and not eighths:
            eighths = 1
        if not (self.stream.encoding or "").lower().startswith("utf"):
            return "#" * ((eighths + 7) // 8)
        return "█" * (eighths // 8) + _EIGHTHS[eighths % 8]

    def _wrapped(self, parts: Sequence[Part], label: str, indent: int) -> None:
        width = max(min(self._console.width, WIDEST) - indent, NARROWEST)
        text = self._text(parts)
        # An address or a digest stays in one piece, to be copied; Chinese has no spaces and is cut anywhere.
        uncut = any(len(word) > width and word.isascii() for word in text.plain.split())
        for number, row in enumerate(text.wrap(self._console, width, overflow="ignore" if uncut else "fold")):
            row.rstrip()
            prefix = self._text([Span(f"{label if number == 0 else '':<{indent}}", "dim")])
            self._console.print(prefix + row, soft_wrap=True)

    def _text(self, parts: Sequence[Part]) -> Text:
        from rich.text import Text  # noqa: PLC0415 - only a terminal pays for it (0.1 s)

        text = Text()
        for part in parts:
            span = Span(part) if isinstance(part, str) else part
            text.append(printable(span.text), STYLES.get(span.style))
        return text

    @cached_property
    def _console(self) -> Console:
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it (0.1 s)

        return Console(
            file=self.stream, force_terminal=True, width=self._width, highlight=False, markup=False, emoji=False
        )


# Cells of a CSV file that people open in a spreadsheet.

# A spreadsheet runs a cell that begins so as a formula; a tab or a line break may hide the sign behind it, and some
# take the full-width signs of Chinese and Japanese keyboards for the others.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def escape_formula(value: object) -> object:
    """A value as a cell that no spreadsheet runs: text that would be a formula gets an apostrophe in front.

    >>> escape_formula("=HYPERLINK(...)"), escape_formula("5 percent"), escape_formula(-5)
    ("'=HYPERLINK(...)", '5 percent', -5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUNS) else value
