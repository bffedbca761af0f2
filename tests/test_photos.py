"""The pictures of an article: captions once, credits, canonical addresses, and no furniture."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import NOT_ON_PAGE, Article, Photo
from crawler.sites.extraction.page import once
from tests.saved_pages import picture, read_story


def only(article: Article) -> Photo:
    (found,) = article.photos
    return found


@pytest.mark.parametrize("name", ["main_img", "news_img_slide"])
@pytest.mark.parametrize(
    "inner",
    [
        '<img src="{}" alt="A mill by the river"><span>A mill by the river</span>',
        '<picture><source srcset="/x.webp"><img src="{}" alt="Else"></picture><div>A mill by the river</div>',
        '<img src="{}" alt=""><span>A mill by the river</span><span>A mill by the river</span>',
        '<span>A <b>mill</b>&nbsp;by the river</span><img src="{}">',
        '<div class="a"><div><img src="{}"></div><p>A mill <br>by the river</p></div>',
    ],
)
def test_caption_is_printed_once_however_often_the_page_has_it(name: str, inner: str) -> None:
    assert only(read_story(above=picture(inner.format("/images/storage/a.jpg"), name))).caption == "A mill by the river"


def test_caption_too_short_to_be_a_copy_of_itself_is_whole() -> None:
    inner = '<img src="/images/storage/a.jpg"><span>Bora</span><span>Bora</span>'
    assert only(read_story(above=picture(inner))).caption == "Bora Bora"


@pytest.mark.parametrize(
    "alt",
    ["", " ", "Headline", "A mill by the river", "photo", "Фото", "IMG_2041.jpg", "a.jpg", "Photo by Ann Invented"],
)
@pytest.mark.parametrize("name", ["alt", "title"])
@pytest.mark.parametrize("place", ["above", "in a figure", "in a paragraph"])
def test_alternative_text_is_no_caption_and_kept_apart(alt: str, name: str, place: str) -> None:
    image = f'<img src="/images/storage/a.jpg" {name}="{alt}">'
    inside = {"in a figure": f"<figure>{image}</figure>", "in a paragraph": f"<p>{image}</p>"}.get(place, "")
    article = read_story(f"<p>Words.</p>{inside}<p>End.</p>", above="" if inside else picture(image))
    found = only(article)
    assert (found.caption, found.credit, found.alt) == (None, None, alt.strip() or None)
    assert article.paragraphs == ("Words.", "End.")


def test_printed_caption_that_equals_the_alternative_text_is_the_printed_one() -> None:
    image = '<img src="/images/storage/a.jpg" alt="A mill">'
    for body, above in (
        (f"<figure>{image}<figcaption>A mill</figcaption></figure><p>Words.</p>", ""),
        (f"{image}<p>A mill</p><p>Words.</p>", ""),
        (f"<div>{image}<br>A mill<br><br>Words.</div>", ""),
        ("A mill<br>Words.", picture(image)),
        ("<p>A mill</p><p>A mill</p><p>Words.</p>", picture(f"{image}<span>A mill</span>")),
    ):
        article = read_story(body, above=above)
        assert article.paragraphs == ("Words.",)
        assert (only(article).caption, only(article).alt) == ("A mill", "A mill")


@pytest.mark.parametrize("caption", ["", "<figcaption>Harbour Arena</figcaption>"])
@pytest.mark.parametrize("tag", ["p", "li", "div", "h3", "blockquote"])
def test_line_of_the_story_that_equals_a_caption_stays_where_the_picture_is_far(caption: str, tag: str) -> None:
    figure = f'<figure><img src="/images/storage/a.jpg" alt="Harbour Arena">{caption}</figure>'
    halls = f"<{tag}>Harbour Arena</{tag}><{tag}>Lantern Arena</{tag}>"
    for body in (f"<p>One.</p>{figure}<p>Halls:</p>{halls}", f"<p>One.</p><p>Halls:</p>{halls}{figure}"):
        assert read_story(body).paragraphs == ("One.", "Halls:", "Harbour Arena", "Lantern Arena")


@pytest.mark.parametrize("halls", ["<ul><li>{}</li><li>{}</li></ul>", "<h3>{}</h3><p>{}</p>", "<dl><dt>{}<dd>{}</dl>"])
def test_heading_or_item_of_a_list_is_no_caption_of_the_picture_before_it(halls: str) -> None:
    figure = '<figure><img src="/images/storage/a.jpg" alt="Harbour Arena"></figure>'
    article = read_story(f"<p>One.</p>{figure}{halls.format('Harbour Arena', 'Lantern Arena')}")
    assert article.paragraphs == ("One.", "Harbour Arena", "Lantern Arena")
    assert only(article).caption is None


def test_caption_in_the_item_of_a_list_that_holds_its_picture_is_one() -> None:
    article = read_story('<ul><li><img src="/images/storage/a.jpg" alt="A mill"><p>A mill</p></li></ul><p>Words.</p>')
    assert (article.paragraphs, only(article).caption) == (("Words.",), "A mill")


def test_line_that_equals_the_caption_above_the_body_stays_behind_other_words() -> None:
    article = read_story("<p>Words.</p><p>A mill</p>", above=picture('<img src="/images/storage/a.jpg"><i>A mill</i>'))
    assert article.paragraphs == ("Words.", "A mill")


@pytest.mark.parametrize(
    ("inner", "caption"),
    [
        ("<p>Divers.</p><p>Photo by Ann Invented</p>", "Divers. Photo by Ann Invented"),
        ("<div>Divers.</div><div>Photo by Ann Invented</div>", "Divers. Photo by Ann Invented"),
        ("<span>Divers.</span><br><span>Photo by Ann Invented</span>", "Divers. Photo by Ann Invented"),
        ("Divers.<br>Photo by Ann Invented", "Divers. Photo by Ann Invented"),
        ("<span>Divers.</span><span>Photo by Ann Invented</span>", "Divers. Photo by Ann Invented"),
        ("<div><span>Divers.</span><cite>Photo by Ann Invented</cite></div>", "Divers. Photo by Ann Invented"),
        ("<div>Divers.</div>Photo by Ann Invented", "Divers. Photo by Ann Invented"),
        ("<ul><li>Divers.<li>Photo by Ann Invented</ul>", "Divers. Photo by Ann Invented"),
        ("D<b>iv</b>ers. <i>Photo by Ann Invented</i>", "Divers. Photo by Ann Invented"),
        ("Divers.<small>Photo by Ann Invented</small>", "Divers. Photo by Ann Invented"),
        ("Divers<cite>Photo by Ann Invented</cite>", "Divers Photo by Ann Invented"),
        ("<b>Divers.</b>Photo by Ann Invented", "Divers. Photo by Ann Invented"),
        ("D<em>ivers</em>. <span>P</span>hoto by Ann Invented", "Divers. Photo by Ann Invented"),
        ("<p>Divers.</p><p hidden>draft</p>Photo by Ann Invented", "Divers. Photo by Ann Invented"),
    ],
)
def test_parts_of_a_caption_are_apart_and_its_credit_is_found(inner: str, caption: str) -> None:
    figure = f'<figure><img src="/images/storage/a.jpg"><figcaption>{inner}</figcaption></figure>'
    for article in (
        read_story(f"<p>Words.</p>{figure}<p>End.</p>"),
        read_story("<p>Words.</p><p>End.</p>", above=picture(f'<img src="/images/storage/a.jpg"><div>{inner}</div>')),
    ):
        assert (only(article).caption, only(article).credit) == (caption, "Photo by Ann Invented")
        assert article.paragraphs == ("Words.", "End.")


def test_caption_without_a_photo_stays_in_the_story() -> None:
    table = "<figure><table><tr><td>Brest<td>5</table><figcaption>Rain in millimetres</figcaption></figure>"
    assert read_story(f"<p>Words.</p>{table}").paragraphs == ("Words.", "Brest 5", "Rain in millimetres")
    blank = '<figure><img src="/i/blank.png"><figcaption>The ferry at night</figcaption></figure>'
    article = read_story(f"<p>Words.</p>{blank}")
    assert (article.photos, article.paragraphs) == ((), ("Words.", "The ferry at night"))


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="850" height="550"', (850, 550)),
        ('width="850px" height=" 550.5 "', (850, 550)),
        ('width="100%" height="auto"', (None, None)),
        ('width="0850"', (850, None)),
        ('width="99999999999" height="-5"', (None, None)),
        ("", (None, None)),
    ],
)
def test_size_of_a_picture_is_what_its_markup_says(attributes: str, size: tuple[int | None, int | None]) -> None:
    found = only(read_story(f'<p>Words.</p><img src="/images/storage/a.jpg" {attributes}>'))
    assert (found.width, found.height) == size


@pytest.mark.parametrize(
    ("src", "url"),
    [
        ("/images/storage/a.jpg", "https://eng.belta.by/images/storage/a.jpg"),
        ("/images/storage/a.jpg?r=1234", "https://eng.belta.by/images/storage/a.jpg"),
        ("https://img.belta.by/images/storage/a.jpg?r=1&w=2#x", "https://img.belta.by/images/storage/a.jpg?w=2"),
        ("//img.belta.by/images/storage/a.jpg", "https://img.belta.by/images/storage/a.jpg"),
        ("http://img.belta.by/images/storage/a.jpg", "http://img.belta.by/images/storage/a.jpg"),
        (" https://m.eng.belta.by/images/storage/a.jpg ", "https://eng.belta.by/images/storage/a.jpg"),
        ("../a.jpg", "https://eng.belta.by/society/view/a.jpg"),
    ],
)
def test_address_of_a_picture_is_absolute_under_the_canonical_host(src: str, url: str) -> None:
    assert only(read_story(above=picture(f'<img src="{src}">'))).url == url


@pytest.mark.parametrize(
    "image",
    [
        '<img src="/desimages/1.png">',
        '<img src="/desimages/flag.png" alt="Flag">',
        '<img src="https://counter.example/hit?t1;r2">',
        '<img src="/images/avatars/7.jpg">',
        '<img src="/images/flags/by.png">',
        '<img src="/x.gif">',
        '<img src="/x.jpg" width="1" height="1">',
        '<img src="/x.jpg" width="600" height="16">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="ftp://img.belta.by/a.jpg">',
        '<img src="https://[">',
        '<img src="">',
        "<img>",
        '<div class="invite_in_messagers"><img src="/images/storage/promo.jpg"></div>',
        '<div class="fp_block"><picture><img src="/images/storage/other.jpg"></picture></div>',
        '<img src="/i/placeholder.jpg">',
        '<img src="/images/storage/placeholder.png">',
        '<img class="icon" src="/i/arrow.jpg">',
        '<img src="/i/arrow.jpg" style="height: 1.2em">',
        '<img src="/i/arrow.jpg" style="border:0;width:18px">',
        '<img hidden src="/images/storage/a.jpg">',
        '<div style="display:none"><img src="/images/storage/a.jpg"></div>',
        '<a rel="nofollow" href="//shop.example"><img src="/images/storage/banner.jpg"></a>',
        '<p>Gold <img class="emoji" alt="🏅" src="https://s.w.org/images/core/emoji/72x72/1f3c5.png"> won.</p>',
        '<div class="clear"></div><img src="/images/storage/leftover.jpg">',
        '<div class="clear"></div><div><img src="/images/storage/leftover.jpg"></div>',
    ],
)
def test_furniture_is_no_picture_of_the_story(image: str) -> None:
    article = read_story(f"<p>Words.</p>{image}")
    assert (article.photos, article.sources["photos"]) == ((), NOT_ON_PAGE)


def test_picture_that_is_loaded_late_is_found() -> None:
    image = '<img src="data:image/gif;base64,R0lG" data-src="/images/storage/a.jpg" width="99999999999">'
    assert only(read_story(image + "<p>Words.</p>")).url == "https://eng.belta.by/images/storage/a.jpg"


def test_picture_in_two_places_is_one_photo_with_its_caption() -> None:
    body = '<p>Words.</p><figure><img src="/images/storage/a.jpg?r=2"><figcaption>A mill</figcaption></figure>'
    article = read_story(body, above=picture('<img src="/images/storage/a.jpg?r=1">', "main_img"))
    assert article.photos == (Photo("https://eng.belta.by/images/storage/a.jpg", "A mill"),)
    assert article.paragraphs == ("Words.",)


def test_picture_in_two_places_has_what_either_place_says_of_it() -> None:
    body = '<p>Words.</p><figure><img src="/images/storage/a.jpg" alt="Mill" width="850" height="550"></figure>'
    article = read_story(body, above=picture('<img src="/images/storage/a.jpg"><i>A mill. Photo by Ann Invented</i>'))
    assert article.photos == (
        Photo(
            "https://eng.belta.by/images/storage/a.jpg",
            "A mill. Photo by Ann Invented",
            "Photo by Ann Invented",
            "Mill",
            850,
            550,
        ),
    )


@pytest.mark.parametrize(
    "inner",
    [
        "<div>{0}<span>One</span></div><div>{1}<span>Two</span></div><div>{2}</div>",
        "{0}<span>One</span>{1}<span>Two</span>{2}",
        "{0}One{1}Two{2}",
        "<picture>{0}</picture><i>One</i><picture>{1}</picture><i>Two</i><picture>{2}</picture>",
    ],
)
def test_pictures_of_one_block_have_their_own_captions(inner: str) -> None:
    images = [f'<img src="/images/storage/{name}.jpg">' for name in "abc"]
    assert [found.caption for found in read_story(above=picture(inner.format(*images))).photos] == ["One", "Two", None]


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("Ann Invented. Photo courtesy of the mill", "Photo courtesy of the mill"),
        ("A mill. Photo by Ann Invented", "Photo by Ann Invented"),
        ("Мельница. Фото Анны Придуманной", "Фото Анны Придуманной"),
        ("Мельница. Фото: Анна Придуманная", "Фото: Анна Придуманная"),
        ("Eine Mühle. Foto: Klara Erdacht", "Foto: Klara Erdacht"),
        ("Młyn. Zdjęcie: Jan Zmyślony", "Zdjęcie: Jan Zmyślony"),
        ("A mill. An archive photo", None),
        ("Eine Mühle. Archivfoto", None),
        ("Un molino. Foto de archivo", None),
        ("A photograph of a photo fair", None),
    ],
)
def test_credit_of_a_caption_is_read_and_stays_in_it(caption: str, credit: str | None) -> None:
    found = only(read_story(above=picture(f'<img src="/images/storage/a.jpg"><span>{caption}</span>')))
    assert (found.caption, found.credit) == (caption, credit)


@given(st.text(min_size=0, max_size=60))
@settings(max_examples=100)
def test_text_printed_twice_is_read_once_and_any_other_is_whole(text: str) -> None:
    assert text.startswith(once(text))
    if len(text.strip()) >= 10:
        assert len(once(f"{text.strip()} {text.strip()}")) <= len(text.strip())
