"""Paints one picture at the bottom of a terminal, again and again, and lets lines of text scroll by above it.

Each picture goes out in one write, without hiding the cursor or changing any mode of the terminal: a process that is
killed leaves nothing to be repaired. What cannot be shown now (output stopped by Ctrl-S, a crawl in the background)
is not shown, and nobody waits for that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TextIO

from storage.terminal.lines import printable

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
CLEAR = "\x1b[K"  # from the cursor to the end of the line
BELOW = "\x1b[J"  # and everything below it
UNKNOWN = 80  # columns of a terminal that does not know its own size


class NotPaintable(Exception):
    """The stream is no terminal, or none that moves its cursor."""


class Painter:
    """The bottom of the terminal that a stream leads to. It opens that once more, so that its own writes need not
    wait while those of everybody else do as ever. Raises NotPaintable. `close` it.
    """

    def __init__(self, stream: TextIO) -> None:
        if not stream.isatty() or os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"}:
            raise NotPaintable
        try:
            self._terminal = os.open(os.ttyname(stream.fileno()), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:  # the terminal of another user, after su
            raise NotPaintable from error
        self._encoding = stream.encoding
        self._shown: list[str] = []
        self._rest = b""

    def paint(self, lines: Sequence[str]) -> None:
        """Show these lines, each at most as wide as the terminal, in the place of those before."""
        if list(lines) != self._shown and self._in_front and self._drained():
            self._put([], lines)

    def write(self, text: str) -> int:
        """Lines of a log, above the picture: with `flush` this is all that a logging handler needs."""
        self._put([printable(line) for line in text.splitlines()], self._shown)
        return len(text)

    def flush(self) -> None:
        """What could not be written yet is written with the next picture."""

    def close(self) -> None:
        """Take the picture away: the cursor stands where it began."""
        os.set_blocking(self._terminal, True)
        try:
            if self._shown:
                self._put([], [])
        finally:
            os.close(self._terminal)

    def _put(self, above: Sequence[str], lines: Sequence[str]) -> None:
        rows = "".join(f"{line}{CLEAR}\n" for line in (*above, *lines))
        self._rest += f"{self._up()}{rows}{BELOW}".encode(self._encoding, "replace")
        self._shown = list(lines)
        self._drained()

    def _drained(self) -> bool:
        """Whether all is written. Half a picture is never thrown away: its other half goes out before the next."""
        try:
            while self._rest:
                self._rest = self._rest[os.write(self._terminal, self._rest) :]
        except BlockingIOError:
            return False
        return True

    def _up(self) -> str:
        """To the first row of the picture. A window that became narrower has broken its lines into more rows."""
        if not self._shown:
            return ""
        from rich.cells import cell_len  # noqa: PLC0415 - only a terminal pays for it (0.1 s)

        columns = os.get_terminal_size(self._terminal).columns or UNKNOWN
        rows = sum(max(1, -(-cell_len(COLOUR.sub("", line)) // columns)) for line in self._shown)
        return f"\r\x1b[{rows}A" + (BELOW if rows > len(self._shown) else "")

    @property
    def _in_front(self) -> bool:
        """Whether we are not in the background of our terminal, where the shell is at work."""
        try:
            return os.tcgetpgrp(self._terminal) in {os.getpgrp(), 0}
        except OSError:  # a terminal that does not control us: it has no background for us
            return True
