"""`dateline html`: the very bytes that the server sent, or nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from storage.cli import dateline
from storage.write.archive import Archive
from tests.sample_archive import HARVEST, Scribe, page, small

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small(tmp_path_factory.mktemp("archive") / "archive.db")


def run(archive: Path, *arguments: str | Path) -> Result:
    command = ["--database", str(archive), *map(str, arguments)]
    return CliRunner().invoke(dateline, command, prog_name="dateline")


def harvest(headline: str = HARVEST.headline) -> bytes:
    return page(f"<h1>{headline}</h1> {HARVEST.text}")


def test_html_is_byte_for_byte_what_the_server_sent(archive: Path) -> None:
    assert run(archive, "html", "1").stdout_bytes == harvest()
    assert b"\r\n" in harvest()


def test_html_of_a_real_process_goes_through_a_pipe_unchanged(archive: Path) -> None:
    command = [sys.executable, "-m", "storage.cli", "--database", str(archive), "html", "1"]
    result = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=os.environ, timeout=60)
    assert (result.stdout, result.stderr) == (harvest(), b"")


def test_html_of_bytes_that_are_no_text(tmp_path: Path) -> None:
    body = bytes(range(256)) * 9
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.archive.keep(scribe.snapshot("1-2026", body), scribe.crawl_id, None)
    assert run(tmp_path / "archive.db", "html", "--snapshot", "1").stdout_bytes == body


def test_html_of_a_revision_is_the_page_that_showed_it(archive: Path) -> None:
    assert run(archive, "html", "1", "--revision", "1").stdout_bytes == harvest("Harvest begins near Brest")
    assert run(archive, "html", "1", "--revision", "2").stdout_bytes == harvest()


def test_html_of_a_snapshot_may_be_a_listing(archive: Path) -> None:
    assert b"Windows painted" in run(archive, "html", "--snapshot", "1").stdout_bytes


def test_digest_is_the_sha256_of_the_bytes(archive: Path) -> None:
    assert run(archive, "html", "1", "--digest").stdout == hashlib.sha256(harvest()).hexdigest() + "\n"


def test_html_writes_a_file_and_nothing_beside_it(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "proof.html"
    assert run(archive, "html", "1", "-o", target).stdout_bytes == b""
    assert target.read_bytes() == harvest()
    assert list(tmp_path.iterdir()) == [target]
    umask = os.umask(0)
    os.umask(umask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask


def test_an_existing_file_is_replaced_by_force_only(archive: Path, tmp_path: Path) -> None:
    target = tmp_path / "proof.html"
    target.write_bytes(b"mine")
    result = run(archive, "html", "1", "-o", target)
    assert (result.exit_code, result.stderr) == (2, f"dateline: {target} exists: --force replaces it\n")
    assert target.read_bytes() == b"mine"
    assert run(archive, "html", "1", "-o", target, "--force").exit_code == 0
    assert target.read_bytes() == harvest()


def test_a_folder_that_is_missing_is_one_clear_line(archive: Path, tmp_path: Path) -> None:
    result = run(archive, "html", "1", "-o", tmp_path / "none" / "proof.html")
    assert (result.exit_code, "there is no folder" in result.stderr) == (2, True)


def test_a_folder_as_file_is_one_clear_line(archive: Path, tmp_path: Path) -> None:
    result = run(archive, "html", "1", "-o", tmp_path, "--force")
    assert (result.exit_code, result.stderr) == (2, f"dateline: {tmp_path} is a folder: name a file in it\n")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fills_leaves_no_half_file(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "proof.html")

    monkeypatch.setattr(Path, "replace", full)
    result = run(archive, "html", "1", "-o", tmp_path / "proof.html")
    assert (result.exit_code, result.stderr) == (1, "dateline: No space left on device: proof.html\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [[], ["1", "--snapshot", "1"], ["--snapshot", "1", "--revision", "1"], ["--snapshot", "x"]]
)
def test_html_of_nothing_or_of_two_things_is_wrong_usage(archive: Path, arguments: list[str]) -> None:
    result = run(archive, "html", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_snapshot_that_is_not_there_is_one_clear_line(archive: Path) -> None:
    result = run(archive, "html", "--snapshot", "999")
    assert (result.exit_code, result.stderr) == (1, f"dateline: no snapshot 999 in {archive}\n")


def test_an_answer_without_a_body_is_one_clear_line(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.archive.keep(scribe.snapshot("1-2026", b"", 304), scribe.crawl_id, None)
    result = run(tmp_path / "archive.db", "html", "--snapshot", "1")
    assert (result.exit_code, result.stderr) == (1, "dateline: snapshot 1: the server sent no body (HTTP 304)\n")


@pytest.mark.parametrize("options", [[], ["--digest"], ["-o", "proof.html"]])
def test_a_body_that_is_not_what_was_stored_is_never_written(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    forged = Path(shutil.copy(archive, tmp_path / "forged.db"))
    digest = run(archive, "html", "1", "--digest").stdout.strip()
    with sqlite3.connect(forged) as connection:
        other = "SELECT data FROM bodies WHERE sha256 <> ? AND head_sha256 IS NOT NULL AND size > 0 LIMIT 1"
        connection.execute(f"UPDATE bodies SET data = ({other}) WHERE sha256 = ?", [digest, digest])  # noqa: S608
    connection.close()
    result = run(forged, "html", "1", *options)
    assert (result.exit_code, result.stdout_bytes) == (1, b"")
    assert result.stderr.startswith(f"dateline: body {digest}: ")
    assert not (tmp_path / "proof.html").exists()
