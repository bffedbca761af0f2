"""The fields of an article: which rule gives them, and what must not be taken for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import FAILED, NOT_ON_PAGE
from crawler.sites.belta.datelines import read_dateline
from crawler.sites.belta.furniture import is_slogan, without_site_name
from tests.saved_pages import picture, read_article, read_story

# When it was published


@pytest.mark.parametrize(
    "date",
    [
        '<div class="date_full">01 July 2024, 14:00</div>',
        '<div class="date_full">1\u00a0July\u00a02024,\u00a014:00</div>',
        '<div class="date_full">\n   01 July 2024,\n 14:00 </div>',
        '<div class="date_full"><span>01 July 2024</span>, <b>14:00</b></div>',
        '<section class="big date_full">01 July 2024, 14:00</section>',
    ],
)
def test_printed_time_is_minsk_time(date: str) -> None:
    article = read_story(date=date)
    assert article.published_at == datetime(2024, 7, 1, 11, tzinfo=UTC)
    assert article.published_printed is not None
    assert article.published_printed.endswith("July 2024, 14:00")
    assert article.sources["published_at"] == "div.date_full"


TIMES = (
    '<meta property="article:published_time" content="2024-07-01 14:00:00">'
    '<meta name="mediator_published_time" content="2024-07-01T15:00:00+00:00">'
)


@pytest.mark.parametrize("date", ["", '<div class="date_full"> </div>', '<div class="date_full">Today</div>'])
def test_page_without_a_readable_date_is_dated_by_its_head(date: str) -> None:
    article = read_story(date=date, head=TIMES)
    assert (article.published_printed, article.published_at) == (
        "2024-07-01 14:00:00",
        datetime(2024, 7, 1, 11, tzinfo=UTC),
    )
    assert article.sources["published_at"] == "meta article:published_time"


def test_offset_of_the_mediator_tag_is_false_and_ignored() -> None:
    head = '<meta name="mediator_published_time" content="2024-07-01T14:00:00+00:00">'
    article = read_story(date="", head=head)
    assert article.published_at == datetime(2024, 7, 1, 11, tzinfo=UTC)
    assert article.sources["published_printed"] == "meta mediator_published_time"


def test_dates_around_the_article_do_not_date_it() -> None:
    header = '<div class="header_date">Tuesday, 2 June 2026</div><div class="date">2 June 2026, 10:10</div>'
    article = read_article(
        f'{header}<h1>Headline</h1><div class="js-mediator-article"><p>On 1 May 2020, 10:00.</p></div>'
    )
    assert (article.published_at, article.published_printed) == (None, None)
    assert article.sources["published_at"] == article.sources["published_printed"] == NOT_ON_PAGE


def test_date_that_cannot_be_read_is_kept_as_printed_and_said_to_have_failed() -> None:
    article = read_story(date='<div class="date_full">the day before</div>')
    assert (article.published_at, article.published_printed) == (None, "the day before")
    assert article.sources["published_at"] == f"{FAILED}div.date_full is no time"


def test_two_dates_are_settled_by_the_head_or_not_at_all() -> None:
    twice = '<div class="date_full">01 July 2024, 14:00</div>' * 2
    assert read_story(date=twice, head=TIMES).sources["published_at"] == "meta article:published_time"
    article = read_story(date=twice)
    assert article.published_at is None
    assert article.sources["published_at"] == f"{FAILED}expected one div.date_full, found 2"


def test_date_of_a_neighbour_outside_the_article_does_not_matter() -> None:
    beside = '<div class="else"><div class="date_full">02 July 2024, 14:00</div></div>'
    main = (
        '<div class="date_full">01 July 2024, 14:00</div><h1>Headline</h1><div class="js-mediator-article">Words</div>'
    )
    article = read_article(f'<div class="content_margin">{main}</div>{beside}')
    assert article.published_at == datetime(2024, 7, 1, 11, tzinfo=UTC)


def test_time_of_the_last_change_is_read_and_its_absence_said() -> None:
    head = '<meta property="article:modified_time" content="2024-07-01 15:30:10">'
    assert read_story(head=head).modified_at == datetime(2024, 7, 1, 12, 30, 10, tzinfo=UTC)
    assert read_story().sources["modified_at"] == NOT_ON_PAGE


# What it says


def test_caption_is_no_paragraph_where_it_stands_right_before_the_dateline() -> None:
    shown = picture('<picture><img src="/images/storage/a.jpg" alt="A mill. An archive photo"></picture>')
    for opening in (
        "A mill. An archive photoMINSK, 1 July (BelTA) – Words.",
        "<div>A mill. An archive photo</div>MINSK, 1 July (BelTA) – Words.",
        "A mill. An archive photo <br>MINSK, 1 July (BelTA) – Words.",
        "<p>A mill. An archive photo MINSK, 1 July (BelTA) – Words.</p>",
    ):
        article = read_story(opening, above=shown)
        assert article.paragraphs == ("MINSK, 1 July (BelTA) – Words.",)
        assert (article.dateline, article.credit) == ("MINSK, 1 July", "BelTA")


def test_paragraph_that_only_begins_like_a_caption_is_whole() -> None:
    shown = picture('<img src="/images/storage/a.jpg" alt="A mill">')
    assert read_story("<p>A mill has burnt down.</p>", above=shown).paragraphs == ("A mill has burnt down.",)


def test_headline_at_the_top_of_the_body_is_no_paragraph() -> None:
    assert read_story("<p>Headline</p><p>Words.</p><p>Headline</p>").paragraphs == ("Words.", "Headline")


def test_block_that_holds_the_whole_article_gives_the_words_alone() -> None:
    inner = (
        '<a class="rubric">Society</a><div class="date_full">01 July 2024, 14:00</div><h1>Headline</h1><p>Words.</p>'
    )
    article = read_article(f'<div class="inner_content"><div class="date_full">01 July 2024, 14:00</div>{inner}</div>')
    assert article.paragraphs == ("Words.",)
    assert article.headline == "Headline"


def test_refrain_is_printed_as_often_as_the_agency_prints_it() -> None:
    assert read_story("<p>Refrain.</p><p>Verse.</p><p>Refrain.</p>").paragraphs == ("Refrain.", "Verse.", "Refrain.")


def test_empty_second_body_block_does_not_hide_the_first() -> None:
    body = '<div class="js-mediator-article"></div>'
    article = read_article(f'<div><h1>Headline</h1><div class="js-mediator-article"><p>Words.</p></div>{body}</div>')
    assert article.paragraphs == ("Words.",)


def test_photo_report_without_words_has_no_paragraphs_and_says_so() -> None:
    article = read_story("", above=picture('<img src="/images/storage/a.jpg" alt="One">'))
    assert (article.paragraphs, article.sources["paragraphs"]) == ((), NOT_ON_PAGE)


# The lead


@pytest.mark.parametrize(
    ("description", "lead"),
    [
        ("A goat learns to row on an invented river.", "A goat learns to row on an invented river."),
        ("  A goat&nbsp;rows.  ", "A goat rows."),
        ("Headline", None),
        ("HEADLINE | BelTA", None),
        ("", None),
        ("Belarusian Telegraph Agency BelTA: news, photos, video", None),
        ("News from Belarus", None),
        ("Последние новости Беларуси - БЕЛТА", None),
        ("Read more at belta.by", None),
        ("Belarus reads the news in a goat's eyes.", "Belarus reads the news in a goat's eyes."),
    ],
)
def test_lead_is_a_description_of_the_story_alone(description: str, lead: str | None) -> None:
    for name in ('name="description"', 'property="og:description"'):
        article = read_story(head=f'<meta {name} content="{description}">')
        assert article.lead == lead
        assert (article.sources["lead"] == NOT_ON_PAGE) is (lead is None)


def test_slogan_is_passed_over_for_a_real_lead() -> None:
    head = '<meta name="description" content="belta.by"><meta property="og:description" content="A goat rows.">'
    article = read_story(head=head)
    assert (article.lead, article.sources["lead"]) == ("A goat rows.", "meta og:description")


@pytest.mark.parametrize(
    "title", ["Rain in Brest | BelTA", "Rain in Brest - Новости БЕЛТА", "Rain in Brest – BelTA, Minsk"]
)
def test_site_name_is_no_part_of_a_title(title: str) -> None:
    assert without_site_name(title) == "Rain in Brest"


def test_title_with_a_dash_of_its_own_is_whole() -> None:
    assert without_site_name("Minsk - Brest train to run - again") == "Minsk - Brest train to run - again"
    assert not is_slogan("The news reached Belarus late.")


# Dateline, tags, label, author


@pytest.mark.parametrize(
    ("language", "opening", "expected"),
    [
        ("en", "MINSK, 27 June (BelTA) – Rain.", ("MINSK, 27 June", "BelTA")),
        ("en", "MINSK, 27 June (BelTA) - Rain.", ("MINSK, 27 June", "BelTA")),
        ("en", "MINSK, 27 June (BelTA). Rain.", ("MINSK, 27 June", "BelTA")),
        ("en", "MINSK, 27 June(BelTA) –Rain.", ("MINSK, 27 June", "BelTA")),
        ("en", "UPDATE 1 - MINSK, 27 June (BelTA) – Rain.", ("MINSK, 27 June", "BelTA")),
        ("en", "BREST / GOMEL, 5 May (BelTA) – Rain.", ("BREST / GOMEL, 5 May", "BelTA")),
        ("de", "MINSK, 25. Februar (BelTA) – Regen.", ("MINSK, 25. Februar", "BelTA")),
        ("de", "ST. PETERSBURG, 21. Dezember (BelTA) -Am Anfang", ("ST. PETERSBURG, 21. Dezember", "BelTA")),
        ("es", "VÍTEBSK, 2 sep (BelTA). – Lluvia.", ("VÍTEBSK, 2 sep", "BelTA")),
        ("pl", "MIŃSK, 3 listopada (BelTA) – Deszcz.", ("MIŃSK, 3 listopada", "BelTA")),
        ("pl", "MIŃSK (BelTA) – Deszcz.", ("MIŃSK", "BelTA")),
        ("ru", "17 декабря, Минск /Корр. БЕЛТА/. Дождь.", ("17 декабря, Минск", "Корр. БЕЛТА")),
        ("ru", "Минск /Корр. БЕЛТА/. Дождь.", ("Минск", "Корр. БЕЛТА")),
        ("be", "17 снежня, Мінск /Кар. БЕЛТА/. Дождж.", ("17 снежня, Мінск", "Кар. БЕЛТА")),
        ("en", "The President's Week in review.", None),
        ("en", "The agency (BelTA) said it would rain.", None),
        ("en", "It rained, the agency told (BelTA).", None),
        ("en", "MINSK, 27 June (Xinhua) – Rain.", None),
        ("ru", "Об этом вчера сообщил корреспондент агентства /Корр. БЕЛТА/.", None),
        ("ru", "Дождь, сообщает БЕЛТА.", None),
        ("zh", "虚构的代表团今天参观了茶园。", None),
        ("en", "", None),
    ],
)
def test_dateline_is_read_per_edition(language: str, opening: str, expected: tuple[str, str] | None) -> None:
    assert read_dateline(opening, language) == expected


@given(st.text(alphabet=st.sampled_from("MINSK, 27 June(BelTA)/–.\n"), max_size=300), st.sampled_from(["en", "ru"]))
@settings(max_examples=150)
def test_any_opening_has_a_dateline_inside_it_or_none(text: str, language: str) -> None:
    found = read_dateline(text, language)
    if found is not None:
        dateline, credit = found
        assert dateline
        assert "BelTA" in credit or "БЕЛТА" in credit
        assert text.replace("\n", " ").find(dateline) >= 0


def test_tags_are_titles_or_texts_and_an_empty_block_is_not_an_absent_one() -> None:
    block = '<div class="news_tags_block">Tags: <a title="Goats">#goats</a><a>Boats</a><a title="Goats">again</a></div>'
    assert read_story(f"<p>Words.</p>{block}").tags == ("Goats", "Boats")
    empty = read_story('<p>Words.</p><div class="news_tags_block"></div>')
    assert (empty.tags, empty.sources["tags"]) == ((), "div.news_tags_block a")
    assert read_story().sources["tags"] == NOT_ON_PAGE


def test_label_is_the_rubric_link_and_never_a_headline() -> None:
    assert read_story(date='<a class="rubric" href="/society/"> Society </a>').rubric_label == "Society"
    assert read_story(date='<div><a class="big rubric">Society</a></div>').rubric_label == "Society"
    assert read_story(date='<a href="/society/">Society</a>').sources["rubric_label"] == "container > a"
    assert read_story(above=f'<a href="/x/view/y-9-2024/">{"A long headline " * 5}</a>').rubric_label is None
    assert read_story(above='<div class="right_col"><a class="rubric">Sport</a></div>').rubric_label is None


def test_author_of_a_column_is_read_from_title_or_text() -> None:
    assert read_story(above='<div class="person_fio" title="Ann Invented">Ann I.</div>').author == "Ann Invented"
    assert read_story(above='<div class="person_fio">Ann Invented</div>').author == "Ann Invented"
    assert read_story().author is None
