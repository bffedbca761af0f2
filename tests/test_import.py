"""Imports of our own exports: the same pages and the same news, whatever interrupts them or is wrong with the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from crawler.errors import ArchiveBusy
from spiders.demo.faults import Fault, Faults, Kind, Spell
from spiders.demo.newspaper import Newspaper
from storage.db.lock import CrawlLock
from storage.warc.captures import CaptureFilter
from storage.warc.comparison import ReadingDifference
from storage.warc.exports import export_wacz, export_warc
from storage.warc.imported_pages import PageImporter
from storage.warc.imports import ImportReport, import_files
from storage.write.archive import Archive
from tests.offline_crawl import OfflineCrawl, small_history

TROUBLE: tuple[Kind, ...] = (
    "error", "overloaded", "soft-200", "blank", "garbage", "bad-gzip", "wrong-type", "truncated", "empty-listing",
)  # fmt: skip
PAGES = ".*/view/.*|.*/page/.*"

# What people see, and how every article stands. Ids are the archive's own.
NEWS = """SELECT edition, key, url, headline, published_at, rubric, lead, body, language, tags, photo_url,
 photo_caption, photo_count, status, revision_count, first_seen_at, last_seen_at, changed_at, gone_at
 FROM news ORDER BY edition, key"""
ARTICLES = """SELECT edition, key, url, status, first_seen_at, last_seen_at, changed_at, gone_at, due_at, attempts,
 last_error FROM articles ORDER BY edition, key"""
SIGHTINGS = """SELECT a.key, s.page, s.position, s.headline, s.printed_time, s.day, s.lead, s.first_seen_at,
 s.last_seen_at FROM sightings s JOIN articles a USING (article_id) ORDER BY a.key, s.sighting_id"""
LEDGER = """SELECT edition, arguments, software, user_agent, started_at, finished_at, outcome, exit_code, message,
 listing_pages, article_pages, new_articles, new_revisions, unchanged, failed, gone, unrecognised
 FROM crawls ORDER BY started_at"""
SEARCH = "SELECT count(*) FROM news_search WHERE news_search MATCH 'the'"


def rows(archive: Archive, query: str) -> list[Any]:
    with archive.connection() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def crawled(folder: Path, seed: int, *, crawls: int = 5, base_url: str | None = None, **paper: Any) -> Archive:  # noqa: ANN401 - of a Newspaper
    archive = Archive.open(str(folder / "crawled.db"), create=True)
    crawl = OfflineCrawl(archive, Newspaper(small_history(seed), **paper), base_url=base_url)
    for number in range(crawls):
        crawl.run(None if number == 2 else "complete")  # the third is killed
        crawl.now += timedelta(hours=5)
    return archive


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with crawled(tmp_path_factory.mktemp("source"), 2, validators=True) as archive:
        yield archive


@pytest.fixture(scope="module")
def whole(source: Archive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("export") / "whole.warc.gz"
    export_warc(source, path, CaptureFilter())
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Archive]:
    with Archive.open(str(tmp_path / "copy.db"), create=True) as archive:
        yield archive


def assert_same(one: Archive, other: Archive, folder: Path) -> None:
    """Equal to the last byte of their exports, and in all that follows from the pages."""
    export_warc(one, folder / "one.warc", CaptureFilter(), force=True)
    export_warc(other, folder / "other.warc", CaptureFilter(), force=True)
    assert (folder / "one.warc").read_bytes() == (folder / "other.warc").read_bytes()
    for query in (NEWS, ARTICLES, SIGHTINGS, LEDGER, SEARCH):
        assert rows(one, query) == rows(other, query)


@pytest.mark.parametrize("seed", range(4))
def test_export_and_import_and_export_are_equal(seed: int, tmp_path: Path, copy: Archive) -> None:
    trouble = Faults(tuple(Spell(Fault(kind), pattern=PAGES, share=0.1, names=(seed,)) for kind in TROUBLE))
    base_url = "http://127.0.0.1:8100" if seed % 2 else None
    with crawled(tmp_path, seed, base_url=base_url, validators=seed < 2, calm=seed > 2, faults=trouble) as archive:
        export_warc(archive, tmp_path / "all.warc.gz", CaptureFilter())
        report = import_files(copy, [tmp_path / "all.warc.gz"])
        assert (report.known, report.problems, report.differences, dict(report.skipped)) == (0, [], [], {})
        assert_same(archive, copy, tmp_path)


def test_a_package_gives_the_same_as_its_warc_file(source: Archive, copy: Archive, tmp_path: Path) -> None:
    export_wacz(source, tmp_path / "all.wacz", CaptureFilter())
    assert import_files(copy, [tmp_path / "all.wacz"]).problems == []
    assert_same(source, copy, tmp_path)


def test_an_import_again_changes_nothing(source: Archive, whole: Path, copy: Archive, tmp_path: Path) -> None:
    first = import_files(copy, [whole])
    again = import_files(copy, [whole, whole])
    assert (again.kept, again.known, again.readings) == (0, 2 * first.kept, {})
    assert_same(source, copy, tmp_path)
    assert import_files(source, [whole]).kept == 0


def interrupted_after(count: int) -> Callable[[ImportReport], None]:
    def interrupt(report: ImportReport) -> None:
        if report.kept == count:
            raise KeyboardInterrupt

    return interrupt


@pytest.mark.parametrize("after", [1, 7, 30])
def test_an_interrupted_import_is_gone_on_with(
    after: int, source: Archive, whole: Path, copy: Archive, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        import_files(copy, [whole], progress=interrupted_after(after))
    assert import_files(copy, [whole]).known == after
    assert_same(source, copy, tmp_path)


def test_a_page_that_was_kept_but_not_read_is_read_the_next_time(
    source: Archive, whole: Path, copy: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_files(copy, [whole], progress=interrupted_after(12))
    with monkeypatch.context() as patch:
        patch.setattr(PageImporter, "read", killed)
        with pytest.raises(KeyboardInterrupt):
            import_files(copy, [whole])
    assert rows(copy, "SELECT count(*) FROM snapshots WHERE reading IS NULL") == [(1,)]
    import_files(copy, [whole])
    assert_same(source, copy, tmp_path)


def halves(source: Archive, folder: Path) -> tuple[Path, Path]:
    (middle,) = rows(source, "SELECT fetched_at FROM snapshots ORDER BY fetched_at LIMIT 1 OFFSET 40")[0]
    export_warc(source, folder / "early.warc.gz", CaptureFilter(until=middle))
    export_warc(source, folder / "late.warc.gz", CaptureFilter(since=middle))
    return folder / "early.warc.gz", folder / "late.warc.gz"


def test_files_given_together_in_any_order_are_one_archive(source: Archive, copy: Archive, tmp_path: Path) -> None:
    early, late = halves(source, tmp_path)
    assert import_files(copy, [late, early]).problems == []
    assert_same(source, copy, tmp_path)


def test_older_pages_imported_later_add_what_was_but_change_nothing_that_is(
    source: Archive, copy: Archive, tmp_path: Path
) -> None:
    early, late = halves(source, tmp_path)
    import_files(copy, [late])
    before = dict(zip(*_columns(copy), strict=True))
    import_files(copy, [early])
    after = dict(zip(*_columns(copy), strict=True))
    assert before
    assert {key: after[key] for key in before} == before
    texts = (
        "SELECT DISTINCT a.key, r.headline, r.body FROM revisions r JOIN articles a USING (article_id) ORDER BY 1, 2, 3"
    )
    assert rows(copy, texts) == rows(source, texts)
    seen = "SELECT key, first_seen_at FROM articles ORDER BY key"
    assert rows(copy, seen) == rows(source, seen)
    assert rows(copy, "SELECT count(*) FROM snapshots WHERE reading IS NULL") == [(0,)]
    import_files(copy, [early, late])
    assert dict(zip(*_columns(copy), strict=True)) == after


def _columns(archive: Archive) -> tuple[list[str], list[Any]]:
    current = "SELECT key, headline, body, status, last_seen_at, changed_at, gone_at, url FROM news ORDER BY key"
    found = rows(archive, current)
    return [row[0] for row in found], [row[1:] for row in found]


def test_pages_that_come_to_a_finished_crawl_get_a_row_of_their_own(
    source: Archive, copy: Archive, tmp_path: Path
) -> None:
    early, late = halves(source, tmp_path)
    import_files(copy, [early])
    closed = rows(copy, "SELECT crawl_id, count(*) FROM snapshots GROUP BY crawl_id ORDER BY crawl_id")
    import_files(copy, [late])
    now = rows(copy, "SELECT crawl_id, count(*) FROM snapshots GROUP BY crawl_id ORDER BY crawl_id")
    finished = rows(copy, "SELECT crawl_id FROM crawls WHERE finished_at IS NOT NULL")
    assert [row for row in now if row in closed and (row[0],) in finished]
    assert all(row in now for row in closed if (row[0],) in finished)
    facts = "SELECT DISTINCT started_at, finished_at, software FROM crawls ORDER BY 1"
    assert rows(copy, facts) == rows(source, facts)


def test_what_todays_parsers_read_otherwise_is_reported(source: Archive, copy: Archive, tmp_path: Path) -> None:
    story, headline = rows(source, "SELECT revision_id, headline FROM revisions ORDER BY revision_id LIMIT 1")[0]
    _headline(source, story, "As an older parser read it")
    try:
        export_warc(source, tmp_path / "old.warc.gz", CaptureFilter())
    finally:
        _headline(source, story, headline)
    report = import_files(copy, [tmp_path / "old.warc.gz"])
    (difference,) = report.differences
    assert isinstance(difference, ReadingDifference)
    assert (difference.field, difference.before) == ("headline", '"As an older parser read it"')
    assert report.otherwise == {"headline": 1}
    assert difference.after.strip('".') in headline
    assert_same(source, copy, tmp_path)


def _headline(archive: Archive, revision: int, headline: str) -> None:
    with archive.writing() as connection:
        change = text("UPDATE revisions SET headline = :headline WHERE revision_id = :revision")
        connection.execute(change, {"headline": headline, "revision": revision})


def test_visits_that_are_equal_in_everything_stay_as_many(copy: Archive, tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "twins.db"), create=True) as archive:
        crawl = OfflineCrawl(archive, Newspaper(small_history(1), calm=True), step=timedelta())
        crawl_id = archive.begin_crawl("demo", {}, "s", "a", crawl.now)
        page = crawl.listing(1)
        for snapshot in (page, page, replace(page, status=500), page):
            with archive.writing() as connection:
                archive.keep_in(connection, snapshot, crawl_id, None)
        export_warc(archive, tmp_path / "twins.warc.gz", CaptureFilter())
    assert [import_files(copy, [tmp_path / "twins.warc.gz"]).kept for _ in range(2)] == [4, 0]


def test_an_import_waits_for_no_crawl(whole: Path, copy: Archive) -> None:
    with CrawlLock(str(copy.place), "demo"), pytest.raises(ArchiveBusy, match="another crawl of demo"):
        import_files(copy, [whole])
    assert rows(copy, "SELECT count(*) FROM snapshots") == [(0,)]
