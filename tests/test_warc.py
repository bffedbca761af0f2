"""WARC files: what their records say, that other tools read them, and that they are whole or not there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import ArchiveError, ArgumentError
from crawler.records import Snapshot, Wire
from spiders.demo.newspaper import Newspaper
from storage.warc.captures import Capture, CaptureFilter
from storage.warc.exports import export_warc
from storage.warc.facts import facts_of, identity
from storage.warc.warc_writer import WarcFile, request_head, response_head
from storage.write.archive import Archive
from tests.offline_crawl import START, OfflineCrawl, small_history

EVERYTHING = CaptureFilter()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of some crawls: new stories, changed ones, deleted ones, and 304s."""
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(2), validators=True))
        for _ in range(4):
            crawl.run()
            crawl.now += timedelta(hours=5)
    return path


@pytest.fixture
def archive(place: Path) -> Iterator[Archive]:
    with Archive.open(str(place), readonly=True) as opened:
        yield opened


def exported(archive: Archive, path: Path, choice: CaptureFilter = EVERYTHING) -> list[Any]:
    """The records of an export, with their content in `.text`."""
    export_warc(archive, path, choice)
    return read(path)


def read(path: Path) -> list[Any]:
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            record.text = record.raw_stream.read()
            found.append(record)
    return found


def of_type(records: list[Any], kind: str) -> list[Any]:
    return [record for record in records if record.rec_type == kind]


def header(record: Any, name: str) -> str | None:  # noqa: ANN401 - warcio has no types
    value: str | None = record.rec_headers.get_header(name)
    return value


def test_a_visit_is_a_response_a_request_and_a_metadata_record_that_belong_together(
    archive: Archive, tmp_path: Path
) -> None:
    records = exported(archive, tmp_path / "all.warc.gz")
    with archive.connection() as connection:
        visits = connection.execute(text("SELECT count(*) FROM snapshots")).scalar_one()
    answers = of_type(records, "response") + of_type(records, "revisit")
    assert len(answers) == visits
    names = {header(answer, "WARC-Record-ID") for answer in answers}
    assert len(names) == visits
    for kind in ("request", "metadata"):
        assert {header(record, "WARC-Concurrent-To") for record in of_type(records, kind)} == names
    assert len({header(record, "WARC-Record-ID") for record in records}) == len(records) == 3 * visits + 1


def test_the_first_record_says_what_wrote_the_file_and_what_is_in_it(archive: Archive, tmp_path: Path) -> None:
    info = exported(archive, tmp_path / "all.warc.gz")[0]
    lines = info.text.decode().splitlines()
    assert info.rec_type == "warcinfo"
    assert lines[0].startswith("software: dateline/")
    assert "format: WARC File Format 1.1" in lines
    assert "editions: demo" in lines


def test_warcio_finds_every_digest_right(archive: Archive, tmp_path: Path) -> None:
    for name in ("all.warc.gz", "all.warc"):
        export_warc(archive, tmp_path / name, EVERYTHING)
        check = [sys.executable, "-W", "ignore", "-m", "warcio.cli", "check", "-v", str(tmp_path / name)]
        done = subprocess.run(check, check=True, capture_output=True, text=True)
        assert "digest pass" in done.stdout
        assert "failed" not in done.stdout
        assert "no digest" not in done.stdout


def test_the_payload_is_the_stored_body_under_its_own_digest(archive: Archive, tmp_path: Path) -> None:
    for response in of_type(exported(archive, tmp_path / "all.warc.gz"), "response"):
        sha256 = (header(response, "WARC-Payload-Digest") or "").removeprefix("sha256:")
        assert response.text == archive.body(sha256)


def test_headers_that_decoding_made_untrue_are_named_as_the_original_ones(archive: Archive, tmp_path: Path) -> None:
    page = next(one for one in of_type(exported(archive, tmp_path / "a.warc.gz"), "response") if b"<h1>" in one.text)
    assert page.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert page.http_headers.get_header("Content-Encoding") is None
    assert int(page.http_headers.get_header("X-Archive-Orig-Content-Length")) < len(page.text)
    assert page.http_headers.get_header("Content-Length") is None


def test_a_304_is_a_revisit_of_the_page_that_was_not_modified(archive: Archive, tmp_path: Path) -> None:
    records = exported(archive, tmp_path / "all.warc.gz")
    revisits = of_type(records, "revisit")
    pages = {
        (header(one, "WARC-Target-URI"), header(one, "WARC-Date")): header(one, "WARC-Payload-Digest")
        for one in of_type(records, "response")
    }
    assert revisits
    for revisit in revisits:
        assert (header(revisit, "WARC-Profile") or "").endswith("/revisit/server-not-modified")
        original = header(revisit, "WARC-Refers-To-Target-URI"), header(revisit, "WARC-Refers-To-Date")
        assert pages[original] == header(revisit, "WARC-Payload-Digest")
        assert header(revisit, "Content-Length") == "0"


def test_a_page_that_came_again_unchanged_is_a_revisit_of_the_first(tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "calm.db"), create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(2), calm=True))
        for _ in range(3):
            crawl.run()
            crawl.now += timedelta(hours=7)
        records = exported(archive, tmp_path / "calm.warc.gz")
    revisits = of_type(records, "revisit")
    bodies = {header(one, "WARC-Payload-Digest") for one in of_type(records, "response")}
    assert revisits
    for revisit in revisits:
        assert (header(revisit, "WARC-Profile") or "").endswith("/revisit/identical-payload-digest")
        assert header(revisit, "WARC-Payload-Digest") in bodies
        assert header(revisit, "WARC-Truncated") == "length"
        assert revisit.http_headers.get_statuscode() in {"200", "404"}
        assert not revisit.text


def test_metadata_holds_the_story_as_it_was_read(archive: Archive, tmp_path: Path) -> None:
    told = [json.loads(one.text) for one in of_type(exported(archive, tmp_path / "all.warc.gz"), "metadata")]
    read_now = {one["headline"]: one for facts in told for one in facts["revisions"]}
    with archive.connection() as connection:
        rows = connection.execute(text("SELECT headline, body, tags, sources FROM revisions")).all()
    assert len(rows) == sum(len(facts["revisions"]) for facts in told)
    for headline, body, tags, sources in rows:
        assert read_now[headline]["tags"] == json.loads(tags)
        assert read_now[headline]["sources"] == json.loads(sources)
        assert body in {one["body"] for facts in told for one in facts["revisions"]}
    assert {facts["crawl"]["outcome"] for facts in told} == {"complete"}


def test_two_exports_of_one_archive_are_equal_byte_for_byte(archive: Archive, tmp_path: Path) -> None:
    for name in ("one.warc.gz", "two.warc.gz"):
        export_warc(archive, tmp_path / name, EVERYTHING)
    assert (tmp_path / "one.warc.gz").read_bytes() == (tmp_path / "two.warc.gz").read_bytes()


def test_only_what_was_chosen_is_exported(archive: Archive, tmp_path: Path) -> None:
    def times(choice: CaptureFilter, name: str) -> list[str]:
        records = exported(archive, tmp_path / name, choice)
        return sorted(str(header(one, "WARC-Date")) for one in records if one.rec_type in {"response", "revisit"})

    every = times(EVERYTHING, "all.warc")
    middle = every[len(every) // 2]
    assert times(CaptureFilter(since=middle), "since.warc") == [one for one in every if one >= middle]
    assert times(CaptureFilter(until=middle), "until.warc") == [one for one in every if one < middle]
    listings = exported(archive, tmp_path / "listings.warc", CaptureFilter(kind="listing"))
    assert {"/all_news" in str(header(one, "WARC-Target-URI")) for one in of_type(listings, "response")} == {True}
    with pytest.raises(ArchiveError, match="no page of that choice"):
        export_warc(archive, tmp_path / "none.warc", CaptureFilter(editions=("belta-eng",)))
    assert not (tmp_path / "none.warc").exists()


def test_a_revisit_never_refers_to_a_page_that_was_not_chosen(archive: Archive, tmp_path: Path) -> None:
    records = exported(archive, tmp_path / "late.warc.gz", CaptureFilter(since="2026-03-02T15:00:00Z"))
    there = {(header(one, "WARC-Target-URI"), header(one, "WARC-Date")) for one in of_type(records, "response")}
    bare = [one for one in of_type(records, "response") if one.http_headers.get_statuscode() == "304"]
    assert bare  # their pages lie before the choice
    for revisit in of_type(records, "revisit"):
        assert (header(revisit, "WARC-Refers-To-Target-URI"), header(revisit, "WARC-Refers-To-Date")) in there


def test_a_file_that_is_there_is_not_replaced_unless_forced(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "mine.warc.gz"
    path.write_bytes(b"mine")
    with pytest.raises(ArgumentError, match="--force"):
        export_warc(archive, path, EVERYTHING)
    assert path.read_bytes() == b"mine"
    export_warc(archive, path, EVERYTHING, force=True)
    assert path.read_bytes() != b"mine"
    with pytest.raises(ArgumentError, match="ends in"):
        export_warc(archive, tmp_path / "mine.zip", EVERYTHING)


def test_an_export_that_breaks_off_leaves_no_trace_and_what_was_there(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_after_ten(_: WarcFile, capture: Capture) -> None:
        done.append(capture.ordinal)
        if len(done) == 10:
            raise OSError(28, "No space left on device")

    done: list[int] = []
    (tmp_path / "old.warc.gz").write_bytes(b"old")
    monkeypatch.setattr(WarcFile, "capture", full_after_ten)
    with pytest.raises(OSError, match="No space left"):
        export_warc(archive, tmp_path / "old.warc.gz", EVERYTHING, force=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "old.warc.gz"]
    assert (tmp_path / "old.warc.gz").read_bytes() == b"old"


def test_a_page_that_the_archive_has_lost_is_left_out_and_counted(place: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(place.read_bytes())
    with Archive.open(str(copy)) as archive:
        with archive.writing() as connection:
            query = "SELECT body_sha256 FROM snapshots WHERE kind = 'article' AND reading = 'article' LIMIT 1"
            lost = connection.execute(text(query)).scalar_one()
            connection.execute(text("UPDATE bodies SET data = x'00' WHERE sha256 = :lost"), {"lost": lost})
        done = export_warc(archive, tmp_path / "rest.warc.gz", EVERYTHING)
    digests = {header(one, "WARC-Payload-Digest") for one in read(tmp_path / "rest.warc.gz")}
    assert lost in done.damaged
    assert done.left_out == len(done.damaged)  # one each: others of its group may be lost with it
    assert f"sha256:{lost}" not in digests
    assert done.captures > 0


def hostile() -> Snapshot:
    headers = (
        ("Content-Type", "text/html"),
        ("Set-Cookie", "a=1"),
        ("X-Evil", "1\r\nInjected: yes\r\n\r\n<html>"),
        ("Set-Cookie", "b=2"),
        ("X-Latin", "caf\xe9"),
        ("Transfer-Encoding", "chunked"),
        ("Content-Length", "5"),
    )
    wire = Wire(5, "0" * 64, "br", (*headers, ("Content-Encoding", "br")), "127.0.0.1", "h2")
    url = "https://demo.example/sport/view/a b\u0301-1-2026/?q=\x00"
    return Snapshot(
        "demo", "article", url, url, START, 299, wire, b"<html>", request_headers=(("A", "b\nc"),), key="1-2026"
    )


def test_no_header_can_end_the_head_and_repeats_keep_their_order() -> None:
    head = response_head(hostile())
    assert head.count(b"\r\n\r\n") == 1
    assert head.splitlines()[0] == b"HTTP/1.1 299"
    names = [line.partition(b":")[0] for line in head.splitlines()[1:-1]]
    assert names == [
        b"Content-Type",
        b"Set-Cookie",
        b"X-Evil",
        b"Set-Cookie",
        b"X-Latin",
        b"X-Archive-Orig-Transfer-Encoding",
        b"X-Archive-Orig-Content-Length",
        b"X-Archive-Orig-Content-Encoding",
    ]
    assert b"X-Latin: caf\xe9\r\n" in head
    asked = request_head(hostile())
    assert asked.startswith(b"GET /sport/view/a%20b%CC%81-1-2026/?q=%00 HTTP/1.1\r\nHost: demo.example\r\nA: b c\r\n")


def test_equal_visits_have_names_of_their_own() -> None:
    facts = facts_of(hostile())
    assert identity(facts) == identity(facts_of(hostile()))
    assert identity(facts) != identity(facts, 1)
    assert identity(facts) != identity({**facts, "status": 200})
