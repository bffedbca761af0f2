"""Listings: what counts as an item, which of its links is the article, and what is part of the order."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import UnrecognisedPage
from crawler.records import ListingPage
from crawler.sites import edition
from crawler.sites.belta import BELTA
from tests.saved_pages import document, read_listing

ENGLISH = edition("belta-eng")


def item(number: int, clock: str = "12:00", *, title: str = "", lead: str = "", rest: str = "") -> str:
    """An item of 2021-26."""
    headline = f'<span class="lenta_item_title">{title or f"Story {number}"}</span>'
    date = f'<div class="date">{clock} <a class="date_rubric" href="/society/">Society</a></div>'
    link = f'<a href="/society/view/story-{number}-2026/">{headline}{lead}</a>'
    return f'<div class="news_item lenta_item">{date}{link}{rest}</div>'


def separator(day: str, month_year: str = ".01.26") -> str:
    return f'<div class="new_date"><div class="day">{day}</div><div class="month_year">{month_year}</div></div>'


def keys(page: ListingPage, *, in_order: bool = True) -> list[str]:
    return [entry.key for entry in page.entries if entry.in_order is in_order]


def test_first_link_is_the_rubric_and_not_the_article() -> None:
    (entry,) = read_listing(item(7)).entries
    assert (entry.key, entry.rubric, entry.headline) == ("7-2026", "society", "Story 7")
    assert entry.url == "https://eng.belta.by/society/view/story-7-2026/"


def test_item_counts_by_its_headline_link_and_not_by_a_link_in_passing() -> None:
    rest = '<div>See also <a href="/society/view/older-3-2025/">an older story</a></div>'
    assert keys(read_listing(rest.join(["", item(7, rest=rest)]))) == ["7-2026"]


@pytest.mark.parametrize(
    "lead",
    [
        "<span CLASS>A goat\r\nlearns to row.</span>",
        "<div CLASS>A goat learns to row.<div CLASS>A goat learns to row.</div></div>",
        "<div CLASS><div CLASS>A goat learns to row.</div></div>",
        "<span CLASS>A goat learns<br>to row.<span CLASS>A goat learns to row.</span></span>",
        "<span CLASS>A goat learns to row.</span><span CLASS>A goat learns to row.</span>",
    ],
)
def test_lead_in_nested_copies_is_read_once(lead: str) -> None:
    lead = lead.replace("CLASS", 'class="lenta_textsmall"')
    assert read_listing(item(7, lead=lead)).entries[0].lead == "A goat learns to row."


def test_lead_that_is_short_and_repeats_a_word_stays_whole() -> None:
    assert read_listing(item(7, lead='<span class="lenta_textsmall">Bora Bora</span>')).entries[0].lead == "Bora Bora"


@pytest.mark.parametrize(
    "lead", ["", '<span class="lenta_textsmall"> </span>', '<span class="lenta_textsmall">Story 7</span>']
)
def test_item_without_a_lead_of_its_own_has_none(lead: str) -> None:
    assert read_listing(item(7, lead=lead)).entries[0].lead is None


def test_separators_govern_what_follows_and_the_first_items_have_no_day() -> None:
    page = read_listing(item(9) + separator("09") + item(8) + item(7) + separator("31", "12.25") + item(6))
    days = [entry.day for entry in page.entries]
    assert days == [None, date(2026, 1, 9), date(2026, 1, 9), date(2025, 12, 31)]


@pytest.mark.parametrize(
    ("day", "month_year"),
    [("09", "<span>.</span>01.26"), ("9", ".01.2026"), ("09.", "01.26"), ("09", " .01.26 "), ("9", " January 2026")],
)
def test_separator_is_read_however_its_dot_stands(day: str, month_year: str) -> None:
    assert read_listing(separator(day, month_year) + item(8)).entries[0].day == date(2026, 1, 9)


def test_separator_that_cannot_be_read_ends_the_day_before_it() -> None:
    page = read_listing(separator("09") + item(8) + separator("today", "") + item(7))
    assert [entry.day for entry in page.entries] == [date(2026, 1, 9), None]


def test_items_without_a_time_are_out_of_order_among_items_with_one() -> None:
    page = read_listing(separator("09") + item(9) + item(8, "") + item(7))
    assert (keys(page), keys(page, in_order=False)) == (["9-2026", "7-2026"], ["8-2026"])
    assert [entry.day is None for entry in page.entries] == [False, True, False]


def test_items_are_all_in_order_where_none_prints_a_time() -> None:
    assert keys(read_listing(item(9, "") + item(8, ""))) == ["9-2026", "8-2026"]


def test_time_of_a_sidebar_does_not_put_the_list_out_of_order() -> None:
    page = read_listing(item(9, "") + f'<div class="right_col">{item(8)}</div>')
    assert (keys(page), keys(page, in_order=False)) == (["9-2026"], ["8-2026"])


def test_pinned_story_is_out_of_order_even_with_a_time() -> None:
    page = read_listing(f'<div class="main_in_rubric">{item(3)}</div>' + item(9) + item(8))
    assert (keys(page), keys(page, in_order=False)) == (["9-2026", "8-2026"], ["3-2026"])


def test_pinned_story_that_also_stands_in_the_list_keeps_its_place_there() -> None:
    page = read_listing(f'<div class="main_in_rubric">{item(8)}</div>' + item(9) + separator("09") + item(8))
    assert [(entry.key, entry.position, entry.in_order) for entry in page.entries] == [
        ("9-2026", 0, True),
        ("8-2026", 1, True),
    ]
    assert page.entries[1].day == date(2026, 1, 9)


def test_story_printed_twice_keeps_its_first_place() -> None:
    page = read_listing(item(9) + item(8) + item(9, title="Later copy"))
    assert [(entry.key, entry.headline, entry.position) for entry in page.entries] == [
        ("9-2026", "Story 9", 0),
        ("8-2026", "Story 8", 1),
    ]


def test_picture_and_headline_of_one_story_are_one_entry() -> None:
    picture = '<a href="/society/view/story-7-2026/?from=photo"><img src="/images/a.jpg" alt="A goat"></a>'
    (entry,) = read_listing(f'<div class="news_item lenta_item">{picture}</div>{item(7)}').entries
    assert entry.headline in {"A goat", "Story 7"}
    assert read_listing(item(7, rest=picture)).entries[0].headline == "Story 7"


def test_story_linked_by_its_picture_alone_is_seen() -> None:
    inner = '<div class="news_item lenta_item"><a href="/x/view/y-7-2026/"><img src="/a.jpg" alt="A goat"></a></div>'
    assert [(entry.key, entry.headline) for entry in read_listing(inner).entries] == [("7-2026", "A goat")]


@pytest.mark.parametrize(
    "foreign",
    [
        '<a href="https://schuchin.gov.by/en/society-en/view/reprint-77-2026/">Reprint</a>',
        '<a href="https://eng.belta.by.example/society/view/story-77-2026/">Look-alike</a>',
        '<a href="https://deu.belta.by/society/view/story-77-2026/">Another edition</a>',
        '<a href="https://img.belta.by/images/storage/news/with_archive/2026/000019_1770271104_77_big.jpg"><img></a>',
        '<a href="/printv/society/view/story-77-2026/">Print</a>',
        '<a href="/search/findTags/77/">Tag</a>',
        '<a href="http://[">Broken</a>',
        "<a>Nothing</a>",
    ],
)
def test_link_that_leads_to_no_article_of_the_edition_is_no_entry(foreign: str) -> None:
    inner = f'<div class="news_item lenta_item"><div class="date">12:00</div>{foreign}</div>' + item(7)
    assert [entry.key for entry in read_listing(inner).entries] == ["7-2026"]


@pytest.mark.parametrize("dress", ["lenta_info", "news_item", "news_item lenta_item"])
@pytest.mark.parametrize("href", ["/longread/77/", "special/story-77.html", "http://[77", "https://video.example/77"])
def test_an_item_with_a_headline_and_a_time_is_kept_whatever_its_dress_and_link(dress: str, href: str) -> None:
    odd = f'<div class="{dress}"><div class="date">12:05</div><a href="{href}" title="Boats">Boats</a></div>'
    page = read_listing(item(8) + odd + item(7))
    assert keys(page) == ["8-2026", "7-2026"]
    (entry,) = page.unknown
    assert (entry.headline, entry.printed_time, "77" in entry.url) == ("Boats", "12:05", True)


def test_an_item_of_another_dress_is_read_as_none_of_the_order() -> None:
    other = (
        '<div class="lenta_info"><div class="date">12:05</div>'
        '<a class="lenta_info_title" href="/society/view/story-9-2026/">Boats</a></div>'
    )
    page = read_listing(item(8) + other + item(7))
    assert (keys(page), keys(page, in_order=False)) == (["8-2026", "7-2026"], ["9-2026"])


@pytest.mark.parametrize("dress", ["lenta_info", "news_item", "news_item lenta_item"])
def test_an_advertisement_among_the_items_is_no_entry(dress: str) -> None:
    advertisement = f'<div class="{dress}"><a href="https://ads.example/77"><img src="x.png" alt="Buy"></a></div>'
    page = read_listing(item(8) + advertisement + item(7))
    assert (keys(page), page.unknown) == (["8-2026", "7-2026"], ())


def test_items_that_all_lead_elsewhere_are_a_failure_and_not_an_empty_page() -> None:
    inner = item(7).replace("/society/view", "https://elsewhere.example/society/view")
    with pytest.raises(UnrecognisedPage, match=r"none of 1 items links to an article of eng\.belta\.by"):
        read_listing(inner)


def test_more_items_than_any_listing_has_are_refused() -> None:
    with pytest.raises(UnrecognisedPage, match="more than 2000 items"):
        read_listing("".join(item(number) for number in range(1, 2002)))


@pytest.mark.parametrize(
    "link", ["/society/view/story-7-2026", "https://www.eng.belta.by/society/view/story-7-2026/?x=1"]
)
def test_links_are_relative_or_absolute_and_give_one_address(link: str) -> None:
    inner = item(7).replace("/society/view/story-7-2026/", link)
    assert read_listing(inner).entries[0].url == "https://eng.belta.by/society/view/story-7-2026/"


def test_listing_of_a_mirror_gives_canonical_addresses() -> None:
    base = "http://127.0.0.1:8100"
    for link in ("/society/view/story-7-2026/", f"{base}/society/view/story-7-2026/"):
        inner = item(7).replace("/society/view/story-7-2026/", link)
        page = document(f'<div id="inner">{inner}</div>', url=f"{base}/all_news/", kind="listing", base_url=base)
        entries = BELTA.read_listing(page, ENGLISH, 1).entries
        assert [entry.url for entry in entries] == ["https://eng.belta.by/society/view/story-7-2026/"]


def test_fragment_without_a_page_around_it_is_read() -> None:
    fragment = document(f"<h1>All News</h1>{separator('09')}{item(7)}", kind="listing")
    assert BELTA.read_listing(fragment, ENGLISH, 2).entries[0].day == date(2026, 1, 9)


def test_items_outside_the_container_belong_to_a_sidebar() -> None:
    html = f'<div id="inner">{item(7)}</div><div class="else">{item(8)}</div>'
    assert [entry.key for entry in BELTA.read_listing(document(html), ENGLISH, 1).entries] == ["7-2026"]


@pytest.mark.parametrize(
    "html",
    [
        '<div id="inner"></div>',
        '<div id="inner"><h1>All News</h1><p>No news here.</p></div>',
        f'<div id="inner"></div><div class="else">{item(8)}</div>',
        "<h1>All News</h1>",
        "<div>Nachrichten</div>",
        separator("09"),
    ],
)
def test_container_or_heading_without_items_is_the_end_of_the_listing(html: str) -> None:
    page = BELTA.read_listing(document(html), ENGLISH, 9000)
    assert (page.entries, page.layout, page.older) == ((), "empty", None)


def test_pinned_story_alone_is_a_page_past_the_end() -> None:
    pinned = '<div class="main_in_rubric"><a href="/society/view/story-3-2026/">Pinned</a></div>'
    for html in (f'<div id="inner"><h1>All News</h1>{pinned}</div>', f"<h1>All News</h1>{pinned}"):
        page = BELTA.read_listing(document(html), ENGLISH, 9000)
        assert (keys(page), keys(page, in_order=False)) == ([], ["3-2026"])


@pytest.mark.parametrize(
    "html",
    [
        "<p>Just a moment...</p>",
        "<script>challenge()</script>",
        "<html><head><title>All News</title></head><body></body></html>",
        "<h1>503 Service Temporarily Unavailable</h1>",
        f'<div id="inner">{"A new layout that nobody knows yet. " * 8}</div>',
        '<div id="inner"><div class="date_full">1 July 2024, 14:00</div><div class="js-mediator-article">X</div></div>',
        '<div class="fp_r_title"><a href="/society/view/story-7-2026/">Front page</a></div>',
    ],
)
def test_page_that_is_no_listing_is_unrecognised_and_never_empty(html: str) -> None:
    with pytest.raises(UnrecognisedPage, match=r"^belta: no layout"):
        BELTA.read_listing(document(html), ENGLISH, 2)


MORE = (
    '<div class="load_more" onclick="get_page({quote}{address}{quote},{quote}inner{quote},{quote}1{quote})">More</div>'
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/all_news/page/7/?day=08&amp;month=01&amp;year=26/", "/all_news/page/7/?day=08&month=01&year=26/"),
        ("/all_news/page/7/?day=08&month=01&year=26/", "/all_news/page/7/?day=08&month=01&year=26/"),
        ("https://eng.belta.by/all_news/page/7/", "/all_news/page/7/"),
        ("//eng.belta.by/all_news/page/7/", "/all_news/page/7/"),
        ("https://elsewhere.example/all_news/page/7/", None),
        ("javascript:void(0)", None),
        ("#", None),
        ("/all_news/page/6/", None),
        ("/all_news/page/1/", None),
        ("http://[", None),
    ],
)
def test_next_page_is_where_the_button_leads(address: str, expected: str | None) -> None:
    for quote in ("'", "&quot;"):
        inner = item(7) + MORE.format(quote=quote, address=address)
        assert read_listing(inner, page=6).older == expected
    link = f'<div class="pages_inner"><a class="p_next" href="{address}">Next</a></div>'
    assert read_listing(item(7) + link, page=6).older == expected


def test_nearest_page_ahead_is_the_next_one() -> None:
    pages = "".join(MORE.format(quote="'", address=f"/all_news/page/{page}/") for page in (5, 9, 7, 8))
    assert read_listing(item(7) + pages, page=6).older == "/all_news/page/7/"


def test_page_without_a_button_names_no_next_one() -> None:
    assert read_listing(item(7)).older is None


def test_time_before_an_old_item_is_its_time() -> None:
    old = '<div class="lenta_info"><a class="lenta_info_title" href="/x/view/y-7-2020/">Y</a></div>'
    page = read_listing(f'<div class="date">16:45</div>{old}')
    assert (page.layout, page.entries[0].printed_time) == ("lenta_info", "16:45")


@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.sampled_from(["", "08:15", "23:59"]), st.booleans()), min_size=1, max_size=15
    )
)
@settings(max_examples=100)
def test_every_story_is_seen_once_and_those_in_order_keep_their_order(items: list[tuple[int, str, bool]]) -> None:
    inner = "".join(
        f'<div class="main_in_rubric">{item(number, clock)}</div>' if pinned else item(number, clock)
        for number, clock, pinned in items
    )
    page = read_listing(inner)
    assert sorted(entry.key for entry in page.entries) == sorted({f"{number}-2026" for number, _, _ in items})
    assert [entry.position for entry in page.entries] == list(range(len(page.entries)))
    timed = any(clock for _, clock, pinned in items if not pinned)
    ordered = [f"{number}-2026" for number, clock, pinned in items if not pinned and (clock or not timed)]
    assert keys(page) == list(dict.fromkeys(ordered))
    assert read_listing(inner) == page
