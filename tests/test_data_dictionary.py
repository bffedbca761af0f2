"""The data dictionary says what is in the file, all of it, and nothing else."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from storage.db.data_dictionary import ALSO, MARK, NEWS, SEARCH, TABLES, described, dictionary, write
from storage.db.schema import metadata
from storage.db.views import NEWS_COLUMNS
from storage.write.archive import Archive

PAGE = Path(__file__).parent.parent / "docs" / "data-dictionary.md"
SECTION = re.compile(r"^## (\w+)\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
COLUMN = re.compile(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", re.MULTILINE)


def documented() -> dict[str, list[str]]:
    """Table or view -> its columns, as the page describes them."""
    text = PAGE.read_text(encoding="utf-8").partition(MARK)[2]
    return {name: COLUMN.findall(section) for name, section in SECTION.findall(text)}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    with Archive.open(str(path), create=True):
        pass
    return sqlite3.connect(path)


def test_the_page_is_what_the_schema_says() -> None:
    assert PAGE.read_text(encoding="utf-8").partition(MARK)[2] == f"\n{dictionary()}\n", (
        "run: python -m storage.db.data_dictionary docs/data-dictionary.md"
    )


def test_every_table_view_and_column_of_a_real_archive_is_described(connection: sqlite3.Connection) -> None:
    objects = connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").fetchall()
    names = {name for (name,) in objects if not re.match(r"sqlite_|news_search_", name)}
    columns = {
        name: [column for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", [name])]
        for name in names
    }
    assert documented() == columns


def test_every_table_stands_in_the_readers_order() -> None:
    assert sorted(TABLES) == sorted(metadata.tables)


def test_every_comment_of_the_schema_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for table in metadata.tables.values():
        assert table.comment is not None
        assert table.comment in text
        for column in table.columns:
            assert described(column).replace("|", "&#124;") in text, str(column)


def test_nothing_is_described_twice_or_without_being_there() -> None:
    columns = {str(column): column for table in metadata.tables.values() for column in table.columns}
    assert [name for name in ALSO if name not in columns or columns[name].comment] == []
    assert tuple(NEWS) == NEWS_COLUMNS
    assert set(SEARCH) == {"headline", "lead", "body", "captions", "folded"}


def test_the_example_query_of_the_page_runs(connection: sqlite3.Connection) -> None:
    (query,) = re.findall(r'sqlite3 archive\.db "(.*?)"', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert connection.execute(query).fetchall() == []


def test_writing_keeps_what_was_written_by_hand(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# By hand\n{MARK}\nold", encoding="utf-8")
    write(page)
    assert page.read_text(encoding="utf-8") == f"# By hand\n{MARK}\n{dictionary()}\n"
    page.write_text("# By hand, without a mark", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the line"):
        write(page)
    assert page.read_text(encoding="utf-8") == "# By hand, without a mark"
