"""Numbers and days as the reading room prints them."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit


def number(value: float) -> str:
    """A number with its thousands set apart.

    >>> number(200000)
    '200,000'
    """
    return f"{value:,}"


def day(value: date | str) -> str:
    """A day in words.

    >>> day("2022-08-24")
    'Wednesday, 24 August 2022'
    """
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return f"{found:%A}, {found.day} {found:%B} {found.year}"


def host(url: str) -> str:
    """Whose page an address is.

    >>> host("https://eng.belta.by/politics/view/x-1-2022/")
    'eng.belta.by'
    """
    return urlsplit(url).netloc
