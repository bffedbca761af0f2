"""A short sample of the long search (tests/simulation.py), and the check on the check."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A life that fails when the guard is taken away. With all guards it goes well: the first three are among the twenty.
WITNESSES = {
    "joining": ("--seed", "1"),
    "one-transaction": ("--seed", "24"),
    "overlap": ("--storm", "--seed", "7"),
    "retries": ("--seed", "3"),
}


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The search in a process of its own: its children install reactors and die."""
    command = [sys.executable, "-W", "error::DeprecationWarning:tests", "-m", "tests.simulation", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=1800)


def test_twenty_lives_with_kills_miss_nothing_double_nothing_lose_nothing() -> None:
    search = simulate("--histories", "20")
    assert search.returncode == 0, search.stdout + search.stderr
    assert search.stdout.startswith("20 histories"), search.stdout
    assert " 0 kills" not in search.stdout


@pytest.mark.parametrize("guard", sorted(WITNESSES))
def test_without_a_guard_a_life_fails(guard: str) -> None:
    search = simulate(*WITNESSES[guard], "--without", guard)
    assert search.returncode == 1, search.stdout + search.stderr
    assert f"seed {WITNESSES[guard][-1]}: " in search.stdout


def test_with_all_guards_the_storm_goes_well() -> None:
    search = simulate(*WITNESSES["overlap"])
    assert search.returncode == 0, search.stdout + search.stderr


@pytest.mark.slow
def test_two_hundred_lives() -> None:
    assert simulate("--histories", "200", "--first", "1000").returncode == 0
