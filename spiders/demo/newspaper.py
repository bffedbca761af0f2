"""One newspaper: an agency's news in a dress, printed under rules, on days with and without faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from spiders.demo.dress import Dress
from spiders.demo.faults import Faults
from spiders.demo.history import Newsroom

PastEnd = Literal["404", "empty", "first", "last"]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the newspaper sends for one request, and how it fails to.

    `body` is as it goes over the wire (content-encoded); ``Content-Length`` in `headers` is what was promised.
    `sent` bytes of the body really go out before the connection is dropped, None: all of them, and it stays open.
    A `broken` answer is none at all: the connection is refused or reset. It comes after `delay` seconds.
    `fault` names what is wrong with it, None when it is what it should be.
    """

    status: int
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    sent: int | None = None
    broken: Literal["refused", "reset"] | None = None
    delay: float = 0.0
    fault: str | None = None

    def header(self, name: str) -> str | None:
        """First value of a header by case-insensitive name; None when it is not sent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Newspaper:
    """What `respond` needs beside the request.

    `redesigns`: from an aware time on it wears another dress, for old stories too; in the order of their times.
    `past_end`: what comes after the last page: not found, an empty page, or the first or last page once more.
    `calm`: pages depend on the story alone; otherwise date, weather and sidebar change with every request.
    `validators`: sends ``ETag`` and ``Last-Modified`` and answers 304. `gzip`: compresses for those who accept it.
    `crawl_delay` in seconds stands in robots.txt, None: nothing does. `furniture`: see `dress.Sheet`.
    """

    newsroom: Newsroom
    dress: Dress = field(default_factory=Dress)
    redesigns: tuple[tuple[datetime, Dress], ...] = ()
    page_size: int = 20
    past_end: PastEnd = "404"
    calm: bool = False
    validators: bool = False
    gzip: bool = True
    crawl_delay: float | None = None
    furniture: int = 0
    faults: Faults = field(default_factory=Faults)

    def worn(self, now: datetime) -> Dress:
        """The dress of an aware time."""
        worn = [dress for since, dress in self.redesigns if since <= now]
        return worn[-1] if worn else self.dress


RequestHeaders = Mapping[str, str]
"""By lower-case name."""
