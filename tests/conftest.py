"""What holds for every test: no network, nothing left out in CI, no deadline that a busy machine would break."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.ready_made import ready_made

IN_CI = os.environ.get("CI") == "true"

# A deadline measures the machine, not the code. In CI the examples are the same in every run, so that a red run is
# red for the change that it tests.
settings.register_profile("dateline", deadline=None, derandomize=IN_CI, print_blob=True)
settings.load_profile("dateline")


@pytest.fixture(scope="session", autouse=True)
def _ready_made() -> Iterator[None]:
    """Without it, half of what a small test costs is a new archive and the compiling of its statements."""
    with ready_made():
        yield


class NetworkForbidden(RuntimeError):
    """A test reached for an address beyond this machine. Raised where it did, never to be caught."""


def _is_here(host: str) -> bool:
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _stay_here(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if not _is_here(host):
            message = f"tests use saved pages and servers on loopback, not {host}"
            raise NetworkForbidden(message)


sys.addaudithook(_stay_here)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests of a module are run in a row by one worker (`--dist loadgroup`), and so are those that share
    what is made once a module: every worker with a part of them would make its own.
    """
    for item in items:
        if item.get_closest_marker("chromium") or _shares(item):
            item.add_marker(pytest.mark.xdist_group(item.path.name))


def _shares(item: pytest.Item) -> bool:
    found = getattr(item, "_fixtureinfo", None)  # pytest has no public name for it
    fixtures = found.name2fixturedefs.values() if found is not None else ()
    return any(fixture.scope == "module" for known in fixtures for fixture in known)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a skipped test is a failed one: what it needs is to be installed by .ci/run."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and in CI nothing may be: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Likewise for a whole module that skips itself."""
    report = yield
    if IN_CI and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, and in CI nothing may be: {report.longrepr}"
    return report
