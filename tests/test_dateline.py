"""`import dateline`: the public face, and what it says where another package hides ours."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import dateline
import storage

ROOT = Path(__file__).parent.parent


def python(*arguments: str, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Python with `path` before everything else. -P: not the working directory."""
    script = f"import sys; sys.path.insert(0, {str(path)!r}); " + arguments[-1]
    return subprocess.run(
        [sys.executable, "-P", *arguments[:-1], "-c", script], capture_output=True, text=True, check=False, cwd=path
    )


def test_every_public_name_is_there_and_of_one_kind_with_the_tree() -> None:
    assert {name: getattr(dateline, name).__name__ for name in dateline.__all__} == {
        name: name for name in dateline.__all__
    }
    assert dateline.Archive is storage.Archive
    assert issubclass(dateline.NotInArchive, dateline.DatelineError)


def test_a_name_that_is_not_public_is_refused() -> None:
    with pytest.raises(AttributeError, match="'Archiv'"):
        _ = dateline.Archiv


def test_importing_dateline_waits_for_nothing() -> None:
    done = python("import dateline; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    assert {"sqlalchemy", "scrapy", "zstandard", "lxml"}.isdisjoint(done.stdout.split())


@pytest.mark.parametrize("name", ["storage", "crawler"])
def test_a_package_of_others_with_our_name_is_refused_before_it_runs(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("print('ran')")
    done = python(f"sys.path.insert(1, {str(ROOT)!r}); import dateline", path=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    last = done.stderr.splitlines()[-1]
    assert last.startswith(f"ImportError: dateline: `{name}` is found in {tmp_path / name}")
    assert "uninstall it" in last


def test_a_folder_without_code_under_our_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dateline").mkdir()
    (tmp_path / "dateline" / "__init__.py").write_text((ROOT / "dateline/__init__.py").read_text())
    for name in ("crawler", "storage"):
        (tmp_path / name).mkdir()
    done = python("-S", "import dateline", path=tmp_path)  # -S: without what is installed
    assert "its package `crawler` is missing" in done.stderr.splitlines()[-1]


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dateline", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "dateline search wheat harvest" in done.stdout
    assert import_module("dateline.__main__").main is import_module("storage.cli").main
