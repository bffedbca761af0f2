"""The release: it builds from a clean copy, holds what it should, and works where nothing else is installed.

These tests are `make test-wheel`. They install the pinned requirements, so they need a package index.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("crawler", "dateline", "pipelines", "spiders", "storage")
VERSIONS = ("3.11", "3.12", "3.13")
PATIENCE = 900  # seconds in which pip installs some forty packages

pytestmark = [pytest.mark.wheel, pytest.mark.xdist_group("wheel")]


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a command prints. The environment does not lead back to the checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        command, cwd=cwd, env=kept | variables, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def pythons() -> list[str]:
    """Every Python that the release is for and this machine has: on the PATH, or kept by pyenv."""
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = {
        version: [f"python{version}", *map(str, kept.glob(f"{version}.*/bin/python{version}"))] for version in VERSIONS
    }
    return [one for names in found.values() if (one := next(filter(works, names), None)) is not None]


def works(python: str) -> bool:
    """Whether it is there and can make a virtual environment."""
    try:
        done = subprocess.run((python, "-c", "import ensurepip, venv"), capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a release could be made of, so that building leaves the real checkout clean."""
    copy = tmp_path_factory.mktemp("checkout")
    unwanted = shutil.ignore_patterns("__pycache__", "pages")
    for folder in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture(scope="module")
def release(checkout: Path) -> Path:
    """The folder with the source archive, and the wheel that was built from that, as `make dist` does it."""
    run(sys.executable, "-m", "build", "--no-isolation", cwd=checkout)
    return checkout / "dist"


@pytest.fixture(scope="module")
def wheel(release: Path) -> Path:
    (found,) = release.glob("*.whl")
    return found


def packaged(checkout: Path) -> set[str]:
    """Every file of the packages, from the root of the checkout."""
    files = (path for package in PACKAGES for path in (checkout / package).rglob("*") if path.is_file())
    return {path.relative_to(checkout).as_posix() for path in files}


def test_wheel_holds_every_file_of_the_rooms_and_nothing_else(checkout: Path, wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        packed = set(opened.namelist())
    metadata = {name for name in packed if ".dist-info/" in name}
    assert packed - metadata == packaged(checkout)
    assert {Path(name).name for name in metadata} >= {"entry_points.txt", "LICENSE", "METADATA"}


def test_source_archive_holds_what_the_wheel_is_built_from(checkout: Path, release: Path) -> None:
    (found,) = release.glob("*.tar.gz")
    with tarfile.open(found) as opened:
        packed = {name.partition("/")[2] for name in opened.getnames()}
    assert packed >= {*packaged(checkout), "pyproject.toml", "README.md", "LICENSE"}


def test_one_of_the_pythons_is_here() -> None:
    assert pythons()


@pytest.mark.parametrize("python", pythons(), ids=lambda python: Path(python).name)
def test_an_installed_release_crawls_searches_and_is_importable(python: str, wheel: Path, tmp_path: Path) -> None:
    run(python, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    here = tmp_path / "venv" / "bin"
    install = (here / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-compile")
    run(*install, "--require-hashes", "-r", ROOT / "requirements" / "run.txt", cwd=tmp_path)
    run(*install, "--no-deps", wheel, cwd=tmp_path)
    run(here / "python", "-m", "pip", "check", cwd=tmp_path)
    settings = {"SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    crawl = ("crawl", "news", "-a", "edition=demo", "-a", "since=all", "-s", "DEMO_SIZE=12")
    run(here / "scrapy", *crawl, cwd=tmp_path, **settings)
    status = json.loads(run(here / "dateline", "status", "--json", cwd=tmp_path))
    assert not status["needs_a_person"]
    run(here / "dateline", "verify", cwd=tmp_path)
    counting = "import dateline; print(dateline.Archive.open('archive.db', readonly=True).count())"
    assert run(here / "python", "-c", counting, cwd=tmp_path).strip() == "12"
