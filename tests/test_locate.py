"""Every address by which the archive ever met an article leads to it, in any form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from crawler.records import Hop, Reading, Snapshot
from storage import Archive
from storage.cli import dateline
from storage.read.locate import Address, NotInArchive, locate
from storage.read.reader import Reader, open_reader
from tests.sample_archive import ENG, Scribe, article, entry

OLD, NEW = f"{ENG}first-slug-1-2026/", f"{ENG}second-slug-1-2026/"
LISTED = "https://eng.belta.by/society/view/third-slug-1-2026/"
MIRROR = "http://127.0.0.1:8100/economics/view/first-slug-1-2026/"
HOP = f"{ENG}short-1-2026/"
VIDEO = "https://eng.belta.by/video/getRecord/372/"
HOME = "https://eng.belta.by/"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article under many addresses, one under a video's, one that was led to the home page, and a namesake."""
    path = tmp_path_factory.mktemp("addresses") / "archive.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(replace(article("1-2026", "Ferry sails", "It sails."), url=OLD))
        scribe.listing(replace(entry("1-2026", "Ferry sails", "12:00"), url=LISTED))
        scribe.now += timedelta(hours=1)
        _visit(scribe, "1-2026", replace(scribe.snapshot("1-2026", b"It sails on.", url=NEW), requested_url=MIRROR))
        led = replace(scribe.snapshot("1-2026", b"And on.", url=NEW), requested_url=OLD, redirects=(Hop(HOP, 301),))
        _visit(scribe, "1-2026", led)
        scribe.story(replace(article("video-372", "A film", "Moving."), url=VIDEO))
        scribe.story(replace(article("2-2026", "Fog", "It lifts."), url=f"{ENG}fog-2-2026/"))
        lost = replace(scribe.snapshot("2-2026", b"Home", url=HOME), requested_url=f"{ENG}fog-2-2026/")
        article_id = archive.remember("belta-eng", "2-2026", f"{ENG}fog-2-2026/", scribe.now)
        archive.soft_404(archive.keep(lost, scribe.crawl_id, article_id), article_id, "the home page", scribe.now)
        scribe.finish()
        Scribe(archive, "belta-chn").story(article("1-2026", "中国", "经济。", edition="belta-chn"))
    return path


def _visit(scribe: Scribe, key: str, snapshot: Snapshot) -> None:
    article_id = scribe.archive.remember(scribe.edition, key, snapshot.url, scribe.now)
    story = replace(article(key, "Ferry sails", snapshot.body.decode()), url=snapshot.url)
    snapshot_id = scribe.archive.keep(snapshot, scribe.crawl_id, article_id)
    scribe.archive.save(Reading(snapshot, snapshot_id, article=story))


@pytest.fixture
def reader(path: Path) -> Iterator[Reader]:
    with open_reader(str(path)) as reader:
        yield reader


def forms(url: str) -> Iterator[str]:
    """Ways in which people and pages write an address."""
    parts = urlsplit(url)
    yield url
    yield url.rstrip("/")
    yield f"{url}?utm_source=letter&from=1#comments"
    yield url.replace("https://", "http://")
    yield url.replace("https://", "//")
    yield url.replace("https://", "")
    yield f"  {url.upper().replace(parts.path.upper(), parts.path)}  "
    if not parts.port:
        yield f"http://www.{parts.netloc}{parts.path}"
        yield f"https://m.{parts.netloc}{parts.path.rstrip('/')}"
        yield f"https://{parts.netloc}:443{parts.path}"


@pytest.mark.parametrize("url", [OLD, NEW, LISTED, MIRROR, HOP])
def test_every_address_that_was_met_leads_to_its_article_in_every_form(reader: Reader, url: str) -> None:
    assert {form: locate(reader, form) for form in forms(url)} == dict.fromkeys(forms(url), 1)


def test_an_address_without_a_key_leads_to_its_article_too(reader: Reader) -> None:
    assert {form: locate(reader, form) for form in forms(VIDEO)} == dict.fromkeys(forms(VIDEO), 2)


@pytest.mark.parametrize("url", [OLD, NEW, LISTED, HOP])
def test_path_as_a_page_links_to_it_leads_to_its_article(reader: Reader, url: str) -> None:
    path = urlsplit(url).path
    for form in (path, path.rstrip("/"), f"{path}?from=list"):
        assert locate(reader, form) == 1
    with pytest.raises(NotInArchive):
        locate(reader, path.replace("slug", "other") if "slug" in path else "/another-1-2026/")


def test_where_a_visit_was_led_elsewhere_that_address_is_not_the_articles(reader: Reader) -> None:
    assert locate(reader, f"{ENG}fog-2-2026") == 3
    for form in forms(HOME):
        with pytest.raises(NotInArchive):
            locate(reader, form)


@pytest.mark.parametrize(
    "never",
    [
        f"{ENG}another-slug-1-2026/",
        "https://rus.belta.by/economics/view/first-slug-1-2026/",
        f"{ENG}first-slug-1-2025/",
    ],
)
def test_an_address_that_was_never_met_is_not_guessed(reader: Reader, never: str) -> None:
    with pytest.raises(NotInArchive):
        locate(reader, never)


def test_python_takes_an_old_address(path: Path) -> None:
    with Archive.open(str(path), readonly=True) as archive:
        assert archive.article(OLD).url == NEW
        assert [one.number for one in archive.revisions(LISTED.rstrip("/"))] == [1, 2, 3]


@given(st.text(max_size=40) | st.text(alphabet="htp:/[]@.-%0129?#&wm", max_size=30).map(lambda tail: f"http://{tail}"))
def test_any_text_can_be_taken_for_an_address(text: str) -> None:
    address = Address.of(text)
    assert text in address.spellings(text)
    assert Address.of(text) == address


@pytest.mark.parametrize("command", [("show",), ("cite",), ("html", "--revision", "1")])
def test_every_command_takes_an_old_address(path: Path, command: tuple[str, ...]) -> None:
    name, *options = command
    by_number, by_address = (
        CliRunner().invoke(dateline, ["--database", str(path), name, *options, word]) for word in ("1", OLD.rstrip("/"))
    )
    assert (by_address.exit_code, by_address.stdout) == (0, by_number.stdout)
