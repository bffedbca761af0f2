"""Two versions of a field as a person compares them: what went, and what came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal

Line = tuple[Literal["-", "+"], str]

AROUND = 40  # characters shown beside what differs within a long line
LONG = 160  # characters of a line that is shown whole


def redline(before: Any, after: Any) -> Iterator[Line]:  # noqa: ANN401 - the value of any field
    r"""The lines that differ: paragraphs of a text, photos, tags, or the whole value.

    >>> list(redline("One.\n\nTwo.", "One.\n\nTwo and a half."))
    [('-', 'Two.'), ('+', 'Two and a half.')]
    >>> list(redline(None, "Reuters"))
    [('+', 'Reuters')]
    """
    old, new = _lines(before), _lines(after)
    for kind, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield from _replaced(old[first:last], new[start:end])


def _lines(value: Any) -> list[str]:  # noqa: ANN401 - the value of any field
    if value is None:
        return []
    if isinstance(value, str):
        return value.split("\n\n")
    return [item if isinstance(item, str) else " | ".join(str(part) for part in item if part) for item in value]


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for was, now in zip_longest(old, new):
        if was is None or now is None:
            yield ("+", _cut(now, 0, 0)) if was is None else ("-", _cut(was, 0, 0))
            continue
        start = _shared(was, now)
        end = _shared(was[start:][::-1], now[start:][::-1])
        yield "-", _cut(was, start, end)
        yield "+", _cut(now, start, end)


def _shared(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))


def _cut(line: str, start: int, end: int) -> str:
    """A long line with only what differs and some of what stands around it: `start` and `end` characters are equal."""
    if len(line) <= LONG:
        return line
    first, last = max(0, start - AROUND), min(len(line), len(line) - end + AROUND)
    middle = line[first:last]
    if len(middle) > 2 * LONG:
        middle = f"{middle[:LONG]} … {middle[-LONG:]}"
    return f"{'…' if first else ''}{middle}{'…' if last < len(line) else ''}"


def tags_of(text: str | None) -> list[str] | None:
    """The tags of a revision as a list, from their column."""
    return None if text is None else list(json.loads(text))
