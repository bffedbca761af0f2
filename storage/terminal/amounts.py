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


def lasting(seconds: float) -> str:
    """A length of time for people, as exact as they need it.

    >>> lasting(0.4), lasting(75), lasting(3 * 3600 + 1260), lasting(200_000)
    ('0 s', '1 min 15 s', '3 h 21 min', '2 d 7 h')
    """
    left = max(int(seconds), 0)
    parts = []
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        number, left = divmod(left, size)
        parts.append((number, unit))
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(f"{number} {unit}" for place, (number, unit) in enumerate(parts[:2]) if number or not place)
