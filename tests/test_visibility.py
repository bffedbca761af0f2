"""Text as a browser shows it: what is hidden is no text, and what an element means is written out."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.html.text import paragraphs_of
from tests.saved_pages import picture, read_article, read_story

HIDES = [
    'style="display:none"',
    'style="color:red; display: none;"',
    'style="DISPLAY:NONE !important"',
    'style="display:block;display:none"',
    'style="display:none !important;display:block"',
    'style="/* a;b */display/* c */:/* d */none"',
    'style="visibility:hidden"',
    'style="margin:0;visibility: collapse"',
    "hidden",
    'hidden=""',
    'hidden="until-found"',
    'hidden style="color:red"',
    'style="display:none;display:anything"',
    'style="opacity:0"',
    'style="opacity: 0.0 !important"',
    'style="font-size:0"',
    'style="font: 0/0 a"',
    'style="FONT-SIZE : 0px"',
    'style="content-visibility:hidden"',
    'style="position:absolute;left:-9999px"',
    'style="position:absolute; clip: rect(0, 0, 0, 0); width:1px"',
    'style="clip-path:inset(50%)"',
    'style="text-indent:-999em"',
    'style="transform:scale(0)"',
    'style="max-height:0;overflow:hidden"',
]
SHOWS = [
    'style="display:block"',
    'style="display:none;display:block"',
    'style="visibility:visible"',
    'style="background:url(display:none)"',
    'style="/*display:none*/"',
    'style="x-display:none"',
    'style="overflow:hidden"',
    'style="height:0"',
    'style="opacity:0.5"',
    'style="font-size:0.8em"',
    'style="left:-9999px"',
    'style="text-indent:-1em"',
    'style="display:anything"',
    'hidden style="display:block"',
    'aria-hidden="true"',
    'class="hidden"',
    'data-hidden="1"',
]


@pytest.mark.parametrize("hides", HIDES)
@pytest.mark.parametrize("tag", ["p", "div", "span", "b", "section", "ul", "a", "blockquote"])
def test_what_an_element_hides_is_no_text(hides: str, tag: str) -> None:
    hidden = f"<{tag} {hides}>Draft <i>of the</i> editor.</{tag}>"
    assert " ".join(read_story(f"<div>One. {hidden} Two.</div>").paragraphs) == "One. Two."
    assert " ".join(read_story(f"{hidden}<p>One.</p>{hidden}<p>Two.</p>{hidden}").paragraphs) == "One. Two."
    assert read_story(f"<p>One <b>wo{hidden if tag in {'span', 'b'} else ''}rd</b>.</p>").paragraphs == ("One word.",)


@pytest.mark.parametrize("shows", SHOWS)
@pytest.mark.parametrize("tag", ["p", "div", "span", "b"])
def test_what_a_browser_shows_is_text(shows: str, tag: str) -> None:
    assert " ".join(read_story(f"<p>One.</p><{tag} {shows}>Two.</{tag}><p>Three.</p>").paragraphs) == "One. Two. Three."


@pytest.mark.parametrize(
    "tag", ["script", "style", "template", "noscript", "iframe", "noembed", "noframes", "datalist", "dialog", "select"]
)
def test_elements_that_no_reader_sees_are_no_text(tag: str) -> None:
    assert " ".join(paragraphs_of(f"<div>One. <{tag}>unseen</{tag}> Two.</div>")) == "One. Two."


def test_open_dialog_is_text() -> None:
    assert paragraphs_of("One.<dialog open>Two.</dialog>Three.") == ("One.", "Two.", "Three.")


@pytest.mark.parametrize("hides", HIDES)
def test_hidden_words_are_in_no_field(hides: str) -> None:
    draft = f"<span {hides}>draft</span>"
    article = read_article(
        f'<div class="content_margin"><a class="rubric">Soc{draft}iety</a>'
        f'<div class="date_full">{draft}01 July 2024, 14:00</div><h1>Head{draft}line</h1>'
        + picture(f'<img src="/images/storage/a.jpg"><i>A {draft}mill</i>')
        + f'<div class="js-mediator-article"><p>Words.</p></div><i class="tag_item">mi{draft}lls</i></div>'
    )
    assert (article.headline, article.published_printed) == ("Headline", "01 July 2024, 14:00")
    assert (article.rubric_label, article.tags, article.photos[0].caption) == ("Society", ("mills",), "A mill")


def test_headline_in_two_lines_is_not_glued() -> None:
    article = read_article(
        '<h1>Ferry<br>sails<span> at</span><div>night</div></h1><div class="js-mediator-article">Words'
    )
    assert article.headline == "Ferry sails at night"


@given(st.text(alphabet="displaynonevisibilityhidden:;!*/ ()'", max_size=60))
@settings(max_examples=100)
def test_any_style_is_read(style: str) -> None:
    found = paragraphs_of(f'<p style="{style}">Words.</p>')
    assert found in {(), ("Words.",)}


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("He said <q>so</q>.", ("He said “so”.",)),
        ("He said <q>we read <q>The Fog</q> twice</q>.", ("He said “we read ‘The Fog’ twice”.",)),
        ("<q>a <q>b <q>c</q></q></q>", ("“a ‘b “c”’”",)),
        ('<div lang="ru">Он: <q>да, <q>Туман</q></q></div>', ("Он: «да, „Туман“»",)),
        ('<div lang="de-AT"><p><q>ja</q></p></div>', ("„ja“",)),
        ('<div lang="ru"><q lang="en">yes</q></div>', ("“yes”",)),
        ("<q>One<p>two</p></q>three", ("“One", "two", "”three")),
        ("10<sup>6</sup> tonnes", ("10⁶ tonnes",)),
        ("10<sup>-3</sup>", ("10⁻³",)),
        ("grew by 25<sup>12</sup> boats", ("grew by 25¹² boats",)),
        ("by 25<sup><a href='#n'>12</a></sup> boats", ("by 25¹² boats",)),
        ("H<sub>2</sub>O, 5 m<sup>2</sup>", ("H₂O, 5 m²",)),
        ("the 1<sup>st</sup> and M<sup>me</sup>", ("the 1st and Mme",)),
        ("<ruby>茶<rp>(</rp><rt>cha</rt><rp>)</rp></ruby>", ("茶(cha)",)),
        ("<pre>1. Brest   12\n2. Gomel    9\n\n3. Grodno   7\n</pre>", ("1. Brest 12\n2. Gomel 9", "3. Grodno 7")),
        ("a\n<pre>b\r\nc<b>d\ne</b></pre>\nf\ng", ("a", "b\ncd\ne", "f g")),
        ("<div style='white-space: pre-wrap'>a\nb</div>c\nd", ("a\nb", "c d")),
        ("<span style='display:block'>One.</span><span style='display:flex'>Two.</span>", ("One.", "Two.")),
        ("One <div style='display:inline'>two</div> three", ("One two three",)),
        ("One<p style='display:inline-block'>two</p>", ("Onetwo",)),
        ("<table><tr><td><p>Brest</p></td><td><p>12</p></td></tr></table>", ("Brest 12",)),
        ("<table><tr><td>Brest<br>city<td><div>12</div><div>13</div></table>", ("Brest city 12 13",)),
        ("<table><tr><th><h3>Town</h3><td><ul><li>a<li>b</ul></table>", ("Town a b",)),
        ("<table><caption>Rain</caption><tr><td>a<td><p>b</p></table>c", ("Rain", "a b", "c")),
        ("<table><tr><td><p>One.</p><p>Two.</p></td></tr></table>", ("One.", "Two.")),
        ("<table><tr><td>a<td><table><tr><td>b<td><p>c</p></table></table>d", ("a b c", "d")),
    ],
)
def test_what_an_element_means_is_written_out(fragment: str, expected: Sequence[str]) -> None:
    assert paragraphs_of(fragment) == expected


@pytest.mark.parametrize("veil", ["visibility:hidden", "font-size:0"])
def test_part_that_is_shown_again_is_read_without_the_rest(veil: str) -> None:
    seen = f"{veil.partition(':')[0]}:{'visible' if veil.startswith('v') else '1rem'}"
    part = f'<div style="{veil}">Draft <q>of</q> it.<p style="{seen}">Two.</p>More</div>'
    assert read_story(f"<p>One.</p>{part}<p>Three.</p>").paragraphs == ("One.", "Two.", "Three.")


def test_picture_that_is_faded_in_or_stands_without_letters_is_a_photo_and_a_hidden_caption_is_none() -> None:
    image = '<img src="/images/storage/a.jpg" {}>'
    faded = f'<figure style="font-size:0">{image.format("style=opacity:0")}</figure>'
    labelled = f"<figure>{image.format('')}<figcaption hidden>Draft</figcaption></figure>"
    for markup in (faded, labelled):
        article = read_story(f"<p>One.</p>{markup}")
        assert [(photo.url.rpartition("/")[2], photo.caption) for photo in article.photos] == [("a.jpg", None)]
        assert article.paragraphs == ("One.",)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("<p>x<sup>n</sup>, a<sub>i</sub>, 30<sup>o</sup>C, CO<sub>x</sub>", "xⁿ, aᵢ, 30ºC, COₓ"),
        ("<p>n<sup>о</sup> 5, 1<sup>a</sup>, 1<sup>st</sup>", "nº 5, 1ª, 1st"),
        ('<p>10<span style="vertical-align:super">6</span> H<i style="vertical-align: sub">2</i>O', "10⁶ H₂O"),
    ],
)
def test_raised_letter_that_stands_alone_does_not_melt_into_the_word(fragment: str, expected: str) -> None:
    assert paragraphs_of(fragment) == (expected,)


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("<table><tr><td><p>One.</p><p>Two.</p></td><td> <img src=a.jpg></td></tr></table>", ("One.", "Two.")),
        ("<table><tr><td><pre>a\nb</pre></td><td>c</td></tr></table>", ("a b c",)),
        ('<div><div style="display:table-cell">a</div><div style="display:table-cell">b</div></div>', ("a b",)),
    ],
)
def test_row_is_one_line_where_it_has_words_side_by_side(fragment: str, expected: Sequence[str]) -> None:
    assert paragraphs_of(fragment) == expected


MEDAL = '<img class="emoji" alt="🏅" src="https://s.w.org/images/core/emoji/72x72/1f3c5.png">'


@pytest.mark.parametrize(
    ("image", "character"),
    [
        (MEDAL, "🏅"),
        ('<img class="emojione" alt="🥇" title=":medal:" src="https://cdn.example/emoji/1f947.png">', "🥇"),
        ('<img alt="👩🏽‍🌾" src="/x.png">', "👩🏽‍🌾"),
        ('<img alt="🇧🇾" src="/images/storage/x.png">', "🇧🇾"),
        ('<img alt="1️⃣" src="/x.png">', "1️⃣"),
        ('<img alt="❤️" src="/x.png">', "❤️"),
        ('<img class="smiley" alt=":)" src="/s/1.gif">', ":)"),
        ('<img class="twemoji" alt=":medal:" src="/a/1f3c5.svg">', "🏅"),
        ('<img alt="‼️" src="/x.png">', "‼️"),
        ('<img data-emoji="🏅" src="/x.png">', "🏅"),
        ('<img src="https://static.example/images/emoji.php/v9/t4/1/16/1f3c5.png">', "🏅"),
        ('<img class="joypixels" src="/assets/png/64/1f3c5.png">', "🏅"),
        ('<img alt="flag" src="https://abs.example/emoji/v2/svg/1f1e7-1f1fe.svg">', "🇧🇾"),
    ],
)
def test_picture_of_a_character_is_that_character(image: str, character: str) -> None:
    article = read_story(f"<p>The team won {image} gold.</p>")
    assert (article.paragraphs, article.photos) == ((f"The team won {character} gold.",), ())


@pytest.mark.parametrize("alt", ["Gold", "Золото", "金牌", "5", "", "+", "№ 5", "🏅 Gold"])
def test_picture_with_words_is_no_character(alt: str) -> None:
    article = read_story(f'<p>Words <img alt="{alt}" src="/images/storage/a.jpg"> end.</p>')
    assert (article.paragraphs, len(article.photos)) == (("Words end.",), 1)


@pytest.mark.parametrize(
    "image",
    [
        '<img alt="📷" src="/images/storage/news/with_archive/2026/a.png">',
        '<img alt="📷" src="/images/storage/a.jpg?r=1">',
        '<img alt="📷" src="/images/storage/a.png" width="900">',
        '<img class="photo-emoji-festival" alt="A festival" src="/upload/a.jpg">',
        '<img alt="A sign" src="/upload/emoji/a.jpeg">',
    ],
)
def test_photograph_is_no_character_whatever_its_alternative_text(image: str) -> None:
    article = read_story(f"<p>Words {image} end.</p>")
    assert (article.paragraphs, len(article.photos)) == (("Words end.",), 1)


LINK = '<a href="https://example.org/list" rel="nofollow noopener">the list of 42 winners</a>'


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            f"<p>The council published {LINK} on Monday.</p>",
            ("The council published the list of 42 winners on Monday.",),
        ),
        (f"<p>They published {LINK}.</p>", ("They published the list of 42 winners.",)),
        (f"<p>They published {LINK}</p>", ("They published the list of 42 winners",)),
        (f"<p>{LINK} is out.</p>", ("the list of 42 winners is out.",)),
        (f"<p>See <b>{LINK}</b>, it is long.</p>", ("See the list of 42 winners, it is long.",)),
        (f"They<br>published {LINK}<br>today", ("They\npublished the list of 42 winners\ntoday",)),
        ('<p>It met. <a rel="nofollow">It chose 42 winners.</a></p>', ("It met. It chose 42 winners.",)),
        (f"<p>It met.</p><p>{LINK}</p>", ("It met.",)),
        (f"<p>It met. {LINK}</p>", ("It met.",)),
        (f"<p>It cost 5 m. {LINK}</p>", ("It cost 5 m. the list of 42 winners",)),
        (f"<p>They read<br>{LINK}</p>", ("They read\nthe list of 42 winners",)),
        (f"<table><tr><td>12.</td><td>{LINK}</td></tr></table>", ("12. the list of 42 winners",)),
        (f"<p>It met.</p><div>{LINK} | {LINK}</div>", ("It met.",)),
        ('<p>It met.</p><a rel="nofollow"><div>Buy</div><div>now</div></a><p>End.</p>', ("It met.", "End.")),
    ],
)
def test_linked_words_of_a_sentence_stay_and_a_link_alone_goes(markup: str, expected: Sequence[str]) -> None:
    assert read_story(markup).paragraphs == expected


@pytest.mark.parametrize(
    "box",
    [
        "<aside><p>In figures: 12 ferries, 340 crew.</p></aside>",
        "<aside>In figures: 12 ferries, 340 crew.</aside>",
        '<aside>In figures: 12 <a href="/ferries/">ferries</a>, 340 crew.</aside>',
        "<div><aside><div>In figures: 12 ferries, 340 crew.</div></aside></div>",
        "<blockquote><footer>In figures: 12 ferries, 340 crew.</footer></blockquote>",
        "<blockquote><div><div><div><footer>In figures: 12 ferries, 340 crew.</footer></div></div></div></blockquote>",
        "<footer><p>In figures: 12 ferries, 340 crew.</p></footer>",
        "<nav>In figures: 12 ferries, 340 crew.</nav>",
    ],
)
def test_box_of_sentences_is_part_of_the_story(box: str) -> None:
    article = read_story(f"<p>The fleet grows.</p>{box}<p>The end.</p>")
    assert article.paragraphs == ("The fleet grows.", "In figures: 12 ferries, 340 crew.", "The end.")


@pytest.mark.parametrize(
    "box",
    [
        '<aside><h3>Read also</h3><a href="/x/view/y-1-2024/">A ferry sinks in the harbour</a></aside>',
        '<aside>Follow us on: <a href="#">Telegram</a> <a href="#">X</a></aside>',
        '<aside><ul><li><a href="/x/">One story</a><li><a href="/y/"><b>Another</b> story</a></ul></aside>',
        "<nav>Contents</nav>",
        "<footer>Share</footer>",
        "<footer>© An agency. All rights are reserved.</footer>",
        '<footer><a href="/x/">A ferry sinks in the harbour.</a></footer>',
    ],
)
def test_box_of_links_is_no_part_of_the_story(box: str) -> None:
    assert read_story(f"<p>The fleet grows.</p>{box}<p>The end.</p>").paragraphs == ("The fleet grows.", "The end.")


@pytest.mark.parametrize("tag", ["aside", "footer"])
def test_boxes_within_boxes_take_no_time(tag: str) -> None:
    started = time.process_time()
    article = read_story(f"<p>The fleet grows.</p>{f'<{tag}>' * 180}{'<b>It is so. </b>' * 20_000}")
    assert len(article.text) > 100_000
    assert time.process_time() - started < 3


def test_author_of_a_quotation_is_part_of_the_story() -> None:
    quotation = "<blockquote><p>It sails.</p><footer>— Ann Invented, <cite>captain</cite></footer></blockquote>"
    figure = "<figure><blockquote>It sails.</blockquote><figcaption>— Ann Invented, captain</figcaption></figure>"
    for markup in (quotation, figure):
        assert read_story(markup).paragraphs == ("It sails.", "— Ann Invented, captain")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ('One.<div>Two.</div><div class="clear"></div><div>Share</div>', ("One.", "Two.")),
        ('<p>One.</p><p>Two.</p><div class="a clear"> &nbsp; </div>Share<p>Print</p>', ("One.", "Two.")),
        ('<div><p>One.</p><div class="clear"></div>Share</div><p>Two.</p>', ("One.", "Two.")),
        ('<div class="clear"></div><p>One.</p><p>Two.</p><div class="clear"></div>Share', ("One.", "Two.")),
        ('<div class="main_img"><i>Caption</i></div><div class="clear"></div><p>One.</p><p>Two.</p>', ("One.", "Two.")),
        ('<p>One.</p><div class="clear">Two.</div>', ("One.", "Two.")),
        ('<p>One.</p><div class="clearly"></div><p>Two.</p>', ("One.", "Two.")),
        ('<p>One.</p><br class="clear"><p>Two.</p>', ("One.", "Two.")),
    ],
)
def test_story_ends_where_the_floats_are_cleared_behind_its_words(markup: str, expected: Sequence[str]) -> None:
    assert read_story(markup).paragraphs == expected
