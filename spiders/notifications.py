"""Notices: somebody is told when an incident begins and when it is over, by a command or through apprise.

Addresses of apprise hold tokens and passwords. They are read from the settings, handed to apprise, and stand nowhere
else: a channel is named by its place in the list, and what apprise itself would log is not logged.
"""

from __future__ import annotations

import logging
import os
import re
import shlex
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from crawler.errors import ArchiveError
from crawler.sites import zone_of
from storage.monitoring import watch
from storage.monitoring.incidents import Incident, IncidentChanges, Notice, take, told
from storage.terminal.lines import LineWriter, Span, printable
from storage.terminal.moments import local, stamp, time_of, utc
from storage.write.archive import Archive

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from spiders.clock import Clock

ENOUGH: Final = 60.0  # seconds that a run spends on telling; the rest is left to the next
SECRET: Final = "DATELINE_NOTIFY"  # noqa: S105 - the name of what the command must not see
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,20})://", re.IGNORECASE)
_WORDS: Final = {"begun": "", "over": "over: ", "test": "test: "}


@dataclass(frozen=True, slots=True)
class Notification:
    """What is sent: a line, a text, and the facts for programs."""

    title: str
    text: str
    facts: Mapping[str, str]


class Channel(Protocol):
    """A way to tell somebody. `name` is noted in the archive with what was delivered."""

    @property
    def name(self) -> str: ...

    def deliver(self, message: Notification) -> str | None:
        """Sends a message. Returns why it could not be delivered, None when it was."""
        ...


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """A program, without a shell: the text on its stdin, the facts in its environment as DATELINE_NOTICE_..."""

    command: str | Sequence[str] = field(repr=False)
    timeout: float
    name: str = "command"

    def deliver(self, message: Notification) -> str | None:
        facts = {f"DATELINE_NOTICE_{name.upper()}": text for name, text in message.facts.items()}
        environment = {name: value for name, value in os.environ.items() if name != SECRET} | facts
        try:
            words = shlex.split(self.command) if isinstance(self.command, str) else list(self.command)
            done = subprocess.run(  # noqa: S603 - the user's own command, no word of it comes from a page
                words,
                input=f"{message.title}\n\n{message.text}".encode(),
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=self.timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"it did not end within {self.timeout:g} seconds"
        except OSError as error:
            return f"it could not be started: {error.strerror}"
        except ValueError as error:  # an open quotation mark
            return f"NOTIFY_COMMAND is no command line: {error}"
        return None if done.returncode == 0 else f"it ended with exit code {done.returncode}"


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """An address of apprise, the `number`th of NOTIFY."""

    url: str = field(repr=False)
    number: int

    @property
    def name(self) -> str:
        return f"address {self.number}"

    def deliver(self, message: Notification) -> str | None:
        try:
            import apprise  # noqa: PLC0415 - an extra, and a second to import: only where there is something to tell
        except ModuleNotFoundError:
            return "apprise is not installed: pip install 'dateline[notify]'"
        kind = apprise.NotifyType.WARNING if message.facts["occasion"] == "begun" else apprise.NotifyType.INFO
        with _unlogged():
            sender = apprise.Apprise()
            if not sender.add(self.url):
                return "apprise does not know such an address"
            sent = sender.notify(title=message.title, body=message.text, notify_type=kind)
        return None if sent else f"{self._service} did not take it"

    @property
    def _service(self) -> str:
        match = _SCHEME.match(self.url)
        return f"the service {match[1].lower()}" if match else "the service"


@contextmanager
def _unlogged() -> Iterator[None]:
    """Nothing is logged meanwhile: apprise, and what it sends with, log addresses."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def channels(settings: BaseSettings) -> list[Channel]:
    """What the settings NOTIFY_COMMAND and NOTIFY (addresses of apprise, white space between them) name."""
    command: Any = settings["NOTIFY_COMMAND"]
    addresses: Any = settings["NOTIFY"] or ()
    found: list[Channel] = [CommandChannel(command, settings.getfloat("NOTIFY_TIMEOUT"))] if command else []
    split = addresses.split() if isinstance(addresses, str) else list(addresses)
    return found + [AppriseChannel(url, number) for number, url in enumerate(split, 1)]


def tell(target: str, editions: Sequence[str], ways: Sequence[Channel], now: datetime) -> list[str]:
    """Tells of the incidents of these editions and of the archive what was not told yet. Returns what went wrong, a
    line each: the next run tries that again.
    """
    if not ways:
        return []
    try:
        with Archive.open(target) as archive:
            return list(_tell(archive, editions, {way.name: way for way in ways}, now))
    except ArchiveError as error:
        return [f"no notice could be sent: {error}"]


def _tell(archive: Archive, editions: Sequence[str], ways: Mapping[str, Channel], now: datetime) -> Iterator[str]:
    end = time.monotonic() + ENOUGH
    for notice in take(archive, editions, list(ways), now):
        delivered = []
        for name in notice.channels:
            late = time.monotonic() > end
            problem = "left to the next run" if late else ways[name].deliver(message_of(notice, str(archive.place)))
            if problem is None:
                delivered.append(name)
            else:
                yield f"notice of {about(notice.incident)} by {name}: {problem}"
        told(archive, notice, delivered)


def message_of(notice: Notice, place: str) -> Notification:
    """The words of a notice."""
    incident, occasion = notice.incident, notice.occasion
    lines = [incident.measured, f"Normal: {incident.normal}"]
    since = at_home(incident.edition, incident.began_at)
    if occasion == "begun":
        lines += [f"To do: {incident.advice}", f"Since {since}."]
    else:
        lines += [f"It lasted from {since} to {at_home(incident.edition, incident.over_at)}."]
    lines.append(f"Archive: {place} (`dateline status`)")
    facts = {
        "occasion": occasion,
        "incident": str(incident.incident_id),
        "edition": incident.edition,
        "monitor": incident.monitor,
        "subject": incident.subject,
    }
    text = "".join(f"{printable(line)}\n" for line in lines)
    title = printable(f"Dateline: {_WORDS[occasion]}{about(incident)}")
    return Notification(title, text, {name: printable(fact) for name, fact in facts.items()})


def trial(now: datetime) -> Notification:
    """What `scrapy notify` sends."""
    facts = {"occasion": "test", "incident": "", "edition": "", "monitor": "test", "subject": ""}
    text = f"Sent at {utc(stamp(now))}: notices of incidents come this way.\n"
    return Notification("Dateline: test: nothing is wrong", text, facts)


def at_home(edition: str, text: str | None) -> str:
    """A time by the clock of an edition, and whose it is; UTC for what concerns the whole archive.

    >>> at_home("kazinform-rus", "2022-08-24T11:41:00Z"), at_home("", "2022-08-24T11:41:00Z")
    ('2022-08-24 17:41, Asia/Almaty time', '2022-08-24 11:41, UTC')
    """
    zone = zone_of(edition)
    return f"{local(text, zone)}, {time_of(zone)}"


def about(incident: Incident) -> str:
    """An incident in a few words.

    >>> about(Incident(1, "harbour-en", "fields", "harbour/2018-paragraphs tags", "", "", "", "", None))
    'harbour-en: fields, harbour/2018-paragraphs tags'
    """
    subject = f", {incident.subject}" if incident.subject else ""
    return f"{incident.edition or 'the archive'}: {incident.monitor}{subject}"


def last_words(noted: IncidentChanges, untold: Sequence[str], paper: LineWriter) -> None:
    """What a run changed: incidents that begun, with what to do, those that are over, and who could not be told."""
    for one in noted.begun:
        paper.line(Span(about(one), "alarm"), f": {one.measured} (normal: {one.normal})")
        paper.line(f"to do: {one.advice}", indent=2)
    for one in noted.over:
        paper.line(Span(about(one), "good"), f": over; it began at {at_home(one.edition, one.began_at)}")
    for line in untold:
        paper.line(line)


# What a run has to say of incidents: it looks at the monitors when it begins and ends, and has people told.


class IncidentReport:
    """`noted` is what changed, `untold` what could not be looked at or delivered, a line each."""

    def __init__(self, clock: Clock) -> None:
        self.noted = IncidentChanges()
        self.untold: list[str] = []
        self._clock = clock
        self._target = ""
        self._editions: Sequence[str] = ()
        self._ways: list[Channel] = []

    def begin(self, archive: Archive, settings: BaseSettings, editions: Sequence[str]) -> None:
        """When the crawls are in the ledger. Raises ArchiveError."""
        self._target, self._editions, self._ways = settings["DATABASE_URL"], editions, channels(settings)
        self.noted = watch.before(archive, editions, self._clock.now())
        if self.noted.begun:  # at once: this run may be killed as the last ones were
            self.tell()

    def end(self, archive: Archive, ended: Mapping[str, int], troubles: Collection[str | None]) -> None:
        """When the crawls (edition -> crawl_id) came to their end: none, where the archive cannot be written.

        `troubles` ended them, and are said already.
        """
        if not ended:  # that was said already
            return
        try:
            self.noted = self.noted.then(watch.after(archive, ended, self._clock.now()))
        except ArchiveError as error:
            if str(error) not in troubles:
                self.untold.append(f"the monitors could not look: {error}")

    def tell(self) -> None:
        """Once nothing waits for the run any more: it may take a while."""
        self.untold += tell(self._target, self._editions, self._ways, self._clock.now())
