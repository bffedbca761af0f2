"""The settings by which a run keeps its manners, read and checked before anything is opened.

A wrong one is an `ArgumentError`: one line that names the setting, what it got, and what it takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from crawler.errors import ArgumentError, NotYet, Resting, Stopped
from crawler.rules.politeness import QuietHours, check_contact, check_user_agent, user_agent
from crawler.settings import VERSION

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from scrapy.settings import BaseSettings

WHOLE: Final[Mapping[str, int]] = {
    "REQUESTS_PER_DAY": 0,
    "REFUSALS_BEFORE_LEAVING": 1,
    "BREAKS_BEFORE_LEAVING": 1,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
    "DOWNLOAD_MAXSIZE": 1,
    "HEAD_MAXSIZE": 1,
    "REDIRECT_MAX_TIMES": 0,
    "RETRY_TIMES": 0,
    "URLLENGTH_LIMIT": 0,
}
SECONDS: Final = (
    "DOWNLOAD_DELAY", "AUTOTHROTTLE_START_DELAY", "AUTOTHROTTLE_MAX_DELAY", "CRAWL_DELAY_LIMIT", "REFUSAL_DELAY",
    "RETRY_AFTER_LIMIT", "BREAK_DELAY", "DOWNLOAD_TIMEOUT", "STUCK_TIMEOUT",
)  # fmt: skip
SWITCHES: Final = ("ROBOTSTXT_OBEY", "CRAWL_DELAY_OBEY", "AUTOTHROTTLE_ENABLED")
LONGEST: Final = 10**9
CMDLINE: Final = 40  # Scrapy's priority of what stands on the command line


@dataclass(frozen=True, slots=True)
class Limits:
    """When a run may ask, and how often. `stop_file`: None where there is none to look for."""

    quiet: QuietHours
    stop_file: Path | None
    requests_per_day: int
    named_budget: bool

    def budget(self, *, at_home: bool) -> int | None:
        """Requests that an edition may take a day; None for any number: a site on this machine needs no manners,
        unless the command line says so.
        """
        return (self.requests_per_day or None) if self.named_budget or not at_home else None

    def shut(self, now: datetime, zone: ZoneInfo) -> NotYet | None:
        """Why nobody may be asked at this moment: somebody wants it so, or the site's hours of rest. None else."""
        if self.stop_file is not None and self.stop_file.exists():
            return Stopped(f"the stop file {self.stop_file} exists: nothing is asked until it is removed")
        hours = self.quiet.at(now.astimezone(zone).time())
        if hours is not None:
            return Resting(f"quiet hours {hours} ({zone.key}): nothing is asked until they are over")
        return None


def read_limits(settings: BaseSettings) -> Limits:
    """Check the settings. Raises ArgumentError."""
    for name, least in WHOLE.items():
        _whole(settings, name, least)
    for name in SECONDS:
        _seconds(settings, name)
    for name in SWITCHES:
        _switch(settings, name)
    if settings["SUMMARY"] not in {"always", "never", "auto"}:
        raise ArgumentError(f"SUMMARY={settings['SUMMARY']}: takes always, never or auto")
    _check_name(settings)
    stop_file = str(settings["STOP_FILE"] or "")
    if "\0" in stop_file:
        raise ArgumentError("STOP_FILE: takes the path of a file")
    return Limits(
        quiet=QuietHours.read(str(settings["QUIET_HOURS"] or "")),
        stop_file=Path(stop_file) if stop_file else None,
        requests_per_day=_whole(settings, "REQUESTS_PER_DAY", 0),
        named_budget=(settings.getpriority("REQUESTS_PER_DAY") or 0) >= CMDLINE,
    )


def _check_name(settings: BaseSettings) -> None:
    """Who we say we are. A contact on the command line goes into the user agent too."""
    contact = str(settings["CONTACT"] or "")
    check_contact(contact)
    if (settings.getpriority("CONTACT") or 0) > (settings.getpriority("USER_AGENT") or 0):
        settings.set("USER_AGENT", user_agent(VERSION, contact), priority="cmdline")
    check_user_agent(str(settings["USER_AGENT"] or ""))


def _whole(settings: BaseSettings, name: str, least: int) -> int:
    value = settings[name]
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if not least <= number <= LONGEST or len(str(value)) > len(str(LONGEST)):
        raise ArgumentError(f"{name}={value}: takes a whole number, {least} or more")
    return number


def _seconds(settings: BaseSettings, name: str) -> None:
    value = settings[name]
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= LONGEST:  # not a number is neither
        raise ArgumentError(f"{name}={value}: takes a number of seconds, 0 or more")


def _switch(settings: BaseSettings, name: str) -> None:
    try:
        settings.getbool(name)
    except ValueError as error:
        raise ArgumentError(f"{name}={settings[name]}: takes True or False") from error
