"""Revisits in WARC files: the page that one repeats is found however it is named, or the revisit is named itself."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import text

from spiders.demo.newspaper import Newspaper
from storage.cli import dateline
from storage.warc import import_state
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_warc
from storage.warc.found import found_in
from storage.warc.imports import ImportReport, import_files
from storage.write.archive import Archive
from tests.effort import effort
from tests.foreign_records import (
    HOST,
    HTML,
    at,
    head,
    moment,
    name,
    page,
    paths,
    record,
    response,
    revisit,
    sha1,
    sha256,
)
from tests.offline_crawl import OfflineCrawl, small_history

Line = tuple[str, str]
UNCHANGED = head(HTML)
MISSING = "revisits of pages that are not here (import the file that holds them first)"
NOT_MODIFIED = ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as opened:
        yield opened


def taken(archive: Archive, folder: Path, *files: bytes) -> ImportReport:
    names = [folder / f"{number}.warc" for number in range(len(files))]
    for path, data in zip(names, files, strict=True):
        path.write_bytes(data)
    return import_files(archive, names)


def rows(archive: Archive, query: str) -> list[Any]:
    with archive.connection() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def visits(archive: Archive) -> list[tuple[str, str | None]]:
    """When each visit was, and the digest of its page."""
    return rows(archive, "SELECT fetched_at, body_sha256 FROM snapshots ORDER BY fetched_at, snapshot_id")


def body(path: str) -> str:
    return hashlib.sha256(page(path)).hexdigest()


def digests(data: bytes) -> dict[str, str]:
    """A payload digest in the ways in which programs write one."""
    digest = hashlib.sha1(data, usedforsecurity=False).digest()
    return {
        "sha1 in base32": sha1(data),
        "sha1 in hex": f"sha1:{digest.hex()}",
        "sha1 in small base32": "sha1:" + base64.b32encode(digest).decode().lower(),
        "SHA-1": f"SHA-1:{digest.hex().upper()}",
        "sha256 in hex": sha256(data),
        "sha256 in base32": "sha256:" + base64.b32encode(hashlib.sha256(data).digest()).decode().rstrip("="),
        "md5": "md5:" + hashlib.md5(data, usedforsecurity=False).hexdigest(),
        "sha512": "sha512:" + hashlib.sha512(data).hexdigest(),
    }


PATH = paths()[0]
IN_OTHER_WORDS = HOST.replace("https", "http") + PATH
BY_DIGEST: dict[str, Sequence[Line]] = {
    way: [("WARC-Payload-Digest", digest)] for way, digest in digests(page(PATH)).items()
}
BY_VISIT: dict[str, Sequence[Line]] = {
    "address and date": [("WARC-Refers-To-Target-URI", HOST + PATH), ("WARC-Refers-To-Date", at(0))],
    "date alone": [("WARC-Refers-To-Date", at(0))],
    "http for https, in brackets, and a fraction": [
        ("WARC-Refers-To-Target-URI", f"<{IN_OTHER_WORDS}>"),
        ("WARC-Refers-To-Date", at(0).replace("Z", ".25Z")),
    ],
    "a date off, but its digest": [("WARC-Refers-To-Date", at(9)), ("WARC-Payload-Digest", sha1(page(PATH)))],
}
BY_RECORD: dict[str, Sequence[Line]] = {
    "record": [("WARC-Refers-To", name("original"))],
    "record in capitals without brackets": [("WARC-Refers-To", name("original").strip("<>").upper())],
    "record and the digest of nothing": [("WARC-Refers-To", name("original")), ("WARC-Payload-Digest", sha1(b""))],
    "record and digest": [("WARC-Refers-To", name("original")), ("WARC-Payload-Digest", sha1(page(PATH)))],
}


@pytest.mark.parametrize("way", [*BY_RECORD, *BY_VISIT, *(way for way in BY_DIGEST if way != "sha512")])
@pytest.mark.parametrize("where", ["before", "after", "in a file before", "in a file after"])
def test_a_revisit_gets_the_page_that_it_names_wherever_that_stands(
    way: str, where: str, archive: Archive, tmp_path: Path
) -> None:
    original = response(PATH, label="original")
    later = revisit(PATH, *{**BY_RECORD, **BY_VISIT, **BY_DIGEST}[way], block=UNCHANGED)
    files = [later, original] if where.endswith("after") else [original, later]
    report = taken(archive, tmp_path, *(files if "file" in where else [b"".join(files)]))
    assert (report.problems, report.revisits, dict(report.skipped)) == ([], [], {})
    assert visits(archive) == [(at(0), body(PATH)), (at(1), body(PATH))]
    assert report.readings == {"article": 1, "unchanged": 1}


@pytest.mark.parametrize("way", [*BY_VISIT, *BY_DIGEST])
def test_a_revisit_gets_the_page_of_an_earlier_import(way: str, archive: Archive, tmp_path: Path) -> None:
    taken(archive, tmp_path, response(PATH))
    report = taken(archive, tmp_path, revisit(PATH, *{**BY_VISIT, **BY_DIGEST}[way], block=UNCHANGED))
    assert (report.kept, report.revisits) == (1, [])
    assert visits(archive) == [(at(0), body(PATH)), (at(1), body(PATH))]
    again = taken(archive, tmp_path, response(PATH) + revisit(PATH, *BY_DIGEST["sha256 in hex"], block=UNCHANGED))
    assert (again.kept, again.known) == (0, 2)


@pytest.mark.parametrize("algorithm", [sha1, sha256])
@pytest.mark.parametrize("listing", [False, True])
def test_a_revisit_gets_the_page_that_a_crawl_kept(
    algorithm: Callable[[bytes], str], *, listing: bool, archive: Archive, tmp_path: Path
) -> None:
    crawl = OfflineCrawl(archive, Newspaper(small_history(3), calm=True), now=moment(0))
    crawl.run()
    kept = "SELECT s.url, s.snapshot_id, s.body_sha256 FROM snapshots s WHERE body_sha256 IS NOT NULL AND kind = "
    url, snapshot_id, sha = rows(archive, kept + ("'listing'" if listing else "'article'"))[-1]
    data = archive.snapshot(snapshot_id).body
    claimed = ("WARC-Payload-Digest", algorithm(data))
    report = taken(archive, tmp_path, revisit(url.removeprefix(HOST), claimed, minute=90, block=UNCHANGED))
    assert (report.kept, dict(report.skipped)) == (1, {})
    assert visits(archive)[-1] == (at(90), sha)


@pytest.mark.parametrize("coding", ["gzip", "chunked", "decoded"])
@pytest.mark.parametrize("digested", ["as written", "as coded", "as a reader sees it"])
def test_a_digest_may_be_of_the_page_with_or_without_its_codings(
    coding: str, digested: str, archive: Archive, tmp_path: Path
) -> None:
    plain = page(PATH)
    coded = gzip.compress(plain, mtime=0)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(coded), coded)
    written = {"gzip": coded, "chunked": chunks, "decoded": plain}[coding]
    digest = sha1({"as written": written, "as coded": coded, "as a reader sees it": plain}[digested])
    lines = [HTML, "Content-Encoding: gzip", *(["Transfer-Encoding: chunked"] if coding == "chunked" else [])]
    claimed = ("WARC-Payload-Digest", digest)
    original = record("response", HOST + PATH, head(*lines) + written, claimed)
    report = taken(archive, tmp_path, original + revisit(PATH, claimed, block=head(*lines)))
    assert (report.kept, dict(report.skipped)) == (2, {})
    assert visits(archive) == [(at(0), body(PATH)), (at(1), body(PATH))]


def test_a_revisit_without_a_head_has_that_of_the_page_that_it_repeats(archive: Archive, tmp_path: Path) -> None:
    empty = revisit(PATH, ("WARC-Payload-Digest", sha1(page(PATH))))
    report = taken(archive, tmp_path, response(PATH) + empty)
    assert report.readings == {"article": 1, "unchanged": 1}
    first, second = rows(archive, "SELECT status, headers, protocol, body_sha256 FROM snapshots ORDER BY fetched_at")
    assert first == second


def test_a_head_that_ends_with_the_block_is_a_head(archive: Archive, tmp_path: Path) -> None:
    cut = revisit(PATH, ("WARC-Payload-Digest", sha1(page(PATH))), block=UNCHANGED[:-2])
    assert taken(archive, tmp_path, response(PATH) + cut).kept == 2


@pytest.mark.parametrize("block", [b"", head(status="HTTP/1.1 304 Not Modified")])
def test_a_page_that_was_not_modified_needs_no_original(block: bytes, archive: Archive, tmp_path: Path) -> None:
    later = revisit(PATH, NOT_MODIFIED, ("WARC-Payload-Digest", sha1(page(PATH))), block=block)
    report = taken(archive, tmp_path, response(PATH) + later)
    assert report.readings == {"article": 1, "not-modified": 1}
    assert rows(archive, "SELECT status, body_sha256 FROM snapshots ORDER BY fetched_at") == [
        (200, body(PATH)),
        (304, None),
    ]


def test_a_revisit_that_holds_its_page_needs_no_original(archive: Archive, tmp_path: Path) -> None:
    whole = revisit(PATH, ("WARC-Payload-Digest", sha1(page(PATH))), block=UNCHANGED + page(PATH))
    assert taken(archive, tmp_path, whole).readings == {"article": 1}


def test_a_revisit_of_an_empty_page_needs_no_original(archive: Archive, tmp_path: Path) -> None:
    gone = revisit(PATH, ("WARC-Payload-Digest", sha1(b"")), block=head(status="HTTP/1.1 404 Not Found"))
    report = taken(archive, tmp_path, response(PATH) + gone)
    assert (report.readings["article"], report.kept, report.revisits) == (1, 2, [])


def test_a_revisit_of_a_page_that_is_not_whole_is_not_whole_either(archive: Archive, tmp_path: Path) -> None:
    coded = gzip.compress(page(PATH))[:-20]
    lines = head(HTML, "Content-Encoding: gzip")
    claimed = ("WARC-Payload-Digest", sha1(coded))
    original = record("response", HOST + PATH, lines + coded, claimed)
    taken(archive, tmp_path, original + revisit(PATH, claimed, block=lines))
    assert rows(archive, "SELECT DISTINCT damage, count(*) FROM snapshots") == [("truncated", 2)]


NOWHERE: dict[str, Sequence[Line]] = {
    "another record": [("WARC-Refers-To", name("another"))],
    "another digest": [("WARC-Payload-Digest", sha1(b"another page"))],
    "another time": [("WARC-Refers-To-Date", at(-9))],
    "no digest at all": [("WARC-Payload-Digest", "sha1:what")],
    "nothing": [],
    "the record, whose digest is another": [
        ("WARC-Refers-To", name("original")),
        ("WARC-Payload-Digest", sha1(b"another page")),
    ],
    "the visit, whose digest is another": [
        ("WARC-Refers-To-Date", at(0)),
        ("WARC-Payload-Digest", sha1(b"another page")),
    ],
    "itself": [("WARC-Refers-To", name("later")), ("WARC-Refers-To-Date", at(1))],
}


@pytest.mark.parametrize("what", NOWHERE)
@pytest.mark.parametrize("first", [True, False])
def test_a_revisit_whose_page_is_nowhere_is_counted_and_named(
    what: str, *, first: bool, archive: Archive, tmp_path: Path
) -> None:
    original = response(PATH, ("WARC-Payload-Digest", sha1(page(PATH))), label="original")
    later = revisit(PATH, *NOWHERE[what], label="later", block=UNCHANGED)
    report = taken(archive, tmp_path, later + original if first else original + later)
    assert dict(report.skipped) == {MISSING: 1}
    assert visits(archive) == [(at(0), body(PATH))]
    (line,) = report.revisits
    place = 0 if first else len(original)
    assert line == f"{tmp_path}/0.warc: at byte {place:,}: revisit {name('later')}: {HOST}{PATH} of {at(1)}"


def test_the_command_names_the_revisits_that_it_left_out(tmp_path: Path) -> None:
    (tmp_path / "alone.warc").write_bytes(revisit(PATH, *NOWHERE["another digest"], label="later", block=UNCHANGED))
    command = ["--database", str(tmp_path / "a.db"), "import", str(tmp_path / "alone.warc")]
    said = CliRunner().invoke(dateline, command)
    assert said.exit_code == 0
    assert "0 pages imported" in said.stdout
    assert f"1 {MISSING}" in " ".join(said.stdout.split())
    assert "revisits left out: 1" in said.stdout
    assert name("later") in said.stdout
    told = json.loads(CliRunner().invoke(dateline, [*command, "--json"]).stdout)
    assert (told["revisit_count"], len(told["revisits"]), told["skipped"]) == (1, 1, {MISSING: 1})


def test_revisits_that_repeat_each_other_end_named_and_those_that_lead_to_a_page_get_it(
    archive: Archive, tmp_path: Path
) -> None:
    def repeats(label: str, other: str, minute: int) -> bytes:
        return revisit(PATH, ("WARC-Refers-To", name(other)), minute=minute, label=label, block=UNCHANGED)

    circle = [repeats(f"round {n}", f"round {(n + 1) % 3}", 50 + n) for n in range(3)]
    chain = [repeats(f"link {n}", f"link {n - 1}" if n else "original", n + 1) for n in range(40)]
    report = taken(archive, tmp_path, b"".join([*circle, *reversed(chain), response(PATH, label="original")]))
    assert (report.kept, dict(report.skipped), len(report.revisits)) == (41, {MISSING: 3}, 3)
    assert {sha for _, sha in visits(archive)} == {body(PATH)}
    assert report.readings == {"article": 1, "unchanged": 40}


def test_a_page_that_comes_late_frees_its_revisits_in_order_of_capture(archive: Archive, tmp_path: Path) -> None:
    one, other = paths()[:2]
    claimed = ("WARC-Payload-Digest", sha1(page(one)))
    edited = record("response", HOST + one, head(HTML) + page(one).replace(b"<h1>", b"<h1>New: "), date=at(20))
    waiting = [revisit(one, claimed, minute=minute, block=UNCHANGED) for minute in (9, 3, 6)]
    report = taken(archive, tmp_path, b"".join([*waiting, response(one), response(other, minute=10), edited]))
    assert report.readings == {"article": 3, "unchanged": 3}
    ids = rows(archive, "SELECT fetched_at FROM snapshots WHERE kind = 'article' ORDER BY snapshot_id")
    assert [when for (when,) in ids] == [at(0), at(3), at(6), at(9), at(10), at(20)]
    assert rows(archive, "SELECT max(number) FROM revisions") == [(2,)]


@pytest.mark.parametrize(("limit", "value"), [("LARGEST", 100), ("ROOM", 100)])
def test_a_revisit_for_which_there_is_no_room_is_named(
    limit: str, value: int, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_state, limit, value)
    late = revisit(PATH, *BY_DIGEST["md5"], block=UNCHANGED) + response(PATH)
    report = taken(archive, tmp_path, late)
    assert (report.kept, dict(report.skipped), report.revisit_count) == (1, {MISSING: 1}, 1)
    assert taken(archive, tmp_path, late).kept == 1  # it needs none: the page is here now


def test_bodies_of_the_archive_are_digested_once(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(archive, tmp_path, response(PATH))
    digested: list[str] = []
    body_of = Archive.body

    def counted(opened: Archive, sha256: str) -> bytes:
        digested.append(sha256)
        return body_of(opened, sha256)

    monkeypatch.setattr(Archive, "body", counted)
    several = [revisit(PATH, *BY_DIGEST["sha512"], minute=n, block=UNCHANGED) for n in range(1, 5)]
    assert taken(archive, tmp_path, b"".join(several)).kept == 4
    assert digested == [body(PATH)]


def test_a_body_that_the_archive_has_lost_hides_no_other(archive: Archive, tmp_path: Path) -> None:
    edited = record("response", HOST + PATH, head(HTML) + page(PATH).replace(b"<h1>", b"<h1>New: "), date=at(5))
    taken(archive, tmp_path, response(PATH) + edited)
    with archive.writing() as connection:
        lost = "UPDATE bodies SET data = x'00' WHERE sha256 <> :kept"
        connection.execute(text(lost), {"kept": body(PATH)})
    report = taken(archive, tmp_path, revisit(PATH, *BY_DIGEST["sha512"], minute=7, block=UNCHANGED))
    assert (report.kept, report.problems, report.revisits) == (1, [], [])
    of_lost = revisit(PATH, ("WARC-Refers-To-Date", at(5)), minute=8, block=UNCHANGED)
    (problem,) = taken(archive, tmp_path, of_lost).problems
    assert ": at byte 0: revisit <urn:uuid:" in problem


def test_our_own_captures_in_any_order_are_the_same_visits(archive: Archive, tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "source.db"), create=True) as source:
        crawl = OfflineCrawl(source, Newspaper(small_history(2), calm=True, validators=True))
        for _ in range(2):
            crawl.run()
            crawl.now = moment(0)
        export_warc(source, tmp_path / "all.warc", CaptureFilter())
        whole = visits(source)
    data = (tmp_path / "all.warc").read_bytes()
    found = list(found_in("all", io.BytesIO(data)))
    starts = [one.record.offset for one in found]
    groups = [data[start:end] for start, end in zip(starts, [*starts[1:], len(data)], strict=True)]
    assert any(one.record.type == "revisit" for one in found)
    report = taken(archive, tmp_path, data[: starts[0]] + b"".join(reversed(groups)))
    assert (report.problems, dict(report.skipped)) == ([], {})
    assert visits(archive) == whole


def test_imported_revisits_are_exported_and_imported_and_exported_the_same(archive: Archive, tmp_path: Path) -> None:
    lines = head(HTML, "Content-Encoding: gzip", "Content-Length: 99")
    original = record("response", HOST + PATH, lines + gzip.compress(page(PATH), mtime=0), label="original")
    later = [
        revisit(PATH, *BY_RECORD["record"], minute=n, label=f"{n}", block=block) for n, block in ((1, lines), (2, b""))
    ]
    unmodified = revisit(PATH, NOT_MODIFIED, minute=3)
    taken(archive, tmp_path, b"".join([*later, unmodified, original]))
    export_warc(archive, tmp_path / "one.warc", CaptureFilter())
    assert b"\r\nContent-Encoding: gzip" not in (tmp_path / "one.warc").read_bytes()
    with Archive.open(str(tmp_path / "copy.db"), create=True) as copy:
        report = import_files(copy, [tmp_path / "one.warc"])
        assert (report.kept, report.differences, dict(report.skipped)) == (4, [], {})
        export_warc(copy, tmp_path / "other.warc", CaptureFilter())
    assert (tmp_path / "one.warc").read_bytes() == (tmp_path / "other.warc").read_bytes()


@pytest.mark.search
@given(data=st.data(), count=st.integers(1, 9))
@hypothesis(max_examples=effort(25, sample=5), deadline=None)
def test_every_revisit_is_joined_or_named(
    data: st.DataObject, count: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Records 0 and 1 are pages; each other repeats some record, by its ID or by the digest of a page."""
    two = [response(path, label=f"{number}") for number, path in enumerate(paths()[:2])]
    refers = data.draw(st.lists(st.integers(0, count + 2), min_size=count, max_size=count))
    named = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    pages: dict[int, int] = {0: 0, 1: 1}
    for _ in range(count):
        for number, other in enumerate(refers, 2):
            if other in pages:
                pages[number] = pages[other]
    records = list(two)
    for number, (other, by_digest) in enumerate(zip(refers, named, strict=True), 2):
        digest = ("WARC-Payload-Digest", sha1(page(paths()[other]))) if by_digest and other < 2 else None
        line = digest or ("WARC-Refers-To", name(f"{other}"))
        records.append(revisit(paths()[5], line, minute=number, label=f"{number}", block=UNCHANGED))
    order = data.draw(st.permutations(records))
    folder = tmp_path_factory.mktemp("any")
    with Archive.open(str(folder / "archive.db"), create=True) as archive:
        report = taken(archive, folder, b"".join(order))
        kept = {when: sha for when, sha in visits(archive) if when > at(1)}
    assert kept == {at(number): body(paths()[of]) for number, of in pages.items() if number > 1}
    assert (report.kept, report.revisit_count) == (len(pages), count + 2 - len(pages))
