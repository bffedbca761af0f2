"""What docs/monitoring.md shows is what happens, and every monitor stands there."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crawler.monitors.catalogue import MONITORS, STANDSTILL
from storage.cli import dateline
from storage.monitoring.prometheus import Family, as_text
from storage.terminal import moments
from tests.sample_archive import NOON, small, troubled

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "monitoring.md").read_text()
SHELL = [block[1] for block in re.finditer(r"```sh\n(.*?)```", PAGE, re.DOTALL)]


@pytest.fixture(scope="module")
def ill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return troubled(tmp_path_factory.mktemp("ill") / "archive.db")


def status(archive: Path, *arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", str(archive), "status", *arguments], prog_name="dateline")


def test_the_commands_of_the_page_work_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small(tmp_path / "archive.db")
    monkeypatch.chdir(tmp_path)
    lines = [line.partition("#")[0].split() for line in SHELL[0].splitlines()]
    assert len(lines) == 5
    for program, *arguments in lines:
        assert program == "dateline"
        result = CliRunner().invoke(dateline, arguments)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "dateline.prom").read_text().startswith("# HELP dateline_healthy ")


def test_the_test_notice_of_the_page_is_sent(tmp_path: Path) -> None:
    """With `tee` in the place of a mail that nobody here may send."""
    words = SHELL[1].replace('mail -s "news archive" you@example.org', "tee told")
    words = re.sub(r"mailto://\S+ ntfy://\S+'", "nosuch://topic'", words)
    folder = Path(sys.executable).parent
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings", "PYTHONPATH": str(ROOT)}
    environment["PATH"] = f"{folder}:{environment['PATH']}"
    done = subprocess.run(
        ["sh", "-c", words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout == "command: delivered\naddress 1: apprise does not know such an address\n", done.stderr
    assert done.returncode == 1
    assert (tmp_path / "told").read_text().startswith("Dateline: test: nothing is wrong\n\nSent at ")


def test_every_monitor_stands_there() -> None:
    named = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    assert named == [*(monitor.__name__ for monitor in MONITORS), "disk", STANDSTILL]


def test_every_monitor_is_shown_with_what_it_measured(ill: Path) -> None:
    shown = status(ill, "--health", "--edition", "belta-eng").stdout
    for monitor in MONITORS:
        assert re.search(rf"\s{monitor.__name__}: .+ \(normal: .+\)$", shown, re.MULTILINE), monitor.__name__
    assert "well: " not in shown
    assert re.search(r"well: silence, failures, unrecognised, fields, ", status(ill).stdout)


@pytest.mark.parametrize(("age", "code"), [("2h", 0), ("1h", 0), ("59m", 1), ("3599s", 1), ("1d", 0)])
def test_a_last_crawl_that_is_too_long_ago_is_trouble_when_asked(
    age: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = small(tmp_path / "archive.db")
    monkeypatch.setattr("storage.cli.commands.status.now", lambda: NOON.replace(hour=NOON.hour + 2))
    result = status(archive, "--max-age", age, "--edition", "belta-eng")
    assert result.exit_code == code
    assert ("standstill: the last crawl ended 1 h ago" in result.stdout) == (code == 1)


@pytest.mark.parametrize("age", ["", "1", "h", "-1h", "1w", "1.5h", "٣h", "9999999h"])
def test_another_age_is_wrong_usage(age: str, ill: Path) -> None:
    result = status(ill, "--max-age", age)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "such as 30m, 2h or 1d" in result.stderr


def test_the_clock_of_the_command_is_this_machines() -> None:
    assert moments.now().tzinfo is not None


# --- the text format of Prometheus, read as its documentation describes it

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)?\}})? (\S+)")
UNESCAPED = {"\\n": "\n", '\\"': '"', "\\\\": "\\"}


def parsed(text: str) -> dict[str, dict[frozenset[tuple[str, str]], float]]:
    """Metric -> labels -> value. Raises AssertionError for what is not of the format, and for anything said twice."""
    assert text.endswith("\n")
    families: dict[str, dict[frozenset[tuple[str, str]], float]] = {}
    open_family, helped = "", ""
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("# HELP "):
            helped = line.split(" ")[2]
            assert re.fullmatch(NAME, helped)
            assert re.fullmatch(r"(?:[^\\]|\\[\\n])*", line)
        elif line.startswith("# TYPE "):
            _, _, open_family, kind = line.split(" ")
            assert (open_family, kind) == (helped, "gauge")
            assert families.setdefault(open_family, {}) == {}
        else:
            match = SAMPLE.fullmatch(line)
            assert match is not None, line
            assert match[1] == open_family  # all samples of a metric stand together
            pairs = re.findall(LABEL, match[2] or "")
            labels = frozenset((name, re.sub(r"\\.", lambda one: UNESCAPED[one[0]], value)) for name, value in pairs)
            assert len(labels) == len(pairs)
            assert labels not in families[open_family]
            families[open_family][labels] = float(match[match.lastindex or 0])
    return families


def test_metrics_are_prometheus_text(ill: Path) -> None:
    found = parsed(status(ill, "--prometheus").stdout)
    edition = ("edition", "belta-eng")
    assert found["dateline_healthy"] == {frozenset(): 0}
    assert found["dateline_articles"][frozenset({edition, ("status", "given-up")})] == 2
    assert found["dateline_last_crawl_exit_code"][frozenset({edition})] == 3
    assert found["dateline_last_crawl_end_timestamp_seconds"][frozenset({edition})] == NOON.timestamp() + 7200
    assert found["dateline_holes"][frozenset({edition})] == 1
    assert found["dateline_lost_stretches"][frozenset({edition})] == 0
    assert found["dateline_unknown_entries"][frozenset({edition})] == 0
    monitors = found["dateline_monitor_trouble"]
    assert len(monitors) == 2 * len(MONITORS) + 1  # two editions, and the disk
    assert set(monitors.values()) == {0}
    assert all(math.isfinite(value) for family in found.values() for value in family.values())


def test_the_json_of_the_monitors_says_the_same(ill: Path) -> None:
    found = parsed(status(ill, "--prometheus").stdout)["dateline_monitor_value"]
    queue = frozenset({("edition", "belta-eng"), ("monitor", "queue"), ("subject", "")})
    assert found[queue] == 2
    assert '"monitor": "queue",\n          "state": "well",' in status(ill, "--json").stdout


@pytest.mark.parametrize("text", ['a "b" \\ c', "two\nlines", "one\r\ntwo\rthree", "}", "ÿ \\n", "\\"])
def test_any_text_can_be_a_label(text: str) -> None:
    family = Family("dateline_x", text, [({"subject": text}, 1.5)])
    ((labels, value),) = parsed(as_text([family]))["dateline_x"].items()
    assert (dict(labels)["subject"], value) == (text.replace("\r\n", "\n").replace("\r", "\n"), 1.5)


def test_output_replaces_the_file_whole_and_the_exit_code_stays(ill: Path, tmp_path: Path) -> None:
    target = tmp_path / "dateline.prom"
    target.write_text("old")
    result = status(ill, "--prometheus", "--output", str(target))
    assert (result.exit_code, result.stdout) == (1, "")
    assert parsed(target.read_text())
    assert list(tmp_path.iterdir()) == [target]
    assert status(ill, "-o", str(tmp_path / "no" / "such")).exit_code == 2
