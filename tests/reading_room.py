"""The reading room as a reader meets it: `dateline serve` on an archive, and a headless Chromium that goes there.

A test module takes the fixtures with ``pytest_plugins = ("tests.reading_room_fixtures",)``; so all share one browser.
Tests that drive it carry ``pytest.mark.chromium``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from storage.web.application import application
from storage.web.server import address, listen, server

PATIENCE = 60_000  # milliseconds: a busy machine is no failure
SERIOUS = {"serious", "critical"}

expect.set_options(timeout=PATIENCE)


@contextmanager
def serving(archive: Path, *names: str) -> Iterator[str]:
    """The reading room of `archive` on loopback, from a thread; yields its address, without the last slash.

    `names` are host names by which it may be asked.
    """
    with application(archive, names=names) as app, listen("127.0.0.1", 0) as listening:
        room = server(app)
        thread = threading.Thread(target=room.run, args=([listening],))
        thread.start()
        try:
            yield address(listening).rstrip("/")
        finally:
            room.should_exit = True
            thread.join()


@contextmanager
def serving_process(archive: Path, *options: str) -> Iterator[str]:
    """The same, by `dateline serve` as a user starts it."""
    command = (sys.executable, "-m", "storage.cli", "--database", str(archive), "serve", "--port", "0", *options)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as room:
        assert room.stdout is not None
        try:
            said = room.stdout.readline()
            assert said.startswith("The reading room is open at http://"), said
            yield said.split()[6].rstrip("/")
        finally:
            room.send_signal(signal.SIGINT)
            assert room.wait(timeout=20) == 0


@dataclass
class Visitor:
    """A browser tab that notes what a calm page never has: `said` are lines of the console and errors of scripts,
    `asked` the hosts that were asked besides the reading room itself. `go` opens a page of the room.
    """

    page: Page
    room: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(f"pageerror: {error}"))
        self.page.on("request", self._see)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.room}{path}")
        return self.page

    def barriers(self) -> list[str]:
        """What axe-core finds serious on the page as it is, and of contrast in dark: the rule and what breaks it."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response
        self.page.emulate_media(color_scheme="dark")
        dark = self.page.evaluate("axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})")
        self.page.emulate_media(color_scheme="light")
        return [
            f"{rule['id']}: {node['html'][:120]}"
            for rule in (*found["violations"], *dark["violations"])
            if rule["impact"] in SERIOUS
            for node in rule["nodes"]
        ]

    def _hear(self, message: ConsoleMessage) -> None:
        self.said.append(f"{message.type}: {message.text}")

    def _see(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.room).netloc:
            self.asked.append(request.url)


@contextmanager
def visiting(browser: Browser, address: str, **options: object) -> Iterator[Visitor]:
    """A tab of its own in a fresh context (``color_scheme="dark"``, ``viewport=...``). On leaving, its console must
    have been silent and every request have gone to the reading room.
    """
    context = browser.new_context(**options)  # type: ignore[arg-type]  # passed through as given
    context.set_default_timeout(PATIENCE)
    try:
        visitor = Visitor(context.new_page(), address)
        yield visitor
        assert (visitor.said, visitor.asked) == ([], [])
    finally:
        context.close()
