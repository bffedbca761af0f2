"""The pictures of an article: captions once, credits, canonical addresses, and no furniture."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.records import NOT_ON_PAGE, Article, Photo
from crawler.sites.belta.page import once
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
        '<img src="{}" alt="A mill by the river">',
        '<img src="{}" title="A mill by the river">',
        '<span>A <b>mill</b>&nbsp;by the river</span><img src="{}">',
        '<div class="a"><div><img src="{}"></div><p>A mill <br>by the river</p></div>',
    ],
)
def test_caption_is_printed_once_however_often_the_page_has_it(name: str, inner: str) -> None:
    assert only(read_story(above=picture(inner.format("/images/storage/a.jpg"), name))).caption == "A mill by the river"


def test_caption_too_short_to_be_a_copy_of_itself_is_whole() -> None:
    inner = '<img src="/images/storage/a.jpg"><span>Bora</span><span>Bora</span>'
    assert only(read_story(above=picture(inner))).caption == "Bora Bora"


@pytest.mark.parametrize("alt", ["", " ", "Headline"])
def test_picture_without_a_caption_of_its_own_has_none(alt: str) -> None:
    assert only(read_story(above=picture(f'<img src="/images/storage/a.jpg" alt="{alt}">'))).caption is None


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
    found = only(read_story(above=picture(f'<img src="/images/storage/a.jpg" alt="{caption}">')))
    assert (found.caption, found.credit) == (caption, credit)


@given(st.text(min_size=0, max_size=60))
@settings(max_examples=100)
def test_text_printed_twice_is_read_once_and_any_other_is_whole(text: str) -> None:
    assert text.startswith(once(text))
    if len(text.strip()) >= 10:
        assert len(once(f"{text.strip()} {text.strip()}")) <= len(text.strip())
