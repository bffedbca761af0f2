"""The agency of the demonstration: invented news on BelTA's engine, in every layout and era of it."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

from crawler.records import Edition
from crawler.sites.belta import BeltaSite

DEMO: Final = BeltaSite(
    name="demo",
    agency="Demo Wire",
    timezone=ZoneInfo("Europe/Minsk"),
    editions=(Edition("demo", "demo.example", "en"),),
)
