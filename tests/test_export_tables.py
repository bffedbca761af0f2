"""`dateline export csv|jsonl|parquet|sqlite`: the articles that were asked for, whole, and described."""

from __future__ import annotations

import csv
import hashlib
import json
import resource
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from click import Context
from click.testing import CliRunner, Result
from pyarrow import parquet

from crawler.errors import DatelineError
from storage.cli import dateline
from storage.cli.commands.export import command as export_group
from storage.db.views import NEWS_COLUMNS
from storage.export.delivery import export_articles
from storage.export.formats import FORMATS, format_named
from storage.export.selection import ArticleExport
from storage.read.query.expression import parse
from storage.read.query.fulltext import certain
from storage.read.query.search import Filters
from storage.read.reader import Reader, Row, open_reader
from storage.terminal.lines import escape_formula
from tests.sample_archive import HOSTILE, small

NAMES = tuple(FORMATS)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


@pytest.fixture(scope="module")
def news(archive: Path) -> list[dict[str, Any]]:
    """The rows of the view, by article_id."""
    return query(archive, "SELECT * FROM news ORDER BY article_id")


@pytest.fixture(scope="module")
def exports(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all articles in every format, as `wire.FORMAT`."""
    folder = tmp_path_factory.mktemp("exports")
    for name in NAMES:
        result = export(archive, name, folder / f"wire.{name}")
        assert (result.exit_code, result.stderr) == (0, "")
    return folder


def export(archive: Path, *arguments: str | Path) -> Result:
    words = ["--database", str(archive), "export", *map(str, arguments)]
    return CliRunner().invoke(dateline, words, prog_name="dateline")


def query(path: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values)]


def package(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    return found


def everything(reader: Reader) -> ArticleExport:
    return ArticleExport.of(reader, "", Filters(), datetime.now(UTC))


def complaint(result: Result) -> str:
    """The one line that a user gets, after checking that it is all."""
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert result.stderr.startswith("dateline: ")
    return result.stderr


# --- the articles


def test_csv_holds_every_article_with_harmless_cells(exports: Path, news: list[dict[str, Any]]) -> None:
    with (exports / "wire.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    expected = [
        {name: "" if row[name] is None else str(escape_formula(row[name])) for name in NEWS_COLUMNS} for row in news
    ]
    assert rows == expected
    assert [row["body"] for row in rows if row["body"].startswith("'=cmd")] == [f"'{HOSTILE.text}"]


def test_jsonl_holds_every_article_as_it_is(exports: Path, news: list[dict[str, Any]]) -> None:
    rows = [json.loads(line) for line in (exports / "wire.jsonl").read_bytes().splitlines()]
    assert rows == [row | {"tags": json.loads(row["tags"])} for row in news]
    assert list(rows[0]) == list(NEWS_COLUMNS)


def test_parquet_holds_every_article_with_times_that_are_times(exports: Path, news: list[dict[str, Any]]) -> None:
    table = parquet.read_table(exports / "wire.parquet")
    times = [name for name in NEWS_COLUMNS if name.endswith(("_at", "_since"))]
    rows = [
        row | {name: row[name] and f"{row[name].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for name in times}
        for row in table.to_pylist()
    ]
    assert rows == [row | {"tags": json.loads(row["tags"])} for row in news]
    assert {str(table.schema.field(name).type) for name in times} == {"timestamp[ms, tz=UTC]"}
    assert not table.schema.field("headline").nullable
    assert b"captions" not in table.schema.field("key").metadata[b"description"]
    assert json.loads(table.schema.metadata[b"dateline"])["articles"] == len(news)


def test_sqlite_holds_every_article_with_all_its_revisions_and_photos(
    archive: Path, exports: Path, news: list[dict[str, Any]]
) -> None:
    copy = exports / "wire.sqlite"
    assert query(copy, "SELECT * FROM news ORDER BY article_id") == news
    sql = (
        "SELECT r.*, r.revision_id = a.revision_id AS shown, s.fetched_at, s.url AS fetched_url, s.body_sha256"
        " FROM revisions r JOIN articles a USING (article_id) JOIN snapshots s USING (snapshot_id) ORDER BY revision_id"
    )
    assert query(copy, "SELECT * FROM revisions ORDER BY revision_id") == query(archive, sql)
    assert query(copy, "SELECT * FROM photos") == query(archive, "SELECT * FROM photos") != []
    assert query(copy, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


@pytest.mark.parametrize("words", ["harvest", '"great stone"', "lodz", "combine", "天气"])
def test_sqlite_copy_is_searched_as_the_archive_is(archive: Path, exports: Path, words: str) -> None:
    sql = (
        "SELECT n.key, snippet(news_search, -1, '[', ']', '...', 5) AS passage FROM news_search"
        " JOIN news n ON n.article_id = news_search.rowid WHERE news_search MATCH ? ORDER BY rank"
    )
    asked = certain(parse(words).tree)
    found = query(exports / "wire.sqlite", sql, asked)
    assert found == query(archive, sql, asked)
    assert "[" in found[0]["passage"]


def test_a_page_that_was_read_again_shows_its_last_reading(archive: Path, tmp_path: Path) -> None:
    corrected = tmp_path / "archive.db"
    shutil.copy(archive, corrected)
    with closing(sqlite3.connect(corrected)) as connection, connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(revisions)")][1:]
        values = [{"correction": "1", "headline": "'Read better'"}.get(name, name) for name in columns]
        connection.execute(
            f"INSERT INTO revisions ({', '.join(columns)}) SELECT {', '.join(values)} FROM revisions"  # noqa: S608 - names
            " WHERE revision_id = (SELECT revision_id FROM articles WHERE article_id = 1)"
        )
        connection.execute(
            "UPDATE articles SET revision_id = (SELECT MAX(revision_id) FROM revisions) WHERE article_id = 1"
        )
    assert export(corrected, "sqlite", tmp_path / "wire.sqlite").exit_code == 0
    (shown,) = query(tmp_path / "wire.sqlite", "SELECT headline FROM revisions WHERE article_id = 1 AND shown = 1")
    assert shown["headline"] == "Read better"


def test_as_of_a_time_the_articles_are_as_they_stood(archive: Path, tmp_path: Path) -> None:
    copy = tmp_path / "then.sqlite"
    assert export(archive, "sqlite", copy, "--as-of", "2026-03-10T12:30", "--edition", "belta-eng").exit_code == 0
    then = query(copy, "SELECT key, headline, status, revision_count FROM news ORDER BY article_id")
    assert [row["key"] for row in then] == ["1001-2026", "1002-2026", "1003-2026"]
    assert {row["status"] for row in then} == {"live"}
    assert then[0]["headline"] == "Harvest begins near Brest"
    assert query(copy, "SELECT headline, shown FROM revisions WHERE article_id = 1") == [
        {"headline": "Harvest begins near Brest", "shown": 1}
    ]
    asked = package(tmp_path)["resources"][0]["dateline"]["asked"]
    assert asked["as_of"] == "2026-03-10T09:31:00Z"


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (["harvest OR park"], ["1001-2026", "1002-2026", "1004-2026"]),
        (["wheat", "harvest"], ["1001-2026"]),
        (["--edition", "belta-chn"], ["1001-2026"]),
        (["--status", "gone"], ["1002-2026"]),
        (["--changed"], ["1001-2026"]),
        (["--since", "2026-03-10T12:10", "--until", "2026-03-10T12:10"], ["1003-2026"]),
        (["--rubric", "society"], ["1001-2026"]),
        (["park", "--status", "live"], ["1004-2026"]),
        (["covid-19"], ["1002-2026", "1004-2026"]),
    ],
)
def test_query_and_filters_are_those_of_search(
    archive: Path, tmp_path: Path, options: list[str], keys: list[str]
) -> None:
    result = export(archive, "jsonl", tmp_path / "some.jsonl", *options)
    assert result.exit_code == 0
    rows = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["key"] for row in rows] == keys
    assert ("is no search expression" in result.stderr) == (options == ["covid-19"])


def test_the_mark_for_excel_is_written_when_it_is_asked_for(archive: Path, tmp_path: Path) -> None:
    assert export(archive, "csv", tmp_path / "wire.csv", "--bom").exit_code == 0
    assert (tmp_path / "wire.csv").read_bytes().startswith(b"\xef\xbb\xbfarticle_id,")


# --- what stands beside them


@pytest.mark.parametrize("name", NAMES)
def test_data_package_says_what_the_file_is(
    archive: Path, exports: Path, news: list[dict[str, Any]], name: str
) -> None:
    content = (exports / f"wire.{name}").read_bytes()
    (head,) = query(archive, "SELECT digest FROM manifests ORDER BY manifest_id DESC LIMIT 1")
    resources = [one for one in package(exports)["resources"] if one["path"] == f"wire.{name}"]
    tables = ["news", "revisions", "photos"] if name == "sqlite" else ["news"]
    assert len(resources) == len(tables)
    for one, table in zip(resources, tables, strict=True):
        assert (one["bytes"], one["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
        told = one["dateline"]
        assert (told["articles"], told["editions"]) == (len(news), {"belta-chn": 1, "belta-eng": 4})
        assert (told["published_first"], told["published_last"]) == ("2026-03-10T09:00:00Z", "2026-03-10T09:50:00Z")
        assert told["archive"]["head"]["digest"] == head["digest"]
        assert told["archive"]["name"] == "archive.db"
        fields = [field["name"] for field in one["schema"]["fields"]]
        if name == "sqlite":
            assert one["dialect"]["table"] == table
            assert fields == list(query(exports / "wire.sqlite", f"SELECT * FROM {table}")[0])  # noqa: S608 - its own name
        else:
            assert fields == list(NEWS_COLUMNS)
    assert len({one["name"] for one in package(exports)["resources"]}) == 6


def test_data_package_says_what_was_asked_and_when(archive: Path, tmp_path: Path) -> None:
    export(archive, "csv", tmp_path / "wheat.csv", "wheat", "harvest", "--since", "2026-03")
    told = package(tmp_path)["resources"][0]["dateline"]
    asked = {name: value for name, value in told["asked"].items() if value}
    assert asked == {"query": "wheat harvest", "since": "2026-02-28T21:00:00Z"}
    assert datetime.fromisoformat(told["made_at"]).tzinfo is not None


@pytest.mark.parametrize("name", NAMES)
def test_required_columns_are_never_null(exports: Path, name: str) -> None:
    rows: Mapping[str, list[dict[str, Any]]] = {
        table: query(exports / "wire.sqlite", f"SELECT * FROM {table}")  # noqa: S608 - our own names
        for table in ("news", "revisions", "photos")
    }
    for table in format_named(name).tables:
        for field in table.fields:
            assert not field.required or all(row[field.name] is not None for row in rows[table.name])


@pytest.mark.parametrize("name", NAMES)
def test_dictionary_describes_every_column(exports: Path, name: str) -> None:
    text = (exports / f"wire.{name}.dictionary.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((exports / f"wire.{name}").read_bytes()).hexdigest()
    assert f"SHA-256 `{digest}`" in text
    for table in format_named(name).tables:
        for field in table.fields:
            assert f"| `{field.name}` | {field.type}" in text
    if name == "sqlite":
        described = query(exports / "wire.sqlite", 'SELECT * FROM columns WHERE "table" = ? ORDER BY rowid', "news")
        assert [row["column"] for row in described] == list(NEWS_COLUMNS)


def test_the_query_that_sqlite_copy_teaches_runs(exports: Path) -> None:
    text = (exports / "wire.sqlite.dictionary.md").read_text(encoding="utf-8")
    taught = " ".join(line.strip() for line in text.splitlines() if line.startswith("    "))
    (row,) = query(exports / "wire.sqlite", taught)
    assert row["headline"] == "Wheat harvest begins near Brest"


def test_a_hostile_query_does_no_harm_beside_the_file(archive: Path, tmp_path: Path) -> None:
    export(archive, "csv", tmp_path / "a.csv", 'harvest OR "`<b>\x1b[2J\n# x"')
    text = (tmp_path / "a.csv.dictionary.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if "Query" in line]
    assert line.count("`") == 2
    assert "\x1b" not in text


def test_exports_of_one_folder_share_a_data_package_and_leave_what_is_not_theirs(archive: Path, tmp_path: Path) -> None:
    mine = {"name": "mine", "title": "Mine", "licenses": [], "resources": [{"name": "notes", "path": "notes.txt"}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(mine), encoding="utf-8")
    for arguments in (["a.csv"], ["b.jsonl"], ["a.csv", "harvest", "--force"]):
        assert export(archive, arguments[0][2:], tmp_path / arguments[0], *arguments[1:]).exit_code == 0
    found = package(tmp_path)
    assert [one["name"] for one in found["resources"]] == ["notes", "b.jsonl", "a.csv"]
    assert found["resources"][-1]["dateline"]["articles"] == 1
    assert (found["title"], found["licenses"]) == ("Mine", [])


def test_json_tells_programs_what_was_written(archive: Path, tmp_path: Path) -> None:
    path = tmp_path / "wire.jsonl"
    told = json.loads(export(archive, "jsonl", path, "--json").stdout)
    assert told == {
        "file": str(path),
        "format": "jsonl",
        "hint": None,
        "articles": 5,
        "editions": ["belta-chn", "belta-eng"],
        "bytes": path.stat().st_size,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "dictionary": f"{path}.dictionary.md",
        "datapackage": str(tmp_path / "datapackage.json"),
    }


def test_people_are_told_what_was_written(archive: Path, tmp_path: Path) -> None:
    first, second = export(archive, "csv", tmp_path / "wire.csv").stdout.splitlines()
    assert first.startswith(f"{tmp_path / 'wire.csv'}: 5 articles of belta-chn, belta-eng, ")
    assert second == "beside it: wire.csv.dictionary.md, datapackage.json"


# --- what is not written


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("there", ["wire.{}", "wire.{}.dictionary.md"])
def test_a_file_that_is_there_is_replaced_only_by_force(archive: Path, tmp_path: Path, name: str, there: str) -> None:
    path = tmp_path / there.format(name)
    path.write_text("mine", encoding="utf-8")
    result = export(archive, name, tmp_path / f"wire.{name}")
    assert (result.exit_code, complaint(result)) == (2, f"dateline: {path} exists: --force replaces it\n")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_text(encoding="utf-8") == "mine"
    assert export(archive, name, tmp_path / f"wire.{name}", "--force").exit_code == 0
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize("name", NAMES)
def test_no_export_replaces_an_archive(archive: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / f"wire.{name}"
    shutil.copy(archive, path)
    result = export(path, name, path, "--force")
    assert (result.exit_code, "is an archive of Dateline" in complaint(result)) == (2, True)
    assert path.read_bytes() == archive.read_bytes()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("wire.txt", "the name of such a file ends in .csv"),
        ("none/wire.csv", "mkdir -p"),
        ("folder.csv", "is a folder"),
    ],
)
def test_a_wrong_place_is_wrong_usage(archive: Path, tmp_path: Path, file: str, said: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    result = export(archive, "csv", tmp_path / file)
    assert (result.exit_code, said in complaint(result)) == (2, True)
    assert [one.name for one in tmp_path.iterdir()] == ["folder.csv"]


@pytest.mark.parametrize("content", ["no JSON", "[]", '{"resources": 3}', "\udcff"])
def test_a_datapackage_of_another_kind_is_left_alone(archive: Path, tmp_path: Path, content: str) -> None:
    path = tmp_path / "datapackage.json"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    before = path.read_bytes()
    result = export(archive, "csv", tmp_path / "wire.csv", "--force")
    assert (result.exit_code, "export into another folder" in complaint(result)) == (2, True)
    assert (path.read_bytes(), len(list(tmp_path.iterdir()))) == (before, 1)


def test_a_slip_in_the_query_is_told_where_it_leads_to_nothing(archive: Path, tmp_path: Path) -> None:
    result = export(archive, "csv", tmp_path / "wire.csv", "unicorn or griffin")
    assert (result.exit_code, list(tmp_path.iterdir())) == (1, [])
    assert '"or" was searched as a word' in result.stderr
    assert "no such article: nothing was written" in result.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["unicorn"], 1, "no such article: nothing was written"),
        (["--edition", "belta-xyz"], 2, "no edition 'belta-xyz'"),
        (["--since", "tomorrow"], 2, "'tomorrow' is no date"),
        (["--since", "2026-03-12", "--until", "2026-03-11"], 2, "nothing can lie between them"),
        (['"'], 2, "holds no word to search for"),
    ],
)
def test_what_finds_nothing_writes_nothing(
    archive: Path, tmp_path: Path, options: list[str], code: int, said: str
) -> None:
    result = export(archive, "csv", tmp_path / "wire.csv", *options)
    assert (result.exit_code, said in result.stderr, "Traceback" in result.stderr) == (code, True, False)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_rubric_is_told_from_an_empty_one(archive: Path, tmp_path: Path) -> None:
    result = export(archive, "csv", tmp_path / "wire.csv", "--rubric", "economy")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[0].endswith("the rubric 'economy'; there are economics, society")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("PRAGMA application_id = 7", "not an archive of Dateline"),
        ("UPDATE alembic_version SET version_num = '9999'", "a newer Dateline wrote it"),
        ("UPDATE alembic_version SET version_num = '0001'", "an older Dateline wrote it"),
        (None, "it is empty"),
    ],
)
def test_another_database_is_one_clear_line(archive: Path, tmp_path: Path, sql: str | None, said: str) -> None:
    other = tmp_path / "other.db"
    if sql is not None:
        shutil.copy(archive, other)
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.execute(sql or "PRAGMA user_version = 0")
    if sql is None:
        other.touch()
    result = export(other, "csv", tmp_path / "wire.csv")
    assert (result.exit_code, said in complaint(result)) == (1, True)
    assert not (tmp_path / "wire.csv").exists()


def test_parquet_without_pyarrow_is_one_clear_line(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = export(archive, "parquet", tmp_path / "wire.parquet")
    assert (result.exit_code, "pip install 'dateline[parquet]'" in complaint(result)) == (1, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("published_at", "'yesterday'", "published_at is no time: 'yesterday'"),
        ("tags", "'{'", "its tags cannot be read"),
    ],
)
def test_damaged_rows_are_named(archive: Path, tmp_path: Path, column: str, value: str, said: str) -> None:
    damaged = tmp_path / "archive.db"
    shutil.copy(archive, damaged)
    with closing(sqlite3.connect(damaged)) as connection, connection:
        connection.execute(f"UPDATE revisions SET {column} = {value} WHERE article_id = 2")  # noqa: S608 - as above
    result = export(damaged, "parquet", tmp_path / "wire.parquet")
    assert (result.exit_code, f"belta-eng/1002-2026: {said}" in complaint(result)) == (1, True)
    assert [one.name for one in tmp_path.iterdir() if "archive" not in one.name] == []


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Lets no file grow beyond so many bytes; not longer than needed, since pytest may be writing to one."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_fills_leaves_no_file(archive: Path, tmp_path: Path, name: str) -> None:
    long, path = tmp_path / "archive.db", tmp_path / "out" / f"wire.{name}"
    path.parent.mkdir()
    shutil.copy(archive, long)
    with closing(sqlite3.connect(long)) as connection, connection:
        connection.execute("UPDATE revisions SET body = hex(randomblob(100000)) WHERE article_id = 2")
    with no_file_beyond(40_000):  # enough for what SQLite keeps beside the archive
        result = export(long, name, path)
    assert (result.exit_code, str(path) in complaint(result)) == (1, True)
    assert list(path.parent.iterdir()) == []


def test_a_disk_that_fills_at_the_very_end_leaves_no_file_either(archive: Path, tmp_path: Path) -> None:
    made = format_named("jsonl")

    def write_and_fill(file: BinaryIO, handout: ArticleExport) -> None:
        made.write(file, handout)
        file.flush()
        at_the_end.enter_context(no_file_beyond(100))

    with ExitStack() as at_the_end, open_reader(str(archive)) as reader, pytest.raises(OSError, match="too large"):
        export_articles(everything(reader), tmp_path / "wire.jsonl", replace(made, write=write_and_fill))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kept", [False, True])
def test_an_interruption_leaves_what_was_there(archive: Path, tmp_path: Path, name: str, *, kept: bool) -> None:
    path = tmp_path / f"wire.{name}"
    if kept:
        path.write_text("older", encoding="utf-8")
    with open_reader(str(archive)) as reader, pytest.raises(KeyboardInterrupt):
        export_articles(everything(tired_of(reader)), path, format_named(name), force=True)
    assert [one.read_text(encoding="utf-8") for one in tmp_path.iterdir()] == (["older"] if kept else [])


def tired_of(reader: Reader) -> Reader:
    """A reader of which somebody has had enough after two articles."""

    def run(sql: str, values: Mapping[str, Any]) -> Iterator[Row]:
        for number, row in enumerate(reader.run(sql, values)):
            if number == 2 and "headline" in row:
                raise KeyboardInterrupt
            yield row

    return Reader(reader.name, reader.dialect, run)


def test_a_format_that_is_not_to_be_had_says_so_to_programs_too(archive: Path, tmp_path: Path) -> None:
    def never() -> None:
        raise DatelineError("not here")

    with open_reader(str(archive)) as reader, pytest.raises(DatelineError, match="not here"):
        export_articles(everything(reader), tmp_path / "wire.csv", replace(format_named("csv"), ready=never))


def test_every_format_has_its_command() -> None:
    for name in NAMES:
        command = export_group.get_command(Context(export_group), name)
        assert command is not None
        assert command.name == name
