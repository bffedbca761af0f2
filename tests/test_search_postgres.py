"""A query on a PostgreSQL archive: the same articles, in the same order, with the same passages as on a file."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings

from storage import Archive
from storage.cli import dateline
from storage.read.query.search import Filters, search
from storage.read.reader import open_reader
from tests import postgres_server
from tests.worded_archive import QUERIES, worded

pytestmark = pytest.mark.postgres

HONOURED = (
    "fog", "fo*", "headline: fog", "headline:елка", "{headline lead}:lodz", "-headline:fog fog", "fog -bay",
    "bay AND NOT fog", '"fog bay"', '"ёлка минск"*', "(fog OR bay) lodz", "NEAR(fog bay, 2)", "body:NEAR(ёлка Łódź, 1)",
    "^fog", "lead:^cafe", "covid-19", "сямʼя", "fog or bay", "café NOT (bay OR ёл*)", "FOG", "fog -(bay OR lodz)", "",
)  # fmt: skip
REFUSED = ("fog |", "fog AND", "(fog", '"fog', "title:fog", "fog w/3 bay", "-fog", "*og", "fog +bay")


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The URL of an archive on a server and the path of a file with the same articles."""
    pytest.importorskip("psycopg")
    commands = postgres_server.binaries()
    if commands is None:
        pytest.skip("no PostgreSQL server here")
    file = str(tmp_path_factory.mktemp("words") / "archive.db")
    # Not in pytest's own folder, which other users may not enter.
    with (
        tempfile.TemporaryDirectory(prefix="dateline-pg-") as folder,
        postgres_server.running(commands, Path(folder)) as url,
    ):
        assert worded(url) == worded(file)
        yield url, file


def run(target: str, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", target, *arguments], prog_name="dateline")


def answer(target: str, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    result = run(target, "search", "--json", "--limit", "100", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("query", HONOURED)
@pytest.mark.parametrize(
    "more", [(), ("--sort", "time", "--since", "2026-03-10T12:30"), ("--as-of", "2026-03-10T12:00:40")]
)
def test_a_query_is_answered_the_same(targets: tuple[str, str], query: str, more: tuple[str, ...]) -> None:
    server, file = targets
    assert answer(server, *more, "--", query) == answer(file, *more, "--", query)


@pytest.mark.parametrize("query", REFUSED)
def test_a_query_is_refused_the_same(targets: tuple[str, str], query: str) -> None:
    server, file = (run(target, "search", "--", query) for target in targets)
    assert (server.exit_code, server.stdout, server.stderr) == (2, "", file.stderr)


@given(query=QUERIES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_finds_the_same_in_the_same_order(targets: tuple[str, str], query: str) -> None:
    found = []
    for target in targets:
        with open_reader(target) as reader:
            hits = search(reader, query, Filters(), limit=1000).hits
            found.append([(hit.article["key"], hit.headline, hit.snippet) for hit in hits])
    assert found[0] == found[1]


def test_python_and_the_exports_select_the_same(targets: tuple[str, str], tmp_path: Path) -> None:
    told = []
    for number, target in enumerate(targets):
        file = tmp_path / f"{number}.jsonl"
        assert run(target, "export", "jsonl", str(file), "headline:елка", "-fog").exit_code == 0
        with Archive.open(target, readonly=True) as archive:
            keys = [article.key for article in archive.news("headline:елка -fog")]
            told.append(
                (file.read_bytes(), keys, archive.count("NEAR(fog bay, 3)"), archive.count(edition="belta-eng"))
            )
    assert told[0] == told[1]
    assert told[0][1] != []


@pytest.mark.parametrize(
    "arguments",
    [
        ("politeness", "--json"),
        ("politeness", "--edition", "belta-eng", "--since", "2026", "--until", "2026-03-10"),
        ("politeness", "--edition", "belta-egn"),
        ("changes", "--since", "2026", "--json"),
        ("changes", "--since", "2026", "--edition", "belta-egn"),
        ("show", "https://www.eng.belta.by/economics/view/story-7-2026"),
        ("show", "http://elsewhere.example/never"),
        ("cite", "7-2026"),
        ("html", "7"),
        ("search", "fog", "--edition", "belta-egn"),
        ("search", "fog", "--rubric", "sports"),
    ],
)
def test_every_reading_command_says_the_same(targets: tuple[str, str], arguments: tuple[str, ...]) -> None:
    server, file = (run(target, *arguments) for target in targets)
    for one, name in ((server, targets[0]), (file, targets[1])):
        assert one.exception is None or isinstance(one.exception, SystemExit), name
    said = [(one.exit_code, one.stdout, one.stderr) for one in (server, file)]
    assert said[0] == (said[1][0], said[1][1], said[1][2].replace(targets[1], targets[0]))
