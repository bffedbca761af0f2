"""WARC files as other programs write them: what they may leave out, add and spell otherwise."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import text

from storage.cli import dateline
from storage.warc.http_message import final_message
from storage.warc.imports import LONGEST, REASONS, ImportReport, import_files
from storage.warc.warc_reader import digest_named, moment_of
from storage.write.archive import Archive
from tests.effort import effort
from tests.foreign_records import HOST, HTML, at, head, page, paths, record, response

PATH = paths()[0]
PAGE = page(PATH)
BLOCK = head(HTML) + PAGE
INFO = record("warcinfo", "", b"software: Other/1.0\r\n")


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(str(tmp_path / "archive.db"), create=True) as opened:
        yield opened


def taken(archive: Archive, folder: Path, data: bytes, name: str = "a.warc") -> ImportReport:
    (folder / name).write_bytes(data)
    return import_files(archive, [folder / name])


def rows(archive: Archive, query: str) -> list[Any]:
    with archive.connection() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def written(*more: tuple[str, str], block: bytes = BLOCK, **how: Any) -> bytes:  # noqa: ANN401 - of `record`
    return INFO + record("response", HOST + PATH, block, *more, **how)


FORMS: dict[str, bytes] = {
    "WARC/0.17": written(version="WARC/0.17"),
    "WARC/0.18": written(version="WARC/0.18"),
    "WARC/1.1": written(version="WARC/1.1"),
    "an address in brackets": written(("WARC-Target-URI", f"<{HOST}{PATH}>")),
    "names in small letters": written().replace(b"WARC-", b"warc-").replace(b"Content-", b"content-"),
    "names in capitals": INFO + record("response", HOST + PATH, BLOCK).replace(b"WARC-Type", b"WARC-TYPE"),
    "lines that end in LF": written(end="\n"),
    "an HTTP head that ends in LF": written(block=head(HTML).replace(b"\r\n", b"\n") + PAGE),
    "a folded line": written(("WARC-Target-URI", f"\r\n  {HOST}{PATH}")),
    "a line of its own": written(("X-Program", "one\r\n\ttwo"), ("X-Empty", "")),
    "a fraction of a second": written(date=at(0).replace("Z", ".987654321Z")),
    "an offset": written(date=at(0).replace("Z", "+00:00")),
    "a date without an offset": written(date=at(0).removesuffix("Z")),
    "a date in small letters": written(date=at(0).lower()),
    "an ID without brackets": written(("WARC-Record-ID", "urn:uuid:1")),
    "no ID": written(("WARC-Record-ID", "")),
    "a block digest that is not known": written(("WARC-Block-Digest", "crc99:abc")),
    "100 Continue first": written(block=head(status="HTTP/1.1 100 Continue") + BLOCK),
    "HTTP/2": written(block=head(HTML, status="HTTP/2 200") + PAGE),
    "gzip per record": gzip.compress(INFO) + gzip.compress(written()),
    "gzip in one": gzip.compress(written()),
    "blank lines between": INFO + b"\r\n" * 9 + written(),
    "no blank lines": written().removesuffix(b"\r\n\r\n"),
    "metadata between": written() + record("metadata", HOST + PATH, b"fetchTimeMs: 9\r\n", label="m"),
    "a screenshot": written() + record("resource", f"urn:view:{HOST}{PATH}", b"\x89PNG", ("Content-Type", "image/png")),
    "a type that is not known": written() + record("what", HOST + PATH, b"x"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_page_is_read_in_every_form(form: str, archive: Archive, tmp_path: Path) -> None:
    report = taken(archive, tmp_path, FORMS[form])
    assert (dict(report.readings), report.problems, dict(report.skipped)) == ({"article": 1}, [], {})
    assert archive.snapshot(1).body == PAGE
    assert rows(archive, "SELECT url, fetched_at, status FROM snapshots") == [(HOST + PATH, at(0), 200)]


def test_a_request_under_another_scheme_or_before_its_response_is_its_request(archive: Archive, tmp_path: Path) -> None:
    asked = record(
        "request",
        HOST.replace("https", "http") + PATH,
        b"GET / HTTP/1.1\r\nUser-Agent: Other/2\r\n\r\n",
        ("WARC-Concurrent-To", "<urn:uuid:r>"),
    )
    answered = written(("WARC-Record-ID", "<urn:uuid:r>"))
    assert taken(archive, tmp_path, asked + answered).kept == 1
    assert rows(archive, "SELECT request_headers FROM snapshots") == [('[["User-Agent", "Other/2"]]',)]


def test_a_resource_is_a_page_where_it_is_html_and_its_address_is_ours(archive: Archive, tmp_path: Path) -> None:
    html = record("resource", HOST + PATH, PAGE, ("Content-Type", "text/html; charset=utf-8"))
    other = record("resource", HOST + paths()[1], b"%PDF", ("Content-Type", "application/pdf"), date=at(1))
    elsewhere = record("resource", "file:///page.html", PAGE, ("Content-Type", "text/html"))
    report = taken(archive, tmp_path, html + other + elsewhere)
    assert (dict(report.readings), dict(report.skipped)) == ({"article": 1}, {"resources that are not HTML": 1})
    assert rows(archive, "SELECT status, protocol, headers FROM snapshots") == [
        (200, None, '[["Content-Type", "text/html; charset=utf-8"]]')
    ]


def test_conversions_and_continuations_are_counted(archive: Archive, tmp_path: Path) -> None:
    texts = record("conversion", HOST + PATH, b"only text", ("Content-Type", "text/plain"))
    rest = record("continuation", HOST + PATH, b"rest", ("WARC-Segment-Number", "2"))
    report = taken(archive, tmp_path, texts + rest)
    assert dict(report.skipped) == {"conversions of pages into something else": 1, "records in segments": 1}


def test_an_empty_page_is_a_visit(archive: Archive, tmp_path: Path) -> None:
    gone = record("response", HOST + PATH, head("Content-Encoding: br", status="HTTP/1.1 410 Gone"), date=at(2))
    report = taken(archive, tmp_path, response(PATH) + gone)
    assert report.kept == 2
    assert rows(archive, "SELECT status, body_sha256, damage FROM snapshots ORDER BY fetched_at")[1] == (
        410,
        None,
        None,
    )


def test_files_are_read_in_order_of_time_however_they_write_it(archive: Archive, tmp_path: Path) -> None:
    dates = [at(0), at(1).replace("Z", ".5Z"), at(1).replace("Z", "+00:00"), at(2).replace("Z", ".25+00:00")]
    files = []
    for number, date in enumerate(dates):
        (tmp_path / f"{number}.warc").write_bytes(record("response", HOST + PATH, BLOCK + b" " * number, date=date))
        files.append(tmp_path / f"{number}.warc")
    import_files(archive, files[::-1])
    sizes = rows(archive, "SELECT body_size FROM snapshots ORDER BY snapshot_id")
    assert [size - len(PAGE) for (size,) in sizes] == [0, 2, 1, 3]


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_an_arc_file_is_refused_in_a_line_that_says_how_to_convert_it(
    packed: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    first = b"filedesc://IA-000.arc 0.0.0.0 20060101000000 text/plain 76\n1 0 Other\n"
    (tmp_path / "old.arc.gz").write_bytes(packed(first))
    command = ["--database", str(tmp_path / "a.db"), "import", str(tmp_path / "old.arc.gz")]
    said = CliRunner().invoke(dateline, command)
    assert said.exit_code == 1
    line = f"{tmp_path}/old.arc.gz: at byte 0: it is an ARC file, not a WARC file: convert it first (warcio recompress"
    assert line in " ".join(said.stdout.split())


def test_headers_without_end_are_refused(archive: Archive, tmp_path: Path) -> None:
    huge = b"WARC/1.0\r\n" + b"".join(b"X%d: %s\r\n" % (n, b"a" * 60_000) for n in range(40))
    report = taken(archive, tmp_path, written() + huge)
    assert report.kept == 1
    (problem,) = report.problems
    assert "more than 1,048,576 bytes of headers" in problem


def test_no_line_of_a_report_is_longer_than_people_read(archive: Archive, tmp_path: Path) -> None:
    lost = record("revisit", HOST + PATH, head(HTML), ("WARC-Record-ID", "b" * 9000))
    wrong = record("response", HOST + PATH, BLOCK, ("WARC-Block-Digest", f"sha1:{'C' * 9000}"))
    report = taken(archive, tmp_path, lost + wrong)
    assert [len(line) for line in [*report.revisits, *report.problems]] == [LONGEST, LONGEST]


def test_reasons_and_fields_are_told_apart_only_so_far() -> None:
    report = ImportReport()
    for number in range(3 * REASONS):
        report.skip(f"reason {number}")
        report.skip("reason 1")
    assert len(report.skipped) == REASONS + 1
    assert report.skipped["reason 1"] == 3 * REASONS + 1
    assert report.skipped["records for other reasons"] == 2 * REASONS


def encrypted(folder: Path) -> bytes:
    """A package whose entry says that it is encrypted."""
    with zipfile.ZipFile(folder / "z.wacz", "w") as package:
        package.writestr("archive/a.warc", written())
    data = bytearray((folder / "z.wacz").read_bytes())
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + place] |= 1
    return bytes(data)


def test_an_encrypted_package_is_refused_in_one_line(archive: Archive, tmp_path: Path) -> None:
    (problem,) = taken(archive, tmp_path, encrypted(tmp_path), "e.wacz").problems
    assert "encrypted" in problem
    assert "unpack it" in problem


@pytest.mark.search
@given(at_byte=st.integers(min_value=0), flip=st.integers(1, 255))
@hypothesis(max_examples=effort(25, sample=6), deadline=None)
def test_a_damaged_package_is_told_of_and_never_crashes(
    at_byte: int, flip: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("archive/a.warc", written() + response(paths()[1], minute=1))
    data = bytearray(stream.getvalue())
    data[at_byte % len(data)] ^= flip
    folder = tmp_path_factory.mktemp("damaged")
    with Archive.open(str(folder / "archive.db"), create=True) as archive:
        report = taken(archive, folder, bytes(data), "a.wacz")
        bodies = rows(archive, "SELECT body_size FROM snapshots")
    assert report.kept == 2 or report.problems or report.skipped
    assert {size for (size,) in bodies} <= {len(PAGE), len(page(paths()[1]))}


LINES = st.sampled_from(
    [
        ("WARC-Type", "response"), ("WARC-Type", "revisit"), ("WARC-Type", "resource"), ("WARC-Type", "metadata"),
        ("WARC-Target-URI", HOST + PATH), ("WARC-Target-URI", f"{HOST}/all_news/page/2/"), ("WARC-Target-URI", "http://["),
        ("WARC-Date", at(3)), ("WARC-Date", "0001-01-01T00:00:00+14:00"), ("WARC-Date", "9999"), ("WARC-Date", "0000"),
        ("WARC-Refers-To", "<urn:uuid:1>"), ("WARC-Record-ID", "<urn:uuid:1>"), ("WARC-Record-ID", "\x00\udcff"),
        ("WARC-Refers-To-Date", at(3)), ("WARC-Refers-To-Target-URI", "http://\x00/"), ("WARC-Truncated", "length"),
        ("WARC-Payload-Digest", "sha1:" + "A" * 32), ("WARC-Payload-Digest", "sha256:"), ("WARC-Payload-Digest", ":"),
        ("WARC-Profile", "server-not-modified"), ("WARC-IP-Address", "\x00"), ("WARC-Segment-Number", "1"),
        ("Content-Type", "text/html"), ("Content-Type", "\x00;"), ("WARC-Concurrent-To", "<urn:uuid:1>"),
    ]
)  # fmt: skip
BLOCKS = st.sampled_from(
    [
        BLOCK, PAGE, b"", b"\r\n", head(HTML), head("Content-Encoding: gzip") + PAGE, b"HTTP/1.1 200",
        head("Transfer-Encoding: chunked") + b"ffffffff\r\n", head("X: \x00\xff", status="HTTP/1.1 000 ") + b"<",
        head(status="HTTP/1.1 304 Not Modified"), head("Location: /", status="HTTP/1.1 301"), b"\n\n",
    ]
)  # fmt: skip


@pytest.mark.search
@given(parts=st.lists(st.tuples(st.lists(LINES, max_size=8), BLOCKS), max_size=8))
@hypothesis(max_examples=effort(30, sample=8), deadline=None)
def test_whatever_records_say_each_is_kept_counted_or_named(
    parts: list[tuple[list[tuple[str, str]], bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    data = b""
    for lines, block in parts:
        told = "".join(f"{name}: {value}\r\n" for name, value in lines)
        data += f"WARC/1.0\r\n{told}Content-Length: {len(block)}\r\n\r\n".encode("utf-8", "surrogateescape") + block
    folder = tmp_path_factory.mktemp("any")
    with Archive.open(str(folder / "archive.db"), create=True) as archive:
        report = taken(archive, folder, INFO + data)
        again = taken(archive, folder, INFO + data)
    kinds = [[value for name, value in lines if name == "WARC-Type"][-1:] for lines, _ in parts]
    pages = sum(kind in ([["response"], ["revisit"]]) for kind in kinds)
    assert report.kept + report.known + sum(report.skipped.values()) + report.problem_count >= pages
    assert (again.kept, again.problem_count) == (0, report.problem_count)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026", "2026-01-01T00:00:00+00:00"),
        ("2026-03", "2026-03-01T00:00:00+00:00"),
        ("2026-03-02", "2026-03-02T00:00:00+00:00"),
        ("2026-03-02T09:00Z", "2026-03-02T09:00:00+00:00"),
        (" 2026-03-02T12:00:00.123456789+03:00 ", "2026-03-02T09:00:00.123456+00:00"),
        ("once", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_read_at_any_precision(written: str | None, expected: str | None) -> None:
    moment = moment_of(written)
    assert (moment and moment.isoformat()) == expected


@pytest.mark.parametrize(
    "claimed", ["", "sha1", "sha1:", "sha1:abc", "what:abc", "sha1:" + "!" * 32, "sha1:\u0430" * 9, None]
)
def test_what_is_no_digest_is_none(claimed: str | None) -> None:
    assert digest_named(claimed) is None


def test_answers_before_the_final_one_are_passed_over_so_far() -> None:
    early = head(status="HTTP/1.1 103 Early Hints")
    final = final_message(early * 3 + BLOCK)
    assert final is not None
    assert (final.status, final.payload) == (("HTTP/1.1", 200), PAGE)
    endless = final_message(early * 50)
    assert endless is not None
    assert endless.status == ("HTTP/1.1", 103)


@pytest.mark.parametrize("date", ["0001-01-02T00:00:00Z", "9998-12-30T00:00:00Z"])
def test_a_date_that_cannot_be_makes_no_calendar_of_thousands_of_years(
    date: str, archive: Archive, tmp_path: Path
) -> None:
    report = taken(archive, tmp_path, INFO + record("response", HOST + PATH, head(HTML) + b"<p>unreadable", date=date))
    assert report.kept == 1
    ((count,),) = rows(archive, "SELECT count(*) FROM days")
    assert count < 400
