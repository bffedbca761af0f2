"""A terminal that can be read: what a process writes to it, and what a person would see of that."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.front_door import Task

SEQUENCE = re.compile(r"\x1b\[([0-9;]*)([A-Za-z])|\x1b(.?)", re.DOTALL)


@dataclass(slots=True)
class Screen:
    """Rows of text. Knows the few sequences that we send (up, clear, colours); any other is an AssertionError."""

    columns: int = 100
    rows: list[str] = field(default_factory=lambda: [""])
    row: int = 0
    column: int = 0
    pictures: list[str] = field(default_factory=list)

    def feed(self, text: str) -> None:
        """Show what was written. After every clearing of the rest of the screen `pictures` gets what is to be seen."""
        place = 0
        for found in SEQUENCE.finditer(text):
            self._plain(text[place : found.start()])
            self._control(found)
            place = found.end()
        self._plain(text[place:])

    @property
    def text(self) -> str:
        return "\n".join(row.rstrip() for row in self.rows).strip("\n")

    def _plain(self, text: str) -> None:
        for sign in text:
            if sign == "\n":
                self.row += 1
                if self.row == len(self.rows):
                    self.rows.append("")
            elif sign == "\r":
                self.column = 0
            else:
                assert sign >= " ", f"a control character: {sign!r}"
                assert self.column < self.columns, f"wider than the terminal: {self.rows[self.row]}"
                row = self.rows[self.row].ljust(self.column)
                self.rows[self.row] = row[: self.column] + sign + row[self.column + 1 :]
                self.column += 1

    def _control(self, found: re.Match[str]) -> None:
        number, letter = found[1], found[2]
        if letter == "A":
            self.row -= int(number)
            assert self.row >= 0, "above the screen"
        elif letter in {"K", "J"} and not number:
            self.rows[self.row] = self.rows[self.row][: self.column]
            if letter == "J":
                del self.rows[self.row + 1 :]
                self.pictures.append(self.text)
        else:
            assert letter == "m", f"an unknown sequence: {found[0]!r}"


@dataclass(slots=True)
class Terminal:
    """One end of a terminal. `written` is all that came out of the other end, whose path is `path`."""

    path: Path
    ours: int
    written: bytes = b""

    @property
    def screen(self) -> Screen:
        """What is to be seen. A line feed brings the terminal's own carriage return with it."""
        screen = Screen()
        screen.feed(self.written.decode())
        return screen

    def task(self, **environment: str) -> Task:
        """What a process does first to have its stderr here, and no other settings of terminals than these."""
        return partial(_onto, self.path, {"TERM": "xterm-256color", **environment})

    def resize(self, columns: int, rows: int = 24) -> None:
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self) -> None:
        """Read until the other end is closed."""
        while True:
            try:
                chunk = os.read(self.ours, 65_536)
            except OSError:  # what Linux says when nobody has the other end open any more
                return
            if not chunk:
                return
            self.written += chunk


def _onto(path: Path, environment: Mapping[str, str]) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "COLUMNS", "LINES"):
        os.environ.pop(name, None)
    os.environ.update(environment)
    terminal = os.open(path, os.O_WRONLY | os.O_NOCTTY)
    os.dup2(terminal, 2)
    os.close(terminal)


@contextmanager
def terminal(columns: int = 100, rows: int = 24) -> Iterator[Terminal]:
    """A terminal for the process that does its `task` first. Everything is read when the block is left."""
    ours, theirs = pty.openpty()
    made = Terminal(Path(os.ttyname(theirs)), ours)
    made.resize(columns, rows)
    reader = threading.Thread(target=made.read, daemon=True)
    reader.start()
    try:
        yield made
    finally:
        os.close(theirs)
        reader.join(10)
        os.close(ours)
