"""The pinned requirements: no address in them, and whole for Pythons and platforms that no one machine has."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCKS = ("run", "web", "dev")
ALL_LOCKS = (*LOCKS, "bench", "docs")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "darwin")

Environment = dict[str, str]


def pins(lock: str) -> dict[str, Requirement]:
    """Distribution name -> pinned requirement with its marker."""
    lines = (ROOT / "requirements" / f"{lock}.txt").read_text().splitlines()
    found = [Requirement(line.removesuffix("\\")) for line in lines if line and not line.startswith((" ", "#"))]
    return {canonicalize_name(pin.name): pin for pin in found}


def environments() -> list[Environment]:
    current: Environment = {**default_environment()}  # type: ignore[dict-item]
    return [
        {
            **current,
            "python_version": python,
            "python_full_version": f"{python}.0",
            "sys_platform": platform,
            "extra": "",
        }
        for python, platform in product(PYTHONS, PLATFORMS)
    ]


def wanted_by(pin: Requirement) -> list[Requirement]:
    """What a pinned distribution needs, by its own word; nothing when it is not for this Python."""
    try:
        return [Requirement(line) for line in distribution(pin.name).requires or ()]
    except PackageNotFoundError:
        assert pin.marker, f"{pin.name} is pinned and not installed"
        return []


def fits(pin: Requirement, python: str) -> bool:
    try:
        metadata = distribution(pin.name).metadata
    except PackageNotFoundError:
        assert pin.marker, f"{pin.name} is pinned and not installed"
        return True
    return "Requires-Python" not in metadata or SpecifierSet(metadata["Requires-Python"]).contains(python)


def applies(requirement: Requirement, environment: Environment) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(environment)


def is_met(wanted: Requirement, locked: dict[str, Requirement], environment: Environment) -> bool:
    pin = locked.get(canonicalize_name(wanted.name))
    if pin is None or not applies(pin, environment):
        return False
    version = next(iter(pin.specifier)).version
    return wanted.specifier.contains(version, prereleases=True)


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_lock_files_carry_no_address_and_no_path(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert re.findall(r"^.*(?:://| @ |--index|--find-links|--trusted).*$", text, re.MULTILINE) == []
    assert re.findall(r"(?:^|[\s(])[/~][\w.-]+/.*$", text, re.MULTILINE) == []


@pytest.mark.parametrize("lock", ALL_LOCKS)
def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    blocks = re.findall(r"^[\w.-]+(?:.*\\\n)*.*", text, re.MULTILINE)
    assert len(blocks) == len(pins(lock)) > len(PROJECT["dependencies"])
    assert [block for block in blocks if "--hash=sha256:" not in block] == []
    assert [str(pin) for pin in pins(lock).values() if [one.operator for one in pin.specifier] != ["=="]] == []


def test_run_lock_meets_every_declared_dependency() -> None:
    locked = pins("run")
    for declared in map(Requirement, PROJECT["dependencies"]):
        assert all(is_met(declared, locked, environment) for environment in environments()), declared


def test_dev_lock_holds_the_run_lock() -> None:
    dev = pins("dev")
    assert {name: str(pin) for name, pin in pins("run").items()} == {name: str(dev[name]) for name in pins("run")}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_whole_on_every_python_and_platform(lock: str) -> None:
    locked = pins(lock)
    missing = {
        f"{pin.name} needs {wanted} on Python {environment['python_version']}, {environment['sys_platform']}"
        for environment in environments()
        for pin in locked.values()
        if applies(pin, environment)
        for wanted in wanted_by(pin)
        if applies(wanted, environment) and not is_met(wanted, locked, environment)
    }
    assert missing == set()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_fits_the_pythons_that_install_it(lock: str) -> None:
    unfit = {
        f"{pin.name} is not for Python {environment['python_version']}"
        for environment in environments()
        for pin in pins(lock).values()
        if applies(pin, environment) and not fits(pin, environment["python_full_version"])
    }
    assert unfit == set()
