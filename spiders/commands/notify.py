"""`scrapy notify`: a test notice on every channel. Sending is for the crawler: `dateline` opens no connection."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, cast

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from spiders.notifications import channels, trial

if TYPE_CHECKING:
    import argparse

    from scrapy.settings import Settings


class Command(ScrapyCommand):
    """Sends a test notice the way in which a run tells of incidents, and says what came of it.

    Exit code 0 when every channel took it; 1 when one did not, or none is set.
    """

    requires_project = True
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Send a test notice to NOTIFY and NOTIFY_COMMAND, as incidents are told; see docs/monitoring.md"

    def run(self, args: list[str], _: argparse.Namespace) -> None:
        """Send it."""
        if args:
            raise UsageError("scrapy notify takes no arguments: its channels are settings")
        settings = cast("Settings", self.settings)  # Scrapy sets it before it runs a command
        found = channels(settings)
        if not found:
            sys.stderr.write("dateline: nobody is told: set DATELINE_NOTIFY or DATELINE_NOTIFY_COMMAND\n")
        self.exitcode = 0 if found else 1
        for channel in found:
            problem = channel.deliver(trial(datetime.now(UTC)))
            sys.stdout.write(f"{channel.name}: {problem or 'delivered'}\n")
            if problem:
                self.exitcode = 1
