"""The reading room in a browser: what a reader sees, does and hears, at any width, in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from storage.archive import Archive
from tests.reading_room import Visitor, serving, visiting

pytest_plugins = ("tests.reading_room_fixtures",)
pytestmark = pytest.mark.chromium

PAGES = {
    "/": "5 articles",
    "/search?q=harvest": "Search",
    "/calendar?edition=belta-eng": "Calendar 2026",
    "/crawls": "Crawls",
    "/crawls/3": "Crawl 3 belta-eng",
    "/archive": "Tables & SQL",
    "/archive?sql=select+headline+from+news": "SQL",
    "/archive?sql=delete+from+news": "That cannot be asked",
    "/archive/articles?_facet=status": "articles",
    "/archive/snapshots/1": "snapshots 1",
    "/nothing/here": "Not in this room",
}


def test_reader_searches_narrows_and_comes_back(visitor: Visitor) -> None:
    page = visitor.go("/")
    page.get_by_role("searchbox", name="Search the archive").fill("great stone")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="2 articles")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("Great")
    page.get_by_role("link", name="taken down", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="1 article")).to_be_visible()
    expect(page.get_by_role("article").get_by_text("gone")).to_be_visible()
    page.get_by_role("link", name="taken down (chosen; remove)").click()
    expect(page.get_by_role("heading", level=2, name="2 articles")).to_be_visible()


def test_form_filters_by_date_edition_and_order_and_keeps_what_was_typed(visitor: Visitor) -> None:
    page = visitor.go("/search")
    page.get_by_label("From").fill("2026-03-10T12:10")
    page.get_by_label("To").fill("2026-03")
    page.get_by_label("Edition").select_option("belta-eng")
    page.get_by_label("Order").select_option("newest first")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=3)).to_have_text(
        ["Great Stone park grows", re.compile("^Windows.*painted")]
    )
    expect(page.get_by_label("From")).to_have_value("2026-03-10T12:10")
    expect(page.get_by_label("Edition")).to_have_value("belta-eng")
    page.get_by_label("From").fill("yesterday")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("'yesterday' is no date")
    assert "status of 400" in visitor.said.pop()


def test_calendar_tells_holes_from_days_that_are_covered(visitor: Visitor) -> None:
    page = visitor.go("/calendar?edition=belta-eng")
    expect(page.get_by_text("walk 3 stopped at 2026-03-09, short of 2026-03-03")).to_be_visible()
    march = page.get_by_role("table", name="March")
    expect(march.locator("td.covered").first).to_have_text("3")
    march.get_by_role("link", name=re.compile("^10 ?: 4 articles")).click()
    expect(page.get_by_role("heading", level=2, name="4 articles")).to_be_visible()


def test_crawls_lead_from_the_list_to_an_answer_that_nobody_understood(visitor: Visitor) -> None:
    page = visitor.go("/crawls")
    expect(page.get_by_role("cell", name="incomplete the site answered with errors")).to_be_visible()
    page.get_by_role("row", name="incomplete").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Crawl 3 belta-eng")
    page.get_by_role("link", name="article: unrecognised").click()
    expect(page.get_by_role("row", name="no era knows this page")).to_be_visible()
    expect(page.get_by_role("link", name="kept page")).to_have_count(1)


def test_sql_is_typed_run_and_taken_away_as_csv(visitor: Visitor) -> None:
    page = visitor.go("/")
    page.get_by_role("link", name="Tables & SQL").click()
    page.get_by_label("SQL, to read with").fill("SELECT COUNT(*) AS losses FROM news WHERE status = :status")
    page.get_by_role("button", name="Run SQL").click()
    page.get_by_label(":status").fill("gone")
    page.get_by_role("button", name="Run SQL").click()
    expect(page.get_by_role("heading", name="1 row")).to_be_visible()
    answer = page.request.get(f"{visitor.room}{page.get_by_role('link', name='CSV').get_attribute('href')}")
    assert answer.text().split() == ["losses", "1"]
    page.get_by_label("SQL, to read with").fill("DROP TABLE news")
    page.get_by_role("button", name="Run SQL").click()
    expect(page.get_by_role("alert")).to_contain_text("SELECT")
    assert "status of 400" in visitor.said.pop()


def test_words_that_went_stand_in_their_sentence_and_an_older_headline_on_its_own_line(visitor: Visitor) -> None:
    page = visitor.go("/article/belta-eng/1001-2026/compare?before=1&after=2")
    for word in (page.locator(".diff del").first, page.locator(".diff ins").first, page.locator(".diff-key del")):
        assert word.evaluate("one => getComputedStyle(one).display") == "inline"
    page = visitor.go("/")
    older = page.locator("del", has_text="Harvest begins near Brest")
    assert older.evaluate("one => getComputedStyle(one).display") == "block"


def test_keyboard_alone_reaches_the_content_and_every_room(visitor: Visitor) -> None:
    page = visitor.go("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"
    visitor.go("/crawls")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))
    assert reached[:7] == ["Skip to the content", "Dateline", "Search", "Calendar", "Crawls", "Tables & SQL", "q"]
    expect(page.get_by_role("navigation", name="Rooms").locator("[aria-current=page]")).to_have_text("Crawls")


def test_every_page_is_without_barriers_in_light_and_dark_and_fits_a_phone(browser: Browser, room: str) -> None:
    found: list[str] = []
    with visiting(browser, room, viewport={"width": 390, "height": 844}) as visitor:
        for path, heading in PAGES.items():
            page = visitor.go(path)
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            wide = page.evaluate("document.documentElement.scrollWidth")
            found += [f"{path} is {wide} wide"] if wide > 390 else []
            found += [f"{path}: {barrier}" for barrier in visitor.barriers()]
        visitor.said[:] = [line for line in visitor.said if "the server responded with a status of 40" not in line]
    assert found == []


def test_empty_archive_has_its_pages_too(browser: Browser, tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "new.db"), create=True):
        pass
    with serving(tmp_path / "new.db") as room, visiting(browser, room) as visitor:
        expect(visitor.go("/").get_by_role("heading", level=1)).to_have_text("Nothing is archived here yet")
        expect(visitor.go("/search").get_by_role("heading", level=2)).to_have_text("Nothing found")
        expect(visitor.go("/calendar").get_by_text("No crawl has run yet")).to_be_visible()
        expect(visitor.go("/crawls").get_by_text("No crawl has run yet")).to_be_visible()
        assert visitor.barriers() == []
