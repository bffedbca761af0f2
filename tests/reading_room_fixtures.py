"""Fixtures of the reading room, as a plugin: the same ones for every test module that asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.reading_room import Visitor, serving, visiting
from tests.sample_archive import troubled

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium for the tests of a module. Debian's; Playwright's own is never downloaded.

    While Playwright lives, no test in the same process can run an event loop of its own: it ends with its module, and
    tests/conftest.py keeps the tests of a module together.
    """
    if not CHROMIUM.exists():
        pytest.skip(f"NOT TESTED: {CHROMIUM} is missing (apt install chromium): the reading room was not looked at")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS), headless=True)
        try:
            yield chromium
        finally:
            chromium.close()


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the reading room of `troubled` (tests/sample_archive.py), where a bit of everything is."""
    with serving(troubled(tmp_path_factory.mktemp("room") / "wire.db")) as address:
        yield address


@pytest.fixture
def visitor(browser: Browser, room: str) -> Iterator[Visitor]:
    """A tab in the reading room of `room`."""
    with visiting(browser, room, viewport={"width": 1280, "height": 900}) as one:
        yield one
