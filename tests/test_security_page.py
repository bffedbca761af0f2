"""docs/security.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "security.md"


def test_every_line_of_the_table_names_tests_that_exist() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]
    there = {
        name
        for file in TESTS.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    named = [re.findall(r"`(test_\w+)`", line.split("|")[3]) for line in lines]
    assert len(lines) > 20
    assert [line for line, names in zip(lines, named, strict=True) if not names] == []
    assert {name for names in named for name in names} - there == set()
