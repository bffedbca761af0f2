"""The examples run, and what they say agrees with the archive."""

from __future__ import annotations

import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import bulk
from storage import Archive

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"

Run = Callable[..., str]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some weeks of three invented editions, with a hole and a lost stretch."""
    path = tmp_path_factory.mktemp("examples") / "archive.db"
    bulk.make(path, 200)
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs an example as Python runs a file, and gives what it printed."""

    def example(name: str, *arguments: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", [str(EXAMPLES / name), *map(str, arguments)])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return example


def test_every_example_is_listed_and_every_listed_example_is_there() -> None:
    listed = set(re.findall(r"\]\((\w+\.py)\)", (EXAMPLES / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in EXAMPLES.glob("*.py")}


def test_rubrics_are_counted_as_the_archive_counts_them(archive: Path, run: Run) -> None:
    head, *rows = run("rubrics.py", archive, "belta-eng").splitlines()
    assert head.split() == ["edition", "rubric", "articles", "edited", "gone", "first", "last"]
    with Archive.open(str(archive), readonly=True) as opened:
        for row in rows:
            edition, rubric, articles, edited, gone = row.split()[:5]
            assert int(articles) == opened.count(edition=edition, rubric=rubric)
            assert int(edited) == opened.count(edition=edition, rubric=rubric, changed=True)
            assert int(gone) == opened.count(edition=edition, rubric=rubric, status="gone")
        assert sum(int(row.split()[2]) for row in rows) == opened.count(edition="belta-eng")


def test_mentions_by_day_say_which_days_cannot_be_counted(archive: Path, run: Run) -> None:
    *days, last = run("mentions_by_day.py", archive, "belta-eng", "harvest").splitlines()
    with Archive.open(str(archive), readonly=True) as opened:
        states = {f"{day.day}": day.state for day in opened.coverage("belta-eng")}
        mentioned = opened.count("harvest", edition="belta-eng")
    assert {line.split()[0]: line.partition("the day is ")[2] or "whole" for line in days} == states
    assert {"whole", "hole"} <= set(states.values())
    assert sum(int(line.split()[1]) for line in days) == mentioned
    assert last.startswith(f"On the {sum(state == 'whole' for state in states.values())} whole days of {len(days)}: ")


def test_as_of_tells_what_became_another(archive: Path, run: Run) -> None:
    with Archive.open(str(archive), readonly=True) as opened:
        times = sorted(
            row["at"]
            for row in opened.rows("SELECT at FROM changes WHERE kind = 'vanished' OR fields LIKE '%headline%'")
        )
        names = {row["name"] for row in opened.rows("SELECT edition || '/' || key AS name FROM changes")}
    said = run("as_of.py", archive, times[0])
    found = re.findall(r"^(\S+) \((live|gone)\)\n  then: (.+)\n  now:  (.+)$", said, re.MULTILINE)
    assert found
    assert {name for name, *_ in found} <= names
    assert all(was != became or state == "gone" for _, state, was, became in found)


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_without_arguments_an_example_says_what_it_takes(name: str, run: Run) -> None:
    with pytest.raises(SystemExit, match=r"^usage: .*ARCHIVE"):
        run(name)
