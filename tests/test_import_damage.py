"""Imports of files that are damaged or made up: what is right is taken, what is wrong is named, nothing crashes."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import text

from crawler.records import Hop, Snapshot, Wire
from spiders.demo.newspaper import Newspaper
from storage.cli import dateline
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_warc
from storage.warc.facts import BadFacts, facts_of, snapshot_of
from storage.warc.found import FoundCapture, found_in, told
from storage.warc.imports import ImportReport, import_files
from storage.warc.warc_reader import Record
from storage.write.archive import Archive
from tests.offline_crawl import START, OfflineCrawl, small_history


@lru_cache
def sample() -> bytes:
    """A small export, not compressed."""
    with TemporaryDirectory() as folder, Archive.open(f"{folder}/archive.db", create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(1), calm=True))
        crawl.run()
        crawl.now += timedelta(hours=9)
        crawl.run()
        export_warc(archive, Path(folder) / "all.warc", CaptureFilter())
        return (Path(folder) / "all.warc").read_bytes()


def imported(folder: Path, data: bytes) -> tuple[ImportReport, list[tuple[str, ...]]]:
    """The report of an import into a new archive, and the news that are there then."""
    (folder / "file.warc").write_bytes(data)
    with Archive.open(str(folder / "copy.db"), create=True) as archive:
        report = import_files(archive, [folder / "file.warc"])
        with archive.connection() as connection:
            news = connection.execute(text("SELECT key, headline, body FROM news ORDER BY key")).all()
    return report, [tuple(row) for row in news]


def with_told(data: bytes, number: int, change: Callable[[dict[str, Any]], None]) -> bytes:
    """The file with what its capture of that number tells changed, and all digests right again."""
    captures = list(found_in("file", io.BytesIO(data)))
    metadata = captures[number].metadata
    assert metadata is not None
    block = metadata.block or b""
    facts = json.loads(block)
    change(facts)
    changed = json.dumps(facts).encode()
    record = data[metadata.offset :][: data[metadata.offset :].index(b"\r\n\r\n") + 4 + len(block)]
    head = record[: -len(block)].decode()
    head = head.replace(f"Content-Length: {len(block)}", f"Content-Length: {len(changed)}")
    head = "\r\n".join(line for line in head.split("\r\n") if "-Digest: " not in line)
    return data.replace(record, head.encode() + changed)


def test_a_file_that_is_cut_short_gives_what_is_before_the_cut_and_says_where_it_broke(tmp_path: Path) -> None:
    data = sample()
    _, all_news = imported(tmp_path, data)
    (tmp_path / "copy.db").unlink()
    report, news = imported(tmp_path, data[: len(data) * 2 // 3])
    assert report.problem_count == 1
    assert report.problems[0].startswith(f"{tmp_path}/file.warc: at byte ")
    assert "cut short" in report.problems[0]
    assert 0 < len(news) < len(all_news)
    assert {key for key, *_ in news} <= {key for key, *_ in all_news}
    again, mended = imported(tmp_path, data)
    assert (again.problems, again.known, mended) == ([], report.kept, all_news)


def test_a_record_without_its_digest_is_left_out_and_named(tmp_path: Path) -> None:
    captures = list(found_in("file", io.BytesIO(sample())))
    page = next(one.record for one in captures if b"<h1>" in (one.record.block or b"") and "view" in one.record.target)
    at = page.offset + sample()[page.offset :].index(b"<h1>")
    damaged = sample()[:at] + b"<h2>" + sample()[at + 4 :]
    report, _ = imported(tmp_path, damaged)
    assert report.kept == len(captures) - 1
    (problem,) = report.problems
    assert f"at byte {page.offset:,}: response {page.name}: its block is not sha256:" in problem


NONSENSE: dict[str, Callable[[dict[str, Any]], None]] = {
    "format is not": lambda facts: facts.update(format="dateline-capture/99"),
    "snapshot is no object": lambda facts: facts.update(snapshot=[]),
    "crawl is no object": lambda facts: facts.update(crawl="yes"),
    "arguments is no object of texts": lambda facts: facts["crawl"].update(arguments={"since": 1}),
    "started_at is no UTC time": lambda facts: facts["crawl"].update(started_at="yesterday"),
    "a number of the crawl is out of range": lambda facts: facts["crawl"].update(exit_code=True),
    "kind is none of": lambda facts: facts["snapshot"].update(kind="video"),
    "status is no int": lambda facts: facts["snapshot"].update(status="200"),
    "status is out of range": lambda facts: facts["snapshot"].update(status=-1),
    "fetched_at is no UTC time": lambda facts: facts["snapshot"].update(fetched_at="2026-03-02 09:00"),
    "url is no str": lambda facts: facts["snapshot"].update(url=None),
    "headers is no list of pairs": lambda facts: facts["snapshot"].update(headers=[["a", "b", "c"]]),
    "redirects is no list of url": lambda facts: facts["snapshot"].update(redirects=[{"url": 1}]),
    "wire_sha256 is no SHA-256": lambda facts: facts["snapshot"].update(wire_sha256="x"),
    "does not have the digest": lambda facts: facts["snapshot"].update(body_sha256="0" * 64),
}


@pytest.mark.parametrize("complaint", NONSENSE)
def test_made_up_metadata_is_refused_by_name(complaint: str, tmp_path: Path) -> None:
    report, _ = imported(tmp_path, with_told(sample(), 1, NONSENSE[complaint]))
    (problem,) = report.problems
    assert complaint in problem
    assert "metadata <urn:uuid:" in problem
    assert report.kept > 3


def test_texts_that_no_database_takes_are_replaced(tmp_path: Path) -> None:
    def spoil(facts: dict[str, Any]) -> None:
        facts["crawl"].update(software="a\ud800", user_agent="\x00b", message="\udfffc")
        facts["snapshot"].update(ip_address="\ud800", protocol="\x00", damage="\udc00")

    report, _ = imported(tmp_path, with_told(sample(), 1, spoil))
    assert report.problems == []
    with Archive.open(str(tmp_path / "copy.db")) as archive, archive.connection() as connection:
        crawl = text("SELECT software, user_agent, message FROM crawls WHERE software LIKE 'a%'")
        assert connection.execute(crawl).all() == [("a\ufffd", "\ufffdb", "\ufffdc")]
        visit = text("SELECT ip_address, protocol FROM snapshots WHERE damage = '\ufffd'")
        assert connection.execute(visit).all() == [("\ufffd", "\ufffd")]


def test_what_an_older_version_did_not_note_of_a_photo_is_no_difference(tmp_path: Path) -> None:
    numbers = [n for n, one in enumerate(found_in("f", io.BytesIO(sample()))) if b'"caption"' in _told(one)]

    def older(facts: dict[str, Any]) -> None:
        for photo in facts["revisions"][-1]["photos"]:
            del photo["alt"], photo["width"], photo["height"]

    report, _ = imported(tmp_path, with_told(sample(), numbers[0], older))
    assert report.differences == []
    other = with_told(sample(), numbers[0], lambda facts: facts["revisions"][-1]["photos"][0].update(caption="Other"))
    (tmp_path / "copy.db").unlink()
    assert [one.field for one in imported(tmp_path, other)[0].differences] == ["photos"]


def _told(found: FoundCapture) -> bytes:
    return b"" if found.metadata is None else found.metadata.block or b""


def test_crawls_that_began_alike_and_ended_otherwise_are_two(tmp_path: Path) -> None:
    data = with_told(sample(), 1, lambda facts: facts["crawl"].update(outcome="incomplete", exit_code=3))
    report, _ = imported(tmp_path, data)
    assert report.problems == []
    with Archive.open(str(tmp_path / "copy.db")) as archive, archive.connection() as connection:
        ended = connection.execute(text("SELECT exit_code, count(*) FROM crawls GROUP BY exit_code ORDER BY 1")).all()
    assert ended == [(0, 2), (3, 1)]


def test_json_nested_without_end_is_refused_like_other_nonsense() -> None:
    for deep in (b'{"a":', b"["):
        with pytest.raises(ValueError, match="nested without end"):
            told(Record("metadata", {}, 0, 0, deep * 200_000))


def test_pages_of_editions_that_are_not_known_are_counted(tmp_path: Path) -> None:
    data = with_told(sample(), 2, lambda facts: facts["snapshot"].update(edition="mars-eng"))
    report, _ = imported(tmp_path, data)
    assert report.skipped == {"editions that this version does not know (mars-eng)": 1}
    assert report.problems == []


def test_an_article_under_a_strange_address_is_not_taken(tmp_path: Path) -> None:
    def move(facts: dict[str, Any]) -> None:
        facts["snapshot"].update(kind="article", key="1-2026", page=None, url="https://x.example/", requested_url="::")

    report, _ = imported(tmp_path, with_told(sample(), 0, move))
    assert report.skipped == {"articles whose address is none of their edition": 1}


def test_a_revisit_whose_page_is_nowhere_is_counted(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "source.db"), create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(1), calm=True))
        crawl.run()
        crawl.now += timedelta(hours=9)
        crawl.run()
        export_warc(archive, tmp_path / "all.warc", CaptureFilter())
    data = (tmp_path / "all.warc").read_bytes()
    captures = list(found_in("file", io.BytesIO(data)))
    revisit = next(one for one in captures if one.record.type == "revisit")
    assert revisit.metadata is not None
    alone = data[revisit.record.offset : revisit.metadata.offset + 10_000].split(b"\r\n\r\nWARC/1.1\r\nWARC-Type: re")
    report, _ = imported(tmp_path, alone[0] + b"\r\n\r\nWARC/1.1\r\nWARC-Type: re" + alone[1] + b"\r\n\r\n")
    assert list(report.skipped) == ["revisits of pages that are not here (import the file that holds them first)"]


names = st.text(max_size=8)
headers = st.lists(st.tuples(names, names), max_size=4).map(tuple)
optional = st.none() | names


@given(
    st.builds(
        Snapshot,
        edition=names,
        kind=st.sampled_from(["article", "listing"]),
        requested_url=names,
        url=names,
        fetched_at=st.datetimes(timezones=st.just(START.tzinfo)).map(lambda time: time.replace(microsecond=0)),
        status=st.integers(0, 999),
        wire=st.builds(
            Wire,
            size=st.integers(0, 10**9),
            sha256=st.just("0" * 64),
            content_encoding=optional,
            headers=headers,
            ip_address=optional,
            protocol=optional,
        ),
        body=st.binary(max_size=20),
        redirects=st.lists(st.builds(Hop, url=names, status=st.integers(0, 999)), max_size=2).map(tuple),
        request_headers=headers,
        damage=optional,
        key=optional,
        page=st.none() | st.integers(0, 99),
    )
)
@hypothesis(max_examples=60)
def test_whatever_a_snapshot_holds_it_comes_back_from_its_facts(snapshot: Snapshot) -> None:
    facts = json.loads(json.dumps(facts_of(snapshot)))
    assert snapshot_of(facts, snapshot.body) == snapshot
    with pytest.raises(BadFacts, match="does not have the digest"):
        snapshot_of(facts, snapshot.body + b"!")


def test_the_command_says_what_it_did_and_ends_with_1_for_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "all.warc").write_bytes(sample())
    (tmp_path / "cut.warc").write_bytes(sample()[:-50_000])
    (tmp_path / "empty.warc").write_bytes(b"")
    place = ["--database", str(tmp_path / "copy.db")]
    cut = CliRunner().invoke(dateline, [*place, "import", str(tmp_path / "cut.warc")])
    assert cut.exit_code == 1
    assert "problems: 1" in cut.stdout
    assert f"{tmp_path}/cut.warc: at byte " in cut.stdout
    whole = CliRunner().invoke(dateline, [*place, "import", str(tmp_path / "all.warc")])
    assert whole.exit_code == 0
    assert "were here already" in whole.stdout
    said = CliRunner().invoke(dateline, [*place, "import", "--json", str(tmp_path / "all.warc")])
    assert json.loads(said.stdout)["kept"] == 0
    empty = CliRunner().invoke(dateline, [*place, "import", str(tmp_path / "empty.warc")])
    assert (empty.exit_code, "it is empty" in empty.stdout) == (1, True)
    missing = CliRunner().invoke(dateline, [*place, "import", str(tmp_path / "none.warc")])
    assert missing.exit_code == 2
    again = CliRunner().invoke(dateline, [*place, "export", "warc", str(tmp_path / "all.warc")])
    assert (again.exit_code, "--force" in again.stderr) == (2, True)
    done = CliRunner().invoke(dateline, [*place, "export", "warc", "--force", "--json", str(tmp_path / "all.warc")])
    assert json.loads(done.stdout)["editions"] == ["demo"]
    assert (tmp_path / "all.warc").read_bytes() == sample()
