"""Notices: somebody is told once that something is wrong, and once that it is over. No secret is told to anybody."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scrapy.settings import Settings

from crawler.monitors.health import Finding
from spiders.demo.dress import Dress
from spiders.notifications import AppriseChannel, CommandChannel, Notification, channels, tell
from storage.cli import dateline
from storage.monitoring.incidents import TELL_FOR, note
from storage.write.archive import Archive
from tests.front_door import NOON, Crawl, Door, front_door
from tests.ready_made import empty_archive

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SCRIPT = """
import json, os, sys
facts = {name[16:].lower(): text for name, text in os.environ.items() if name.startswith("DATELINE_NOTICE_")}
with open("told", "a") as file:
    file.write(json.dumps({**facts, "text": sys.stdin.read(), "secret": "DATELINE_NOTIFY" in os.environ}) + "\\n")
"""


def scribe(folder: Path) -> str:
    """A command that writes down what it is told."""
    (folder / "scribe.py").write_text(SCRIPT)
    return f"{sys.executable} -I scribe.py"


def heard(folder: Path) -> list[dict[str, Any]]:
    path = folder / "told"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_new_layout_is_told_once_by_era_and_field_and_once_when_it_is_over(tmp_path: Path) -> None:
    with front_door(tmp_path, size=66, page_size=25) as door:
        door.settings |= {"NOTIFY_COMMAND": scribe(tmp_path), "SUMMARY": "auto"}

        def after(minutes: int) -> Crawl:
            door.now += timedelta(minutes=minutes)
            return door.crawl(recheck="off")

        assert after(0).code == 0
        # The agency prints its pages anew: the rubric stands nowhere any more.
        door.service.paper = replace(door.service.paper, redesigns=((door.now, Dress(eras=("inner",))),))
        began = after(24)
        assert (began.code, [call["occasion"] for call in heard(tmp_path)]) == (0, ["begun"])
        (call,) = heard(tmp_path)
        assert (call["edition"], call["monitor"], call["subject"]) == (
            "demo",
            "fields",
            "demo/inner-content rubric_label",
        )
        assert call["text"].startswith(
            "Dateline: demo: fields, demo/inner-content rubric_label\n\nrubric_label of demo/inn"
        )
        assert "To do: the site may have changed its pages" in call["text"]
        status = CliRunner().invoke(dateline, ["--database", str(door.archive), "status"])
        assert status.exit_code == 1
        assert "fields: rubric_label of demo/inner-content: 0 of the last" in status.stdout
        words, advice = began.lines
        measured, normal = call["text"].splitlines()[2:4]
        assert words == f"demo: fields, {call['subject']}: {measured} ({normal.lower()})"
        assert advice.startswith("  to do: the site may have changed its pages: compare one with its snapshot")
        assert (after(10).said, len(heard(tmp_path))) == ("", 1)  # it lasts, and nobody hears of it again
        door.service.paper = replace(door.service.paper, redesigns=())
        after(84)
        assert [call["occasion"] for call in heard(tmp_path)] == ["begun", "over"]
        assert "It lasted from " in heard(tmp_path)[1]["text"]
        assert (after(10).said, len(heard(tmp_path))) == ("", 2)
        assert CliRunner().invoke(dateline, ["--database", str(door.archive), "status"]).exit_code == 0


@pytest.fixture
def archive(tmp_path: Path) -> str:
    path = tmp_path / "archive.db"
    path.write_bytes(empty_archive())
    return str(path)


TROUBLE = Finding("silence", "trouble", "nothing new for 3 d", "12 articles' time", "look at the site")
WELL = replace(TROUBLE, state="well")


def found(archive: str, finding: Finding, now: datetime, edition: str = "demo") -> None:
    with closing(Archive.open(archive)) as opened, opened.writing() as connection:
        note(connection, edition, [finding], now)


class Ear:
    """A channel that hears, or does not."""

    def __init__(self, name: str = "ear", *, deaf: bool = False) -> None:
        self.name, self.deaf, self.heard = name, deaf, list[str]()

    def deliver(self, message: Notification) -> str | None:
        if self.deaf:
            return "it is deaf"
        self.heard.append(message.facts["occasion"])
        return None


def test_what_could_not_be_delivered_is_tried_again_on_that_channel_alone(archive: str) -> None:
    ear, deaf = Ear(), Ear("other", deaf=True)
    found(archive, TROUBLE, NOON)
    assert tell(archive, ["demo"], [ear, deaf], NOON) == ["notice of demo: silence by other: it is deaf"]
    assert tell(archive, ["demo"], [ear, deaf], NOON + HOUR) == ["notice of demo: silence by other: it is deaf"]
    deaf.deaf = False
    assert tell(archive, ["demo"], [ear, deaf], NOON + HOUR) == []
    assert (ear.heard, deaf.heard) == (["begun"], ["begun"])
    found(archive, WELL, NOON + HOUR)
    for _ in range(2):
        assert tell(archive, ["demo"], [ear, deaf], NOON + HOUR) == []
    assert (ear.heard, deaf.heard) == (["begun", "over"], ["begun", "over"])


def test_who_could_not_be_told_of_the_beginning_is_told_of_the_end_alone(archive: str) -> None:
    ear = Ear(deaf=True)
    found(archive, TROUBLE, NOON)
    tell(archive, ["demo"], [ear], NOON)
    found(archive, WELL, NOON + HOUR)
    ear.deaf = False
    tell(archive, ["demo"], [ear], NOON + HOUR)
    assert ear.heard == ["over"]


def test_what_was_over_before_anybody_was_to_be_told_is_not_told(archive: str) -> None:
    ear = Ear()
    found(archive, TROUBLE, NOON)
    found(archive, WELL, NOON + HOUR)
    tell(archive, ["demo"], [ear], NOON + HOUR)
    assert ear.heard == []


def test_a_week_of_trying_is_enough(archive: str) -> None:
    ear = Ear(deaf=True)
    found(archive, TROUBLE, NOON)
    assert tell(archive, ["demo"], [ear], NOON)
    assert tell(archive, ["demo"], [ear], NOON + TELL_FOR)
    assert tell(archive, ["demo"], [ear], NOON + TELL_FOR + HOUR) == []


def test_another_editions_incidents_are_left_to_its_own_run_those_of_the_archive_are_told_by_any(archive: str) -> None:
    ear = Ear()
    found(archive, TROUBLE, NOON, "belta-eng")
    tell(archive, ["demo"], [ear], NOON)
    assert ear.heard == []
    found(archive, TROUBLE, NOON, "")
    tell(archive, ["demo"], [ear], NOON)
    assert ear.heard == ["begun"]


def test_of_two_runs_that_end_together_one_tells(archive: str) -> None:
    late = Ear()

    class Slow(Ear):
        def deliver(self, message: Notification) -> str | None:
            tell(archive, ["demo"], [late], NOON)  # the other run, meanwhile
            return super().deliver(message)

    slow = Slow()
    found(archive, TROUBLE, NOON)
    tell(archive, ["demo"], [slow], NOON)
    assert (slow.heard, late.heard) == (["begun"], [])


def test_what_a_killed_process_had_taken_is_told_by_the_next(archive: str) -> None:
    class Killed(Ear):
        def deliver(self, _: Notification) -> str | None:
            raise KeyboardInterrupt

    ear = Ear()
    found(archive, TROUBLE, NOON)
    with pytest.raises(KeyboardInterrupt):
        tell(archive, ["demo"], [Killed()], NOON)
    tell(archive, ["demo"], [ear], NOON + timedelta(minutes=5))
    assert ear.heard == []
    tell(archive, ["demo"], [ear], NOON + timedelta(minutes=15))
    assert ear.heard == ["begun"]


MESSAGE = Notification("Dateline: test", "All is well.\n", {"occasion": "begun", "subject": "ÿ $(id) `id`"})


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("/bin/false", "it ended with exit code 1"),
        ("/no/such/program", "it could not be started: No such file or directory"),
        ("say 'hello", "NOTIFY_COMMAND is no command line: No closing quotation"),
        ([sys.executable, "-I", "-c", "import time; time.sleep(60)"], "it did not end within 0.2 seconds"),
        ([sys.executable, "-I", "-c", "raise SystemExit(input() != 'Dateline: test')"], None),
        ("/bin/true", None),  # which does not read what it is told
    ],
)
def test_a_command_that_fails_is_told_in_one_line(command: str | list[str], problem: str | None) -> None:
    assert CommandChannel(command, 0.2 if problem and "0.2" in problem else 30).deliver(MESSAGE) == problem


def test_a_command_sees_the_facts_as_they_are_without_a_shell_and_without_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATELINE_NOTIFY", "mailto://user:secret@mail.example")
    assert CommandChannel(scribe(tmp_path), 30).deliver(MESSAGE) is None
    (call,) = heard(tmp_path)
    assert (call["subject"], call["secret"]) == ("ÿ $(id) `id`", False)
    assert call["text"] == "Dateline: test\n\nAll is well.\n"


@contextmanager
def post_office(status: int = 200) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A service that takes JSON: its port, and what came in."""
    came: list[dict[str, Any]] = []

    class Counter(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Counter) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port, came
        finally:
            server.shutdown()
            thread.join()


SECRET = "hunter2"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own
def test_apprise_delivers_and_its_secrets_stand_nowhere_when_it_does_not(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with post_office() as (port, came):
        address = AppriseChannel(f"json://me:{SECRET}@127.0.0.1:{port}/{SECRET}", 1)
        assert address.deliver(MESSAGE) is None
    assert (came[0]["title"], came[0]["message"].strip(), came[0]["type"]) == (
        "Dateline: test",
        "All is well.",
        "warning",
    )
    assert address.deliver(MESSAGE) == "the service json did not take it"
    assert AppriseChannel(f"nosuch://{SECRET}", 2).deliver(MESSAGE) == "apprise does not know such an address"
    assert AppriseChannel(SECRET, 2).deliver(MESSAGE) == "apprise does not know such an address"
    said = capfd.readouterr()
    assert SECRET not in said.out + said.err + caplog.text + repr(address) + repr(CommandChannel(SECRET, 1))
    assert list(tmp_path.iterdir()) == []


def test_without_apprise_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    assert (
        AppriseChannel("json://localhost", 1).deliver(MESSAGE)
        == "apprise is not installed: pip install 'dateline[notify]'"
    )


def test_channels_are_those_of_the_settings() -> None:
    assert channels(Settings({"NOTIFY": "", "NOTIFY_COMMAND": ""})) == []
    assert channels(Settings({"NOTIFY": " a://x\n b://y ", "NOTIFY_COMMAND": "mail me", "NOTIFY_TIMEOUT": "5"})) == [
        CommandChannel("mail me", 5),
        AppriseChannel("a://x", 1),
        AppriseChannel("b://y", 2),
    ]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with front_door(tmp_path_factory.mktemp("secrets"), size=3) as door:
        yield door


def test_a_run_says_what_it_could_not_deliver_and_its_exit_code_is_the_same(door: Door) -> None:
    door.crawl()
    found(str(door.archive), replace(TROUBLE, monitor="other"), NOON)
    address = f"json://me:{SECRET}@127.0.0.1:1/"
    crawl = door.crawl("-s", f"NOTIFY={address}", "-s", "NOTIFY_COMMAND=/bin/false", "-L", "DEBUG")
    assert crawl.code == 0
    for words in ("by command: it ended with exit code 1", "by address 1: the service json did not take it"):
        assert f"notice of demo: other {words}" in crawl.said
    status = CliRunner().invoke(dateline, ["--database", str(door.archive), "status", "--json"])
    kept = b"".join(path.read_bytes() for path in door.folder.iterdir())
    assert SECRET not in crawl.said + status.stdout
    assert SECRET.encode() not in kept
