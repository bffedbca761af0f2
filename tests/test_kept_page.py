"""The kept page in the reading room: what the server sent, word for word, and nothing of it alive."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route

from storage.web.kept_answer import ALONE
from tests.kept_archive import HOSTILE_PAGE, Shelf
from tests.reading_room import Visitor, serving, visiting
from tests.saved_pages import saved_pages

pytest_plugins = ("tests.reading_room_fixtures", "tests.kept_fixtures")

SAVED = {one.name: one for one in saved_pages("belta") if one.asked["kind"] == "article"}


@pytest.mark.parametrize("rest", ["/page", "/page?addresses=1", "/source", "/bytes"])
def test_whatever_comes_out_of_a_kept_answer_is_alone(shelf: Shelf, rest: str) -> None:
    answer, _ = shelf.get(shelf.kept("hostile", rest))
    assert answer.status == 200
    assert {name: answer.headers[name] for name in ALONE} == dict(ALONE)
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
    rules = dict(rule.strip().partition(" ")[::2] for rule in answer.headers["Content-Security-Policy"].split(";"))
    assert rules.pop("style-src-elem").startswith("'sha256-")
    assert rules == {
        "default-src": "'none'",
        "sandbox": "",
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "style-src-attr": "'unsafe-inline'",
    }


@pytest.mark.parametrize("name", ["hostile", "utf-16", "json", "picture", "2018-paragraphs-eng"])
def test_bytes_are_those_that_were_kept_as_a_file_that_nothing_opens(shelf: Shelf, name: str) -> None:
    answer, body = shelf.get(shelf.kept(name, "/bytes"))
    with closing(sqlite3.connect(shelf.path)) as archive:
        row = archive.execute("SELECT body_sha256 FROM snapshots WHERE snapshot_id = ?", [shelf.snapshots[name]])
        (digest,) = row.fetchone()
    assert hashlib.sha256(body).hexdigest() == digest
    assert answer.headers["Content-Type"] == "application/octet-stream"
    said = f'attachment; filename="kept-page-{shelf.snapshots[name]}-{digest[:8]}.html.txt"'
    assert answer.headers["Content-Disposition"] == said


def test_source_is_the_text_as_it_was_sent_in_its_own_encoding(shelf: Shelf) -> None:
    for name in ("hostile", "utf-16"):
        answer, body = shelf.get(shelf.kept(name, "/source"))
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert body.decode() == HOSTILE_PAGE
    assert shelf.get(shelf.kept("utf-7", "/source"))[1].startswith(b"<p>+ADw-script")  # nobody declared it: it is text


def test_page_says_what_was_left_out_where_it_came_from_and_how_it_was_read(shelf: Shelf) -> None:
    _, body = shelf.get(shelf.kept("2018-paragraphs-eng"))
    text = body.decode()
    assert "29 links, 11 pictures, 3 scripts, 1 style sheet, 1 embedded page." in text
    assert hashlib.sha256(SAVED["2018-paragraphs-eng"].body).hexdigest() in text
    assert SAVED["2018-paragraphs-eng"].asked["url"] in text
    assert 'href="/article/belta-eng/152001-2022?revision=1">revision 1</a>' in text


@pytest.mark.parametrize(
    ("name", "said", "views"),
    [
        ("json", "JSON, not HTML", ["source"]),
        ("picture", "a PNG image, not HTML", []),
        ("empty", "The server sent no body (HTTP 304)", []),
        ("hostile", "The words of the page in their order", ["page", "addresses", "source"]),
    ],
)
def test_what_is_no_page_is_said_and_shown_as_far_as_it_can_be(
    shelf: Shelf, name: str, said: str, views: list[str]
) -> None:
    answer, body = shelf.get(shelf.kept(name))
    assert answer.status == 200
    assert said in body.decode()
    assert re.findall(r'href="\?as=(\w+)"', body.decode()) == views
    statuses = {rest: shelf.get(shelf.kept(name, rest))[0].status for rest in ("/page", "/source", "/bytes")}
    there = {"/page": "page" in views, "/source": "source" in views, "/bytes": name != "empty"}
    assert statuses == {rest: 200 if is_there else 404 for rest, is_there in there.items()}


@pytest.mark.parametrize("path", ["/kept/999", "/kept/999/page", "/kept/999/bytes", "/kept/0", f"/kept/{'9' * 18}"])
def test_a_visit_that_is_not_there_is_one_clear_line(shelf: Shelf, path: str) -> None:
    answer, body = shelf.get(path)
    assert answer.status == 404
    assert re.search(r"[Nn]o snapshot \d+ in", body.decode())


def test_headers_of_an_answer_are_text(shelf: Shelf) -> None:
    _, body = shelf.get(shelf.kept("headers"))
    assert "<dt>X-Words</dt><dd>&lt;script&gt;alert(&#39;data&#39;)&lt;/script&gt;</dd>" in body.decode()


def test_a_lost_body_is_said_on_its_page_and_costs_no_other(shelf: Shelf, tmp_path: Path) -> None:
    path = Path(shutil.copy(shelf.path, tmp_path / "damaged.db"))
    with closing(sqlite3.connect(path)) as archive, archive:
        lost = "SELECT body_sha256 FROM snapshots WHERE snapshot_id = ?"
        archive.execute(f"UPDATE bodies SET data = x'00' WHERE sha256 = ({lost})", [shelf.snapshots["utf-7"]])  # noqa: S608
    with serving(path) as room:
        damaged = Shelf(room, path, shelf.snapshots)
        answer, body = damaged.get(damaged.kept("utf-7"))
        assert answer.status == 200
        assert "the page is lost here" in body.decode()
        assert "<iframe" not in body.decode()
        assert damaged.get(damaged.kept("utf-7", "/bytes"))[0].status == 404
        assert damaged.get(damaged.kept("hostile", "/page"))[0].status == 200


@pytest.fixture
def watched(browser: Browser, shelf: Shelf) -> Iterator[Watched]:
    with visiting(browser, shelf.room, viewport={"width": 1280, "height": 900}) as visitor:
        yield Watched(visitor)


class Watched:
    """A tab of which every request, dialog, download and new tab is noted, besides what `Visitor` notes."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.requests: list[str] = []
        self.events: list[str] = []
        page = visitor.page
        page.on("request", lambda request: self.requests.append(request.url.removeprefix(visitor.room)))
        page.on("dialog", self._dismiss)
        page.on("popup", lambda popup: self.events.append(f"popup: {popup.url}"))
        page.on("download", lambda download: self.events.append(f"download: {download.url}"))

    def _dismiss(self, dialog: Dialog) -> None:
        self.events.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def exhibit(self, path: str) -> str:
        """Open a kept page, press everything in it that can be pressed; returns the text of the frame."""
        page = self.visitor.go(path)
        frame = page.frame_locator("iframe.exhibit")
        for pressed in frame.locator("a, summary, .field, .picture").all():
            pressed.click(force=True)
        page.wait_for_timeout(150)
        return frame.locator("body").inner_text()


OWN = {"/static/room.css", "/static/parts.css", "/static/article.css", "/static/icon.svg"}


@pytest.mark.chromium
@pytest.mark.parametrize("view", ["page", "addresses", "source"])
def test_hostile_page_runs_nothing_loads_nothing_and_goes_nowhere(watched: Watched, shelf: Shelf, view: str) -> None:
    path = f"{shelf.kept('hostile')}?as={view}"
    text = watched.exhibit(path)
    framed = shelf.kept("hostile", {"page": "/page", "addresses": "/page?addresses=1", "source": "/source"}[view])
    assert set(watched.requests) - OWN == {path, framed}
    assert watched.events == []
    assert watched.visitor.page.url.removeprefix(watched.visitor.room) == path
    assert "owned" not in watched.visitor.page.title()
    assert [words for words in ("A calm headline", "foreign words", "Words at the end.") if words not in text] == []


@pytest.mark.chromium
@pytest.mark.parametrize("alone", ["frame", "headers"])
def test_frame_and_headers_hold_even_a_page_that_nobody_made_harmless(
    browser: Browser, shelf: Shelf, alone: str
) -> None:
    """Defence in depth: as if the page had come through untouched, and either the frame or the headers were missing."""
    path = shelf.kept("hostile", "" if alone == "frame" else "/page")
    headers = {} if alone == "frame" else dict(ALONE)
    context = browser.new_context()
    try:
        watched = Watched(Visitor(context.new_page(), shelf.room))
        page = watched.visitor.page
        reached: list[str] = []

        def stop(route: Route) -> None:
            reached.append(route.request.url)
            route.abort()

        page.route("**/*", stop)
        page.route(f"{shelf.room}/static/**", lambda route: route.continue_())
        page.route(f"{shelf.room}{shelf.kept('hostile')}", lambda route: route.continue_())
        page.route("**/page", lambda route: route.fulfill(body=HOSTILE_PAGE, headers=headers, content_type="text/html"))
        watched.visitor.go(path)
        page.wait_for_timeout(300)
        assert watched.events == []
        assert "script ran" not in " ".join(watched.visitor.said)
        assert page.url == f"{shelf.room}{path}"
        assert page.title().startswith("Calm")
        if alone == "headers":
            assert reached == []
    finally:
        context.close()


@pytest.mark.chromium
def test_every_word_a_browser_shows_of_a_saved_page_it_shows_of_the_kept_page(browser: Browser, shelf: Shelf) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    try:
        page = context.new_page()
        missing, seen = {}, 0  # a page of AMP hides itself from browsers without scripts
        for name, one in SAVED.items():
            _, kept = shelf.get(shelf.kept(name, "/page"))
            sent, shown = (words_of(page, body.decode()) for body in (one.body, kept))
            missing[name] = sent - shown
            seen += sent.total()
        assert {name: lost for name, lost in missing.items() if lost} == {}
        assert seen > 1000
    finally:
        context.close()


def words_of(page: Page, markup: str) -> Counter[str]:
    page.set_content(markup, wait_until="domcontentloaded")
    return Counter(page.locator("body").inner_text().split())


@pytest.mark.chromium
def test_kept_page_has_no_barriers_and_fits_a_phone(browser: Browser, shelf: Shelf) -> None:
    with visiting(browser, shelf.room, viewport={"width": 390, "height": 844}) as visitor:
        page = visitor.go(shelf.kept("2018-paragraphs-eng"))
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert visitor.barriers() == []
        page.emulate_media(color_scheme="dark")
        assert visitor.barriers() == []


@pytest.mark.chromium
def test_kept_page_opens_alone_to_be_printed_whole(browser: Browser, shelf: Shelf) -> None:
    with visiting(browser, shelf.room) as visitor:
        page = visitor.go(shelf.kept("hostile"))
        page.get_by_role("link", name="Alone, to print").click()
        page.wait_for_url(f"**{shelf.kept('hostile', '/page')}")
        assert page.get_by_role("heading", name="A calm headline").is_visible()
        assert page.title() == "Calm"
