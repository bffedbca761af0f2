"""One answer, as sites read it: HTML, JSON, XML or text, and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.errors import ArgumentError, UndecodableBody, UnrecognisedPage
from crawler.html.answer import MAX_DATA, Answer
from crawler.sites import BUILT_IN, edition, site_of
from crawler.sites.base import Site
from crawler.urls import under_base
from tests.saved_pages import NOON, snapshot

URL = "https://eng.belta.by/all_news/"
ENGLISH = edition("belta-eng")
ITEM = (
    '<div id="inner"><div class="new_date"><div class="day">09</div><div class="month_year">.01.26</div></div>'
    '<div class="news_item lenta_item"><a class="lenta_item_title" href="/society/view/a-goat-7-2026/">A goat</a></div>'
    "</div>"
)


def answer(body: bytes | str, content_type: str = "text/html; charset=utf-8") -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return Answer(snapshot(raw, url=URL, kind="listing", content_type=content_type), ENGLISH)


def test_one_answer_is_read_as_html_json_xml_and_text() -> None:
    assert answer("<html><body><h1>Rain</h1></body></html>").document.headings[0].text == "Rain"
    assert answer('{"data": [1]}').json == {"data": [1]}
    assert answer("<rss><channel><title>Rain</title></channel></rss>").xml.findtext("channel/title") == "Rain"
    assert answer("Regen in Köln").text == "Regen in Köln"


def test_json_and_xml_come_in_the_encodings_of_unicode() -> None:
    assert answer('{"title": "Дождь"}'.encode("utf-16")).json == {"title": "Дождь"}
    assert answer(b"\xef\xbb\xbf" + '["Дождь"]'.encode()).json == ["Дождь"]
    feed = '<?xml version="1.0" encoding="windows-1251"?><rss><title>Дождь</title></rss>'
    assert answer(feed.encode("cp1251")).xml.findtext("title") == "Дождь"


def test_bare_ampersand_in_a_feed_is_forgiven() -> None:
    assert (answer("<rss><title>Rain & wind</title><link>/a</link></rss>").xml.findtext("link")) == "/a"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<!DOCTYPE html><html><body>Are you a robot?</body></html>", "HTML, not JSON"),
        ("", "an empty body"),
        ('{"data": [', "no JSON"),
        ("[" * 200_000, "JSON nested too deep"),
        ('{"id": ' + "9" * 10_000 + "}", "no JSON"),
        (b'{"a": "\xff\xfe"}', "no JSON"),
        (b" " * (MAX_DATA + 1), "more than"),
    ],
)
def test_what_is_no_json_is_refused_by_name(body: bytes | str, says: str) -> None:
    with pytest.raises(UnrecognisedPage, match=says):
        _ = answer(body).json


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><body>Are you a robot?</body></html>", "HTML, not XML"),
        ("no feed today", "no XML"),
        ("", "an empty body"),
        ("<", "XML without any element"),
        ('<!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><rss>&b;</rss>', "declares entities"),
        (
            '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'.encode("utf-16"),
            "declares entities",
        ),
    ],
)
def test_what_is_no_xml_is_refused_by_name(body: bytes | str, says: str) -> None:
    with pytest.raises(UnrecognisedPage, match=says):
        _ = answer(body).xml


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UndecodableBody):
        _ = answer(bytes(range(1, 9)) * 500).text


def test_first_sighting_decides_what_a_date_without_year_means() -> None:
    seen = NOON - timedelta(days=400)
    assert answer("x").sighted_at == NOON
    assert replace(answer("x"), first_seen_at=seen).sighted_at == seen


@pytest.mark.parametrize("site", BUILT_IN, ids=lambda site: site.name)
def test_site_keeps_the_contract(site: Site) -> None:
    for one in site.editions:
        assert one.agency == site.agency != ""
        assert site.hosts(one) >= one.hosts
        assert site.listings(one)
        names = [listing.name for listing in site.listings(one)]
        assert len(set(names)) == len(names)


def test_beltas_listing_asks_for_pages_and_reads_them() -> None:
    (listing,) = site_of("belta-eng").listings(ENGLISH)
    assert (listing.name, listing.kind, listing.begins) == ("pages", "pages", None)
    assert listing.ask(ENGLISH, None, {}).url == "https://eng.belta.by/all_news/"
    assert listing.ask(ENGLISH, "3", {}).url == "https://eng.belta.by/all_news/page/3/"
    asked = listing.ask(ENGLISH, "3", {ENGLISH.host: "http://127.0.0.1:8100"}, older="/all_news/page/3/?day=1")
    assert asked.url == "http://127.0.0.1:8100/all_news/page/3/?day=1"
    assert (asked.kind, asked.listing, asked.place) == ("listing", "pages", "3")
    page = listing.read(answer(f"<html><body>{ITEM}</body></html>"), ENGLISH, "3")
    assert [(entry.key, entry.page) for entry in page.entries] == [("7-2026", 3)]


@pytest.mark.parametrize("place", ["0", "-1", "2026-03-05", "x", "1" * 12])
def test_place_that_is_no_page_is_refused(place: str) -> None:
    (listing,) = site_of("belta-eng").listings(ENGLISH)
    with pytest.raises(ArgumentError, match="no page"):
        listing.ask(ENGLISH, place, {})


def test_host_without_a_base_is_refused_and_not_fetched() -> None:
    bases = {"news.example": "http://127.0.0.1:8100"}
    assert under_base("https://news.example/a?b=1", bases) == "http://127.0.0.1:8100/a?b=1"
    with pytest.raises(ArgumentError, match=r"add api\.news\.example=URL"):
        under_base("https://api.news.example/a", bases)


def test_time_of_an_answer_is_aware() -> None:
    assert answer("x").fetched_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
