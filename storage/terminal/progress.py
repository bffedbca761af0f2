"""How far a long command is: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

Tell = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is in all (0: not known)."""


def quiet(what: str, done: int, total: int) -> None:
    """Tells nobody."""


@contextmanager
def bar(stream: TextIO | None = None, *, unit: str = "") -> Iterator[Tell]:
    """Shows progress on a terminal (stderr, unless another stream is given) until the block ends.

    >>> with bar(unit="pages") as tell:  # nothing to see here: not a terminal
    ...     tell("reading", 10, 200)
    """
    out = sys.stderr if stream is None else stream
    if not out.isatty():
        yield quiet
        return
    from rich import progress  # noqa: PLC0415 - only a terminal pays for it (0.1 s)
    from rich.console import Console  # noqa: PLC0415 - the same

    columns = (
        progress.TextColumn("{task.description:<10}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TextColumn(unit),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=Console(file=out), transient=True) as shown:
        tasks: dict[str, progress.TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for finished in tasks.values():
                    shown.update(finished, visible=False)
                tasks[what] = shown.add_task(what, total=None)
            shown.update(tasks[what], completed=done, total=total or None)

        yield tell
