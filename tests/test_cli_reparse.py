"""`dateline reparse` as people run it: processes, interruptions, and what it prints."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from crawler.reading import read
from crawler.records import Reading
from spiders.demo.newspaper import Newspaper
from storage.cli import dateline
from storage.maintenance.reparse import ReparseReport, ReparseScope, reparse
from storage.maintenance.reparse_workers import ProcessDied
from storage.maintenance.reparse_workers import _begin as begin
from storage.maintenance.verify import verify
from storage.read.articles.redline import redline
from storage.write.archive import Archive
from storage.write.reparsing import reread
from tests.offline_crawl import OfflineCrawl, small_history

NOW = datetime(2027, 1, 1, tzinfo=UTC)
BASE = "http://127.0.0.1:8100"


def short_sighted(reading: Reading, base_url: str | None = None) -> Reading:
    """An older parser: it knows nothing of captions, and no page with a nested body."""
    now = read(reading, base_url)
    if now.article is None:
        return now
    if "nested" in now.article.era or int(now.article.key.partition("-")[0]) % 3 == 0:
        return replace(now, outcome="unrecognised", article=None, problem="no era knows this page")
    photos = tuple(replace(photo, caption=None, credit=None) for photo in now.article.photos)
    return replace(now, article=replace(now.article, photos=photos))


def crawled(path: Path, base_url: str | None = None, arguments: dict[str, str] | None = None) -> Path:
    """An archive of eight crawls of the demo agency."""
    with Archive.open(str(path), create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(3)), base_url=base_url, arguments=arguments or {})
        for _ in range(8):
            crawl.run()
            crawl.now += crawl.step * 20_000
    return path


@pytest.fixture(scope="module")
def seen_well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crawled(tmp_path_factory.mktemp("well") / "archive.db")


@pytest.fixture(scope="module")
def seen_badly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with patch("tests.offline_crawl.read", short_sighted), patch("storage.write.reparsing.reread.read", short_sighted):
        return crawled(tmp_path_factory.mktemp("badly") / "archive.db")


@pytest.fixture
def path(seen_badly: Path, tmp_path: Path) -> Path:
    """A copy to be read again."""
    copy = tmp_path / "archive.db"
    shutil.copyfile(seen_badly, copy)
    return copy


@pytest.fixture(scope="module")
def read_again(seen_badly: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was seen badly, read again by one process."""
    path = tmp_path_factory.mktemp("again") / "archive.db"
    shutil.copyfile(seen_badly, path)
    report = reparse(str(path), ReparseScope(), NOW, jobs=1)
    assert report.corrected > 5
    assert report.added > 5
    return path


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small archive is work for several processes."""
    monkeypatch.setattr("storage.maintenance.reparse.PORTION", 4)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


WRITTEN = (
    "SELECT * FROM articles ORDER BY article_id",
    "SELECT * FROM revisions ORDER BY revision_id",
    "SELECT * FROM photos ORDER BY photo_id",
    "SELECT * FROM snapshots ORDER BY snapshot_id",
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", *arguments], prog_name="dateline")


@pytest.mark.parametrize("base_url", [None, BASE], ids=["at home", "at a mirror"])
def test_reading_again_what_was_crawled_changes_nothing(base_url: str | None, tmp_path: Path) -> None:
    path = crawled(tmp_path / "archive.db", base_url)
    report = reparse(str(path), ReparseScope(), NOW)
    assert report.pages > 40
    assert (report.changed, report.lost, report.damaged) == (0, 0, 0)


def test_a_base_url_among_the_crawl_s_arguments_is_taken_as_the_crawl_took_it(tmp_path: Path) -> None:
    path = crawled(tmp_path / "archive.db", BASE, {"base_url": f"{BASE}/"})
    assert reparse(str(path), ReparseScope(), NOW).changed == 0


@pytest.mark.usefixtures("small_portions")
def test_several_processes_write_what_one_writes(path: Path, read_again: Path) -> None:
    reparse(str(path), ReparseScope(), NOW, jobs=2)
    assert all(rows(path, query) == rows(read_again, query) for query in WRITTEN)
    assert verify(str(path)).sound
    assert reparse(str(path), ReparseScope(), NOW, jobs=2).changed == 0


@pytest.mark.slow
@pytest.mark.usefixtures("small_portions")
def test_processes_that_are_killed_cost_nothing_but_time(path: Path, read_again: Path) -> None:
    def kill(*_: object) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    assert reparse(str(path), ReparseScope(), NOW, jobs=2, heard=kill).deadly == 0
    assert all(rows(path, query) == rows(read_again, query) for query in WRITTEN)
    assert verify(str(path)).sound


def begin_to_die(target: str) -> None:
    """What a reading process does first: this one will be killed by the page that a file beside the archive names."""
    begin(target)
    deadly = Path(target).with_name("deadly").read_text()

    def reading(item: Reading, base_url: str | None = None) -> Reading:
        if item.snapshot.key == deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return read(item, base_url)

    vars(reread)["read"] = reading


def begin_and_die(_: str) -> None:
    """A machine without memory for one more process."""
    os._exit(1)


@pytest.mark.usefixtures("small_portions")
def test_an_article_that_kills_its_reader_is_passed_over_and_named(
    path: Path, read_again: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((article_id, key), *_) = rows(path, "SELECT article_id, key FROM articles WHERE revision_id IS NULL LIMIT 1")
    path.with_name("deadly").write_text(str(key))
    monkeypatch.setattr("storage.maintenance.reparse_workers._begin", begin_to_die)
    result = run(str(path), "reparse", "--jobs", "2")
    assert result.exit_code == 1
    assert f"demo/{key}  kills the process that reads it\n" in result.output
    assert "1 articles killed the process that read them" in result.output
    for query in ("article_id, number, correction, content_hash FROM revisions", "snapshot_id, reading FROM snapshots"):
        others = f"SELECT {query} WHERE article_id <> {article_id}"
        assert sorted(rows(path, others)) == sorted(rows(read_again, others))
    assert verify(str(path)).sound


@pytest.mark.usefixtures("small_portions")
def test_where_no_process_can_start_it_says_so_and_what_was_written_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.maintenance.reparse_workers._begin", begin_and_die)
    with pytest.raises(ProcessDied, match="try again, or with --jobs 1"):
        reparse(str(path), ReparseScope(), NOW, jobs=2)
    assert verify(str(path)).sound


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_an_archive_that_the_next_run_completes(
    sign: signal.Signals, path: Path, read_again: Path
) -> None:
    slow = (
        "import sys, time; from storage.maintenance import reparse as r; from storage.cli import main\n"
        "write = r.rewrite\n"
        "def slowly(*args):\n"
        "    write(*args); print('written', flush=True); time.sleep(0.2)\n"
        "r.rewrite, r.PORTION = slowly, 4\n"
        "if __name__ == '__main__':\n"
        "    sys.argv = ['dateline', '--database', sys.argv[1], 'reparse', '--jobs', '2']; main()\n"
    )
    script = path.with_name("slow.py")
    script.write_text(slow)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        [sys.executable, script, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(sign)
        said = process.stderr.read()  # ends when the reading processes have ended too: none is left behind
    assert process.returncode == (1 if sign is signal.SIGINT else -signal.SIGKILL)
    assert ("stopped; what was written stays" in said) == (sign is signal.SIGINT)
    assert "Traceback" not in said
    assert verify(str(path)).sound
    assert 0 < reparse(str(path), ReparseScope(), NOW, jobs=1).changed < 40
    assert all(rows(path, query) == rows(read_again, query) for query in WRITTEN)
    assert verify(str(path)).sound


def test_a_dry_run_shows_what_differs_field_by_field(path: Path) -> None:
    result = run(str(path), "reparse", "--dry-run")
    assert result.exit_code == 0
    assert " is read for the first time  snapshot " in result.output
    assert " revision 1 is read otherwise  snapshot " in result.output
    # The caption is new; the alternative text, which stands last, was read before as well.
    assert re.search(r"\n  photos +- http\S+ \| (.+)\n +\+ http\S+ \| .+ \| \1\n", result.output)
    assert re.search(r"first time  snapshot .*\n  headline +\+ \w.*\ndemo/", result.output)
    assert "revisions would be corrected" in result.output
    assert rows(path, "SELECT COUNT(*) FROM revisions WHERE correction > 0") == [(0,)]


def test_the_run_says_what_it_did_and_a_second_one_that_there_is_nothing_to_do(path: Path) -> None:
    assert "revisions corrected" in run(str(path), "reparse").output
    result = run(str(path), "reparse")
    assert result.exit_code == 0
    assert result.output.endswith("read again: nothing is read otherwise\n")


def test_json_holds_every_change_with_its_fields(path: Path) -> None:
    told = json.loads(run(str(path), "reparse", "--dry-run", "--json").stdout)
    assert {change["kind"] for change in told["changes"]} == {"corrected", "added", "marked"}
    assert told["corrected"] + told["added"] + told["marked"] == len(told["changes"])
    corrected = next(change for change in told["changes"] if change["kind"] == "corrected")
    assert (corrected["edition"], corrected["number"], corrected["correction"]) == ("demo", 1, 1)
    before, after = corrected["fields"]["photos"]
    assert [photo[0] for photo in before] == [photo[0] for photo in after]
    assert all(photo[1] is None for photo in before)


def test_pages_that_are_not_read_any_more_are_named_and_end_with_1(seen_well: Path, tmp_path: Path) -> None:
    path = tmp_path / "archive.db"
    shutil.copyfile(seen_well, path)
    with patch("storage.write.reparsing.reread.read", short_sighted):
        result = run(str(path), "reparse", "--jobs", "1")
    assert result.exit_code == 1
    assert "was read once, and cannot be read any more" in result.output
    assert "no era knows this page" in result.output


def test_one_article_is_named_as_everywhere(path: Path) -> None:
    ((key, article_id),) = rows(path, "SELECT key, article_id FROM articles WHERE status = 'live' LIMIT 1")
    for name in (str(key), f"demo/{key}", str(article_id)):
        assert "of 1 article read again" in run(str(path), "reparse", "--dry-run", "--article", name).output


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--article", "nothing"], 1, "no article 'nothing'"),
        (["--edition", "belta-pol"], 2, "no edition 'belta-pol'"),
        (["--since", "soon"], 2, "'soon' is no date"),
        (["--jobs", "0"], 2, "--jobs"),
        (["--since", "2027"], 0, "0 pages of 0 articles read again: nothing is read otherwise"),
    ],
)
def test_what_cannot_be_is_one_clear_line(arguments: list[str], code: int, said: str, path: Path) -> None:
    result = run(str(path), "reparse", *arguments)
    assert result.exit_code == code
    assert said in result.output


def test_a_report_of_nothing_is_empty() -> None:
    assert ReparseReport() == ReparseReport(total=0, pages=0, articles=0)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("A", "B", ["- A", "+ B"]),
        (None, "B", ["+ B"]),
        ("A", None, ["- A"]),
        ("A\n\nB\n\nC", "A\n\nC", ["- B"]),
        ("A\n\nB", "A\n\nX\n\nB", ["+ X"]),
        ([("u", "c", None)], [("u", "c", "d"), ("v", None, None)], ["- u | c", "+ u | c | d", "+ v"]),
        (["a", "b"], ["b"], ["- a"]),
    ],
)
def test_a_redline_holds_just_what_differs(before: object, after: object, lines: list[str]) -> None:
    assert [f"{sign} {text}" for sign, text in redline(before, after)] == lines


def test_a_redline_of_long_paragraphs_shows_the_place() -> None:
    words = " ".join(f"word{number}" for number in range(200))
    (_, was), (_, now) = redline(words, words.replace("word100 ", "ward100 "))
    assert was.replace("word100 ", "ward100 ") == now
    assert was.startswith("…")
    assert was.endswith("…")
    assert len(was) < 120
