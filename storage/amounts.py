"""Numbers in sentences."""

from __future__ import annotations

import math

_STEP = 1000
_UNITS = ("kB", "MB", "GB", "TB", "PB")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun.

    >>> counted(1, "article"), counted(12310, "article"), counted(2, "body", "bodies")
    ('1 article', '12,310 articles', '2 bodies')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def sized(size: int) -> str:
    """Bytes for people, in steps of 1000.

    >>> sized(312), sized(69_123), sized(1_234_000_000)
    ('312 bytes', '69.1 kB', '1.2 GB')
    """
    if size < _STEP:
        return counted(size, "byte")
    power = min(int(math.log(size, _STEP)), len(_UNITS))
    return f"{size / _STEP**power:.1f} {_UNITS[power - 1]}"
