"""The pages for researchers: the cookbook's queries and the notebook run, and give something to see."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from PIL import Image

from benchmarks import bulk
from crawler.dates import from_utc_text
from storage.maintenance.verify import verify

DOCS = Path(__file__).parent.parent / "docs"
NOTEBOOK = DOCS / "notebook.ipynb"
MINSK = ZoneInfo("Europe/Minsk")
_RECIPE = re.compile(r"^## (\d+)\. (.+)\n(?:(?!## ).*\n)*?```sql\n((?:(?!```).*\n)*)```", re.MULTILINE)
RECIPES = _RECIPE.findall((DOCS / "cookbook.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some weeks of three invented editions."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    bulk.make(path, 600)
    return path


@pytest.fixture
def database(archive: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield connection


def ask(database: sqlite3.Connection, number: int) -> list[sqlite3.Row]:
    """The rows of a recipe."""
    return database.execute(RECIPES[number - 1][2]).fetchall()


def test_cookbook_has_fifteen_queries() -> None:
    assert [int(number) for number, _, _ in RECIPES] == list(range(1, 16))


@pytest.mark.parametrize("number", range(1, 16), ids=str)
def test_a_recipe_finds_something(database: sqlite3.Connection, number: int) -> None:
    rows = ask(database, number)
    assert rows
    assert all(any(row[name] is not None for row in rows) for name in rows[0].keys() if name != "caption")  # noqa: SIM118 - a Row


def test_recipes_tell_what_they_say(database: sqlite3.Connection) -> None:
    assert all(row["was"] != row["became"] for row in ask(database, 6))
    assert all(row["hours_until_first_change"] > 0 for row in ask(database, 5))
    (gone,) = database.execute("SELECT COUNT(*) FROM news WHERE status = 'gone'").fetchone()
    assert len(ask(database, 7)) == min(gone, 20)
    assert all(row["first_sent"] <= row["sent_again"] for row in ask(database, 9))
    assert sum(row["articles"] for row in ask(database, 3)) == sum(row["articles"] for row in ask(database, 2))
    assert round(sum(row["percent"] for row in ask(database, 3))) == 100
    doubtful = {(row["edition"], row["state"]) for row in ask(database, 13) if row["state"] in {"hole", "lost"}}
    assert doubtful == {("belta-eng", "hole"), ("belta-deu", "lost")}
    assert sum(row["doubtful_days"] for row in ask(database, 2)) == len(
        [row for row in ask(database, 13) if row["edition"] == "belta-eng"]
    )
    assert {row["status"] for row in ask(database, 14)} == {"pending", "given-up"}


def test_a_recipe_counts_by_the_clock_of_minsk(database: sqlite3.Connection) -> None:
    hours = {(int(row[0]), int(row[1])): row["articles"] for row in ask(database, 4)}
    counted = dict.fromkeys(hours, 0)
    for (text,) in database.execute("SELECT published_at FROM news"):
        local = from_utc_text(text).astimezone(MINSK)
        counted[local.isoweekday() % 7, local.hour] += 1
    assert hours == counted


def test_the_proof_is_sealed_by_the_head(archive: Path, database: sqlite3.Connection) -> None:
    rows = ask(database, 15)
    assert len(rows) > 1
    assert {row["sealed_by"] for row in rows} == {verify(str(archive)).head}


def test_the_notebook_is_kept_without_what_it_printed() -> None:
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.slow
def test_the_notebook_runs_and_draws_three_figures(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATABASE_URL", str(archive))
    monkeypatch.setenv("PYTHONPATH", str(DOCS.parent))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    before = archive.read_bytes()
    # Frozen modules slow a debugger that nobody attaches; the kernel warns of it unless told otherwise.
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert {output.output_type for output in outputs} == {"stream", "execute_result", "display_data"}
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["changes.png", "mentions.png", "volume.png"]
    for figure in tmp_path.glob("*.png"):
        ink = np.asarray(Image.open(figure).convert("RGB"))
        assert len(np.unique(ink.reshape(-1, 3), axis=0)) > 100, f"{figure.name} shows nothing"
    assert archive.read_bytes() == before
