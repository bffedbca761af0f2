"""Where a listing and the article's own page say different things.

A listing line disagrees when no revision ever said the same: a headline that the agency changed on both pages is no
disagreement, a time that only the listing shows is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_CLOCK = re.compile(r"(?<!\d)(\d{1,2}):(\d\d)(?!\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class ListingClaim:
    """What a listing line says. `printed_time` as printed (``14:41``, ``7 August, 15:01``), `day` its local date."""

    headline: str
    printed_time: str | None = None
    day: str | None = None


@dataclass(frozen=True, slots=True)
class PageClaim:
    """What a revision says. `published_at` is UTC text; None when the page shows no date."""

    headline: str
    published_at: str | None = None


def disagreements(said: ListingClaim, revisions: Iterable[PageClaim], zone: ZoneInfo) -> tuple[str, ...]:
    """Which of ``headline``, ``time`` and ``day`` no revision confirms. Nothing to compare with is no disagreement.
    `zone`: that of the edition.

    >>> said, read = ListingClaim("Harvest begins", "14:41"), [PageClaim("Harvest begins", "2022-08-24T11:45:00Z")]
    >>> disagreements(said, read, ZoneInfo("Europe/Tallinn"))
    ('time',)
    """
    read = tuple(revisions)
    if not read:
        return ()
    published = [datetime.fromisoformat(one.published_at).astimezone(zone) for one in read if one.published_at]
    verdicts = {
        "headline": _plain(said.headline) in {_plain(one.headline) for one in read},
        "time": _time_holds(said.printed_time, published),
        "day": said.day is None or not published or said.day in {f"{time:%Y-%m-%d}" for time in published},
    }
    return tuple(name for name, agrees in verdicts.items() if not agrees)


def _plain(headline: str) -> str:
    return " ".join(headline.split())


def _time_holds(printed: str | None, published: Sequence[datetime]) -> bool:
    clock = _CLOCK.search(printed or "")
    if clock is None or not published:
        return True
    return (int(clock[1]), int(clock[2])) in {(time.hour, time.minute) for time in published}
