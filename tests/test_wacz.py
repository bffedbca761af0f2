"""WACZ packages: whole by the rules of the format, with an index that finds every page."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import ArgumentError
from spiders.demo.newspaper import Newspaper
from storage.warc.captures import CaptureFilter
from storage.warc.exports import export_wacz
from storage.warc.surt import surt
from storage.write.archive import Archive
from tests.offline_crawl import OfflineCrawl, small_history

MADE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FILES = {
    "archive/data.warc.gz",
    "indexes/index.cdx",
    "pages/pages.jsonl",
    "datapackage.json",
    "datapackage-digest.json",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    path = tmp_path_factory.mktemp("archive") / "archive.db"
    with Archive.open(str(path), create=True) as opened:
        crawl = OfflineCrawl(opened, Newspaper(small_history(5), validators=True))
        for _ in range(3):
            crawl.run()
            crawl.now += timedelta(hours=6)
        yield opened


@pytest.fixture(scope="module")
def package(archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wacz") / "wire.wacz"
    export_wacz(archive, path, CaptureFilter(), now=MADE)
    return path


def entries(package: Path) -> Mapping[str, bytes]:
    with zipfile.ZipFile(package) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def faults(package: Path) -> Iterator[str]:
    """What is wrong with a package by WACZ 1.1.1, as far as its parts tell it. Nothing: it is valid."""
    parts = entries(package)
    if missing := FILES - set(parts):
        yield f"missing: {sorted(missing)}"
        return
    with zipfile.ZipFile(package) as opened:
        if opened.getinfo("archive/data.warc.gz").compress_type != zipfile.ZIP_STORED:
            yield "the WARC file is compressed twice"
    described = json.loads(parts["datapackage.json"])
    digest = json.loads(parts["datapackage-digest.json"])
    if described.get("profile") != "data-package" or described.get("wacz_version") != "1.1.1":
        yield "the description is of another format"
    if digest != {"path": "datapackage.json", "hash": sha256(parts["datapackage.json"])}:
        yield "the description does not have its digest"
    listed = {one["path"]: one for one in described["resources"]}
    if set(listed) != set(parts) - {"datapackage.json", "datapackage-digest.json"}:
        yield "the description does not list what is there"
    for path, one in listed.items():
        if (one["hash"], one["bytes"], one["name"]) != (sha256(parts[path]), len(parts[path]), Path(path).name):
            yield f"{path} is not what the description says"
        if not re.fullmatch(r"[-a-z0-9._/]+", one["name"]):
            yield f"{one['name']} is no name for a resource"
    yield from faults_of_pages(parts["pages/pages.jsonl"])
    yield from faults_of_index(parts["indexes/index.cdx"], parts["archive/data.warc.gz"])


def faults_of_pages(pages: bytes) -> Iterator[str]:
    first, *lines = map(json.loads, pages.splitlines())
    if first.get("format") != "json-pages-1.0" or "id" not in first:
        yield "the list of pages has no head"
    if len({line["id"] for line in lines}) != len(lines):
        yield "two pages have one id"
    for line in lines:
        if not line["url"].startswith("http") or datetime.fromisoformat(line["ts"]).tzinfo is None:
            yield f"a page without address or time: {line['id']}"


def faults_of_index(index: bytes, warc: bytes) -> Iterator[str]:
    lines = index.splitlines()
    if lines != sorted(lines):
        yield "the index is not sorted"
    for line in lines:
        key, time, facts = line.decode().split(" ", 2)
        told = json.loads(facts)
        raw = warc[int(told["offset"]) :][: int(told["length"])]
        record = one_record(raw)
        if record.rec_headers.get_header("WARC-Target-URI") != told["url"] or surt(told["url"]) != key:
            yield f"another page at {told['offset']}"
        if re.sub(r"\D", "", record.rec_headers.get_header("WARC-Date")) != time:
            yield f"another time at {told['offset']}"
        if record.rec_headers.get_header("WARC-Payload-Digest") != told["digest"]:
            yield f"another digest at {told['offset']}"
        if sha256(raw) != told["recordDigest"] or told["filename"] != "data.warc.gz":
            yield f"another record at {told['offset']}"
        if (record.rec_type == "revisit") != (told["mime"] == "warc/revisit"):
            yield f"another type at {told['offset']}"


def one_record(raw: bytes) -> Any:  # noqa: ANN401 - warcio has no types
    """The record that these bytes are, exactly: a gzip member of its own."""
    gzip.decompress(raw)
    (record,) = list(ArchiveIterator(io.BytesIO(raw)))
    return record


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_a_package_is_whole_by_the_rules_of_the_format(package: Path) -> None:
    assert list(faults(package)) == []


def test_the_checks_above_find_a_changed_byte(package: Path, tmp_path: Path) -> None:
    parts = dict(entries(package))
    parts["pages/pages.jsonl"] = parts["pages/pages.jsonl"].replace(b"2026", b"2027", 1)
    with zipfile.ZipFile(tmp_path / "changed.wacz", "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)
    assert list(faults(tmp_path / "changed.wacz")) == ["pages/pages.jsonl is not what the description says"]


def test_the_index_has_every_page_and_nothing_else(archive: Archive, package: Path) -> None:
    parts = entries(package)
    lines = [json.loads(line.split(b" ", 2)[2]) for line in parts["indexes/index.cdx"].splitlines()]
    with archive.connection() as connection:
        rows = connection.execute(text("SELECT url, status FROM snapshots ORDER BY url, fetched_at")).all()
    assert sorted(line["url"] for line in lines) == sorted(row.url for row in rows)
    told = [(line["url"], int(line["status"])) for line in lines if line["mime"] != "warc/revisit"]
    assert sorted(told) == sorted((row.url, row.status) for row in rows if row.status != 304)
    assert {line["mime"] for line in lines} == {"text/html", "warc/revisit"}


def test_the_pages_are_the_stories_with_their_text(archive: Archive, package: Path) -> None:
    first, *pages = map(json.loads, entries(package)["pages/pages.jsonl"].splitlines())
    assert first["hasText"] is True
    with archive.connection() as connection:
        query = "SELECT r.headline, r.body, s.url, s.fetched_at FROM revisions r JOIN snapshots s USING (snapshot_id)"
        rows = connection.execute(text(query)).all()
        captions = connection.execute(text("SELECT caption FROM photos WHERE caption IS NOT NULL")).scalars().all()
    assert len(pages) == len(rows)
    told = {(page["url"], page["ts"]): page for page in pages}
    for headline, body, url, fetched_at in rows:
        assert told[url, fetched_at]["title"] == headline
        assert body in told[url, fetched_at]["text"]
    every = " ".join(page["text"] for page in pages)
    assert captions
    assert all(caption in every for caption in captions)


def test_warcio_finds_every_digest_of_the_packed_warc_right(package: Path, tmp_path: Path) -> None:
    (tmp_path / "data.warc.gz").write_bytes(entries(package)["archive/data.warc.gz"])
    check = [sys.executable, "-W", "ignore", "-m", "warcio.cli", "check", str(tmp_path / "data.warc.gz")]
    assert subprocess.run(check, check=True, capture_output=True, text=True).stdout == ""


def test_two_packages_made_at_one_time_are_equal_byte_for_byte(archive: Archive, package: Path, tmp_path: Path) -> None:
    export_wacz(archive, tmp_path / "again.wacz", CaptureFilter(), now=MADE)
    assert (tmp_path / "again.wacz").read_bytes() == package.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["again.wacz"]  # no temporary files stay


def test_a_package_of_listings_alone_has_an_empty_list_of_pages(archive: Archive, tmp_path: Path) -> None:
    export_wacz(archive, tmp_path / "listings.wacz", CaptureFilter(kind="listing"), now=MADE)
    assert list(faults(tmp_path / "listings.wacz")) == []
    assert len(entries(tmp_path / "listings.wacz")["pages/pages.jsonl"].splitlines()) == 1


def test_a_package_that_breaks_off_leaves_no_trace(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("storage.warc.wacz.Pages.add", full)
    with pytest.raises(OSError, match="No space left"):
        export_wacz(archive, tmp_path / "half.wacz", CaptureFilter())
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_replay_tools_would_not_take_is_refused(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"ends in \.wacz"):
        export_wacz(archive, tmp_path / "wire.zip", CaptureFilter())


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://eng.belta.by/all_news/page/7/?day=08&month=01", "by,belta,eng)/all_news/page/7?day=08&month=01"),
        ("http://WWW.Belta.by:80/President/View/X-1-2022/", "by,belta)/president/view/x-1-2022"),
        ("https://www2.belta.by:8443/a//b/./../c?b=2&a&a=1#top", "by,belta:8443)/a/c?a&a=1&b=2"),
        ("https://chn.belta.by/society/view/-26086-2024/", "by,belta,chn)/society/view/-26086-2024"),
        ("https://belta.by/view/a%25EF%EF%BF%BEb%20c-1-2021/?", "by,belta)/view/a%ef%ef%bf%beb%20c-1-2021"),
        ("http://127.0.0.1:8100", "1,0,0,127:8100)/"),
        ("http://u:p@demo.example/", "example,demo)/"),
    ],
)
def test_keys_are_those_of_other_web_archives(url: str, key: str) -> None:
    # As computed by the library surt 0.3.1, which pywb and cdxj-indexer use.
    assert surt(url) == key
