"""Numbers and days as the reading room prints them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo  # noqa: F401 - of the examples

from storage.read.zones import Zones
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


def clock(text: str | None, zones: Zones, edition: str) -> str:
    """A time of the archive by the clock of an edition, to the minute; with its zone where the archive has several."""
    return zones.local(edition, text)


def words(text: str, zone: tzinfo) -> str:
    """A time of the archive in words, by the clock of a zone.

    >>> words("2022-08-24T11:41:00Z", ZoneInfo("Europe/Tallinn"))
    'Wednesday, 24 August 2022, 14:41'
    """
    time = datetime.fromisoformat(text).astimezone(zone)
    return f"{day(time.date())}, {time:%H:%M}"


def zulu(text: str, zone: tzinfo) -> str:
    """A time of the archive as it is in UTC, to stand behind the same in a zone: the date where it is another one.

    >>> [zulu(text, ZoneInfo("Europe/Tallinn")) for text in ("2022-08-24T11:41:00Z", "2022-08-24T22:41:00Z")]
    ['11:41Z', '2022-08-24 22:41Z']
    """
    time = datetime.fromisoformat(text)
    same = time.astimezone(zone).date() == time.date()
    return f"{time:%H:%M}Z" if same else f"{time:%Y-%m-%d %H:%M}Z"


def language(tag: str) -> str:
    """A language as an attribute takes it: what is no tag of a language is "undetermined".

    >>> language("zh-Hans"), language('en" onclick="')
    ('zh-Hans', 'und')
    """
    return tag if LANGUAGE.fullmatch(tag) else "und"


def when(text: str | None, zones: Zones, edition: str) -> str:
    """A time of the archive by the clock of an edition, with its zone where the archive has several.

    >>> zones = Zones({"harbour-en": ZoneInfo("Europe/Tallinn")})
    >>> when("2022-08-24T11:41:00Z", zones, "harbour-en"), when(None, zones, "harbour-en")
    ('24 Aug 2022, 14:41', 'no date')
    """
    if text is None:
        return "no date"
    zone = zones.of(edition)
    time = datetime.fromisoformat(text).astimezone(zone)
    return f"{time.day} {time:%b %Y, %H:%M}" + (f" {zone.key}" if zones.several else "")


def on(day: date | None) -> str:
    """A day without its weekday.

    >>> on(date(2022, 8, 25))
    '25 August 2022'
    """
    return "no date" if day is None else f"{day.day} {day:%B %Y}"


def host(url: str) -> str:
    """Whose page an address is; empty where it is no address.

    >>> host("https://news.harbour.example/politics/view/x-1-2022/")
    'news.harbour.example'
    """
    try:
        return urlsplit(url).netloc
    except ValueError:  # brackets that are no IPv6 address
        return ""
