"""`dateline compact`: better groups, the same bytes, and a readable archive at every moment."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import ArchiveBusy
from storage.cli import dateline
from storage.db.frames import DamagedBody
from storage.db.lock import CrawlLock
from storage.maintenance import repack as repack_module
from storage.maintenance.compact import compact
from storage.maintenance.grouping import Group, regroup
from storage.maintenance.verify import verify
from storage.write.archive import Archive
from storage.write.evidence.bodies import GROUP, MAX_HEAD
from tests.invented import EDITION, NOON, desk, page, story

WORDS = random.Random(7).choices([f"word{number}" for number in range(3000)], k=6000)
MAKES = [" ".join(WORDS[at : at + 400]).encode() for at in (0, 2000, 4000)]


def body(number: int) -> bytes:
    """A page of one of three makes, with some words of its own."""
    rng = random.Random(number)
    return MAKES[number % 3] + b"<h1>%d</h1>" % number + " ".join(rng.choices(WORDS, k=40)).encode()


def filled(path: Path, count: int = 200) -> Path:
    """An archive of that many pages, one huge and one tiny among them, in a finished crawl."""
    bodies = [body(number) for number in range(count)]
    bodies[5:5] = [b"?", b"0" * (MAX_HEAD + 9)]
    with desk(path) as crawl:
        for number, content in enumerate(bodies):
            crawl.visit(story(f"{number}-2026"), snapshot=page(f"{number}-2026", content))
        with crawl.archive.writing() as connection:
            for number in range(20):
                listing = page(None, b"<ul>" + body(number) + b"</ul>", kind="listing")
                crawl.archive.keep_in(connection, listing, crawl.crawl_id, None, "listing")
        crawl.archive.finish_crawl(crawl.crawl_id, "complete", 0, None, NOON)
    return path


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled(tmp_path_factory.mktemp("archive") / "archive.db")


@pytest.fixture
def path(pristine: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "archive.db"
    shutil.copyfile(pristine, copy)
    return copy


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(sql).fetchall()


def contents(path: Path) -> dict[str, bytes]:
    """Every body of an archive, by its digest."""
    with Archive.open(str(path), readonly=True) as archive:
        return {str(sha256): archive.body(str(sha256)) for (sha256,) in rows(path, "SELECT sha256 FROM bodies")}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(dateline, ["--database", *arguments], prog_name="dateline")


def test_the_same_bytes_take_less_and_everything_else_stays(path: Path, pristine: Path) -> None:
    report = compact(str(path))
    assert report.bodies == 222
    assert report.after < 0.9 * report.before
    assert report.after == rows(path, "SELECT SUM(LENGTH(data)) FROM bodies")[0][0]
    assert contents(path) == contents(pristine)
    assert verify(str(path)).sound
    others = [name for (name,) in rows(path, "SELECT name FROM sqlite_schema WHERE type = 'table'") if name != "bodies"]
    assert len(others) > 9
    for name in others:
        query = f"SELECT * FROM {name}"  # noqa: S608 - a table of ours
        assert rows(path, query) == rows(pristine, query)


def test_groups_stay_small_and_one_deep(path: Path) -> None:
    compact(str(path), 3)
    sizes = rows(path, "SELECT COUNT(*) FROM bodies WHERE head_sha256 IS NOT NULL GROUP BY head_sha256")
    assert max(int(str(size)) for (size,) in sizes) <= GROUP - 1
    deep = "SELECT 1 FROM bodies m JOIN bodies h ON h.sha256 = m.head_sha256 WHERE h.head_sha256 IS NOT NULL"
    assert rows(path, deep) == []


def test_what_was_compacted_is_left_alone_until_a_higher_level_is_asked_for(path: Path) -> None:
    assert compact(str(path), 3).bodies == 222
    assert compact(str(path), 3).bodies == 0
    assert compact(str(path), 1).bodies == 0
    assert compact(str(path), 12).bodies == 222
    assert rows(path, "SELECT DISTINCT level FROM bodies") == [(12,)]


def test_pages_that_come_after_it_are_compressed_against_its_heads_and_compacted_in_turn(path: Path) -> None:
    compact(str(path), 3)
    heads = rows(path, "SELECT COUNT(*) FROM bodies WHERE head_sha256 IS NULL")
    with desk(path) as crawl:
        for number in range(1000, 1006):
            crawl.visit(story(f"{number}-2026"), snapshot=page(f"{number}-2026", body(number)))
        assert crawl.rows("SELECT COUNT(*) FROM bodies WHERE head_sha256 IS NULL") == heads
        assert crawl.rows("SELECT COUNT(*) FROM bodies WHERE level IS NULL") == [(6,)]
    assert 6 < compact(str(path), 3).bodies <= 6 * GROUP
    assert verify(str(path)).sound


def test_a_crawl_that_is_running_keeps_it_out(path: Path) -> None:
    before = path.read_bytes()
    with CrawlLock(str(path), EDITION), pytest.raises(ArchiveBusy):
        compact(str(path))
    assert path.read_bytes() == before


def test_the_file_is_given_back_what_is_free_in_it(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("CREATE TABLE ballast AS SELECT zeroblob(3000000)")
        file.execute("DROP TABLE ballast")
    size = path.stat().st_size
    report = compact(str(path), 3)
    assert report.room is not None
    assert (report.room.before, report.room.free, report.room.why_not) == (size, 0, None)
    assert path.stat().st_size == report.room.after < size - 3_000_000
    again = compact(str(path), 3)
    assert again.room is not None
    assert again.room.why_not == "little is free"


def test_without_room_on_the_disk_the_file_stays_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, 5))
    monkeypatch.setattr("storage.maintenance.vacuum._WORTH", 0)
    report = compact(str(path), 3)
    assert report.room is not None
    assert str(report.room.why_not).endswith("bytes of free disk")
    assert verify(str(path)).sound


def test_a_damaged_group_stays_as_it_is_and_is_named(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        (sha256, head) = file.execute("SELECT sha256, head_sha256 FROM bodies WHERE head_sha256 IS NOT NULL").fetchone()
        file.execute("UPDATE bodies SET data = x'00' WHERE sha256 = ?", (sha256,))
        group = f"SELECT * FROM bodies WHERE '{head}' IN (sha256, head_sha256) ORDER BY sha256"  # noqa: S608
        before = file.execute(group).fetchall()
    report = compact(str(path), 3)
    assert report.damaged == (sha256,)
    assert report.bodies == 222 - len(before)
    assert rows(path, group) == before


def test_what_does_not_read_back_is_not_committed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(path, "SELECT * FROM bodies ORDER BY sha256")
    packed = repack_module._packed

    def flawed(*arguments: object) -> list[object]:
        frames = packed(*arguments)  # type: ignore[arg-type]
        first = frames[-1]
        return [*frames[:-1], repack_module._Frame(first.sha256, first.head_sha256, first.data[:-1])]

    monkeypatch.setattr(repack_module, "_packed", flawed)
    with pytest.raises(DamagedBody):
        compact(str(path))
    assert rows(path, "SELECT * FROM bodies ORDER BY sha256") == before


def test_another_program_that_changed_the_groups_meanwhile_is_given_way_to(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddling(bodies: list[bytes], *_: object) -> list[Group]:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("UPDATE bodies SET data = CAST(data || x'00' AS BLOB)")
        return regroup(bodies)

    monkeypatch.setattr(repack_module, "regroup", meddling)
    assert compact(str(path), 3).bodies == 0
    assert rows(path, "SELECT DISTINCT level FROM bodies") == [(None,)]


def test_ctrl_c_keeps_what_was_done(path: Path) -> None:
    def stop(what: str, *_: int) -> None:
        if what == "compacting":
            raise KeyboardInterrupt

    report = compact(str(path), 3, stop)
    assert report.interrupted
    assert 0 < report.bodies < 222
    assert verify(str(path)).sound
    assert compact(str(path), 3).bodies == 222 - report.bodies


@pytest.mark.slow
def test_killed_at_any_instant_it_leaves_every_body_readable(pristine: Path, tmp_path: Path) -> None:
    before = contents(pristine)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    for attempt in range(6):
        path = tmp_path / f"{attempt}.db"
        shutil.copyfile(pristine, path)
        command = [sys.executable, "-m", "storage.cli", "--database", str(path), "compact"]
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            time.sleep(0.4 + 0.25 * attempt)
            process.send_signal(signal.SIGKILL)
        assert contents(path) == before
        assert verify(str(path)).sound
        assert not compact(str(path)).interrupted
        assert contents(path) == before


def test_the_command_says_what_it_saved_and_a_second_one_that_there_is_nothing_to_do(path: Path) -> None:
    result = run(str(path), "compact", "--level", "3")
    assert result.exit_code == 0
    assert "222 pages: " in result.output
    assert "% less)" in result.output
    assert "All pages are compacted already." in run(str(path), "compact", "--level", "3").output
    told = json.loads(run(str(path), "compact", "--level", "4", "--json").stdout)
    assert told["bodies"] == 222
    assert told["after"] <= told["before"]
    assert run(str(path), "compact", "--level", "23").exit_code == 2


def test_the_command_names_damage_and_ends_with_1(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE bodies SET data = x'00' WHERE head_sha256 IS NULL")
    result = run(str(path), "compact")
    assert result.exit_code == 1
    assert "its group stays as it is" in result.output


def makes(draw_from: st.DataObject) -> Iterator[bytes]:
    for make in draw_from.draw(st.lists(st.integers(0, 5), max_size=40)):
        yield [b"", b"tiny", MAKES[0], MAKES[1], MAKES[0] + MAKES[1], b"0" * (MAX_HEAD + 1)][make]


@settings(max_examples=25)
@given(st.data())
def test_every_body_is_in_one_group(data: st.DataObject) -> None:
    bodies = list(makes(data))
    groups = regroup(bodies)
    assert sorted(at for group in groups for at in (group.head, *group.members)) == list(range(len(bodies)))
    assert all(len(group.members) < GROUP for group in groups)
    assert all(len(bodies[group.head]) <= MAX_HEAD for group in groups if group.members)


def test_pages_of_one_make_share_a_head_of_their_make() -> None:
    groups = regroup([body(number) for number in range(150)])
    assert len(groups) == 3
    assert all(len({at % 3 for at in (group.head, *group.members)}) == 1 for group in groups)


def test_more_pages_than_a_group_holds_are_several_groups() -> None:
    groups = regroup([body(3 * number) for number in range(GROUP + 20)])
    assert len(groups) == 2


def test_digests_of_the_test_pages_differ() -> None:
    assert len({hashlib.sha256(body(number)).digest() for number in range(200)}) == 200
