"""Some days of the soak (tests/soak.py); the whole year is `make soak`."""

from __future__ import annotations

import re
import sys
from functools import partial
from pathlib import Path

import pytest

from tests import soak as tested
from tests.front_door import ended, forked


def soak(folder: Path, *arguments: str) -> str:
    """The soak in a process of its own: its children install reactors. What it printed."""
    done = ended(forked(folder, partial(_live, arguments)), folder, patience=3600)
    assert done.code == 0, done
    assert "missed 0, twice 0, otherwise wrong 0" in done.stdout
    return done.stdout


def _live(arguments: tuple[str, ...]) -> None:
    sys.exit(tested.main(list(arguments)))


def test_three_days_with_a_deploy_in_the_middle_miss_nothing_and_keep_the_log_small(tmp_path: Path) -> None:
    said = soak(tmp_path, "--days", "3", "--dense", "0", "--sparse", "240")
    assert re.search(r"^24 runs ended ", said, re.MULTILINE)


@pytest.mark.slow
def test_a_month_of_which_three_days_have_a_run_every_five_minutes(tmp_path: Path) -> None:
    assert " 3 old files kept" in soak(tmp_path, "--days", "30", "--dense", "1", "--sparse", "120")
