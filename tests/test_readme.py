"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")  # the demo's pages carry the number of the visit, so digests differ


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that the README's first command makes."""
    folder = tmp_path_factory.mktemp("readme")
    asked = re.search(r"-s DEMO_NOW=\S+Z", README)
    assert asked is not None
    run("scrapy", "crawl", "news", "-a", "edition=demo", *asked[0].split(), cwd=folder)
    return folder / "archive.db"


def run(program: str, *arguments: str, cwd: Path) -> str:
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": str(ROOT)}
    command = [str(Path(sys.executable).parent / program), *arguments]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def block(language: str, nth: int = 0) -> str:
    return list(re.finditer(rf"```{language}\n(.*?)```", README, re.DOTALL))[nth][1]


def as_lines(cursor: sqlite3.Cursor) -> str:
    """Rows as `sqlite3 -line` prints them."""
    names = [column[0] for column in cursor.description]
    width = max(map(len, names))
    return "\n\n".join(
        "\n".join(f"{name:>{width}} = {value}" for name, value in zip(names, row, strict=True)) for row in cursor
    )


def test_first_query_gives_what_is_printed_below_it(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        shown = as_lines(connection.execute(block("sql")))
    assert DIGEST.sub("SHA-256", shown) == DIGEST.sub("SHA-256", block("text").strip("\n"))
    assert len(DIGEST.findall(block("text"))) == 2


def test_reading_commands_work_as_written(archive: Path) -> None:
    commands = [line.partition("#")[0] for line in block("sh", 1).splitlines()]
    for command in commands:
        program, *arguments = re.findall(r"'[^']*'|\S+", command)
        run(program, *(argument.strip("'") for argument in arguments), cwd=archive.parent)
    assert len(commands) == 9
    assert (archive.parent / "page.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_every_argument_and_exit_code_stands_there() -> None:
    from spiders.arguments import NAMES  # noqa: PLC0415 - after the crawl, to fail late
    from spiders.edition_crawl import EXIT_CODES  # noqa: PLC0415

    for name in NAMES:
        assert f"| `-a {name}=" in README
    for code in {*EXIT_CODES.values(), 1, 5}:
        assert f"\n| {code} | " in README
