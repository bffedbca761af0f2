"""The frame of the project: what is committed, packed and offered, and the house it is."""

from __future__ import annotations

import ast
import doctest
import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from scrapy.settings import default_settings

from crawler import settings as crawler_settings
from tests.front_door import Scrapy, ended, forked

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ROOMS = ("crawler", "dateline", "pipelines", "spiders", "storage")
TARGETS = {
    *("crawl", "serve", "test", "test-long", "test-bench", "test-wheel", "coverage", "check", "bench", "simulate"),
    *("histories", "soak", "docs", "dist", "clean", "venv", "lock", "help"),
}
MODULE_LINES, FUNCTION_LINES = 450, 40

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
            if not set(path.parts) & {".venv", ".venv-bench", "build", "__pycache__"} and (ROOT / path).is_file()
        ]
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_committed_file_names_a_package_registry() -> None:
    named = re.compile("|".join(map(re.escape, REGISTRIES)).encode())
    assert [str(path) for path in committed_files() if named.search((ROOT / path).read_bytes())] == []


def imported(module: Path) -> set[str]:
    """Top-level names of what a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(module.read_text())))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    from_others = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    return {name.partition(".")[0] for name in plain | from_others}


def test_what_the_rooms_import_is_declared() -> None:
    names = {name for path in modules() for name in imported(path)} - sys.stdlib_module_names - set(ROOMS)
    owners = packages_distributions()
    extras = (line for lines in PROJECT["optional-dependencies"].values() for line in lines)
    declared = {canonicalize_name(Requirement(line).name) for line in (*PROJECT["dependencies"], *extras)}
    assert {name for name in names if declared.isdisjoint(map(canonicalize_name, owners.get(name, ())))} == set()


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


# Examples that need an archive: tests/test_readable.py makes one for them.
WITH_AN_ARCHIVE = Path("storage/read/archive.py")


def test_examples_in_docstrings_are_true() -> None:
    shown = [path.relative_to(ROOT) for path in modules() if ">>> " in path.read_text()]
    named = {path: ".".join(path.with_suffix("").parts) for path in shown if path != WITH_AN_ARCHIVE}
    results = {path: doctest.testmod(import_module(name)) for path, name in named.items()}
    assert {str(path): result for path, result in results.items() if result.failed} == {}
    assert sum(result.attempted for result in results.values()) > 100


def lines_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = function.body[0]
    documented = ast.get_docstring(function) is not None and first.end_lineno is not None
    docstring = first.end_lineno - first.lineno + 1 if documented and first.end_lineno else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def test_no_module_is_longer_than_450_lines_and_no_function_than_40() -> None:
    sources = {path.relative_to(ROOT): path.read_text() for path in modules() if "migrations" not in path.parts}
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
    assert shown[-1] == ".venv/bin/scrapy crawl news -a edition=demo -s SUMMARY=always -a since=all"


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


@pytest.fixture(scope="module")
def with_skips(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bool], str]:
    """What pytest says, in CI or not, of a test and of a module that skip themselves."""
    folder = tmp_path_factory.mktemp("skips")
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "tests").mkdir()
    (folder / "tests" / "ready_made.py").write_text("from contextlib import nullcontext as ready_made\n")
    (folder / "test_one.py").write_text("import pytest\n\ndef test_it(): pytest.skip('no server')\n")
    (folder / "test_all.py").write_text("import pytest\n\npytest.skip('no server', allow_module_level=True)\n")

    @cache
    def said(in_ci: bool) -> str:  # noqa: FBT001 - it is the one thing that differs
        command = (sys.executable, "-m", "pytest", "-rA", "--continue-on-collection-errors")
        return run(*command, cwd=folder, CI="true" if in_ci else "").stdout

    return said


@pytest.mark.parametrize("in_ci", [True, False])
@pytest.mark.parametrize(("file", "verdict"), [("test_one.py", "FAILED"), ("test_all.py", "ERROR")])
def test_skipped_test_fails_in_ci_and_only_there(
    with_skips: Callable[[bool], str], file: str, verdict: str, *, in_ci: bool
) -> None:
    said = with_skips(in_ci)
    (line,) = [line for line in said.splitlines() if file in line and line.startswith((verdict, "SKIPPED"))]
    assert line.startswith(verdict) == in_ci, said
    assert ("in CI nothing may be" in said) == in_ci
    assert "no server" in said


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


def test_crawling_door_finds_the_spider(tmp_path: Path) -> None:
    listed = ended(forked(tmp_path, Scrapy(("scrapy", "list"))), tmp_path)
    assert listed.code == 0, listed.stderr
    assert listed.stdout.split() == ["news"]


def test_of_what_scrapy_loads_by_itself_only_this_is_left_out() -> None:
    left_out = {
        path.rpartition(".")[2]
        for ours, theirs in (
            (crawler_settings.EXTENSIONS_BASE, default_settings.EXTENSIONS_BASE),
            (crawler_settings.DOWNLOADER_MIDDLEWARES_BASE, default_settings.DOWNLOADER_MIDDLEWARES_BASE),
        )
        for path, _ in ours.items() ^ theirs.items()
    }
    ours_instead = {"OffsiteMiddleware", "RobotsTxtMiddleware", "HttpCompressionMiddleware", "RedirectMiddleware"}
    off = {"MetaRefreshMiddleware", "CookiesMiddleware", "HttpCacheMiddleware", "TelnetConsole", "RemoteControl"}
    assert left_out == ours_instead | off | {"MemoryDebugger", "SpiderState"}
