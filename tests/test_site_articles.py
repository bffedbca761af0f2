"""Articles of site files: their rules, the generic reader for what they leave out, and pages that must be refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.dates import utc_text
from crawler.errors import FieldError, NotAnArticle, UnrecognisedPage
from crawler.html.document import Document
from crawler.records import NOT_ON_PAGE, Article, Edition, Photo
from crawler.sites.declared.site import DeclaredSite
from tests.declared_sites import NOON, answer, declared, harbour

STEPPE = """<html lang=en><head><title>A goat learns to row | Steppe</title>
<link rel=canonical href="https://steppe.example/farming/71-a-goat-learns-to-row/"></head>
<body><div id=head>Steppe</div><article><h1>A goat learns to row</h1>
<p class=stamp>5 March, 2:05 PM <span class=writer>By Aida Toko and Bek Sary</span></p>
<figure><img src="/img/goat.jpg" alt="Goat">
<p class=under>A goat in a boat. <span class=lens>Photo: Aida Toko</span></p></figure>
<div class=text><p class=standfirst>It took a week.</p><p>The goat of Talas rows across the lake.</p>
<div class=see-also><p>See also: <a href="/farming/70-pig/">A pig</a></p></div>
<p>Its owner says that it learned alone.</p><img src="/img/lake.jpg"><p class=under>The lake in spring</p>
<p>The lake is cold.</p><p class=subscribe>Subscribe!</p></div></article><footer>2026</footer></body></html>"""
FJORD = """<html lang=nb><head><meta property="og:title" content="Regn og vind"><title>Regn og vind - Fjord</title>
<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Regn og vind", "url": "https://www.fjord.example/n/412/regn",
"datePublished": "2026-03-05T12:30:00+01:00", "dateModified": "2026-03-05T13:00:00+01:00",
"author": [{"@type": "Person", "name": "Kari Nord"}]}</script></head><body>
<main><h1>Regn og vind</h1><section class=story-text><p>Det regner over hele fjorden i dag, sier meteorologen.</p>
<p>Vinden kommer i kveld.</p></section><ul class=topics><li><a>Vær</a></li><li><a>Fjord</a></li></ul></main></body>"""
PART = """<html lang=pt><head><title>Chuva nos Açores</title><link rel=canonical href="https://island.example/chuva">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Chuva nos Açores", "url": "/chuva",
"datePublished": "2026-03-05T09:00:00", "articleBody": "{words}"}}</script></head><body><article>
<h1>Chuva nos Açores</h1>{body}</article>{nav}</body></html>"""
FIRST = (
    "A chuva caiu durante toda a noite sobre as nove ilhas do arquipélago, disse o serviço de meteorologia de Horta.",
    "Os barcos de pesca ficaram no porto e as escolas abriram duas horas mais tarde do que é costume nesta época.",
)
SECOND = (
    "Na segunda ilha a estrada da costa esteve fechada até ao meio-dia por causa de uma derrocada de terra e pedras.",
    "Amanhã o tempo melhora, mas o vento continua forte nas ilhas do grupo ocidental, segundo o mesmo serviço.",
)


def page(site: DeclaredSite, url: str, body: str, *, at: datetime = NOON, seen: datetime | None = None) -> Document:
    edition = site.editions[0]
    return replace(answer(edition, url, body, at=at), first_seen_at=seen).document


def read(site: DeclaredSite, url: str, body: str, key: str, **more: datetime) -> Article:
    return site.read_article(page(site, url, body, **more), site.editions[0], key)


def part(words: tuple[str, ...], following: str = "") -> str:
    nav = f'<nav class=parts><a class=next href="{following}">2</a></nav>' if following else ""
    return PART.format(words=" ".join(words), body="".join(f"<p>{text}</p>" for text in words), nav=nav)


# --- rules


def test_every_rule_gives_its_field() -> None:
    url = "https://steppe.example/farming/71-a-goat-learns-to-row/"
    article = read(declared("steppe"), url, STEPPE, "71")
    assert (article.headline, article.url, article.key, article.edition, article.era) == (
        "A goat learns to row", url, "71", "steppe-en", "steppe/declared",
    )  # fmt: skip
    assert article.published_at == datetime(2026, 3, 5, 8, 5, tzinfo=UTC)
    assert article.published_printed == "5 March, 2:05 PM By Aida Toko and Bek Sary"
    assert article.paragraphs == (
        "The goat of Talas rows across the lake.", "Its owner says that it learned alone.", "The lake is cold.",
    )  # fmt: skip
    assert article.photos == (
        Photo("https://steppe.example/img/goat.jpg", "A goat in a boat.", "Photo: Aida Toko", alt="Goat"),
        Photo("https://steppe.example/img/lake.jpg", "The lake in spring"),
    )
    assert (article.lead, article.author, article.authors) == (
        "It took a week.", "Aida Toko; Bek Sary", ("Aida Toko", "Bek Sary"),
    )  # fmt: skip
    assert (article.rubric, article.language) == ("farming", "en")
    assert {name: article.sources[name] for name in ("headline", "published_at", "paragraphs", "lead", "author")} == {
        "headline": "article h1", "published_at": "p.stamp", "paragraphs": "div.text", "lead": "p.standfirst",
        "author": "p.stamp span.writer",
    }  # fmt: skip


def test_year_comes_from_the_first_sighting_however_late_a_page_is_read() -> None:
    url = "https://steppe.example/farming/71-a-goat-learns-to-row/"
    late = datetime(2031, 9, 1, tzinfo=UTC)
    article = read(declared("steppe"), url, STEPPE, "71", at=late, seen=NOON)
    assert article.published_at == datetime(2026, 3, 5, 8, 5, tzinfo=UTC)
    assert read(declared("steppe"), url, STEPPE, "71", at=late).published_at == datetime(2031, 3, 5, 8, 5, tzinfo=UTC)


def test_names_of_json_ld_and_metas_give_fields() -> None:
    article = read(declared("fjord"), "https://www.fjord.example/n/412/regn", FJORD, "412")
    assert (article.headline, article.sources["headline"]) == ("Regn og vind", "meta:og:title")
    assert article.published_at == datetime(2026, 3, 5, 11, 30, tzinfo=UTC)
    assert article.modified_at == datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    assert (article.sources["published_at"], article.sources["modified_at"]) == ("ld:datePublished", "ld:dateModified")
    assert article.tags == ("Vær", "Fjord")
    assert article.paragraphs[-1] == "Vinden kommer i kveld."


def test_what_a_file_leaves_out_is_read_by_the_generic_reader() -> None:
    article = read(declared("fjord"), "https://www.fjord.example/n/412/regn", FJORD, "412")
    assert (article.author, article.sources["author"]) == ("Kari Nord", "ld:author")
    island = read(declared("island"), "https://island.example/chuva", part(FIRST), "chuva")
    assert (island.headline, island.paragraphs) == ("Chuva nos Açores", FIRST)
    assert island.published_at == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)  # local time of the Azores, UTC-1


def test_every_field_names_its_source() -> None:
    for name, url, body, key in (
        ("steppe", "https://steppe.example/farming/71-a/", STEPPE, "71"),
        ("fjord", "https://www.fjord.example/n/412/regn", FJORD, "412"),
        ("island", "https://island.example/chuva", part(FIRST), "chuva"),
    ):
        sources = read(declared(name), url, body, key).sources
        assert set(sources) == set(Article.__dataclass_fields__) - {"sources"}


def site_with(more: str) -> tuple[DeclaredSite, Edition]:
    return harbour('kind = "feed"\nurl = "/rss"', more=more)


def story(body: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><h1>Rain</h1><div class=story>{body}</div></body></html>"


URL = "https://news.harbour.example/farm/rain-9.html"


def test_bare_date_is_the_beginning_of_the_day_and_says_so() -> None:
    site, _ = site_with('published = "time"\nbody = "div.story"')
    article = read(site, URL, story("<time>5 March 2026</time><p>It rains.</p>"), "9")
    assert article.published_at is not None
    assert utc_text(article.published_at) == "2026-03-04T22:00:00Z"
    assert article.sources["published_at"] == "time, day only"


def test_first_rule_that_gives_a_time_wins() -> None:
    site, _ = site_with('published = ["ld:datePublished", "p.none", "p.when", "time"]\nbody = "div.story"')
    article = read(
        site, URL, story("<p class=when>soon</p><time datetime=2026-03-05T12:00Z>Noon</time><p>Rain.</p>"), "9"
    )
    assert article.published_at == datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
    assert article.sources["published_at"] == "time"
    assert article.paragraphs == ("soon", "Rain.")  # what gave nothing stays


def test_time_in_the_future_is_not_believed() -> None:
    site, _ = site_with('published = "time"\nbody = "div.story"')
    ahead = utc_text(NOON + timedelta(days=3))
    article = read(site, URL, story(f"<time datetime={ahead}>soon</time><p>Rain.</p>"), "9")
    assert article.published_at is None
    assert article.sources["published_at"] == "failed: time is later than the visit"


def test_time_that_cannot_be_read_is_a_failure_and_none_of_it_is_an_absence() -> None:
    site, _ = site_with('published = "p.when"\nbody = "div.story"')
    assert read(site, URL, story("<p class=when>05/06/2026</p><p>Rain.</p>"), "9").sources["published_at"] == (
        "failed: p.when is no time"
    )
    assert read(site, URL, story("<p>Rain.</p>"), "9").sources["published_at"] == NOT_ON_PAGE


def test_several_authors_are_joined() -> None:
    site, _ = site_with('author = "a.by"\nbody = "div.story"')
    article = read(site, URL, story("<a class=by>Ann Lee</a><a class=by>Bo Ek</a><p>Rain.</p>"), "9")
    assert (article.author, article.authors) == ("Ann Lee; Bo Ek", ("Ann Lee", "Bo Ek"))


def test_section_rule_gives_the_rubric() -> None:
    site, _ = site_with('section = "a.topic"\nbody = "div.story"')
    article = read(site, URL, story("<a class=topic>Weather</a><p>Rain.</p>"), "9")
    assert (article.rubric, article.sources["rubric"]) == ("Weather", "a.topic")
    assert read(site, URL, story("<p>Rain.</p>"), "9").rubric == "farm"


def test_figures_are_never_part_of_the_body() -> None:
    site, _ = site_with('body = "div.story"')
    body = '<p>Rain.</p><figure><img src="/a.jpg"><figcaption>Clouds. Photo: Ann Lee</figcaption></figure><p>Wind.</p>'
    article = read(site, URL, story(body), "9")
    assert article.paragraphs == ("Rain.", "Wind.")
    assert article.photos == (Photo("https://news.harbour.example/a.jpg", "Clouds. Photo: Ann Lee", "Photo: Ann Lee"),)


def test_credit_printed_apart_is_kept_apart() -> None:
    site, _ = site_with('credit = "small"\nbody = "div.story"')
    caption = "<figcaption>Clouds. <small>Ann Lee / Harbour</small></figcaption>"
    body = f'<figure><img src="/a.jpg">{caption}</figure><p>Rain.</p>'
    (photo,) = read(site, URL, story(body), "9").photos
    assert (photo.caption, photo.credit) == ("Clouds.", "Ann Lee / Harbour")


def test_captions_belong_to_the_picture_before_them() -> None:
    site, _ = site_with('caption = "p.cap"\nbody = "div.story"')
    body = (
        '<p>Rain.</p><img src="/a.jpg"><p class=cap>One</p><p>Wind.</p>'
        '<div><img src="/b.jpg"></div><p class=cap>Two</p><img src="/c.jpg"><p>Sun.</p>'
    )
    article = read(site, URL, story(body), "9")
    assert [(photo.url[-5:], photo.caption) for photo in article.photos] == [
        ("a.jpg", "One"), ("b.jpg", "Two"), ("c.jpg", None),
    ]  # fmt: skip
    assert article.paragraphs == ("Rain.", "Wind.", "Sun.")


def test_caption_may_stand_in_an_attribute() -> None:
    site, _ = site_with('caption = "img::attr(data-caption)"\nbody = "div.story"')
    (photo,) = read(site, URL, story('<p>Rain.</p><img src="/a.jpg" data-caption="Clouds">'), "9").photos
    assert photo.caption == "Clouds"


def test_picture_above_the_body_is_the_storys_and_one_below_is_not() -> None:
    site, _ = site_with('body = "div.story"')
    body = (
        '<html><body><header><img src="/head.jpg"></header><h1>Rain</h1><img src="/top.jpg">'
        '<div class=story><p>Rain.</p></div><aside><img src="/other.jpg"></aside></body></html>'
    )
    assert [photo.url[-8:] for photo in read(site, URL, body, "9").photos] == ["/top.jpg"]


def test_dropped_blocks_take_their_pictures_along() -> None:
    site, _ = site_with('drop = ["p:nth-of-type(2)", "div.promo"]\nbody = "div.story"')
    body = '<p>Rain.</p><p>Buy!</p><div class=promo><p>Boats</p><img src="/boat.jpg"></div><p>Wind.</p>'
    article = read(site, URL, story(body), "9")
    assert (article.paragraphs, article.photos) == (("Rain.", "Wind."), ())


def test_body_may_stand_in_several_blocks() -> None:
    site, _ = site_with('body = ["div.none", "div.block"]')
    body = story(
        "<div class=block><p>Rain.</p><div class=block>Wind.</div></div><p>Not this.</p><div class=block>Sun.</div>"
    )
    assert read(site, URL, body, "9").paragraphs == ("Rain.", "Wind.", "Sun.")


def test_body_may_stand_in_the_data_of_the_page() -> None:
    site, _ = site_with('body = "ld:articleBody"')
    head = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Rain", '
        '"articleBody": "<p>It rains.</p><p>It blows.</p>"}</script>'
    )
    assert read(site, URL, story("", head), "9").paragraphs == ("It rains.", "It blows.")


def test_drop_helps_the_generic_reader_where_there_is_no_rule_for_the_body() -> None:
    site, _ = harbour('kind = "feed"\nurl = "/rss"', "/{slug}", 'drop = "p.ad"')
    words = "".join(f"<p>{text}</p>" for text in FIRST)
    advert = f"<p class=ad>{SECOND[0]}</p>"
    body = part(FIRST).replace(words, words + advert)
    article = site.read_article(page(site, "https://news.harbour.example/chuva", body), site.editions[0], "chuva")
    assert article.paragraphs == FIRST


# --- what is refused


def test_page_without_what_the_rules_name_has_another_era() -> None:
    site, _ = site_with('headline = "h1.big"\nbody = "div.story"')
    with pytest.raises(UnrecognisedPage, match="no rule for headline finds anything"):
        read(site, URL, story("<p>Rain.</p>"), "9")
    other, _ = site_with('body = "div.new-story"')
    with pytest.raises(UnrecognisedPage, match="no rule for body finds anything"):
        read(other, URL, story("<p>Rain.</p>"), "9")


def test_page_of_another_article_is_none() -> None:
    site, _ = site_with('body = "div.story"')
    with pytest.raises(NotAnArticle, match="8 in the place of 9"):
        read(site, "https://news.harbour.example/farm/pig-8.html", story("<p>Pig.</p>"), "9")


def test_front_page_in_the_place_of_an_article_is_none() -> None:
    site, _ = site_with('body = "div.story"')
    with pytest.raises(NotAnArticle, match="nothing on the page says that it is 9"):
        read(site, "https://news.harbour.example/", story("<p>Pig.</p>"), "9")


def test_page_at_a_strange_address_may_say_itself_which_it_is() -> None:
    site, _ = site_with('body = "div.story"')
    head = '<link rel=canonical href="/farm/rain-9.html">'
    article = read(site, "https://news.harbour.example/amp?story=9", story("<p>Rain.</p>", head), "9")
    assert article.url == URL


def test_page_from_a_mirror_is_the_same_article() -> None:
    site, edition = site_with('body = "div.story"')
    mirror = "http://127.0.0.1:8100"
    body = story('<p>Rain.</p><img src="/a.jpg">')
    came = answer(edition, f"{mirror}/farm/rain-9.html", body, base_urls={edition.host: mirror})
    article = site.read_article(came.document, edition, "9")
    assert (article.url, article.photos[0].url) == (URL, "https://news.harbour.example/a.jpg")
    assert article == read(site, URL, body, "9")


# --- stories on several pages


def test_next_part_is_an_address_of_the_site() -> None:
    island = declared("island")
    first = page(island, "https://island.example/chuva", part(FIRST, "/chuva?parte=2#texto"))
    assert island.next_part(first, island.editions[0]) == "https://island.example/chuva?parte=2"
    last = page(island, "https://island.example/chuva?parte=2", part(SECOND))
    assert island.next_part(last, island.editions[0]) is None


@pytest.mark.parametrize("following", ["https://evil.example/2", "#", "javascript:x", "http://[", "/chuva"])
def test_part_elsewhere_is_none(following: str) -> None:
    island = declared("island")
    first = page(island, "https://island.example/chuva", part(FIRST, following))
    assert island.next_part(first, island.editions[0]) is None


def test_story_on_several_pages_is_one_article() -> None:
    island = declared("island")
    edition = island.editions[0]
    first = page(island, "https://island.example/chuva", part(FIRST, "/chuva?parte=2"))
    second = page(island, "https://island.example/chuva?parte=2", part(SECOND))
    article = island.read_article(first, edition, "chuva", (second,))
    assert article.paragraphs == FIRST + SECOND
    assert article.url == "https://island.example/chuva"


def test_part_without_words_fails_the_whole_story() -> None:
    island = declared("island")
    first = page(island, "https://island.example/chuva", part(FIRST, "/chuva?parte=2"))
    empty = page(island, "https://island.example/chuva?parte=2", "<html><body><p>x</body></html>")
    with pytest.raises(FieldError, match="part 2 has no words"):
        island.read_article(first, island.editions[0], "chuva", (empty,))
