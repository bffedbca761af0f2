"""Health: what a monitor is told, and what it finds. The monitors are crawler/monitors/catalogue.py, rhythm.py and
completeness.py; the facts come from storage/monitoring/facts.py.

A monitor judges one edition (or the archive as a whole) as it was at `EditionFacts.now`, the end of its last crawl: an
archive that nobody crawls any more is not ill. Between ``well`` and ``trouble`` lies ``doubtful``: no incident begins
there and none ends, so what swings around a limit is told once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.rules.walls import Wall

State = Literal["well", "doubtful", "trouble"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one monitor found: one line each of what was measured, what is normal and what to do.

    `subject` names the part that is concerned (``harbour/2018-paragraphs tags``), empty for the whole. `value` and
    `limit` are the numbers compared, None where there is nothing to compare yet.
    """

    monitor: str
    state: State
    measured: str
    normal: str
    advice: str = ""
    subject: str = ""
    value: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class CrawlRecord:
    """A crawl of the ledger. `finished_at` and `outcome` are None where it was killed or is running.

    `waiting`: articles that waited for another try when it ended; None where nobody counted: killed or imported.
    """

    crawl_id: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    waiting: int | None
    pages: int


@dataclass(frozen=True, slots=True)
class FieldsRead:
    """Which fields a page of an article told, and which it left empty, by the era that read it.

    A field that is in neither says nothing: a caption where there is no photo.
    """

    era: str
    filled: frozenset[str]
    empty: frozenset[str]


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """A change that the site made to all of its pages at once. `says` is what it did, in words; `digest` names it.

    `articles` show it, the first of them since `since`.
    """

    digest: str
    says: str
    articles: int
    since: datetime


@dataclass(frozen=True, slots=True)
class EditionFacts:
    """The facts about one edition. All sequences begin with the newest.

    `appeared`: when its articles of the last weeks came out. `readings`: what came of reading the article pages that
    could be read. `riddles`: when the pages were fetched that no parser reads to this day, `riddle` the commonest
    reason. `told`: the fields of recent articles, not of old ones that were met late. `holes`: in words.
    `waiting`: articles to be tried again after a failure. `lost`: stretches that the last crawl found to be lost, in
    words. `unknown`: addresses of unknown form that listings of the last day led to. `walls`: what the site does
    instead of showing its articles; `behind`: articles that are still absent since the time of a wall that was noticed,
    and not decided. `dresses`: changes of the template of late.
    """

    edition: str
    now: datetime
    timezone: ZoneInfo
    crawls: tuple[CrawlRecord, ...] = ()
    complete_at: datetime | None = None
    appeared: tuple[datetime, ...] = field(default=(), repr=False)
    readings: tuple[str, ...] = field(default=(), repr=False)
    riddles: tuple[datetime, ...] = field(default=(), repr=False)
    riddle: str | None = None
    told: tuple[FieldsRead, ...] = field(default=(), repr=False)
    holes: tuple[str, ...] = ()
    waiting: int = 0
    lost: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    walls: tuple[Wall, ...] = ()
    behind: int = 0
    dresses: tuple[TemplateChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Disk:
    """Bytes: left on the disk, taken by the archive, and what it grows by a day."""

    free: int
    size: int
    daily: float


EASE = 0.7
"""Below this part of its limit a value is well again."""


def graded(value: float, limit: float, ease: float = EASE) -> State:
    """The state of a value that should not be above its limit.

    >>> graded(3, 10), graded(8, 10), graded(11, 10)
    ('well', 'doubtful', 'trouble')
    """
    if value > limit:
        return "trouble"
    return "doubtful" if value > limit * ease else "well"


Key = tuple[str, str]
"""Monitor and subject: what an incident is about. One edition has one open incident of a key at most."""


def changes(open_keys: Iterable[Key], findings: Iterable[Finding]) -> tuple[list[Finding], list[Key]]:
    """The findings with which incidents begin, and the keys of open incidents that are over.

    A subject that its monitor does not mention any more is well. What belongs to a monitor that was not asked stays.
    """
    found = {(finding.monitor, finding.subject): finding for finding in findings}
    asked = {monitor for monitor, _ in found}
    known = set(open_keys)
    begun = [finding for key, finding in found.items() if finding.state == "trouble" and key not in known]
    over = [key for key in sorted(known) if key[0] in asked and (key not in found or found[key].state == "well")]
    return begun, over


def lasting(span: timedelta) -> str:
    """A span of time for people, in its two largest units.

    >>> lasting(timedelta(hours=26, minutes=10)), lasting(timedelta(seconds=40))
    ('1 d 2 h', '0 min')
    """
    minutes = max(int(span.total_seconds() // 60), 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
    shown = [f"{number} {unit}" for number, unit in parts[first : first + 2] if number]
    return " ".join(shown) or "0 min"
