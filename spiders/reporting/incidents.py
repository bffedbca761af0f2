"""What a run has to say of incidents: it looks at the monitors when it begins and ends, and has people told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from crawler.errors import ArchiveError
from spiders.reporting.notifications import Channel, channels, tell
from storage.monitoring import watch
from storage.monitoring.incidents import IncidentChanges
from storage.write.archive import Archive

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

    from spiders.clock import Clock


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
