"""Measures: ``python -m benchmarks [NAME ...]``, or ``make bench ARGS=...``. Each module with a function `run` is one.

A benchmark answers one question with one table from one run. Times belong to the machine, ratios go further: those
are what is promised. Exit code 1 when a promise is not kept, 2 for wrong arguments.
"""

from __future__ import annotations

import argparse
import ast
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final

from benchmarks.report import Bench, Report

ROUNDS: Final = 5


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A module of this folder. `says` is the first line of its docstring, the question that it answers."""

    name: str
    says: str

    def run(self, size: int | None, rounds: int, folder: Path) -> Report:
        """Runs it; `size` None: the module's own SIZE, which the promises are about."""
        module = import_module(f"benchmarks.{self.name}")
        report: Report = module.run(Bench(module.SIZE if size is None else size, rounds, folder))
        return report


@cache
def benchmarks() -> tuple[Benchmark, ...]:
    """All of them, by name. Nothing is imported for it."""
    found = []
    for path in sorted(Path(__file__).parent.glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            found.append(Benchmark(path.stem, (ast.get_docstring(tree) or "").partition("\n")[0]))
    return tuple(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs those that are named, or all, and prints what each found."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {benchmark.name for benchmark in benchmarks()}:
        parser.error(f"argument NAME: there is no benchmark {', '.join(sorted(unknown))} (--help names those that are)")
    reports = []
    for benchmark in benchmarks():
        if not options.names or benchmark.name in options.names:
            with tempfile.TemporaryDirectory(prefix="dateline-") as folder:
                reports.append(benchmark.run(options.size, options.rounds, Path(folder)))
            print(f"{benchmark.name}: {reports[-1]}\n", flush=True)
    return 0 if all(claim.met for report in reports for claim in report.claims) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m benchmarks",
        description="Measures, in tables of ratios. Without a name: everything.",
        epilog="\n".join(f"  {benchmark.name:10} {benchmark.says}" for benchmark in benchmarks()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="see below")
    parser.add_argument("--size", type=_count, metavar="N", help="pages, articles...: fewer for a quick look")
    parser.add_argument("--rounds", type=_count, default=ROUNDS, metavar="N", help="default: %(default)s")
    return parser


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


if __name__ == "__main__":
    sys.exit(main())
