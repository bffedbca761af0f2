"""The frame of the project: what is committed, pinned, packed and offered."""

from __future__ import annotations

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import zipfile
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
ROOMS = ("crawler", "pipelines", "spiders", "storage")
LOCKS = ("run", "dev")
TARGETS = {"crawl", "test", "lint", "check", "bench", "serve", "simulate", "clean", "venv", "lock", "help"}
MODULE_LINES, FUNCTION_LINES = 300, 40
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("linux", "darwin")

# In pieces, so that this file does not hold what it forbids.
REGISTRIES = tuple(
    f"{name}.{domain}"
    for name, domain in [
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("anaconda", "org"),
    ]
)

OF_OUTER_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARGS", "EDITION", "PYTHON"}

Environment = dict[str, str]


def run(*command: str, cwd: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command as if typed in `cwd`: without what an outer `make test` hands down to inner makes."""
    inherited = {name: value for name, value in os.environ.items() if name not in OF_OUTER_MAKE}
    return subprocess.run(
        command, cwd=cwd, env=inherited | variables, text=True, capture_output=True, check=False, timeout=120
    )


def committed_files() -> list[Path]:
    """Files that are in the repository or about to be. Of an unpacked archive, which has no repository: all."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    if listed.returncode:
        paths = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        return [
            path
            for path in paths
            if not set(path.parts) & {".venv", "build", "__pycache__"} and (ROOT / path).is_file()
        ]
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


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


def test_no_committed_file_names_a_package_registry() -> None:
    named = re.compile("|".join(map(re.escape, REGISTRIES)).encode())
    assert [str(path) for path in committed_files() if named.search((ROOT / path).read_bytes())] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_files_carry_no_address_and_no_path(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    assert re.findall(r"^.*(?:://| @ |--index|--find-links|--trusted).*$", text, re.MULTILINE) == []
    assert re.findall(r"(?:^|[\s(])[/~][\w.-]+/.*$", text, re.MULTILINE) == []


@pytest.mark.parametrize("lock", LOCKS)
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


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a wheel could be made of, so that building leaves the real checkout clean."""
    copy = tmp_path_factory.mktemp("checkout")
    for folder in (*ROOMS, "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "pages"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def test_wheel_holds_every_file_of_the_rooms_and_nothing_else(checkout: Path) -> None:
    rooms = {path for room in ROOMS for path in (checkout / room).rglob("*") if path.is_file()}
    build = "import sys; from setuptools.build_meta import build_wheel; print(build_wheel(sys.argv[1]))"
    done = run(sys.executable, "-c", build, str(checkout), cwd=checkout)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(checkout / done.stdout.split()[-1]) as wheel:
        packed = set(wheel.namelist())
    metadata = {name for name in packed if ".dist-info/" in name}
    assert packed - metadata == {path.relative_to(checkout).as_posix() for path in rooms}
    assert {Path(name).name for name in metadata} >= {"entry_points.txt", "LICENSE", "METADATA"}


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    documented = ast.get_docstring(function) is not None and first.end_lineno is not None
    docstring = first.end_lineno - first.lineno + 1 if documented and first.end_lineno else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def test_no_module_is_longer_than_300_lines_and_no_function_than_40() -> None:
    sources = {path.relative_to(ROOT): path.read_text() for path in modules()}
    long_modules = [str(path) for path, text in sources.items() if len(text.splitlines()) > MODULE_LINES]
    long_functions = [
        f"{path}: {node.name}"
        for path, text in sources.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and lines_without_docstring(node) > FUNCTION_LINES
    ]
    assert long_modules + long_functions == []


def test_make_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())  # type: ignore[index]
    offered = {line.split()[1] for line in run("make").stdout.splitlines() if line.startswith("make ")}
    assert phony == offered == TARGETS


def test_make_crawl_passes_edition_and_arguments_on() -> None:
    shown = run("make", "--dry-run", "crawl", "EDITION=demo", "ARGS=-a since=all").stdout.splitlines()
    assert shown[-1].split() == [".venv/bin/scrapy", "crawl", "news", "-a", "edition=demo", "-a", "since=all"]


@pytest.mark.parametrize(
    ("python", "advice"),
    [
        ("exit 1", "no Python 3.11 or newer found"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt install python3-venv"),
    ],
    ids=["too-old", "without-venv"],
)
def test_make_says_how_to_get_a_python_that_will_do(tmp_path: Path, python: str, advice: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "python3").write_text(f"#!/bin/sh\n{python}\n")
    (tmp_path / "python3").chmod(0o755)
    make = shutil.which("make")
    assert make is not None
    done = run(make, ".venv/bin/python", cwd=tmp_path, PATH=str(tmp_path))
    assert done.returncode != 0
    assert advice in done.stderr


@pytest.mark.parametrize("in_ci", [True, False])
@pytest.mark.parametrize("options", ["", ", allow_module_level=True"], ids=["test", "module"])
def test_skipped_test_fails_in_ci_and_only_there(tmp_path: Path, options: str, *, in_ci: bool) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    body = f"pytest.skip('no server'{options})"
    (tmp_path / "test_it.py").write_text(f"import pytest\n\n{body if options else f'def test_it(): {body}'}\n")
    done = run(sys.executable, "-m", "pytest", "-rA", cwd=tmp_path, CI="true" if in_ci else "")
    assert ("in CI nothing may be" in done.stdout) == in_ci, done.stdout
    assert ("failed" in done.stdout or "error" in done.stdout) == in_ci
    assert "no server" in done.stdout


def test_tests_cannot_reach_the_network() -> None:
    documentation_address = "192.0.2.1"  # RFC 5737: leads nowhere
    with socket.socket() as unused, pytest.raises(RuntimeError, match=r"loopback, not 192\.0\.2\.1"):
        unused.connect((documentation_address, 80))


def test_ci_script_is_whole_bash() -> None:
    assert run("bash", "-n", ".ci/run").stderr == ""


def test_reading_door_opens_without_scrapy() -> None:
    loaded = run(sys.executable, "-c", "import sys, storage.cli; print(*sys.modules)")
    assert loaded.returncode == 0, loaded.stderr
    assert {"scrapy", "twisted"} & set(loaded.stdout.split()) == set()


def test_crawling_door_finds_the_spider() -> None:
    listed = run(sys.executable, "-m", "scrapy", "list")
    assert listed.returncode == 0, listed.stderr
    assert listed.stdout.split() == ["news"]
