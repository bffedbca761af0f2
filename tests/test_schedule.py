"""`dateline schedule`: what it prints is taken by cron, systemd and logrotate, whatever the folder is called."""

from __future__ import annotations

import getpass
import grp
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.errors import ArgumentError
from storage.deployment.schedule import EXAMPLE, KINDS, Machine, scheduled

ROOT = Path(__file__).parent.parent
ODD = ("plain", "two words", "100%d %h", "it's $HOME `id`", 'say "hi"', "ёлка;rm -rf *", "[a-z] {b,c}")


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, check=False, timeout=60)


def tool(name: str) -> str:
    """The path of a system command; .ci/run installs the package that has it."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def machine(folder: Path) -> Machine:
    """This one, with an archive in a folder that is made, and a Python that notes how it was called."""
    folder.mkdir()
    python = folder / "python"
    python.write_text(
        f"#!{sys.executable} -I\nimport json, os, sys\n"
        "json.dump([os.getcwd(), sys.argv[1:], dict(os.environ)], open('called.json', 'w'))\n"
    )
    python.chmod(0o755)
    return Machine(folder, python, getpass.getuser(), grp.getgrgid(os.getgid()).gr_name, "demo", flock=tool("flock"))


def test_deploy_holds_the_forms_filled_in_for_an_example() -> None:
    made = {name: text for kind in KINDS for name, text in scheduled(kind, EXAMPLE).items()}
    held = {path.name: path.read_text() for path in (ROOT / "deploy").iterdir()}
    assert held == made, "python -m storage.deployment.schedule deploy"
    assert not any(re.search(r"@[A-Z_]+@", text) for text in made.values())


# --- cron


def as_cron_reads_it(text: str) -> tuple[str, str]:
    """The five fields and the command of the last line. A bare percent sign would be a line break."""
    *fields, command = text.splitlines()[-1].split(maxsplit=5)
    assert not re.search(r"(?<!\\)%", command)
    return " ".join(fields), command.replace("\\%", "%")


@pytest.mark.parametrize("name", ODD)
def test_a_crontab_is_taken_by_cron_and_runs_the_crawl_in_the_archives_folder(name: str, tmp_path: Path) -> None:
    here = machine(tmp_path / name)
    text = scheduled("cron", here)["crontab"]
    (tmp_path / "crontab").write_text(text)
    checks = [run(tool("crontab"), flag, tmp_path / "crontab") for flag in ("-T", "-n")]  # newer cron, older cron
    assert any(check.returncode == 0 for check in checks), checks
    fields, command = as_cron_reads_it(text)
    assert re.fullmatch(r"[0-4]-59/5 \* \* \* \*", fields)
    (tmp_path / "sleep").write_text("#!/bin/sh\n")
    (tmp_path / "sleep").chmod(0o755)
    for _ in range(2):  # the lock of the first is free again
        done = run("/bin/sh", "-c", command, PATH=f"{tmp_path}:/usr/bin:/bin")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    folder, arguments, environment = json.loads((here.folder / "called.json").read_text())
    assert Path(folder) == here.folder
    assert arguments == ["-m", "scrapy", "crawl", "news", "-a", "edition=demo"]
    assert environment["SCRAPY_SETTINGS_MODULE"] == "crawler.settings"


def test_a_run_that_is_still_going_on_keeps_the_next_one_quiet(tmp_path: Path) -> None:
    here = machine(tmp_path / "place")
    _, command = as_cron_reads_it(scheduled("cron", here)["crontab"])
    held = run(tool("flock"), here.folder / ".cron.lock", "/bin/sh", "-c", command.replace("sleep ", ": "))
    assert (held.returncode, held.stdout, held.stderr) == (0, "", "")
    assert not (here.folder / "called.json").exists()


def test_a_file_of_secrets_is_read_before_the_run(tmp_path: Path) -> None:
    here = replace(machine(tmp_path / "place"), env=True)
    (here.folder / "dateline.env").write_text("DATELINE_CONTACT='desk@example.org'\n")
    _, command = as_cron_reads_it(scheduled("cron", here)["crontab"])
    assert run("/bin/sh", "-c", command.replace("sleep ", ": ")).returncode == 0
    assert json.loads((here.folder / "called.json").read_text())[2]["DATELINE_CONTACT"] == "desk@example.org"


def test_archives_begin_at_moments_of_their_own_and_always_at_the_same() -> None:
    moments = {replace(EXAMPLE, name=f"host-{number}").moment for number in range(200)}
    assert len(moments) > 130, "of 300 there are"
    assert all(minute < 5 and second < 60 for minute, second in moments)
    assert EXAMPLE.moment == replace(EXAMPLE).moment


# --- systemd


def units(text: dict[str, str], folder: Path) -> list[Path]:
    for name, unit in text.items():
        (folder / name).write_text(unit)
    return [folder / name for name in text]


@pytest.mark.parametrize("name", ODD)
def test_systemd_finds_nothing_wrong_with_the_units(name: str, tmp_path: Path) -> None:
    made = scheduled("systemd", machine(tmp_path / name))
    checked = run(tool("systemd-analyze"), "verify", *units(made, tmp_path))
    assert (checked.returncode, checked.stderr) == (0, "")


def test_systemd_would_say_what_is_wrong(tmp_path: Path) -> None:
    made = scheduled("systemd", machine(tmp_path / "place"))
    made["dateline.service"] = made["dateline.service"].replace("TimeoutStartSec=6h", "TimeoutStartSec=soon")
    assert "soon" in run(tool("systemd-analyze"), "verify", *units(made, tmp_path)).stderr


def test_the_timer_comes_when_it_says(tmp_path: Path) -> None:
    timer = scheduled("systemd", machine(tmp_path / "place"))["dateline.timer"]
    (when,) = re.findall(r"^OnCalendar=(.*)$", timer, re.MULTILINE)
    said = run(tool("systemd-analyze"), "calendar", "--iterations=13", "--base-time=2026-11-23 12:00:00 UTC", when)
    minutes = [int(found) for found in re.findall(r"(?:elapse|#\d+): \w+ [\d-]+ \d\d:(\d\d):", said.stdout)]
    assert len(minutes) == 13
    assert {(later - earlier) % 60 for earlier, later in pairwise(minutes)} == {5}


def test_the_service_is_fenced_in_and_does_not_fail_for_what_needs_nobody() -> None:
    service = scheduled("systemd", EXAMPLE)["dateline.service"]
    lines = set(service.splitlines())
    assert lines >= {
        "NoNewPrivileges=yes", "ProtectSystem=strict", 'ReadWritePaths="/srv/dateline"', "PrivateTmp=yes",
        "ProtectHome=yes", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "MemoryMax=1G", "TimeoutStartSec=6h",
        "SuccessExitStatus=3 5", "User=dateline",
    }  # fmt: skip
    home = scheduled("systemd", replace(EXAMPLE, folder=Path("/home/ann/news")))["dateline.service"]
    assert "ProtectHome=read-only" in home, "else its own folder would be hidden from it"
    assert "PrivateTmp=no" in scheduled("systemd", replace(EXAMPLE, folder=Path("/tmp/news")))["dateline.service"]  # noqa: S108


def test_systemd_rates_the_service_as_little_exposed(tmp_path: Path) -> None:
    (path, _) = units(scheduled("systemd", machine(tmp_path / "place")), tmp_path)
    rated = run(tool("systemd-analyze"), "security", "--offline=true", "--threshold=25", path)
    assert rated.returncode == 0, rated.stdout + rated.stderr


# --- logrotate and container


@pytest.mark.parametrize("name", [name for name in ODD if not set('"{') & set(name)])
def test_logrotate_takes_its_snippet_and_moves_the_log_aside(name: str, tmp_path: Path) -> None:
    here = machine(tmp_path / name)
    log = here.folder / "crawl.log"
    log.write_text("a line\n")
    here.folder.chmod(0o755)
    (tmp_path / "conf").write_text(scheduled("logrotate", here)["logrotate"])
    (tmp_path / "conf").chmod(0o644)
    done = run(tool("logrotate"), "--force", "--state", tmp_path / "state", tmp_path / "conf")
    assert (done.returncode, done.stderr) == (0, "")
    assert not log.exists()
    assert (here.folder / "crawl.log.1").read_text() == "a line\n"


def test_the_container_file_copies_what_there_is_and_ends_as_a_user_without_rights() -> None:
    text = scheduled("container", EXAMPLE)["Containerfile"]
    joined = re.sub(r"\\\n\s*", " ", text)
    steps = [line.split(maxsplit=1) for line in joined.splitlines() if line and not line.startswith("#")]
    assert steps[0][0] == "FROM"
    copied = [source for word, rest in steps if word == "COPY" for source in rest.split()[:-1]]
    assert all((ROOT / source).exists() for source in copied)
    assert {"crawler", "pipelines", "spiders", "storage", "requirements/run.txt"} <= set(copied)
    users = [rest for word, rest in steps if word == "USER"]
    assert users == ["10001"]
    assert f"--uid {users[0]} " in joined
    assert [word for word, _ in steps].index("USER") > max(n for n, (word, _) in enumerate(steps) if word == "RUN")
    for word, rest in steps:
        if word in {"ENTRYPOINT", "CMD"}:
            assert all(isinstance(part, str) for part in json.loads(rest))
        if word == "RUN":
            assert run("/bin/sh", "-n", "-c", rest).returncode == 0


# --- the command


def test_the_command_fills_in_this_machine_and_writes_files_where_wanted(tmp_path: Path) -> None:
    place = tmp_path / "100% mine"
    place.mkdir()
    dateline = [sys.executable, "-m", "storage.cli", "schedule"]
    line = run(*dateline, "--edition", "belta-eng,belta-rus", "--every", "20", cwd=place, PYTHONPATH=str(ROOT))
    assert line.returncode == 0, line.stderr
    assert "'" + str(place).replace("%", "\\%") + "'" in line.stdout
    assert line.stdout.endswith(" -m scrapy crawl news -a edition=belta-eng,belta-rus\n")
    assert "-59/20 * * * * " in line.stdout
    made = run(*dateline, "systemd", "--output", "units", cwd=place, PYTHONPATH=str(ROOT))
    assert made.returncode == 0, made.stderr
    assert {path.name for path in (place / "units").iterdir()} == {"dateline.service", "dateline.timer"}
    assert f"User={getpass.getuser()}\n" in (place / "units" / "dateline.service").read_text()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--user", "nobody-of-that-name"), 2, "--user nobody-of-that-name: there is no such user"),
        (("--database", "other.db"), 2, "as DATELINE_DATABASE_URL=other.db"),
        (("--edition", "belta-enk"), 2, "unknown edition 'belta-enk'"),
        (("anacron",), 2, "'anacron' is not one of 'cron', 'systemd', 'container', 'logrotate'"),
    ],
)
def test_what_cannot_be_scheduled_is_said_in_one_line(options: tuple[str, ...], code: int, said: str) -> None:
    done = run(sys.executable, "-m", "storage.cli", "schedule", *options, cwd=ROOT)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_password_is_never_written_into_a_schedule() -> None:
    secret = "postgresql://me:hunter2@db.example/wire"
    for kind in KINDS:
        done = run(sys.executable, "-m", "storage.cli", "--database", secret, "schedule", kind, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_with_a_line_break_is_refused(kind: str) -> None:
    with pytest.raises(ArgumentError, match="line breaks"):
        scheduled(kind, replace(EXAMPLE, folder=Path("/srv/a\n* * * * * rm -rf x")))


@pytest.mark.parametrize(
    ("kind", "name"), [("systemd", "/srv/a\\b"), ("systemd", "/srv/'\""), ("logrotate", '/a"b'), ("logrotate", "/a{b")]
)
def test_a_name_that_a_form_cannot_take_is_refused(kind: str, name: str) -> None:
    with pytest.raises(ArgumentError, match="cannot take this name"):
        scheduled(kind, replace(EXAMPLE, folder=Path(name)))
