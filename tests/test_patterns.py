"""No pattern backtracks without bound: what a hostile text costs is counted in steps, at two sizes."""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import crawler
import spiders
import storage
from tests.backtracking import Counter, TooMuch, attacks
from tests.effort import effort

SMALL = 24
SEARCHED = effort(SMALL, sample=SMALL // 2)  # a search tries every place, so it costs the square
NOTHING = 200  # steps below which growth says nothing
LINEAR = 2.9  # times the steps for twice the text; 2 by the book
QUADRATIC = 4.6  # likewise; 4 by the book. A search begins at every place, so that a run of spaces counts twice


@cache
def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern that a module or a class of ours holds, by its name."""
    found: dict[re.Pattern[Any], str] = {}
    for room in (crawler, storage, spiders):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if not re.search(r"\.demo\b|migrations|__main__", module.name):
                for name, pattern in _held(importlib.import_module(module.name)):
                    found.setdefault(pattern, f"{module.name}.{name}")
    return {name: pattern for pattern, name in found.items()}


def _held(module: Any) -> Iterator[tuple[str, re.Pattern[Any]]]:  # noqa: ANN401 - a module
    for name, value in list(vars(module).items()):
        if isinstance(value, re.Pattern):
            yield name, value
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield from ((f"{name}.{own}", form) for own, form in vars(value).items() if isinstance(form, re.Pattern))


def growth(pattern: re.Pattern[Any], *, anywhere: bool, size: int = SMALL) -> tuple[float, str]:
    """How many times the steps the worst attack takes at twice its size, and that attack."""
    if isinstance(pattern.pattern, bytes):
        pattern = re.compile(pattern.pattern.decode("latin-1"), pattern.flags | re.ASCII)
    counter, worst = Counter(pattern), (0.0, "")
    for short, long in zip(attacks(counter, size), attacks(counter, 2 * size), strict=True):
        try:
            few, many = counter.count(short, anywhere=anywhere), counter.count(long, anywhere=anywhere)
        except TooMuch:
            return float("inf"), long
        worst = max(worst, (many / max(few, NOTHING), long))
    return worst


@pytest.mark.search
@pytest.mark.parametrize(
    ("anywhere", "most", "size"), [(False, LINEAR, SMALL), (True, QUADRATIC, SEARCHED)], ids=["match", "search"]
)
def test_no_pattern_takes_work_beyond_the_length_of_a_hostile_text(anywhere: bool, most: float, size: int) -> None:  # noqa: FBT001
    assert len(patterns()) > 60
    slow = {name: growth(pattern, anywhere=anywhere, size=size) for name, pattern in patterns().items()}
    assert {name: found for name, found in slow.items() if found[0] > most} == {}


@pytest.mark.parametrize(
    ("pattern", "anywhere"),
    [(r"(?:a+)+b", False), (r"(?:a|aa)*b", False), (r"\s*\s*x", False), (r"a*a*a*b", True), (r"(\w+\s?)*$", False)],
)
def test_the_counter_would_notice_a_pattern_that_backtracks(pattern: str, anywhere: bool) -> None:  # noqa: FBT001
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        assert growth(re.compile(pattern), anywhere=anywhere)[0] > (QUADRATIC if anywhere else LINEAR)
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"a{2,3}b|c", "xaab"),
        (r"(?<!\d)\d{1,2}:\d\d(?!\d)", "at 14:41."),
        (r"(['\"])x\1", "'x'"),
        (r"\bNEAR\b", "a NEAR b"),
    ],
)
def test_the_counter_finds_what_python_finds(pattern: str, text: str) -> None:
    counter = Counter(re.compile(pattern))
    counter.text, counter.spans = text, {}
    found = [at for at in range(len(text)) if next(counter._ends(counter.tree, at), None) is not None]
    assert found[0] == re.search(pattern, text).start()  # type: ignore[union-attr]  # it is found
