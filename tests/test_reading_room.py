"""The reading room in a browser: what a reader sees, does and hears, at any width, in light and dark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from crawler.records import UnknownEntry
from storage.db.schema import crawls
from storage.write.archive import Archive
from storage.write.coverage.days import tell_days
from tests.effort import effort
from tests.reading_room import Visitor, serving, visiting
from tests.sample_archive import MINSK, NOON, Scribe, article, entry

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


def test_calendar_tells_holes_from_days_that_are_whole(visitor: Visitor) -> None:
    page = visitor.go("/calendar?edition=belta-chn")
    march = page.get_by_role("table", name="March")
    expect(march.locator("td.whole")).to_have_count(8)  # 3 to 10 March
    expect(march.locator("td.whole").first).to_have_text("3")
    visitor.go("/calendar?edition=belta-eng")
    hole = re.compile("^Hole: 3 to 8 March( 2026)? missing, part of 9 March")
    expect(page.get_by_role("region", name="Holes").get_by_role("listitem")).to_have_text(hole)
    expect(march.locator("td.hole")).to_have_count(7)
    march.get_by_role("link", name=re.compile("^10 ?: 4 articles.* covered in full")).click()
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


@pytest.mark.search
def test_every_page_is_without_barriers_in_light_and_dark_and_fits_a_phone(browser: Browser, room: str) -> None:
    found: list[str] = []
    with visiting(browser, room, viewport={"width": 390, "height": 844}) as visitor:
        for path, heading in list(PAGES.items())[: effort(len(PAGES), sample=4)]:
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


@pytest.fixture(scope="module")
def lossy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A reading room in which days of every state are, and an address of unknown form."""
    path = tmp_path_factory.mktemp("lossy") / "wire.db"
    with Archive.open(str(path), create=True) as archive:
        scribe = Scribe(archive)
        for day in range(-9, 1):
            scribe.story(article(f"20{day + 20}-2026", f"News of day {day}", "Of that day.", minutes=day * 24 * 60))
        scribe.walk(
            ended="end", end_kind="open", goal="2026-02-25", bottom_key="2011-2026", read_at="2026-03-10T09:00:00Z"
        )
        scribe.listing(
            entry("3001-2026", "Never to be had", "12:00"),
            unknown=(UnknownEntry("https://eng.belta.by/live/42", "A live page", "12:00", NOON.date()),),
        )
        scribe.gap("2026-03-08T09:00:00Z", "2026-03-08T15:00:00Z")
        scribe.loss("2026-03-04T09:00:00Z", "2026-03-06T09:00:00Z")
        scribe.finish()
    with serving(path) as address:
        yield address


def test_calendar_tells_what_is_lost_and_unknown_in_words_and_not_by_colour_alone(browser: Browser, lossy: str) -> None:
    with visiting(browser, lossy) as visitor:
        page = visitor.go("/calendar")
        march = page.get_by_role("table", name="March")
        states = {
            str(cell.get_attribute("class")).split()[0]: str(cell.locator("[title]").first.get_attribute("title"))
            for cell in march.locator("td[class]").all()
        }
        assert list(states) == ["unknown", "whole", "lost", "hole", "outside"]
        assert states["lost"].endswith("2026: 1 article, lost: the listing no longer shows all of it")
        assert states["hole"].startswith("Sunday, 8 March 2026: 1 article, hole: not all was walked")
        (end,) = [cell.get_attribute("title") for cell in march.locator("td.unknown [title^='Sunday, 1 March']").all()]
        assert end == (
            "Sunday, 1 March 2026: 1 article, covered from 12:00 on; before that unknown: the listing ends there"
        )
        today = march.locator("[title^='Tuesday, 10 March']").get_attribute("title")
        assert today == "Tuesday, 10 March 2026: 1 article, 2 missing, 3 expected, covered in full"
        looks = {name: _look(page, f"td.{name} > *") for name in ("unknown", "whole", "lost", "hole")}
        assert len(set(looks.values())) == len(looks)
        page.emulate_media(media="print")
        assert _look(page, "td.lost > *") != _look(page, "td.hole > *")
        page.emulate_media(media="screen")
        lost = re.compile("^Lost: 5 March( 2026)? missing, parts of 4 and 6 March")
        expect(page.get_by_role("region", name="Lost").get_by_role("listitem")).to_have_text(lost)
        expect(
            page.get_by_text(re.compile("What is older than 1 March.* is not known: the listing ends"))
        ).to_be_visible()
        assert page.get_by_role("list", name="Legend").get_by_role("listitem").count() == 6
        assert visitor.barriers() == []


def _look(page: Page, selector: str) -> str:
    """How a cell is filled and framed."""
    script = "one => { const s = getComputedStyle(one); return s.backgroundImage + s.boxShadow }"
    return str(page.locator(selector).first.evaluate(script))


def test_charts_mark_the_times_of_which_something_may_be_missing(browser: Browser, lossy: str) -> None:
    with visiting(browser, lossy) as visitor:
        page = visitor.go("/search?q=news")
        told = (
            "Something may be missing: lost in 2026-03-04 to 2026-03-06; a hole in 2026-03-08; unknown in 2026-03-01."
        )
        expect(page.get_by_text(told)).to_be_visible()
        expect(page.locator(".reach-lost")).to_have_count(3)
        page.get_by_text("The numbers as a table").click()
        expect(page.get_by_role("row", name="2026-03-08 1 hole")).to_be_visible()
        assert visitor.barriers() == []
        expect(visitor.go("/").get_by_text("a hole in 2026-03-08")).to_be_visible()
        visitor.go("/search?q=unicorn&since=2026-03&until=2026-03")
        expect(page.get_by_text("Something may be missing: lost in 2026-03.")).to_be_visible()
        visitor.go("/search?q=news&since=2026-03-09&until=2026-03-10")
        expect(page.get_by_role("heading", level=2, name="2 articles")).to_be_visible()
        expect(page.get_by_text("Something may be missing")).to_have_count(0)


def test_front_page_does_not_call_a_loss_well(browser: Browser, lossy: str, tmp_path: Path) -> None:
    with visiting(browser, lossy) as visitor:
        health = visitor.go("/").get_by_role("region", name="Health")
        expect(health.get_by_text(re.compile("Lost for ever in belta-eng: 5 March( 2026)? missing"))).to_be_visible()
        expect(health.get_by_text(re.compile("Hole in belta-eng: part of 8 March( 2026)? missing"))).to_be_visible()
        expect(health.get_by_text("1 listing entry of belta-eng with an address of unknown form")).to_be_visible()
    with Archive.open(str(tmp_path / "wire.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(article("1-2026", "News", "Today."))
        scribe.loss("2026-03-04T09:00:00Z", "2026-03-06T09:00:00Z")
        scribe.finish()
    with serving(tmp_path / "wire.db") as room, visiting(browser, room) as visitor:
        health = visitor.go("/").get_by_role("region", name="Health")
        expect(health.get_by_text("Nothing is to be mended")).to_be_visible()
        expect(health.get_by_text("Lost for ever in belta-eng")).to_be_visible()
        expect(health.get_by_text("All is well")).to_have_count(0)


def test_calendar_of_an_import_calls_its_days_unknown(browser: Browser, tmp_path: Path) -> None:
    with Archive.open(str(tmp_path / "wire.db"), create=True) as archive:
        scribe = Scribe(archive)
        scribe.story(article("1-2026", "News", "Today."))
        scribe.finish()
        with archive.writing() as connection:
            connection.execute(crawls.update().values(waiting=None))  # as an import leaves it
            tell_days(connection, "belta-eng", MINSK, NOON)
    with serving(tmp_path / "wire.db") as room, visiting(browser, room) as visitor:
        day = visitor.go("/calendar").locator("[title^='Tuesday, 10 March']")
        assert day.get_attribute("title") == (
            "Tuesday, 10 March 2026: 1 article, unknown: nobody can say whether this is all"
        )
