"""Documents: bytes decoded once, from the answer's own headers, and hostile bodies read or refused by name."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import PageError, UndecodableBody, UnrecognisedPage
from crawler.html.document import MAX_ALIKE, MAX_BODY, Document
from crawler.html.text import line
from crawler.sites import edition, site_of
from crawler.sites.belta import BELTA
from tests.saved_pages import ADDRESS, KEY, document, snapshot

WORDS = "Праздник урожая"


def words(body: bytes, content_type: str | None) -> str:
    return line(Document.of(snapshot(body, content_type=content_type)).root)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (f"<p>{WORDS}".encode(), "text/html; charset=utf-8"),
        (f"<p>{WORDS}".encode(), "text/html;charset='UTF8'"),
        (f"<p>{WORDS}".encode(), "text/html"),
        (f"<p>{WORDS}".encode(), None),
        (f"<p>{WORDS}".encode("cp1251"), "text/html; charset=windows-1251"),
        (f'<meta charset="windows-1251"><p>{WORDS}'.encode("cp1251"), "text/html"),
        (f'<meta charset="windows-1251"><p>{WORDS}'.encode(), "text/html; charset=utf-8"),
        (f"\ufeff<p>{WORDS}".encode(), "text/html; charset=utf-8"),
        (f"\ufeff<p>{WORDS}".encode(), None),
        (f"\ufeff<p>{WORDS}".encode("utf-16"), None),
        (f"<p>{WORDS}".encode("utf-16-le"), "text/html; charset=utf-16le"),
        (f"<p>{WORDS}".encode(), "text/html; charset=no-such-charset"),
        (f"<p>{WORDS}".encode(), "text/html; charset=hex"),
        (f"<p>{WORDS}".encode(), "text/html; charset=unicode_escape"),
        (f'<meta charset="idna"><p>{WORDS}'.encode(), "text/html"),
        (f'<meta charset="rot13"><p>{WORDS}'.encode(), "text/html"),
        (f'<meta name="x" content="escape"><p>{WORDS}'.encode("cp1251"), "text/html; charset=cp1251"),
    ],
)
def test_body_is_decoded_by_header_then_mark_then_meta_tag(body: bytes, content_type: str | None) -> None:
    assert words(body, content_type) == WORDS


def test_broken_bytes_cost_a_character_and_not_the_page() -> None:
    assert words(f"<p>{WORDS * 10} ".encode() + b"\xd0 end", None) == f"{WORDS * 10} \ufffd end"


def test_zero_bytes_among_the_text_are_left_out() -> None:
    assert words(b"<p>har\x00vest " + b"x" * 100, "text/html; charset=utf-8").startswith("harvest")


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"", "text/html", "an empty body"),
        (b" \r\n\t", "text/html", "an empty body"),
        (b"\x89PNG\r\n\x1a\n....", "text/html", "a PNG image"),
        (b"\xff\xd8\xff\xe0....", None, "a JPEG image"),
        (b"GIF89a....", None, "a GIF image"),
        (b"%PDF-1.7 <a>", None, "a PDF document"),
        (b"\x1f\x8b\x08....", "text/html", "gzip data"),
        (b"<p>words", "image/jpeg", "image/jpeg"),
        (b"<p>words", "application/json; charset=utf-8", "application/json"),
        (b'{"html": "<p>words</p>"}', "text/html", "JSON"),
        (b' [{"a": "<b>"}]', "text/html", "JSON"),
        (b"Service unavailable", "text/html", "plain text"),
        (b"a < b and c > d", "text/plain", "plain text"),
        (b"<!-- nothing -->", "text/html", "without any element"),
        (b"<p>" + b"x" * MAX_BODY, "text/html", "more than the"),
        (b"<b>" * 100_001, "text/html", "nested deeper"),
    ],
)
def test_what_is_no_html_is_refused_by_name(body: bytes, content_type: str | None, said: str) -> None:
    with pytest.raises(UnrecognisedPage, match=f"^belta-eng: .*{said}.*{KEY}"):
        Document.of(snapshot(body, content_type=content_type))


@pytest.mark.parametrize("body", [bytes(range(256)) * 20, b"\x93\xfe\x01\x02" * 500, WORDS.encode("cp1251") * 20])
def test_bytes_that_are_no_text_are_undecodable(body: bytes) -> None:
    with pytest.raises(UndecodableBody, match=KEY):
        Document.of(snapshot(b"<p>" + body, content_type="text/html"))


@pytest.mark.parametrize("depth", [100, 254, 255, 256, 257, 10_000])
@pytest.mark.parametrize("tag", ["div", "b", "ul"])
def test_article_is_read_however_deep_it_is_nested(tag: str, depth: int) -> None:
    body = (
        '<div class="content_margin"><div class="date_full">01 July 2024, 14:00</div><h1>Deep</h1>'
        f'<div class="js-mediator-article"><p>Top.</p>{f"<{tag}>" * depth}bottom{f"</{tag}>" * depth}<p>End.</p></div>'
    )
    article = site_of("belta-eng").read_article(document(body), edition("belta-eng"), KEY)
    assert article.paragraphs[0] == "Top."
    assert "bottom" in " ".join(article.paragraphs)
    assert article.paragraphs[-1] == "End."


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        '<div class="text">a</div>',
        '<div class="text">a',
        "<h1>t</h1>",
        '<div class="date_full">01 July 2024, 14:00</div>',
        '<div class="main_img"><img src="/a.jpg"></div>',
        '<div class="js-mediator-article"><a href="/x/view/y-1-2024/">a</a></div>',
        '<div class="news_item"><a href="/x/view/y-1-2024/">a</a></div>',
        "<p onclick=\"get_page('/all_news/page/2/')\">",
        "<br>",
        "<table><tr><td>",
        "<a><b><i><div>",
        "<!--",
        "| ,",
        "MINSK, 1 July (BelTA",
    ],
)
def test_much_of_anything_is_answered_within_seconds(piece: str) -> None:
    body = f"<h1>t</h1><div class='content_margin'>{piece * (400_000 // len(piece))}"
    found = edition("belta-eng")
    began = time.process_time()
    for read in (BELTA.read_article, BELTA.read_listing):
        with suppress(PageError):
            read(document(body), found, KEY if read == BELTA.read_article else 1)  # type: ignore[arg-type]
    assert time.process_time() - began < 15  # linear work takes 1 or 2 s, quadratic work minutes


def test_blocks_are_found_by_any_of_their_classes_in_the_order_of_the_page() -> None:
    page = document(
        '<div class="a b" id="1"></div><p class="a"></p><main class="b" id="2"></main><div class=" a " id="3">'
    )
    assert [block.get("id") for block in page.with_class("b", "a")] == ["1", "2", "3"]
    assert [block.get("id") for block in page.with_class("a")] == ["1", "3"]
    assert page.with_class("A") == []


def test_very_many_alike_blocks_are_handed_out_in_part() -> None:
    assert len(document("<div class=a></div>" * (MAX_ALIKE + 1)).with_class("a")) == MAX_ALIKE


def test_first_filled_meta_tag_and_link_count() -> None:
    page = document(
        '<head><meta property="og:title" content=" "><meta property="OG:Title" content=" One ">'
        '<link rel="canonical" href=" /x "><meta name="og:title" content="Two">'
        '<link rel="canonical" href="/y"><link rel="icon"></head>'
    )
    assert (page.meta("og:title"), page.link("canonical")) == ("One", "/x")
    assert (page.meta("nothing"), page.link("icon")) == (None, None)


def test_links_hang_on_the_address_that_answered() -> None:
    page = document("<p>x")
    assert page.resolve(" ../other/ ") == "https://eng.belta.by/society/view/other/"
    assert page.resolve("//img.belta.by/x.jpg") == "https://img.belta.by/x.jpg"
    assert page.resolve("https://[") is None


def test_selector_queries_the_same_tree() -> None:
    page = document("<p class=x>words</p>")
    assert page.selector().css("p.x::text").get() == "words"
    assert page.selector().root is page.root


def test_document_does_not_print_its_page() -> None:
    assert "secret" not in repr(document("<p>secret"))
    assert ADDRESS in repr(document("<p>secret"))


@given(st.binary(max_size=400), st.sampled_from([None, "text/html; charset=utf-16", "text/html; charset=big5"]))
@settings(max_examples=150)
def test_any_bytes_are_read_or_refused(body: bytes, content_type: str | None) -> None:
    with suppress(UnrecognisedPage, UndecodableBody):
        assert Document.of(snapshot(b"<p>" + body, content_type=content_type)).root.tag == "html"


# fmt: off
PIECES = st.sampled_from([
    '<div class="content_margin">', '<div class="date_full">', "01 July 2024, 14:00", "<h1>", "</h1>", "</div>", "<p>",
    '<div class="js-mediator-article">', '<div class="text">', "MINSK, 1 July (BelTA) –", "words", "<br>", "&nbsp;",
    '<div class="main_img"><img src="//[" alt="c">', '<img src="/a.jpg" alt="Photo by A">', '<div id="inner">',
    '<div class="news_item lenta_item">', '<a href="/x/view/y-1-2024/">t</a>', '<div class="new_date">', "<script>",
    '<div class="day">', "15:43 26 April 2018", "22.05.2018 | 14:39", '<div class="news_tags_block">', "<html amp>",
    '<div itemprop="articleBody">', '<div class="main_in_rubric">', '<a class="p_next" href="//[">', "<table>", "<!--",
    '<a href="http://[">',
])
# fmt: on


@given(st.lists(PIECES, max_size=25))
@settings(max_examples=200)
def test_any_mixture_of_known_markup_is_read_or_refused(pieces: list[str]) -> None:
    found = edition("belta-eng")
    page = document("".join(["<p>", *pieces]))
    for read in (lambda: BELTA.read_article(page, found, KEY), lambda: BELTA.read_listing(page, found, 1)):
        with suppress(PageError):
            read()
