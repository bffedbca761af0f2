"""Numbers and days as the reading room prints them."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

from storage.terminal.moments import MINSK
from storage.web.allowlist import LANGUAGE


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


def minsk_words(text: str) -> str:
    """A time of the archive in words, as people in Minsk read it.

    >>> minsk_words("2022-08-24T11:41:00Z")
    'Wednesday, 24 August 2022, 14:41'
    """
    time = datetime.fromisoformat(text).astimezone(MINSK)
    return f"{day(time.date())}, {time:%H:%M}"


def zulu(text: str) -> str:
    """A time of the archive as it is in UTC, to stand behind the same in Minsk: the date where it is another one.

    >>> zulu("2022-08-24T11:41:00Z"), zulu("2022-08-24T22:41:00Z")
    ('11:41Z', '2022-08-24 22:41Z')
    """
    time = datetime.fromisoformat(text)
    same = time.astimezone(MINSK).date() == time.date()
    return f"{time:%H:%M}Z" if same else f"{time:%Y-%m-%d %H:%M}Z"


def language(tag: str) -> str:
    """A language as an attribute takes it: what is no tag of a language is "undetermined".

    >>> language("zh-Hans"), language('en" onclick="')
    ('zh-Hans', 'und')
    """
    return tag if LANGUAGE.fullmatch(tag) else "und"


def when(text: str | None) -> str:
    """A time of the archive as people in Minsk read it.

    >>> when("2022-08-24T11:41:00Z"), when(None)
    ('24 Aug 2022, 14:41', 'no date')
    """
    if text is None:
        return "no date"
    time = datetime.fromisoformat(text).astimezone(MINSK)
    return f"{time.day} {time:%b %Y, %H:%M}"


def on(text: str | None) -> str:
    """The day of a time of the archive in Minsk.

    >>> on("2022-08-24T21:41:00Z")
    '25 August 2022'
    """
    if text is None:
        return "no date"
    time = datetime.fromisoformat(text).astimezone(MINSK)
    return f"{time.day} {time:%B %Y}"


def host(url: str) -> str:
    """Whose page an address is; empty where it is no address.

    >>> host("https://eng.belta.by/politics/view/x-1-2022/")
    'eng.belta.by'
    """
    try:
        return urlsplit(url).netloc
    except ValueError:  # brackets that are no IPv6 address
        return ""
