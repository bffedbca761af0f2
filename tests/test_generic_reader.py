"""The reader of any site: which of the things that a page says of itself it believes, and where its words come from."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.errors import FieldError, NotAnArticle, UnrecognisedPage
from crawler.records import NOT_ON_PAGE, Edition
from crawler.sites.generic import DAY_ONLY, read_article
from crawler.sites.generic.people import names_in
from crawler.sites.generic.times import machine_time, printed_time
from crawler.sites.generic.topics import keywords
from tests.foreign_pages import ADDRESS, CAPTION, HEADLINE, STORY, article, document, ld, meta, page, read, script

EDITION = Edition("harbour-en", "news.harbour.example", "en", timezone=ZoneInfo("Europe/Tallinn"))
ARTICLE = {"@type": "NewsArticle", "headline": HEADLINE, "datePublished": "2026-03-02T10:15:00+02:00"}


# -- the story -------------------------------------------------------------------------------------------------------
def test_story_is_read_without_menu_footer_and_headline() -> None:
    found = read(page())
    assert (found.headline, found.paragraphs) == (HEADLINE, STORY)
    assert found.sources["headline"] == "h1"
    assert found.sources["paragraphs"] == "trafilatura"


def test_a_body_in_json_ld_helps_where_the_page_shows_it_and_never_adds_a_word() -> None:
    data = ld(**ARTICLE, articleBody="\n".join((*STORY, "Read the rest of this story in our application tonight.")))
    found = read(page(head=data))
    assert found.paragraphs == STORY
    assert "ld:articleBody" in found.sources["paragraphs"]


def test_a_body_in_json_ld_that_is_of_another_story_counts_for_nothing() -> None:
    other = "The council voted for a new tram line on Tuesday, and against the old one that nobody had wanted to keep."
    found = read(page(article(inner=f"<div class=x><p>{other}</p></div>"), ld(**ARTICLE, articleBody=other)))
    assert STORY[0] in found.paragraphs
    assert found.sources["paragraphs"] == "trafilatura"


def test_without_the_body_reader_the_story_is_what_looks_like_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.sites.generic.references.extracted", lambda _: None)
    found = read(page())
    assert found.paragraphs == STORY
    assert found.sources["paragraphs"] == "paragraphs"


@pytest.mark.parametrize(
    "box",
    [
        f'<figure><img src="/a.jpg"><figcaption>{CAPTION}</figcaption></figure>',
        f'<figure><img src="/a.jpg"></figure><figcaption>{CAPTION}</figcaption>',
        f'<div class="photo"><img src="/a.jpg"><p class="imageCaption">{CAPTION}</p></div>',
        f'<div><div><picture><img src="/a.jpg"></picture></div><div>{CAPTION}</div></div>',
        f'<figure><a href="/gallery/7"><img src="/a.jpg"></a><figcaption>{CAPTION}</figcaption></figure>',
    ],
    ids=["figure", "behind the figure", "by its class", "in a box without names", "a gallery's"],
)
def test_a_caption_is_the_photo_s_and_never_the_story_s(box: str) -> None:
    found = read(page(article(inner=box)))
    assert [(photo.url, photo.caption) for photo in found.photos] == [("https://news.harbour.example/a.jpg", CAPTION)]
    assert found.paragraphs == STORY


def test_a_credit_that_is_printed_apart_is_kept_apart() -> None:
    credit = '<span class="credit">Photo: I. Ek</span>'
    box = f'<figure><img src="/a.jpg" alt="A man with a book"><figcaption>{CAPTION} {credit}</figcaption></figure>'
    (photo,) = read(page(article(inner=box))).photos
    assert (photo.caption, photo.credit, photo.alt) == (CAPTION, "Photo: I. Ek", "A man with a book")


def test_a_caption_that_only_json_ld_has_goes_to_the_picture_of_that_file() -> None:
    image = {"@type": "ImageObject", "url": "https://cdn.harbour.example/w1200/tower.jpg", "caption": CAPTION}
    found = read(
        page(article(inner='<img src="https://cdn.harbour.example/w600/tower.jpg">'), ld(**ARTICLE, image=[image]))
    )
    assert [photo.caption for photo in found.photos] == [CAPTION]


def test_teasers_and_what_stands_in_a_sidebar_are_no_photos() -> None:
    figure = '<figure><img src="/x.jpg"><figcaption>Fish prices rise again in the old town.</figcaption></figure>'
    inner = f'<div class="related">{figure}</div><aside>{figure}</aside><a href="/x">{figure}</a>'
    assert [photo.caption for photo in read(page(article(inner=inner))).photos if photo.caption] == []


# -- who, when, what -------------------------------------------------------------------------------------------------
def test_every_field_names_its_rule() -> None:
    data = ld(
        **ARTICLE,
        dateModified="2026-03-02T11:00:00+02:00",
        author=[{"@type": "Person", "name": "Ann Lee"}, {"@type": "Person", "name": "Bo Ek"}],
        keywords=["lighthouses", "the sea"],
        articleSection="City",
        inLanguage="en-GB",
        description="Forty winters on a rock.",
        isAccessibleForFree=False,
    )
    found = read(page(head=data))
    assert found.published is not None
    assert found.modified is not None
    assert (found.published.text(), found.modified.text()) == ("2026-03-02T08:15:00Z", "2026-03-02T09:00:00Z")
    assert (found.authors, found.tags) == (("Ann Lee", "Bo Ek"), ("lighthouses", "the sea"))
    assert (found.section, found.language, found.lead) == ("City", "en-GB", "Forty winters on a rock.")
    assert found.free_access is False
    assert found.sources["published_at"] == "ld:datePublished"
    assert found.sources["free_access"] == "ld:isAccessibleForFree"
    assert found.sources["photos"] == NOT_ON_PAGE


def test_microdata_is_read_where_there_is_no_json_ld() -> None:
    body = (
        f'<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">{HEADLINE}</h1>'
        '<time itemprop="datePublished" datetime="2026-03-02T10:15+02:00">today</time>'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Ann Lee</b></span>'
        f'<div itemprop="articleBody">{"".join(f"<p>{text}</p>" for text in STORY)}</div></div>'
    )
    found = read(page(body))
    assert found.published is not None
    assert found.published.text() == "2026-03-02T08:15:00Z"
    assert (found.authors, found.sources["authors"]) == (("Ann Lee",), "microdata:author")


def test_metas_are_read_where_nothing_else_says_it() -> None:
    head = meta(article_published_time="2026-03-02T10:15:00Z", article_author="Ann Lee", article_section="City")
    head += meta(article_tag="lighthouses") + meta(article_tag="gulls")
    found = read(page(head=head))
    assert found.published is not None
    assert (found.published.text(), found.sources["published_at"]) == (
        "2026-03-02T10:15:00Z",
        "meta:article:published_time",
    )
    assert (found.authors, found.section, found.tags) == (("Ann Lee",), "City", ("lighthouses", "gulls"))


@pytest.mark.parametrize(
    ("printed", "read_as"),
    [
        ('<time datetime="2026-03-02T10:15:00">Monday</time>', "2026-03-02T10:15:00"),
        ('<time datetime="2026-03-02">Monday</time>', "2026-03-02"),
        ('<p class="date">2 March 2026, 10:15</p>', "2026-03-02T10:15:00"),
        ("<p>March 2, 2026</p>", "2026-03-02"),
        ('<span class="published">2 March 2026</span><span class="updated">4 March 2026</span>', "2026-03-02"),
    ],
)
def test_a_time_without_zone_stays_local_and_a_day_without_time_stays_a_day(printed: str, read_as: str) -> None:
    found = read(page(article(above=printed)))
    assert found.published is not None
    assert found.published.text() == read_as


def test_a_date_never_comes_from_prose() -> None:
    told = (*STORY, "On 2 March 2024 the tower was painted red, and on March 4, 2025 it was white again.")
    found = read(page(article(story=told)))
    assert (found.published, found.sources["published_at"]) == (None, NOT_ON_PAGE)


def test_the_day_in_an_address_is_the_last_resort() -> None:
    found = read(page(), "https://news.harbour.example/2026/03/02/lighthouse-keeper/")
    assert found.published is not None
    assert (found.published.text(), found.sources["published_at"]) == ("2026-03-02", "address")


# -- what lies -------------------------------------------------------------------------------------------------------
def test_a_date_ahead_of_its_time_is_not_believed_and_the_next_one_is_taken() -> None:
    head = ld(**ARTICLE | {"datePublished": "2031-01-01T00:00:00Z"}) + meta(
        article_published_time="2026-03-02T10:15:00Z"
    )
    found = read(page(head=head))
    assert found.published is not None
    assert found.sources["published_at"] == "meta:article:published_time"


def test_another_article_s_json_ld_gives_nothing() -> None:
    other = {
        "headline": "Fish prices rise again",
        "url": "https://news.harbour.example/fish-4712.html",
        "author": "Zoe Yu",
    }
    found = read(page(head=ld(**ARTICLE | other | {"articleSection": "Sea", "keywords": "fish"})))
    assert (found.headline, found.published, found.authors) == (HEADLINE, None, ())
    assert (found.section, found.tags) == (None, ())


def test_of_ten_articles_the_one_that_names_this_page_is_read() -> None:
    def one(number: int) -> dict[str, object]:
        return {
            "@type": "NewsArticle",
            "mainEntityOfPage": {"@id": f"https://www.news.harbour.example/city/x-{number}.html?utm_source=y"},
            "headline": f"Story number {number}",
            "datePublished": f"2026-02-{number:02d}T08:00:00Z",
        }

    found = read(
        page(head=ld(**{"@graph": [one(number) for number in range(1, 11)]})),
        "http://news.harbour.example/city/x-7.html",
    )
    assert found.published is not None
    assert found.published.text() == "2026-02-07T08:00:00Z"


def test_a_page_with_ten_articles_is_none() -> None:
    items = "".join(
        f'<article><h2><a href="/{n}">Story number {n}</a></h2><time datetime="2026-03-{n:02d}">x</time></article>'
        for n in range(1, 11)
    )
    list_of_ten = {
        "@type": "ItemList",
        "itemListElement": [{"@type": "NewsArticle", "headline": f"Story number {n}"} for n in range(1, 11)],
    }
    front = page(f"<h1>All news</h1>{items}", ld(**list_of_ten))
    found = read(front, "https://news.harbour.example/news/")
    assert (found.published, found.authors, found.tags) == (None, (), ())
    with pytest.raises(UnrecognisedPage, match="nothing on it says that it is an article"):
        read_article(document(front), EDITION, "4711", site="harbour")


def test_a_single_item_of_another_story_gives_nothing() -> None:
    teaser = (
        '<div itemscope itemtype="https://schema.org/Article"><b itemprop="headline">Fish prices rise again</b>'
        '<time itemprop="datePublished" datetime="2026-03-04">x</time><i itemprop="author">Zoe Yu</i></div>'
    )
    found = read(page(article() + teaser))
    assert (found.published, found.authors) == (None, ())


def test_articles_that_differ_in_a_number_of_their_address_are_told_apart() -> None:
    other = ld(**ARTICLE | {"headline": "Fish prices rise again", "url": "https://news.harbour.example/read?id=12"})
    assert read(page(head=other), "https://news.harbour.example/read?id=13").published is None
    found = read(page(head=other), "https://news.harbour.example/read?id=12&ref=x").published
    assert found is not None
    assert found.text() == "2026-03-02T08:15:00Z"


def test_a_section_that_its_data_date_is_no_article() -> None:
    data = {"@type": "WebPage", "url": "https://news.harbour.example/news/", "datePublished": "2019-01-01T00:00:00Z"}
    section = page("<h1>All news</h1><ul><li><a href='/1'>One</a></li></ul>", ld(**data) + meta(og_type="website"))
    with pytest.raises(UnrecognisedPage, match="nothing on it says that it is an article"):
        read_article(document(section, "https://news.harbour.example/news/"), EDITION, "4711", site="harbour")


# -- as an article of a site -----------------------------------------------------------------------------------------
def test_an_article_is_read_in_the_zone_of_its_edition() -> None:
    data = ld(**ARTICLE | {"datePublished": "2026-03-02T10:15:00"}, author="Ann Lee and Bo Ek")
    found = read_article(document(page(head=data)), EDITION, "4711", site="harbour")
    assert (found.era, found.key, found.url) == ("harbour/generic", "4711", ADDRESS)
    assert found.published_at == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert (found.published_printed, found.authors, found.author) == (
        "2026-03-02T10:15:00",
        ("Ann Lee", "Bo Ek"),
        "Ann Lee; Bo Ek",
    )
    assert found.paragraphs == STORY
    assert found.language == "en"


def test_a_day_is_its_beginning_and_sources_say_so() -> None:
    found = read_article(
        document(page(head=ld(**ARTICLE | {"datePublished": "2026-03-02"}))), EDITION, "4711", site="harbour"
    )
    assert found.published_at == datetime(2026, 3, 1, 22, tzinfo=UTC)
    assert DAY_ONLY in found.sources["published_at"]


def test_a_page_in_another_language_than_its_edition_says_so() -> None:
    found = read_article(document(page(head=ld(**ARTICLE), language="fi-FI")), EDITION, "4711", site="harbour")
    assert (found.language, found.sources["language"]) == ("fi-FI", "html lang, not the edition's en")


def test_the_front_page_in_an_article_s_place_is_no_article() -> None:
    front = page(head='<link rel="canonical" href="https://news.harbour.example/">' + ld(**ARTICLE))
    with pytest.raises(NotAnArticle, match="front page"):
        read_article(document(front), EDITION, "4711", site="harbour")


def test_a_page_that_says_not_found_is_no_article() -> None:
    gone = "<html><title>404</title><body><h1>Page not found</h1><p>Try the search, or go home.</p></body></html>"
    with pytest.raises(NotAnArticle, match="Page not found"):
        read_article(document(gone), EDITION, "4711", site="harbour")


def test_an_article_without_story_names_what_is_missing() -> None:
    empty = f"<html><head>{ld(**ARTICLE)}</head><body><h1>{HEADLINE}</h1></body></html>"
    with pytest.raises(FieldError, match="paragraphs: no story on the page"):
        read_article(document(empty), EDITION, "4711", site="harbour")


# -- what stands around the story ------------------------------------------------------------------------------------
SOURCES = "".join(f'<source srcset="/a.jpg {width}w">' for width in range(100, 1000, 100))
FOOT = f"<figcaption>{CAPTION}</figcaption>"


@pytest.mark.parametrize(
    ("box", "caption", "credit"),
    [
        (f'<figure><picture>{SOURCES}<img src="/a.jpg"></picture>{FOOT}</figure>', CAPTION, None),
        (f'<div><figure><img src="/a.jpg"></figure></div>{FOOT}', CAPTION, None),
        (f'<figure><harbour-image src="/a.jpg"></harbour-image>{FOOT}</figure>', CAPTION, None),
        (f'<figure><div data-large="/a.jpg"></div>{FOOT}</figure>', CAPTION, None),
        (f'<div class="teaser-image"><img src="/a.jpg"><p class="legende">{CAPTION}</p></div>', CAPTION, None),
        (f'<div><p>Photo: I. Ek</p><img src="/a.jpg"><div>{CAPTION}</div></div>', CAPTION, "Photo: I. Ek"),
        ('<figure><img src="/a.jpg"><figcaption>Photo: I. Ek / HT</figcaption></figure>', None, "Photo: I. Ek / HT"),
        ('<figure><img src="/a.jpg"><figcaption>By Ann Lee, Harbour</figcaption></figure>', None, None),
        (f'<div><img src="/a.jpg"><p>{HEADLINE}</p></div>', None, None),
        ('<div><img src="/a.jpg"><a href="/fish">Fish prices rise again in town</a></div>', None, None),
    ],
)
def test_what_is_printed_with_a_picture_is_its_caption_or_its_credit(
    box: str, caption: str | None, credit: str | None
) -> None:
    found = read(page(article(inner=box), ld(**ARTICLE, author="Ann Lee")))
    assert [(photo.url, photo.caption, photo.credit) for photo in found.photos] == [
        ("https://news.harbour.example/a.jpg", caption, credit)
    ]
    assert found.paragraphs == STORY


def test_a_picture_that_only_the_data_name_is_a_photo_with_its_caption() -> None:
    image = {"@type": "ImageObject", "url": "https://cdn.harbour.example/tower.jpg", "caption": CAPTION}
    (photo,) = read(page(head=ld(**ARTICLE, image=image))).photos
    assert (photo.url, photo.caption) == ("https://cdn.harbour.example/tower.jpg", CAPTION)


def test_a_picture_in_the_head_of_an_article_is_its_photo_and_one_behind_it_is_not() -> None:
    figure = '<figure><img src="/{0}.jpg"><figcaption>The {0} of the tower.</figcaption></figure>'
    whole = f"<div>{figure.format('top')}{article()}{figure.format('foot')}</div>"
    assert [photo.caption for photo in read(page(whole)).photos] == ["The top of the tower."]


def test_icons_and_portraits_of_authors_are_no_photos() -> None:
    above = (
        '<div class="author"><img src="/ann.jpg"></div><img src="/share.svg"><img src="/x.png" width="16" height="16">'
    )
    assert read(page(article(above=above))).photos == ()


def test_the_fuller_of_two_times_that_tell_the_same_is_taken() -> None:
    head = ld(**ARTICLE | {"datePublished": "2026-03-02"}) + meta(article_published_time="2026-03-02T10:15:00+02:00")
    found = read(page(head=head))
    assert found.published is not None
    assert (found.published.text(), found.sources["published_at"]) == (
        "2026-03-02T08:15:00Z",
        "meta:article:published_time",
    )
    local = ld(**ARTICLE | {"datePublished": "2026-03-02T10:15:00"})
    other = meta(article_published_time="2026-03-02T12:15:00+02:00")
    unlike = read(page(head=local + other)).published
    assert unlike is not None
    assert unlike.text() == "2026-03-02T10:15:00"


@pytest.mark.parametrize(
    "above",
    [
        '<p class="updated">Updated 4 March 2026</p>',
        '<h3><a href="/fish">Fish prices <span class="date">4 March 2026</span></a></h3>',
        '<a href="/fish">Fish prices rise <time datetime="2026-03-04">4 March</time></a>',
        '<div class="related"><time datetime="2026-03-04">4 March</time></div>',
        "<p>5/3/2026</p>",
    ],
)
def test_dates_of_changes_of_other_stories_and_of_two_readings_are_none(above: str) -> None:
    assert read(page(article(above=above))).published is None


def test_a_page_without_story_still_has_the_date_next_to_its_heading() -> None:
    stamp = '<p><time datetime="2026-03-02T10:15:00Z">x</time></p>'
    found = read(page(f'<div><h1>{HEADLINE}</h1>{stamp}<video src="/a.mp4"></video></div>'))
    assert found.published is not None
    assert found.published.text() == "2026-03-02T10:15:00Z"


@pytest.mark.parametrize(
    ("printed", "language", "read_as"),
    [
        ("24 نيسان / أبريل 2026 09:22 مساءً", "ar", "2026-04-24T21:22:00"),
        ("19 Αυγούστου 2026 9:02 μμ", "en", "2026-08-19T21:02:00"),
        ("2026년 3월 4일 오후 2:30", "ko", "2026-03-04T14:30:00"),
        ("21. juni/lipanj 2026.", "sh", "2026-06-21"),
        ("2026年3月4日 上午12:05", "zh", "2026-03-04T00:05:00"),
        ("January 11th, 2026", "en", "2026-01-11"),
    ],
)
def test_dates_are_read_in_the_words_of_many_languages(printed: str, language: str, read_as: str) -> None:
    when = printed_time(printed, language)
    assert when is not None
    assert when.text() == read_as


def test_a_byline_counts_where_the_data_name_no_one_but_the_site() -> None:
    site = {"author": {"@type": "Organization", "name": "The Harbour Times"}}
    byline = '<p class="byline">By Ann Lee and Bo Ek</p>'
    found = read(page(article(above=byline), ld(**ARTICLE | site)))
    assert (found.authors, found.sources["authors"]) == (("Ann Lee", "Bo Ek"), "byline")
    assert read(page(head=ld(**ARTICLE | site))).authors == ("The Harbour Times",)
    assert read(page(article(above=byline), ld(**ARTICLE, author="Cy Fox"))).authors == ("Cy Fox",)


@pytest.mark.parametrize(
    ("below", "tags"),
    [
        (
            '<ul class="tags"><li><a href="/1">Gulls</a></li><li><a href="/2">The sea</a></li></ul>',
            ("Gulls", "The sea"),
        ),
        ('<p><a href="/topic/gulls">Gulls</a> <a href="/topic/sea">The sea</a></p>', ("Gulls", "The sea")),
        ('<ul><li><a href="/city/moewen/">Möwen</a></li><li><a href="/x">Read all</a></li></ul>', ("Möwen",)),
        ('<div class="related"><a href="/fish">Fish prices rise again</a></div>', ()),
        ('<footer><a href="/topic/terms">Terms of use</a> <a href="/topic/us">About us</a></footer>', ()),
    ],
)
def test_links_below_the_story_are_tags_where_they_lead_to_topics(below: str, tags: tuple[str, ...]) -> None:
    found = read(page(article() + below))
    assert (found.tags, found.sources["tags"]) == (tags, "links of topics" if tags else NOT_ON_PAGE)


@pytest.mark.parametrize(
    ("head", "tags", "rule"),
    [
        (meta(keywords="AER, AIRS08, GEN, INDS, TRAN"), (), NOT_ON_PAGE),
        (meta(keywords="gulls lighthouse winter sea keeper"), (), NOT_ON_PAGE),
        (meta(keywords="The Harbour Times, gulls, Ann Lee", author="Ann Lee"), ("gulls",), "meta:keywords"),
        (
            ld(**ARTICLE, keywords=["a", "gulls", "sea", "web only"]) + meta(keywords="gulls, sea"),
            None,
            "meta:keywords",
        ),
        (ld(**ARTICLE, keywords=["topic/gulls", "sea", "_internal"]), None, "ld:keywords"),
    ],
)
def test_tags_are_those_for_people(head: str, tags: tuple[str, ...] | None, rule: str) -> None:
    found = read(page(head=head + meta(og_site_name="The Harbour Times")))
    assert (found.tags, found.sources["tags"]) == (("gulls", "sea") if tags is None else tags, rule)


def test_a_link_to_another_story_is_no_paragraph_but_a_linked_sentence_is() -> None:
    inner = '<p>Read also: <a href="/fish">Fish prices rise again in the old town</a></p>'
    linked = 'He <a href="/book">wrote a book</a> about the gulls, and sold eleven copies of it to passing sailors.'
    found = read(page(article(inner=f"{inner}<p>{linked}</p>")))
    assert [text for text in found.paragraphs if text not in STORY] == [
        linked.replace('<a href="/book">', "").replace("</a>", "")
    ]


def test_a_page_that_lies_whole_in_a_form_is_read() -> None:
    found = read(page(f'<form id="aspnetForm" action="./">{article()}</form>'))
    assert found.paragraphs == STORY


def test_gaps_are_filled_with_paragraphs_of_the_same_making(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.sites.generic.references.extracted", lambda _: [STORY[0], STORY[1], STORY[3]])
    box = "<div class=box><p>A note of the editors that nobody has asked for, and that is no part of this.</p></div>"
    assert read(page(article(inner=box))).paragraphs == STORY


def test_a_lead_is_no_caption_and_no_beginning_that_is_cut_off() -> None:
    figure = f'<figure><img src="/a.jpg"><figcaption>{CAPTION}</figcaption></figure>'
    head = meta(og_description=CAPTION) + f'<meta name="description" content="{STORY[0][:60]}...">'
    found = read(page(article(inner=figure), head + '<meta name="twitter:description" content="Forty winters.">'))
    assert (found.lead, found.sources["lead"]) == ("Forty winters.", "meta:twitter:description")


def test_the_heading_that_the_title_knows_is_the_headline() -> None:
    two = f"<h1>The Harbour Times</h1>{article()}<h1>Weather</h1>"
    assert read(page(two)).headline == HEADLINE
    kicker = article(headline="x").replace("<h1>x</h1>", "<h1><span>Storm</span> : the tower</h1>")
    assert read(page(kicker, meta(og_title="Storm: the tower"))).headline == "Storm: the tower"
    none = article().replace("h1>", "h3>")
    assert (read(page(none)).headline, read(page(none)).sources["headline"]) == (HEADLINE, "h2")


# -- the small parts -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ann Lee", ["Ann Lee"]),
        ("Von Ann Lee und Bo Ek", ["Ann Lee", "Bo Ek"]),
        ("Ann Lee, Bo Ek; Cy Fox", ["Ann Lee", "Bo Ek", "Cy Fox"]),
        ("Ann Lee & Bo Ek", ["Ann Lee", "Bo Ek"]),
        ("Robert Byrne, Jr.", ["Robert Byrne, Jr."]),
        ("https://www.facebook.com/harbour", []),
        ("Byron Vance", ["Byron Vance"]),
        ("", []),
    ],
)
def test_a_byline_gives_its_names(byline: str, names: list[str]) -> None:
    assert names_in(byline) == names


@pytest.mark.parametrize(
    ("texts", "tags"),
    [
        (["lighthouses, gulls,the sea"], ("lighthouses", "gulls", "the sea")),
        (["Gulls", "gulls"], ("Gulls",)),
        (["Subject: Harbour", "WC: 1000-1999", "98be933f-38cf-4fba-b6c6-ad438e82010a", "100312362"], ("Harbour",)),
        (["https://news.harbour.example/tag"], ()),
        ([" ", ","], ()),
    ],
)
def test_keywords_are_words_for_people(texts: list[str], tags: tuple[str, ...]) -> None:
    assert keywords(texts) == tags


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("20260302T101500Z"[:8], "2026-03-02"),
        ("2026-03-02T10:15:00Z", "2026-03-02T10:15:00Z"),
        ("2026-03-02 10:15:00 +02:00", "2026-03-02T08:15:00Z"),
        ("2026-03-02T10:15:00.123+0200", "2026-03-02T08:15:00Z"),
        ("2026-03-02T10:15", "2026-03-02T10:15:00"),
        ("2026/3/2", "2026-03-02"),
        ("1772446500", "2026-03-02T10:15:00Z"),
        ("Mon, 02 Mar 2026 10:15:00 +0200", "2026-03-02T08:15:00Z"),
    ],
)
def test_machines_write_times_in_many_forms(text: str, read_as: str) -> None:
    when = machine_time(text)
    assert when is not None
    assert when.text() == read_as


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "0000-00-00T00:00:00Z", "12:30", "99999999", "2026-3"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert machine_time(text) is None


def test_a_date_without_year_and_hours_ago_are_none() -> None:
    assert [printed_time(text, "en") for text in ("2 March, 10:15", "2 hours ago", "yesterday", "05/03/2026")] == [
        None
    ] * 4


date_parts = [
    "2026", "2", "31", "March", "März", "-", "/", ".", ":", " ", "T", "10", "15", "Z", "UTC", "+02", "pm",
    "오후", "月", "2026-03-02", "10:15", "at", ",", "GMT+6", "٣", "Mon", "ago", "yesterday", "999999999999",
]  # fmt: skip
dates = st.lists(st.sampled_from(date_parts), max_size=10)


@given(dates, st.sampled_from(["en", "en-US", "de", "ar", "ko", "und", "", "x-y-z", "zh-Hant-TW"]))
def test_whatever_is_printed_gives_a_time_or_none(parts: list[str], language: str) -> None:
    for when in (machine_time("".join(parts)), printed_time("".join(parts), language)):
        assert when is None or when.day.isoformat() in when.text(None) or when.at is not None


# -- hostile pages ---------------------------------------------------------------------------------------------------
HOSTILE = {
    "nested": "<div>" * 20_000 + "x",
    "side by side": "<div>a b c d e</div>" * 15_000,
    "paragraphs": "<p>Some words that say nothing at all to anybody.</p>" * 6_000,
    "inline": "<b>x</b> " * 20_000,
    "pictures": '<figure><img src="/a.jpg"><figcaption>Words</figcaption></figure>' * 5_000,
    "pictures in one box": "<div>" + '<img src="/a.jpg">' * 15_000 + "words</div>",
    "microdata": '<div itemscope itemtype="https://schema.org/Article"><b itemprop="author">x</b></div>' * 8_000,
    "metas": '<meta name="keywords" content="a, b">' * 20_000,
    "headings": "<h1>Some words of a heading</h1>" * 10_000,
    "times": '<time datetime="2026-03-02">x</time>' * 15_000,
    "links": '<p><a href="/x">Some words of a link to another story</a></p>' * 6_000,
    "one long word": "x" * 1_000_000,
    "spaces": "<p>" + " " * 1_000_000 + "</p>",
    "deep JSON": script('{"a":' * 300_000),
    "much JSON": script('{"@graph":[' + '{"@type":"NewsArticle","headline":"x"},' * 20_000 + "{}]}"),
    "classes": f'<div class="{"a-b " * 200_000}">x</div>',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_much_of_anything_is_read_in_some_seconds(kind: str) -> None:
    started = time.process_time()
    read(page(article(inner=HOSTILE[kind])))
    assert time.process_time() - started < 5


pieces = st.sampled_from(
    [
        "<p>", "</p>", "<div class=caption>", "</div>", "<figure>", "<img src=a.jpg>", "<figcaption>", "</figure>",
        "<h1>", "</h1>", "<a href=/x>", "</a>", "<time datetime=2026-03-02>", "</time>", "<article>", "</article>",
        "<table><tr><td>", "<br>", "Some words that are long enough to be a paragraph of a story, and a stop.",
        "By Ann Lee", "2 March 2026", '<script type="application/ld+json">{"@type":"NewsArticle"', "</script>",
        "<meta property=og:title content=x>", "<span itemprop=author itemscope>", "</span>", "<noscript>", "\x00",
        "<source srcset='a 1x,,b'>",
    ]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(pieces, max_size=40))
def test_whatever_a_page_is_made_of_it_is_read(parts: list[str]) -> None:
    found = read(f"<html><body><p>x</p>{''.join(parts)}</body></html>")
    assert all(text and text == text.strip() for text in found.paragraphs)
    assert found.sources.keys() >= {"headline", "published_at", "paragraphs", "photos", "authors", "tags"}
