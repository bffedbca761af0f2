"""Folding, checked against the tokenizer that it works beside."""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.db.folding import fold, folded_words


@contextmanager
def index(texts: dict[int, str]) -> Iterator[sqlite3.Connection]:
    """A full-text index as the archive's, over texts and their folded words."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(body, folded, tokenize='unicode61 remove_diacritics 2')")
    rows = ((number, text, folded_words(text)) for number, text in texts.items())
    connection.executemany("INSERT INTO found(rowid, body, folded) VALUES (?, ?, ?)", rows)
    yield connection
    connection.close()


def finds(connection: sqlite3.Connection, words: str, number: int) -> bool:
    query = "SELECT 1 FROM found WHERE found MATCH ? AND rowid = ?"
    return connection.execute(query, (f'"{words}"', number)).fetchone() is not None


def finds_prefix(connection: sqlite3.Connection, start: str, number: int) -> bool:
    query = "SELECT 1 FROM found WHERE found MATCH ? AND rowid = ?"
    return connection.execute(query, (f'"{start}"*', number)).fetchone() is not None


def test_one_chinese_character_is_asked_for_as_a_prefix() -> None:
    with index({1: "中国人民"}) as connection:
        assert [finds_prefix(connection, fold(letter), 1) for letter in "中国人民日"] == [True] * 4 + [False]


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("ёлка", "елка"),
        ("елка", "ёлка"),
        ("раён", "раен"),
        ("Й", "и"),
        ("дом\u0301", "дом"),
        ("½", "½"),
        ("⑴", "1"),
        ("Ўладзімір", "уладзімір"),
        ("їжак", "іжак"),
        ("Șerban", "serban"),
        ("Nguyễn", "nguyen"),
        ("Ørsted", "orsted"),
        ("中国人民", "国人"),
        ("2026年", "2026"),
        ("国", "国"),
        ("Беларусь和中国", "беларусь"),
    ],
)
def test_a_word_is_found_without_its_accents(printed: str, typed: str) -> None:
    with index({1: f"before {printed} after"}) as connection:
        assert finds(connection, fold(typed), 1)


def test_words_that_the_index_finds_by_itself_are_not_written_twice() -> None:
    assert folded_words("The café in Orléans – “open” since 1999, Минск и Гомель") == ""


def test_a_chinese_run_is_asked_for_as_a_phrase_of_its_pairs() -> None:
    with index({1: "中国人民", 2: "人民中国"}) as connection:
        assert finds(connection, fold("中国人"), 1)
        assert not finds(connection, fold("中国人"), 2)


def test_every_letter_is_found_by_its_folded_form() -> None:
    """Of the whole basic plane, where a mistaken belief about the tokenizer would hide a word for good.

    Letters younger than the tokenizer's tables are no letters to it, so it is asked which it knows.
    """
    letters = [chr(code) for code in range(0x20, 0x10000) if unicodedata.category(chr(code))[0] in "LN"]
    with index(dict(enumerate(letters))) as connection:
        known = {number: letter for number, letter in enumerate(letters) if finds(connection, letter, number)}
        missed = [letter for number, letter in known.items() if not finds(connection, fold(letter), number)]
    assert len(known) > 40_000
    assert missed == []


WORDS = st.text(st.sampled_from("aZéŁßœёЙїўґЁ\u0301\u0306中国年ー9½ÇĞıİςΣ한ñ'- "), max_size=30)


@given(WORDS)
def test_every_word_of_a_text_is_found_by_its_folded_form(text: str) -> None:
    with index({1: text}) as connection:
        for word in text.replace("'", " ").replace("-", " ").split():
            if any(letter.isalnum() for letter in word):
                single = len(fold(word)) == 1
                assert finds(connection, fold(word), 1) or (single and finds_prefix(connection, fold(word), 1))


@given(st.text(max_size=60))
def test_any_text_can_be_folded(text: str) -> None:
    assert fold(text) == " ".join(fold(text).split())
    assert folded_words(text) == " ".join(folded_words(text).split())
