"""Listings of site files, kind by kind: what is asked for, and what answers made by hand give."""

from __future__ import annotations

import gzip
from datetime import date

import pytest

from crawler.dates import utc_text
from crawler.errors import ArgumentError, UnrecognisedPage
from crawler.records import Edition, ListingEntry, ListingPage
from crawler.sites.base import Listing
from tests.declared_sites import answer, declared, harbour

PAGES = """
kind = "pages"
url = "/news/page/{page}/"
first = "/news/"
entry = "article.teaser"
time = "time"
older = "a.older"
"""
LINKS = 'kind = "pages"\nurl = "/news/{page}"'
POSTS_ASKED_FOR = "_fields=id,date,date_gmt,link,title,excerpt&orderby=date&order=desc"
FRAME = "<html><head><title>News of Harbour 2026</title></head><body><header class=top>Harbour</header>%s</body></html>"


def only(listing: str, article: str = "/{section}/{slug}-{id}.html") -> tuple[Listing, Edition]:
    site, edition = harbour(listing, article)
    (found,) = site.listings(edition)
    return found, edition


def told(entry: ListingEntry) -> tuple[str, str | None, date | None]:
    return entry.key, None if entry.at is None else utc_text(entry.at), entry.day


def keys(page: ListingPage, *, in_order: bool = True) -> list[str]:
    return [entry.key for entry in page.entries if entry.in_order is in_order]


def teaser(number: int, time: str = "", *, slug: str = "goat") -> str:
    stamp = f"<time>{time}</time>" if time else ""
    return f'<article class=teaser><a href="/farm/{slug}-{number}.html">Story {number}</a>{stamp}</article>'


def page_of(*teasers: str, older: str = "") -> str:
    return FRAME % f"<main class=list>{''.join(teasers)}</main>{older}"


# --- what is asked for


@pytest.mark.parametrize(
    ("listing", "place", "url"),
    [
        (PAGES, None, "https://news.harbour.example/news/"),
        (PAGES, "1", "https://news.harbour.example/news/"),
        (PAGES, "3", "https://news.harbour.example/news/page/3/"),
        ('kind = "pages"\nurl = "/n?o={page}"\nfirst_page = 0\nstep = 20', "3", "https://news.harbour.example/n?o=40"),
        ('kind = "days"\nurl = "/{day:%d.%m.%Y}"', "2026-03-05", "https://news.harbour.example/05.03.2026"),
        (
            'kind = "days"\nurl = "/a?d={day:%Y-%m-%d}&p={page}"',
            "2026-03-05 2",
            "https://news.harbour.example/a?d=2026-03-05&p=2",
        ),
        ('kind = "feed"\nurl = "/rss"', None, "https://news.harbour.example/rss"),
        ('kind = "sitemap"\nurl = "/sitemap.xml"', None, "https://news.harbour.example/sitemap.xml"),
        (
            'kind = "sitemap"\nurl = "/sitemap.xml"',
            "https://news.harbour.example/sitemap-2.xml",
            "https://news.harbour.example/sitemap-2.xml",
        ),
        (
            'kind = "wordpress"\nurl = "/wp-json/wp/v2/posts"',
            "2",
            f"https://news.harbour.example/wp-json/wp/v2/posts?per_page=100&page=2&{POSTS_ASKED_FOR}",
        ),
    ],
)
def test_place_becomes_an_address(listing: str, place: str | None, url: str) -> None:
    found, edition = only(listing)
    ask = found.ask(edition, place, {})
    assert (ask.url, ask.kind, ask.listing, ask.place) == (url, "listing", found.kind, place)


@pytest.mark.parametrize(
    ("listing", "place", "says"),
    [
        (PAGES, "0", "no page"),
        (PAGES, "2026-03-05", "no page"),
        ('kind = "days"\nurl = "/{day:%Y/%m/%d}"', None, "no day"),
        ('kind = "days"\nurl = "/{day:%Y/%m/%d}"', "2026-02-30", "no day"),
        ('kind = "days"\nurl = "/{day:%Y/%m/%d}"', "2026-03-05 2", "pages of a day"),
        ('kind = "feed"\nurl = "/rss"', "2", "window"),
        ('kind = "sitemap"\nurl = "/sitemap.xml"', "https://evil.example/sitemap.xml", "another host"),
        ('kind = "sitemap"\nurl = "/sitemap.xml"', "http://[", "another host"),
        (
            'kind = "cursor"\nurl = "/n"\nolder = "{cursor}"\nitems = "a"\nlink = "b"\ncursor = "c"',
            "//x.example",
            "host",
        ),
    ],
)
def test_place_of_another_listing_is_refused(listing: str, place: str | None, says: str) -> None:
    found, edition = only(listing)
    with pytest.raises(ArgumentError, match=says):
        found.ask(edition, place, {})


def test_cursor_is_encoded_into_its_address() -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    asked = listing.ask(edition, "MjAy&x=1/?", {}).url
    assert asked == "https://api.fjord.example/v2/stories?limit=4&before=MjAy%26x%3D1%2F%3F"
    assert listing.place_of(asked, edition) == "MjAy&x=1/?"
    assert fjord.hosts(edition) == {"www.fjord.example", "api.fjord.example"}


def test_host_of_an_api_needs_a_base_of_its_own() -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    bases = {"www.fjord.example": "http://127.0.0.1:8100"}
    with pytest.raises(ArgumentError, match=r"api\.fjord\.example"):
        listing.ask(edition, None, bases)
    asked = listing.ask(edition, None, bases | {"api.fjord.example": "http://127.0.0.1:8200"})
    assert asked.url == "http://127.0.0.1:8200/v2/stories?limit=4"


@pytest.mark.parametrize(
    ("listing", "places"),
    [
        (PAGES, ["1", "2", "77"]),
        ('kind = "pages"\nurl = "/n?o={page}"\nfirst_page = 0\nstep = 20', ["1", "2", "77"]),
        ('kind = "days"\nurl = "/{day:%-d-%-m-%y}"', ["2026-03-05", "2026-12-31"]),
        ('kind = "days"\nurl = "/{day:%Y/%m/%d}/{page}"', ["2026-03-05", "2026-03-05 2"]),
        ('kind = "wordpress"\nurl = "/wp-json/wp/v2/posts"', ["1", "2"]),
    ],
)
def test_address_tells_its_place(listing: str, places: list[str]) -> None:
    found, edition = only(listing)
    assert [found.place_of(found.ask(edition, place, {}).url, edition) for place in places] == places
    assert found.place_of("https://news.harbour.example/farm/goat-7.html", edition) is None
    assert found.place_of("https://other.example/news/", edition) is None
    assert found.place_of("http://[", edition) is None


# --- pages


def test_page_of_teasers_gives_its_entries() -> None:
    listing, edition = only(PAGES)
    body = page_of(
        teaser(9, "5 March 2026, 14:00"), teaser(8, "4 March 2026, 09:30"), older='<a class=older href="/news/page/2/">'
    )
    page = listing.read(answer(edition, "https://news.harbour.example/news/", body), edition, "1")
    assert [told(entry) for entry in page.entries] == [
        ("9", "2026-03-05T12:00:00Z", date(2026, 3, 5)),
        ("8", "2026-03-04T07:30:00Z", date(2026, 3, 4)),
    ]
    first = page.entries[0]
    assert (first.url, first.headline, first.rubric) == (
        "https://news.harbour.example/farm/goat-9.html", "Story 9", "farm",
    )  # fmt: skip
    assert (first.printed_time, first.page, first.position) == ("5 March 2026, 14:00", 1, 0)
    assert (page.older, page.end, page.layout) == ("https://news.harbour.example/news/page/2/", False, "html")
    assert listing.ask(edition, "2", {}, older=page.older).url == "https://news.harbour.example/news/page/2/"


@pytest.mark.parametrize(
    "older",
    [
        "",
        "<a class=older>Older</a>",
        '<a class=older href="#">Older</a>',
        '<a class=older href="javascript:next()">Older</a>',
        '<a class=older href="/news/">Older</a>',
        '<a class=older href="http://[">Older</a>',
    ],
)  # fmt: skip
def test_link_that_leads_nowhere_is_no_older_page(older: str) -> None:
    listing, edition = only(PAGES)
    page = listing.read(
        answer(edition, "https://news.harbour.example/news/", page_of(teaser(9), older=older)), edition, "1"
    )
    assert page.older is None


def test_older_page_on_another_host_is_not_asked_for() -> None:
    listing, edition = only(PAGES)
    body = page_of(teaser(9), older='<a class=older href="https://evil.example/news/2">')
    page = listing.read(answer(edition, "https://news.harbour.example/news/", body), edition, "1")
    with pytest.raises(ArgumentError, match="another host"):
        listing.ask(edition, "2", {}, older=page.older)


def test_addresses_of_a_mirror_stand_for_those_of_the_site() -> None:
    listing, edition = only(PAGES)
    mirror = "http://127.0.0.1:8100"
    bases = {"news.harbour.example": mirror}
    body = page_of(
        teaser(9), f'<article class=teaser><a href="{mirror}/farm/pig-8.html">Pig</a></article>',
        older='<a class=older href="/news/page/2/">',
    )  # fmt: skip
    page = listing.read(answer(edition, f"{mirror}/news/", body, base_urls=bases), edition, "1")
    assert [entry.url for entry in page.entries] == [
        "https://news.harbour.example/farm/goat-9.html",
        "https://news.harbour.example/farm/pig-8.html",
    ]
    assert listing.ask(edition, "2", bases, older=page.older).url == f"{mirror}/news/page/2/"


def test_pinned_old_story_is_none_of_the_order() -> None:
    listing, edition = only(PAGES)
    body = page_of(
        teaser(2, "1 March 2026, 10:00"), teaser(9, "5 March 2026, 14:00"), teaser(8, "5 March 2026, 14:10"),
        teaser(7, "4 March 2026, 09:30"),
    )  # fmt: skip
    page = listing.read(answer(edition, "https://news.harbour.example/news/", body), edition, "1")
    assert keys(page) == ["9", "8", "7"]
    assert keys(page, in_order=False) == ["2"]


def test_entry_without_a_time_among_others_is_promoted() -> None:
    listing, edition = only(PAGES)
    body = page_of(teaser(2), teaser(9, "5 March 2026, 14:00"))
    page = listing.read(answer(edition, "https://news.harbour.example/news/", body), edition, "1")
    assert (keys(page), keys(page, in_order=False)) == (["9"], ["2"])


def test_strange_address_on_the_own_host_is_remembered() -> None:
    listing, edition = only(PAGES)
    strange = (
        '<article class=teaser><a href="/live/regatta">Regatta, live</a><time>5 March 2026, 14:00</time></article>'
    )
    foreign = (
        '<article class=teaser><a href="https://ads.example/x">Boats</a><time>5 March 2026, 14:00</time></article>'
    )
    body = page_of(teaser(9, "5 March 2026, 14:00"), strange, foreign)
    page = listing.read(answer(edition, "https://news.harbour.example/news/", body), edition, "1")
    assert [(one.url, one.headline) for one in page.unknown] == [
        ("https://news.harbour.example/live/regatta", "Regatta, live")
    ]


def test_entries_of_which_none_is_an_article_are_unrecognised() -> None:
    listing, edition = only(PAGES)
    body = page_of('<article class=teaser><a href="/live/regatta">Regatta</a></article>')
    with pytest.raises(UnrecognisedPage, match="none of 1 entries"):
        listing.read(answer(edition, "https://news.harbour.example/news/", body), edition, "1", frame="x")


def test_without_a_rule_every_link_to_an_article_is_an_entry() -> None:
    listing, edition = only(LINKS)
    body = FRAME % (
        '<nav><a href="/farm/old-1.html">Most read</a></nav><div><a href="/farm/goat-9.html"><img alt=""></a>'
        '<h2><a href="/farm/goat-9.html">A goat</a></h2><a href="/farm/pig-8.html">A pig</a><a href="/about">About</a>'
    )
    page = listing.read(answer(edition, "https://news.harbour.example/news/1", body), edition, "1")
    assert [(entry.key, entry.headline) for entry in page.entries if entry.in_order] == [
        ("9", "A goat"),
        ("8", "A pig"),
    ]
    assert keys(page, in_order=False) == ["1"]
    assert page.unknown == ()


def test_too_many_entries_are_no_listing() -> None:
    listing, edition = only(PAGES)
    with pytest.raises(UnrecognisedPage, match="more than 2000 entries"):
        listing.read(
            answer(edition, "https://news.harbour.example/news/", page_of(*map(teaser, range(2001)))), edition, "1"
        )


# --- answers without entries

EMPTY_PLACES = [
    "<main class=list></main>",
    "<main class=list><p>No news on this day.</p></main>",
    "<p>Nothing found.</p>",
]


@pytest.mark.parametrize("inner", EMPTY_PLACES)
def test_page_with_the_frame_of_the_listing_is_empty(inner: str) -> None:
    listing, edition = only(PAGES)
    url = "https://news.harbour.example/news/"
    frame = listing.read(answer(edition, url, page_of(teaser(9), teaser(8))), edition, "1").frame
    empty = listing.read(answer(edition, url, FRAME % inner), edition, "2", frame=frame)
    assert (empty.entries, empty.older, empty.end, empty.frame) == ((), None, False, frame)


@pytest.mark.parametrize(
    "body",
    [
        "<html><head><title>One moment</title></head><body><div class=challenge>Are you a robot?</div></body></html>",
        FRAME % "<main class=list><div class=card><a href=/farm/goat-9.html>A goat in new dress</a></div></main>",
        FRAME % "<section class=grid><a href=/farm/goat-9.html>A goat in new dress</a></section>",
    ],
)
def test_page_without_entries_that_is_none_of_the_listing_is_unrecognised(body: str) -> None:
    listing, edition = only(PAGES)
    url = "https://news.harbour.example/news/"
    frame = listing.read(answer(edition, url, page_of(teaser(9), teaser(8))), edition, "1").frame
    with pytest.raises(UnrecognisedPage, match="not the frame"):
        listing.read(answer(edition, url, body), edition, "2", frame=frame)


@pytest.mark.parametrize("inner", EMPTY_PLACES)
def test_page_without_entries_is_unrecognised_where_none_was_ever_seen(inner: str) -> None:
    listing, edition = only(PAGES)
    with pytest.raises(UnrecognisedPage, match="no other answer"):
        listing.read(answer(edition, "https://news.harbour.example/news/", FRAME % inner), edition, "1")


# --- days

QUIET = "<html><head><title>Archive | Steppe</title></head><body><div id=head>Steppe</div>%s<footer>2026</footer>"
DAY = QUIET % (
    "<h2>5 March</h2><ul class=day-list>"
    "<li><span class=clock>5 March, 9:15 AM</span> <span class=topic>Farming</span>"
    "<a class=story-link href=/farming/71-a-goat-learns-to-row/>A goat learns to row</a></li>"
    "<li><span class=clock>5 March, 2:05 PM</span><a class=story-link href=/society/72-rain/>Rain</a></li>"
    "</ul><p class=more><a href='/archive/2026/03/05/?part=2'>More of this day</a></p>"
)


def test_day_archive_gives_times_without_a_year_in_the_zone_of_the_site() -> None:
    steppe = declared("steppe")
    (edition,) = steppe.editions
    (listing,) = steppe.listings(edition)
    assert (listing.kind, listing.begins) == ("days", date(2019, 4, 1))
    url = "https://steppe.example/archive/2026/03/05/"
    page = listing.read(answer(edition, url, DAY), edition, "2026-03-05")
    assert [told(entry) for entry in page.entries] == [
        ("72", "2026-03-05T08:05:00Z", date(2026, 3, 5)),  # printed with the oldest first
        ("71", "2026-03-05T03:15:00Z", date(2026, 3, 5)),
    ]
    assert [entry.position for entry in page.entries] == [0, 1]
    assert page.entries[1].rubric == "Farming"
    assert page.entries[0].rubric == "society"
    assert page.older == "https://steppe.example/archive/2026/03/05/?part=2"
    assert listing.ask(edition, "2026-03-05 2", {}, older=page.older).url == page.older


def test_year_of_a_day_archive_is_that_of_its_day_however_late_it_is_read() -> None:
    steppe = declared("steppe")
    (edition,) = steppe.editions
    (listing,) = steppe.listings(edition)
    body = DAY.replace("5 March, ", "31 December, ")
    page = listing.read(answer(edition, "https://steppe.example/archive/2020/12/31/", body), edition, "2020-12-31")
    assert [told(entry)[1] for entry in page.entries] == ["2020-12-31T08:05:00Z", "2020-12-31T03:15:00Z"]


def test_bare_clock_belongs_to_the_day_of_its_archive() -> None:
    listing, edition = only('kind = "days"\nurl = "/{day:%Y/%m/%d}"\nentry = "article.teaser"\ntime = "time"')
    page = listing.read(
        answer(edition, "https://news.harbour.example/2026/03/05", page_of(teaser(9, "14:05"))), edition, "2026-03-05"
    )
    assert [told(entry) for entry in page.entries] == [("9", "2026-03-05T12:05:00Z", date(2026, 3, 5))]


def test_quiet_day_is_empty() -> None:
    steppe = declared("steppe")
    (edition,) = steppe.editions
    (listing,) = steppe.listings(edition)
    frame = listing.read(answer(edition, "https://steppe.example/", DAY), edition, "2026-03-05").frame
    for inner in ("<h2>4 March</h2><p>No news.</p>", "<h2>4 March</h2><ul class=day-list></ul>"):
        quiet = listing.read(
            answer(edition, "https://steppe.example/", QUIET % inner), edition, "2026-03-04", frame=frame
        )
        assert quiet.entries == ()


def test_pages_of_a_day_that_are_counted_go_on_until_one_is_empty() -> None:
    listing, edition = only('kind = "days"\nurl = "/{day:%Y/%m/%d}/{page}"\nentry = "article.teaser"')
    page = listing.read(
        answer(edition, "https://news.harbour.example/2026/03/05/1", page_of(teaser(9))), edition, "2026-03-05"
    )
    assert page.older == "https://news.harbour.example/2026/03/05/2"
    last = listing.read(
        answer(edition, "https://news.harbour.example/2026/03/05/2", page_of()),
        edition,
        "2026-03-05 2",
        frame=page.frame,
    )
    assert (last.entries, last.older, last.page) == ((), None, 2)


# --- cursors

STORIES = {
    "data": {
        "stories": [
            {"id": 412, "slug": "regn", "title": "Regn &amp; vind", "first_published": "2026-03-05T12:30:00+01:00",
             "summary": "<p>Det <b>regner</b>.</p>", "desk": {"name": "Vær"}},
            {"id": 411, "slug": "fisk", "title": "Fisk", "first_published": 1772700000, "desk": None},
            {"id": None, "slug": None, "title": "An advertisement"},
        ],
        "paging": {"next": "MjAyNg=="},
    }
}  # fmt: skip


def test_json_of_another_host_is_read_by_its_queries() -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    page = listing.read(answer(edition, "https://api.fjord.example/v2/stories?limit=4", STORIES), edition, None)
    assert [told(entry) for entry in page.entries] == [
        ("412", "2026-03-05T11:30:00Z", date(2026, 3, 5)),
        ("411", "2026-03-05T08:40:00Z", date(2026, 3, 5)),
    ]
    first = page.entries[0]
    assert (first.url, first.headline, first.lead, first.rubric) == (
        "https://www.fjord.example/n/412/regn", "Regn & vind", "Det regner.", "Vær",
    )  # fmt: skip
    assert (page.older, page.end) == ("MjAyNg==", False)


@pytest.mark.parametrize("cursor", [None, "", [], {}])
def test_chain_without_a_further_cursor_has_ended(cursor: object) -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    data = {"data": {"stories": STORIES["data"]["stories"], "paging": {"next": cursor}}}
    page = listing.read(answer(edition, "https://api.fjord.example/", data), edition, "MjAyNg==")
    assert (page.older, page.end) == (None, True)


def test_cursor_that_leads_to_itself_is_refused() -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    with pytest.raises(UnrecognisedPage, match="leads to the answer that gives it"):
        listing.read(answer(edition, "https://api.fjord.example/", STORIES), edition, "MjAyNg==")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"error": "rate limited"}, "JSON without a list at data.stories"),
        ({"data": {"stories": {}}}, "JSON without a list"),
        ("<html><body>Are you a robot?", "HTML, not JSON"),
        ({"data": {"stories": [{"id": None}]}}, "none of 1 items"),
        ({"data": {"stories": []}}, "no other answer"),
    ],
)
def test_json_of_another_shape_is_unrecognised(data: str | dict[str, object], says: str) -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    with pytest.raises(UnrecognisedPage, match=says):
        listing.read(answer(edition, "https://api.fjord.example/", data), edition, None)


def test_empty_list_of_the_known_shape_is_the_end_of_the_chain() -> None:
    fjord = declared("fjord")
    (edition,) = fjord.editions
    (listing,) = fjord.listings(edition)
    frame = listing.read(answer(edition, "https://api.fjord.example/", STORIES), edition, None).frame
    page = listing.read(
        answer(edition, "https://api.fjord.example/", {"data": {"stories": []}}), edition, "x", frame=frame
    )
    assert (page.entries, page.end) == ((), True)


def test_cursor_may_stand_in_html() -> None:
    listing, edition = only(
        'kind = "cursor"\nurl = "/latest"\nolder = "/latest?before={cursor}"\nentry = "article.teaser"\n'
        'cursor = "button.more::attr(data-last)"'
    )
    body = page_of(teaser(9), older="<button class=more data-last=9>More</button>")
    page = listing.read(answer(edition, "https://news.harbour.example/latest", body), edition, None)
    assert (page.older, page.end) == ("9", False)
    assert listing.ask(edition, page.older, {}).url == "https://news.harbour.example/latest?before=9"


# --- feeds

RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Harbour</title><link>https://news.harbour.example/</link>
<item><title>Rain &amp;amp; wind</title><link>https://news.harbour.example/farm/rain-9.html?utm_source=rss</link>
<pubDate>Thu, 05 Mar 2026 14:00:00 +0200</pubDate><category>Weather</category>
<description>&lt;p&gt;It &lt;b&gt;rains&lt;/b&gt;.&lt;/p&gt;</description></item>
<item><title>Pig</title><guid isPermaLink="true">https://news.harbour.example/farm/pig-8.html</guid>
<dc:date>2026-03-04T09:30:00Z</dc:date></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title>
<entry><title type="html">Rain</title><link rel="self" href="https://news.harbour.example/api/9"/>
<link href="/farm/rain-9.html"/><updated>2026-03-05T13:00:00Z</updated><published>2026-03-05T12:00:00Z</published>
<summary>It rains.</summary><category term="Weather"/></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item><title>Rain</title>
<link>https://news.harbour.example/farm/rain-9.html</link><dc:date>2026-03-05T14:00:00+02:00</dc:date></item></rdf:RDF>"""
FEED = 'kind = "feed"\nurl = "/rss"'


@pytest.mark.parametrize("feed", [RSS, ATOM, RDF], ids=["rss", "atom", "rdf"])
def test_feed_of_each_dialect_is_read(feed: str) -> None:
    listing, edition = only(FEED)
    page = listing.read(answer(edition, "https://news.harbour.example/rss", feed), edition, None)
    first = page.entries[0]
    assert told(first) == ("9", "2026-03-05T12:00:00Z", date(2026, 3, 5))
    assert first.url == "https://news.harbour.example/farm/rain-9.html"
    assert first.headline in {"Rain", "Rain & wind"}
    assert (page.older, page.end) == (None, False)


def test_feed_gives_lead_and_section_as_text() -> None:
    listing, edition = only(FEED)
    page = listing.read(answer(edition, "https://news.harbour.example/rss", RSS), edition, None)
    assert [(entry.key, entry.lead, entry.rubric) for entry in page.entries] == [
        ("9", "It rains.", "Weather"),
        ("8", None, "farm"),
    ]
    assert told(page.entries[1])[1] == "2026-03-04T09:30:00Z"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><body>Subscribe to our feed</body></html>", "HTML, not XML"),
        ("<sitemapindex/>", "no feed: its root is sitemapindex"),
        ("<rss><channel/></rss>", "a feed without entries"),
        ("<rss><channel><item><link>https://x.example/</link></item></channel></rss>", "none of 1 entries"),
        ('<!DOCTYPE a [<!ENTITY a "b">]><rss/>', "declares entities"),
    ],
)
def test_what_is_no_feed_is_unrecognised(body: str, says: str) -> None:
    listing, edition = only(FEED)
    with pytest.raises(UnrecognisedPage, match=says):
        listing.read(answer(edition, "https://news.harbour.example/rss", body), edition, None)


# --- sitemaps

SITEMAP = 'kind = "sitemap"\nurl = "/sitemap.xml"'
NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.harbour.example/farm/pig-8.html</loc><lastmod>2026-03-06</lastmod><news:news>
<news:publication_date>2026-03-04T09:30:00Z</news:publication_date><news:title>Pig</news:title></news:news>
<image:image><image:loc>https://img.example/a.jpg</image:loc><image:title>A picture</image:title></image:image></url>
<url><loc>https://news.harbour.example/about</loc></url>
<url><loc>
  https://news.harbour.example/farm/rain-9.html</loc><news:news><news:title>Rain</news:title>
<news:publication_date>2026-03-05T14:00:00+02:00</news:publication_date></news:news></url></urlset>"""


@pytest.mark.parametrize("packed", [False, True])
def test_news_sitemap_is_sorted_by_its_times(packed: bool) -> None:  # noqa: FBT001 - a parameter of the test
    listing, edition = only(SITEMAP)
    body = gzip.compress(NEWS.encode()) if packed else NEWS
    page = listing.read(answer(edition, "https://news.harbour.example/sitemap.xml", body), edition, None)
    assert [(*told(entry), entry.headline) for entry in page.entries] == [
        ("9", "2026-03-05T12:00:00Z", date(2026, 3, 5), "Rain"),
        ("8", "2026-03-04T09:30:00Z", date(2026, 3, 4), "Pig"),
    ]
    assert (page.layout, page.places, page.end) == ("sitemap", (), False)


def index(*addresses: str) -> str:
    return f"<sitemapindex>{''.join(f'<sitemap>{one}</sitemap>' for one in addresses)}</sitemapindex>"


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        (["<loc>/s-2025-12.xml</loc>", "<loc>/s-2026-02.xml</loc>", "<loc>/s-2026-01.xml</loc>"], ["02", "01", "12"]),
        (
            [
                "<loc>/s-a01.xml</loc><lastmod>2026-01-01</lastmod>",
                "<loc>/s-a02.xml</loc><lastmod>2026-02-01</lastmod>",
            ],
            ["02", "01"],
        ),
        (["<loc>/s-a03.xml</loc>", "<loc>/s-a01.xml</loc>", "<loc>https://cdn.example/s-a02.xml</loc>"], ["03", "01"]),
    ],
)
def test_index_names_its_sitemaps_newest_first(addresses: list[str], expected: list[str]) -> None:
    listing, edition = only(SITEMAP)
    page = listing.read(answer(edition, "https://news.harbour.example/sitemap.xml", index(*addresses)), edition, None)
    assert [place[-6:-4] for place in page.places] == expected
    assert page.entries == ()
    assert listing.ask(edition, page.places[0], {}).url == page.places[0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (index("<loc>https://cdn.example/a.xml</loc>"), "all 1 sitemaps of the index are on other hosts"),
        (index(), "an index without sitemaps"),
        ("<rss/>", "no sitemap: its root is rss"),
        ("<html><body>Not found</body></html>", "HTML, not XML"),
        ("<urlset/>", "a sitemap without addresses"),
        ("<urlset><url><loc>https://news.harbour.example/about</loc></url></urlset>", "none of 1 addresses"),
        (b"\x1f\x8b\x08broken", "gzip data"),
        (gzip.compress(b"<urlset>" + b" " * (65 * 1024 * 1024)), "too long"),
    ],
)
def test_what_is_no_sitemap_is_unrecognised(body: str | bytes, says: str) -> None:
    listing, edition = only(SITEMAP)
    with pytest.raises(UnrecognisedPage, match=says):
        listing.read(answer(edition, "https://news.harbour.example/sitemap.xml", body), edition, None)


def test_index_of_a_million_sitemaps_is_one_clear_line() -> None:
    listing, edition = only(SITEMAP)
    body = f"<sitemapindex>{'<sitemap><loc>/s.xml</loc></sitemap>' * 1_000_000}</sitemapindex>"
    with pytest.raises(UnrecognisedPage, match="a sitemapindex with more than the 50,000 addresses") as caught:
        listing.read(answer(edition, "https://news.harbour.example/sitemap.xml", body), edition, None)
    assert "\n" not in str(caught.value)


def test_sitemap_of_an_index_may_have_no_article() -> None:
    listing, edition = only(SITEMAP)
    place = "https://news.harbour.example/pages.xml"
    body = "<urlset><url><loc>https://news.harbour.example/about</loc></url></urlset>"
    assert listing.read(answer(edition, place, body), edition, place).entries == ()


# --- WordPress

POSTS = [
    {"id": 9, "link": "https://news.harbour.example/farm/rain-9.html", "date": "2026-03-05T14:00:00",
     "date_gmt": "2026-03-05T12:00:00", "title": {"rendered": "Rain &#8211; wind"},
     "excerpt": {"rendered": "<p>It rains.</p>"}},
    {"id": 8, "link": "https://news.harbour.example/farm/pig-8.html", "date": "2026-03-04T11:30:00",
     "date_gmt": "0000-00-00T00:00:00", "title": "Pig"},
]  # fmt: skip
WORDPRESS = 'kind = "wordpress"\nurl = "/wp-json/wp/v2/posts"'


@pytest.mark.parametrize(
    ("pages", "place", "end"), [("2", "1", False), ("2", "2", True), ("", "2", False), ("x", "2", False)]
)
def test_posts_of_wordpress_end_where_their_header_says_so(pages: str, place: str, end: bool) -> None:  # noqa: FBT001
    listing, edition = only(WORDPRESS)
    came = answer(
        edition, "https://news.harbour.example/wp-json/wp/v2/posts", POSTS, headers={"x-wp-totalpages": pages}
    )
    page = listing.read(came, edition, place)
    assert [(*told(entry)[:2], entry.headline, entry.lead) for entry in page.entries] == [
        ("9", "2026-03-05T12:00:00Z", "Rain – wind", "It rains."),
        ("8", "2026-03-04T09:30:00Z", "Pig", None),
    ]
    assert (page.end, page.page) == (end, int(place))


def test_page_past_the_end_of_wordpress_is_its_end() -> None:
    listing, edition = only(WORDPRESS)
    error = {"code": "rest_post_invalid_page_number", "message": "The page number requested is larger"}
    page = listing.read(answer(edition, "https://news.harbour.example/", error), edition, "9", frame="posts")
    assert (page.entries, page.end) == ((), True)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"code": "rest_no_route"}, "no list of posts"),
        ([{"id": 1}], "none of 1 posts"),
        ([1, None], "none of 2 posts"),
        ([], "no other answer"),
    ],
)
def test_what_is_no_list_of_posts_is_unrecognised(data: list[object] | dict[str, object], says: str) -> None:
    listing, edition = only(WORDPRESS)
    with pytest.raises(UnrecognisedPage, match=says):
        listing.read(answer(edition, "https://news.harbour.example/", data), edition, "1")


# --- names and addresses


def test_listings_are_named_by_their_kind_or_by_the_file() -> None:
    island = declared("island")
    pt, en = island.editions
    assert [listing.name for listing in island.listings(pt)] == ["feed", "pages"]
    assert [listing.name for listing in island.listings(en)] == ["feed", "pages"]
    site, edition = harbour(
        'kind = "feed"\nurl = "/a"\nname = "feed-2"\n[[listings]]\nkind = "feed"\nurl = "/b"\n'
        '[[listings]]\nkind = "feed"\nurl = "/c"'
    )
    assert [listing.name for listing in site.listings(edition)] == ["feed-2", "feed", "feed-3"]


def test_listing_may_be_limited_to_editions() -> None:
    site, edition = harbour('kind = "feed"\nurl = "/a"\neditions = ["harbour-en"]')
    assert len(site.listings(edition)) == 1


@pytest.mark.parametrize(
    ("address", "key", "url"),
    [
        ("https://island.example/chuva-nos-acores/", "chuva-nos-acores", "https://island.example/chuva-nos-acores"),
        ("http://www.island.example/chuva?utm_source=x#top", "chuva", "https://island.example/chuva"),
        ("//m.island.example/chuva", "chuva", "https://island.example/chuva"),
        ("/%C3%A1gua", "água", "https://island.example/%C3%A1gua"),
        ("https://en.island.example/rain", None, None),
        ("https://island.example/a/b", None, None),
        ("https://island.example/", None, None),
        ("mailto:desk@island.example", None, None),
    ],
)
def test_path_without_slashes_is_the_key_where_there_is_no_id(address: str, key: str | None, url: str | None) -> None:
    island = declared("island")
    edition = island.editions[0]
    assert island.article_key(address, edition) == key
    if url is None:
        with pytest.raises(ArgumentError, match="no article of island-pt"):
            island.canonical_url(address, edition)
    else:
        assert island.canonical_url(address, edition) == url


def test_key_may_be_put_together() -> None:
    site, edition = harbour('kind = "feed"\nurl = "/a"', "/{day:%Y/%m/%d}/{section}/{slug}", 'key = "{day}/{slug}"')
    assert site.article_key("/2026/03/05/farm/goat", edition) == "2026-03-05/goat"


def test_key_by_path_has_the_parameters_of_its_pattern() -> None:
    site, edition = harbour('kind = "feed"\nurl = "/a"', "/story?name={slug}")
    assert site.article_key("/story?page=2&name=a%20goat", edition) == "story?name=a goat"
    assert (
        site.canonical_url("/story/?page=2&name=a+goat", edition) == "https://news.harbour.example/story?name=a%20goat"
    )
