"""The log: JSON for programs, rotation without losing or mixing a line, and no secrets in it."""

from __future__ import annotations

import json
import logging
import multiprocessing
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scrapy.settings import Settings

from spiders.demo.faults import only
from spiders.reporting.logs import JsonLines, LogFile, Secrets, TextLines
from tests.front_door import front_door


def objects(text: str) -> list[dict[str, Any]]:
    """Every line is a JSON object, whatever else."""
    return [json.loads(line) for line in text.splitlines()]


def record(message: str, **more: object) -> logging.LogRecord:
    made = logging.LogRecord("scrapy.core", logging.WARNING, __file__, 1, message, None, None)
    vars(made).update(more)
    return made


# --- through the front door


def test_with_json_all_that_a_crawl_says_is_an_object_a_line_that_names_edition_and_crawl(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:
        fine = door.crawl("--log-format", "json", "-L", "INFO")
        assert fine.code == 0
        lines = objects(fine.said)
        assert {"time", "level", "logger", "message"} <= set(lines[0])
        opened = next(line for line in lines if line["message"] == "Spider opened")
        assert (opened["level"], opened["edition"], opened["crawl_id"]) == ("INFO", "demo", 1)
        assert datetime.fromisoformat(opened["time"]).utcoffset() is not None
        assert "new; complete" not in fine.said, "nothing went wrong, and nobody asked"
        door.trouble(only("error", r"/\w+/view/.*"))
        bad = door.crawl("--log-format", "json", "-s", "RETRY_TIMES=0", recheck="all")
        (line,) = objects(bad.said)
        assert (line["level"], line["outcome"], line["exit_code"], line["crawl_id"]) == ("WARNING", "incomplete", 3, 2)
        assert "3 times, first: HTTP 500" in line["message"]
        wrong = door.crawl("--log-format", "json", edition="demos")
        assert [line["level"] for line in objects(wrong.said)] == ["ERROR"]
        asked = door.crawl("-s", "LOG_FORMAT_NAME=json", "-s", "SUMMARY=always", recheck="off")
        assert [line["outcome"] for line in objects(asked.said)] == ["complete"]


def test_a_log_file_gets_the_summary_of_every_run_and_cron_none(tmp_path: Path) -> None:
    with front_door(tmp_path, size=3) as door:
        door.settings |= {"LOG_FILE": "crawl.log", "LOG_LEVEL": "INFO"}
        for _ in range(2):
            assert door.crawl("--log-format", "json").said == ""
        ends = [line for line in objects((tmp_path / "crawl.log").read_text()) if "outcome" in line]
        assert [(line["crawl_id"], line["outcome"]) for line in ends] == [(1, "complete"), (2, "complete")]
        door.settings |= {"LOG_LEVEL": "WARNING"}
        door.put("/all_news/", door.answer("/nothing/"))
        bad = door.crawl()
        assert bad.said.startswith("demo: "), "trouble is for people as well"
        assert "; unrecognised: " in (tmp_path / "crawl.log").read_text().splitlines()[-1]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("LOG_FORMAT_NAME=xml", "dateline: LOG_FORMAT_NAME=xml: takes text or json"),
        ("LOG_FILE=/nowhere/a.log", "dateline: LOG_FILE=/nowhere/a.log: cannot be written (No such file or directory)"),
    ],
)
def test_a_log_that_cannot_be_is_one_line_and_no_crawl(option: str, said: str, tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        crawl = door.crawl("-s", option)
        assert (crawl.code, crawl.lines, crawl.asked) == (1, [said], ())


# --- lines


def test_an_exception_is_one_field() -> None:
    try:
        int("no such\x1b[2J thing")
    except ValueError:
        line = JsonLines(Settings()).format(record("it failed", exc_info=sys.exc_info()))
    (found,) = objects(line)
    assert found["message"] == "it failed"
    assert found["exception"].startswith("Traceback (most recent call last):\n")
    assert found["exception"].endswith(r"invalid literal for int() with base 10: 'no such\x1b[2J thing'")
    assert "\x1b" not in line


@given(st.text())
def test_whatever_is_logged_a_line_of_json_is_a_line_and_text_cannot_drive_a_terminal(message: str) -> None:
    (found,) = objects(JsonLines(Settings()).format(record("%s", args=(message,))))
    assert found["message"].encode("utf-8", "replace") == message.encode("utf-8", "replace")
    shown = TextLines(Settings({"LOG_FORMAT": "%(message)s"})).format(record("%s", args=(message,)))
    assert not any(sign < " " and sign != "\n" for sign in shown)


SECRETS = {
    "postgresql://me:hunter2@db.example/wire": "postgresql://***@db.example/wire",
    "https://hooks.example/x?token=abc123&room=5": "https://hooks.example/x?token=***&room=5",
    "GET https://user:pa%20ss@host.example/ (https://a.example/b:c@d)": "GET https://***@host.example/ (https://a.example/b:c@d)",
    "the password is s3cretword, as set": "the password is ***, as set",
    "the DSN is p@ssw0rd and p%40ssw0rd": "the DSN is *** and ***",
    "12:30 http://127.0.0.1:8100/a@b": "12:30 http://127.0.0.1:8100/a@b",
}


@pytest.mark.parametrize("said", SECRETS)
def test_a_secret_does_not_stand_in_a_log(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "s3cretword")
    settings = Settings({"DATABASE_URL": "postgresql://me:p%40ssw0rd@db.example/wire"})
    assert Secrets.of(settings).out_of(said) == SECRETS[said]
    assert json.loads(JsonLines(settings).format(record(said)))["message"] == SECRETS[said]


def test_the_password_of_a_database_is_in_no_word_of_a_crawl(tmp_path: Path) -> None:
    with front_door(tmp_path, size=1) as door:
        door.settings["DATABASE_URL"] = "postgresql://me:hunter2@127.0.0.1:1/wire"
        crawl = door.crawl("-L", "DEBUG")
        assert crawl.code == 1
        assert "hunter2" not in crawl.said


# --- rotation


def write(path: Path, writer: int, lines: int) -> None:
    file = LogFile(path, size=20_000, keep=100)
    file.setFormatter(logging.Formatter("%(message)s"))
    for number in range(lines):
        file.handle(record(f"{writer}:{number} " + "x" * (number % 90)))
    file.close()


def kept(path: Path) -> Iterator[str]:
    for file in sorted(path.parent.glob(f"{path.name}*")):
        if not file.name.endswith(".lock"):
            yield from file.read_text().splitlines()


def test_several_processes_share_a_log_that_is_rotated_and_lose_or_mix_no_line(tmp_path: Path) -> None:
    path = tmp_path / "crawl.log"
    context = multiprocessing.get_context("forkserver")
    writers = [context.Process(target=write, args=(path, writer, 1500)) for writer in range(3)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()
        assert process.exitcode == 0
    expected = {f"{writer}:{number} " + "x" * (number % 90) for writer in range(3) for number in range(1500)}
    lines = list(kept(path))
    assert len(lines) == len(expected)
    assert set(lines) == expected
    assert len(list(tmp_path.glob("crawl.log.[0-9]*"))) > 5
    more = 3 * 200  # each of them may have looked at the size before the others wrote their line
    assert all(file.stat().st_size <= 20_000 + more for file in tmp_path.glob("crawl.log*"))


def test_no_more_files_are_kept_than_wanted_and_the_newest_are(tmp_path: Path) -> None:
    path = tmp_path / "crawl.log"
    file = LogFile(path, size=200, keep=2)
    for number in range(50):
        file.handle(record(f"{number} " + "x" * 90))
    file.close()
    names = sorted(found.name for found in tmp_path.iterdir())
    assert names == ["crawl.log", "crawl.log.1", "crawl.log.2", "crawl.log.lock"]
    assert path.read_text().startswith("48 " if path.read_text().count("\n") == 2 else "49 ")


def test_a_file_that_logrotate_moved_away_or_somebody_deleted_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "crawl.log"
    file = LogFile(path, size=0, keep=5)
    file.handle(record("one"))
    path.rename(tmp_path / "crawl.log-20261123")
    file.handle(record("two"))
    assert path.read_text() == "two\n"
    path.unlink()
    file.handle(record("three"))
    file.close()
    file.handle(record("four"))
    assert path.read_text() == "three\nfour\n"
    file.close()


def test_a_log_that_is_no_file_is_never_rotated() -> None:
    file = LogFile("/dev/null", size=1, keep=5)
    file.handle(record("one"))
    file.handle(record("two"))
    file.close()
    assert Path("/dev/null").is_char_device()
