"""The benchmarks, at a size at which they say nothing yet: each measures, and tells it in one table."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.__main__ import Benchmark, benchmarks, main
from benchmarks.measure import in_turns, ratio
from benchmarks.report import Bench, Claim, Report

Measured = Callable[[str], Report]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """Runs each benchmark once."""

    @cache
    def run(name: str) -> Report:
        module = import_module(f"benchmarks.{name}")
        report: Report = module.run(Bench(module.TINY, 1, tmp_path_factory.mktemp(name)))
        return report

    return run


@pytest.mark.bench
@pytest.mark.parametrize("benchmark", benchmarks(), ids=lambda benchmark: benchmark.name)
def test_every_benchmark_answers_its_question_with_a_table(benchmark: Benchmark, measured: Measured) -> None:
    assert benchmark.says.endswith("?")
    report = measured(benchmark.name)
    assert report.rows
    assert {len(row) for row in report.rows} == {len(report.columns)}
    assert str(report).splitlines()[0] == report.title


@pytest.mark.bench
def test_pages_as_crawled_and_compacted_are_small_even_when_they_are_few(measured: Measured) -> None:
    bytes_a_page = {str(row[0]): row[1] for row in measured("space").rows}
    ours = [bytes_a_page["dateline, as crawled"], bytes_a_page["dateline, compacted"]]
    others = [bytes_a_page["gzip WARC, responses alone"], bytes_a_page["as they are"]]
    assert sorted([*ours, *others], key=lambda size: float(size or 0)) == [ours[1], ours[0], *others]


def test_broken_promise_is_named_and_is_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_benchmark: Benchmark, size: int | None, _rounds: int, _folder: Path) -> Report:
        claim = Claim("steps a second", float(size or 0), ">=", 10)
        return Report("steps", ("way", "a second"), [("on foot", 1.5)], [claim])

    monkeypatch.setattr(Benchmark, "run", run)
    assert main(["space", "--size", "10"]) == 0
    assert main(["space", "--size", "9"]) == 1
    said = capsys.readouterr().out
    assert "steps a second: 10.0 (promised >= 10): met" in said
    assert "steps a second: 9.00 (promised >= 10): NOT MET" in said


@pytest.mark.parametrize("wrong", [["nothing"], ["space", "--size", "0"], ["--rounds", "few"]])
def test_wrong_arguments_are_refused_before_anything_is_measured(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_what_is_compared_is_timed_in_turns() -> None:
    calls: list[str] = []
    taken = in_turns(3, {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")})
    assert calls == ["a", "b", "b", "a", "a", "b"]
    assert [len(times) for times in taken.values()] == [3, 3]


def test_ratio_is_the_median_of_neighbours_and_not_of_all() -> None:
    assert ratio({"a": [2.0, 20.0, 3.0], "b": [1.0, 10.0, 1.0]}, "a", "b") == 2.0
