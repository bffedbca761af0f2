"""Sites, eras and layouts against the saved pages, both ways; and the pages that must be refused."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from crawler.errors import ArgumentError, FieldError, NotAnArticle, UnrecognisedPage
from crawler.records import Article
from crawler.sites import BUILT_IN, edition, editions_named, site_of
from crawler.sites.belta import BELTA
from tests.saved_pages import ADDRESS, KEY, PAGES, SavedPage, as_json, read_article, saved_pages

SAVED = saved_pages("belta")
ARTICLES = [page for page in SAVED if page.asked["kind"] == "article"]
LISTINGS = [page for page in SAVED if page.asked["kind"] == "listing"]
BODY = '<div class="js-mediator-article"><p>An invented sentence.</p></div>'
STORY = f'<div class="content_margin"><div class="date_full">01 July 2024, 14:00</div><h1>Headline</h1>{BODY}</div>'


def named(page: SavedPage) -> str:
    return page.name


@pytest.mark.parametrize("page", SAVED, ids=named)
def test_page_gives_the_whole_record_beside_it(page: SavedPage) -> None:
    assert as_json(page.read()) == page.record


@pytest.mark.parametrize("page", ARTICLES, ids=named)
def test_article_is_recognised_by_the_era_of_its_name_alone(page: SavedPage) -> None:
    recognised = [era.name for era in BELTA.eras if era.recognises(page.document)]
    assert len(recognised) == 1
    assert page.name.startswith(f"{recognised[0]}-")


@pytest.mark.parametrize("page", LISTINGS, ids=named)
def test_listing_is_read_by_the_layout_of_its_name(page: SavedPage) -> None:
    assert page.name.startswith(f"{page.record['layout']}-")


@pytest.mark.parametrize("name", [era.name for era in BELTA.eras] + [layout.name for layout in BELTA.layouts])
def test_era_or_layout_has_a_saved_page(name: str) -> None:
    assert any(page.name.startswith(f"{name}-") for page in SAVED)


@pytest.mark.parametrize("found", BELTA.editions, ids=lambda found: found.name)
def test_edition_has_a_saved_page(found: object) -> None:
    assert any(edition(page.asked["edition"]) == found for page in SAVED)


@pytest.mark.parametrize("page", ARTICLES, ids=named)
def test_every_field_names_its_source(page: SavedPage) -> None:
    article = page.read()
    assert isinstance(article, Article)
    assert set(article.sources) == {field.name for field in fields(Article)} - {"sources"}


def test_saved_pages_and_records_are_pairs() -> None:
    pages = {path.name.removesuffix(".html.gz") for path in (PAGES / "belta").glob("*.html.gz")}
    assert pages == {page.name for page in SAVED}


def test_saved_pages_carry_no_time_of_compression() -> None:
    assert all(path.read_bytes()[4:8] == bytes(4) for path in (PAGES / "belta").glob("*.gz"))


@pytest.mark.parametrize("page", ARTICLES, ids=named)
def test_article_is_the_same_from_a_mirror(page: SavedPage) -> None:
    mirror, host = "http://127.0.0.1:8100", edition(page.asked["edition"]).host
    base = page.asked["base_url"] or mirror
    path = page.record["url"].removeprefix(f"https://{host}")
    moved = replace(page, asked={**page.asked, "url": base + path, "base_url": base})
    assert as_json(moved.read())["photos"] == page.record["photos"]
    assert as_json(moved.read())["url"] == page.record["url"]


def test_demo_agency_reads_the_same_layouts_under_its_own_name() -> None:
    url = "https://demo.example/society/view/an-invented-story-160001-2024/"
    article = read_article(STORY, url=url, edition_name="demo")
    assert (article.era, article.url, article.edition) == ("demo/2018-paragraphs", url, "demo")


def test_first_listing_page_has_no_number() -> None:
    assert [BELTA.listing_path(page) for page in (1, 2, 87)] == [
        "/all_news/",
        "/all_news/page/2/",
        "/all_news/page/87/",
    ]


def test_editions_are_named_one_by_one_or_by_their_site() -> None:
    assert [found.name for found in editions_named("belta-rus,belta-eng")] == ["belta-rus", "belta-eng"]
    assert editions_named("belta") == BELTA.editions
    assert editions_named(" belta-eng , belta ")[0].name == "belta-eng"
    assert len(editions_named("belta,belta-eng")) == len(BELTA.editions)


@pytest.mark.parametrize(
    ("asked", "hint"), [("belta-egn", "belta-eng"), ("belta-rsu", "belta-rus"), ("Belta", "belta")]
)
def test_misspelt_edition_is_refused_with_a_suggestion(asked: str, hint: str) -> None:
    with pytest.raises(
        ArgumentError, match=f"Did you mean {hint}\\? Known are belta, demo, .* and [0-9]+ more \\(`dateline sites`"
    ):
        editions_named(asked)


@pytest.mark.parametrize("asked", ["", " , ", "belta-eng,nonsense"])
def test_argument_without_a_known_edition_is_refused(asked: str) -> None:
    with pytest.raises(ArgumentError, match="nown are belta, demo, "):
        editions_named(asked)


def test_name_of_a_site_is_no_edition() -> None:
    with pytest.raises(ArgumentError, match="belta-eng"):
        site_of("belta")


def test_no_two_editions_share_a_name_or_a_host() -> None:
    editions = [found for site in BUILT_IN for found in site.editions]
    assert len({found.name for found in editions}) == len(editions)
    hosts = [host for found in editions for host in (found.host, *found.aliases)]
    assert len(set(hosts)) == len(hosts)


HOME = '<div class="fp_r_title"><a href="/society/view/x-1-2024/">X</a></div><div class="rubricNews_item"></div>'
LIST = '<div id="inner"><div class="news_item"><a href="/society/view/x-1-2024/">X</a></div></div>'


@pytest.mark.parametrize("main", [HOME, LIST, LIST.replace("news_item", "news_item lenta_item")])
def test_front_page_or_listing_in_an_articles_place_is_no_article(main: str) -> None:
    with pytest.raises(NotAnArticle, match=KEY):
        read_article(main)


@pytest.mark.parametrize("front", ["/", "https://eng.belta.by", "https://eng.belta.by/all_news/"])
def test_page_that_calls_itself_the_front_page_is_no_article(front: str) -> None:
    with pytest.raises(NotAnArticle):
        read_article("<h1>Welcome</h1>", head=f'<link rel="canonical" href="{front}">')


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://eng.belta.by/society/view/other-160002-2024/">',
        '<link rel="canonical" href="/society/view/other-160002-2024">',
        '<meta property="og:url" content="http://m.eng.belta.by/society/view/x-160001-2023/">',
    ],
)
def test_page_that_names_another_article_is_not_this_one(head: str) -> None:
    with pytest.raises(NotAnArticle, match=rf"in the place of {KEY}"):
        read_article(STORY, head=head)


def test_answer_from_another_articles_address_is_not_this_one() -> None:
    with pytest.raises(NotAnArticle, match="160009-2024"):
        read_article(STORY, url=ADDRESS.replace("160001", "160009"))


def test_copy_from_an_untold_mirror_is_known_by_its_path() -> None:
    mirror = ADDRESS.replace("https://eng.belta.by", "http://127.0.0.1:8100")
    assert read_article(STORY, url=mirror).url == ADDRESS
    with pytest.raises(NotAnArticle):
        read_article(STORY, url=mirror.replace("160001", "160002"))


def test_answer_that_nothing_ties_to_the_article_is_not_this_one() -> None:
    with pytest.raises(NotAnArticle, match=KEY):
        read_article(STORY, url="https://eng.belta.by/in-head-before-date")


@pytest.mark.parametrize("own", ["", "https://eng.belta.by/", "https://other.example/society/view/x-7-2024/"])
def test_article_with_a_careless_canonical_address_is_read(own: str) -> None:
    assert read_article(STORY, head=f'<link rel="canonical" href="{own}">').url == ADDRESS


def test_mobile_copy_names_its_own_article() -> None:
    mobile = ADDRESS.replace("https://eng", "http://m.eng")
    assert read_article(STORY, head=f'<link rel="canonical" href="{ADDRESS}">', url=mobile).url == ADDRESS


@pytest.mark.parametrize(
    "main",
    [
        "<p>Just a moment...</p>",
        "<script>challenge()</script>",
        '<div class="content_margin"><h1>Headline</h1><div class="story2027">Words.</div></div>',
        '<div class="content_margin"><div class="story2027">Words.</div><a href="/x/view/y-9-2024/">Next</a></div>',
        '<div class="text">A banner with a common name</div>',
    ],
)
def test_unknown_markup_is_unrecognised_and_not_taken_for_a_front_page(main: str) -> None:
    with pytest.raises(UnrecognisedPage, match=r"^belta: no era.*https://eng\.belta\.by"):
        read_article(main)


def test_unknown_dress_of_an_article_that_names_itself_is_unrecognised_even_beside_a_list() -> None:
    with pytest.raises(UnrecognisedPage):
        read_article(LIST.replace("news_item", "lenta_item"), head=f'<meta property="og:url" content="{ADDRESS}">')


@pytest.mark.parametrize(
    ("main", "field", "said"),
    [
        (BODY, "headline", "expected one h1"),
        (f"<h1>One</h1><h1>Two</h1>{BODY}", "headline", "expected one h1, found 2"),
        (f"<h1>{'x' * 1001}</h1>{BODY}", "headline", "1001 characters"),
        ('<h1>One</h1><div class="js-mediator-article"> </div>', "paragraphs", "no words"),
        (f"<h1>One</h1>{BODY}{BODY}", "paragraphs", "expected one div.js-mediator-article, found 2"),
    ],
)
def test_required_field_that_cannot_be_read_is_named(main: str, field: str, said: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_article(f"<div>{main}</div>")
    error = caught.value
    assert error.field == field
    assert said in str(error)
    assert (error.site, error.url) == ("belta", ADDRESS)
    assert str(error).startswith(f"belta/{error.era}: {field}: ")


def test_several_headlines_are_settled_by_the_page_itself() -> None:
    article = read_article(
        f"<div><h1>One</h1><h1>Two</h1>{BODY}</div>", head='<meta property="og:title" content="Two | BelTA">'
    )
    assert (article.headline, article.sources["headline"]) == ("Two", "meta og:title")
