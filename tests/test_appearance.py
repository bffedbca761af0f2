"""What readers cannot see is no difference; what they can see is one."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Literal, TypeAlias

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from crawler.matching.appearance import as_seen, picture_seen
from crawler.matching.digests import content_hash, has_content
from crawler.records import Article, Photo
from tests.invented import story

INVISIBLE = (
    "\u00ad", "\u034f", "\u061c", "\u200b", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u2060", "\u2061",
    "\u2063", "\u2066", "\u2067", "\u2068", "\u2069", "\u206a", "\ufeff", "\x00", "\x07", "\x1b", "\x7f", "\x9f",
)  # fmt: skip
SPACES = (" ", "\t", "\u00a0", "\u1680", "\u2003", "\u2009", "\u202f", "\u205f", "\u3000", "\u2028")
LETTERS = st.characters(categories=("L", "M", "N", "P", "S"), codec="utf-8")
WORDS = st.text(LETTERS, min_size=1, max_size=8)
TEXTS = st.lists(WORDS, min_size=1, max_size=6)
Form: TypeAlias = Literal["NFC", "NFD"]
FORMS: st.SearchStrategy[Form] = st.sampled_from(("NFC", "NFD"))


def scattered(data: st.DataObject, text: str) -> str:
    """The text with invisible characters anywhere in it."""
    parts = [f"{letter}{data.draw(st.sampled_from(['', '', '', *INVISIBLE]))}" for letter in text]
    return data.draw(st.sampled_from(["", *INVISIBLE])) + "".join(parts)


@given(TEXTS, FORMS, FORMS, st.data())
def test_texts_that_differ_only_in_what_nobody_sees_are_equal(
    words: list[str], form: Form, other: Form, data: st.DataObject
) -> None:
    one = unicodedata.normalize(form, " ".join(words))
    spaces = st.text(st.sampled_from(SPACES), min_size=1, max_size=3)
    spread = "".join(f"{scattered(data, word)}{data.draw(spaces)}" for word in words)
    two = data.draw(st.sampled_from([spread, unicodedata.normalize(other, spread)]))
    assert as_seen(one) == as_seen(two)
    assert content_hash(story(headline=one)) == content_hash(story(headline=two))
    assert content_hash(story(text=one)) == content_hash(story(text=two))


@given(st.text(LETTERS, max_size=12), st.text(LETTERS, max_size=12))
@example("лидер", "лидeр")  # a Latin e
@example("fi", "ﬁ")
@example("1", "¹")
@example("ё", "е")
@example("Ⅳ", "IV")
def test_whatever_is_not_the_same_text_to_unicode_is_a_difference(one: str, two: str) -> None:
    assume(unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", two))
    ignored = set("\u034f\u17b4\u17b5")  # marks without a shape
    assume(not ignored & {*one, *two})
    assert as_seen(one) != as_seen(two)
    assert content_hash(story(text=f"A{one}")) != content_hash(story(text=f"A{two}"))


@pytest.mark.parametrize("mark", INVISIBLE, ids=ascii)
def test_no_invisible_mark_makes_another_story(mark: str) -> None:
    plain = story(
        headline="Ferry sails", text="It sails.\nAt ten.", lead="Soon", author="A. Pier", tags=("Sea",),
        photos=(Photo("https://img.example/a.jpg", "A pier"),),
    )  # fmt: skip
    marked = replace(
        plain,
        headline=f"{mark}Ferry{mark} sails",
        paragraphs=(f"It{mark} sails.", mark, f"At ten.{mark}"),
        lead=f"So{mark}on",
        author=f"A.{mark} Pier",
        tags=(f"S{mark}ea",),
        photos=(Photo("https://img.example/a.jpg", f"A{mark} pier"),),
    )
    assert content_hash(marked) == content_hash(plain)


@pytest.mark.parametrize(
    ("with_joiner", "shown"),
    [
        ("می\u200cخواهم", "a Persian prefix stands apart"),
        ("क्\u200dष", "an Indic half form"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "a family of three"),
        ("❤\ufe0f\u200d\U0001f525", "a heart on fire"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "the flag of England"),
        ("❤\ufe0f", "a red heart, not a black one"),
        ("abc \u202ecba", "letters turned around"),
    ],
)
def test_what_chooses_the_shape_of_a_sign_is_seen(with_joiner: str, shown: str) -> None:
    plain = "".join(letter for letter in with_joiner if unicodedata.category(letter) != "Cf" and letter != "\ufe0f")
    assert as_seen(with_joiner) != as_seen(plain), shown


@pytest.mark.parametrize("joiner", ["\u200c", "\u200d", "\u200c\u200d"], ids=ascii)
def test_a_joiner_where_nothing_joins_is_not_seen(joiner: str) -> None:
    assert as_seen(f"Fer{joiner}ry, {joiner}паром{joiner}, 轮{joiner}渡 1{joiner}0") == "Ferry, паром, 轮渡 10"


@given(st.text(max_size=30))
def test_seeing_twice_is_seeing_once(text: str) -> None:
    assert as_seen(as_seen(text)) == as_seen(text)


def test_a_line_break_is_seen_and_a_blank_line_is_not() -> None:
    assert as_seen("One \n\n two\u200b\n\u200b\n") == "One\ntwo"
    assert as_seen("One\ntwo") != as_seen("One two")


@pytest.mark.parametrize(
    "url",
    [
        "http://img.belta.by/images/2026/a_big.jpg",
        "//img.belta.by/images/2026/a_big.jpg",
        "https://IMG.belta.by:443/images/2026/a_big.jpg?r=1771",
        "https://cdn.example/images/2026/a_big.jpg?1771",
        "https://cdn.example/images/2026/a_big.jpg?w=300&h=200&token=abc#top",
        "https://img.belta.by/images/2026/%61_big.jpg",
        "/images/2026/a_big.jpg",
    ],
)
def test_a_picture_is_the_same_wherever_it_is_fetched_from(url: str) -> None:
    assert picture_seen(url) == picture_seen("https://img.belta.by/images/2026/a_big.jpg")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://img.belta.by/a.jpg", "https://img.belta.by/b.jpg"),
        ("https://img.belta.by/2025/a.jpg", "https://img.belta.by/2026/a.jpg"),
        ("https://img.belta.by/a.jpg", "https://img.belta.by/A.jpg"),
        ("https://img.belta.by/show?id=5", "https://img.belta.by/show?id=6"),
        ("https://img.belta.by/show.jpg?id=5", "https://img.belta.by/show.jpg?id=6"),
        ("data:image/png;base64,AAAA", "data:image/png;base64,BBBB"),
        ("https://[broken", "https://[other"),
    ],
)
def test_another_picture_is_another_picture(one: str, other: str) -> None:
    assert picture_seen(one) != picture_seen(other)
    assert content_hash(story(photos=(Photo(one),))) != content_hash(story(photos=(Photo(other),)))


def test_a_digest_is_of_an_article_by_the_recipe_that_made_it() -> None:
    other = story(headline="Ferry\u00a0resumes")
    assert has_content(story(), content_hash(story()))
    assert has_content(story(), content_hash(story(), "1"))
    assert has_content(story(), content_hash(other))
    assert not has_content(story(), content_hash(other, "1"))
    assert not has_content(story(), content_hash(story()).replace("2:", "3:"))


def test_the_first_recipe_gives_what_it_gave_when_it_was_the_only_one() -> None:
    whole: Article = story(lead="Soon", author="A. Pier")
    assert content_hash(whole, "1") == "1:25bdd5fb1b7c0361ed1c576dc344a2b80bc236f7bd8a7b1bfb930a4b511fb7d3"
