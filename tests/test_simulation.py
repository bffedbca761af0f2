"""A short sample of the long search (tests/simulation.py), and the check on the check."""

from __future__ import annotations

import sys
import warnings
from functools import partial
from pathlib import Path

import pytest

from tests import simulation
from tests.effort import effort
from tests.front_door import Finished, ended, forked

# A life that fails when the guard is taken away. With all guards it goes well: the first three are among the twenty.
WITNESSES = {
    "joining": ("--seed", "1"),
    "one-transaction": ("--seed", "27"),
    "overlap": ("--storm", "--seed", "7"),
    "retries": ("--seed", "3"),
}
SAMPLE = "joining"  # the guard that `make test` takes away; `make test-long` takes away each


def simulate(folder: Path, *arguments: str) -> Finished:
    """The search in a process of its own: its children install reactors and die."""
    return ended(forked(folder, partial(_search, arguments)), folder, patience=3600)


def _search(arguments: tuple[str, ...]) -> None:
    warnings.filterwarnings("error", category=DeprecationWarning, module="tests")
    sys.exit(simulation.main(list(arguments)))


@pytest.mark.search
def test_lives_with_kills_miss_nothing_double_nothing_lose_nothing(tmp_path: Path) -> None:
    lives = effort(20, sample=2)
    search = simulate(tmp_path, "--histories", f"{lives}")
    assert search.code == 0, search
    assert search.stdout.startswith(f"{lives} histories"), search
    assert " 0 kills" not in search.stdout


@pytest.mark.parametrize(
    "guard", [guard if guard == SAMPLE else pytest.param(guard, marks=pytest.mark.slow) for guard in sorted(WITNESSES)]
)
def test_without_a_guard_a_life_fails(guard: str, tmp_path: Path) -> None:
    search = simulate(tmp_path, *WITNESSES[guard], "--without", guard)
    assert search.code == 1, search
    assert f"seed {WITNESSES[guard][-1]}: " in search.stdout


@pytest.mark.slow
def test_with_all_guards_the_storm_goes_well(tmp_path: Path) -> None:
    search = simulate(tmp_path, *WITNESSES["overlap"])
    assert search.code == 0, search
