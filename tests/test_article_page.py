"""The article page of the reading room: read like a newspaper, with its evidence; and revisions laid side by side."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from html import unescape
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog

from storage.read.articles import details, neighbours
from storage.web.pages import kept
from tests.kept_archive import FERRY, FERRY_LATER, HOSTILE_STORY, SCRIPT, Shelf
from tests.reading_room import visiting

pytest_plugins = ("tests.reading_room_fixtures", "tests.kept_fixtures")

FERRY_PAGE = f"/article/belta-eng/{FERRY.key}"
HOSTILE_ARTICLE = f"/article/belta-eng/{HOSTILE_STORY.key}"


def text(shelf: Shelf, path: str) -> str:
    """The words of a page, one space between them."""
    answer, body = shelf.get(path)
    assert answer.status == 200, path
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body.decode())).split())


def test_article_reads_as_the_agency_wrote_it_with_its_evidence(shelf: Shelf) -> None:
    page = text(shelf, FERRY_PAGE)
    first, *others = [FERRY_LATER.headline, *FERRY_LATER.paragraphs, *FERRY_LATER.tags[:1]]
    at = page.index(first)
    for words in others:
        at = page.index(words, at)
    assert "Tuesday, 10 March 2026, 12:30 Europe/Minsk (09:30Z)" in page
    assert "The ferry in ice. Photo by I. Example Picture, not archived: https://img.belta.by/ferry.jpg" in page
    assert "Gone. The agency has not shown this article since 2026-03-10 17:00 (14:00Z)" in page
    assert "belta/2018-paragraphs; printed date “10 March 2026, 12:30”" in page
    assert "published_at div.date_full" in page  # where each field comes from
    assert re.search(r"SHA-256 [0-9a-f]{64} ", page)


def test_citation_names_words_time_address_revision_and_digest(shelf: Shelf) -> None:
    cited = text(shelf, f"{FERRY_PAGE}?revision=1").partition("To cite it ")[2]
    said = (
        f"“{FERRY.headline}” , BelTA, Tuesday, 10 March 2026, 12:30 (Europe/Minsk), {FERRY.url}. "
        "Revision 1, as fetched 2026-03-10T09:00:00Z, SHA-256 "
    )
    assert cited.startswith(said)
    assert re.match(rf"[0-9a-f]{{64}}; kept as belta-eng/{FERRY.key}, {FERRY_PAGE}\?revision=1\.", cited[len(said) :])


def test_revision_that_is_not_current_says_so(shelf: Shelf) -> None:
    page = text(shelf, f"{FERRY_PAGE}?revision=1")
    assert "Revision 1, not the current one." in page
    assert FERRY.paragraphs[1] in page
    assert FERRY_LATER.paragraphs[1] not in page


def test_neighbours_on_the_wire_are_those_published_before_and_after(shelf: Shelf) -> None:
    _, body = shelf.get(FERRY_PAGE)
    links = dict(re.findall(r'<a rel="(prev|next)" href="([^"]+)"', body.decode()))
    assert links == {"prev": HOSTILE_ARTICLE, "next": "/article/belta-eng/186877-2026"}


def test_article_that_is_only_listed_says_what_it_waits_for(shelf: Shelf) -> None:
    assert "Not archived yet, waiting to be fetched" in text(shelf, "/article/belta-eng/1-2026")


def test_compare_shows_what_went_and_what_came(shelf: Shelf) -> None:
    _, body = shelf.get(f"{FERRY_PAGE}/compare?before=1&after=2")
    page = body.decode()
    assert re.findall(r"<h2>([^<]+)</h2>", page) == ["Headline", "Text", "Tags"]
    changed = [(kind, words.strip()) for kind, words in re.findall(r"<(del|ins)>([^<]+)</\1>", page)]
    assert [
        pair for pair in (("del", "office"), ("ins", "master"), ("del", "two"), ("ins", "half")) if pair not in changed
    ] == []
    assert ("ins", "The old engine goes to the museum.") in changed


def test_compare_without_arguments_is_the_last_two(shelf: Shelf) -> None:
    assert "Revision 1 and revision 2.1" in text(shelf, f"{FERRY_PAGE}/compare")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/article/belta-eng/9-9999", 404, "There is no article belta-eng/9-9999 in this archive"),
        (f"/article/{quote(SCRIPT, safe='')}/1", 404, "There is no article &lt;script&gt;"),
        (f"{FERRY_PAGE}?revision=9", 404, "has no revision 9: it has 1 to 2"),
        (f"{FERRY_PAGE}?revision=0x1", 400, "is no number of a revision"),
        (f"{FERRY_PAGE}?revision={'9' * 30}", 400, "is no number of a revision"),
        (f"{FERRY_PAGE}/compare?before=1&after=7", 404, "there is no revision 7"),
        (f"{FERRY_PAGE}/compare?before=%27", 400, "names no revisions"),
        (f"{HOSTILE_ARTICLE}/compare", 404, "there is no revision before 1"),
        ("/article/belta-eng/1-2026/compare", 404, "nothing is archived of it yet"),
    ],
)
def test_what_is_not_there_is_one_clear_line(shelf: Shelf, path: str, status: int, said: str) -> None:
    answer, body = shelf.get(path)
    assert answer.status == status
    assert said in body.decode()
    assert SCRIPT not in body.decode()


class Links(HTMLParser):
    """Every element with an attribute in which an address or a script could stand."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.scripts = 0
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag in {"script", "img", "object", "embed", "base"}
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action", "srcdoc"}]


@pytest.mark.parametrize("path", [HOSTILE_ARTICLE, f"{FERRY_PAGE}", f"{FERRY_PAGE}/compare"])
def test_what_articles_hold_becomes_text_and_never_markup(shelf: Shelf, path: str) -> None:
    links = Links(shelf.get(path)[1].decode())
    assert (links.scripts, links.handlers) == (0, [])
    assert [link for link in links.addresses if not link.startswith(("/", "#", "https://"))] == []
    if path == HOSTILE_ARTICLE:
        page = text(shelf, path)
        for words in (f"lead {SCRIPT}", f"author {SCRIPT}", f"caption {SCRIPT}", f"tag {SCRIPT}", f"rule {SCRIPT}"):
            assert words in page
        assert "javascript:alert('photo')" in page  # as text
        assert "{{ 7 * 7 }}" in page


@pytest.mark.chromium
def test_reader_goes_from_the_story_to_its_changes_and_to_the_kept_page(browser: Browser, shelf: Shelf) -> None:
    with visiting(browser, shelf.room) as visitor:
        dialogs: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        visitor.page.on("dialog", dismiss)
        page = visitor.go(HOSTILE_ARTICLE)
        assert "<script>" in page.get_by_role("heading", level=1).inner_text()
        page.get_by_role("link", name="After").click()
        page.get_by_role("link", name="what changed from revision 1 to 2", exact=True).click()
        assert page.locator("ins", has_text="museum").is_visible()
        page.get_by_label("to", exact=True).select_option("1")
        page.get_by_role("button", name="Compare").click()
        assert page.get_by_text("They say the same.").is_visible()
        page.get_by_role("link", name=FERRY.headline, exact=True).click()
        page.get_by_role("link", name="The page as it was").click()
        assert FERRY.paragraphs[2] in page.frame_locator("iframe.exhibit").locator("body").inner_text()
        assert dialogs == []


@pytest.mark.chromium
def test_article_and_comparison_have_no_barriers_and_fit_a_phone(browser: Browser, shelf: Shelf) -> None:
    with visiting(browser, shelf.room, viewport={"width": 390, "height": 844}) as visitor:
        for path in (HOSTILE_ARTICLE, FERRY_PAGE, f"{FERRY_PAGE}/compare?before=1&after=2"):
            page = visitor.go(path)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
            assert visitor.barriers() == []
        page.emulate_media(color_scheme="dark")
        assert visitor.barriers() == []


@pytest.mark.parametrize(
    "sql",
    [neighbours._BEFORE, neighbours._AFTER, details._DUPLICATES, details._SIGHTINGS, kept._REVISIONS, kept._ARTICLE],
)
def test_no_question_of_these_pages_goes_through_a_whole_table(shelf: Shelf, sql: str) -> None:
    names = ("edition", "id", "at", "story", "original", "article")
    with closing(sqlite3.connect(shelf.path)) as archive:
        steps = [row[3] for row in archive.execute(f"EXPLAIN QUERY PLAN {sql}", dict.fromkeys(names, 1))]
    assert [step for step in steps if step.startswith("SCAN")] == []
    if "LIMIT" in sql:
        assert "USE TEMP B-TREE FOR ORDER BY" not in steps
