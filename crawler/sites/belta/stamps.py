"""When an article was published: which printed text says so, and what instant it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from crawler.dates import parse_stamp
from crawler.records import FAILED, NOT_ON_PAGE
from crawler.sites.belta.page import Mismatch, Page, Rule

MINSK: Final = ZoneInfo("Europe/Minsk")


@dataclass(frozen=True, slots=True)
class Stamp:
    """`at`: aware UTC, None when nothing on the page could be read as a time. `printed`: the text that it was read
    from, or the first that could not be read. `source`: the rule that gave it, or which absence it is.
    """

    at: datetime | None
    printed: str | None
    source: str


def read_stamp(rules: Iterable[Rule[str]], page: Page) -> Stamp:
    """The first printed time that is one. The header's date is the day of the crawl: no rule may look there."""
    failed: Stamp | None = None
    for source, rule in rules:
        try:
            printed = rule(page)
        except Mismatch as mismatch:
            failed = failed or Stamp(None, None, f"{FAILED}{mismatch}")
            continue
        if printed is None:
            continue
        at = parse_stamp(printed, language=page.edition.language, timezone=MINSK)
        if at is not None:
            return Stamp(at, printed, source)
        failed = failed or Stamp(None, printed, f"{FAILED}{source} is no time")
    return failed or Stamp(None, None, NOT_ON_PAGE)
