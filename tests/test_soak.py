"""Some days of the soak (tests/soak.py); the whole year is `make soak`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def soak(*arguments: str) -> str:
    """The soak in a process of its own: its children install reactors. What it printed."""
    command = [sys.executable, "-m", "tests.soak", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=3600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "missed 0, twice 0, otherwise wrong 0" in done.stdout
    return done.stdout


def test_three_days_with_a_deploy_in_the_middle_miss_nothing_and_keep_the_log_small() -> None:
    said = soak("--days", "3", "--dense", "0", "--sparse", "240")
    assert re.search(r"^24 runs ended ", said, re.MULTILINE)


@pytest.mark.slow
def test_a_month_of_which_three_days_have_a_run_every_five_minutes() -> None:
    assert " 3 old files kept" in soak("--days", "30", "--dense", "1", "--sparse", "120")
